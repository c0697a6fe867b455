"""Cases and runs as GeoPackage 1.3 (OGC 12-128r18), for QGIS and other geographic programs.

Places and terminals are points, links lines; all other tables have no geometry. Columns rule when a case is read: a
geometry that was moved away from them is a finding.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from bactrian.assign import Flows
from bactrian.case import TABLES, Case, Sheet, from_sheets, misnamed
from bactrian.case.cells import digits
from bactrian.errors import CaseError, Finding
from bactrian.exchange.loss import Loss
from bactrian.exchange.results import link_flows, tables_of
from bactrian.exchange.shapes import Line, of_wkb, shapes, wkb
from bactrian.formats.outside import check_size, opened, refuse

__all__ = ["read", "write"]

MOST_CELLS = 10_000_000
_REMEDY = "save it as GeoPackage from QGIS or another program"
_MADE = "1970-01-01T00:00:00.000Z"  # no clock, so that the same input gives the same file
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
_FRAME = """
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys(srs_id),
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  PRIMARY KEY (table_name, column_name), FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name));
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', ''),
  ('Undefined geographic', 0, 'NONE', 0, 'undefined', ''), ('WGS 84', 4326, 'EPSG', 4326, '%s', 'longitude, latitude');
"""


def write(thing: Case | Flows, path: Path) -> list[Loss]:
    """Write all tables of a case, or the links and tables of a run; nothing is lost of either."""
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_FRAME % _WGS84)
        if isinstance(thing, Flows):
            links, drawn = link_flows(thing)
            _put(base, "link_flows", links, drawn)
            for name, table in tables_of(thing).items():
                _put(base, name, table)
            return []
        on_map = shapes(thing)
        for name in TABLES:
            table = thing.table(name)
            _put(base, name, table, [on_map[name][key] for key in table["id"]] if name in on_map else None)
    return []


def _put(base: sqlite3.Connection, name: str, table: pd.DataFrame, drawn: Sequence[Line] | None = None) -> None:
    """Write one table, as a layer where there is something to draw."""
    kinds = {str(one): "REAL" if pd.api.types.is_numeric_dtype(table[one]) else "TEXT" for one in table.columns}
    columns: dict[str, list[Any]] = {str(one): [_cell(cell) for cell in table[one]] for one in table.columns}
    if drawn is not None:
        shape = "LINESTRING" if name.startswith("link") else "POINT"
        kinds, columns = {"geom": shape, **kinds}, {"geom": [_blob(line) for line in drawn], **columns}
    told = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
    base.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {told})')
    marks = ", ".join("?" * len(columns))
    named = ", ".join(f'"{column}"' for column in columns)
    base.executemany(f'INSERT INTO "{name}" ({named}) VALUES ({marks})', zip(*columns.values(), strict=True))
    points = [point for line in drawn or () for point in line]
    box = [end(point[axis] for point in points) if points else None for end in (min, max) for axis in (0, 1)]
    kind, system = ("attributes", None) if drawn is None else ("features", 4326)
    content = (name, kind, name, "", _MADE, *box, system)
    base.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", content)
    if drawn is not None:
        base.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)", (name, shape))


def _cell(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell or None
    return None if cell != cell else float(cell)


def _blob(line: Line) -> bytes:
    """A geometry as GeoPackage has it: a header without an envelope, and well-known binary."""
    return b"GP\x00\x01" + struct.pack("<i", 4326) + wkb(line)


def _drawn(blob: bytes) -> Line:
    """The line in a geometry of a GeoPackage; raise ValueError for what is none."""
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}.get(blob[3] >> 1 & 7) if len(blob) > 8 else None
    if blob[:2] != b"GP" or envelope is None:
        raise ValueError("not a geometry")
    return of_wkb(blob[8 + envelope :])


def read(path: Path) -> Case:
    """Read the tables of a case; raise CaseError with all findings, also where a geometry is not where columns say."""
    check_size(path)
    with path.open("rb") as file:
        if not file.read(16).startswith(b"SQLite format 3"):
            raise refuse(path, "is not a GeoPackage", _REMEDY)
    findings: list[Finding] = []
    sheets: dict[str, Sheet | None] = {}
    drawn: dict[str, dict[str, Any]] = {}
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    with opened(path, "a GeoPackage", _REMEDY), closing(sqlite3.connect(address, uri=True)) as base:
        base.execute("PRAGMA trusted_schema = OFF")
        told = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        plain = {name for name, sql in told if str(sql).lstrip().upper().startswith("CREATE TABLE")}
        names = {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")} & plain
        geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
        if not names & set(TABLES):
            raise refuse(path, "holds no table of a case", "name each layer after its table, such as links")
        for name in sorted(names):
            if name in TABLES:
                sheets[name], drawn[name] = _sheet(base, path, name, geometry.get(name), findings)
            elif meant := misnamed(name, names):
                rule, remedy = f"no such table, and a layer {meant} is missing", f"name the layer {meant}"
                findings.append(Finding(name, 0, "", rule, remedy))
    case = from_sheets(path.stem, sheets, findings)
    _check_shapes(case, drawn)
    return case


def _sheet(
    base: sqlite3.Connection, path: Path, name: str, geometry: str | None, findings: list[Finding]
) -> tuple[Sheet, dict[str, Any]]:
    """The rows of a table as text in the order of their numbers, and the geometries by id."""
    about = base.execute(f'PRAGMA table_info("{name}")').fetchall()
    number = next((column for _, column, *_, key in about if key), "rowid")
    columns = [column for _, column, *_ in about if column not in (number, geometry)]
    chosen = ", ".join(f'"{column}"' for column in columns) or "NULL"
    shape = f'"{geometry}"' if geometry else "NULL"
    rows, shapes_of = [columns], {}
    for line, (drawn, *cells) in enumerate(
        base.execute(f'SELECT {shape}, {chosen} FROM "{name}" ORDER BY "{number}"'), 2
    ):
        if line * len(columns) > MOST_CELLS:
            raise refuse(path, f"has more than {MOST_CELLS:,} cells", "split it into smaller ones")
        rows.append([_text(cell, name, line, column, findings) for cell, column in zip(cells, columns, strict=True)])
        if drawn is not None and "id" in columns:
            shapes_of[rows[-1][columns.index("id")].strip()] = drawn
    return Sheet(rows, list(range(1, len(rows) + 1))), shapes_of


def _text(cell: Any, name: str, line: int, column: str, findings: list[Finding]) -> str:
    if isinstance(cell, bytes):
        findings.append(Finding(name, line, column, "binary, not text or a number", "write text or a number"))
        return ""
    return "" if cell is None else digits(cell) if isinstance(cell, int | float) else str(cell)


def _check_shapes(case: Case, drawn: dict[str, dict[str, Any]]) -> None:
    """Raise CaseError for points and lines that lie elsewhere than the columns say."""
    wanted = shapes(case)
    remedies = {"places": "set lat and lon to where it lies", "links": "set waypoints to where it bends"}
    findings = [
        Finding(name, row, "geom", "lies elsewhere than its columns say", f"{remedy}, or move it back")
        for name, remedy in remedies.items()
        for row, key in enumerate(case.table(name)["id"], 2)
        if not _alike(drawn.get(name, {}).get(key), wanted[name][key])
    ]
    if findings:
        raise CaseError(findings)


def _alike(blob: Any, line: Line, degrees: float = 1e-6) -> bool:
    """Whether a geometry is none, or the line to about a decimetre."""
    if blob is None:
        return True
    try:
        told = _drawn(bytes(blob))
    except (ValueError, TypeError):
        return False
    return len(told) == len(line) and all(
        abs(x - a) <= degrees and abs(y - b) <= degrees for (x, y), (a, b) in zip(told, line, strict=True)
    )

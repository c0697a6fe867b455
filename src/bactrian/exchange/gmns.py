"""A case as GMNS, the General Modeling Network Specification 0.96 of Zephyr, with a freight profile.

GMNS knows nodes, links, zones and uses. What a freight corridor has beside them stands in columns `freight_...` of its
tables, and all other tables of a case in files `freight_....csv`; readers of GMNS leave both alone. Without them, as
other programs write GMNS, nodes, links and zones are called n1, l1 and z1 by their numbers, links get their time from
length and speed, and a source "gmns".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from bactrian.case import TABLES, Case, Sheet, from_sheets, read_sheet, schema, texts
from bactrian.case.cells import digits
from bactrian.case.writing import write_table
from bactrian.errors import CaseError, Finding
from bactrian.exchange.loss import Loss
from bactrian.exchange.shapes import Line, lines, waypoints_of, wkt

__all__ = ["read", "write"]

Cells = dict[str, list[str]]

OF_GMNS = {  # table of a case: file, and the columns of GMNS that hold columns of the case as they are
    "places": ("node", {"name": "name", "lon": "x_coord", "lat": "y_coord", "kind": "node_type"}),
    "links": ("link", {"id": "name", "length_km": "length", "mode": "facility_type"}),
    "zones": ("zone", {"name": "name", "country": "super_zone"}),
}
_NUMBERED = {"from": "from_node_id", "to": "to_node_id"}
_FASTEST = 200  # km/h, the most that GMNS takes as free_speed
_PREFIX = "freight_"
_SOURCE = ("gmns", "a network in GMNS format", "")
_MILE = 1.609344
_KM = {  # units in config.csv, in km and km/h
    "long_length": {"": 1.0, "km": 1.0, "kilometer": 1.0, "kilometers": 1.0, "mi": _MILE, "mile": _MILE, "miles": _MILE}
    | {"m": 0.001, "meter": 0.001, "meters": 0.001, "ft": 0.0003048, "feet": 0.0003048},
    "speed": {"": 1.0, "km/h": 1.0, "kph": 1.0, "kmh": 1.0, "mph": _MILE, "mi/h": _MILE, "miles/hour": _MILE},
}
_LINESTRING = re.compile(r"\s*LINESTRING\s*\(([^()]*)\)\s*", re.IGNORECASE)


def write(case: Case, folder: Path) -> list[Loss]:
    """Write node, link, zone, config and use files and the freight tables into an empty folder; nothing is lost."""
    cells = {name: texts(case.table(name)) for name in TABLES}
    config = {
        "dataset_name": case.name,
        "long_length": "km",
        "speed": "km/h",
        "crs": "EPSG:4326",
        "geometry_field_format": "WKT",
        "currency": "USD",
        "version_number": "0.96",
    }
    write_table(folder / "config.csv", {name: [value] for name, value in config.items()})
    for name, (file, _) in OF_GMNS.items():
        own = _profile(name, cells[name])
        standard = {"node": _nodes, "link": _links, "zone": _zones}[file](case, cells)
        write_table(folder / f"{file}.csv", {**standard, **own})
    uses = [_use(mode) for mode in cells["modes"]["id"]]
    told = {"use": uses, "persons_per_vehicle": ["0"] * len(uses), "pce": ["0"] * len(uses)}
    write_table(folder / "use_definition.csv", {**told, "description": cells["modes"]["name"]})
    write_table(folder / "use_group.csv", {"use_group": ["FREIGHT"], "uses": [",".join(uses)]})
    for name in TABLES:
        if name not in OF_GMNS and cells[name]["id"]:
            write_table(folder / f"{_PREFIX}{name}.csv", cells[name])
    return []


def _use(mode: str) -> str:
    return mode.upper()


def _profile(name: str, cells: Cells) -> Cells:
    """The columns of a table that GMNS has no column for."""
    taken = {*OF_GMNS[name][1], *(_NUMBERED if name == "links" else ())}
    return {f"{_PREFIX}{column}": told for column, told in cells.items() if column not in taken}


def _numbers(ids: list[str]) -> dict[str, str]:
    return {key: str(number) for number, key in enumerate(ids, 1)}


def _nodes(case: Case, cells: dict[str, Cells]) -> Cells:
    told = cells["places"]
    return {
        "node_id": list(_numbers(told["id"]).values()),
        **{gmns: told[column] for column, gmns in OF_GMNS["places"][1].items()},
    }


def _zones(case: Case, cells: dict[str, Cells]) -> Cells:
    told = cells["zones"]
    return {
        "zone_id": list(_numbers(told["id"]).values()),
        **{gmns: told[column] for column, gmns in OF_GMNS["zones"][1].items()},
    }


def _links(case: Case, cells: dict[str, Cells]) -> Cells:
    told, places = cells["links"], _numbers(cells["places"]["id"])
    kinds = dict(zip(cells["modes"]["id"], cells["modes"]["kind"], strict=True))
    links = case.table("links")
    speed = (links["length_km"] / links["time_h"].where(links["time_h"] > 0)).tolist()
    shapes: dict[str, Line] = lines(case)
    return {
        "link_id": list(_numbers(told["id"]).values()),
        **{gmns: told[column] for column, gmns in OF_GMNS["links"][1].items()},
        **{gmns: [places[key] for key in told[column]] for column, gmns in _NUMBERED.items()},
        "directed": ["1" if kinds[mode] == "pipeline" else "0" for mode in told["mode"]],
        "dir_flag": ["1"] * len(links),
        "geometry": [wkt(shapes[key]) for key in told["id"]],
        "free_speed": [digits(one) if one <= _FASTEST else "" for one in speed],
        "allowed_uses": [_use(mode) for mode in told["mode"]],
    }


def read(folder: Path) -> Case:
    """Read node.csv, link.csv, zone.csv and freight tables; raise CaseError with all findings.

    Findings name the tables and columns of a case, and lines of the GMNS files.
    """
    findings: list[Finding] = []
    sheets: dict[str, Sheet | None] = {}
    for name in TABLES:
        path = folder / f"{OF_GMNS[name][0] if name in OF_GMNS else _PREFIX + name}.csv"
        if path.exists():
            sheets[name] = read_sheet(path, name, findings)
    nodes = _columns(sheets.get("places"))
    if findings or nodes is None:
        rule = f"{folder.name} holds no node.csv with a header"
        raise CaseError(findings or [Finding("node", 0, "", rule, "name a folder of GMNS files")])
    of_node = dict(zip(nodes.get("node_id", []), _ids("places", nodes), strict=False))
    for line, node in enumerate(nodes.get("node_id", []), 2):
        if nodes["node_id"].index(node) < line - 2:
            findings.append(Finding("places", line, "node_id", "duplicate id", "give every node a number of its own"))
    plain = False
    for name in OF_GMNS:
        if (sheet := sheets.get(name)) is not None:
            told = _columns(sheet) or {}
            if f"{_PREFIX}source" not in told:
                plain = True
                told = _in_km(told, folder, findings) if name == "links" else told
            made = _of_case(name, told, of_node, len(sheet.rows) - 1)
            sheets[name] = Sheet([list(made), *map(list, zip(*made.values(), strict=True))], sheet.lines)
    if plain:
        _with_source(sheets)
    return from_sheets(folder.name, sheets, findings)


def _columns(sheet: Sheet | None) -> Cells | None:
    """The columns of a sheet by name; rows that are too short are filled up with nothing."""
    if sheet is None or not sheet.rows:
        return None
    header = sheet.rows[0]
    return {name: [row[at] if at < len(row) else "" for row in sheet.rows[1:]] for at, name in enumerate(header)}


def _ids(name: str, told: Cells) -> list[str]:
    """What the rows of a GMNS file are called: as the profile says or, without it, n1, l1 and z1 by their numbers."""
    if f"{_PREFIX}source" in told:
        return told.get("name" if name == "links" else f"{_PREFIX}id", [])
    key = {"places": "node_id", "links": "link_id", "zones": "zone_id"}[name]
    return [key[0] + re.sub(r"[\s/]+", "-", one.strip()) for one in told.get(key, [])]


def _of_case(name: str, told: Cells, of_node: dict[str, str], rows: int) -> Cells:
    """Columns of a case from those of a GMNS file; what is in neither is left out."""
    fallback: dict[str, Callable[[], list[str]]] = {
        "time_h": lambda: _times(told, rows),
        "waypoints": lambda: list(map(_bends, told.get("geometry", [""] * rows))),
        "status": lambda: ["existing"] * rows,
        "kind": lambda: ["node"] * rows,
        "name": lambda: made["id"],
        "source": lambda: [_SOURCE[0]] * rows,
        "quality": lambda: ["assumption"] * rows,
    }
    made: Cells = {"id": _ids(name, told)}
    plain = f"{_PREFIX}source" not in told
    for column in schema(name):
        gmns = OF_GMNS[name][1].get(column.column, f"{_PREFIX}{column.column}")
        if column.column == "id":
            continue
        if name == "links" and column.column in _NUMBERED:
            made[column.column] = [of_node.get(one, one) for one in told.get(_NUMBERED[column.column], [""] * rows)]
        elif gmns in told:
            made[column.column] = told[gmns]
            if plain and column.column in ("name", "kind"):
                pairs = zip(told[gmns], fallback[column.column](), strict=True)
                made[column.column] = [one or other for one, other in pairs]
        elif column.column in fallback:
            made[column.column] = fallback[column.column]()
    unknown = {one: cells for one, cells in told.items() if one.startswith(_PREFIX)}
    known = {f"{_PREFIX}{column.column}" for column in schema(name)}
    return {**made, **{one: cells for one, cells in unknown.items() if one not in known}}


def _in_km(told: Cells, folder: Path, findings: list[Finding]) -> Cells:
    """Links with length and speed in km and km/h, by the units of config.csv; km and km/h where it names none."""
    path = folder / "config.csv"
    config = (_columns(read_sheet(path, "config", findings)) if path.exists() else None) or {}
    new = dict(told)
    for column, of_config in (("length", "long_length"), ("free_speed", "speed")):
        unit = "".join(config.get(of_config, [""])[:1]).strip().lower()
        if unit not in _KM[of_config]:
            known = ", ".join(one for one in _KM[of_config] if one)
            findings.append(Finding("config", 2, of_config, f"unknown unit {unit[:40]!r}", f"use one of {known}"))
        elif column in told:
            new[column] = [_times_factor(cell, _KM[of_config][unit]) for cell in told[column]]
    return new


def _times_factor(cell: str, factor: float) -> str:
    try:
        return digits(float(cell) * factor) if factor != 1 else cell
    except ValueError:
        return cell  # no number, which is found later


def _times(told: Cells, rows: int) -> list[str]:
    """Hours from length and speed, empty where either is missing or none."""
    empty = [""] * rows
    pairs = zip(told.get("length", empty), told.get("free_speed", empty), strict=True)
    return [_over(length, speed) for length, speed in pairs]


def _over(length: str, speed: str) -> str:
    try:
        return digits(float(length) / float(speed))
    except (ValueError, ZeroDivisionError):
        return ""


def _bends(geometry: str) -> str:
    found = _LINESTRING.fullmatch(geometry)
    try:
        line = [tuple(map(float, point.split()[:2])) for point in found[1].split(",")] if found else []
        return waypoints_of([(x, y) for x, y in line])
    except ValueError:
        return ""


def _with_source(sheets: dict[str, Sheet | None]) -> None:
    """Add the source of what came without one."""
    there = sheets.get("sources") or Sheet([["id", "title", "address"]], [1])
    if there.rows and _SOURCE[0] not in [row[0] for row in there.rows[1:]]:
        header = there.rows[0]
        row = [dict(zip(("id", "title", "address"), _SOURCE, strict=True)).get(name, "") for name in header]
        sheets["sources"] = Sheet([*there.rows, row], [*there.lines, there.lines[-1] + 1])

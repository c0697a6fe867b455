"""A case as a folder of Parquet tables; places, links and terminals are GeoParquet 1.1 with points and lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fastparquet
import pandas as pd

from bactrian.case import TABLES, Case, Sheet, from_sheets
from bactrian.case.cells import digits
from bactrian.errors import Finding
from bactrian.exchange.loss import Loss
from bactrian.exchange.shapes import Line, shapes, wkb
from bactrian.formats.outside import check_size, opened, refuse

__all__ = ["put", "read", "write"]

MOST_CELLS = 10_000_000
_GEOMETRY = "geometry"
_REMEDY = "write it again from where it came"


def write(case: Case, folder: Path) -> list[Loss]:
    """Write a file for each table that has rows into an empty folder; nothing is lost."""
    on_map = shapes(case)
    for name in TABLES:
        table = case.table(name)
        if len(table):
            drawn = [on_map[name][key] for key in table["id"]] if name in on_map else None
            put(folder / f"{name}.parquet", table, drawn)
    return []


def put(path: Path, table: pd.DataFrame, drawn: Sequence[Line] | None = None) -> None:
    """Write a table as Parquet, or as GeoParquet with a point or line for each row."""
    texts = [str(name) for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    plain = table.astype(dict.fromkeys(texts, "object"))
    encodings, about = dict.fromkeys(texts, "utf8"), {}
    if drawn is not None:
        plain[_GEOMETRY] = pd.Series([wkb(line) for line in drawn], index=plain.index, dtype=object)
        encodings[_GEOMETRY] = "bytes"
        kinds = sorted({"Point" if len(line) == 1 else "LineString" for line in drawn})
        columns = {_GEOMETRY: {"encoding": "WKB", "geometry_types": kinds}}
        about = {"geo": json.dumps({"version": "1.1.0", "primary_column": _GEOMETRY, "columns": columns})}
    fastparquet.write(str(path), plain, write_index=False, object_encoding=encodings, custom_metadata=about)


def read(folder: Path) -> Case:
    """Read the tables of a case, without their geometry; raise CaseError with all findings."""
    findings: list[Finding] = []
    sheets: dict[str, Sheet | None] = {}
    for name in TABLES:
        path = folder / f"{name}.parquet"
        if path.exists():
            check_size(path)
            with opened(path, "a Parquet file", _REMEDY), path.open("rb") as raw:
                sheets[name] = _sheet(fastparquet.ParquetFile(raw), path, name, findings)
    return from_sheets(folder.name, sheets, findings)


def _sheet(file: Any, path: Path, name: str, findings: list[Finding]) -> Sheet:
    columns = [str(column) for column in file.columns if column != _GEOMETRY]
    if (file.count() + 1) * len(columns) > MOST_CELLS:
        raise refuse(path, f"has more than {MOST_CELLS:,} cells", "split it into smaller ones")
    table = file.to_pandas(columns=columns, index=False)
    cells = [
        [_text(cell, name, row, column, findings) for row, cell in enumerate(table[column], 2)] for column in columns
    ]
    rows = [columns, *map(list, zip(*cells, strict=True))]
    return Sheet(rows, list(range(1, len(rows) + 1)))


def _text(cell: Any, name: str, line: int, column: str, findings: list[Finding]) -> str:
    if isinstance(cell, bytes | list | dict):
        findings.append(Finding(name, line, column, "not text or a number", "write text or a number"))
        return ""
    if cell is None or cell != cell:
        return ""
    return cell if isinstance(cell, str) else digits(cell) if isinstance(cell, float | int) else str(cell)

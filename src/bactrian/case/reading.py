"""From a folder of CSV files to typed tables, with every breach of the schema found on the way.

The schema is itself a table (`schema/<table>.csv`): column, type, unit, required, default, rule, refers,
description.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.errors import CaseError, Finding

__all__ = ["TABLES", "Column", "read_tables", "schema"]

TABLES = (
    "sources",
    "countries",
    "places",
    "links",
    "terminals",
    "commodities",
    "zones",
    "access",
    "demand",
    "controls",
    "corridors",
    "emissions",
    "observations",
)
_NEVER_EMPTY = {"sources", "countries", "places", "links", "commodities", "zones", "access", "demand"}
_LARGEST_FILE = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Column:
    """One row of a schema table. `type` is key, text, words, number or whole; `refers` names tables."""

    column: str
    type: str
    unit: str
    required: str
    default: str
    rule: str
    refers: str
    description: str


@cache
def schema(table: str) -> tuple[Column, ...]:
    """Return the columns of `table` in order.

    >>> [column.unit for column in schema("links") if column.column == "capacity_kt"]
    ['kt/yr']
    """
    text = (files("bactrian.case") / "schema" / f"{table}.csv").read_text(encoding="utf-8")
    return tuple(Column(**row) for row in csv.DictReader(io.StringIO(text)))


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read and check every table of the case in `folder`.

    Text columns hold strings (empty where nothing is given), numeric ones float64 (NaN for none).
    Raises CaseError with all findings, of all tables, at once.
    """
    if not folder.is_dir():
        raise CaseError([Finding(str(folder), 0, "", "no such folder", "name a folder that holds a case")])
    findings: list[Finding] = []
    tables: dict[str, pd.DataFrame] = {}
    for name in TABLES:
        raw = _read_text(folder / f"{name}.csv", name, findings)
        if raw is not None:
            tables[name] = _typed(raw, name, findings)
    for name, table in tables.items():
        _check_references(name, table, tables, findings)
    if findings:
        raise CaseError(findings)
    return tables


def _read_text(path: Path, name: str, findings: list[Finding]) -> pd.DataFrame | None:
    """Return the file as a table of strings, or None with a finding that says why not."""

    def refuse(row: int, rule: str, remedy: str) -> None:
        findings.append(Finding(name, row, "", rule, remedy))

    try:
        if path.stat().st_size > _LARGEST_FILE:
            refuse(0, "the file is larger than 200 MB", "split the case into smaller ones")
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except OSError:
        refuse(0, f"cannot read {path.name}", "add the file; an empty table still needs its header")
        return None
    except UnicodeDecodeError as error:
        refuse(0, f"not UTF-8 text (byte {error.start})", "save the file as CSV UTF-8")
        return None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        refuse(0, f"not a CSV file: {error}", "save the file again from the spreadsheet")
        return None
    if not rows or not any(rows[0]):
        refuse(0, "the file is empty", "write the header row: " + ",".join(_names(name)))
        return None
    header, body = rows[0], rows[1:]
    before = len(findings)
    for column in dict.fromkeys([*_names(name), *header]):
        if header.count(column) != 1 or column not in _names(name):
            state = {0: "missing"}.get(header.count(column), "unknown" if column not in _names(name) else "repeated")
            findings.append(Finding(name, 1, column, f"{state} column", "use: " + ",".join(_names(name))))
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            refuse(number, f"{len(row)} cells under {len(header)} columns", "quote cells that hold commas")
    if len(findings) > before:
        return None
    return pd.DataFrame(body, columns=header, dtype=object)


def _names(name: str) -> list[str]:
    return [column.column for column in schema(name)]


def _typed(raw: pd.DataFrame, name: str, findings: list[Finding]) -> pd.DataFrame:
    if name in _NEVER_EMPTY and raw.empty:
        findings.append(Finding(name, 0, "", "the table has no rows", "a case needs at least one"))
    typed: dict[str, object] = {}
    for column in schema(name):
        cells = raw[column.column].astype(str).str.strip()
        if column.required == "yes":
            _report(name, column, (cells == "").to_numpy(), "empty", f"enter the {column.description}", findings)
        cells = cells.mask(cells == "", column.default)
        numeric = column.type in ("number", "whole")
        typed[column.column] = (_numbers if numeric else _words)(cells, name, column, findings)
    table = pd.DataFrame(typed)
    if name == "links":
        loop = (table["from"] == table["to"]).to_numpy()
        _report(name, schema(name)[2], loop, "a link from a place to itself", "name another end", findings)
    return table


def _report(name: str, column: Column, bad: NDArray[np.bool_], rule: str, remedy: str, findings: list[Finding]) -> None:
    findings.extend(Finding(name, int(row) + 2, column.column, rule, remedy) for row in np.flatnonzero(bad))


def _numbers(cells: pd.Series, name: str, column: Column, findings: list[Finding]) -> NDArray[np.float64]:
    empty = (cells == "").to_numpy()
    numbers = pd.to_numeric(cells.where(~empty, "nan"), errors="coerce").to_numpy(dtype=np.float64)
    known, unit = np.isfinite(numbers), column.unit or "none"
    _report(name, column, ~known & ~empty, "not a number", f"write digits with a decimal point, unit {unit}", findings)
    if column.type == "whole":
        broken = known & (numbers != np.floor(numbers))
        _report(name, column, broken, "not a whole number", "write it without decimals", findings)
    outside = known & ~_inside(numbers, column.rule)
    _report(name, column, outside, f"must be {column.rule}", f"check the value and its unit, {unit}", findings)
    return numbers


def _inside(numbers: NDArray[np.float64], rule: str) -> NDArray[np.bool_]:
    words = rule.split()
    if rule.startswith("at least "):
        return numbers >= float(words[2])
    if rule.startswith("above "):
        return numbers > float(words[1])
    if rule.startswith("between "):
        return (numbers >= float(words[1])) & (numbers <= float(words[3]))
    return np.ones(len(numbers), dtype=np.bool_)


def _words(cells: pd.Series, name: str, column: Column, findings: list[Finding]) -> pd.Series:
    filled = cells[cells != ""]
    if column.rule.startswith("one of "):
        allowed = set(column.rule.removeprefix("one of ").split())
        good = filled.map(lambda cell: set(cell.split() if column.type == "words" else [cell]) <= allowed)
        remedy = "use these words" + (", with blanks between" if column.type == "words" else "")
        _report_filled(name, column, cells, good, f"must be {column.rule}", remedy, findings)
    elif column.rule in _PATTERNS:
        pattern, remedy = _PATTERNS[column.rule]
        good = filled.map(lambda cell: pattern.fullmatch(cell) is not None)
        _report_filled(name, column, cells, good, f"not a {column.rule}", remedy, findings)
    if column.type == "key":
        twice = cells.duplicated().to_numpy() & (cells != "").to_numpy()
        _report(name, column, twice, "duplicate id", "give every row an id of its own", findings)
    return cells


_PATTERNS = {
    "gauge": (re.compile(r"\d{3,4}(/\d{3,4})?"), "write it in mm, such as 1520 or 1435/1520"),
    "waypoints": (
        re.compile(r"-?\d+(\.\d+)? -?\d+(\.\d+)?(; *-?\d+(\.\d+)? -?\d+(\.\d+)?)*"),
        'write them as "lat lon; lat lon"',
    ),
}


def _report_filled(
    name: str, column: Column, cells: pd.Series, good: pd.Series, rule: str, remedy: str, findings: list[Finding]
) -> None:
    bad = ~good.reindex(cells.index, fill_value=True).to_numpy(dtype=np.bool_)
    _report(name, column, bad, rule, remedy, findings)


def _check_references(
    name: str, table: pd.DataFrame, tables: Mapping[str, pd.DataFrame], findings: list[Finding]
) -> None:
    for column in schema(name):
        named = column.refers.split()
        if not named or not all(one in tables for one in named):
            continue
        ids = set().union(*(tables[one]["id"] for one in named))
        for row, cell in enumerate(table[column.column]):
            for word in cell.split() if column.type == "words" else [cell] if cell else []:
                if word not in ids:
                    remedy = f"use an id of the table {' or '.join(named)}, or add it there"
                    findings.append(Finding(name, row + 2, column.column, f"unknown id {word[:60]!r}", remedy))

"""From a folder of CSV files to typed tables, with every breach of the schema found on the way.

The schema is itself a table (`schema/<table>.csv`): column, type, unit, required, rule, refers, description.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from bactrian.errors import CaseError, Finding

__all__ = ["TABLES", "Column", "read_tables", "schema"]

TABLES = ("sources", "countries", "places", "links", "terminals", "commodities", "observations")
_LARGEST_FILE = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Column:
    """One row of a schema table. `type` is key, text, number or whole."""

    column: str
    type: str
    unit: str
    required: str
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
    typed: dict[str, object] = {}
    for column in schema(name):
        cells = raw[column.column].astype(str).str.strip()
        empty = (cells == "").to_numpy()

        def report(bad: np.ndarray, rule: str, remedy: str, column: Column = column) -> None:
            for row in np.flatnonzero(bad):
                findings.append(Finding(name, int(row) + 2, column.column, rule, remedy))

        if column.required == "yes":
            report(empty, "empty", f"enter the {column.description}")
        if column.type in ("number", "whole"):
            numbers = pd.to_numeric(cells.where(~empty, "nan"), errors="coerce").to_numpy(dtype=float)
            unreadable = ~np.isfinite(numbers) & ~empty
            report(unreadable, "not a number", f"write digits with a decimal point, unit {column.unit or 'none'}")
            known = np.isfinite(numbers)
            if column.type == "whole":
                report(known & (numbers != np.floor(numbers)), "not a whole number", "write it without decimals")
            low, high = _bounds(column.rule)
            outside = known & ((numbers < low) | (numbers > high))
            report(outside, f"must be {column.rule}", f"check the value and its unit, {column.unit or 'none'}")
            typed[column.column] = numbers
        else:
            if column.rule.startswith("one of "):
                allowed = column.rule.removeprefix("one of ").split()
                report(
                    ~cells.isin(allowed).to_numpy() & ~empty,
                    f"must be {column.rule}",
                    "use one of these words",
                )
            if column.type == "key":
                report(cells.duplicated().to_numpy() & ~empty, "duplicate id", "give every row an id of its own")
            typed[column.column] = cells
    return pd.DataFrame(typed)


def _bounds(rule: str) -> tuple[float, float]:
    words = rule.split()
    if rule.startswith("at least "):
        return float(words[2]), np.inf
    if rule.startswith("between "):
        return float(words[1]), float(words[3])
    return -np.inf, np.inf


def _check_references(
    name: str, table: pd.DataFrame, tables: Mapping[str, pd.DataFrame], findings: list[Finding]
) -> None:
    for column in schema(name):
        if column.refers and column.refers in tables:
            cells = table[column.column]
            unknown = ~cells.isin(tables[column.refers]["id"]) & (cells != "")
            for row in np.flatnonzero(unknown):
                rule = f"unknown id {str(cells.iloc[row])[:60]!r}"
                remedy = f"use an id of the table {column.refers}, or add it there"
                findings.append(Finding(name, int(row) + 2, column.column, rule, remedy))

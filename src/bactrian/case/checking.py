"""From tables of text to typed tables, with every breach of the schema found on the way."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.case.columns import Column, schema
from bactrian.case.owners import breach
from bactrian.case.rules import NEVER_EMPTY, check_table
from bactrian.errors import Finding

__all__ = ["PATTERNS", "typed"]

SMALLEST, LARGEST = 1e-9, 1e12  # what any number other than 0 must lie between, whatever its unit


def typed(raw: pd.DataFrame, name: str, findings: list[Finding]) -> pd.DataFrame:
    """Return the table of strings `raw` with the types of its schema, noting each breach in `findings`.

    Text columns hold strings (empty where nothing is given), numeric ones float64 (NaN for none).
    """
    if name in NEVER_EMPTY and raw.empty:
        findings.append(Finding(name, 0, "", "the table has no rows", "a case needs at least one"))
    columns: dict[str, object] = {}
    if raw.empty:  # as below, but at once: small cases have many such tables
        kinds = {column.column: column.type in ("number", "whole") for column in schema(name)}
        return pd.DataFrame({one: np.empty(0) if kinds[one] else raw[one].astype(str) for one in kinds})
    for column in schema(name):
        cells = raw[column.column].astype(str).str.strip()
        if column.required == "yes":
            _report(name, column, (cells == "").to_numpy(), "empty", f"enter the {column.description}", findings)
        cells = cells.mask(cells == "", column.default)
        numeric = column.type in ("number", "whole")
        columns[column.column] = (_numbers if numeric else _words)(cells, name, column, findings)
    table = pd.DataFrame(columns)
    check_table(name, table, findings)
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
    size = np.abs(numbers)
    absurd = known & (size > 0) & ((size < SMALLEST) | (size > LARGEST))
    rule = f"nowhere near a plausible size ({SMALLEST:g} to {LARGEST:g})"
    _report(name, column, absurd, rule, f"check the value and its unit, {unit}", findings)
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
    filled = (cells != "").to_numpy(dtype=np.bool_)
    if column.rule.startswith("one of "):
        allowed = set(column.rule.removeprefix("one of ").split())
        bad = [not set(cell.split() if column.type == "words" else [cell]) <= allowed for cell in cells]
        remedy = "use these words" + (", with blanks between" if column.type == "words" else "")
        _report(name, column, filled & np.array(bad, dtype=np.bool_), f"must be {column.rule}", remedy, findings)
    elif column.rule in PATTERNS:
        pattern, remedy = PATTERNS[column.rule]
        bad = [pattern.fullmatch(cell) is None for cell in cells]
        _report(name, column, filled & np.array(bad, dtype=np.bool_), f"not a valid {column.rule}", remedy, findings)
    elif column.rule == "shares":
        broken = [breach(cell) if cell else None for cell in cells]
        for rule, remedy in dict.fromkeys(one for one in broken if one):
            bad = [one == (rule, remedy) for one in broken]
            _report(name, column, np.array(bad, dtype=np.bool_), rule, remedy, findings)
    elif column.rule == "date":
        bad = [not _is_date(cell) for cell in cells]
        remedy = "write a day of the calendar as YYYY-MM-DD"
        _report(name, column, filled & np.array(bad, dtype=np.bool_), "not a date", remedy, findings)
    if column.type == "key":
        twice = filled & cells.duplicated().to_numpy(dtype=np.bool_)
        _report(name, column, twice, "duplicate id", "give every row an id of its own", findings)
    return cells


def _is_date(cell: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", cell, re.ASCII) is not None and bool(date.fromisoformat(cell))
    except ValueError:
        return False


PATTERNS = {
    "id": (re.compile(r"[^\s/]{1,100}"), "write it without blanks and strokes, up to 100 letters"),
    "gauge": (re.compile(r"\d{3,4}(/\d{3,4})?"), "write it in mm, such as 1520 or 1435/1520"),
    "waypoints": (
        re.compile(r"-?\d+(\.\d+)? -?\d+(\.\d+)?(; *-?\d+(\.\d+)? -?\d+(\.\d+)?)*"),
        'write them as "lat lon; lat lon"',
    ),
}

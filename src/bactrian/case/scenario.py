"""A scenario as a small difference: cells set, rows added and removed, under the rules that hold for files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from numbers import Real
from typing import NamedTuple, TypeAlias

import pandas as pd

from bactrian.case.cells import digits, texts
from bactrian.case.checking import typed
from bactrian.case.columns import Column, schema
from bactrian.case.rules import check_references, check_tables
from bactrian.errors import CaseError, Finding, UnitError
from bactrian.units import parse

__all__ = ["Change", "Changes", "changed", "differences", "written"]

Cell: TypeAlias = str | float | None
Changes: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Cell] | None]]
_Row: TypeAlias = dict[str, str]

_SOURCE = {"id": "scenario", "title": "Scenario change", "address": ""}
_SHAPE = "write {table: {id: {column: value}}}, or {table: {id: None}} to remove a row"
_PLAIN = re.compile(r"[+-]?[\d.]+([eE][+-]?\d+)?")


class Change(NamedTuple):
    """One cell that differs, `old` and `new` as written in the CSV files, empty for none.

    A row that came in has its `id` changed from empty, one that went has its `id` changed to empty.
    """

    table: str
    id: str
    column: str
    old: str
    new: str


def changed(tables: Mapping[str, pd.DataFrame], changes: Changes) -> dict[str, pd.DataFrame]:
    """Return the tables with the changes made; those given stay as they are.

    Raises CaseError with all findings, each naming table, id, column, rule and remedy.
    """
    findings: list[Finding] = []
    rows: dict[str, dict[str, _Row]] = {}
    for name, wanted in changes.items():
        if name in tables and isinstance(wanted, Mapping):
            rows[name] = _with_rows(name, written(tables[name]), wanted, findings)
        else:
            rule, remedy = ("not rows", _SHAPE) if name in tables else ("no such table", f"use {', '.join(tables)}")
            findings.append(Finding(str(name), 0, "", rule, remedy))
    if any(row.get("source") == _SOURCE["id"] for table in rows.values() for row in table.values()):
        rows.setdefault("sources", written(tables["sources"])).setdefault(_SOURCE["id"], dict(_SOURCE))
    new = dict(tables)
    for name, table in rows.items():
        found: list[Finding] = []
        text = pd.DataFrame(list(table.values()), columns=[one.column for one in schema(name)], dtype=object)
        new[name] = typed(text, name, found)
        findings += _with_ids(found, list(table))
    for name, checked in new.items():
        found = []
        check_references(name, checked, new, found)
        findings += _with_ids(found, list(checked["id"]))
    found = []
    check_tables(new, found)
    for name in new:
        findings += _with_ids([one for one in found if one.table == name], list(new[name]["id"]))
    if findings:
        raise CaseError(findings)
    return new


def differences(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> tuple[Change, ...]:
    """Return the cells in which two sets of tables differ, in the order of tables, rows and columns."""
    found: list[Change] = []
    for name in before:
        if before[name] is after[name]:
            continue
        old, new = written(before[name]), written(after[name])
        found += [Change(name, key, "id", key, "") for key in old if key not in new]
        for key, row in new.items():
            was = old.get(key, {})
            cells = [Change(name, key, column, was.get(column, ""), cell) for column, cell in row.items()]
            found += [cell for cell in cells if cell.old != cell.new]
    return tuple(found)


def _with_rows(
    name: str, rows: dict[str, _Row], wanted: Mapping[str, Mapping[str, Cell] | None], findings: list[Finding]
) -> dict[str, _Row]:
    """Return `rows` (by id) with the `wanted` ones changed, added or, where None, removed."""
    new = dict(rows)
    for key, cells in wanted.items():
        if cells is None and key in rows:
            del new[key]
        elif cells is None:
            findings.append(Finding(name, 0, "id", "no such row to remove", _meant(key, rows), key))
        elif isinstance(cells, Mapping):
            new[key] = _with_cells(name, key, rows.get(key), cells, findings)
            if key not in rows and _lacking(name, new[key]):
                rule = f"no such row, and a new one needs {', '.join(_lacking(name, new[key]))}"
                findings.append(Finding(name, 0, "id", rule, _meant(key, rows), key))
        else:
            findings.append(Finding(name, 0, "", "not cells", _SHAPE, key))
    return new


def _lacking(name: str, row: _Row) -> list[str]:
    return [one.column for one in schema(name) if one.required == "yes" and not row[one.column]]


def _meant(key: str, rows: Iterable[str]) -> str:
    near = get_close_matches(key, list(rows), 1)
    return f"did you mean {near[0]!r}?" if near else "name a row of this table"


def _with_cells(name: str, key: str, before: _Row | None, cells: Mapping[str, Cell], findings: list[Finding]) -> _Row:
    """Return the row `before`, or a new one, with the cells set and marked as assumed unless they say otherwise."""
    columns = {one.column: one for one in schema(name)}
    row = dict(before or {**dict.fromkeys(columns, ""), "id": key})
    for column, value in cells.items():
        if column not in columns:
            findings.append(Finding(name, 0, str(column), "unknown column", f"use {', '.join(columns)}", key))
        elif column == "id" and value != key:
            findings.append(Finding(name, 0, "id", "cannot be changed", "remove the row and add another", key))
        else:
            try:
                row[column] = _text(value, columns[column])
            except UnitError as error:
                remedy = f"write a number, or a quantity that converts to {columns[column].unit or 'no unit'}"
                findings.append(Finding(name, 0, column, str(error), remedy, key))
    if before is None and "source" in row and "source" not in cells:
        row["source"] = _SOURCE["id"]
    if row != before and "quality" in row and "quality" not in cells:
        row["quality"] = "assumption"
    return row


def _text(value: Cell, column: Column) -> str:
    """Return `value` as written in a CSV file, quantities in the unit of the column.

    Raises UnitError when a quantity cannot be read or has another dimension.
    """
    if isinstance(value, str):
        text = value.strip()
        number = text.removesuffix(column.unit).rstrip()
        if column.type not in ("number", "whole") or _PLAIN.fullmatch(text) or not text:
            return text
        return number if column.unit and _PLAIN.fullmatch(number) else digits(parse(text).to(column.unit))
    if value is None:
        return ""
    if isinstance(value, Real):
        return digits(float(value))
    raise UnitError(f"not a text or a number: {type(value).__name__}")


def written(table: pd.DataFrame) -> dict[str, _Row]:
    """Return the rows by id, each cell as written in a CSV file."""
    cells = texts(table)
    return {key: {column: cells[column][row] for column in cells} for row, key in enumerate(table["id"])}


def _with_ids(found: Iterable[Finding], ids: list[str]) -> list[Finding]:
    """Name rows by id: a scenario has no file whose lines could be counted."""
    return [replace(one, row=0, id=ids[one.row - 2]) if one.row else one for one in found]

"""Rows of text under a header, whatever kind of file they come from, and how they become checked tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

import pandas as pd

from bactrian.case.checking import typed
from bactrian.case.columns import TABLES, schema
from bactrian.case.rules import NEVER_EMPTY, check_references, check_tables
from bactrian.errors import CaseError, Finding

__all__ = ["Sheet", "checked", "misnamed"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one table as text, the header first, and the line that each has in its file."""

    rows: list[list[str]]
    lines: list[int]


def checked(sheets: Mapping[str, Sheet | None], findings: list[Finding]) -> dict[str, pd.DataFrame]:
    """Turn sheets, by the names of their tables, into the checked tables of a case.

    A table that no sheet holds has no rows, and is a finding where a case cannot do without; None stands for one that
    could not be read, about which `findings` says so already. Columns that need not be filled may be missing.
    Text columns hold strings (empty where nothing is given), numeric ones float64 (NaN for none).
    Raises CaseError with those findings and all others, of all tables, at once.
    """
    tables: dict[str, pd.DataFrame] = {}
    lines: dict[str, list[int]] = {}
    for name in TABLES:
        raw = _absent(name, findings) if name not in sheets else _under_header(sheets[name], name, findings)
        if raw is not None:
            lines[name] = raw.index.tolist()
            rows: list[Finding] = []
            tables[name] = typed(raw.reset_index(drop=True), name, rows)
            findings += _at_lines(rows, lines)
    rows = []
    for name, table in tables.items():
        check_references(name, table, tables, rows)
    check_tables(tables, rows)
    findings += _at_lines(rows, lines)
    if findings:
        raise CaseError(findings)
    return tables


def misnamed(name: str, present: Iterable[str]) -> str | None:
    """The table that a file or sheet called `name` seems to be meant for, if that one is not among those `present`.

    >>> misnamed("Terminal", ["links"]), misnamed("terminals", ["terminals"]), misnamed("my sums", ["links"])
    ('terminals', None, None)
    """
    lacking = [table for table in TABLES if table not in set(present)]
    near = get_close_matches(name.strip().lower(), lacking, 1, 0.85) if name not in TABLES else []
    return near[0] if near else None


def _at_lines(findings: list[Finding], lines: dict[str, list[int]]) -> list[Finding]:
    """Name the line of the file where a finding counts rows: cells may run over several lines."""
    return [replace(one, row=lines[one.table][one.row - 2]) if one.row >= 2 else one for one in findings]


def _absent(name: str, findings: list[Finding]) -> pd.DataFrame | None:
    """A table without rows, or None with a finding where a case needs some."""
    names = [column.column for column in schema(name)]
    if name in NEVER_EMPTY:
        remedy = "add it, with the columns " + ",".join(_needed(name))
        findings.append(Finding(name, 0, "", "the table is missing, and a case needs at least one row of it", remedy))
        return None
    return pd.DataFrame(columns=names, dtype=object)


def _needed(name: str) -> list[str]:
    return [column.column for column in schema(name) if column.required == "yes"]


def _under_header(sheet: Sheet | None, name: str, findings: list[Finding]) -> pd.DataFrame | None:
    """Return the rows by line if the header is that of the schema and every row fills it."""
    if sheet is None:
        return None
    names, needed = [column.column for column in schema(name)], _needed(name)
    rows, lines = sheet.rows, sheet.lines
    if not rows or not any(rows[0]):
        findings.append(Finding(name, 0, "", "the file is empty", "write the header row: " + ",".join(needed)))
        return None
    header, body = rows[0], rows[1:]
    before = len(findings)
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and set(header[0].split(mark)[:2]) <= set(names) and mark in header[0]:
            findings.append(Finding(name, 1, "", f"separated by {word}", "save the file with commas between cells"))
            return None
    for column in dict.fromkeys([*needed, *header]):
        if header.count(column) != 1 or column not in names:
            state = {0: "missing"}.get(header.count(column), "unknown" if column not in names else "repeated")
            findings.append(Finding(name, 1, column, f"{state} column", "use: " + ",".join(names)))
    for number, row in zip(lines[1:], body, strict=True):
        if len(row) != len(header):
            rule = f"{len(row)} cells under {len(header)} columns"
            findings.append(Finding(name, number, "", rule, "quote cells that hold commas"))
    if len(findings) > before:
        return None
    return pd.DataFrame(body, columns=header, index=lines[1:], dtype=object).reindex(columns=names, fill_value="")

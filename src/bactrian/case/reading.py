"""From a folder of CSV files to tables of text, and on to checked tables."""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import replace
from pathlib import Path
from stat import S_ISREG

import pandas as pd

from bactrian.case.checking import typed
from bactrian.case.columns import TABLES, schema
from bactrian.case.rules import check_references, check_tables
from bactrian.errors import CaseError, Finding

__all__ = ["LARGEST_FILE", "read_tables"]

LARGEST_FILE = 200 * 2**20  # bytes
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read and check every table of the case in `folder`.

    Text columns hold strings (empty where nothing is given), numeric ones float64 (NaN for none).
    Raises CaseError with all findings, of all tables, at once.
    """
    if not os.path.isdir(folder):  # unlike Path.is_dir, false also for names that are too long
        raise CaseError([Finding(str(folder), 0, "", "no such folder", "name a folder that holds a case")])
    findings: list[Finding] = []
    tables: dict[str, pd.DataFrame] = {}
    lines: dict[str, list[int]] = {}
    for name in TABLES:
        raw = _read_text(folder / f"{name}.csv", name, findings)
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


def _at_lines(findings: list[Finding], lines: dict[str, list[int]]) -> list[Finding]:
    """Name the line of the file where a finding counts rows: cells may run over several lines."""
    return [replace(one, row=lines[one.table][one.row - 2]) if one.row >= 2 else one for one in findings]


def _read_text(path: Path, name: str, findings: list[Finding]) -> pd.DataFrame | None:
    """Return the file as a table of strings by line, or None with a finding that says why not."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise OSError
        if status.st_size > LARGEST_FILE:
            rule = f"the file is larger than {LARGEST_FILE // 2**20} MB"
            findings.append(Finding(name, 0, "", rule, "split the case into smaller ones"))
            return None
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError:
        remedy = "add the file; an empty table still needs its header"
        findings.append(Finding(name, 0, "", f"cannot read {path.name}", remedy))
        return None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else f"byte {error.start}"
        findings.append(Finding(name, line, "", f"not UTF-8 text ({what})", "save the file as CSV UTF-8"))
        return None
    if strange := _CONTROL.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        findings.append(Finding(name, line, "", f"control character {strange[0]!r}", "take it out"))
        return None
    return _parsed(text, name, findings)


def _parsed(text: str, name: str, findings: list[Finding]) -> pd.DataFrame | None:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for row in reader:
            if any(row) or not rows:
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "save the file again from the spreadsheet"
        findings.append(Finding(name, reader.line_num, "", f"not a CSV file: {error}", remedy))
        return None
    return _under_header(rows, lines, name, findings)


def _under_header(rows: list[list[str]], lines: list[int], name: str, findings: list[Finding]) -> pd.DataFrame | None:
    """Return the rows by line if the header is that of the schema and every row fills it."""
    names = [column.column for column in schema(name)]
    if not rows or not any(rows[0]):
        findings.append(Finding(name, 0, "", "the file is empty", "write the header row: " + ",".join(names)))
        return None
    header, body = rows[0], rows[1:]
    before = len(findings)
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and header[0].split(mark)[:2] == names[:2]:
            findings.append(Finding(name, 1, "", f"separated by {word}", "save the file with commas between cells"))
            return None
    for column in dict.fromkeys([*names, *header]):
        if header.count(column) != 1 or column not in names:
            state = {0: "missing"}.get(header.count(column), "unknown" if column not in names else "repeated")
            findings.append(Finding(name, 1, column, f"{state} column", "use: " + ",".join(names)))
    for number, row in zip(lines[1:], body, strict=True):
        if len(row) != len(header):
            rule = f"{len(row)} cells under {len(header)} columns"
            findings.append(Finding(name, number, "", rule, "quote cells that hold commas"))
    if len(findings) > before:
        return None
    return pd.DataFrame(body, columns=header, index=lines[1:], dtype=object)

"""Observations from a user's own file, to score years that the case does not know."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from bactrian.errors import CaseError, Finding

__all__ = ["read_observations"]

NEEDED = ("series", "year", "value", "unit")
LARGEST_FILE = 20 * 2**20  # bytes
SMALLEST, LARGEST = 1e-9, 1e12  # counts, in whatever unit
YEAR = re.compile(r"199\d|20\d\d|2100", re.ASCII)


def read_observations(path: Path) -> pd.DataFrame:
    """Read a CSV file with the columns series, year, value and unit; others are left aside.

    Returns these four, years as whole numbers and values as numbers. Raises CaseError with all findings, by line.
    """
    findings: list[Finding] = []
    rows: list[dict[str, str | int | float]] = []
    for line, row in enumerate(_rows(path), start=2):
        cells = {name: (row.get(name) or "").strip() for name in NEEDED}
        for name in ("series", "unit"):
            if not cells[name]:
                findings.append(Finding(str(path), line, name, "empty", f"enter the {name}"))
        if not YEAR.fullmatch(cells["year"]):
            findings.append(Finding(str(path), line, "year", "not a year from 1990 to 2100", "write it as 2023"))
        if not _is_count(cells["value"]):
            rule = f"not 0 or a number from {SMALLEST:g} to {LARGEST:g}"
            findings.append(Finding(str(path), line, "value", rule, "write digits with a decimal point"))
        if not findings:
            rows.append({**cells, "year": int(cells["year"]), "value": float(cells["value"])})
    if findings:
        raise CaseError(findings)
    if not rows:
        raise CaseError([Finding(str(path), 0, "", "the file has no rows", "add a row for each observation")])
    return pd.DataFrame(rows, columns=list(NEEDED))


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows below the header; raise CaseError when there is no such table."""
    remedy = f"name a CSV file with the columns {', '.join(NEEDED)}"
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise CaseError([Finding(str(path), 0, "", f"the file is larger than {LARGEST_FILE // 2**20} MB", remedy)])
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CaseError([Finding(str(path), 0, "", f"cannot be read: {error.strerror}", remedy)]) from None
    except UnicodeDecodeError:
        raise CaseError([Finding(str(path), 0, "", "not UTF-8 text", "save the file as CSV UTF-8")]) from None
    reader = csv.DictReader(text.splitlines(), restkey="", strict=True)
    try:
        missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
        if missing:
            raise CaseError([Finding(str(path), 1, missing[0], "missing column", remedy)])
        return list(reader)
    except csv.Error as error:
        raise CaseError([Finding(str(path), reader.line_num, "", f"not a CSV file: {error}", remedy)]) from None


def _is_count(text: str) -> bool:
    try:
        return float(text) == 0 or SMALLEST <= float(text) <= LARGEST
    except ValueError:
        return False

"""From a folder of CSV files to tables of text, and on to checked tables."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path
from stat import S_ISREG

import pandas as pd

from bactrian.case.columns import TABLES
from bactrian.case.sheets import Sheet, checked, misnamed
from bactrian.errors import CaseError, Finding

__all__ = ["LARGEST_FILE", "read_tables"]

LARGEST_FILE = 200 * 2**20  # bytes
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read and check every table of the case in `folder`; one whose file is not there has no rows.

    Text columns hold strings (empty where nothing is given), numeric ones float64 (NaN for none).
    Raises CaseError with all findings, of all tables, at once.
    """
    if not os.path.isdir(folder):  # unlike Path.is_dir, false also for names that are too long
        raise CaseError([Finding(str(folder), 0, "", "no such folder", "name a folder that holds a case")])
    findings: list[Finding] = []
    there = sorted(path.stem for path in folder.glob("*.[cC][sS][vV]") if os.path.lexists(path))
    for name in there:
        if meant := misnamed(name, there):
            rule = f"no such table, and {meant}.csv is missing"
            findings.append(Finding(name, 0, "", rule, f"name the file {meant}.csv if it is that table"))
    present = [name for name in TABLES if os.path.lexists(folder / f"{name}.csv")]
    return checked({name: _read_text(folder / f"{name}.csv", name, findings) for name in present}, findings)


def _read_text(path: Path, name: str, findings: list[Finding]) -> Sheet | None:
    """Return the file as rows of strings, or None with a finding that says why not."""
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
        findings.append(Finding(name, 0, "", f"cannot read {path.name}", "put a CSV file there that may be read"))
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


def _parsed(text: str, name: str, findings: list[Finding]) -> Sheet | None:
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
    return Sheet(rows, lines)

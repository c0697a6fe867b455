"""A case or run as an Excel workbook (.xlsx, Office Open XML): a sheet a table, and `_columns` that explains a case's.

Numbers are numbers, except the few that Excel's 15 digits cannot hold, which are text; all else is text, so that
nothing becomes a formula or a date. Sheets whose name is no table's, such as notes, are left alone when reading.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path
from typing import Any

from bactrian.assign import Flows
from bactrian.case import TABLES, Case, Sheet, from_sheets, misnamed, schema, texts
from bactrian.case.cells import digits
from bactrian.errors import Finding
from bactrian.exchange.loss import Loss
from bactrian.exchange.results import link_flows, tables_of
from bactrian.formats.outside import LARGEST_FILE, check_size, library, opened, refuse

__all__ = ["read", "write"]

MOST_CELLS = 10_000_000
_KIND, _REMEDY = "an Excel workbook", "save it from the spreadsheet as .xlsx, without a password"
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_LEGEND = "_columns"
_NOTES = ("table", "column", "unit", "needed", "default", "rule", "refers to", "description")


def write(thing: Case | Flows, path: Path) -> list[Loss]:
    """Write a workbook of a case, or of the links and tables of a run; raise LibraryError without openpyxl."""
    openpyxl = library("openpyxl", "Excel")
    book = openpyxl.Workbook(write_only=True)
    if isinstance(thing, Flows):
        _run_into(openpyxl, book, thing)
    else:
        _case_into(openpyxl, book, thing)
    book.save(path)
    return []


def _run_into(openpyxl: Any, book: Any, flows: Flows) -> None:
    for name, table in {**tables_of(flows), "link_flows": link_flows(flows)[0]}.items():
        columns = [table[column].astype(object).where(table[column].notna(), None).tolist() for column in table]
        rows = [[_text(cell) if isinstance(cell, str) else cell for cell in row] for row in zip(*columns, strict=True)]
        _fill(openpyxl, book.create_sheet(name), [str(column) for column in table], rows)


def _case_into(openpyxl: Any, book: Any, case: Case) -> None:
    legend = [
        [name, one.column, one.unit, one.required, one.default, one.rule, one.refers, one.description]
        for name in TABLES
        for one in schema(name)
    ]
    _fill(openpyxl, book.create_sheet(_LEGEND), list(_NOTES), [list(map(_text, row)) for row in legend])
    for name in TABLES:
        columns, numeric = texts(case.table(name)), [one.type in ("number", "whole") for one in schema(name)]
        rows = [
            [_number(cell) if is_number else _text(cell) for cell, is_number in zip(row, numeric, strict=True)]
            for row in zip(*columns.values(), strict=True)
        ]
        _fill(openpyxl, book.create_sheet(name), list(columns), rows)
    book.active = 1


def _fill(openpyxl: Any, sheet: Any, header: list[str], rows: list[list[Any]]) -> None:
    sheet.freeze_panes = "B2"
    for place, name in enumerate(header, 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = max(12, len(name) + 2)
    bold = openpyxl.styles.Font(bold=True)

    def cell(value: Any, font: Any = None) -> Any:
        if not isinstance(value, str) and font is None:
            return value
        made = openpyxl.cell.WriteOnlyCell(sheet, value)
        made.data_type = "s"  # also what begins with =
        if font is not None:
            made.font = font
        elif value.startswith(("=", "+", "-", "@")):
            made.quotePrefix = True  # so that it stays text when somebody edits the cell
        return made

    sheet.append([cell(name, bold) for name in header])
    for row in rows:
        sheet.append([cell(value) for value in row])


def _text(cell: str) -> str | None:
    return _NOT_XML.sub("\ufffd", cell) or None


def _number(cell: str) -> float | int | str | None:
    if not cell:
        return None
    number = float(cell)
    if float(f"{number:.15g}") != number:
        return cell
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def read(path: Path) -> Case:
    """Read a workbook; raise CaseError with all findings, and LibraryError without openpyxl."""
    openpyxl = library("openpyxl", "Excel")
    check_size(path)
    with opened(path, _KIND, _REMEDY), path.open("rb") as file:
        _check_archive(path)
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        try:
            names = [sheet.title for sheet in book.worksheets]
            if not set(names) & set(TABLES):
                rule = f"holds no table of a case, only {', '.join(map(repr, names[:10]))}"
                raise refuse(path, rule, "name each sheet after its table, such as links")
            findings: list[Finding] = []
            for name in names:
                if meant := misnamed(name, names):
                    rule, remedy = f"no such table, and a sheet {meant} is missing", f"name the sheet {meant}"
                    findings.append(Finding(name, 0, "", rule, remedy))
            cells = [0]
            sheets = {name: _sheet(book[name], name, path, cells, findings) for name in names if name in TABLES}
        finally:
            book.close()
    return from_sheets(path.stem, sheets, findings)


def _check_archive(path: Path) -> None:
    """Refuse archives that would unpack to more than a case can be, and XML that defines entities of its own."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST_FILE or len(parts) > 10_000:
            rule = f"unpacks to more than {LARGEST_FILE // 2**20} MB"
            raise refuse(path, rule, "take out what is not part of the case")
        for part in parts:
            with archive.open(part) as file:
                if b"<!DOCTYPE" in file.read(4096):
                    raise refuse(path, "holds XML that declares a document type", _REMEDY)


def _sheet(sheet: Any, name: str, path: Path, cells: list[int], findings: list[Finding]) -> Sheet:
    """The rows of a sheet as text, blank ones left out; `cells` counts those of the whole workbook."""
    sheet.reset_dimensions()  # what the file says of its size need not be true
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, row in enumerate(sheet.iter_rows(), 1):
        cells[0] += len(row) + 1
        if cells[0] > MOST_CELLS:
            raise refuse(path, f"has more than {MOST_CELLS:,} cells", "delete rows and columns beside the tables")
        told = [_cell(cell, name, line, rows[0] if rows else [], findings) for cell in row]
        while told and not told[-1].strip() and len(told) > (len(rows[0]) if rows else 0):
            told.pop()
        if any(told) or not rows:
            rows.append(told + [""] * (len(rows[0]) - len(told) if rows else 0))
            lines.append(line)
    return Sheet(rows, lines)


def _cell(cell: Any, name: str, line: int, header: list[str], findings: list[Finding]) -> str:
    """What a cell says as text; a finding for a formula or an error."""
    value, kind = cell.value, cell.data_type
    if value is None:
        return ""
    if kind in ("f", "e"):
        column = header[cell.column - 1] if cell.column <= len(header) else ""
        rule = "a formula" if kind == "f" else f"an error, {value}"
        findings.append(Finding(name, line, column, rule, "paste its value in its place"))
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return digits(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)

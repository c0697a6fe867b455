"""Every error Bactrian raises on purpose.

BactrianError
├── CaseError        the input tables are wrong; carries findings (table, row, column, rule, remedy)
├── UnitError        a quantity cannot be read, or its dimensions do not match
├── LibraryError     a library of an optional extra is not installed; names the command that adds it
├── BriefError       a page cannot be made: a result is missing or failed, or words contradict their figures
└── SolveError       an assignment or a fit could not be carried out as asked
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["BactrianError", "BriefError", "CaseError", "Finding", "LibraryError", "SolveError", "UnitError"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a case: where, which rule, and how to mend it.

    `row` is the line number in the CSV file (the header is line 1), or 0 when the whole table is meant. A change
    that comes from no file names the row by its `id` instead.

    >>> print(Finding("links", 3, "length_km", "must be at least 0, found -5", "enter the length in km"))
    links, line 3, column length_km: must be at least 0, found -5; remedy: enter the length in km
    """

    table: str
    row: int
    column: str
    rule: str
    remedy: str
    id: str = ""

    def __str__(self) -> str:
        where = self.table
        if self.row:
            where += f", line {self.row}"
        if self.id:
            where += f", row {self.id!r}"
        if self.column:
            where += f", column {self.column}"
        return f"{where}: {self.rule}; remedy: {self.remedy}"


class BactrianError(Exception):
    """Root of the family; the command line turns it into one message and exit code 2."""


class CaseError(BactrianError):
    """The tables of a case break their schema. `findings` holds every breach found."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))

    def __reduce__(self) -> tuple[type[CaseError], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)  # so that it comes whole from another process


class UnitError(BactrianError, ValueError):
    """A quantity could not be read, or quantities of different dimension were mixed."""


class LibraryError(BactrianError, ImportError):
    """A library that comes with an optional extra is not installed."""


class BriefError(BactrianError):
    """A page cannot be made: a result is missing or failed its certificate, or words contradict their figures."""


class SolveError(BactrianError):
    """An assignment or a fit could not be carried out as asked."""

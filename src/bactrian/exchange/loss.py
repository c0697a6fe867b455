"""What a format cannot hold of what was written in it."""

from __future__ import annotations

from dataclasses import dataclass

from bactrian.case import TABLES, Case, texts

__all__ = ["Loss", "compared", "filled"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Cells that a file does not hold: `rows` rows with something in a column, or in all columns where it is "".

    >>> print(Loss("terminals", "", 91, "GMNS has no handling"))
    terminals: 91 rows, GMNS has no handling
    """

    table: str
    column: str
    rows: int
    why: str

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        return f"{where}: {self.rows} row{'s' if self.rows != 1 else ''}, {self.why}"


def compared(case: Case, other: Case, why: str) -> list[Loss]:
    """The cells of a case that another one, read from the file that was written of it, has not as they were."""
    found: list[Loss] = []
    for name in TABLES:
        one, again = texts(case.table(name)), texts(other.table(name))
        for column, cells in one.items():
            kept = again[column] if len(again[column]) == len(cells) else [""] * len(cells)
            changed = sum(cell != new for cell, new in zip(cells, kept, strict=True))
            if changed:
                found.append(Loss(name, column, changed, why))
    return found


def filled(case: Case, table: str, columns: list[str] | None, why: str) -> list[Loss]:
    """Losses of a whole table, or of some of its columns, as far as there is anything in them."""
    rows = case.table(table)
    if columns is None:
        return [Loss(table, "", len(rows), why)] if len(rows) else []
    cells = texts(rows)
    counts = {column: sum(cell != "" for cell in cells[column]) for column in columns}
    return [Loss(table, column, count, why) for column, count in counts.items() if count]

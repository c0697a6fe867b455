"""A case as a folder of CSV tables with `datapackage.json`: the form that cases are kept in.

Frictionless Data Package v1, profile tabular-data-package: https://specs.frictionlessdata.io/tabular-data-package/
"""

from __future__ import annotations

import csv
from pathlib import Path

from bactrian.case import TABLES, Case, load, texts
from bactrian.case.package import write_descriptor
from bactrian.exchange.loss import Loss

__all__ = ["read", "write", "write_table"]


def read(path: Path) -> Case:
    """Read the case in a folder; raise CaseError with all findings."""
    return load(path)


def write(case: Case, folder: Path) -> list[Loss]:
    """Write all tables and the descriptor into an empty folder; nothing is lost."""
    for name in TABLES:
        write_table(folder / f"{name}.csv", texts(case.table(name)))
    write_descriptor(folder, case.name)
    return []


def write_table(path: Path, cells: dict[str, list[str]]) -> None:
    """Write columns of text as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(cells)
        for row in zip(*cells.values(), strict=True):
            (quoting if "\r" in "".join(row) else writer).writerow(row)  # a carriage return alone gets no quotes

"""The tables of a case as CSV files, with the descriptor that tells other tools about them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bactrian.case.cells import texts
from bactrian.case.package import write_descriptor

__all__ = ["fill_folder", "write_table"]


def fill_folder(folder: Path, tables: Mapping[str, pd.DataFrame], name: str) -> None:
    """Write the tables of a case and `datapackage.json` into a folder; raise OSError when that cannot be done."""
    for table, rows in tables.items():
        write_table(folder / f"{table}.csv", texts(rows))
    write_descriptor(folder, name)


def write_table(path: Path, cells: Mapping[str, list[str]]) -> None:
    """Write columns of text as a CSV file; raise OSError when that cannot be done."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(cells)
        for row in zip(*cells.values(), strict=True):
            (quoting if "\r" in "".join(row) else writer).writerow(row)  # a carriage return alone gets no quotes

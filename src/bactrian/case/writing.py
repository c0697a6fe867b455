"""Write a case as a folder of CSV tables, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from bactrian.case.columns import schema
from bactrian.case.package import write_descriptor
from bactrian.case.scenario import written
from bactrian.errors import CaseError, Finding

__all__ = ["new_folder", "write_tables"]


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, name: str) -> None:
    """Write the tables of a case and what describes them, `datapackage.json`, to a new folder.

    Raises CaseError when the folder exists already or cannot be written.
    """

    def fill(draft: Path) -> None:
        for table, rows in tables.items():
            columns = [column.column for column in schema(table)]
            text = pd.DataFrame(list(written(rows).values()), columns=columns, dtype=object)
            text.to_csv(draft / f"{table}.csv", index=False, lineterminator="\n")
        write_descriptor(draft, name)

    new_folder(folder, fill)


def new_folder(folder: Path, fill: Callable[[Path], object]) -> None:
    """Make a folder that `fill` fills, given another one to do that in; whole or not at all.

    Raises CaseError when the folder exists already or cannot be written.
    """
    if os.path.lexists(folder):
        raise CaseError([Finding(str(folder), 0, "", "exists already", "name a folder that does not exist yet")])
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as room:
            draft = Path(room) / "case"
            draft.mkdir()
            fill(draft)
            os.replace(draft, folder)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise CaseError([Finding(str(folder), 0, "", problem, "name a folder you may write to")]) from None

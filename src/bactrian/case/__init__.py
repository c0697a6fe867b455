"""A case: the tables that describe a corridor, checked and frozen, each row with its source."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from bactrian.case.columns import TABLES, Column, schema
from bactrian.case.reading import read_tables
from bactrian.case.scenario import Change, Changes, changed, differences
from bactrian.errors import CaseError, Finding

__all__ = ["TABLES", "Case", "Change", "Changes", "Column", "copy_built_in", "load", "schema"]

_BUILT_IN = ("transcaspian",)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Tables that passed their checks. A case stays as it is: `table` gives copies, `with_` gives another case."""

    name: str
    _tables: Mapping[str, pd.DataFrame]
    _loaded: Mapping[str, pd.DataFrame] | None = None  # the tables before any change

    def table(self, name: str) -> pd.DataFrame:
        """Return a copy of the table `name`; raise CaseError if the case has none of that name."""
        if name not in self._tables:
            raise CaseError([Finding(name, 0, "", "no such table", f"use one of {', '.join(self._tables)}")])
        return self._tables[name].copy()

    @property
    def hash(self) -> str:
        """SHA-256 of all cells, the same for the same content however it is written or was arrived at."""
        digest = hashlib.sha256()
        for name in TABLES:
            digest.update(name.encode())
            digest.update(self._tables[name].to_csv(index=False, lineterminator="\n").encode())
        return digest.hexdigest()

    def with_(self, changes: Changes, *, name: str | None = None) -> Case:
        """Return a scenario: this case with some cells set, rows added (a new id) or rows removed (None).

        Numbers are in the unit of their column; text may carry another of the same dimension ("1.2 Mt/yr"). A row
        that is changed or added is marked as an assumption, and a new one has the source "scenario", unless the
        change gives `quality` and `source` itself. Raises CaseError with findings that name table, id and column.

        >>> feeders = {"KZAAU-AZALA-caspian_feeder": {"capacity_kt": "1.2 Mt/yr", "opens": 2027}}
        >>> more = load("transcaspian").with_({"links": feeders}, name="more feeders")
        >>> [change[2:] for change in more.changes][:2]
        [('capacity_kt', '1100', '1200'), ('opens', '', '2027')]
        """
        tables = changed(self._tables, changes)
        return Case(name or self.name, MappingProxyType(tables), self._loaded or self._tables)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The cells that differ from the case as loaded: table, id, column, old and new."""
        return differences(self._loaded or self._tables, self._tables)

    @property
    def original(self) -> Case:
        """The case as loaded, before any change."""
        return Case(self.name, self._loaded) if self._loaded else self

    def rebased(self) -> Case:
        """The same tables as a case of its own, whose changes count from here."""
        return Case(self.name, self._tables)

    def quality(self) -> pd.DataFrame:
        """Count rows by table (index) and quality mark (columns)."""
        marks = pd.concat(
            {name: table["quality"] for name, table in self._tables.items() if "quality" in table},
            names=["table"],
        )
        counts: pd.DataFrame = marks.groupby(level="table", sort=False).value_counts().unstack(fill_value=0)
        return counts

    def source(self, table: str, row: str) -> pd.Series:
        """Return who says so: title and address of the source of one row, with the row's quality.

        Raises CaseError when the table has no row of that id.

        >>> load("transcaspian").source("links", "KZTGZ-RUNVS-pipeline_oil")["quality"]
        'reported'
        """
        rows = self.table(table).set_index("id")
        if row not in rows.index:
            raise CaseError([Finding(table, 0, "id", f"no row {row!r}", "name a row of this table")])
        found = rows.loc[row].to_dict()
        if table == "sources":
            return pd.Series({**found, "quality": ""}, name=row)
        origin = self._tables["sources"].set_index("id").loc[str(found["source"])]
        return pd.Series({**origin.to_dict(), "quality": found["quality"]}, name=row)


def load(name: str | Path) -> Case:
    """Load a built-in case by name, or a case folder by path; raise CaseError with all findings.

    >>> len(load("transcaspian").table("links")) > 200
    True
    """
    if str(name) in _BUILT_IN:
        with as_file(files("bactrian") / "cases" / str(name)) as folder:
            return Case(str(name), MappingProxyType(read_tables(folder)))
    return Case(Path(name).name, MappingProxyType(read_tables(Path(name))))


def copy_built_in(name: str, folder: Path) -> None:
    """Copy a built-in case to a new folder, for editing; whole or not at all.

    Raises CaseError when there is no such case, the folder exists already, or it cannot be written.
    """
    if name not in _BUILT_IN:
        raise CaseError([Finding(name, 0, "", "no such built-in case", f"use one of {', '.join(_BUILT_IN)}")])
    if os.path.lexists(folder):
        raise CaseError([Finding(str(folder), 0, "", "exists already", "name a folder that does not exist yet")])
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            as_file(files("bactrian") / "cases" / name) as origin,
            tempfile.TemporaryDirectory(dir=folder.parent) as room,
        ):
            os.replace(shutil.copytree(origin, Path(room) / "case"), folder)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise CaseError([Finding(str(folder), 0, "", problem, "name a folder you may write to")]) from None

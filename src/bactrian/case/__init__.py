"""A case: the tables that describe a corridor, checked and frozen, each row with its source."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from bactrian.case.avoidances import trade_changes
from bactrian.case.cells import texts
from bactrian.case.columns import TABLES, Column, schema
from bactrian.case.effects import cell_changes, in_force, shares_of, without
from bactrian.case.owners import grouped_shares, owner_shares
from bactrian.case.reading import read_sheet, read_tables
from bactrian.case.scenario import Change, Changes, changed, differences
from bactrian.case.sheets import Sheet, checked, misnamed
from bactrian.case.writing import fill_folder
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.files import write_folder

__all__ = [
    "BUILT_IN",
    "TABLES",
    "Case",
    "Change",
    "Changes",
    "Column",
    "Sheet",
    "copy_built_in",
    "from_sheets",
    "grouped_shares",
    "load",
    "misnamed",
    "owner_shares",
    "read_sheet",
    "schema",
    "texts",
]

BUILT_IN = ("transcaspian", "northern_corridor")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Tables that passed their checks. A case stays as it is: `table` gives copies, `with_` gives another case."""

    name: str
    _tables: Mapping[str, pd.DataFrame]
    _loaded: Mapping[str, pd.DataFrame] | None = None  # the tables before any change

    def __reduce__(self) -> tuple[object, ...]:
        loaded = None if self._loaded is None else dict(self._loaded)
        return _restored, (self.name, dict(self._tables), loaded)

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

        >>> feeders = {"TMKRW-AZALA-caspian_feeder": {"capacity_kt": "1.2 Mt/yr", "opens": 2027}}
        >>> more = load("transcaspian").with_({"links": feeders}, name="more feeders")
        >>> [change[2:] for change in more.changes][:2]
        [('capacity_kt', '300', '1200'), ('opens', '', '2027')]
        """
        tables = changed(self._tables, changes)
        return Case(name or self.name, MappingProxyType(tables), self._loaded or self._tables)

    def in_force(self, year: int) -> dict[str, float]:
        """The events and projects in force in `year`, each with the share of the year: above 0, at most 1.

        Projects count whole from the year they open; those that are cancelled or have no such year never do.

        >>> round(load("transcaspian").in_force(2022)["war_and_sanctions"], 3)
        0.852
        """
        return in_force(self._tables, year)

    def with_effects(self, causes: Iterable[str] | Mapping[str, float], year: int, *, name: str | None = None) -> Case:
        """Return this case as it is in `year` with what `causes`, ids of events, projects and scenarios, bring.

        A scenario counts whole in any year, with its own effects and those of the events and projects it names. Cells
        change by the share of the year in which a cause is in force; trade that avoids countries moves to
        variants of its commodity, its tonnes in all unchanged. Rows keep their source, and are as sure as the least
        sure of the row and its effects. Raises CaseError for a cause there is not, a project without a year of
        opening, two effects that set one cell, or a cell that would break the schema.

        >>> case = load("transcaspian")
        >>> moorings = case.with_effects(["cpc_moorings"], 2022)
        >>> moorings.changes[0][:4]
        ('links', 'KZTGZ-RUNVS-pipeline_oil', 'capacity_kt', '72500')
        """
        shares = shares_of(self._tables, causes, year)
        if isinstance(causes, Mapping):
            shares |= causes
        with_cells = self.with_(cell_changes(self._tables, shares), name=name)
        return with_cells.with_(trade_changes(with_cells._tables, shares))

    def without(self, causes: Iterable[str], *, name: str | None = None) -> Case:
        """Return this case as if `causes`, ids of projects and events, never opened or closed what the tables say.

        Rows they open stay shut, rows they close stay open: what their effects set in `opens` and `closes` and the
        tables hold already is taken back. Raises CaseError for a cause there is not.

        >>> case = load("transcaspian").without(["P24"])
        >>> [change[1:] for change in case.changes][0]
        ('tacheng-bakhty-rail', 'opens', '2027', '2500')
        """
        return self.with_(without(self._tables, causes), name=name)

    def zones_of(self, name: str) -> list[str]:
        """Zones of the country `name`, or the zone of that id; raise SolveError if there is neither.

        >>> load("transcaspian").zones_of("TKM")
        ['TKM']
        """
        zones = self._tables["zones"]
        found: list[str] = zones.loc[(zones["id"] == name) | (zones["country"] == name), "id"].tolist()
        if not found:
            raise SolveError(f"no zone or country {name!r} in the case; use one of {', '.join(zones['id'])}")
        return found

    def counted_as(self, commodity: pd.Series) -> pd.Series:
        """The names under which commodities are reported: a variant goes by that of its original."""
        goods = self._tables["commodities"]
        names = goods["counts_as"].where(goods["counts_as"] != "", goods["id"])
        return commodity.map(dict(zip(goods["id"], names, strict=True)))

    def save(self, folder: str | Path) -> None:
        """Write the tables to a new folder, which `load` reads; whole or not at all.

        Raises CaseError when the folder exists already or cannot be written.
        """
        write_folder(Path(folder), lambda draft: fill_folder(draft, self._tables, self.name))

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

    def _repr_html_(self) -> str:
        """What a notebook shows: the name, the content's hash and how many rows of each table are how sure."""
        table = self.quality().to_html(border=0)
        return f"<p>{escape(self.name)}, content {self.hash[:12]}, {len(self.changes)} changes</p>{table}"

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


def _restored(name: str, tables: dict[str, pd.DataFrame], loaded: dict[str, pd.DataFrame] | None) -> Case:
    """A case that comes from another process."""
    return Case(name, MappingProxyType(tables), None if loaded is None else MappingProxyType(loaded))


def load(name: str | Path) -> Case:
    """Load a built-in case by name, or a case folder by path; raise CaseError with all findings.

    >>> len(load("transcaspian").table("links")) > 200
    True
    """
    if str(name) in BUILT_IN:
        with as_file(files("bactrian") / "cases" / str(name)) as folder:
            return Case(str(name), MappingProxyType(read_tables(folder)))
    return Case(Path(name).name, MappingProxyType(read_tables(Path(name))))


def from_sheets(name: str, sheets: Mapping[str, Sheet | None], findings: Iterable[Finding] = ()) -> Case:
    """Make a case of rows of text by table, as any kind of file may hold them; None is a table that cannot be read.

    Raises CaseError with the `findings` given and all others.

    >>> case = load("transcaspian")
    >>> rows = {name: texts(case.table(name)) for name in TABLES}
    >>> sheets = {name: [list(cells), *map(list, zip(*cells.values()))] for name, cells in rows.items()}
    >>> numbered = {name: Sheet(sheet, list(range(1, len(sheet) + 1))) for name, sheet in sheets.items()}
    >>> from_sheets("copy", numbered).hash == case.hash
    True
    """
    return Case(name, MappingProxyType(checked(sheets, list(findings))))


def copy_built_in(name: str, folder: Path) -> None:
    """Copy a built-in case to a new folder, for editing; whole or not at all.

    Raises CaseError when there is no such case, the folder exists already, or it cannot be written.
    """
    if name not in BUILT_IN:
        raise CaseError([Finding(name, 0, "", "no such built-in case", f"use one of {', '.join(BUILT_IN)}")])
    with as_file(files("bactrian") / "cases" / name) as origin:
        write_folder(folder, lambda draft: shutil.copytree(origin, draft, dirs_exist_ok=True))

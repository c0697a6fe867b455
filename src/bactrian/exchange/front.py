"""The two front doors, and the list of formats behind them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from bactrian.assign import Flows
from bactrian.case import BUILT_IN, Case, load
from bactrian.errors import CaseError, Finding
from bactrian.exchange.loss import Loss, compared
from bactrian.files import write as write_file
from bactrian.files import write_folder

__all__ = ["FORMATS", "Format", "Written", "check_target", "read", "write"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how its files are known, and what it can hold.

    `suffix` is that of its files, empty for a folder; `mark` a file by whose presence a folder is known. `takes` names
    what can be written in it, case or flows, and `reads` tells whether a case can be read from it. What is written in
    an `exact` one is read back before it gets its name, and anything that is not as it was is told.
    """

    name: str
    suffix: str
    mark: str
    takes: tuple[str, ...]
    reads: bool
    exact: bool
    about: str

    def module(self) -> Any:
        """The module that reads and writes it; what that needs is loaded now."""
        return import_module(f"bactrian.exchange.{self.name}")


FORMATS = {
    one.name: one
    for one in (
        Format("folder", "", "sources.csv", ("case",), True, True, "CSV tables, a Frictionless data package"),
        Format("excel", ".xlsx", "", ("case", "flows"), True, True, "an Excel workbook, a sheet for each table"),
        Format("gmns", "", "node.csv", ("case",), True, True, "GMNS 0.96 with a freight profile"),
        Format("omx", ".omx", "", ("case", "flows"), False, False, "OMX 0.2, matrices of demand or skims of a run"),
        Format("geopackage", ".gpkg", "", ("case", "flows"), True, True, "GeoPackage 1.3, layers and tables"),
        Format("parquet", "", "places.parquet", ("case",), True, True, "Parquet tables, on the map as GeoParquet 1.1"),
        Format("geoparquet", ".parquet", "", ("flows",), False, False, "GeoParquet 1.1, the links of a run"),
        Format("netcdf", ".nc", "", ("flows",), False, False, "netCDF 4, a cube of commodity, origin and destination"),
    )
}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the `path`, its `format`, the `hash` of the case, and what the format could not hold."""

    path: Path
    format: str
    hash: str
    lost: tuple[Loss, ...]

    def summary(self) -> dict[str, Any]:
        """The same as plain types."""
        lost = [{"table": one.table, "column": one.column, "rows": one.rows, "why": one.why} for one in self.lost]
        return {"path": str(self.path), "format": self.format, "hash": self.hash, "lost": lost}


def read(path: str | Path, format: str | None = None) -> Case:
    """Read a case in any format that can hold one, or a built-in case by its name.

    The format is told by the suffix of a file or the content of a folder where `format`, a key of FORMATS, is not
    given. Raises CaseError with all findings, and LibraryError where the format needs an extra that is not installed.

    >>> read("transcaspian").name
    'transcaspian'
    """
    if format is None and str(path) in BUILT_IN:
        return load(path)
    path = Path(path)
    if not os.path.lexists(path):
        remedy = f"name a file or folder that holds a case, or one of {', '.join(BUILT_IN)}"
        raise CaseError([Finding(str(path), 0, "", "no such file or folder", remedy)])
    chosen = _named(format) if format is not None else _known(path, _by_content if path.is_dir() else _by_suffix)
    if not chosen.reads:
        able = ", ".join(one.name for one in FORMATS.values() if one.reads)
        rule = f"no case can be read from the format {chosen.name}"
        raise CaseError([Finding(path.name, 0, "", rule, f"use one of {able}")])
    found: Case = chosen.module().read(path)
    return found


def write(thing: Case | Flows, path: str | Path, format: str | None = None, overwrite: bool = False) -> Written:
    """Write a case or the flows of a run in another format, whole or not at all, and tell what that cannot hold.

    The format is told by the suffix of `path` where `format`, a key of FORMATS, is not given; a name without suffix is
    a folder. A file is replaced only if `overwrite` is set, a folder never. Raises CaseError when it cannot be written,
    and LibraryError where the format needs an extra that is not installed.

    >>> import bactrian as ba
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as room:
    ...     done = write(ba.load("transcaspian"), Path(room) / "mine")
    ...     read(done.path).hash == done.hash, done.lost
    (True, ())
    """
    path = Path(path)
    chosen = check_target(path, format, "case" if isinstance(thing, Case) else "flows", overwrite)
    case = thing if isinstance(thing, Case) else thing.network.case
    lost: list[Loss] = []

    def draw_up(draft: Path) -> None:
        lost.extend(chosen.module().write(thing, draft))
        if chosen.exact and isinstance(thing, Case):
            again: Case = chosen.module().read(draft)
            lost.extend(compared(thing, again, f"not held by {chosen.name} as it is"))

    (write_file if chosen.suffix else write_folder)(path, draw_up)
    return Written(path, chosen.name, case.hash, tuple(lost))


def check_target(path: Path, format: str | None, kind: str, overwrite: bool = False) -> Format:
    """The format that `write` would use for a case or flows; raise CaseError where it would refuse at once."""
    chosen = _named(format) if format is not None else _known(path, _by_suffix)
    if kind not in chosen.takes:
        able = ", ".join(one.name for one in FORMATS.values() if kind in one.takes)
        rule = f"the format {chosen.name} does not hold {'a case' if kind == 'case' else 'the flows of a run'}"
        raise CaseError([Finding(path.name, 0, "", rule, f"use one of {able}")])
    if os.path.lexists(path) and (path.is_dir() or not chosen.suffix):
        raise CaseError([Finding(str(path), 0, "", "exists already", "name a file or folder that does not exist yet")])
    if path.is_file() and not overwrite:
        raise CaseError([Finding(str(path), 0, "", "exists already", "name a new file, or allow it to be overwritten")])
    return chosen


def _named(name: str) -> Format:
    if name not in FORMATS:
        raise CaseError([Finding(name, 0, "", "no such format", f"use one of {', '.join(FORMATS)}")])
    return FORMATS[name]


def _known(path: Path, how: Callable[[Path], Format | None]) -> Format:
    if found := how(path):
        return found
    known = ", ".join(f"{one.name} ({one.suffix or 'a folder'})" for one in FORMATS.values())
    raise CaseError([Finding(path.name, 0, "", "not a known format", f"name the format, one of {known}")])


def _by_suffix(path: Path) -> Format | None:
    return next((one for one in FORMATS.values() if one.suffix == path.suffix.lower()), None)


def _by_content(path: Path) -> Format | None:
    marked = [one for one in FORMATS.values() if one.mark and any(path.glob(one.mark))]
    return marked[0] if marked else FORMATS["folder"]

"""Results as documents: the JSON files that verbs leave behind, and the look-up of a figure in them.

A brief is made from these files and from nothing else, so that anyone who has them can make it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from bactrian.errors import BriefError

__all__ = ["IDS", "Result", "Results", "read_results", "row_id"]

Record = Mapping[str, Any]

NAMES = {"run": "run", "plan": "plan", "risk": "stress", "course": "course", "share": "share", "deal": "share"}
"""Kinds of results as their files mark them, and the name under which templates look them up."""

IDS = ("id", "corridor", "country", "commodity", "event", "rule", "link", "row", "year", "budget_musd", "chance")
"""Keys by one of which a row of a list is named in a path; the first that it has counts. Trade is `KAZ-TKM`."""


@dataclass(frozen=True, slots=True)
class Result:
    """A result as read: its `name` for templates, its `kind`, the `file` it came from, the `digest` of its bytes."""

    name: str
    kind: str
    file: str
    digest: str
    told: Record = field(repr=False)

    @property
    def provenance(self) -> Record:
        """What the result was made of: case, hash, version, settings."""
        found: Record = self.told["provenance"]
        return found

    @property
    def holds(self) -> bool:
        """Whether the certificate of the result holds."""
        return self.told.get("certificate", {}).get("holds") is True

    @property
    def case_hash(self) -> str | None:
        """The hash of the case it is a result of; None where it rests on a table of its own.

        Events made up for a course are no change of the case that is told.
        """
        key = "original_hash" if self.kind == "course" else "case_hash"
        found: str | None = self.provenance.get(key)
        return found

    def look(self, path: str) -> Any:
        """The value at a path such as `corridors/titr/kt` or `projects/first/name`.

        Raises BriefError when there is nothing, or nothing that can be told.

        >>> Result("run", "run", "", "", {"rows": [{"id": "a", "kt": 4}]}).look("rows/a/kt")
        4
        """
        here: Any = self.told
        if self.kind == "deal" and path.partition("/")[0] not in self.told:
            here = self.told["game"]  # what a table of coalitions tells stands there
        for step in path.split("/"):
            here = _step(here, step)
            if here is None:
                raise BriefError(f"the result {self.name} ({self.file}) has no {path}; look-up ended at {step!r}")
        return here


def _step(here: Any, step: str) -> Any:
    if isinstance(here, Mapping):
        return here.get(step)
    if isinstance(here, Sequence) and not isinstance(here, str) and here:
        if step in ("first", "last"):
            return here[0 if step == "first" else -1]
        return next((one for one in here if isinstance(one, Mapping) and row_id(one) == step), None)
    return None


def row_id(row: Record) -> str | None:
    """What a row of a list is named by in a path; None where it has no name."""
    if "one" in row and "other" in row:
        return f"{row['one']}-{row['other']}"
    return next((str(row[key]) for key in IDS if row.get(key) is not None), None)


@dataclass(frozen=True, slots=True)
class Results:
    """All results of a brief by name; all hold, and all are of one case or of none."""

    by_name: Mapping[str, Result]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    @property
    def case(self) -> str | None:
        """The name of the case, as the results tell it."""
        return next((str(one.provenance["case"]) for one in self.by_name.values() if one.case_hash), None)

    @property
    def case_hash(self) -> str | None:
        """The hash of the case that the results share; None where none rests on a case."""
        return next((one.case_hash for one in self.by_name.values() if one.case_hash), None)

    def look(self, path: str) -> Any:
        """The value at a path that begins with the name of a result, such as `plan/value_musd`.

        Raises BriefError when there is no such result or value.
        """
        name, _, rest = path.partition("/")
        if name not in self.by_name:
            known = ", ".join(self.by_name) or "none"
            raise BriefError(f"{path} needs a result {name}, and there is none; given: {known}")
        return self.by_name[name].look(rest)


def read_results(given: Iterable[str | Path]) -> Results:
    """Read results from files, from folders that hold them, or from folders of such folders.

    `name=FOLDER` gives a result a name of its own; else it goes by its kind, and of two runs that of the earlier year
    is `base`. Raises BriefError for a file that cannot be read, a result whose certificate does not hold, two results
    of one name, and results of different cases.
    """
    found: list[Result] = []
    for one in given:
        name, sign, place = str(one).rpartition("=")
        files = _files(Path(place if sign else str(one)))
        read = [result for file in files if (result := _read(file, name)) is not None]
        if not read:
            raise BriefError(f"no results in {place if sign else one}: name a folder that a verb wrote with --out")
        found += read
    results = Results({one.name: one for one in sorted(_named(found), key=lambda one: one.name)})
    if len(results.by_name) < len(found):
        names = sorted(one.name for one in _named(found))
        twice = next(one for one, other in pairwise(names) if one == other)
        raise BriefError(f"there are two results {twice!r}: name them apart, such as {twice}=FOLDER")
    _check(results)
    return results


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted([*place.glob("*.json"), *place.glob("*/*.json")])


def _read(file: Path, name: str) -> Result | None:
    """The result in a file; None where it holds JSON of another kind."""
    try:
        raw = file.read_bytes()
        told = json.loads(raw)
    except (OSError, ValueError) as error:
        raise BriefError(f"{file} cannot be read as a result: {error}") from None
    kind = told.get("result") if isinstance(told, dict) else None
    if kind not in NAMES:
        return None
    shown = f"{file.parent.name}/{file.name}" if file.parent.name else file.name
    return Result(name or NAMES[kind], kind, shown, hashlib.sha256(raw).hexdigest(), told)


def _named(found: Sequence[Result]) -> list[Result]:
    """The results, of two runs without names of their own the earlier as `base`."""
    runs = sorted((one for one in found if one.name == one.kind == "run"), key=lambda one: one.provenance["year"])
    if len(runs) != 2 or runs[0].provenance["year"] == runs[1].provenance["year"]:
        return list(found)
    first = runs[0]
    base = Result("base", first.kind, first.file, first.digest, first.told)
    return [base if one is first else one for one in found]


def _check(results: Results) -> None:
    for name, one in results.by_name.items():
        fitting = {NAMES[one.kind]} | ({"base"} if one.kind == "run" else set())
        if name in (*NAMES.values(), "base") and name not in fitting:
            raise BriefError(f"{one.file} holds a result of the kind {one.kind}, which cannot go by the name {name!r}")
    if {"base", "run"} <= set(results.by_name):
        first, then = (int(results.by_name[name].provenance["year"]) for name in ("base", "run"))
        if first >= then:
            raise BriefError(f"the run to begin from (base) is of {first}, not before the run of {then}: swap them")
    for one in results.by_name.values():
        if not one.holds:
            raise BriefError(f"the certificate of the result {one.name} ({one.file}) does not hold: make it again")
    hashes = {one.case_hash: one for one in results.by_name.values() if one.case_hash}
    if len(hashes) > 1:
        told = "; ".join(f"{one.name} ({one.file}) of {key[:12]}" for key, one in hashes.items() if key)
        raise BriefError(f"the results are of different cases: {told}; make them of one")

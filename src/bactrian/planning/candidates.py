"""Projects that a plan may choose: what they cost, who pays, what they need, and from when they could be begun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bactrian.case import Case, owner_shares
from bactrian.errors import SolveError

__all__ = ["Candidate", "Field", "field_of"]

SETTLED = ("completed", "cancelled")  # states of projects that nobody decides on any more
UNDER_WAY = "under_construction"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project to be decided on.

    `capex_musd` is spent in equal parts over `build_years` (in one sum if that is 0), and again whenever `life_years`
    are over; `operating_musd` is spent every year from its opening. `owners` are shares by country that sum to 1.
    `earliest` is the first year in which works may begin. `requires` must be open no later, `excludes` never be built.
    """

    id: str
    name: str
    capex_musd: float
    operating_musd: float
    build_years: int
    life_years: int
    owners: Mapping[str, float]
    earliest: int
    requires: tuple[str, ...]
    excludes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What there is to decide: `candidates` by id, `committed` (projects under way and the year they open, which no
    plan can change any more), and `left_out`: other projects and why they cannot be chosen."""

    candidates: Mapping[str, Candidate]
    committed: Mapping[str, int]
    left_out: Mapping[str, str]


def field_of(case: Case, first: int, names: Iterable[str] | None = None) -> Field:
    """Sort the projects of `case` for a plan that begins in the year `first`.

    All projects that are planned or proposed, have an effect and a known cost are candidates; those under construction
    are committed if the year they open is known. `names` instead lists the candidates, whatever their state; one
    without an effect may be what another requires.

    Raises SolveError for a name there is not, or one of a project without a cost.

    >>> from bactrian.case import load
    >>> field = field_of(load("transcaspian"), 2026)
    >>> "P29" in field.candidates, "P38" in field.candidates
    (True, False)
    """
    table = case.table("projects").set_index("id", drop=False)
    acting = set(case.table("effects")["cause"])
    asked: list[str] | None = None if names is None else list(dict.fromkeys(names))
    for name in asked or ():
        _check(name, table)
    excludes = _both_ways(table["excludes"])
    candidates: dict[str, Candidate] = {}
    committed: dict[str, int] = {}
    left_out: dict[str, str] = {}
    row: Any
    for row in table.itertuples():
        if asked is not None and row.id in asked:
            candidates[row.id] = _candidate(row, first, excludes[row.id])
        elif row.status in SETTLED:
            left_out[row.id] = row.status
        elif row.status == UNDER_WAY:
            if pd.isna(row.opens):
                left_out[row.id] = "under construction, but the year it opens is not known"
            else:
                committed[row.id] = int(row.opens)
        elif asked is not None:
            left_out[row.id] = "not asked for"
        elif row.id not in acting:
            left_out[row.id] = "has no effect in the table effects"
        elif pd.isna(row.capex_musd):
            left_out[row.id] = "its cost is not known"
        else:
            candidates[row.id] = _candidate(row, first, excludes[row.id])
    return Field(candidates, committed, left_out)


def _check(name: str, table: pd.DataFrame) -> None:
    if name not in table.index:
        raise SolveError(f"no project {name!r} in the case; use ids of the table projects")
    if pd.isna(table["capex_musd"][name]):
        raise SolveError(f"project {name!r} has no cost: enter its capex_musd in the table projects")


def _both_ways(excludes: pd.Series) -> dict[str, tuple[str, ...]]:
    """What each project bars or is barred by: the column holds both ways."""
    barred: dict[str, dict[str, None]] = {str(one): dict.fromkeys(cell.split()) for one, cell in excludes.items()}
    for one, cell in excludes.items():
        for other in cell.split():
            barred[other][str(one)] = None
    return {one: tuple(others) for one, others in barred.items()}


def _candidate(row: Any, first: int, excludes: tuple[str, ...]) -> Candidate:
    return Candidate(
        id=row.id,
        name=row.name,
        capex_musd=float(row.capex_musd),
        operating_musd=float(row.operating_musd),
        build_years=int(row.build_years),
        life_years=int(row.life_years),
        owners=owner_shares(row.owners, row.countries),
        earliest=max(first, first if pd.isna(row.starts) else int(row.starts)),
        requires=tuple(row.requires.split()),
        excludes=excludes,
    )

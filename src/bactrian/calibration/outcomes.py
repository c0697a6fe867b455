"""What is said to have come of events, beside what the model makes of them: which way a series moves, and how far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from bactrian.assign import Flows
from bactrian.calibration.hindcast import happened
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.measure import counted
from bactrian.verbs import run

__all__ = ["outcomes"]

PERCENT = "percent"
NOTHING = 1e-9  # relative change that is none


def outcomes(case: Case, years: Iterable[int] | None = None) -> pd.DataFrame:
    """The rows of the table `outcomes`, all or those of `years`, each beside the same comparison in the model.

    A year is run with all that had happened by then, as in `hindcast`, but for the event of the row, which is in force
    all year, as long as it was, or not at all, as the row compares; where it is set all year against none of it,
    events that it undoes are left out. Columns: those of the table; `series_unit`; `before` and `after`, the two
    figures of the model in that unit; `modelled`, what is to be set beside `value`, in its unit (percent if it has
    none); and `agrees`, whether the model moves the same way. Raises CaseError and SolveError as `run` does.

    >>> import bactrian as ba
    >>> told = outcomes(ba.load("transcaspian"), years=[2022])  # doctest: +SKIP
    """
    rows = case.table("outcomes")
    rows = rows if years is None else rows[rows["year"].isin(list(years))]
    model = _Model(case)
    sides = [model.sides(one) for one in rows.itertuples()]
    told = rows[["id", "event", "series", "compares", "year", "direction", "reads", "value", "unit", "notes"]].copy()
    told["year"] = told["year"].astype(int)
    told["unit"] = told["unit"].where(told["unit"] != "", PERCENT)
    units = case.table("counts").drop_duplicates("series").set_index("series")["unit"]
    told["series_unit"] = told["series"].map(units)
    told["before"], told["after"] = ([side[at] for side in sides] for at in (0, 1))
    difference = told["after"] - told["before"]
    percent = 100 * difference / told["before"].where(told["before"] != 0)
    amount = told["after"].where(told["reads"] == "level", difference)
    told["modelled"] = percent.where(told["unit"] == PERCENT, amount)
    moved = np.where(difference.abs() > NOTHING * told["before"].abs(), np.sign(difference), 0.0)
    told["agrees"] = moved == told["direction"].map({"up": 1.0, "down": -1.0})
    return told.reset_index(drop=True)


class _Model:
    """What a case says of a series in a year with this or that in force, each run made once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._base: dict[int, Flows] = {}
        self._counts: dict[tuple[int, str, tuple[tuple[str, float], ...]], pd.Series[float]] = {}

    def sides(self, outcome: Any) -> tuple[float, float]:
        """The two figures that an outcome compares, in the unit of its series."""
        year, event, series = int(outcome.year), outcome.event, outcome.series
        if outcome.compares == "capacity":
            began = int(self.case.table("events").set_index("id")["begins"][event][:4])
            return self._capacity(series, began), self._capacity(series, year)
        then, now = (happened(self.case, one) for one in (year - 1, year))
        undone = set(self.case.table("events").set_index("id")["undoes"][event].split())
        rest = {one: share for one, share in now.items() if one not in undone}
        absent, wholly = (year, {**rest, event: 0.0}), (year, {**rest, event: 1.0})
        before, after = {
            "in_force": (absent, wholly),
            "ended": (wholly, absent),
            "in_year": ((year, {**now, event: 0.0}), (year, now)),
            "year_before": ((year - 1, then), (year, now)),
        }[outcome.compares]
        return self._count(series, event, *before), self._count(series, event, *after)

    def _count(self, series: str, event: str, year: int, shares: dict[str, float]) -> float:
        """What is counted of a series in a year of which causes take these shares."""
        present = {one: share for one, share in shares.items() if share > 0}
        key = year, "" if event in present else event, tuple(sorted(present.items()))
        if key not in self._counts:
            start = demand(self.case, year).base_year
            if start not in self._base:
                there = self.case.with_effects(happened(self.case, start), start)
                self._base[start] = run(there.rebased(), start)
            if year == start and present == happened(self.case, start):
                flows = self._base[start]
            else:
                case = self.case if event in present else self.case.without([event])
                flows = run(case.with_effects(shares, year), year, reference=self._base[start])
            self._counts[key] = counted(flows)
        return float(self._counts[key][series])

    def _capacity(self, series: str, year: int) -> float:
        """Mt/yr that the rows which a series passes can hold in a year, with the projects known."""
        case = self.case.with_effects(self.case.in_force(year), year)
        passes = " ".join(case.table("counts").loc[lambda counts: counts["series"] == series, "passes"])
        marks = case.table("corridors").set_index("id")["marks"]
        named = [mark for word in passes.split() for mark in marks.get(word, word).split()]
        total = 0.0
        for name in ("links", "terminals"):
            rows = case.table(name)
            shut = (rows["opens"] > year) | (rows["closes"] <= year)
            total += float(rows.loc[rows["id"].isin(named) & ~shut, "capacity_kt"].sum())
        return total / 1000

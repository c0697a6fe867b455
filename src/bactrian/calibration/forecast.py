"""A year to come, without and with the projects known or those of a scenario: what the calibrated model counts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bactrian.assign import Flows
from bactrian.calibration.hindcast import happened
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.errors import SolveError
from bactrian.measure import counted, indicators
from bactrian.verbs import check_year, run

__all__ = ["Forecast", "forecast"]


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What a year looks like if nothing more is built, and if all is that is known.

    - `base`, `without`, `with_projects`: the runs of the year the demand is known for, and of the year to come.
    - `projects` that count in the last one.
    - `table`: series, unit, and what the model counts in each run.
    - `days` from door to door by corridor in each run, the mean over all that is carried there (nan for nothing).
    - `scenario`: the row of the table scenarios that takes the place of the projects known, or None.
    """

    base: Flows
    without: Flows
    with_projects: Flows
    projects: tuple[str, ...]
    table: pd.DataFrame
    days: pd.DataFrame
    scenario: str | None = None


def forecast(case: Case, year: int, scenario: str | None = None) -> Forecast:
    """Run `year` as things stand, then with every project of the case that opens by then, or with a `scenario` instead.

    As things stand: the events that have no end go on, completed projects are there, and no others, not even those
    whose lines the case holds. Cancelled projects and those without a year of opening are in neither.
    Raises CaseError and SolveError as `run` does.

    >>> import bactrian as ba
    >>> told = forecast(ba.load("transcaspian"), 2030)  # doctest: +SKIP
    """
    check_year(year)
    start = demand(case, year).base_year
    base = run(case.with_effects(happened(case, start), start).rebased(), start)
    there = happened(case, year)
    known = case.in_force(year)
    planned = case.table("projects").loc[lambda table: ~table["status"].isin(["completed", "cancelled"]), "id"]
    built = tuple(str(one) for one in planned if one in known)
    without = run(case.without(planned).with_effects(there, year), year, reference=base)
    if scenario is None:
        full = run(case.with_effects({*there, *built}, year), year, reference=base)
    else:
        built = _projects_of(case, scenario)
        changed = case.without(set(planned) - set(built)).with_effects({*there, scenario}, year)
        full = run(changed, year, reference=base)
    units = case.table("counts").drop_duplicates("series").set_index("series")["unit"]
    runs = {"base": base, "without": without, "with_projects": full}
    table = pd.DataFrame({name: counted(flows) for name, flows in runs.items()})
    table.insert(0, "unit", units.reindex(table.index))
    days = pd.DataFrame({name: _days(flows) for name, flows in runs.items()}).dropna(how="all")
    days = days.reindex([one for one in case.table("corridors")["id"] if one in days.index]).rename_axis("corridor")
    return Forecast(base, without, full, built, table.rename_axis("series").reset_index(), days.reset_index(), scenario)


def _projects_of(case: Case, scenario: str) -> tuple[str, ...]:
    """The projects that a scenario names; raise SolveError if there is no such scenario."""
    table = case.table("scenarios").set_index("id")["causes"]
    if scenario not in table.index:
        raise SolveError(f"no scenario {scenario!r}; name one of {', '.join(table.index) or 'the table scenarios'}")
    projects = set(case.table("projects")["id"])
    return tuple(one for one in table[scenario].split() if one in projects)


def _days(flows: Flows) -> pd.Series[float]:
    return indicators(flows, "corridor").set_index("corridor")["days"]

"""A year to come, without and with the projects known: what the calibrated model counts of each series."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bactrian.assign import Flows
from bactrian.calibration.hindcast import happened
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.measure import counted
from bactrian.verbs import check_year, run

__all__ = ["Forecast", "forecast"]


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What a year looks like if nothing more is built, and if all is that is known.

    - `base`, `without`, `with_projects`: the runs of the year the demand is known for, and of the year to come.
    - `projects` that count in the last one.
    - `table`: series, unit, and what the model counts in each run.
    """

    base: Flows
    without: Flows
    with_projects: Flows
    projects: tuple[str, ...]
    table: pd.DataFrame


def forecast(case: Case, year: int) -> Forecast:
    """Run `year` as things stand, then with every project of the case that opens by then.

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
    full = run(case.with_effects({*there, *built}, year), year, reference=base)
    units = case.table("counts").drop_duplicates("series").set_index("series")["unit"]
    runs = {"base": base, "without": without, "with_projects": full}
    table = pd.DataFrame({name: counted(flows) for name, flows in runs.items()})
    table.insert(0, "unit", units.reindex(table.index))
    return Forecast(base, without, full, built, table.rename_axis("series").reset_index())

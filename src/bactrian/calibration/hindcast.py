"""A year that nothing was fitted to, predicted from the calibrated one: growth, and the events known since.

The base is the year the demand is known for, with the events in force in it. Demand grows from there by the case's own
rates, and answers to what events do to cost; no adjustment is fitted again.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bactrian.assign import Flows
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.measure import against_counts, counted
from bactrian.verbs import check_year, run

__all__ = ["Hindcast", "happened", "hindcast"]


@dataclass(frozen=True, slots=True, eq=False)
class Hindcast:
    """What a year looks like from its base.

    - `base`, `flows`: the runs of the base year and of the year. `causes`: events and completed projects in force in
      the year, with the share of it.
    - `card`: observations of the year beside the model, and `base_modelled`, what the model counts in the base year
      (see `bactrian.measure.against_counts`).
    """

    base: Flows
    flows: Flows
    causes: dict[str, float]
    card: pd.DataFrame


def hindcast(case: Case, year: int, observed: pd.DataFrame | None = None) -> Hindcast:
    """Predict `year` with what had happened by then, and set `observed` (series, year, value, unit) beside it.

    Without `observed` the observations of the case are taken. Raises CaseError and SolveError as `run` does.

    >>> import bactrian as ba
    >>> told = hindcast(ba.load("transcaspian"), 2022)  # doctest: +SKIP
    """
    check_year(year)
    start = demand(case, year).base_year
    base = run(case.with_effects(happened(case, start), start).rebased(), start)
    causes = happened(case, year)
    flows = run(case.with_effects(causes, year), year, reference=base)
    card = against_counts(flows, case.table("observations") if observed is None else observed)
    before = card["series"].map(counted(base)).where(card["modelled"].notna())
    card.insert(3, "base_modelled", before)
    return Hindcast(base, flows, causes, card)


def happened(case: Case, year: int) -> dict[str, float]:
    """Events and completed projects in force in `year`, each with the share of the year."""
    projects = case.table("projects").set_index("id")["status"]
    return {
        cause: share
        for cause, share in case.in_force(year).items()
        if cause not in projects.index or projects[cause] == "completed"
    }

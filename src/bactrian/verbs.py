"""The verbs that tie rooms together: from a case and a year to flows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bactrian.assign import Flows, Method, assign
from bactrian.case import Case, load
from bactrian.demand import demand
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.network import build

__all__ = ["answers_to_cost", "asked", "check_year", "reference_of", "run", "usual_year"]

FIRST_YEAR, LAST_YEAR = 1990, 2100


def run(
    case: Case | str | Path,
    year: int | None = None,
    method: Method = "logit",
    reference: Flows | None = None,
    carbon_usd_per_t: float = 0.0,
) -> Flows:
    """Assign the demand of `year` to the network of `case` (or of the case of that name or folder).

    Without a year it is the one that demand is known for, see `usual_year`.

    Demand answers to cost, by the `cost_elasticity` of each commodity, against `reference`: the flows of the year that
    demand is known for, on the case as loaded. They are found first if they are not given; that year itself, on the
    case as loaded, answers to nothing. Demand does not answer by the method `capacity`.

    `carbon_usd_per_t` is a price that shippers pay for each tonne of CO2e, well to wheel, beside what carriers ask for;
    the reference is without one.

    Raises CaseError for a faulty case or one without the emission factors that a price needs, and SolveError for an
    unknown method, a year before 1990 or after 2100, a price that is none, or when there is no solution.

    >>> flows = run("transcaspian", year=2021)
    >>> flows.certificate.holds
    True
    """
    loaded = case if isinstance(case, Case) else load(case)
    year = usual_year(loaded) if year is None else year
    check_year(year)
    network = build(loaded, year, carbon_usd_per_t)
    if reference is None and method != "capacity":
        is_reference = year == demand(loaded, year).base_year and not loaded.changes and not carbon_usd_per_t
        reference = None if is_reference else reference_of(loaded, year, method)
    return assign(network, asked(loaded, year, reference), method, reference)


def answers_to_cost(case: Case) -> bool:
    """Whether the demand of any commodity answers to what transport costs."""
    return bool((case.table("commodities")["cost_elasticity"] != 0).any())


def usual_year(case: Case | str | Path) -> int:
    """The year that is run where none is named: the latest that the demand of the case is known for.

    >>> usual_year("transcaspian"), usual_year("northern_corridor")
    (2021, 2023)
    """
    years = (case if isinstance(case, Case) else load(case)).table("demand")["year"]
    if years.empty:
        raise CaseError([Finding("demand", 0, "", "has no rows", "add a row for what is to be carried")])
    return int(years.max())


def check_year(year: int) -> None:
    """Raise SolveError for a year that cannot be run: before 1990 or after 2100."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise SolveError(f"cannot run the year {year}: name one from {FIRST_YEAR} to {LAST_YEAR}")


def asked(case: Case, year: int, reference: Flows | None = None) -> pd.DataFrame:
    """The demand of `case` in `year` as `assign` takes it, with what its pairs cost in the reference if there is one.

    Raises CaseError as `demand` does.
    """
    table = demand(case, year).table
    if reference is None:
        return table
    trade = ["origin", "destination", "commodity"]
    costs = reference.pairs.set_index(trade)[["cost_usd", "composite_usd", "least_usd"]]
    costs.columns = pd.Index(["reference_usd", "reference_composite_usd", "least_usd"])
    elasticity = -case.table("commodities").set_index("id")["cost_elasticity"]
    original = table.assign(commodity=case.counted_as(table["commodity"]))  # a variant answers as its original does
    costs = original[trade].join(costs, on=trade).drop(columns=trade)
    return table.join(costs).assign(elasticity=table["commodity"].map(elasticity))


def reference_of(case: Case, year: int, method: Method = "logit") -> Flows | None:
    """What the demand of `case` in `year` answers to: the run of the year it is known for, on the case as loaded.

    None when the demand of no commodity answers to cost. Raises as `run` does.
    """
    if not answers_to_cost(case):
        return None
    return run(case.original, demand(case, year).base_year, method)

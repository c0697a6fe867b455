"""The verbs that tie rooms together: from a case and a year to flows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bactrian.assign import Flows, Method, assign
from bactrian.case import Case, load
from bactrian.demand import demand
from bactrian.errors import SolveError
from bactrian.network import build

__all__ = ["run"]

FIRST_YEAR, LAST_YEAR = 1990, 2100


def run(case: Case | str | Path, year: int = 2021, method: Method = "logit", reference: Flows | None = None) -> Flows:
    """Assign the demand of `year` to the network of `case` (or of the case of that name or folder).

    Demand answers to cost, by the `cost_elasticity` of each commodity, against `reference`: the flows of the year that
    demand is known for, on the case as loaded. They are found first if they are not given; that year itself, on the
    case as loaded, answers to nothing. Demand does not answer by the method `capacity`.

    Raises CaseError for a faulty case and SolveError for an unknown method, a year before 1990 or after 2100, or when
    there is no solution.

    >>> flows = run("transcaspian", year=2021)
    >>> flows.certificate.holds
    True
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise SolveError(f"cannot run the year {year}: name one from {FIRST_YEAR} to {LAST_YEAR}")
    loaded = case if isinstance(case, Case) else load(case)
    asked = demand(loaded, year)
    table = asked.table
    is_reference = year == asked.base_year and not loaded.changes
    answers = bool((loaded.table("commodities")["cost_elasticity"] != 0).any())
    if reference is None and answers and not is_reference and method != "capacity":
        reference = run(loaded.original, asked.base_year, method)
    if reference is not None:
        table = _answering(loaded, table, reference)
    return assign(build(loaded, year), table, method, reference)


def _answering(case: Case, table: pd.DataFrame, reference: Flows) -> pd.DataFrame:
    """Demand with what its pairs cost in the reference, and how it answers to that."""
    trade = ["origin", "destination", "commodity"]
    costs = reference.pairs.set_index(trade)[["cost_usd", "composite_usd", "least_usd"]]
    costs.columns = pd.Index(["reference_usd", "reference_composite_usd", "least_usd"])
    elasticity = -case.table("commodities").set_index("id")["cost_elasticity"]
    return table.join(costs, on=trade).assign(elasticity=table["commodity"].map(elasticity))

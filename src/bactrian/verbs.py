"""The verbs that tie rooms together: from a case and a year to flows."""

from __future__ import annotations

from pathlib import Path

from bactrian.assign import Flows, Method, assign
from bactrian.case import Case, load
from bactrian.demand import demand
from bactrian.errors import SolveError
from bactrian.network import build

__all__ = ["run"]

FIRST_YEAR, LAST_YEAR = 1990, 2100


def run(case: Case | str | Path, year: int = 2021, method: Method = "logit") -> Flows:
    """Assign the demand of `year` to the network of `case` (or of the case of that name or folder).

    Raises CaseError for a faulty case and SolveError for an unknown method, a year before 1990 or after 2100, or when
    there is no solution.

    >>> flows = run("transcaspian", year=2021)
    >>> flows.certificate.holds
    True
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise SolveError(f"cannot run the year {year}: name one from {FIRST_YEAR} to {LAST_YEAR}")
    loaded = case if isinstance(case, Case) else load(case)
    return assign(build(loaded, year), demand(loaded, year).table, method)

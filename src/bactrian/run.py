"""The main job: from a case and a year to flows."""

from __future__ import annotations

from pathlib import Path

from bactrian.assign import Flows, Method, assign
from bactrian.case import Case, load
from bactrian.demand import demand
from bactrian.network import build

__all__ = ["run"]


def run(case: Case | str | Path, year: int = 2021, method: Method = "logit") -> Flows:
    """Assign the demand of `year` to the network of `case` (or of the case of that name or folder).

    Raises CaseError for a faulty case and SolveError for an unknown method or when there is no solution.

    >>> flows = run("transcaspian", year=2021)
    >>> flows.certificate.holds
    True
    """
    loaded = case if isinstance(case, Case) else load(case)
    return assign(build(loaded, year), demand(loaded, year).table, method)

"""Programmes that stand up to several futures: expected value, regret, and the mean of the worst.

The futures are those of the table `scenarios`, weighted by their chances. Programmes to compare are the best found for
each future and for the expectation over all. Regret is what a programme falls short in a future of the best of them
there. The conditional value at risk is the mean value over the worst futures that make up a share of all chance
(Rockafellar and Uryasev 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.case import Case
from bactrian.errors import SolveError
from bactrian.planning.candidates import Field
from bactrian.planning.rules import Menu
from bactrian.planning.search import Found, Key, Starts, search
from bactrian.planning.stage import Set
from bactrian.planning.terms import Terms
from bactrian.planning.worth import Worth, worth_of

__all__ = ["Futures", "Robust", "conditional_mean", "futures_of", "robust_plan", "scenarios_of"]

Floats = NDArray[np.float64]

TAIL = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Futures:
    """Several futures at once: gains and values are means by chance; `chances` sum to 1."""

    worths: tuple[Worth, ...]
    chances: tuple[float, ...]

    @property
    def field(self) -> Field:
        """What there is to decide, the same in all futures."""
        return self.worths[0].field

    @property
    def terms(self) -> Terms:
        """The terms, the same in all futures."""
        return self.worths[0].terms

    def _mean(self, values: Sequence[float]) -> float:
        return math.fsum(chance * value for chance, value in zip(self.chances, values, strict=True))

    def at(self, year: int, open_: Set) -> float:
        """The mean gain of a model year."""
        return self._mean([one.at(year, open_) for one in self.worths])

    def before(self, year: int, open_: Set) -> float:
        """The mean gain before what is forgone."""
        return self._mean([one.before(year, open_) for one in self.worths])

    def tried_in(self, year: int) -> Collection[Set]:
        """The sets tried in all futures."""
        common = set(self.worths[0].tried_in(year))
        return sorted(common.intersection(*(set(one.tried_in(year)) for one in self.worths)), key=sorted)

    def open_in(self, starts: Starts, year: int) -> Set:
        """The projects open in a year."""
        return self.worths[0].open_in(starts, year)

    def cost(self, starts: Starts) -> float:
        """Present value of all costs."""
        return self.worths[0].cost(starts)

    def value(self, starts: Starts) -> float:
        """Expected net present value."""
        return self._mean([one.value(starts) for one in self.worths])


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """`values` has the net present value (mUSD) of each programme (rows) in each future (columns); `programmes` are
    the starts of the rows, `chances` those of the columns. `scores` has for each row the `expected` value, the largest
    `regret` and the conditional mean of the worst `tail` of chance (`worst_mean`). The best of each kind are named."""

    programmes: dict[str, dict[str, int]]
    chances: pd.Series
    values: pd.DataFrame
    scores: pd.DataFrame
    tail: float

    @property
    def best(self) -> dict[str, str]:
        """The row that is best by each score."""
        return {
            "expected": str(self.scores["expected"].idxmax()),
            "regret": str(self.scores["regret"].idxmin()),
            "worst_mean": str(self.scores["worst_mean"].idxmax()),
        }


def scenarios_of(case: Case) -> pd.DataFrame:
    """The table `scenarios`; raise SolveError where it is empty."""
    table = case.table("scenarios")
    if table.empty:
        raise SolveError("no futures to stand up to: add rows to the table scenarios")
    return table


def futures_of(
    case: Case,
    field: Field,
    terms: Terms,
    reference: Flows | None,
    tell: Callable[[str], None] | None = None,
    known: Worth | None = None,
) -> Futures:
    """The futures of the table `scenarios`; `known` is that without a scenario, if it has been laid out already.

    Raises SolveError where the table is empty.
    """
    table = scenarios_of(case)
    acting = set(case.table("effects")["cause"]) | set(case.table("avoidances")["cause"])
    worths = []
    for name, causes in zip(table["id"], table["causes"], strict=True):
        if known and not causes and name not in acting:
            worths.append(replace(known, name=str(name)))
        else:
            worths.append(worth_of(case, field, terms, reference, str(name), tell))
    chances = table["chance"].to_numpy(dtype=float)
    return Futures(tuple(worths), tuple((chances / chances.sum()).tolist()))


def robust_plan(
    futures: Futures, menu: Menu, found: Found, until: float = float("inf"), tell: Callable[[str], None] | None = None
) -> Robust:
    """Compare programmes over `futures`: the best found for each, for the expectation, and `found`."""
    programmes: dict[Key, str] = {}

    def add(name: str, starts: Starts) -> None:
        programmes.setdefault(tuple(sorted(starts.items())), name)

    add("as planned", found.starts)
    for worth in futures.worths:
        if tell:
            tell(f"the best programme for the future {worth.name}")
        add(f"best for {worth.name}", search(worth, menu, until, None, found).starts)
    if tell:
        tell("the best programme for the expectation")
    known = Found(found.starts, found.value, dict.fromkeys(programmes, 0.0), found.together)
    add("best expected", search(futures, menu, until, None, known).starts)
    names = list(programmes.values())
    columns = [worth.name for worth in futures.worths]
    values = pd.DataFrame(
        [[worth.value(dict(key)) for worth in futures.worths] for key in programmes], index=names, columns=columns
    )
    chances = pd.Series(futures.chances, index=columns, name="chance")
    scores = pd.DataFrame(
        {
            "expected": values.to_numpy() @ chances.to_numpy(),
            "regret": (values.max() - values).max(axis=1),
            "worst_mean": [conditional_mean(row, np.array(futures.chances), TAIL) for row in values.to_numpy()],
        },
        index=names,
    )
    return Robust({name: dict(key) for key, name in programmes.items()}, chances, values, scores, TAIL)


def conditional_mean(values: Floats, chances: Floats, tail: float) -> float:
    """Mean of the worst values that make up a share `tail` of all chance.

    >>> round(conditional_mean(np.array([1.0, 5.0, 9.0]), np.array([0.1, 0.4, 0.5]), 0.2), 12)
    3.0
    """
    order = np.argsort(values, kind="stable")
    taken = np.minimum(np.maximum(tail - np.concatenate([[0.0], np.cumsum(chances[order])[:-1]]), 0.0), chances[order])
    return float(taken @ values[order] / tail)

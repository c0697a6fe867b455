"""When something fails, in a few words: conditions on what was drawn that most failures meet and few others.

Conditions are added one at a time, each the one that raises most the harmonic mean of coverage, the share of failures
that meet them all, and density, the share of those that meet them all and fail (the measures of scenario discovery:
Bryant and Lempert 2010; F-measure of van Rijsbergen 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Condition", "Rule", "rule_of"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

CUTS = 20  # thresholds tried for a factor
LEAST = 0.01  # by which a condition must raise the harmonic mean, to be worth reading


class Condition(NamedTuple):
    """A factor, whether it is "at least" or "at most", and what."""

    factor: str
    side: str
    value: float

    def __str__(self) -> str:
        return f"{self.factor} is {self.side} {self.value:.4g}"

    def met(self, draws: pd.DataFrame) -> Bools:
        """Which draws meet it."""
        values = draws[self.factor].to_numpy(dtype=np.float64)
        met: Bools = values >= self.value if self.side == "at least" else values <= self.value
        return met


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions that hold together; which share of all draws fails (`share`), of the failures meets them (`coverage`)
    and of those that meet them fails (`density`). No conditions: nothing drawn tells failures from the rest."""

    conditions: tuple[Condition, ...]
    share: float
    coverage: float
    density: float


def rule_of(draws: pd.DataFrame, fails: Bools, most: int = 3) -> Rule:
    """Find up to `most` conditions on the columns of `draws` that say when a draw `fails`.

    >>> draws = pd.DataFrame({"demand": [0.8, 0.9, 1.0, 1.1], "other": [1.0, 0.0, 1.0, 0.0]})
    >>> rule = rule_of(draws, np.array([True, True, False, False]))
    >>> [str(one) for one in rule.conditions], rule.coverage, rule.density
    (['demand is at most 0.9'], 1.0, 1.0)
    """
    share = float(fails.mean())
    inside = np.ones(len(draws), dtype=np.bool_)
    chosen: list[Condition] = []
    best = _harmonic(inside, fails)
    while share > 0 and len(chosen) < most:
        tried = [(_harmonic(inside & one.met(draws), fails), one) for one in _conditions(draws, inside)]
        score, condition = max(tried, key=lambda each: each[0], default=(0.0, None))
        if condition is None or score < best + LEAST:
            break
        best, inside = score, inside & condition.met(draws)
        chosen.append(condition)
    coverage = float(inside[fails].mean()) if share > 0 else 0.0
    return Rule(tuple(chosen), share, coverage, float(fails[inside].mean()) if inside.any() else 0.0)


def _harmonic(inside: Bools, fails: Bools) -> float:
    """The harmonic mean of coverage and density."""
    both = float((inside & fails).sum())
    return 2 * both / max(1.0, float(inside.sum() + fails.sum()))


def _conditions(draws: pd.DataFrame, inside: Bools) -> list[Condition]:
    """Thresholds at which each factor could be cut, halfway between nothing and everything."""
    found = []
    for factor in draws.columns:
        values = np.unique(draws[factor].to_numpy(dtype=np.float64)[inside])
        if values.size > CUTS:
            values = np.quantile(values, np.linspace(0, 1, CUTS), method="nearest")
        if values.size > 1:
            found += [Condition(factor, "at least", float(one)) for one in values[1:]]
            found += [Condition(factor, "at most", float(one)) for one in values[:-1]]
    return found

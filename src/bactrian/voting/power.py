"""How much say each member has: in how many ways their vote decides.

A member swings a coalition that loses without, and wins with them. Banzhaf (1965), Weighted voting doesn't work,
Rutgers Law Review 19: the share of coalitions of others that they swing. Shapley and Shubik (1954), A method for
evaluating the distribution of power in a committee system, American Political Science Review 48: the chance to be the
one who swings, when members join in random order. Coleman (1971), Control of collectivities and the power of a
collectivity to act. Felsenthal and Machover (1998), The Measurement of Voting Power, compare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.errors import SolveError
from bactrian.voting.counting import count
from bactrian.voting.rule import Rule

__all__ = ["Power", "minimal_blocking", "minimal_winning", "power"]

Bools = NDArray[np.bool_]

MOST = 20  # members whose coalitions are listed


@dataclass(frozen=True, slots=True)
class Power:
    """What a `rule` gives its n members, all as exact fractions and whole numbers.

    `winning`: coalitions that win, of 2**n; by member: `swings`, coalitions that they swing, of 2**(n-1), and
    `shapley_shubik`, which adds up to 1.
    """

    rule: Rule
    winning: int
    swings: tuple[int, ...]
    shapley_shubik: tuple[Fraction, ...]

    @property
    def banzhaf(self) -> tuple[Fraction, ...]:
        """The chance of each member to swing, if all others toss coins."""
        return tuple(Fraction(one, 2 ** (len(self.swings) - 1)) for one in self.swings)

    @property
    def banzhaf_normalised(self) -> tuple[Fraction, ...]:
        """Shares of all swings, which add up to 1."""
        return tuple(Fraction(one, sum(self.swings)) for one in self.swings)

    @property
    def act(self) -> Fraction:
        """Coleman's power of the body to act: the chance that a proposal passes, if all toss coins."""
        return Fraction(self.winning, 2 ** len(self.swings))

    @property
    def prevent(self) -> tuple[Fraction, ...]:
        """Coleman's power of each member to prevent: the share of winning coalitions that would lose without them."""
        return tuple(Fraction(one, self.winning) for one in self.swings)

    @property
    def initiate(self) -> tuple[Fraction, ...]:
        """Coleman's power of each member to initiate: the share of losing coalitions that would win with them."""
        return tuple(Fraction(one, 2 ** len(self.swings) - self.winning) for one in self.swings)

    @property
    def vetoes(self) -> tuple[str, ...]:
        """Members without whom nothing passes."""
        return self._named([one == self.winning for one in self.swings])

    @property
    def dummies(self) -> tuple[str, ...]:
        """Members whose vote never matters."""
        return self._named([one == 0 for one in self.swings])

    def table(self) -> pd.DataFrame:
        """The indices by member, as plain numbers."""
        columns = {
            "shapley_shubik": self.shapley_shubik,
            "banzhaf": self.banzhaf,
            "banzhaf_normalised": self.banzhaf_normalised,
            "prevent": self.prevent,
            "initiate": self.initiate,
        }
        index = pd.Index(self.rule.members, name="member")
        return pd.DataFrame({name: [float(one) for one in column] for name, column in columns.items()}, index=index)

    def _named(self, which: list[bool]) -> tuple[str, ...]:
        return tuple(name for name, so in zip(self.rule.members, which, strict=True) if so)


def power(rule: Rule) -> Power:
    """Work out the say of each member. Raises SolveError where there are too many members of different weights.

    >>> from bactrian.voting import weighted
    >>> found = power(weighted({"a": 50, "b": 49, "c": 1}, share="more than 1/2"))
    >>> found.swings, [str(one) for one in found.shapley_shubik], found.act
    ((3, 1, 1), ['2/3', '1/6', '1/6'], Fraction(3, 8))
    """
    counts, members = count(rule), len(rule.members)
    winning, swings, indices = sum(counts.winning), [], []
    for holding in counts.holding:
        by_size = [holding[size + 1] + holding[size] - counts.winning[size] for size in range(members)]
        swings.append(sum(by_size))
        chances = (Fraction(some, comb(members - 1, size)) for size, some in enumerate(by_size) if some)
        indices.append(sum(chances, Fraction(0)) / members)
    return Power(rule, winning, tuple(swings), tuple(indices))


def minimal_winning(rule: Rule) -> tuple[tuple[str, ...], ...]:
    """Coalitions that win, and lose if anybody leaves; the small ones first. Raises SolveError for above 20 members.

    >>> from bactrian.voting import weighted
    >>> minimal_winning(weighted({"a": 50, "b": 49, "c": 1}, 51))
    (('a', 'b'), ('a', 'c'))
    """
    return _minimal(rule, _wins(rule))


def minimal_blocking(rule: Rule) -> tuple[tuple[str, ...], ...]:
    """Coalitions without whom nothing passes, and of whom none could be spared for that; the small ones first.

    >>> from bactrian.voting import weighted
    >>> minimal_blocking(weighted({"a": 50, "b": 49, "c": 1}, 51))
    (('a',), ('b', 'c'))
    """
    return _minimal(rule, ~_wins(rule)[::-1])


def _wins(rule: Rule) -> Bools:
    """Whether each coalition wins (2**n), by bit mask."""
    if len(rule.members) > MOST:
        raise SolveError(f"coalitions of {len(rule.members)} members are too many to list; {MOST} is the most")
    totals = []
    for measure in rule.measures:
        total = np.zeros(1, dtype=np.int64)
        for weight in measure:
            total = np.concatenate([total, total + weight])
        totals.append(total)
    return rule.decide(totals)


def _minimal(rule: Rule, does: Bools) -> tuple[tuple[str, ...], ...]:
    least = does.copy()
    for i in range(len(rule.members)):
        pairs = does.reshape(-1, 2, 1 << i)
        least.reshape(-1, 2, 1 << i)[:, 1] &= ~pairs[:, 0]
    groups = [[name for i, name in enumerate(rule.members) if mask >> i & 1] for mask in np.flatnonzero(least).tolist()]
    return tuple(map(tuple, sorted(groups, key=len)))

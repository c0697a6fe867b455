"""Rules of voting: who must be in favour for a proposal to pass.

A rule is made of majorities, each of heads or of weights, joined by `&` (all must be met) and `|` (one is enough).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import SolveError
from bactrian.formats import read_share

__all__ = ["AtLeast", "Joined", "Rule", "heads", "unanimity", "weighted"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Number = int | float | Fraction

LARGEST = 2**62  # sum of weights, as whole numbers


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Met if the weights of those in favour, by the rule's `measure`, reach the `quota`."""

    measure: int
    quota: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Met if `every` part is, or else if one is."""

    every: bool
    parts: tuple[Test, ...]


Test = AtLeast | Joined


@dataclass(frozen=True, slots=True)
class Rule:
    """Who votes (`members`), what is counted (`measures`: whole weights of all members, each), and the `test` of it.

    At least 15 of 27 states with 65 % of the people, or all but 3 states, is
    `heads(states, 15) & weighted(people, share="65 %") | heads(states, 24)`.

    >>> rule = heads("abc", 2) & weighted({"a": 5, "b": 3, "c": 1}, 6) & unanimity("a")
    >>> rule.passes(["a", "b"]), rule.passes(["a", "c"]), rule.passes(["b", "c"])
    (True, True, False)
    >>> rule.members, rule.measures
    (('a', 'b', 'c'), ((1, 1, 1), (5, 3, 1), (1, 0, 0)))
    """

    members: tuple[str, ...]
    measures: tuple[tuple[int, ...], ...]
    test: Test

    def __and__(self, other: Rule) -> Rule:
        return _join(self, other, every=True)

    def __or__(self, other: Rule) -> Rule:
        return _join(self, other, every=False)

    def decide(self, totals: Sequence[Ints]) -> Bools:
        """Whether a proposal passes, where each measure's total of those in favour is an entry of its array."""
        return _decide(self.test, totals)

    def passes(self, favour: Iterable[str]) -> bool:
        """Whether a proposal passes with these members in favour and all others against."""
        group = {favour} if isinstance(favour, str) else set(favour)
        if unknown := group - set(self.members):
            raise SolveError(f"there is no member {min(unknown)!r}")
        into = [name in group for name in self.members]
        totals = [np.array(sum(w for w, yes in zip(one, into, strict=True) if yes)) for one in self.measures]
        return bool(self.decide(totals))


def heads(members: Iterable[str], at_least: int | None = None, *, share: Number | str | None = None) -> Rule:
    """A number of members, or a share of them such as 2/3, must be in favour.

    >>> heads("abcdef", share="2/3").test
    AtLeast(measure=0, quota=4)
    """
    return weighted(dict.fromkeys(members, 1), at_least, share=share)


def unanimity(members: Iterable[str]) -> Rule:
    """All of these must be in favour: each has a veto."""
    names = tuple(members)
    return heads(names, len(names))


def weighted(weights: Mapping[str, Number], quota: Number | None = None, *, share: Number | str | None = None) -> Rule:
    """Members with a weight of at least `quota` in all, or a `share` of all weights, must be in favour.

    A share is a number, or a text: "65 %", "2/3", or with "more than" in front, "more than 1/2". Numbers are taken as
    they are written (0.1 is a tenth). Raises SolveError where a weight is below 0, where nobody is needed to reach the
    quota, or where all together do not.

    >>> weighted({"a": 50, "b": 30.5, "c": 19.5}, share="more than 1/2")
    Rule(members=('a', 'b', 'c'), measures=((100, 61, 39),), test=AtLeast(measure=0, quota=101))
    """
    if (quota is None) == (share is None):
        raise SolveError("a majority needs either a quota or a share")
    exact = {name: _exact(weight) for name, weight in weights.items()}
    if any(weight < 0 for weight in exact.values()):
        raise SolveError("a weight is below 0")
    total = sum(exact.values(), Fraction(0))
    unit = lcm(*(weight.denominator for weight in exact.values()))
    if total * unit > LARGEST:
        raise SolveError(f"weights add up to {float(total):g} with parts of 1/{unit}: give fewer digits")
    part, strictly = _share(share) if share is not None else (Fraction(0), False)
    wanted = part * total if quota is None else _exact(quota)
    needed = floor(wanted * unit) + 1 if strictly else ceil(wanted * unit)
    if not 0 < needed <= total * unit:
        raise SolveError(f"a quota must be above 0 and at most {float(total):g}, all weights; it is {float(wanted):g}")
    return Rule(tuple(exact), (tuple(int(weight * unit) for weight in exact.values()),), AtLeast(0, needed))


def _exact(number: object) -> Fraction:
    try:
        return Fraction(str(number))
    except (ValueError, ZeroDivisionError):
        raise SolveError(f"{number!r} is not a number") from None


def _share(share: Number | str) -> tuple[Fraction, bool]:
    try:
        return read_share(share) if isinstance(share, str) else (_exact(share), False)
    except ValueError as error:
        raise SolveError(str(error)) from None


def _join(one: Rule, other: Rule, *, every: bool) -> Rule:
    members = tuple(dict.fromkeys([*one.members, *other.members]))
    found: dict[tuple[int, ...], int] = {}
    tests = []
    for rule in (one, other):
        at = []
        for measure in rule.measures:
            given = dict(zip(rule.members, measure, strict=True))
            at.append(found.setdefault(tuple(given.get(name, 0) for name in members), len(found)))
        tests.append(_renumbered(rule.test, at))
    parts: list[Test] = []
    for test in tests:
        parts += test.parts if isinstance(test, Joined) and test.every == every else [test]
    return Rule(members, tuple(found), Joined(every, tuple(parts)))


def _renumbered(test: Test, at: list[int]) -> Test:
    if isinstance(test, AtLeast):
        return AtLeast(at[test.measure], test.quota)
    return Joined(test.every, tuple(_renumbered(part, at) for part in test.parts))


def _decide(test: Test, totals: Sequence[Ints]) -> Bools:
    if isinstance(test, AtLeast):
        return totals[test.measure] >= test.quota
    first, *rest = (_decide(part, totals) for part in test.parts)
    for part in rest:
        first = first & part if test.every else first | part
    return first

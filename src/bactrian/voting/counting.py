"""How many coalitions win, by their size and by who is in them: exact whole numbers, by three ways to count.

`by_classes` counts how many of each kind of members are in favour, where few kinds differ: any number of members.
`by_totals` is a generating function over sizes and totals of weights, for many members of small weights (Brams and
Affuso 1976; Bilbao, Fernández, Jiménez Losada and López 2000, TOP 8). `by_halves` looks at every coalition, put
together from one of each half of the members, for up to 30 members of any weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import SolveError
from bactrian.voting.rule import Rule

__all__ = ["Counts", "by_classes", "by_halves", "by_totals", "count"]

Ints = NDArray[np.int64]
Numbers = NDArray[np.object_] | Ints

FEW_WAYS = 100_000  # to be in favour by kinds of members
QUICK_HALVES, MOST_HALVES = 22, 30  # members
CELLS = 300_000_000  # of work for a generating function
SMALL = 62  # members whose coalitions an integer of 64 bits can count


@dataclass(frozen=True, slots=True)
class Counts:
    """`winning`: coalitions that win, by size (n + 1); `holding`: those that hold a member, by member and size."""

    winning: tuple[int, ...]
    holding: tuple[tuple[int, ...], ...]


def count(rule: Rule) -> Counts:
    """Count by the way that suits the rule; raise SolveError where none does.

    >>> from bactrian.voting import weighted
    >>> count(weighted({"a": 2, "b": 1, "c": 1}, 3))
    Counts(winning=(0, 0, 2, 1), holding=((0, 0, 2, 1), (0, 0, 1, 1), (0, 0, 1, 1)))
    """
    members, kinds = len(rule.members), _kinds(rule)
    if prod(len(of) + 1 for of in kinds.values()) <= FEW_WAYS:
        return by_classes(rule)
    if members <= QUICK_HALVES:
        return by_halves(rule)
    if len(kinds) * (members + 1) * prod(sum(measure) + 1 for measure in _weights(rule)) <= CELLS:
        return by_totals(rule)
    if members <= MOST_HALVES:
        return by_halves(rule)
    rule_of_thumb = f"for more than {MOST_HALVES}, round weights to fewer digits, such as whole per mille"
    raise SolveError(f"{members} members with so many different weights cannot be counted: {rule_of_thumb}")


def by_classes(rule: Rule) -> Counts:
    """Go through the numbers of members in favour, kind by kind."""
    kinds = _kinds(rule)
    sizes = [len(of) for of in kinds.values()]
    ways = np.indices([size + 1 for size in sizes]).reshape(len(sizes), -1)
    totals = [sum(weights[at] * ways[k] for k, weights in enumerate(kinds)) for at in range(len(rule.measures))]
    winning, held = _none(rule), [_none(rule) for _ in kinds]
    for way in ways[:, rule.decide([np.asarray(total) for total in totals])].T.tolist():
        of_all = prod(comb(size, some) for size, some in zip(sizes, way, strict=True))
        winning[sum(way)] += of_all
        for k, (size, some) in enumerate(zip(sizes, way, strict=True)):
            held[k][sum(way)] += of_all * some // size  # of a kind, each is in as many
    return _of_kinds(rule, winning, held)


def by_totals(rule: Rule) -> Counts:
    """A generating function in the size and in the total of each measure that is not of heads."""
    kinds, measures = _kinds(rule), _weights(rule)
    at = [measures.index(measure) if measure in measures else None for measure in rule.measures]
    shape = (len(rule.members) + 1, *(sum(measure) + 1 for measure in measures))
    table: Numbers = np.zeros(shape, dtype=np.int64 if len(rule.members) <= SMALL else object)
    table[(0,) * table.ndim] = 1
    steps = list(zip(*measures, strict=True)) if measures else [()] * len(rule.members)
    for step in steps:
        into, out = _shifted((1, *step))
        table[into] += table[out].copy()
    grid = np.ogrid[tuple(slice(size) for size in shape)]
    wins = np.broadcast_to(rule.decide([grid[0] if one is None else grid[one + 1] for one in at]), shape)
    winning, held = _by_size(table, wins), []
    for of in kinds.values():
        into, out = _shifted(steps[of[0]])
        without = table.copy()
        for size in range(1, len(without)):
            row = without[size, ...]
            row[into] -= without[size - 1, ...][out]
        held.append([all_ - some for all_, some in zip(winning, _by_size(without, wins), strict=True)])
    return _of_kinds(rule, winning, held)


def by_halves(rule: Rule) -> Counts:
    """Every coalition, as one of the first half of the members and one of the second."""
    members = len(rule.members)
    few = members // 2
    weights = np.array(rule.measures, dtype=np.int64)
    first, second = _subsets(weights[:, few:]), _subsets(weights[:, :few])
    sizes = _subsets(np.ones((1, members - few), dtype=np.int64))[0]
    order = np.argsort(sizes, kind="stable")
    first, starts = first[:, order], np.searchsorted(sizes[order], np.arange(members - few + 1))
    others = _subsets(np.ones((1, few), dtype=np.int64))[0]
    wins = np.zeros((few + 1, order.size), dtype=np.int64)  # by size of the second part, and first part
    rows = np.zeros((others.size, starts.size), dtype=np.int64)  # by second part, and size of the first
    for mask in range(others.size):
        won = rule.decide(list(first + second[:, mask, None]))
        wins[others[mask]] += won
        rows[mask] = np.add.reduceat(won.view(np.int8), starts, dtype=np.int64)
    winning, held = _none(rule), [_none(rule) for _ in rule.members]
    for size, group in enumerate(wins):
        for part, here in enumerate(np.add.reduceat(group, starts)):
            winning[size + part] += int(here)
        for i in range(members - few):
            for part, here in enumerate(np.add.reduceat(group * (order >> i & 1), starts)):
                held[few + i][size + part] += int(here)
    for i in range(few):
        has = np.arange(others.size) >> i & 1 == 1
        for size in range(few + 1):
            for part, here in enumerate(rows[has & (others == size)].sum(axis=0)):
                held[i][size + part] += int(here)
    return Counts(tuple(winning), tuple(map(tuple, held)))


def _kinds(rule: Rule) -> dict[tuple[int, ...], list[int]]:
    """Members by their weights in all measures: those alike can stand in for each other."""
    found: dict[tuple[int, ...], list[int]] = {}
    for i, weights in enumerate(zip(*rule.measures, strict=True)):
        found.setdefault(weights, []).append(i)
    return found


def _weights(rule: Rule) -> list[tuple[int, ...]]:
    """Measures that are not of heads."""
    return [measure for measure in rule.measures if set(measure) != {1}]


def _none(rule: Rule) -> list[int]:
    return [0] * (len(rule.members) + 1)


def _of_kinds(rule: Rule, winning: list[int], held: list[list[int]]) -> Counts:
    holding: list[tuple[int, ...]] = [()] * len(rule.members)
    for of, known in zip(_kinds(rule).values(), held, strict=True):
        for i in of:
            holding[i] = tuple(known)
    return Counts(tuple(winning), tuple(holding))


def _shifted(step: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where a member's weights lead to, and from where."""
    return tuple(slice(one, None) for one in step), tuple(slice(0, -one or None) for one in step)


def _by_size(table: Numbers, wins: NDArray[np.bool_]) -> list[int]:
    return [int(row[won].sum()) for row, won in zip(table, wins, strict=True)]


def _subsets(weights: Ints) -> Ints:
    """Totals of all subsets of members (measures, 2**n), by bit mask."""
    found = np.zeros((len(weights), 1), dtype=np.int64)
    for column in weights.T:
        found = np.concatenate([found, found + column[:, None]], axis=1)
    return found

"""Programmes that are nearly as good: what they share, and where there is a real choice.

For each project the best programme by the model of the search with the opposite decision on it is found at equilibrium;
then the same for pairs of decisions that by themselves cost little (modelling to generate alternatives, Brill, Chang
and Hopkins 1982). Programmes that build the same are one; that with the best years stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from bactrian.errors import SolveError
from bactrian.planning.rules import Menu
from bactrian.planning.search import Found, OutOfTimeError, Search, Starts, Valued
from bactrian.planning.stage import Set

__all__ = ["Alternatives", "alternatives_to"]

PAIRS = 40  # pairs of decisions that are reversed together


@dataclass(frozen=True, slots=True, eq=False)
class Alternatives:
    """`programmes` with their values (mUSD) that are `within` a share of the best, best first, one for each set of
    projects. `always` are built in all of them, `never` in none, `sometimes` in some: the real choices. `without` is
    the value of the best programme found in which the decision on a project is the opposite (nan if there is none)."""

    within: float
    programmes: tuple[tuple[dict[str, int], float], ...]
    always: tuple[str, ...]
    sometimes: tuple[str, ...]
    never: tuple[str, ...]
    without: dict[str, float]


def alternatives_to(
    worth: Valued, menu: Menu, found: Found, within: float = 0.02, until: float = float("inf")
) -> Alternatives:
    """Look for programmes within a share of the value of `found`, which is improved if a better one turns up."""
    search = Search(worth, menu, until, known=found)
    search.best = found
    names = list(worth.field.candidates)
    try:
        for name in search.names:
            _reverse(search, menu, found, [name])
        least = found.value - within * abs(found.value)
        close = [name for name in search.names if _without(found, name, name not in found.starts) >= least]
        pairs = sorted(
            combinations(close, 2), key=lambda pair: -sum(_without(found, one, one not in found.starts) for one in pair)
        )
        for pair in pairs[:PAIRS]:
            _reverse(search, menu, found, list(pair))
    except OutOfTimeError:
        pass
    return _told(names, found, within)


def _reverse(search: Search, menu: Menu, found: Found, names: list[str]) -> None:
    """Find the best programme with the opposite decisions at equilibrium, where the rules allow one."""
    for name in names:
        menu = menu.pinned(name, name not in found.starts)
    try:
        menu.best({})
    except SolveError:
        return
    search.value(search.pick(found.starts, len(search.names), menu))


def _without(found: Found, name: str, built: bool) -> float:
    return max((value for key, value in found.tried.items() if (name in dict(key)) == built), default=float("nan"))


def _told(names: list[str], found: Found, within: float) -> Alternatives:
    best: dict[Set, tuple[float, Starts]] = {}
    for key, value in sorted(found.tried.items()):
        built = frozenset(name for name, _ in key)
        if value >= found.value - within * abs(found.value) and (built not in best or value > best[built][0]):
            best[built] = value, dict(key)
    ordered = sorted(best.values(), key=lambda one: (-one[0], sorted(one[1].items())))
    count = {name: sum(name in built for built in best) for name in names}
    return Alternatives(
        within=within,
        programmes=tuple((dict(starts), value) for value, starts in ordered),
        always=tuple(name for name in names if best and count[name] == len(best)),
        sometimes=tuple(name for name in names if 0 < count[name] < len(best)),
        never=tuple(name for name in names if count[name] == 0),
        without={name: _without(found, name, name not in found.starts) for name in names},
    )

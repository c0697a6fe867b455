"""The certificate of a nucleolus: Kohlberg's condition, tested by code that shares nothing with the solver.

Kohlberg (1971), On the nucleolus of a characteristic function game, SIAM Journal on Applied Mathematics 20. Take the
coalitions whose excess is at least some level. Shares x are the nucleolus exactly if, at every level, no transfer y
among players (adding to 0, taking nothing from those who have no more than alone) leaves all these coalitions at least
as well off and one of them better off. Nguyen (2017), Simplifying the Kohlberg criterion on the nucleolus, shows that
only levels matter whose coalitions are not determined by those above: at most n - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from bactrian.errors import SolveError
from bactrian.games.game import Game

__all__ = ["Kohlberg", "certify_nucleolus"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SAME = 1e-9  # excesses, relative to the largest worth, that count as the same
FLAT = 1e-8  # of a vector of length 1, what counts as nothing
NONE = 1e-6  # what coalitions gain by a transfer of at most 1 per player, up to which it counts as none


@dataclass(frozen=True, slots=True)
class Kohlberg:
    """What was found: `holds`, or why not.

    `efficiency`: how far the shares are from adding up to the total, relative to the largest worth; `rational`: whether
    no player is worse off than alone, where that was asked; `levels`: how many were tested; `failed`: the excess of the
    first level at which some transfer helps, or None.
    """

    holds: bool
    efficiency: float
    rational: bool
    levels: int
    failed: float | None


def certify_nucleolus(game: Game, shares: Floats, *, individual: bool = True) -> Kohlberg:
    """Test Kohlberg's condition for `shares` (n) as the nucleolus, or as the prenucleolus if not `individual`.

    >>> glove = Game.of("lmr", lambda group: float("l" in group and len(group) > 1))
    >>> certify_nucleolus(glove, np.array([1.0, 0.0, 0.0])).holds
    True
    >>> round(certify_nucleolus(glove, np.array([0.8, 0.1, 0.1])).failed, 9)
    0.1
    """
    count = len(game.players)
    scale = max(float(np.abs(game.worth).max()), 1e-300)
    member = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(np.float64)
    excess = (game.worth - member @ shares) * (-1.0 if game.cost else 1.0)
    efficiency = abs(float(excess[-1])) / scale
    lone = excess[1 << np.arange(count)]
    rational = not individual or bool((lone <= SAME * scale).all())
    bare = np.abs(lone) <= SAME * scale if individual else np.zeros(count, dtype=bool)
    tested, failed = _test(member[1:-1], excess[1:-1], bare, SAME * scale)
    return Kohlberg(efficiency <= SAME and rational and failed is None, efficiency, rational, tested, failed)


def _test(member: Floats, excess: Floats, bare: Bools, same: float) -> tuple[int, float | None]:
    """Go down the levels until their coalitions determine all shares: how many were tested, and the one that failed."""
    count, tested = bare.size, 0
    known = np.ones((1, count)) / np.sqrt(count)  # directions of length 1 in which no transfer goes
    open_ = np.ones(excess.size, dtype=bool)
    while len(known) < count:
        across = np.eye(count) - known.T @ known
        open_ &= np.abs(member @ across).max(axis=1, initial=0.0) > FLAT
        order = np.flatnonzero(open_)
        order = order[np.argsort(-excess[order])]
        ends = np.flatnonzero(np.diff(excess[order]) < -same)
        new = order[: int(ends[0]) + 1 if ends.size else order.size]
        tested += 1
        if _transfer(member[new], known, bare) > NONE:
            return tested, float(excess[new[0]])
        _, sizes, directions = np.linalg.svd(np.vstack([known, member[new]]), full_matrices=False)
        known = directions[sizes > FLAT]
    return tested, None


def _transfer(member: Floats, known: Floats, bare: Bools) -> float:
    """The most that coalitions gain together by a transfer that harms none of them."""
    bounds = [(0.0 if own else -1.0, 1.0) for own in bare]
    gain, none = -member.sum(axis=0), np.zeros
    found = linprog(gain, A_ub=-member, b_ub=none(len(member)), A_eq=known, b_eq=none(len(known)), bounds=bounds)
    if not found.success:
        raise SolveError(f"Kohlberg's condition could not be tested: {found.message}")
    return -float(found.fun)

"""The least that the largest excess can be, by linear programmes that meet coalitions only when they are violated.

The excess of coalition S at shares x is what it would gain by leaving, e(S, x) = v(S) - x(S). Worth is a gain here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.design import Programme
from bactrian.errors import SolveError
from bactrian.games.game import Game, sums_of

__all__ = ["Level", "bits_of", "lowest", "scaled"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNIT = 1000.0  # the largest gain in a programme, whose tolerances are 1e-7
VIOLATED = 1e-6  # excess above the level that brings a coalition in
USED = 1e-7  # weight from which a coalition holds the level up; those of a basis are fractions of small determinants


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The least possible largest `excess` of the coalitions that are free, and `shares` (n) that reach it.

    `weights`, of coalitions by bit mask, add to 1 and prove it: each of these has that excess wherever it is reached.
    `floored` are players who have no more than their floor wherever it is reached.
    """

    excess: float
    shares: Floats
    weights: Mapping[int, float]
    floored: tuple[int, ...]


def scaled(game: Game) -> tuple[Floats, float]:
    """Gains above those of players alone (2**n), at most `UNIT`, and what one of them is in the unit of the game."""
    above = game.sign * (game.worth - sums_of(game.alone))
    size = float(np.abs(above).max()) / UNIT or 1.0
    return above / size, size


def lowest(gains: Floats, fixed: Mapping[int, float], free: Bools, floor: Floats) -> Level:
    """Make the largest excess of the `free` coalitions (2**n) small, those in `fixed` having what is given there.

    `gains` (2**n) are as `scaled`; no player has less than `floor` (n), which may be -inf.
    """
    count = floor.size
    rows = [mask for mask in _first(count) if free[mask]] or [int(np.argmax(free))]
    while True:
        solved = _programme(gains, fixed, rows, floor).solve()
        if solved.values is None or solved.row_dual is None or solved.reduced_cost is None:
            raise SolveError(f"the largest excess could not be made small: the programme is {solved.status}")
        shares, excess = solved.values[:count], float(solved.values[count])
        above = np.where(free, gains - sums_of(shares) - excess, -np.inf)
        above[rows] = -np.inf
        worst = np.argsort(above)[::-1][: 2 * count]
        worst = worst[above[worst] > VIOLATED]
        if not worst.size:
            break
        rows += worst.tolist()
    duals = solved.row_dual[len(fixed) :]
    weights = {mask: float(weight) for mask, weight in zip(rows, duals, strict=True) if weight > USED}
    floored = np.flatnonzero(np.isfinite(floor) & (solved.reduced_cost[:count] > USED))
    return Level(excess, shares, weights, tuple(floored.tolist()))


def bits_of(masks: list[int], players: int) -> Floats:
    """Who belongs to each coalition, as rows of 0 and 1."""
    return (np.array(masks, dtype=np.int64)[:, None] >> np.arange(players) & 1).astype(np.float64)


def _first(players: int) -> list[int]:
    """Single players and all but one: one of each pair is often what holds the level up."""
    whole, ones = 2**players - 1, [1 << i for i in range(players)]
    return list(dict.fromkeys([*ones, *(whole ^ one for one in ones)]))


def _programme(gains: Floats, fixed: Mapping[int, float], rows: list[int], floor: Floats) -> Programme:
    """Columns: the shares, and the level that no excess of `rows` is above."""
    count, ties = floor.size, len(fixed)
    matrix = np.hstack([bits_of([*fixed, *rows], count), np.repeat([[0.0], [1.0]], [ties, len(rows)], axis=0)])
    low = np.concatenate([np.array(list(fixed.values())), gains[rows]])
    return Programme(
        cost=np.append(np.zeros(count), 1.0),
        lower=np.append(floor, -np.inf),
        upper=np.full(count + 1, np.inf),
        whole=np.zeros(count + 1, dtype=bool),
        rows=csr_array(matrix),
        row_lower=low,
        row_upper=np.concatenate([low[:ties], np.full(len(rows), np.inf)]),
    )

"""The core: shares that no coalition leaves; and the least core, where it is empty or large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bactrian.games.game import CLOSE, Game, sizes_of, sums_of
from bactrian.games.levels import lowest, scaled

__all__ = ["LeastCore", "in_core", "least_core"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LeastCore:
    """The `excess` that some coalition has at least, however the total is shared, and `shares` (n) where none has more.

    The core is `empty` if it is above 0; else `shares` are in it. `proof` holds coalitions with weights, whose members
    are each in coalitions of weight 1 altogether: the weighted worth of these is the total plus the weights' sum times
    the excess, so that with an excess above 0 the total cannot give them all what they have by themselves.
    """

    excess: float
    shares: Floats
    empty: bool
    proof: tuple[tuple[tuple[str, ...], float], ...]


def least_core(game: Game) -> LeastCore:
    """Make the largest excess as small as possible; the `nucleolus` goes on from there.

    Maschler, Peleg and Shapley (1979), Geometric properties of the kernel, nucleolus, and related solution concepts,
    Mathematics of Operations Research 4; the proof is that of Bondareva (1963) and Shapley (1967).

    >>> least = least_core(Game.of("abc", lambda group: float(len(group) > 1)))
    >>> least.empty, round(least.excess, 9), [(*names, round(weight, 9)) for names, weight in least.proof]
    (True, 0.333333333, [('a', 'b', 0.5), ('a', 'c', 0.5), ('b', 'c', 0.5)])
    """
    count = len(game.players)
    if count == 1:
        return LeastCore(0.0, game.alone, False, ())
    gains, size = scaled(game)
    free = np.ones(gains.size, dtype=bool)
    free[[0, -1]] = False
    level = lowest(gains, {gains.size - 1: float(gains[-1])}, free, np.full(count, -np.inf))
    cover = sum(weight * int(sizes_of(count)[mask]) for mask, weight in level.weights.items()) / count
    worth = sum(weight * float(gains[mask]) for mask, weight in level.weights.items())
    excess = size * (worth - cover * float(gains[-1]))
    proof = tuple((game.names(mask), weight / cover) for mask, weight in sorted(level.weights.items()))
    shares = game.alone + game.sign * size * level.shares
    return LeastCore(excess, shares, excess > CLOSE * game.scale, proof)


def in_core(game: Game, shares: Floats) -> bool:
    """Whether `shares` (n) add up to the total, and no coalition would have more (or pay less) by itself.

    >>> in_core(Game.of("lmr", lambda group: float("l" in group and len(group) > 1)), np.array([1.0, 0.0, 0.0]))
    True
    """
    excess = game.sign * (game.worth - sums_of(shares))
    return bool(abs(excess[-1]) <= CLOSE * game.scale and excess.max() <= CLOSE * game.scale)

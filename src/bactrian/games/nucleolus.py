"""The nucleolus and the prenucleolus, by a sequence of linear programmes and one linear system.

Schmeidler (1969), The nucleolus of a characteristic function game, SIAM Journal on Applied Mathematics 17. Among all
ways to share, make the largest excess as small as possible, then the second largest, and so on. Each programme names
coalitions whose excess can go no lower; they are held there, and with them all coalitions that they determine
(Potters, Reijnierse and Ansing 1996, Mathematics of Operations Research 21), so that n - 1 programmes do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import SolveError
from bactrian.games.game import CLOSE, Game, sums_of
from bactrian.games.levels import Level, bits_of, lowest, scaled

__all__ = ["nucleolus", "prenucleolus"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FLAT = 1e-8  # of a vector of length 1, what counts as nothing


def nucleolus(game: Game) -> Floats:
    """Shares (n) that add up to the total, leave no player worse off than alone, and hurt the most hurt the least.

    Raises SolveError where the players together are worth less than alone (or pay more), since then somebody must lose:
    the prenucleolus, which does without that promise, exists for every game.

    >>> estate = Game.of("abc", lambda group: max(0, 200 - sum({"a": 100, "b": 200, "c": 300}[x] for x in "abc"
    ...     if x not in group)))
    >>> nucleolus(estate).round(9).tolist()
    [50.0, 75.0, 75.0]
    """
    short = game.sign * float(game.alone.sum() - game.total)
    if short > CLOSE * game.scale:
        word = "pay more" if game.cost else "are worth less"
        what = f"together the players {word} than alone ({game.total:g} against {game.alone.sum():g})"
        raise SolveError(f"{what}: nothing can be shared without loss; ask for the prenucleolus")
    if short >= -CLOSE * game.scale:
        return game.alone - game.sign * short / len(game.players)
    return _solve(game, np.zeros(len(game.players)))


def prenucleolus(game: Game) -> Floats:
    """Shares (n) as of the `nucleolus`, but a player may be worse off than alone.

    Both are the same where no coalition loses by taking in one more player, as in a superadditive game.
    """
    return _solve(game, np.full(len(game.players), -np.inf))


def _solve(game: Game, floor: Floats) -> Floats:
    """Work on scaled gains above those of players alone; `floor`, 0 or -inf, is one too."""
    count = len(game.players)
    gains, size = scaled(game)
    whole = gains.size - 1
    fixed, levels = {whole: float(gains[whole])}, list[Level]()
    while (rank := _rank(fixed, count)) < count:
        free = _undetermined(fixed, count)
        floor = np.where(free[1 << np.arange(count)], floor, -np.inf)
        level = lowest(gains, fixed, free, floor)
        fixed |= {mask: float(gains[mask]) - level.excess for mask in level.weights}
        fixed |= {1 << i: float(floor[i]) for i in level.floored}
        levels.append(level)
        if _rank(fixed, count) == rank:
            raise SolveError("the nucleolus was not found: a programme told no coalition that holds its level up")
    return game.alone + game.sign * size * _polished(gains, levels, count)


def _rank(fixed: dict[int, float], count: int) -> int:
    return int(np.linalg.matrix_rank(bits_of([*fixed], count), tol=FLAT))


def _undetermined(fixed: dict[int, float], count: int) -> Bools:
    """Coalitions (2**n) whose sum still varies where those of `fixed` do not: they have a part outside their span."""
    _, sizes, across = np.linalg.svd(bits_of([*fixed], count))
    rank = int((sizes > FLAT).sum())
    varies = np.zeros(2**count, dtype=bool)
    for direction in across[rank:]:
        varies |= np.abs(sums_of(direction)) > FLAT
    return varies


def _polished(gains: Floats, levels: list[Level], count: int) -> Floats:
    """The shares as the solution of the equations that the levels name: x(S) + level = v(S), and floors of 0."""
    masks = [gains.size - 1]
    of, right = [-1], [float(gains[-1])]
    for at, level in enumerate(levels):
        held = [*level.weights, *(1 << i for i in level.floored)]
        masks += held
        of += [at] * len(level.weights) + [-1] * len(level.floored)
        right += [float(gains[mask]) for mask in level.weights] + [0.0] * len(level.floored)
    rows = np.hstack([bits_of(masks, count), np.array(of)[:, None] == np.arange(len(levels))])
    solved: Floats = np.linalg.lstsq(rows, np.array(right), rcond=None)[0]
    return solved[:count]

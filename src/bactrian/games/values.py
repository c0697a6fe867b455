"""Rules with a formula: Shapley, Tijs, Gately, separable costs, equal and proportional shares.

All treat costs and gains alike: a rule of gains v is a rule of costs c by x(c) = -x(-c).
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import SolveError
from bactrian.games.game import CLOSE, Game, sizes_of, sums_of

__all__ = ["equal", "equal_surplus", "gately", "proportional", "shapley", "tau"]

Floats = NDArray[np.float64]


def shapley(game: Game) -> Floats:
    """What each player (n) adds to those before, averaged over all orders of joining.

    Shapley (1953), A value for n-person games, Contributions to the Theory of Games II: the sum over coalitions S
    without i of |S|! (n-1-|S|)! / n! times v(S and i) - v(S).

    >>> shapley(Game.of("lmr", lambda group: float("l" in group and len(group) > 1))).round(9).tolist()
    [0.666666667, 0.166666667, 0.166666667]
    """
    count = len(game.players)
    chance = np.array([1.0 / (count * comb(count - 1, size)) for size in range(count)])
    sizes, shares = sizes_of(count), np.zeros(count)
    for i in range(count):
        pairs = game.worth.reshape(-1, 2, 1 << i)
        without = sizes.reshape(-1, 2, 1 << i)[:, 0]
        shares[i] = (chance[without] * (pairs[:, 1] - pairs[:, 0])).sum()
    return shares


def equal(game: Game) -> Floats:
    """The same share of the total for each player (n)."""
    return np.full(len(game.players), game.total / len(game.players))


def equal_surplus(game: Game) -> Floats:
    """What each player has alone (n), and the same share of what cooperation adds.

    Driessen and Funaki (1991), Coincidence of and collinearity between game theoretic solutions, OR Spektrum 13: the
    centre of the imputations.

    >>> equal_surplus(Game.of("ab", lambda group: {1: 11 if "a" in group else 7, 2: 15}[len(group)])).tolist()
    [9.5, 5.5]
    """
    return game.alone + float(game.total - game.alone.sum()) / len(game.players)


def proportional(game: Game, weights: Floats) -> Floats:
    """Shares of the total in proportion to `weights` (n), such as use or capital cost.

    >>> proportional(Game.of("ab", lambda group: 10.0 * (len(group) == 2)), np.array([1.0, 4.0])).tolist()
    [2.0, 8.0]
    """
    return game.total / float(weights.sum()) * weights


def gately(game: Game) -> Floats:
    """The point (n) at which all players have the same propensity to disrupt: others would lose by their leaving, for
    each unit that they would lose themselves, the same.

    Gately (1974), Sharing the gains from regional cooperation, International Economic Review 15. With M the marginal
    worth and a that alone, x = a + (M - a) (v(N) - sum a) / sum (M - a). Of costs it is the method of separable costs
    and remaining benefits, or alternate cost avoided, of the Tennessee Valley Authority: the separable cost M, and of
    the rest a share in proportion to a - M (Straffin and Heaney 1981, International Journal of Game Theory 10).

    Raises SolveError where players add on the whole no more to the others than they have alone.

    >>> towns = Game.of(["east", "west"], {("east",): 11, ("west",): 7, ("east", "west"): 15}, cost=True)
    >>> gately(towns).tolist()
    [9.5, 5.5]
    """
    apart = game.sign * (game.marginal - game.alone)
    surplus = game.total - float(game.alone.sum())
    if abs(surplus) <= CLOSE * game.scale and np.abs(apart).max() <= CLOSE * game.scale:
        return game.alone + surplus / len(game.players)
    if apart.sum() <= CLOSE * game.scale:
        raise SolveError("no Gately point: on the whole, players add no more to the others than they have alone")
    return game.alone + surplus / float(apart.sum()) * apart


def tau(game: Game) -> Floats:
    """The tau value (n): a compromise between the most that players may hope for and the least that they may claim.

    Tijs (1981), Bounds for the core of a game and the tau value, Game Theory and Mathematical Economics. The most is
    the marginal worth M; the least, m, is the best that a player can keep of a coalition whose other members get M.
    Raises SolveError where the game is not quasi-balanced: m <= M, and the total between the sums of m and M.

    >>> tau(Game.of("abc", {"a": 0, "b": 0, "c": 0, ("a", "b"): 4, ("a", "c"): 6, ("b", "c"): 0,
    ...     ("a", "b", "c"): 8})).round(9).tolist()
    [5.0, 1.0, 2.0]
    """
    most = game.sign * game.marginal
    gap = game.sign * game.worth - sums_of(most)
    least = np.array([gap.reshape(-1, 2, 1 << i)[:, 1].max() for i in range(most.size)]) + most
    total, close = game.sign * game.total, CLOSE * game.scale
    if (least > most + close).any():
        worst = int(np.argmax(least - most))
        told = f"may claim {game.sign * least[worst]:g}, and hope for {game.sign * most[worst]:g} at most"
        raise SolveError(f"no tau value: the game is not quasi-balanced; {game.players[worst]} {told}")
    if not least.sum() - close <= total <= most.sum() + close:
        bounds = f"{game.sign * least.sum():g} and {game.sign * most.sum():g}"
        raise SolveError(f"no tau value: the game is not quasi-balanced; {game.total:g} is not shared between {bounds}")
    span = float((most - least).sum())
    part = (total - least.sum()) / span if span > close else 0.0
    return game.sign * (least + part * (most - least))

"""What kind of game it is. Words are those of gains; of a cost game, superadditive means that costs are subadditive,
and convex that they are concave."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from bactrian.games.core import least_core
from bactrian.games.game import CLOSE, Game

__all__ = ["balanced", "convex", "superadditive"]

Ints = NDArray[np.int64]

AT_ONCE = 12  # players whose pairs of coalitions, 3 to that power, are looked at together


def superadditive(game: Game) -> bool:
    """Whether coalitions without a common player never lose by merging: v(S and T) >= v(S) + v(T).

    Looks at 3**n pairs: half a minute for 20 players.

    >>> superadditive(Game.of("abc", len)), superadditive(Game.of("abc", len, cost=True))
    (True, True)
    >>> superadditive(Game.of("abc", lambda group: len(group) ** 0.5))
    False
    """
    count = len(game.players)
    gains, close = game.sign * game.worth, CLOSE * game.scale
    one, other = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for i in range(min(count, AT_ONCE)):
        one = np.concatenate([one, one | 1 << i, one])
        other = np.concatenate([other, other, other | 1 << i])
    for sides in product(range(3), repeat=max(count - AT_ONCE, 0)):
        first = sum(1 << AT_ONCE + i for i, side in enumerate(sides) if side == 1)
        second = sum(1 << AT_ONCE + i for i, side in enumerate(sides) if side == 2)
        apart = gains[one | first] + gains[other | second]
        if (apart > gains[one | other | first | second] + close).any():
            return False
    return True


def convex(game: Game) -> bool:
    """Whether players add the more, the larger the coalition they join: then the core holds the Shapley value.

    Shapley (1971), Cores of convex games, International Journal of Game Theory 1.

    >>> convex(Game.of("abc", lambda group: len(group) ** 2)), convex(Game.of("abc", lambda group: len(group) > 1))
    (True, False)
    """
    gains, close = game.sign * game.worth, CLOSE * game.scale
    for i, j in combinations(range(len(game.players)), 2):
        both = gains.reshape(-1, 2, 1 << j - i - 1, 2, 1 << i)
        if (both[:, 1, :, 1] - both[:, 1, :, 0] - both[:, 0, :, 1] + both[:, 0, :, 0] < -close).any():
            return False
    return True


def balanced(game: Game) -> bool:
    """Whether the core holds anything.

    >>> balanced(Game.of("abc", lambda group: len(group) > 1))
    False
    """
    return not least_core(game).empty

"""A coalition game: what each group of players gains, or pays, when it acts alone.

A coalition is a bit mask: player i of `players` belongs to coalition S if bit i of S is set. The grand coalition of n
players is 2**n - 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import SolveError
from bactrian.formats import GameTable

__all__ = ["CLOSE", "Game", "game_of", "sizes_of", "sums_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Worth = Callable[[frozenset[str]], float] | Mapping[Collection[str], float]

MOST = 20  # players of a table
CLOSE = 1e-9  # differences, relative to the largest worth, that count as none


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """The `worth` of all 2**n coalitions of `players` by bit mask, in `unit`; the empty one is worth 0.

    With `cost`, a coalition pays its worth, and is content to pay no more than that together; else it gains it.
    Raises SolveError where the numbers are not those of a game.

    >>> towns = Game.of(["east", "west"], {("east",): 11, ("west",): 7, ("east", "west"): 15}, cost=True, unit="MUSD")
    >>> towns.worth.tolist(), towns.total, towns.alone.tolist(), towns.marginal.tolist()
    ([0.0, 11.0, 7.0, 15.0], 15.0, [11.0, 7.0], [8.0, 4.0])
    """

    players: tuple[str, ...]
    worth: Floats
    cost: bool = False
    unit: str = ""

    def __post_init__(self) -> None:
        count = len(self.players)
        if not 1 <= count <= MOST:
            raise SolveError(f"a game given by its coalitions has 1 to {MOST} players, not {count}")
        if len(set(self.players)) < count:
            raise SolveError("two players of the game have the same name")
        worth = np.array(self.worth, dtype=np.float64)
        if worth.shape != (2**count,):
            raise SolveError(f"worth must have {2**count} entries, one per coalition, not the shape {worth.shape}")
        if not np.isfinite(worth).all():
            raise SolveError(f"the worth of {self._said(int(np.argmin(np.isfinite(worth))))} is not a number")
        if worth[0] != 0:
            raise SolveError(f"the empty coalition must be worth 0, not {worth[0]:g}")
        worth.setflags(write=False)
        object.__setattr__(self, "worth", worth)

    @classmethod
    def of(cls, players: Iterable[str], worth: Worth, *, cost: bool = False, unit: str = "") -> Game:
        """A game by a function of the set of names, or by a mapping of groups of names that has every coalition.

        >>> Game.of("abc", lambda group: len(group) ** 2).worth.tolist()
        [0.0, 1.0, 1.0, 4.0, 1.0, 4.0, 4.0, 9.0]
        """
        names = tuple(players)
        if len(names) > MOST:
            raise SolveError(f"a game given by its coalitions has 1 to {MOST} players, not {len(names)}")
        if isinstance(worth, Mapping):
            known = {_group(group): value for group, value in worth.items()}
            if len(known) < len(worth):
                raise SolveError("a coalition is given twice")
        values = np.zeros(2 ** len(names))
        for mask in range(1, values.size):
            group = frozenset(name for i, name in enumerate(names) if mask >> i & 1)
            if isinstance(worth, Mapping):
                if group not in known:
                    raise SolveError(f"the worth of {', '.join(sorted(group))} is missing")
                values[mask] = known.pop(group)
            else:
                values[mask] = worth(group)
        if isinstance(worth, Mapping) and known.pop(frozenset(), 0.0) != 0:
            raise SolveError("the empty coalition must be worth 0")
        if isinstance(worth, Mapping) and known:
            raise SolveError(f"{', '.join(sorted(next(iter(known))))}: not a coalition of the players")
        return cls(names, values, cost, unit)

    @property
    def sign(self) -> float:
        """-1 for a cost, so that `sign * worth` is what a coalition gains."""
        return -1.0 if self.cost else 1.0

    @property
    def total(self) -> float:
        """Worth of all players together."""
        return float(self.worth[-1])

    @property
    def alone(self) -> Floats:
        """Worth of each player alone (n)."""
        lone: Floats = self.worth[1 << np.arange(len(self.players))]
        return lone

    @property
    def marginal(self) -> Floats:
        """What each player adds to all others (n): of a cost, its separable cost."""
        others: Floats = self.worth[(self.worth.size - 1) ^ (1 << np.arange(len(self.players)))]
        return self.total - others

    @property
    def scale(self) -> float:
        """The largest worth without its sign: what differences are measured by."""
        return float(np.abs(self.worth).max()) or 1.0

    def names(self, mask: int) -> tuple[str, ...]:
        """The players of a coalition."""
        return tuple(name for i, name in enumerate(self.players) if mask >> i & 1)

    def mask(self, names: Iterable[str]) -> int:
        """The coalition of some players; raises SolveError for an unknown name."""
        group = _group(names)
        if unknown := group - set(self.players):
            raise SolveError(f"there is no player {min(unknown)!r}; the players are {', '.join(self.players)}")
        return sum(1 << i for i, name in enumerate(self.players) if name in group)

    def dual(self) -> Game:
        """What each coalition leaves to the others by staying away: v*(S) = v(N) - v(N without S)."""
        return replace(self, worth=self.total - self.worth[::-1])

    def zero_normalised(self) -> Game:
        """The game less what its players are worth alone; of a cost game, minus what cooperation saves."""
        return replace(self, worth=self.worth - sums_of(self.alone))

    def _said(self, mask: int) -> str:
        return " and ".join(self.names(mask)) or "the empty coalition"


def game_of(table: GameTable) -> Game:
    """The game of a table read by `bactrian.formats.read_game`."""
    return Game(table.players, np.array(table.worth), table.cost, table.unit)


def sums_of(shares: Floats) -> Floats:
    """What each coalition has together, by bit mask (2**n), of the shares of n players.

    >>> sums_of(np.array([1.0, 2.0, 4.0])).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    """
    sums = np.zeros(1)
    for share in shares:
        sums = np.concatenate([sums, sums + share])
    return sums


def sizes_of(players: int) -> Ints:
    """The number of players in each coalition, by bit mask (2**n)."""
    return sums_of(np.ones(players)).astype(np.int64)


def _group(names: Iterable[str]) -> frozenset[str]:
    return frozenset([names] if isinstance(names, str) else names)

"""The front door: share the worth of all players by a rule, and see who would leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import SolveError
from bactrian.games.core import in_core, least_core
from bactrian.games.game import CLOSE, Game, sums_of
from bactrian.games.nucleolus import nucleolus, prenucleolus
from bactrian.games.values import equal, equal_surplus, gately, proportional, shapley, tau

__all__ = ["RULES", "Allocation", "Leaver", "allocate"]

Floats = NDArray[np.float64]

RULES: dict[str, Callable[[Game], Floats]] = {
    "shapley": shapley,
    "nucleolus": nucleolus,
    "prenucleolus": prenucleolus,
    "least-core": lambda game: least_core(game).shares,
    "tau": tau,
    "gately": gately,
    "separable-costs": gately,
    "equal": equal,
    "equal-surplus": equal_surplus,
}
WEIGHTED = "proportional"


@dataclass(frozen=True, slots=True)
class Leaver:
    """A coalition of `players` that would have `gain` more by itself, of a cost: pay so much less."""

    players: tuple[str, ...]
    gain: float


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """The `shares` (n) that a `rule` gives the players of a `game`, in its unit."""

    game: Game
    rule: str
    shares: Floats

    @property
    def by_player(self) -> dict[str, float]:
        """Shares by name."""
        return dict(zip(self.game.players, self.shares.tolist(), strict=True))

    @property
    def excess(self) -> Floats:
        """What each coalition (2**n by bit mask) would gain by leaving: v(S) - x(S), of costs x(S) - c(S)."""
        return self.game.sign * (self.game.worth - sums_of(self.shares))

    @property
    def largest_excess(self) -> float:
        """That of the coalition with most reason to leave: one that is not empty and not all; 0 for a single player."""
        return float(self.excess[1:-1].max()) if len(self.game.players) > 1 else 0.0

    @property
    def efficient(self) -> bool:
        """Whether the shares add up to the total."""
        return bool(abs(self.excess[-1]) <= CLOSE * self.game.scale)

    @property
    def rational(self) -> bool:
        """Whether no player is worse off than alone."""
        lone = self.game.sign * (self.game.alone - self.shares)
        return bool((lone <= CLOSE * self.game.scale).all())

    @property
    def stable(self) -> bool:
        """Whether the shares are in the core: efficient, and nobody would leave."""
        return in_core(self.game, self.shares)

    def leavers(self, most: int | None = None) -> tuple[Leaver, ...]:
        """Coalitions that would be better off by themselves, those that gain most first, `most` of them at most."""
        excess = self.excess[:-1]
        masks = np.flatnonzero(excess > CLOSE * self.game.scale)
        masks = masks[np.argsort(-excess[masks], kind="stable")][:most]
        return tuple(Leaver(self.game.names(int(mask)), float(excess[mask])) for mask in masks)


def allocate(game: Game, rule: str = "nucleolus", weights: Mapping[str, float] | None = None) -> Allocation:
    """Share the total of `game` by a rule: one of RULES, or proportional, to `weights` by player.

    Raises SolveError for an unknown rule, where the rule has no answer for the game, and for weights that are missing,
    not wanted, below 0 or all 0.

    >>> towns = Game.of(["east", "west"], {("east",): 11, ("west",): 7, ("east", "west"): 15}, cost=True)
    >>> allocate(towns, "shapley").by_player, allocate(towns, "shapley").leavers()
    ({'east': 9.5, 'west': 5.5}, ())
    >>> allocate(towns, "proportional", {"east": 4, "west": 1}).leavers()
    (Leaver(players=('east',), gain=1.0),)
    """
    if rule == WEIGHTED:
        return Allocation(game, rule, proportional(game, _weights(game, weights or {})))
    if rule not in RULES:
        raise SolveError(f"there is no rule {rule!r}; the rules are {', '.join([*RULES, WEIGHTED])}")
    if weights is not None:
        raise SolveError(f"the rule {rule} takes no weights; {WEIGHTED} does")
    return Allocation(game, rule, RULES[rule](game))


def _weights(game: Game, weights: Mapping[str, float]) -> Floats:
    game.mask(weights)  # refuses names of nobody
    if missing := [name for name in game.players if name not in weights]:
        raise SolveError(f"the rule {WEIGHTED} needs a weight for each player; {', '.join(missing)} have none")
    found = np.array([weights[name] for name in game.players], dtype=np.float64)
    if not (np.isfinite(found).all() and (found >= 0).all() and found.sum() > 0):
        raise SolveError("weights must be at least 0, and not all 0")
    return found

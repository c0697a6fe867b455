"""Draws of futures: which events take place in a year, for how long, how much there is to carry, where the sea stands.

Draws come in blocks. A block is a Latin hypercube of its own (McKay, Beckman and Conover 1979), seeded by the seed and
its number: blocks are independent of one another and of how many there are, so they can be made anywhere, in any order.
Demand and level take a few values each, the middles of equal parts of their chances.

An event begins at the times of a Poisson process, once at most in the span that reaches into the year: from so long
before it as the event lasts to its end. Of what began before, the rest counts; so the year is one like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, inf, log

import numpy as np
from scipy.special import ndtri
from scipy.stats.qmc import LatinHypercube

from bactrian.stressing.events import Event, Spell

__all__ = ["Draw", "Sampler"]

YEAR = 365.0
PARTS = 5  # values that demand and level take
OF_EVENT = 3  # numbers drawn for an event: whether, how long, when


@dataclass(frozen=True, slots=True)
class Draw:
    """A future: `demand` times as much to be carried, the sea at `level` (m; None: as in the tables), and `spells`."""

    number: int
    demand: float
    level: float | None
    spells: tuple[Spell, ...]

    def days(self, event: str, horizon: float) -> float:
        """Days up to the day `horizon` in which an event is in force, but for its recovery."""
        return sum(
            max(0.0, min(one.ends, horizon) - max(one.begins, 0.0)) for one in self.spells if one.event.id == event
        )


@dataclass(frozen=True, slots=True)
class Sampler:
    """What is drawn: `events` over `horizon` days; demand by a lognormal with a geometric standard deviation of
    `demand_spread`; the level of the sea evenly between two `levels`. Blocks hold `size` draws."""

    events: Mapping[str, Event]
    seed: int
    size: int = 50
    horizon: float = YEAR
    demand_spread: float = 1.0
    levels: tuple[float, float] | None = None

    def block(self, number: int) -> Iterator[Draw]:
        """The draws of a block, by its number from 0."""
        names = sorted(self.events)
        rng = np.random.default_rng([self.seed, number])
        drawn = LatinHypercube(2 + OF_EVENT * len(names), rng=rng).random(self.size)
        for row, numbers in enumerate(drawn.tolist()):
            spells = []
            for at, name in enumerate(names):
                spell = self._spell(self.events[name], *numbers[2 + OF_EVENT * at : 2 + OF_EVENT * (at + 1)])
                if spell:
                    spells.append(spell)
            demand, level = 1.0, None
            if self.demand_spread > 1:
                demand = exp(log(self.demand_spread) * float(ndtri(_middle(numbers[0]))))
            if self.levels is not None:
                level = self.levels[0] + _middle(numbers[1]) * (self.levels[1] - self.levels[0])
            yield Draw(number * self.size + row, demand, level, tuple(spells))

    def _spell(self, event: Event, whether: float, how_long: float, when: float) -> Spell | None:
        """The time in which an event is in force, if it is, by three numbers between 0 and 1."""
        days = event.days * exp(log(event.spread) * float(ndtri(how_long))) if event.days < inf else inf
        before = days + event.recovery_days if days < inf else 0.0
        if whether >= 1 - exp(-event.rate * (before + self.horizon) / YEAR):
            return None
        return Spell(event, when * (before + self.horizon) - before, days)


def _middle(number: float) -> float:
    """The middle of the part of the interval from 0 to 1 that a number falls in."""
    return (int(number * PARTS) + 0.5) / PARTS

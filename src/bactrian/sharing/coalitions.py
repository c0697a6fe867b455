"""What any coalition of players could do: the programme that it can build on its own land, with its own money, and
that brings it most, while the others stay as they are.

A coalition bears all costs of what it builds, and counts what the shippers and carriers of its countries gain. It may
leave any project out. Where it has few to choose from, all sets are tried; else a search puts in (with what it
requires), takes out or swaps one at a time, from nothing and from as many as may be built, until none of these helps.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.errors import SolveError
from bactrian.planning import Rules, Starts, Terms, Worth, field_of, reference_of_plan, worth_of
from bactrian.planning.rules import Menu, menu_of
from bactrian.planning.stage import Set
from bactrian.sharing.ledger import LINES
from bactrian.sharing.players import Players, hosts_of
from bactrian.sharing.statement import Books, books_of

__all__ = ["ALL", "Coalitions", "Found"]

Floats = NDArray[np.float64]

ALL = 10  # projects up to which all sets are tried
DIGITS = 12  # significant ones that are kept
BETTER = 1e-9  # relative gain that counts as one

SHIPPERS, CARRIERS, CO2E = (LINES.index(name) for name in ("shippers", "carriers", "co2e_kt"))


@dataclass(frozen=True, slots=True)
class Found:
    """The best programme of a coalition and its `value` in mUSD; `every` says whether all sets were tried."""

    value: float
    starts: Mapping[str, int]
    every: bool

    def text(self) -> str:
        """As JSON, in `DIGITS` significant digits."""
        told = {"value_musd": float(f"{self.value:.{DIGITS}g}"), "starts": dict(self.starts), "every": self.every}
        return json.dumps(told, sort_keys=True) + "\n"

    @classmethod
    def read(cls, text: str) -> Found:
        """From JSON."""
        told = json.loads(text)
        return cls(float(told["value_musd"]), told["starts"], bool(told["every"]))


@dataclass(eq=False)
class Coalitions:
    """The coalitions of `players` in a case, by bit mask: player i is in S if bit i of S is set.

    `programme` says which projects there are to choose from and the year in which works on each would begin; those that
    need the land of a country that does not play are left out. `money` by player caps the capital costs of a
    coalition by the sum of its members, who have none to spend where they are not named; None sets no limit.
    Raises CaseError or SolveError as a plan does, when the books are first opened.
    """

    case: Case
    terms: Terms
    players: Players
    programme: Mapping[str, int]
    money: Mapping[str, float] | None = None
    scenario: str | None = None
    _gains: dict[tuple[int, Set], Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def hosts(self) -> dict[str, tuple[str, ...]]:
        """The players on whose land each project lies."""
        return hosts_of(self.case, self.players, self.programme)

    @cached_property
    def worth(self) -> Worth:
        """What programmes are worth, laid out once."""
        chosen = field_of(self.case, self.terms.first, self.programme)
        reference = reference_of_plan(self.case, self.terms.first)
        return worth_of(self.case, chosen, self.terms, reference, self.scenario)

    @cached_property
    def books(self) -> Books:
        """The accounts by country of any programme."""
        return books_of(self.worth)

    @cached_property
    def menu(self) -> Menu:
        """What programmes must keep to."""
        apart = self.worth.stages[self.terms.first].effects.conflicts()
        return menu_of(self.worth.field, self.terms, Rules(), apart)

    def __getstate__(self) -> dict[str, object]:
        laid = ("worth", "books", "menu", "_gains")  # laid out anew in another process
        return {**{name: value for name, value in self.__dict__.items() if name not in laid}, "_gains": {}}

    def members(self, mask: int) -> tuple[str, ...]:
        """The players of a coalition."""
        return tuple(name for at, name in enumerate(self.players) if mask >> at & 1)

    def able(self, mask: int) -> dict[str, int]:
        """The projects that a coalition has all the land for, with their years."""
        there = set(self.members(mask))
        return {name: self.programme[name] for name, hosts in self.hosts.items() if there.issuperset(hosts)}

    def block(self, mask: int) -> str:
        """The best programme of a coalition, as text."""
        return self.best(mask).text()

    def best(self, mask: int) -> Found:
        """The best programme of a coalition."""
        able = self.able(mask)
        if not able:
            return Found(0.0, {}, True)
        every = len(able) <= ALL
        tried = _Tried(self, mask, able)
        if every:
            for some in product((False, True), repeat=len(able)):
                tried.value({name for name, there in zip(able, some, strict=True) if there})
        else:
            tried.climb(frozenset())
            tried.climb(tried.filled())
        chosen = tried.best
        return Found(tried.values[chosen], {name: able[name] for name in sorted(chosen)}, every)

    def gain(self, starts: Starts, mask: int) -> float:
        """Present value in mUSD of what a programme brings the countries of a coalition, before its costs."""
        member = np.array([float(mask >> at & 1) for at in range(len(self.players))])
        total = 0.0
        for (year, model), weight in self.terms.spread.items():
            open_ = self.worth.open_in(starts, year)
            if open_:
                total += weight * float(self._by_player(model, open_) @ member)
        return total

    def value(self, starts: Starts, mask: int) -> float:
        """Net present value in mUSD of a programme for a coalition that pays for all of it."""
        return self.gain(starts, mask) - self.worth.cost(starts)

    def allowed(self, starts: Starts, mask: int) -> bool:
        """Whether a coalition may build this: what projects need and bar, and the money of its members."""
        if self.menu.breaks(starts):
            return False
        if self.money is None:
            return True
        spent = sum(
            float(self.terms.cash(self.worth.candidate(one), start).capex.sum()) for one, start in starts.items()
        )
        return spent <= math.fsum(self.money.get(name, 0.0) for name in self.members(mask)) * (1 + BETTER)

    def _by_player(self, model: int, open_: Set) -> Floats:
        """What a set of open projects brings each player in a model year, mUSD."""
        if (model, open_) not in self._gains:
            ledger = self.books.ledgers[model]
            lines = ledger.of(open_)
            each = lines[SHIPPERS] + lines[CARRIERS] - lines[CO2E] * self.terms.carbon_usd_per_t / 1000
            inside = [[name in members for name in ledger.countries] for members in self.players.values()]
            self._gains[model, open_] = np.array(inside, dtype=np.float64) @ each
        return self._gains[model, open_]


class _Tried:
    """The sets that a coalition has tried, and the best of them."""

    def __init__(self, coalitions: Coalitions, mask: int, able: Mapping[str, int]) -> None:
        self.coalitions, self.mask, self.able = coalitions, mask, able
        self.best: Set = frozenset()
        self.values: dict[Set, float] = {self.best: 0.0}
        self.needs = {name: self._needed(name) for name in able}
        """Each project with all that it requires, as far as the coalition is able to build it."""

    def _needed(self, name: str) -> Set:
        candidates, found, left = self.coalitions.worth.field.candidates, set(), [name]
        while left:
            one = left.pop()
            if one in self.able and one not in found:
                found.add(one)
                left.extend(candidates[one].requires)
        return frozenset(found)

    def value(self, some: Collection[str]) -> float:
        """What a set is worth, -inf if it may not be built; the best is kept, of equals the first."""
        chosen = frozenset(some)
        if chosen not in self.values:
            starts = {name: self.able[name] for name in sorted(chosen)}
            allowed = self.coalitions.allowed(starts, self.mask)
            self.values[chosen] = self.coalitions.value(starts, self.mask) if allowed else -math.inf
            if self.values[chosen] > self.values[self.best] * (1 + BETTER):
                self.best = chosen
        return self.values[chosen]

    def filled(self) -> Set:
        """As many projects as may be built together, by name."""
        here: Set = frozenset()
        for name in sorted(self.able):
            more = here | self.needs[name]
            if self.coalitions.allowed({one: self.able[one] for one in sorted(more)}, self.mask):
                here = more
        return here

    def near(self, here: Set) -> Iterator[Set]:
        """All sets with one project more and what it requires, one less and what requires it, or one for another."""
        out, inside = [name for name in self.able if name not in here], sorted(here)
        less = {old: frozenset(one for one in here if old not in self.needs[one]) for old in inside}
        yield from (here | self.needs[new] for new in out)
        yield from less.values()
        yield from (some | self.needs[new] for old, some in less.items() for new in out if old not in self.needs[new])

    def climb(self, here: Set) -> None:
        """Put in, take out or swap one project at a time, the best of all, as long as that helps."""
        value = self.value(here)
        while True:
            near = max(self.near(here), key=self.value, default=here)
            if self.value(near) <= value + BETTER * abs(value):
                return
            here, value = near, self.value(near)


def check_money(money: Mapping[str, float], players: Players) -> None:
    """Raise SolveError for money of nobody, and for sums that are none."""
    for name, sum_ in money.items():
        if name not in players:
            raise SolveError(f"money of {name!r}, who does not play; the players are {', '.join(players)}")
        if not sum_ >= 0:
            raise SolveError(f"the money of {name} must be at least 0 mUSD")

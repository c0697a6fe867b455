"""The search for the best programme at equilibrium.

What a set S of open projects brings in a model year is known only from an equilibrium. Near a programme whose sets are
S0 it is modelled by marginal gains m_j, found by putting in or taking out each project, and by how pairs act together,
I_jk = g({j, k}) - g({j}) - g({k}):

    g(S) ~ g(S0) + Σ_changed ± m_j + Σ_changed pairs ± ± I_jk.

A programme of mixed integers (HiGHS) picks the best starts under all rules within some number of changes; its value is
then found at equilibrium. A better one becomes the new centre, otherwise fewer changes are allowed (a trust region,
Conn, Gould and Toint 2000). It ends when no single change of the best programme helps, by the model that is exact for
these. Last, a programme picks for each year among all sets that are known by then, in the best possible order. Where
candidates are few, all sets are tried, and that last step finds the best programme there is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Protocol

import numpy as np
from scipy.sparse import csr_array, vstack

from bactrian.design.programme import Programme
from bactrian.planning.candidates import Field
from bactrian.planning.rules import SLACK, Menu
from bactrian.planning.stage import Set
from bactrian.planning.terms import Terms

__all__ = ["Found", "Key", "OutOfTimeError", "Search", "Starts", "Valued", "search"]

ALL = 6  # candidates up to which all sets are tried
PAIRS = 100  # pairs of candidates whose joint effect is tried
FAINT = 1e-3  # joint effects below this share of the largest gain are left out
ROUNDS = 60
KEPT = 8  # of the programmes known before, those tried first
PICK_S = 30.0  # the longest that one pick may take
ROUGH, GAP = 1e-5, 1e-9  # how close a pick must be by the model, and among known sets

Starts = Mapping[str, int]
Key = tuple[tuple[str, int], ...]
Tell = Callable[[str], None]


class Valued(Protocol):
    """What the search asks of a future, or of several at once."""

    @property
    def field(self) -> Field:
        """What there is to decide."""

    @property
    def terms(self) -> Terms:
        """The terms of the appraisal."""

    def at(self, year: int, open_: Set) -> float:
        """The gain in mUSD of a model year."""

    def before(self, year: int, open_: Set) -> float:
        """The same before what is forgone."""

    def tried_in(self, year: int) -> Collection[Set]:
        """The sets tried in a model year."""

    def open_in(self, starts: Starts, year: int) -> Set:
        """The projects open in a year."""

    def cost(self, starts: Starts) -> float:
        """Present value of all costs, mUSD."""

    def value(self, starts: Starts) -> float:
        """Net present value, mUSD."""


@dataclass(slots=True)
class Found:
    """The best programme found with its value in mUSD; all that were `tried`; how pairs act `together` in the last
    model year; `ended` by "local optimum", "all sets tried" or "time limit"."""

    starts: dict[str, int]
    value: float
    tried: dict[Key, float] = field(default_factory=dict)
    together: dict[tuple[str, str], float] = field(default_factory=dict)
    ended: str = ""


def search(
    worth: Valued, menu: Menu, until: float = float("inf"), tell: Tell | None = None, known: Found | None = None
) -> Found:
    """Look for the programme that keeps to `menu` and is worth most, until the time `until` (of time.monotonic).

    `known` is an earlier find under other rules: its programmes that keep to these are starting points.
    Raises SolveError naming the rules that conflict where no programme keeps to all.
    """
    return Search(worth, menu, until, tell, known).run()


class OutOfTimeError(Exception):
    """The time given is up."""


class Search:
    """A search under way: `best` is what it has found."""

    def __init__(
        self, worth: Valued, menu: Menu, until: float, tell: Tell | None = None, known: Found | None = None
    ) -> None:
        self.worth, self.menu, self.until, self.known = worth, menu, until, known
        self.tell = tell or (lambda _: None)
        self.names = menu.names
        self.terms = worth.terms
        self.costs = {choice: worth.cost({choice[0]: choice[1]}) for choice in menu.choices}
        self.sets: dict[int, set[Set]] = {year: set() for year in self.terms.model_years}
        self.best = Found({}, -np.inf, together=dict(known.together) if known else {})
        self.soonest = dict.fromkeys(self.names, self.terms.last + 1)
        for one, start in menu.choices:
            opens = self.terms.opening(worth.field.candidates[one], start)
            self.soonest[one] = min(self.soonest[one], opens)

    def run(self) -> Found:
        """Search to the end."""
        self.best.starts = self.menu.best({choice: -cost for choice, cost in self.costs.items()})  # raises on conflict
        try:
            self.value(self.best.starts)
            if not self.menu.breaks({}):
                self.value({})
            self._begin()
            if len(self.names) <= ALL:
                self._all()
            else:
                self._climb()
            self._recombine()
            self._prune()
            self.best.ended = "all sets tried" if len(self.names) <= ALL else "local optimum"
        except OutOfTimeError:
            self.best.ended = "time limit"
        return self.best

    def _begin(self) -> None:
        """Start from what is known, or from nothing and everything."""
        if self.known:
            kept = [(value, key) for key, value in self.known.tried.items() if not self.menu.breaks(dict(key))]
            for _, key in sorted(kept, reverse=True)[:KEPT]:
                self.value(dict(key))
        if len(self.names) > ALL and not self.best.together:
            self._pairs()
            for centre in ({}, self._everything()):
                self.value(self.pick(centre, len(self.names)))

    def _at(self, year: int, open_: Set) -> float:
        if open_ not in self.sets[year]:
            if time.monotonic() > self.until and np.isfinite(self.best.value):
                raise OutOfTimeError
            self.sets[year].add(open_)
        return self.worth.at(year, open_)

    def value(self, starts: Starts) -> float:
        """The value of a programme at equilibrium; the best is kept."""
        key = tuple(sorted(starts.items()))
        if key not in self.best.tried:
            for year in self.terms.years:
                for at in self.terms.weights(year):
                    self._at(at, self.worth.open_in(starts, year))
            value = self.worth.value(starts)
            self.best.tried[key] = value
            if value > self.best.value:
                self.best.starts, self.best.value = dict(starts), value
                self.tell(f"{value:,.0f} mUSD with {len(starts)} projects")
        return self.best.tried[key]

    def _all(self) -> None:
        for size in range(len(self.names) + 1):
            for some in combinations(self.names, size):
                if not self.menu.clashes(frozenset(some)):
                    for year in self.terms.model_years:
                        self._at(year, frozenset(some))

    def _pairs(self) -> None:
        """How pairs act together, found in the last model year."""
        year = self.terms.model_years[-1]
        alone = {one: self._at(year, frozenset([one])) for one in self.names}
        pairs = [pair for pair in combinations(self.names, 2) if not self.menu.clashes(frozenset(pair))]
        pairs.sort(key=lambda pair: -min(abs(alone[pair[0]]), abs(alone[pair[1]])))
        for one, other in pairs[:PAIRS]:
            self.best.together[one, other] = self._at(year, frozenset([one, other])) - alone[one] - alone[other]
        large = max((abs(value) for value in alone.values()), default=0.0)
        self.best.together = {pair: value for pair, value in self.best.together.items() if abs(value) > FAINT * large}

    def _climb(self) -> None:
        radius, exact = len(self.names), False
        for _ in range(ROUNDS):
            here = self.best.value
            picked = self.pick(self.best.starts, radius, exact=exact)
            self.value(picked)
            if self.best.value > here + 1e-9 * abs(here):
                radius = radius if exact else len(self.names)
            elif radius > 1:
                radius = min(radius, self._distance(picked)) // 2 or 1
            elif not exact:
                exact = True
            else:
                return

    def _everything(self) -> dict[str, int]:
        """As many projects at once as go together, as early as can be, whatever they cost."""
        chosen: dict[str, int] = {}
        for one in self.names:
            starts = self.terms.starts(self.worth.field.candidates[one])
            if len(starts) and not self.menu.clashes(frozenset([*chosen, one])):
                chosen[one] = starts[0]
        return chosen

    def _distance(self, starts: Starts) -> int:
        return len(set(starts) ^ set(self.best.starts))

    def pick(self, centre: Starts, radius: int, menu: Menu | None = None, exact: bool = False) -> dict[str, int]:
        """The best programme by the model around `centre`, with at most `radius` projects put in or taken out.

        Marginal gains are those of the sets that are open in model years, or, if `exact`, in every year. Where time
        is up before any is picked, it is the best known.
        """
        model = _Model(menu or self.menu, self.worth.field, self.terms)
        ratio = self._growth()
        for year in self.terms.years:
            shares = self.terms.weights(year).items()
            here = {at: self.worth.open_in(centre, year if exact else at) for at, _ in shares}
            for name in self.names:
                gain = sum(share * self._marginal(at, here[at], name) for at, share in shares)
                model.add(name, year, self.terms.factor(year) * gain)
        for (one, other), value in self.best.together.items():
            model.join(one, other, value * self._years(one, other, ratio), centre)
        found = model.best({choice: -cost for choice, cost in self.costs.items()}, centre, radius, self._left(), ROUGH)
        return dict(self.best.starts) if found is None else found

    def _marginal(self, year: int, open_: Set, name: str) -> float:
        more, less = open_ | {name}, open_ - {name}
        if self.menu.clashes(more):
            less = frozenset(one for one in less if not self.menu.clashes(frozenset([one, name])))
            return self._at(year, less | {name}) - self._at(year, open_)
        return self._at(year, more) - self._at(year, less)

    def _years(self, one: str, other: str, ratio: Mapping[int, float]) -> float:
        """Present value of 1 a year, growing as gains do, from when both can be open."""
        soonest = max(self.soonest[one], self.soonest[other])
        return sum(
            self.terms.factor(year) * share * ratio[at]
            for year in range(soonest, self.terms.last + 1)
            for at, share in self.terms.weights(year).items()
        )

    def _growth(self) -> dict[int, float]:
        """Gains of model years against those of the last."""
        sums = {
            year: sum(abs(self._at(year, frozenset([one]))) for one in self.names) for year in self.terms.model_years
        }
        last = sums[self.terms.model_years[-1]]
        return {year: value / last if last else 0.0 for year, value in sums.items()}

    def _left(self) -> float:
        return max(0.1, min(PICK_S, self.until - time.monotonic()))

    def _recombine(self) -> None:
        """Of all sets known in the model years that a year needs, pick one for each year, in the best order."""
        model = _Model(self.menu, self.worth.field, self.terms)
        for year in self.terms.years:
            ats = self.terms.weights(year)
            sets = set.intersection(*(set(self.worth.tried_in(at)) for at in ats))
            factor = self.terms.factor(year)
            for open_ in sorted(sets, key=sorted):
                gain = sum(share * self.worth.at(at, open_) for at, share in ats.items())
                model.state(open_, year, factor * gain)
        found = model.best(
            {choice: -cost for choice, cost in self.costs.items()}, self.best.starts, None, self._left(), GAP
        )
        if found is not None:
            self.value(found)

    def _prune(self) -> None:
        """Leave out what brings nothing."""
        for one in sorted(self.best.starts):
            rest = {name: start for name, start in self.best.starts.items() if name != one}
            if not self.menu.breaks(rest) and self.value(rest) >= self.best.value - SLACK * 1e-3:
                self.best.starts, self.best.value = rest, self.value(rest)


class _Model:
    """A programme of mixed integers over starts, with worth by project and year open."""

    def __init__(self, menu: Menu, field: Field, terms: Terms) -> None:
        self.menu, self.terms = menu, terms
        self.names = menu.names
        self.opened = {choice: terms.opening(field.candidates[choice[0]], choice[1]) for choice in menu.choices}
        self.gain: dict[tuple[str, int], float] = {}
        self.cost: list[float] = []  # of further columns
        self.rows: list[tuple[int, dict[str, float], float, float]] = []  # a column, weights of projects, sides
        self.states: dict[int, list[int]] = {}
        self.sets: dict[int, Set] = {}

    def add(self, name: str, year: int, gain: float) -> None:
        """`gain` for each year in which a project is open."""
        self.gain[name, year] = self.gain.get((name, year), 0.0) + gain

    def join(self, one: str, other: str, value: float, centre: Starts) -> None:
        """`value` where both are changed from the programme `centre`; less that where one comes and the other goes."""
        signs = [-1.0 if name in centre else 1.0 for name in (one, other)]
        value *= signs[0] * signs[1]
        column = self._column(value)
        changed = [({name: sign}, 0.0 if sign > 0 else 1.0) for name, sign in zip((one, other), signs, strict=True)]
        if value > 0:
            for weights, constant in changed:  # z <= d
                self.rows.append((column, {name: -weight for name, weight in weights.items()}, -np.inf, constant))
        else:  # z >= d + d - 1
            both = {name: -weight for weights, _ in changed for name, weight in weights.items()}
            self.rows.append((column, both, sum(constant for _, constant in changed) - 1.0, np.inf))

    def state(self, open_: Set, year: int, gain: float) -> None:
        """A whole set of open projects that a year may have."""
        column = self._column(gain)
        self.states.setdefault(year, []).append(column)
        self.sets[column] = open_

    def _column(self, gain: float) -> int:
        self.cost.append(-gain)
        return len(self.cost) - 1

    def best(self, worth: Mapping[tuple[str, int], float], centre: Starts, radius: int | None,
             limit_s: float, gap: float) -> dict[str, int] | None:  # fmt: skip
        """The best programme; None if none was found in time."""
        choices = self.menu.choices
        size, more = len(choices), len(self.cost)
        if not size:
            return {}
        gain = np.array([worth[choice] for choice in choices])
        for at, choice in enumerate(choices):
            gain[at] += sum(
                self.gain.get((choice[0], year), 0.0) for year in range(self.opened[choice], self.terms.last + 1)
            )
        by_name: dict[str, list[int]] = {name: [] for name in self.names}
        for at, (name, _) in enumerate(choices):
            by_name[name].append(at)
        entries: list[tuple[int, int, float]] = []
        low: list[float] = []
        high: list[float] = []

        def row(cells: Iterator[tuple[int, float]], least: float, most: float) -> None:
            entries.extend((len(low), column, weight) for column, weight in cells)
            low.append(least)
            high.append(most)

        for column, weights, least, most in self.rows:
            built = ((at, weight) for name, weight in weights.items() for at in by_name[name])
            row(iter([(size + column, 1.0), *built]), least, most)
        for year, columns in self.states.items():
            row(((size + one, 1.0) for one in columns), 1.0, 1.0)
            for name in self.names:
                within = [(size + one, 1.0) for one in columns if name in self.sets[one]]
                opened = [(at, -1.0) for at in by_name[name] if self.opened[choices[at]] <= year]
                row(iter([*within, *opened]), 0.0, 0.0)
        if radius is not None and radius < len(self.names):
            signs = {name: -1.0 if name in centre else 1.0 for name in self.names}
            cells = ((at, signs[name]) for name in self.names for at in by_name[name])
            row(cells, -np.inf, float(radius - len(centre)))
        matrix, below, above = self.menu.rows()
        extra = csr_array(
            (np.array([w for *_, w in entries], float), ([r for r, *_ in entries], [c for _, c, _ in entries])),
            shape=(len(low), size + more),
        )
        wide = csr_array((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], size + more))
        stacked = csr_array(vstack([wide, extra]))
        solved = Programme(
            np.concatenate([-gain, np.array(self.cost)]), np.zeros(size + more), np.ones(size + more),
            np.arange(size + more) < size, stacked, np.array([*below, *low]), np.array([*above, *high]),
        ).solve(time_limit_s=limit_s, gap=gap)  # fmt: skip
        return None if solved.values is None else self.menu.programme(solved.values[:size])

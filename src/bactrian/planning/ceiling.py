"""How good a programme is if nothing hurts: the best of all programmes where opening more never lowers the gain.

Equilibria need not obey that (Braess 1968), but seldom do otherwise by much; how far the sets tried have strayed from
it is told. Under it, what a set T gains bounds all its subsets, and with all projects open bounds everything:

    gain(S) <= gain(T) + (gain(all) - gain(T)) |S without T|.

A programme of mixed integers picks the best programme under these cuts; the sets it opens are then found at equilibrium
and give new cuts, until none is allowed more than the best found is worth (Benders 1962, with cuts as of Laporte and
Louveaux 1993). So it also finds what a search has missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.design.programme import Programme
from bactrian.planning.rules import Menu
from bactrian.planning.search import Found, Starts, Valued
from bactrian.planning.stage import Set

__all__ = ["Ceiling", "ceiling"]

Floats = NDArray[np.float64]

MAXIMAL = 64  # largest sets that go together, above which no ceiling is sought
CLOSE = 1e-4  # of the value, left between it and the ceiling
GAP = 2e-5
FAINT = 2e-3  # of the value, what a project may add over all years that is open in the cuts of sets without it
ROUNDS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Ceiling:
    """No programme is worth more than `value` (mUSD) if more open projects never bring less than fewer; `strayed` is by
    how much a year (mUSD) the sets tried broke that at most, in `broken` of `nested` pairs."""

    value: float
    strayed: float
    broken: int
    nested: int


def ceiling(
    worth: Valued, menu: Menu, found: Found, until: float = float("inf"), tell: Callable[[str], None] | None = None
) -> Ceiling | None:
    """Lower the ceiling until it meets `found`, which is improved where something better turns up, or time is up.

    None where more than 64 largest sets of projects go together.
    """
    largest = _largest(menu)
    if not largest:
        return None
    return _Ceiling(worth, menu, found, until, tell or (lambda _: None), largest).run()


class _Ceiling:
    def __init__(
        self, worth: Valued, menu: Menu, found: Found, until: float, tell: Callable[[str], None], largest: list[Set]
    ) -> None:
        self.worth, self.menu, self.found, self.until, self.tell = worth, menu, found, until, tell
        self.terms, self.names = worth.terms, menu.names
        self.costs = np.array([worth.cost({name: start}) for name, start in menu.choices])
        self.opens = [self.terms.opening(worth.field.candidates[name], start) for name, start in menu.choices]
        self.spread = self.terms.spread
        self.columns = list(self.spread)
        self.top = {year: max(worth.before(year, each) for each in largest) for year in self.terms.model_years}
        self.cuts: dict[int, dict[Set, None]] = {year: {} for year in self.terms.model_years}
        for year in self.terms.model_years:
            self.cuts[year] |= dict.fromkeys(largest)
            for each in largest:
                for less in (each - {one} for one in sorted(each)):
                    if less in worth.tried_in(year) or time.monotonic() < until:
                        worth.before(year, less)
                        self.cuts[year][less] = None
        self.faint = self._faint()

    def run(self) -> Ceiling:
        value = float("inf")
        for _ in range(ROUNDS):
            allowed, starts, columns = self._master()
            value = min(value, allowed)
            self.tell(f"no more than {value:,.0f} mUSD if nothing hurts; {self.found.value:,.0f} found")
            if value <= self.found.value + CLOSE * abs(self.found.value) or time.monotonic() > self.until:
                break
            if not self._known(starts, columns) and not self._new(starts):
                break
        return Ceiling(max(self.found.value, value), *self._strayed())

    def _known(self, starts: Starts, columns: Mapping[tuple[int, int], float]) -> bool:
        """Take up the tightest cut by a set that is known, wherever one is broken."""
        any_ = False
        for (year, at), gain in columns.items():
            open_ = self.worth.open_in(starts, year)
            known = self.worth.tried_in(at)
            least = min(known, key=lambda one: (self._allows(at, one, open_), sorted(one)))
            if self._allows(at, least, open_) < gain - 1e-7 * max(1.0, abs(gain)) and least not in self.cuts[at]:
                self.cuts[at][least] = None
                any_ = True
        return any_

    def _allows(self, at: int, known: Set, open_: Set) -> float:
        if known == open_:
            return self.worth.at(at, known)
        here = self.worth.before(at, known)
        return here + max(self.top[at] - here, 0.0) * len(open_ - known)

    def _new(self, starts: Starts) -> bool:
        """Find the programme's sets at equilibrium; false where all are known and cut."""
        any_ = False
        for year, at in self.columns:
            open_ = self.worth.open_in(starts, year)
            with_faint = open_ | self.faint
            open_ = open_ if with_faint in self.cuts[at] or self.menu.clashes(with_faint) else with_faint
            if open_ not in self.cuts[at]:
                if time.monotonic() > self.until:
                    return any_
                self.cuts[at][open_] = None
                any_ = True
        if all(self.worth.open_in(starts, year) in self.worth.tried_in(at) for year, at in self.columns):
            value = self.worth.value(starts)
            self.found.tried[tuple(sorted(starts.items()))] = value
            if value > self.found.value:
                self.found.starts, self.found.value = dict(starts), value
        return any_

    def _faint(self) -> Set:
        """Projects not in the programme found that add next to nothing to it, and so may be open in any cut."""
        faint = set()
        for name in self.names if time.monotonic() < self.until else ():
            rise = 0.0
            for year, at in self.columns:
                open_ = self.worth.open_in(self.found.starts, year)
                if name in open_ or self.menu.clashes(open_ | {name}):
                    rise = float("inf")
                    break
                more = self.worth.before(at, open_ | {name}) - self.worth.before(at, open_)
                rise += self.spread[year, at] * abs(more)
            if rise < FAINT * abs(self.found.value):
                faint.add(name)
        return frozenset(faint)

    def _master(self) -> tuple[float, dict[str, int], dict[tuple[int, int], float]]:
        """The most that the cuts allow, the programme that they allow it to, and its gains by year and model year."""
        size, years, names = len(self.menu.choices), list(self.terms.years), self.names
        is_open = {(name, year): size + at for at, (name, year) in enumerate((n, y) for n in names for y in years)}
        first = size + len(is_open)
        entries: list[tuple[int, int, float]] = []
        low: list[float] = []
        high: list[float] = []
        for (name, year), column in is_open.items():
            entries.append((len(low), column, -1.0))
            entries += [
                (len(low), at, 1.0)
                for at, (one, _) in enumerate(self.menu.choices)
                if one == name and self.opens[at] <= year
            ]
            low.append(0.0)
            high.append(0.0)
        gains = []
        for at, (year, model) in enumerate(self.columns):
            gains.append(-self.spread[year, model])
            for known in self.cuts[model]:
                here = self.worth.before(model, known)
                rise = max(self.top[model] - here, 0.0)
                entries.append((len(low), first + at, 1.0))
                entries += [(len(low), is_open[name, year], -rise) for name in names if rise and name not in known]
                low.append(-np.inf)
                high.append(here)
                after = self.worth.at(model, known)
                if after < here:  # of what is forgone nothing is known but for this very set
                    rise = max(self.top[model] - after, 0.0)
                    entries.append((len(low), first + at, 1.0))
                    entries += [(len(low), is_open[name, year], rise if name in known else -rise) for name in names]
                    low.append(-np.inf)
                    high.append(after + rise * len(known))
        at_row, at_column, weight = zip(*entries, strict=True)
        total = first + len(gains)
        matrix, least, most = self.menu.rows()
        shifted = np.repeat(np.arange(matrix.shape[0]) + len(low), np.diff(matrix.indptr))
        rows = csr_array(
            (
                np.concatenate([weight, matrix.data]),
                (np.concatenate([at_row, shifted]), np.concatenate([at_column, matrix.indices])),
            ),
            shape=(len(low) + matrix.shape[0], total),
        )
        bounds = np.array([self._far(model) for _, model in self.columns])
        solved = Programme(
            cost=np.concatenate([self.costs, np.zeros(len(is_open)), gains]),
            lower=np.concatenate([np.zeros(first), -bounds]),
            upper=np.concatenate([np.ones(first), bounds]),
            whole=np.arange(total) < size,
            rows=rows,
            row_lower=np.concatenate([low, least]),
            row_upper=np.concatenate([high, most]),
        ).solve(time_limit_s=max(1.0, self.until - time.monotonic()), gap=GAP, start=self._start(is_open))
        if solved.values is None:
            return -solved.bound, dict(self.found.starts), {}
        values = solved.values
        told = {key: float(values[first + at]) for at, key in enumerate(self.columns)}
        return -solved.bound, self.menu.programme(values[:size]), told

    def _far(self, model: int) -> float:
        """A gain beyond which, up or down, no cut of a model year reaches."""
        cut = [gain for one in self.cuts[model] for gain in (self.worth.before(model, one), self.worth.at(model, one))]
        return 2 * max(1.0, *map(abs, cut))

    def _start(self, is_open: Mapping[tuple[str, int], int]) -> Floats:
        """The programme found, as values of the columns."""
        chosen = [float(self.found.starts.get(name) == start) for name, start in self.menu.choices]
        opened = {year: self.worth.open_in(self.found.starts, year) for year in self.terms.years}
        gains = [
            min(self._allows(model, known, opened[year]) for known in self.cuts[model]) for year, model in self.columns
        ]
        return np.array([*chosen, *(float(name in opened[year]) for name, year in is_open), *gains])

    def _strayed(self) -> tuple[float, int, int]:
        worst, broken, nested = 0.0, 0, 0
        for year in self.terms.model_years:
            known = sorted(self.worth.tried_in(year), key=lambda one: (len(one), sorted(one)))
            gains = [self.worth.before(year, one) for one in known]
            for at, one in enumerate(known):
                for other in range(at + 1, len(known)):
                    if one < known[other]:
                        nested += 1
                        if gains[at] > gains[other] + 1e-6 * max(1.0, abs(gains[at])):
                            broken += 1
                            worst = max(worst, gains[at] - gains[other])
        return worst, broken, nested


def _largest(menu: Menu) -> list[Set]:
    """All sets that go together and cannot grow, none where there are too many."""
    apart = menu.apart
    found: list[Set] = [frozenset()]
    for (
        name
    ) in menu.names:  # each set with the name, less those it does not go with, and each without where that is more
        barred = {other for pair in apart if name in pair for other in pair} - {name}
        grown = {each - barred | {name} for each in found} | {each for each in found if each & barred}
        found = [each for each in grown if not any(each < other for other in grown)]
        if len(found) > MAXIMAL:
            return []
    return sorted(found, key=sorted)

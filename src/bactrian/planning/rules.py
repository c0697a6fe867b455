"""What a programme must keep to: budgets, what needs or bars what, pinned decisions; and which of them conflict.

Every rule is linear in x[project, start], 1 where works on a project begin in that year: Σ weight x within [low,
high]. So one and the same list serves the search, the check of a programme, and finding rules that conflict.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.design.programme import Programme
from bactrian.errors import SolveError
from bactrian.planning.candidates import Field
from bactrian.planning.terms import Terms

__all__ = ["Choice", "Menu", "Rule", "Rules", "menu_of"]

Floats = NDArray[np.float64]

Choice = tuple[str, int]  # a project and the year in which works on it begin
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Rules:
    """What a planner asks of a programme, beside what projects require and exclude.

    `budget_musd` is for the capital costs of all years of the plan, `periods` (first year, last year, mUSD) for those
    spent in these years, `countries` for the shares of owners. `build` are projects that must be built, with the year
    in which works begin or None; `never` those that must not be; `at_most` and `at_least` say how many of a group.
    """

    budget_musd: float = math.inf
    periods: tuple[tuple[int, int, float], ...] = ()
    countries: Mapping[str, float] = field(default_factory=dict)
    build: Mapping[str, int | None] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    at_most: tuple[tuple[int, tuple[str, ...]], ...] = ()
    at_least: tuple[tuple[int, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A linear rule on choices, with the `name` that a planner knows it by.

    `firm` rules follow from the case; one of them may say that two projects never go together, `apart`.
    """

    name: str
    weights: Mapping[Choice, float]
    low: float = -math.inf
    high: float = math.inf
    firm: bool = True
    apart: tuple[str, str] | None = None

    def holds(self, starts: Mapping[str, int]) -> bool:
        """Whether a programme keeps to it."""
        total = math.fsum(self.weights.get(choice, 0.0) for choice in starts.items())
        slack = SLACK * max(1.0, abs(self.low) if math.isfinite(self.low) else 1.0, abs(self.high))
        slack = slack if math.isfinite(slack) else SLACK * max(1.0, abs(total))
        return self.low - slack <= total <= self.high + slack


@dataclass(frozen=True, eq=False)
class Menu:
    """All `choices` there are, and the `rules` that a programme must keep to."""

    choices: tuple[Choice, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The projects that can be begun at all."""
        return tuple(dict.fromkeys(name for name, _ in self.choices))

    @cached_property
    def apart(self) -> frozenset[tuple[str, str]]:
        """Pairs of projects that never go together."""
        return frozenset(rule.apart for rule in self.rules if rule.apart)

    def clashes(self, open_: Collection[str]) -> bool:
        """Whether two of some projects never go together."""
        return any(one in open_ and other in open_ for one, other in self.apart)

    def breaks(self, starts: Mapping[str, int]) -> list[str]:
        """The names of the rules that a programme breaks."""
        known = set(self.choices)
        strange = [f"{one} cannot begin in {start}" for one, start in starts.items() if (one, start) not in known]
        return strange + [rule.name for rule in self.rules if not rule.holds(starts)]

    def pinned(self, name: str, built: bool) -> Menu:
        """The menu with a project built for sure, or never."""
        weights = {choice: 1.0 for choice in self.choices if choice[0] == name}
        rule = Rule(f"{'build' if built else 'never build'} {name}", weights, float(built), float(built))
        return Menu(self.choices, (*self.rules, rule))

    def rows(self, rules: Iterable[Rule] | None = None) -> tuple[csr_array, Floats, Floats]:
        """The rules as rows of a matrix over the choices, with their bounds."""
        place = {choice: at for at, choice in enumerate(self.choices)}
        chosen = list(self.rules if rules is None else rules)
        entries = [
            (at, place[choice], weight)
            for at, rule in enumerate(chosen)
            for choice, weight in rule.weights.items()
            if weight and choice in place
        ]
        at, columns, weights = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = csr_array((np.array(weights, float), (at, columns)), shape=(len(chosen), len(self.choices)))
        return matrix, np.array([rule.low for rule in chosen]), np.array([rule.high for rule in chosen])

    def best(self, worth: Mapping[Choice, float]) -> dict[str, int]:
        """The programme with the largest sum of `worth` by choice. Raises SolveError naming rules that conflict."""
        found = self._solved(self.rules, -np.array([worth.get(choice, 0.0) for choice in self.choices]))
        if found is None:
            raise SolveError(f"no programme can keep to all of these at once: {'; '.join(self.conflict())}")
        return self.programme(found)

    def programme(self, values: Floats) -> dict[str, int]:
        """The programme that `values` by choice stand for."""
        return {one: start for (one, start), value in zip(self.choices, values, strict=True) if value > 0.5}

    def conflict(self) -> list[str]:
        """Names of rules that cannot hold together, of which none can be left out; none where a programme exists.

        Rules are dropped one by one, and taken back where a programme comes to exist without them (the deletion filter
        of Chinneck and Dravnieks 1991); those that follow from the case are tried first.
        """
        left = list(self.rules)
        if self._possible(left):
            return []
        for rule in sorted(self.rules, key=lambda one: not one.firm):
            rest = [one for one in left if one is not rule]
            if not self._possible(rest):
                left = rest
        return [rule.name for rule in left]

    def _possible(self, rules: Iterable[Rule]) -> bool:
        return self._solved(rules, np.zeros(len(self.choices))) is not None

    def _solved(self, rules: Iterable[Rule], cost: Floats) -> Floats | None:
        """The choices of least cost that keep to `rules`; None where there are none."""
        chosen, size = list(rules), len(self.choices)
        if any(rule.low > SLACK or rule.high < -SLACK for rule in chosen if not rule.weights):
            return None
        if not size:
            return cost
        matrix, low, high = self.rows(rule for rule in chosen if rule.weights)
        return Programme(cost, np.zeros(size), np.ones(size), np.ones(size, bool), matrix, low, high).solve().values


def menu_of(field: Field, terms: Terms, rules: Rules, apart: Iterable[tuple[str, str]] = ()) -> Menu:
    """The choices of `field` under `terms`, and all rules on them; pairs `apart` cannot both be built.

    Raises SolveError for rules on what there is not, and for budgets that are no numbers or below 0.
    """
    candidates = field.candidates
    _check(field, terms, rules)
    choices = [(one.id, start) for one in candidates.values() for start in terms.starts(one)]
    of: dict[str, dict[Choice, float]] = defaultdict(dict)
    for choice in choices:
        of[choice[0]][choice] = 1.0
    found = [Rule(f"{one} can be built once", of[one], high=1.0) for one in candidates]
    found += _needs(field, terms, of)
    found += [
        Rule(f"{one} excludes {other}", of[one] | of[other], high=1.0, apart=(one, other))
        for one, other in sorted(_barred(field, apart))
    ]
    found += [
        Rule(f"{one.id} excludes {other}, which is there", of[one.id], high=0.0)
        for one in candidates.values()
        for other in one.excludes
        if other in field.committed or field.left_out.get(other) == "completed"
    ]
    spent = {
        (one, start): terms.cash(candidates[one], start).capex for one, start in choices
    }  # mUSD by year of the plan
    if math.isfinite(rules.budget_musd):
        weights = {choice: float(capex.sum()) for choice, capex in spent.items()}
        found.append(Rule(f"budget of {rules.budget_musd:,.6g} mUSD", weights, high=rules.budget_musd, firm=False))
    for first, last, most in rules.periods:
        part = slice(max(first - terms.first, 0), last - terms.first + 1)
        weights = {choice: float(capex[part].sum()) for choice, capex in spent.items()}
        found.append(Rule(f"budget of {most:,.6g} mUSD for {first}-{last}", weights, high=most, firm=False))
    for country, most in rules.countries.items():
        weights = {choice: float(capex.sum()) * candidates[choice[0]].owners.get(country, 0.0)
                   for choice, capex in spent.items()}  # fmt: skip
        found.append(Rule(f"budget of {most:,.6g} mUSD of {country}", weights, high=most, firm=False))
    for one, year in rules.build.items():
        weights = of[one] if year is None else {choice: 1.0 for choice in of[one] if choice[1] == year}
        told = f"build {one}" + ("" if year is None else f" from {year}")
        if not weights:
            able = terms.starts(candidates[one])
            when = f"works can begin in {able[0]}-{able[-1]}" if len(able) else "it cannot open before the plan ends"
            told += f", of which {when}"
        found.append(Rule(told, weights, low=1.0, firm=False))
    found += [Rule(f"never build {one}", of[one], high=0.0, firm=False) for one in sorted(rules.never)]
    for most, group in rules.at_most:
        weights = {choice: 1.0 for one in group for choice in of[one]}
        found.append(Rule(f"at most {most} of {' '.join(group)}", weights, high=float(most), firm=False))
    for least, group in rules.at_least:
        weights = {choice: 1.0 for one in group for choice in of[one]}
        found.append(Rule(f"at least {least} of {' '.join(group)}", weights, low=float(least), firm=False))
    return Menu(tuple(choices), tuple(found))


def _needs(field: Field, terms: Terms, of: Mapping[str, Mapping[Choice, float]]) -> list[Rule]:
    """What a project requires must be open no later than itself."""
    found = []
    for one in field.candidates.values():
        for other in one.requires:
            name = f"{one.id} requires {other}"
            if other in field.candidates:
                needed = field.candidates[other]
                for year in terms.years:
                    weights = {choice: 1.0 for choice in of[one.id] if terms.opening(one, choice[1]) <= year}
                    weights |= {choice: -1.0 for choice in of[other] if terms.opening(needed, choice[1]) <= year}
                    if any(weight > 0 for weight in weights.values()):
                        found.append(Rule(f"{name} to be open by {year}", weights, high=0.0))
            elif other in field.committed:
                opens = field.committed[other]
                early = {choice: 1.0 for choice in of[one.id] if terms.opening(one, choice[1]) < opens}
                if early:
                    found.append(Rule(f"{name}, which opens in {opens}", early, high=0.0))
            elif field.left_out.get(other) != "completed":
                why = field.left_out.get(other, "not in the case")
                found.append(Rule(f"{name}, which nobody builds ({why})", of[one.id], high=0.0))
    return found


def _barred(field: Field, apart: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    pairs = {(min(pair), max(pair)) for pair in apart}
    for one in field.candidates.values():
        pairs |= {(min(one.id, other), max(one.id, other)) for other in one.excludes if other in field.candidates}
    return pairs


def _check(field: Field, terms: Terms, rules: Rules) -> None:
    named = [*rules.build, *rules.never, *(one for _, group in (*rules.at_most, *rules.at_least) for one in group)]
    for one in named:
        if one not in field.candidates:
            why = field.left_out.get(one) or ("under construction" if one in field.committed else "not in the case")
            raise SolveError(f"a rule names {one!r}, which is no candidate: {why}; name one of {_some(field)}")
    sums = [rules.budget_musd, *(most for _, _, most in rules.periods), *rules.countries.values()]
    if not all(one >= 0 for one in sums):
        raise SolveError("a budget must be a sum of money of at least 0, such as 8 bn USD")
    for first, last, _ in rules.periods:
        if not terms.first <= first <= last <= terms.last:
            raise SolveError(f"the period {first}-{last} is not within the plan, {terms.first}-{terms.last}")
    owners = sorted({country for one in field.candidates.values() for country in one.owners})
    for country in rules.countries:
        if country not in owners:
            raise SolveError(f"a budget for {country!r}, which owns no candidate; owners are {', '.join(owners)}")
    for count, group in (*rules.at_most, *rules.at_least):
        if not count >= 0 or not group:
            raise SolveError("a group needs a number of at least 0 and the ids of its projects")


def _some(field: Field) -> str:
    names = list(field.candidates)
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")

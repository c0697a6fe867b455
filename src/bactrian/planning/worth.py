"""What any programme of works is worth: gains by year of whatever is open then, less what it costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from bactrian.assign import Flows
from bactrian.calibration.hindcast import happened
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.errors import SolveError
from bactrian.planning.candidates import Candidate, Field
from bactrian.planning.stage import NOTHING, Effects, Gain, Set, Stage, effects_of
from bactrian.planning.terms import Terms
from bactrian.verbs import run

__all__ = ["Starts", "Worth", "base_of", "reference_of_plan", "together", "worth_of"]

Starts = Mapping[str, int]
"""A programme: the year in which works on each project begin."""


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """One future under given terms: its stages by model year, and what programmes bring in it."""

    name: str
    field: Field
    terms: Terms
    stages: Mapping[int, Stage]

    def open_in(self, starts: Starts, year: int) -> Set:
        """The projects of a programme that are open in `year`."""
        candidates = self.field.candidates
        return frozenset(one for one, start in starts.items() if self.terms.opening(candidates[one], start) <= year)

    def gain(self, year: int, open_: Set) -> Gain:
        """What `open_` brings in a model year."""
        return self.stages[year].gain(open_)

    def at(self, year: int, open_: Set) -> float:
        """All that `open_` brings in a model year, in mUSD."""
        return self.gain(year, open_).total(self.terms.carbon_usd_per_t)

    def before(self, year: int, open_: Set) -> float:
        """The same before what carriers and ports forgo."""
        gain = self.gain(year, open_)
        return gain.total(self.terms.carbon_usd_per_t) + sum(gain.forgone.values())

    def tried_in(self, year: int) -> Collection[Set]:
        """The sets tried in a model year."""
        return self.stages[year].known

    def total(self, year: int, open_: Set) -> float:
        """The gain of any year of the plan in mUSD, interpolated between model years."""
        return sum(share * self.at(at, open_) for at, share in self.terms.weights(year).items())

    def benefit(self, starts: Starts) -> float:
        """Present value in mUSD of all gains of a programme."""
        return sum(
            self.terms.factor(year) * self.total(year, open_)
            for year in self.terms.years
            if (open_ := self.open_in(starts, year))
        )

    def cost(self, starts: Starts) -> float:
        """Present value in mUSD of all that a programme costs, less residual values."""
        return sum(self.terms.cost(self.candidate(one), start) for one, start in starts.items())

    def value(self, starts: Starts) -> float:
        """Net present value of a programme in mUSD."""
        return self.benefit(starts) - self.cost(starts)

    def candidate(self, name: str) -> Candidate:
        """The candidate of that id."""
        return self.field.candidates[name]

    @property
    def tried(self) -> int:
        """Equilibria found so far."""
        return sum(len(stage.known) for stage in self.stages.values())


def worth_of(
    case: Case,
    field: Field,
    terms: Terms,
    reference: Flows | None,
    scenario: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> Worth:
    """Lay out the stages of all model years, in the future `scenario` or as things stand.

    Raises as `run` does, and CaseError or SolveError for effects that a plan cannot value.
    """
    effects = effects_of(case, field.candidates)
    sets = together(field, effects)
    stages = {}
    for year in terms.model_years:
        if tell:
            tell(f"finding the ways of {year}" + (f" in the future {scenario}" if scenario else ""))
        stages[year] = Stage(base_of(case, field, year, scenario), year, effects, reference, sets)
    return Worth(scenario or "as things stand", field, terms, stages)


def base_of(case: Case, field: Field, year: int, scenario: str | None = None, but: Collection[str] = NOTHING) -> Case:
    """The case as it stands in `year` if no candidate is built: events that go on, completed and committed projects.

    What nobody builds opens no rows, whatever year the tables give. A scenario brings what it names but for candidates,
    on which the plan decides in any future. Events in `but` are left out.
    Raises SolveError if there is no such scenario.
    """
    there = {one for one, opens in field.committed.items() if opens <= year}
    unbuilt = {one for one, why in field.left_out.items() if why != "completed"} | set(field.committed) - there
    causes = {*happened(case, year), *there} - set(field.candidates) - set(but)
    base = case.without({*field.candidates, *unbuilt})
    if scenario is None:
        return base.with_effects(causes, year)
    named = case.table("scenarios").set_index("id")["causes"]
    if scenario not in named.index:
        raise SolveError(f"no scenario {scenario!r}; name one of {', '.join(named.index) or 'the table scenarios'}")
    given = " ".join(one for one in named[scenario].split() if one not in field.candidates)
    return base.with_({"scenarios": {scenario: {"causes": given}}}).with_effects({*causes, scenario}, year)


def reference_of_plan(case: Case, first: int) -> Flows | None:
    """The run that demand answers to: the year it is known for, with all that had happened by then."""
    if not (case.table("commodities")["cost_elasticity"] != 0).any():
        return None
    start = demand(case, first).base_year
    return run(case.with_effects(happened(case, start), start).rebased(), start)


def together(field: Field, effects: Effects) -> list[Set]:
    """Sets of candidates that may be open together, as large as they come, so that each is in one at least."""
    apart = effects.conflicts()
    for one in field.candidates.values():
        apart.update((min(one.id, other), max(one.id, other)) for other in one.excludes)
    sets: list[Set] = []
    left = sorted(field.candidates)
    while left:
        chosen: list[str] = []
        for name in [*left, *(each for each in sorted(field.candidates) if each not in left)]:
            if all((min(name, other), max(name, other)) not in apart for other in chosen):
                chosen.append(name)
        sets.append(frozenset(chosen))
        left = [name for name in left if name not in chosen]
    return sets

"""The question a planner asks: what to build and when, within a budget, and what it brings."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bactrian.assign.threads import one_thread
from bactrian.case import Case, load
from bactrian.errors import SolveError
from bactrian.planning.alternatives import Alternatives, alternatives_to
from bactrian.planning.appraisal import Appraisal, appraise
from bactrian.planning.bound import Bound, bound_of
from bactrian.planning.candidates import Field, field_of
from bactrian.planning.ceiling import Ceiling, ceiling
from bactrian.planning.check import PlanCertificate, certify_plan
from bactrian.planning.frontier import Frontier, frontier_of, levels
from bactrian.planning.robust import Robust, futures_of, robust_plan, scenarios_of
from bactrian.planning.rules import Menu, Rules, menu_of
from bactrian.planning.search import search
from bactrian.planning.terms import Terms
from bactrian.planning.worth import Worth, reference_of_plan, worth_of
from bactrian.units import parse

__all__ = ["Plan", "plan"]

SHARES = {"search": 0.65, "alternatives": 0.72, "bound": 0.8, "ceiling": 0.9}
"""By when each step must be over, as shares of the time limit; the certificate has the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The best programme found: the year in which works on each project begin (`starts`), and its net present `value`
    at equilibrium in mUSD.

    `bound` is proved: no programme is worth more. `ceiling` holds if opening more never lowers what a year gains (None
    where too many projects exclude one another). `alternatives` are nearly as good; `robust` and `frontier` are there
    if they were asked for. `ended` says what ended the search, `seconds` what each step took, `cut_short` which steps
    the time limit ended, `tried` how many equilibria were found. `case` is as loaded; `worth` values any programme.
    """

    case: Case
    scenario: str | None
    rules: Rules
    worth: Worth
    menu: Menu
    starts: dict[str, int]
    value: float
    bound: Bound
    ceiling: Ceiling | None
    alternatives: Alternatives
    certificate: PlanCertificate
    frontier: Frontier | None
    robust: Robust | None
    ended: str
    tried: int
    seconds: dict[str, float]
    time_limit_s: float
    cut_short: tuple[str, ...]

    @property
    def terms(self) -> Terms:
        """The terms of the appraisal."""
        return self.worth.terms

    @property
    def field(self) -> Field:
        """What there was to decide."""
        return self.worth.field

    @property
    def gap(self) -> float:
        """How far the proved bound is above the value, as a share of the value."""
        return _share(self.bound.value, self.value)

    @property
    def ceiling_gap(self) -> float:
        """How far the ceiling is above the value, as a share of the value; nan where there is none."""
        return math.nan if self.ceiling is None else _share(self.ceiling.value, self.value)

    def appraisal(self) -> Appraisal:
        """What the programme brings, to whom and when."""
        return appraise(self.worth, self.starts)


def _share(bound: float, value: float) -> float:
    more = max(bound - value, 0.0)
    return more / abs(value) if value else (0.0 if more == 0 else math.inf)


def plan(
    case: Case | str | Path = "transcaspian",
    first: int = 2026,
    last: int = 2040,
    budget: str | float | None = None,
    rules: Rules | None = None,
    *,
    discount: float = 0.05,
    carbon_usd_per_t: float = 0.0,
    residual: bool = True,
    step: int = 5,
    projects: Iterable[str] | None = None,
    scenario: str | None = None,
    within: float = 0.02,
    frontier: bool | Sequence[float] = False,
    robust: bool = False,
    time_limit_s: float = 200.0,
    tell: Callable[[str], None] | None = None,
) -> Plan:
    """Choose projects of `case` and the years in which works on them begin, so that the net present value is largest.

    `budget` caps all capital costs of the plan ("8 bn USD", or a number in mUSD); `rules` says more. `projects` names
    the candidates (see `field_of`), `scenario` a row of the table scenarios to plan in. `frontier` finds the best
    programmes at other budgets too (mUSD), `robust` over all futures of the table; both take longer than the time
    limit, which is for the plan itself. Money is in constant USD; see `Terms`.

    Raises CaseError for a faulty case, UnitError for a budget that cannot be read, and SolveError for terms or rules
    that make no sense, naming the rules that cannot be kept together.
    """
    tell = tell or (lambda _: None)
    clock = _Clock(time_limit_s)
    loaded = case if isinstance(case, Case) else load(case)
    terms = Terms(first, last, discount=discount, residual=residual, carbon_usd_per_t=carbon_usd_per_t, step=step)
    rules = rules or Rules()
    if budget is not None:
        rules = replace(rules, budget_musd=parse(budget).to("mUSD") if isinstance(budget, str) else float(budget))
    if not 0 <= within < 1:
        raise SolveError(f"alternatives within {within:g} of the value make no sense: give a share such as 0.02")
    if not time_limit_s > 0:
        raise SolveError("the time limit must be above 0 seconds")
    field = field_of(loaded, first, projects)
    if not field.candidates:
        raise SolveError(
            "there is nothing to decide: no project of the case is planned or proposed, has an effect in the table "
            "effects and a capex_musd in the table projects; fill them in, or name projects"
        )
    budgets = [] if isinstance(frontier, bool) else list(frontier)
    _check(loaded, field, terms, rules, budgets, robust)
    with one_thread():
        reference = reference_of_plan(loaded, first)
        worth = worth_of(loaded, field, terms, reference, scenario, tell)
        apart = worth.stages[terms.first].effects.conflicts()

        def menu_for(rules: Rules) -> Menu:
            return menu_of(field, terms, rules, apart)

        menu = menu_for(rules)
        clock.lap("ways")
        found = search(worth, menu, clock.until("search"), tell)
        ended = found.ended
        clock.lap("search")
        alternatives_to(worth, menu, found, within, clock.until("alternatives"))
        clock.lap("alternatives")
        limit = bound_of(worth, menu, found.starts, clock.until("bound"), tell)
        clock.lap("bound")
        top = ceiling(worth, menu, found, clock.until("ceiling"), tell)
        alternatives = alternatives_to(worth, menu, found, within, 0.0)
        clock.lap("ceiling")
        certificate = certify_plan(worth, found.starts, found.value, anew=clock.left() > 0, tell=tell)
        clock.lap("certificate")
        budgets = levels(worth, rules.budget_musd) if frontier is True else budgets
        curve = frontier_of(worth, menu_for, rules, budgets, found, tell=tell) if budgets else None
        clock.lap("frontier")
        stands = None
        if robust:
            futures = futures_of(loaded, field, terms, reference, tell, worth if scenario is None else None)
            stands = robust_plan(futures, menu, found, tell=tell)
        clock.lap("futures")
    return Plan(
        case=loaded,
        scenario=scenario,
        rules=rules,
        worth=worth,
        menu=menu,
        starts=dict(sorted(found.starts.items(), key=lambda one: (one[1], one[0]))),
        value=found.value,
        bound=limit,
        ceiling=top,
        alternatives=alternatives,
        certificate=certificate,
        frontier=curve,
        robust=stands,
        ended=ended,
        tried=worth.tried,
        seconds=clock.laps,
        time_limit_s=time_limit_s,
        cut_short=tuple(clock.late),
    )


def _check(case: Case, field: Field, terms: Terms, rules: Rules, budgets: Sequence[float], robust: bool) -> None:
    """Raise SolveError for what conflicts or is not there before anything takes long."""
    menu_of(field, terms, rules).best({})
    menus = [menu_of(field, terms, replace(rules, budget_musd=each)) for each in sorted(budgets)]
    if menus:
        menus[-1].best({})
    if robust:
        scenarios_of(case)


class _Clock:
    def __init__(self, limit: float) -> None:
        self.start = self.last = time.monotonic()
        self.limit = limit
        self.laps: dict[str, float] = {}
        self.late: list[str] = []

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name], self.last = round(now - self.last, 1), now
        if name in SHARES and now > self.until(name):
            self.late.append(name)

    def until(self, step: str) -> float:
        return self.start + self.limit * SHARES[step]

    def left(self) -> float:
        return self.start + self.limit - time.monotonic()

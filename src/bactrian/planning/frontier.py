"""Value against budget: the best programme at each of several budgets, and where each project enters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bactrian.errors import SolveError
from bactrian.planning.rules import Menu, Rules
from bactrian.planning.search import Found, Valued, search

__all__ = ["Frontier", "Point", "frontier_of", "levels"]


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The best programme found with a `budget` (mUSD), its `value` and its `capital` cost (mUSD, not discounted)."""

    budget: float
    value: float
    capital: float
    starts: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """`points` by budget, and by project the budget from which on it is in every programme (`enters`); a project that
    is in none at the largest budget has none."""

    points: tuple[Point, ...]
    enters: dict[str, float]


def levels(worth: Valued, budget: float) -> list[float]:
    """Budgets to look at: shares of `budget`, or of what all candidates cost if that is less."""
    everything = sum(one.capex_musd for one in worth.field.candidates.values())
    whole = min(budget, everything) or everything
    return [round(whole * share, 6) for share in (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)]


def frontier_of(
    worth: Valued,
    menu_for: Callable[[Rules], Menu],
    rules: Rules,
    budgets: Sequence[float],
    found: Found,
    until: float = float("inf"),
    tell: Callable[[str], None] | None = None,
) -> Frontier:
    """Find the best programme at each of the `budgets`, in place of that of `rules`, from less to more.

    What is found with less is known with more, so more never brings less. Budgets that no programme keeps to (because
    of what must be built) have no point. Raises SolveError where that is so for all of them.
    """
    known = found
    points: list[Point] = []
    for budget in sorted(set(budgets)):
        try:
            here = search(worth, menu_for(replace(rules, budget_musd=budget)), until, tell, known)
        except SolveError:
            if budget == max(budgets) and not points:
                raise
            continue
        known = Found(known.starts, known.value, known.tried | here.tried, known.together)
        spent = sum(worth.terms.cash(worth.field.candidates[one], at).capex.sum() for one, at in here.starts.items())
        points.append(Point(budget, here.value, float(spent), here.starts))
        if tell:
            tell(f"with {budget:,.0f} mUSD: {here.value:,.0f} mUSD")
    enters = {}
    for name in worth.field.candidates:
        for at, point in enumerate(points):
            if all(name in later.starts for later in points[at:]):
                enters[name] = point.budget
                break
    return Frontier(tuple(points), enters)

"""Pictures of a plan: when its projects are built and what that costs by year, and value against budget."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from bactrian.draw.names import fitted
from bactrian.draw.paper import as_it_comes, axes_in_points, put_text
from bactrian.draw.style import COLOURS, plain
from bactrian.planning import Frontier, Plan

__all__ = ["BUILT", "draw_feet", "frontier_picture", "programme_picture", "scaled_axes"]

Floats = NDArray[np.float64]

BUILT, SERVING, ANEW = "#b93778", "#f3c9dc", "#6a1f80"
BAND = "#f4f5f6"
_WIDTH, _MARGIN, _ROW = 720.0, 12.0, 17.0
_NAMES, _RIGHT = 262.0, 60.0  # room for names, and for costs behind the last year
_COLUMNS = 74.0  # height of the columns of capital


def programme_picture(plan: Plan) -> Figure:
    """Draw when works on each project run, when it opens and serves, and under it the capital spent in each year.

    >>> from bactrian.planning import plan  # doctest: +SKIP
    >>> programme_picture(plan(budget="8 bn USD"))  # doctest: +SKIP
    """
    with as_it_comes():
        rows = list(plan.starts.items())
        high = _ROW * max(len(rows), 1)
        size = (_WIDTH, 24 + _COLUMNS + 26 + 18 + high + 62)
        figure = _figure(size)
        years = plan.terms.years
        across = _WIDTH - _NAMES - _RIGHT - _MARGIN
        step = across / len(years)
        spent = sum(
            (plan.terms.cash(plan.field.candidates[one], start).capex for one, start in rows), np.zeros(len(years))
        )
        _head(figure, size, plan, float(np.sum(spent)))
        bars = axes_in_points(figure, (0, 24 + _COLUMNS + 26, _WIDTH, high + 18), "none")
        _draw_years(bars, plan, step, high)
        for place, (one, start) in enumerate(rows):
            _draw_row(bars, plan, one, start, high - _ROW * (place + 0.5), step)
        if not rows:
            _say(bars, _NAMES + across / 2, high / 2, "nothing is built", ha="center", slant="italic")
        _draw_columns(axes_in_points(figure, (0, 24, _WIDTH, _COLUMNS + 26), "none"), plan, spent, step)
        draw_feet(figure, size, plan)
    return figure


def _figure(size: tuple[float, float]) -> Figure:
    return Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")


def _head(figure: Figure, size: tuple[float, float], plan: Plan, spent: float) -> None:
    terms, count = plan.terms, len(plan.starts)
    put_text(
        figure,
        size,
        (_MARGIN, size[1] - 14),
        plain(f"{plan.case.name}: what to build, {terms.first}-{terms.last}", 80),
        13,
        weight="bold",
    )
    budget = f" of {plan.rules.budget_musd:,.0f}" if np.isfinite(plan.rules.budget_musd) else ""
    told = f"{count} {'project' if count == 1 else 'projects'}, {spent:,.0f}{budget} mUSD of capital; "
    told += f"net present value {float(f'{plan.value:.3g}'):,.0f} mUSD at {100 * terms.discount:g} % a year"
    put_text(figure, size, (_MARGIN, size[1] - 31), told, 8.5)
    left, low = _NAMES, size[1] - 48
    shades = {"works": BUILT, "in service": SERVING}
    if any(_bought_anew(plan, one, start) for one, start in plan.starts.items()):
        shades["worn out, bought anew"] = ANEW
    for text, shade in shades.items():
        box = (left / size[0], (low - 4) / size[1]), 20 / size[0], 8 / size[1]
        figure.add_artist(Rectangle(*box, facecolor=shade, linewidth=0, transform=figure.transFigure))
        put_text(figure, size, (left + 25, low), text, 7.2)
        left += 84


def draw_feet(figure: Figure, size: tuple[float, float], plan: Plan, more: str = "") -> None:
    """Say under a picture whether the certificate holds, and what it was made of."""
    holds = plan.certificate.holds
    state = "Certificate holds" if holds else "Certificate does not hold"
    shown = put_text(figure, size, (_MARGIN, 9), state, 7, color=COLOURS["text"] if holds else COLOURS["alarm"])
    if not holds:
        shown.set(fontweight="bold", fontsize=8.5)
    made = f"{more}Bactrian {version('bactrian')}  ·  case {plan.case.hash[:12]}"
    put_text(figure, size, (size[0] - _MARGIN, 9), made, 7, ha="right")


def _draw_years(axes: Axes, plan: Plan, step: float, high: float) -> None:
    """Years over the bars, a band under every other row, and a line at the start of each year."""
    years = plan.terms.years
    every = max(1, int(np.ceil(24 / step)))
    for at, year in enumerate(years):
        left = _NAMES + at * step
        if at % every == 0:
            axes.plot([left, left], [0, high], color="#dcdfe2", linewidth=0.5, zorder=1)
            _say(axes, left + step * min(every, len(years) - at) / 2, high + 8, str(year), ha="center")
    axes.plot([_NAMES + len(years) * step] * 2, [0, high], color="#dcdfe2", linewidth=0.5, zorder=1)
    _say(axes, _WIDTH - _MARGIN, high + 8, "mUSD", ha="right")
    for place in range(0, max(len(plan.starts), 1), 2):
        low = high - _ROW * (place + 1)
        axes.add_patch(Rectangle((_MARGIN, low), _WIDTH - 2 * _MARGIN, _ROW, facecolor=BAND, linewidth=0, zorder=0))


def _draw_row(axes: Axes, plan: Plan, one: str, start: int, middle: float, step: float) -> None:
    candidate, terms = plan.field.candidates[one], plan.terms
    opens = terms.opening(candidate, start)

    def at(year: float) -> float:
        return _NAMES + (year - terms.first) * step

    _say(axes, _MARGIN + 4, middle, fitted(one, 28, "place"), weight="bold")
    _say(axes, _MARGIN + 34, middle, fitted(candidate.name, _NAMES - _MARGIN - 42, "place"))
    end = at(terms.last + 1)
    for left, right, shade in ((at(opens), end, SERVING), (at(start), at(max(opens, start + 0.15)), BUILT)):
        axes.add_patch(Rectangle((left, middle - 5), right - left, 10, facecolor=shade, linewidth=0, zorder=2))
    for year in _bought_anew(plan, one, start):
        axes.add_patch(Rectangle((at(year), middle - 5), 0.25 * step, 10, facecolor=ANEW, linewidth=0, zorder=3))
    _say(axes, _WIDTH - _MARGIN - 4, middle, f"{candidate.capex_musd:,.0f}", ha="right")


def _bought_anew(plan: Plan, one: str, start: int) -> list[int]:
    """The years in which a project is worn out and bought anew."""
    candidate, terms = plan.field.candidates[one], plan.terms
    first = terms.opening(candidate, start) + candidate.life_years
    return list(range(first, terms.last + 1, candidate.life_years))


def _draw_columns(axes: Axes, plan: Plan, spent: Floats, step: float) -> None:
    """Capital by year as columns, each with its sum."""
    most = float(spent.max(initial=0.0))
    base = 8.0
    _say(axes, _MARGIN + 4, base + 8, "Capital by year, mUSD", weight="bold")
    axes.plot([_NAMES, _NAMES + len(spent) * step], [base, base], color=COLOURS["frame"], linewidth=0.8)
    for at, one in enumerate(spent.tolist()):
        if one <= 0:
            continue
        tall = (_COLUMNS - 8) * one / most
        axes.add_patch(Rectangle((_NAMES + (at + 0.14) * step, base), 0.72 * step, tall, facecolor=BUILT, linewidth=0))
        if step < 15:  # no room for sums
            continue
        told = f"{one:,.0f}" if one >= 1 else "<1"
        _say(axes, _NAMES + (at + 0.5) * step, base + tall + 6, told, ha="center", size=min(7.2, step / 3.3))


def frontier_picture(plan: Plan) -> Figure:
    """Draw the value of the best programme at each budget, and below it which projects are in it.

    Raises ValueError for a plan without a frontier.
    """
    if plan.frontier is None or not plan.frontier.points:
        raise ValueError("the plan has no frontier: ask for it with frontier=True")
    with as_it_comes():
        curve = plan.frontier
        names = _by_entry(curve)
        rows, top = _ROW * max(len(names), 1), 190.0
        size = (_WIDTH, 24 + 34 + rows + 20 + top + 46)
        figure = _figure(size)
        title = plain(f"{plan.case.name}: what a budget brings, {plan.terms.first}-{plan.terms.last}", 80)
        put_text(figure, size, (_MARGIN, size[1] - 14), title, 13, weight="bold")
        told = "Net present value of the best programme found with each budget; below, the projects that it builds"
        put_text(figure, size, (_MARGIN, size[1] - 31), told, 8.5)
        across = _WIDTH - _NAMES - _MARGIN - 14
        upper = scaled_axes(figure, size, (_NAMES, 24 + 34 + rows + 20, across, top))
        lower = scaled_axes(figure, size, (_NAMES, 24 + 34, across, rows))
        _draw_curve(upper, curve)
        _draw_presence(lower, plan, curve, names)
        draw_feet(figure, size, plan)
    return figure


def _by_entry(curve: Frontier) -> list[str]:
    """Projects in any of the programmes: first those that are in with little money, those that stay first."""
    first: dict[str, float] = {}
    for point in curve.points:
        for one in point.starts:
            first.setdefault(one, point.budget)
    return sorted(first, key=lambda one: (curve.enters.get(one, np.inf), first[one], one))


def scaled_axes(figure: Figure, size: tuple[float, float], box: tuple[float, float, float, float]) -> Any:
    left, low, across, high = box
    axes = figure.add_axes((left / size[0], low / size[1], across / size[0], high / size[1]), facecolor="none")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=COLOURS["frame"], linewidth=0.8)
    axes.tick_params(labelsize=7.2, color=COLOURS["frame"], labelcolor=COLOURS["text"], length=3)
    return axes


def _draw_curve(axes: Any, curve: Frontier) -> None:
    budgets = [one.budget for one in curve.points]
    values = [one.value for one in curve.points]
    end = budgets[-1] * 1.04
    axes.grid(axis="y", color="#dcdfe2", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.step([*budgets, end], [*values, values[-1]], where="post", color=BUILT, linewidth=1.6)
    axes.plot(budgets, values, "o", color=BUILT, markersize=5, markeredgecolor="white", markeredgewidth=0.8, zorder=3)
    axes.set_xlim(0, end)
    low, high = min(0.0, *values), max(*values, 0.0)
    axes.set_ylim(low, low + (high - low or 1.0) * 1.08)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylabel("net present value, mUSD", fontsize=7.2, color=COLOURS["text"])
    axes.set_xticklabels([])


def _draw_presence(axes: Any, plan: Plan, curve: Frontier, names: Sequence[str]) -> None:
    budgets = [one.budget for one in curve.points]
    end = budgets[-1] * 1.04
    for place, one in enumerate(names):
        built = [one in point.starts for point in curve.points]
        for at, here in enumerate(built):
            if not here:
                axes.plot(budgets[at], place, "o", color="#c9d1d6", markersize=2, zorder=2)
                continue
            until = budgets[at + 1] if at + 1 < len(budgets) else end
            axes.plot([budgets[at], until], [place, place], color=SERVING, linewidth=6, solid_capstyle="butt", zorder=1)
            axes.plot(budgets[at], place, "o", color=BUILT, markersize=4, zorder=3)
    for budget in budgets:
        axes.axvline(budget, color="#dcdfe2", linewidth=0.5, zorder=0)
    axes.set_xlim(0, end)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    told = [f"{fitted(plan.field.candidates[one].name, _NAMES - _MARGIN - 50, 'place')}  {one}" for one in names]
    axes.set_yticks(range(len(names)), told, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlabel("budget for capital, mUSD", fontsize=7.2, color=COLOURS["text"])


def _say(
    axes: Any,
    x: float,
    y: float,
    told: str,
    ha: str = "left",
    weight: str = "normal",
    slant: str = "normal",
    size: float = 7.2,
) -> None:
    text = axes.text(x, y, told, ha=ha, va="center", fontsize=size, color=COLOURS["text"], parse_math=False)
    text.set(fontweight=weight, fontstyle=slant)

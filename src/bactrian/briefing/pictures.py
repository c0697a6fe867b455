"""Pictures made of results: programme of works, budget frontier, exceedance curve, and who gains and who pays.

Axes bear no round numbers: what stands at them are figures of the results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log10
from typing import Any

from bactrian.briefing.house import House
from bactrian.briefing.svg import SIZE, Canvas, fitted, wide
from bactrian.briefing.values import Sheet
from bactrian.errors import BriefError

__all__ = ["CHARTS", "Studio"]

WIDTH = 720.0
_LEFT, _ROW, _SMALL = 284.0, 21.0, 11.0
_SHOWN = 10  # countries at most
_APART = 15.0  # between two texts at an axis


@dataclass(frozen=True, slots=True)
class Studio:
    """What a picture is made with: the sheet of values, the words within it by name, and the house style."""

    sheet: Sheet
    words: Callable[[str], str]
    house: House

    def number(self, value: float) -> str:
        """A figure as the language writes it."""
        return self.sheet.names.language.number(value)

    def colour(self, name: str) -> str:
        """A colour of the house."""
        return self.house.colours[name]


def programme(studio: Studio) -> Canvas:
    """Works and service of the projects of a plan, year by year, with what each costs."""
    rows = sorted(studio.sheet.look("plan/projects"), key=lambda one: (one["start"], one["id"]))
    years = [int(one["year"]) for one in studio.sheet.look("plan/years")]
    canvas = Canvas(WIDTH, 52 + _ROW * len(rows))
    right = 70.0
    step = (WIDTH - _LEFT - right) / len(years)
    _key(canvas, [(studio.words("programme-works"), "cost"), (studio.words("programme-service"), "soft")], studio)
    every = max(1, round(0.5 + 34 / step))
    for at, year in enumerate(years):
        x = _LEFT + at * step
        canvas.line([(x, 40), (x, canvas.height - 6)], "grid", 0.6)
        if at % every == 0:
            canvas.text(x + 2, 32, str(year), size=_SMALL, role="soft", value=year)
    for place, one in enumerate(rows):
        y = 52 + _ROW * place
        name = studio.sheet.names.of("project", str(one["id"])).text
        canvas.text(4, y, fitted(name[0].upper() + name[1:], _LEFT - 10))
        start, opens = one["start"] - years[0], max(one["works_end"] + 1, one["start"]) - years[0]
        canvas.box(_LEFT + opens * step, y - 6, (len(years) - opens) * step, 12, "#c9d3da", "service")
        canvas.box(
            _LEFT + start * step, y - 6, (min(opens, len(years)) - start) * step, 12, studio.colour("cost"), "cost"
        )
        canvas.text(WIDTH - 4, y, studio.number(one["capex_musd"]), anchor="end", value=one["capex_musd"])
    return canvas


def frontier(studio: Studio) -> Canvas:
    """The value of the best programme found at each budget."""
    curve = studio.sheet.look("plan/frontier/points")
    points = [(float(one["budget_musd"]), float(one["value_musd"])) for one in curve]
    canvas = Canvas(WIDTH, 330)
    left, top, right, low = 78.0, 30.0, WIDTH - 20, 280.0
    most = max(one for one, _ in points) * 1.05 or 1.0
    high = max(*(one for _, one in points), 0.0) * 1.05 or 1.0
    base = min(0.0, *(one for _, one in points))

    def at(budget: float, value: float) -> tuple[float, float]:
        return left + (right - left) * budget / most, low - (low - top) * (value - base) / (high - base)

    steps = []
    for here, after in zip(points, [*points[1:], (most, points[-1][1])], strict=True):
        steps += [at(*here), at(after[0], here[1])]
    _axes(canvas, left, top, right, low)
    _marks(canvas, studio, [(at(0, value)[1], value) for _, value in points], along=False, edge=left)
    _marks(canvas, studio, [(at(budget, base)[0], budget) for budget, _ in points], along=True, edge=low)
    canvas.line(steps, studio.colour("gain"), 2.2)
    for one in points:
        canvas.dot(*at(*one), 4, studio.colour("gain"), "gain")
    canvas.text(left, 12, studio.words("frontier-value"), role="soft")
    canvas.text(right, low + 38, studio.words("frontier-budget"), anchor="end", role="soft")
    return canvas


def exceedance(studio: Studio) -> Canvas:
    """How often the cost of disruptions exceeds a sum, with its band, and the expected cost."""
    rows = studio.sheet.look("stress/exceedance")
    tails, mean = studio.sheet.look("stress/tails"), float(studio.sheet.look("stress/expected_musd/mean"))
    canvas = Canvas(WIDTH, 330)
    left, top, right, low = 66.0, 30.0, WIDTH - 20, 280.0
    costs = [float(one["cost_musd"]) for one in rows]
    first, last = min(*costs, 0.0), max(*costs, mean, 1e-9)
    least = min([float(one["chance"]) for one in tails] + [one["chance"] for one in rows if one["chance"] > 0])

    def at(cost: float, chance: float) -> tuple[float, float]:
        across = left + (right - left) * (cost - first) / (last - first)
        return across, low - (low - top) * (1 - log10(max(chance, least)) / log10(least))

    band = [at(one["cost_musd"], one["high"] or 0) for one in rows]
    band += [at(one["cost_musd"], one["low"] or 0) for one in reversed(rows)]
    way = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in band) + " Z"
    _axes(canvas, left, top, right, low)
    canvas.path(way, f'fill="{studio.colour("gain")}" fill-opacity="0.18"', "band")
    canvas.line([at(one["cost_musd"], one["chance"]) for one in rows], studio.colour("gain"), 2.2)
    tongue = studio.sheet.names.language
    for one in tails:
        x, y = at(one["cost_musd"], one["chance"])
        canvas.dot(x, y, 4, studio.colour("gain"), "gain")
        canvas.line([(left, y), (x, y), (x, low)], "grid", 0.7)
        canvas.text(
            left - 6, y, tongue.percent(one["chance"]), anchor="end", size=_SMALL, role="soft", value=one["chance"]
        )
    _marks(canvas, studio, [(at(one["cost_musd"], 1)[0], one["cost_musd"]) for one in tails], along=True, edge=low)
    x = at(mean, 1)[0]
    canvas.line([(x, top), (x, low)], studio.colour("cost"), 1.4)
    told = tongue.money(mean * 1e6)
    aside = x + wide(told) + 12 > right
    canvas.text(x - 6 if aside else x + 6, top + 4, told, anchor="end" if aside else "start", value=mean)
    canvas.text(left, 12, studio.words("exceedance-chance"), role="soft")
    canvas.text(right, low + 38, studio.words("exceedance-cost"), anchor="end", role="soft")
    return canvas


def shares(studio: Studio) -> Canvas:
    """Gains to the right and costs to the left, by country, those that have most of either first."""
    rows = studio.sheet.look("plan/countries")
    rows = sorted(rows, key=lambda one: -max(abs(one["gain"] or 0), abs(one["cost"] or 0)))[:_SHOWN]
    rows = sorted(rows, key=lambda one: -(one["net"] or 0))
    if not rows:
        raise BriefError("the plan tells of no country")
    canvas = Canvas(WIDTH, 40 + _ROW * len(rows))
    _key(canvas, [(studio.words("shares-gain"), "gain"), (studio.words("shares-cost"), "cost")], studio)
    gains, costs = ([max(float(one[name] or 0), 0.0) for one in rows] for name in ("gain", "cost"))
    room = WIDTH - 210 - 2 * 66
    scale = room / max(max(gains) + max(costs), 1e-9)
    middle = 210 + 66 + max(costs) * scale
    canvas.line([(middle, 28), (middle, canvas.height - 4)], "soft", 0.8)
    for place, one in enumerate(rows):
        y = 40 + _ROW * place
        canvas.text(4, y, fitted(studio.sheet.names.of("land", str(one["country"])).text, 200))
        for side, name, size in ((1, "gain", gains[place]), (-1, "cost", costs[place])):
            long = size * scale
            canvas.box(middle if side > 0 else middle - long, y - 6, long, 12, studio.colour(name), name)
            if size * scale > 0.2:
                x, end = middle + side * (long + 5), "start" if side > 0 else "end"
                canvas.text(x, y, studio.number(size), anchor=end, size=_SMALL, value=one[name])
    return canvas


def _axes(canvas: Canvas, left: float, top: float, right: float, low: float) -> None:
    canvas.line([(left, top), (left, low), (right, low)], "soft", 0.9)


def _marks(canvas: Canvas, studio: Studio, marks: list[tuple[float, float]], along: bool, edge: float) -> None:
    """Figures at an axis, each where it lies; of those that would touch, the outer ones stay."""
    taken: list[tuple[float, float]] = []
    order = sorted(marks, key=lambda one: one[0])
    for at, value in [*order[-1:], *order[:1], *order[1:-1]]:
        told = studio.number(value)
        half = wide(told, _SMALL) / 2 + 4 if along else _APART / 2
        if any(at - half < high and low < at + half for low, high in taken):
            continue
        taken.append((at - half, at + half))
        if along:
            canvas.text(at, edge + 14, told, anchor="middle", size=_SMALL, role="soft", value=value)
        else:
            canvas.text(edge - 6, at, told, anchor="end", size=_SMALL, role="soft", value=value)


def _key(canvas: Canvas, words: list[tuple[str, str]], studio: Studio) -> None:
    x = 4.0
    for told, role in words:
        colour = studio.house.colours.get(role, "#c9d3da")
        canvas.box(x, 7, 18, 10, colour, role if role in studio.house.colours else "service")
        canvas.text(x + 24, 12, told, role="soft")
        x += 24 + wide(told, SIZE) + 20


CHARTS: Mapping[str, Callable[[Studio], Any]] = {
    "programme": programme,
    "frontier": frontier,
    "exceedance": exceedance,
    "shares": shares,
}
"""Pictures by the name under which a template asks for them; the map is in `bactrian.briefing.map`."""

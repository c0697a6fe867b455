"""Pictures of stress: what changes on each link, how it passes over time, and how often a cost is exceeded."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from math import inf

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from bactrian.assign.prepared import Settled
from bactrian.case import Case
from bactrian.draw.base import base
from bactrian.draw.labels import around, place
from bactrian.draw.legend import round_loads
from bactrian.draw.names import Name, label_of, land_of, short
from bactrian.draw.paper import as_it_comes, axes_in_points, draw_base, draw_name, put_text, samples
from bactrian.draw.plan import scaled_axes
from bactrian.draw.projection import View, view_of_extent, view_of_places
from bactrian.draw.ribbons import Course as Line
from bactrian.draw.ribbons import ribbons, ways_of
from bactrian.draw.style import COLOURS, dashes, plain, width
from bactrian.report.course import kt_of_links, settled_of, waiting_on
from bactrian.stressing import Course, Risk, Scene

__all__ = ["change_map", "draw_foot", "exceedance_picture", "time_picture", "view_of"]

Floats = NDArray[np.float64]

MORE, LESS = "#0072b2", "#d55e00"  # told apart by every eye (Okabe and Ito)
_WIDTH, _MARGIN, _HEAD, _FOOT = 720.0, 12.0, 40.0, 62.0
_ASPECTS = (0.45, 0.75)
_FAINT = 1.0  # kt/yr, what is no change to draw
_SHOWN = 0.002  # of the greatest change, below which one is not drawn
_NAMED = 30  # places at most
_AFTER = 0.4  # days drawn after the last span begins, as a share of those before


def change_map(course: Course, extent: tuple[float, float, float, float] | None = None) -> Figure:
    """Draw by how much the load of each link grows or falls in the first span of a course worked out with
    `alone=True`, against calm; what is shut is marked. `extent` is west, south, east, north in degrees."""
    with as_it_comes():
        scene = course.scene
        calm, then = settled_of(course), settled_of(course, 0)
        change = kt_of_links(scene, then) - kt_of_links(scene, calm)
        known = set(scene.case.table("links")["id"])
        change = change[[one in known for one in change.index]]
        ways = [
            replace(way, kt=float(kt))
            for way, kt in zip(ways_of(scene.case, change.index), change.to_numpy(), strict=True)
        ]
        view = view_of(scene.case, ways, extent)
        size = (_WIDTH, _FOOT + view.height + _HEAD)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")
        axes = axes_in_points(figure, (_MARGIN, _FOOT, view.width, view.height), COLOURS["water"])
        paper = base(view)
        draw_base(axes, paper)
        most = _draw_changes(axes, view, ways)
        crosses = _draw_shut(axes, view, scene, ways, calm, then)
        changed = [view.points(way.lonlat) for way in ways if abs(way.kt) >= max(_FAINT, _SHOWN * most)]
        obstacles = np.concatenate([crosses, *(samples(path, 0.6) for path in changed)])
        named = [*_places(view, scene, ways), *(land_of(one, view) for one in paper.countries if one.name)]
        spots = place([one.label for one in named], (view.width, view.height), obstacles)
        for name, spot in zip(named, spots, strict=True):
            if spot is not None:
                draw_name(axes, name, spot)
        for side in axes.spines.values():
            side.set(visible=True, color=COLOURS["frame"], linewidth=0.8)
        days = course.spans[0].days
        when = "for good" if days == inf else f"for {days:g} days"
        _draw_head(
            figure, size, scene, f"Change of what each link carries while this lasts, {when}, against calm", course
        )
        _draw_legend(axes_in_points(figure, (0, 18, _WIDTH, _FOOT - 20), "none"), most)
        outlines = "Outlines: Natural Earth (public domain), no position on borders  ·  "
        draw_foot(figure, size, outlines, scene.case.hash)
    return figure


def view_of(case: Case, ways: list[Line], extent: tuple[float, float, float, float] | None) -> View:
    """The view of `extent` (west, south, east, north in degrees), or of where most `ways` meet."""
    across = _WIDTH - 2 * _MARGIN
    if extent is not None:
        return view_of_extent(extent, across, _ASPECTS)
    ends = [end for way in ways for end in way.ends]
    places = case.table("places")
    degree = np.array([ends.count(one) for one in places["id"]], dtype=np.float64)
    lonlat = places[["lon", "lat"]].to_numpy(dtype=np.float64)
    return view_of_places(lonlat[degree > 0], degree[degree > 0], across, _ASPECTS)


def _draw_changes(axes: Axes, view: View, ways: list[Line]) -> float:
    """Draw ribbons of change, wide under narrow; return the greatest change in kt/yr."""
    drawn = sorted(ribbons(ways), key=lambda one: -abs(one.kt))
    most = max((abs(one.kt) for one in drawn), default=0.0)
    rounded = {"solid_capstyle": "round", "solid_joinstyle": "round", "dash_capstyle": "butt"}
    for order, one in enumerate(drawn):
        x, y = view.points(one.lonlat).T
        if abs(one.kt) < max(_FAINT, _SHOWN * most):
            axes.add_line(Line2D(x, y, color=COLOURS["unused"], linewidth=0.4, zorder=2))
            continue
        wide, level = width(abs(one.kt), most), 3 + order / len(drawn)
        axes.add_line(Line2D(x, y, color="white", linewidth=wide + 1.0, alpha=0.85, zorder=level, **rounded))  # type: ignore[arg-type]
        line = Line2D(x, y, color=MORE if one.kt > 0 else LESS, linewidth=wide, zorder=level, **rounded)  # type: ignore[arg-type]
        line.set_linestyle(dashes(one.family, wide))
        axes.add_line(line)
    return most if most >= _FAINT else 0.0


def _draw_shut(axes: Axes, view: View, scene: Scene, ways: list[Line], calm: Settled, then: Settled) -> Floats:
    """Mark links and terminals that may be used in calm and not then; return where, as obstacles to names."""
    usable = [np.array(~np.isnan(one.network.cost).all(axis=0)) for one in (calm, then)]
    arcs = scene.network.arcs
    open_ = [arcs.assign(open=each).groupby(["table", "row"])["open"].any() for each in usable]
    shut = set((open_[0] & ~open_[1]).pipe(lambda each: each[each]).index)
    places = scene.case.table("places").set_index("id")[["lon", "lat"]].astype(float)
    terminals = scene.case.table("terminals").set_index("id")["place"]
    at = [np.array(places.loc[terminals[row]])[None] for table, row in sorted(shut) if table == "terminals"]
    spots = [view.points(one)[0] for one in at]
    for way in ways:
        if ("links", way.link) in shut:
            path = view.points(way.lonlat)
            far = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
            spots.append(np.array([np.interp(far[-1] / 2, far, path[:, one]) for one in (0, 1)]))
    for x, y in {(round(float(x), 2), round(float(y), 2)): None for x, y in spots}:
        _cross(axes, x, y)
    return np.array([[x, y, 9.0] for x, y in spots]).reshape(-1, 3)


def _places(view: View, scene: Scene, ways: list[Line]) -> list[Name]:
    """Names of the places where most changes."""
    change: dict[str, float] = {}
    for way in ways:
        for end in way.ends:
            change[end] = change.get(end, 0.0) + abs(way.kt)
    table = scene.case.table("places").set_index("id")
    found = []
    for one in sorted(change, key=lambda one: (-change[one], one)):
        x, y = view.points(np.array([[table["lon"][one], table["lat"][one]]], dtype=np.float64))[0].tolist()
        if change[one] >= _FAINT and view.holds(np.array([[x, y]]), 5.0)[0]:
            text = short(str(table["name"][one]))
            size = label_of("place", text, ()).label
            found.append(label_of("place", text, around(x, y, size.width, size.height, 3.5)))
    return found[:_NAMED]


def _cross(axes: Axes, x: float, y: float) -> None:
    for shade, wide in (("white", 3.2), (COLOURS["text"], 1.5)):
        mark = Line2D([x], [y], linestyle="none", marker="x", markersize=5.5, zorder=6)
        mark.set(markeredgecolor=shade, markeredgewidth=wide)
        axes.add_line(mark)


def _draw_legend(axes: Axes, most: float) -> None:
    unit, factor = ("Mt", 1000.0) if most >= 1000 else ("kt", 1.0)
    left, high = 12.0, 27.0
    for shade, told in ((MORE, "more"), (LESS, "less")):
        loads = round_loads(most)
        axes.text(left, high, f"{told}, {unit} a year", va="center", fontsize=7.2, color=COLOURS["text"])
        left += 76
        for load in loads:
            axes.add_line(Line2D([left, left + 30], [high, high], color=shade, linewidth=width(load, most)))
            axes.text(left + 15, high - 13, f"{load / factor:g}", ha="center", va="center", fontsize=7.2)
            left += 38
        left += 18
    _cross(axes, left + 4, high)
    axes.text(left + 12, high, "shut", va="center", fontsize=7.2, color=COLOURS["text"])


def _draw_head(
    figure: Figure, size: tuple[float, float], scene: Scene, told: str, course: Course | None = None
) -> None:
    active = " and ".join(scene.events[one].name for one in course.spans[0].active) if course else ""
    title = f"{scene.case.name}, {scene.year}" + (f": {active}" if active else "")
    put_text(figure, size, (_MARGIN, size[1] - 14), plain(title, 80), 13, weight="bold")
    put_text(figure, size, (_MARGIN, size[1] - 31), told, 8.5)


def draw_foot(figure: Figure, size: tuple[float, float], before: str, case_hash: str) -> None:
    """Write at the foot what a picture was made of and by."""
    told = f"{before}Bactrian {version('bactrian')}  ·  case {case_hash[:12]}"
    put_text(figure, size, (size[0] - _MARGIN, 9), told, 7, ha="right")


def time_picture(course: Course) -> Figure:
    """Draw by day which share of the usual tonnes goes, and how many wait or are not yet carried."""
    with as_it_comes():
        size = (_WIDTH, 372.0)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")
        _draw_head(figure, size, course.scene, "What goes and what waits, day by day", course)
        upper = scaled_axes(figure, size, (66, 206, _WIDTH - 92, 112))
        lower = scaled_axes(figure, size, (66, 58, _WIDTH - 92, 112))
        end = _end(course)
        usual = max(float(course.calm.carried.sum()), 1e-300)
        begins = [span.begins for span in course.spans if span.begins <= end]
        share = [100 * float(one.carried.sum()) / usual for one in course.moments[: len(begins)]]
        for axes in (upper, lower):
            axes.grid(axis="y", color="#dcdfe2", linewidth=0.5)
        upper.axhline(100, color=COLOURS["frame"], linewidth=0.6, linestyle=(0, (4, 3)))
        upper.step([*begins, end], [*share, share[-1]], where="post", color=MORE, linewidth=1.8)
        low, high = min(*share, 100.0), max(*share, 100.0)
        room = max(high - low, 0.5) * 0.12
        upper.set_ylim(low - room, high + room)
        upper.set_ylabel("% of usual tonnes carried", fontsize=7.2, color=COLOURS["text"])
        days = np.unique(np.concatenate([np.linspace(0, end, 241), [one for one in begins if one <= end]]))
        held = [waiting_on(course, day) for day in days.tolist()]
        lower.fill_between(days, held, color=LESS, alpha=0.25, linewidth=0)
        lower.plot(days, held, color=LESS, linewidth=1.8)
        lower.set_ylim(0, 1.1 * max(held) if max(held) > _FAINT / 1000 else 1.0)
        lower.set_ylabel("kt that wait or are not\nyet carried", fontsize=7.2, color=COLOURS["text"])
        lower.set_xlabel("day", fontsize=7.2, color=COLOURS["text"])
        for axes in (upper, lower):
            axes.set_xlim(0, end)
            for begin in begins[1:]:
                axes.axvline(begin, color="#dcdfe2", linewidth=0.6, zorder=0)
        upper.set_xticklabels([])
        draw_foot(figure, size, "", course.scene.case.hash)
    return figure


def _end(course: Course) -> float:
    """The last day to draw: until most of what has waited is carried, or a good while after the last change."""
    last = max(course.spans[-1].begins, 1.0)
    end = last * (1 + _AFTER)
    peak = max((waiting_on(course, max(span.begins - 1e-6, 0.0)) for span in course.spans), default=0.0)
    while end < 4 * last and waiting_on(course, end) > 0.05 * peak:
        end += _AFTER * last
    return max(end, 14.0)


def exceedance_picture(risk: Risk) -> Figure:
    """Draw how often the cost of disruptions is exceeded, with its interval, and the expected cost."""
    with as_it_comes():
        size = (_WIDTH, 330.0)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")
        settings, table = risk.settings, risk.exceedance()
        title = plain(f"{settings['case']}, {settings['year']}: what disruptions cost", 80)
        put_text(figure, size, (_MARGIN, size[1] - 14), title, 13, weight="bold")
        told = f"{settings['draws']:,} futures of {settings['days']:g} days, seed {settings['seed']}; band: 95 %"
        put_text(figure, size, (_MARGIN, size[1] - 31), told, 8.5)
        axes = scaled_axes(figure, size, (66, 58, _WIDTH - 92, 218))
        axes.grid(axis="y", color="#dcdfe2", linewidth=0.5)
        cost, chance = table["cost_musd"].to_numpy(), 100 * table["chance"].to_numpy()
        least = 100 / len(risk.draws)
        low, high = (np.clip(100 * table[one].to_numpy(), least / 2, 100) for one in ("low", "high"))
        axes.fill_between(cost, low, high, step="post", color=MORE, alpha=0.2, linewidth=0)
        axes.step(cost, np.maximum(chance, least / 2), where="post", color=MORE, linewidth=1.8)
        axes.set_yscale("log")
        axes.set_ylim(least / 2, 100)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        mean = risk.expected.mean
        axes.axvline(mean, color=LESS, linewidth=1.4)
        said = f" expected {float(f'{mean:.3g}'):,.0f} mUSD"
        ha = "right" if mean > cost[-1] / 3 else "left"
        axes.text(mean, 70, f"{said} ", fontsize=7.6, color=LESS, va="center", ha=ha, parse_math=False)
        if max(cost) > 0:
            widest = max(abs(float(cost[0])), float(cost[-1]))
            axes.set_xscale("symlog", linthresh=max(widest / 100, 1e-6))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if abs(value) >= 1 else f"{value:g}")
        axes.set_ylabel("% of futures that cost more", fontsize=7.2, color=COLOURS["text"])
        axes.set_xlabel("cost to shippers, mUSD (below 0: gain)", fontsize=7.2, color=COLOURS["text"])
        draw_foot(figure, size, "", str(settings["hash"]))
    return figure

"""The map of what would be missed most: what links carry in calm, and the top of the ranking marked by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.draw.base import base
from bactrian.draw.labels import Label, Spot, around, place
from bactrian.draw.names import Name, fitted, inside, label_of, land_of, short, size_of
from bactrian.draw.paper import as_it_comes, axes_in_points, draw_base, draw_name, put_text, samples
from bactrian.draw.projection import View
from bactrian.draw.ribbons import Course as Line
from bactrian.draw.ribbons import ribbons, ways_of
from bactrian.draw.stress import draw_foot, view_of
from bactrian.draw.style import COLOURS, dashes, plain, width
from bactrian.report.critical import name_of_row
from bactrian.report.plan_words import rounded
from bactrian.stressing import Criticality

__all__ = ["critical_map"]

Floats = NDArray[np.float64]
Key = tuple[str, str]

MISSED, CARRIED = "#d55e00", "#b9c2c9"
_WIDTH, _MARGIN, _HEAD = 720.0, 12.0, 40.0
_ROW, _FOOT = 15.0, 26.0
_MOST = 20  # rows marked
_NAMED = 24  # places at most
_BADGE = 5.6  # radius in points


def critical_map(found: Criticality, case: Case, extent: tuple[float, float, float, float] | None = None) -> Figure:
    """Draw what each link of `case` carries in calm, and mark the links and terminals that would be missed most by
    their place in the ranking. `extent` is west, south, east, north in degrees."""
    with as_it_comes():
        top = [(str(table), str(row)) for table, row in found.rows[["table", "row"]].head(min(found.top, _MOST)).values]
        kt = dict(zip(found.rows["row"], found.rows["kt"], strict=True))
        used = [one for one in case.table("links")["id"] if one in kt]
        ways = [replace(way, kt=float(kt[way.link])) for way in ways_of(case, used)]
        marked = {way.link: way for way in ways if ("links", way.link) in top}
        view = view_of(case, ways, extent)
        list_height = _ROW * -(-len(top) // 2) + 8
        size = (_WIDTH, _FOOT + list_height + view.height + _HEAD)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")
        axes = axes_in_points(figure, (_MARGIN, _FOOT + list_height, view.width, view.height), COLOURS["water"])
        paper = base(view)
        draw_base(axes, paper)
        paths = _draw_lines(axes, view, ways, marked)
        _draw_dots(axes, case, view, top)
        badges = _badges(case, view, top, marked)
        spots = place([label for _, label in badges], (view.width, view.height), paths)
        off = {key for key in top if key not in {each for each, _ in badges}}
        taken = []
        for (key, label), spot in zip(badges, spots, strict=True):
            if spot is None:
                off.add(key)
                continue
            _badge(axes, spot.x, spot.y, label.text)
            taken.append(
                [[spot.x + dx, spot.y + dy, 30.0] for dx in (-_BADGE, 0, _BADGE) for dy in (-_BADGE, 0, _BADGE)]
            )
        obstacles = np.concatenate([paths, *(np.array(one) for one in taken)])
        named = [*_places(case, view, ways, top), *(land_of(one, view) for one in paper.countries if one.name)]
        for name, spot in zip(
            named, place([one.label for one in named], (view.width, view.height), obstacles, 25.0), strict=True
        ):
            if spot is not None:
                draw_name(axes, name, spot)
        for side in axes.spines.values():
            side.set(visible=True, color=COLOURS["frame"], linewidth=0.8)
        title = plain(f"{case.name}, {found.year}: what would be missed most", 80)
        put_text(figure, size, (_MARGIN, size[1] - 14), title, 13, weight="bold")
        told = "What it costs shippers to be without each for a year, mUSD. Grey: what else is carried, by tonnes."
        put_text(figure, size, (_MARGIN, size[1] - 31), told, 8.5)
        _draw_list(axes_in_points(figure, (0, _FOOT, _WIDTH, list_height), "none"), found, case, top, off)
        outlines = "Outlines: Natural Earth (public domain), no position on borders  ·  "
        draw_foot(figure, size, outlines, case.hash)
    return figure


def _draw_lines(axes: Axes, view: View, ways: list[Line], marked: Mapping[str, Line]) -> Floats:
    """Draw what is carried as grey ribbons and what is marked over them; return points that names should not cover."""
    drawn = sorted(ribbons(ways), key=lambda one: -one.kt)
    most = max((one.kt for one in drawn), default=0.0)
    points = [np.zeros((0, 3))]
    for one in drawn:
        path = view.points(one.lonlat)
        wide = width(one.kt, most)
        _line(axes, path, CARRIED, wide, dashes(one.family, wide), 3)
        points.append(samples(path, 0.2))
    for way in sorted(marked.values(), key=lambda one: -one.kt):
        path = view.points(way.lonlat)
        wide = max(width(way.kt, most), 1.6)
        _line(axes, path, "white", wide + 1.4, "solid", 4)
        _line(axes, path, MISSED, wide, dashes(way.family, wide), 5)
        points.append(samples(path, 1.2))
    return np.concatenate(points)


def _line(axes: Axes, path: Floats, shade: str, wide: float, style: object, level: float) -> None:
    line = Line2D(*path.T, color=shade, linewidth=wide, zorder=level)
    line.set(solid_capstyle="round", solid_joinstyle="round", dash_capstyle="butt", linestyle=style)
    axes.add_line(line)


def _draw_dots(axes: Axes, case: Case, view: View, top: list[Key]) -> None:
    """Mark the places of terminals, as their numbers stand beside them."""
    for x, y in view.points(np.array([_at(case, row) for table, row in top if table == "terminals"]).reshape(-1, 2)):
        dot = Line2D([x], [y], linestyle="none", marker="o", markersize=5.0, zorder=7)
        dot.set(markerfacecolor=MISSED, markeredgecolor="white", markeredgewidth=0.9)
        axes.add_line(dot)


def _at(case: Case, terminal: str) -> Floats:
    """Longitude and latitude of a terminal."""
    place = case.table("terminals").set_index("id")["place"][terminal]
    places = case.table("places").set_index("id")
    return np.array([places["lon"][place], places["lat"][place]], dtype=np.float64)


def _badges(case: Case, view: View, top: list[Key], marked: Mapping[str, Line]) -> list[tuple[Key, Label]]:
    """The numbers of what is within the view, each with the spots where it may stand."""
    wide = 2 * _BADGE + 1
    found = []
    for rank, key in enumerate(top):
        spots: list[Spot] = []
        if key[0] == "links":
            for path in inside(view.points(marked[key[1]].lonlat), view):
                far = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
                for cost, share in enumerate((0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)):
                    x, y = (float(np.interp(share * far[-1], far, path[:, axis])) for axis in (0, 1))
                    spots.append(Spot(x, y, 0.0, float(cost)))
        else:
            x, y = view.points(_at(case, key[1])[None])[0].tolist()
            if view.holds(np.array([[x, y]]), 0.0)[0]:
                spots = [*around(x, y, wide, wide, 0.5), *around(x, y, wide, wide, 9.0)]
        if spots:
            found.append((key, Label(str(rank + 1), wide, wide, tuple(spots))))
    return sorted(found, key=lambda each: each[0][0] == "links")  # terminals have the least choice of spots


def _badge(axes: Axes, x: float, y: float, told: str, level: float = 8) -> None:
    mark = Line2D([x], [y], linestyle="none", marker="o", markersize=2 * _BADGE, zorder=level)
    mark.set(markerfacecolor=MISSED, markeredgecolor="white", markeredgewidth=0.9)
    axes.add_line(mark)
    letters = {"fontsize": 6.8, "fontweight": "bold", "color": "white", "zorder": level + 1}
    axes.text(x, y - 0.3, told, ha="center", va="center_baseline", **letters)  # type: ignore[arg-type]


def _places(case: Case, view: View, ways: list[Line], top: list[Key]) -> list[Name]:
    """Names of the places at the ends of what is marked, then of those where most is carried."""
    load: dict[str, float] = {}
    for way in ways:
        for end in way.ends:
            load[end] = load.get(end, 0.0) + way.kt + (1e9 if ("links", way.link) in top else 0.0)
    at_place = case.table("terminals").set_index("id")["place"]
    for kind, row in top:
        if kind == "terminals":
            load[at_place[row]] = load.get(at_place[row], 0.0) + 1e9
    table = case.table("places").set_index("id")
    found = []
    for one in sorted(load, key=lambda one: (-load[one], one)):
        x, y = view.points(np.array([[table["lon"][one], table["lat"][one]]], dtype=np.float64))[0].tolist()
        if view.holds(np.array([[x, y]]), 5.0)[0]:
            text = short(str(table["name"][one]))
            wide, high = size_of(text, "place")
            found.append(label_of("place", text, [*around(x, y, wide, high, 3.0), *around(x, y, wide, high, 9.0)]))
    return found[:_NAMED]


def _draw_list(axes: Axes, found: Criticality, case: Case, top: list[Key], off: set[Key]) -> None:
    """Write under the map what is marked, in two columns."""
    rows = -(-len(top) // 2)
    room = _WIDTH / 2 - 2 * _MARGIN
    for rank, (key, cost) in enumerate(zip(top, found.rows["cost_musd"].tolist(), strict=False)):
        left = _MARGIN + (_WIDTH / 2) * (rank // rows)
        high = _ROW * (rows - rank % rows) - _ROW / 2 + 2
        _badge(axes, left + _BADGE, high, str(rank + 1))
        told = name_of_row(case, *key) + (" (off the map)" if key in off else "")
        text = fitted(told, room - 70, "place")
        shared = {"va": "center", "fontsize": 7.2, "color": COLOURS["text"], "parse_math": False}
        axes.text(left + 2 * _BADGE + 6, high, text, ha="left", **shared)  # type: ignore[arg-type]
        axes.text(left + room, high, rounded(cost), ha="right", **shared)  # type: ignore[arg-type]

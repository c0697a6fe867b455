"""The corridor map: what moves on each link, how full it is, and the names to find one's way.

Everything is drawn in points (1/72 inch) on equal-area paper.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.case import Case
from bactrian.draw.base import base
from bactrian.draw.labels import place
from bactrian.draw.legend import draw_legend
from bactrian.draw.names import Name, names
from bactrian.draw.paper import as_it_comes, axes_in_points, draw_base, draw_name, put_text, samples
from bactrian.draw.projection import View, view_of_extent, view_of_places
from bactrian.draw.ribbons import Course, Ribbon, courses, ribbons
from bactrian.draw.style import COLOURS, colour, dashes, plain, width

__all__ = ["corridor_map", "detail_extent"]

Floats = NDArray[np.float64]

_WIDTH, _MARGIN, _HEAD, _FOOT = 720.0, 12.0, 40.0, 82.0
_ASPECTS = (0.45, 0.75)


def corridor_map(
    flows: Flows, title: str | None = None, extent: tuple[float, float, float, float] | None = None
) -> Figure:
    """Draw `flows` on a map ten inches wide: tonnes as width, use of capacity as colour.

    `extent` is west, south, east, north in degrees (west may exceed east over the date line); without it the map
    shows where most links meet, and what leads further is cut off with an arrow that tells where to. `title` stands
    in place of the case's name and year.

    >>> import bactrian as ba
    >>> figure = corridor_map(ba.run("transcaspian", year=2021))
    >>> figure.get_size_inches().tolist()[0]
    10.0
    """
    with as_it_comes():
        ways = courses(flows)
        view = _view(flows, ways, extent)
        size = (_WIDTH, _FOOT + view.height + _HEAD)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")
        paper = base(view)
        axes = axes_in_points(figure, (_MARGIN, _FOOT, view.width, view.height), COLOURS["water"])
        draw_base(axes, paper)
        drawn = ribbons(ways)
        most = max((one.kt for one in drawn), default=0.0)
        lines = _draw_ribbons(axes, view, drawn, most)
        _draw_names(axes, view, names(flows, view, ways, lines, paper, most), lines)
        for side in axes.spines.values():
            side.set(visible=True, color=COLOURS["frame"], linewidth=0.8)
        _draw_head(figure, flows, title, size)
        draw_legend(axes_in_points(figure, (0, 16, _WIDTH, _FOOT - 20), "none"), most, {one.family for one in drawn})
        _draw_foot(figure, flows, size)
    return figure


def detail_extent(case: Case, across: float = 16.0, up: float = 12.0) -> tuple[float, float, float, float] | None:
    """West, south, east, north around what marks the first corridor of the case; None where it has no corridor.

    The frame is at least `across` degrees of longitude wide and `up` degrees of latitude high.

    >>> from bactrian.case import load
    >>> west, south, east, north = detail_extent(load("transcaspian"))
    >>> west < 49.5 < 51.2 < east  # Alat and Aktau
    True
    """
    marks = {mark for cell in case.table("corridors")["marks"].head(1) for mark in cell.split()}
    links, places = case.table("links"), case.table("places")
    ends = marks | set(links.loc[links["id"].isin(marks), ["from", "to"]].to_numpy().ravel())
    met = places.loc[places["id"].isin(ends), ["lon", "lat"]].to_numpy(dtype=np.float64)
    if not len(met):
        return None
    low, high = met.min(axis=0), met.max(axis=0)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2 + 1, [across / 2, up / 2])
    (west, south), (east, north) = middle - half, middle + half
    return float(west), float(max(south, -85)), float(east), float(min(north, 85))


def _view(flows: Flows, ways: list[Course], extent: tuple[float, float, float, float] | None) -> View:
    across = _WIDTH - 2 * _MARGIN
    if extent is not None:
        return view_of_extent(extent, across, _ASPECTS)
    ends = pd.Series([end for way in ways for end in way.ends], dtype=object)
    places = flows.network.case.table("places")
    degree = places["id"].map(ends.value_counts()).fillna(0).to_numpy(dtype=np.float64)
    lonlat = places[["lon", "lat"]].to_numpy(dtype=np.float64)
    met = degree > 0
    return view_of_places(lonlat[met], degree[met].astype(np.float64), across, _ASPECTS)


def _draw_ribbons(axes: Axes, view: View, drawn: list[Ribbon], most: float) -> list[tuple[Ribbon, Floats]]:
    """Draw wide under narrow, side by side where families share a way; return where each lies, in points."""
    beside: dict[bytes, float] = {}
    lines = []
    for order, one in enumerate(drawn):
        path, wide = view.points(one.lonlat), width(one.kt, most)
        key = one.lonlat.tobytes()
        if key in beside:
            path = _shifted(path, beside[key] + wide / 2 + 0.7)
        beside[key] = beside.get(key, -0.5 * wide) + wide + (0.7 if key in beside else 0.0)
        lines.append((one, path))
        _draw_ribbon(axes, one, path, wide, 3 + order / len(drawn))
    return lines


def _draw_ribbon(axes: Axes, one: Ribbon, path: Floats, wide: float, order: float) -> None:
    x, y = path.T
    if one.kt <= 0:
        axes.add_line(Line2D(x, y, color=COLOURS["unused"], linewidth=0.4, zorder=2))
        return
    rounded = {"solid_capstyle": "round", "solid_joinstyle": "round", "dash_capstyle": "butt"}
    axes.add_line(Line2D(x, y, color="white", linewidth=wide + 1.0, alpha=0.85, zorder=order, **rounded))  # type: ignore[arg-type]
    line = Line2D(x, y, color=colour(one.utilisation), linewidth=wide, zorder=order, **rounded)  # type: ignore[arg-type]
    line.set_linestyle(dashes(one.family, wide))
    axes.add_line(line)
    if one.family == "road":
        axes.add_line(Line2D(x, y, color="white", linewidth=max(0.3 * wide, 0.35), zorder=order, **rounded))  # type: ignore[arg-type]


def _shifted(path: Floats, by: float) -> Floats:
    """The path moved `by` points to its left."""
    along = np.gradient(path, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]])
    shifted: Floats = path + by * normal / np.maximum(np.hypot(*normal.T), 1e-9)[:, None]
    return shifted


def _draw_names(axes: Axes, view: View, wanted: list[Name], lines: list[tuple[Ribbon, Floats]]) -> None:
    obstacles = [samples(path, 1.0 if one.kt > 0 else 0.15) for one, path in lines]
    marks = [np.array([[*name.mark, 9.0]]) for name in wanted if name.mark is not None and name.kind == "place"]
    spots = place(
        [name.label for name in wanted],
        (view.width, view.height),
        np.concatenate([np.empty((0, 3)), *obstacles, *marks]),
    )
    for name, spot in zip(wanted, spots, strict=True):
        if spot is not None or name.kind == "exit":
            _draw_mark(axes, name)
        if spot is not None:
            draw_name(axes, name, spot)


def _draw_mark(axes: Axes, name: Name) -> None:
    if name.mark is None:
        return
    x, y = name.mark
    if name.kind == "exit":
        turn = np.radians(name.turn)
        ahead, aside = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        shape = np.array([x, y]) + np.array([3 * ahead, 2.6 * aside - 5 * ahead, -3 * ahead, -2.6 * aside - 5 * ahead])
        axes.add_patch(Polygon(shape, facecolor=COLOURS["exit"], edgecolor="white", linewidth=0.5, zorder=5))
        return
    dot = Line2D([x], [y], linestyle="none", marker="o", markersize=3.4, markerfacecolor="white", zorder=5)
    dot.set(markeredgecolor=COLOURS["text"], markeredgewidth=0.8)
    axes.add_line(dot)


def _draw_head(figure: Figure, flows: Flows, title: str | None, size: tuple[float, float]) -> None:
    asked, carried = flows.pairs["kt"].sum() / 1000, flows.pairs["carried_kt"].sum() / 1000
    told = f"{carried:,.1f} of {asked:,.1f} Mt a year carried; assigned by {flows.method}"
    first = title if title is not None else f"{flows.network.case.name}, {flows.network.year}"
    put_text(figure, size, (_MARGIN, size[1] - 14), plain(first, 80), 13, weight="bold")
    put_text(figure, size, (_MARGIN, size[1] - 31), plain(told, 140), 8.5)


def _draw_foot(figure: Figure, flows: Flows, size: tuple[float, float]) -> None:
    holds = flows.certificate.holds
    state = "Certificate holds" if holds else "Certificate does not hold"
    shown = put_text(figure, size, (_MARGIN, 9), state, 7, color=COLOURS["text"] if holds else COLOURS["alarm"])
    if not holds:
        shown.set(fontweight="bold", fontsize=8.5)
    case = flows.network.case
    told = "Outlines: Natural Earth (public domain), no position on borders"
    told += f"  ·  Bactrian {version('bactrian')}  ·  case {case.hash[:12]}"
    put_text(figure, size, (size[0] - _MARGIN, 9), told, 7, ha="right")

"""The corridor map of a run: what moves on each link, how full it is, and names to find one's way, as SVG."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from bactrian.briefing.language import Language, language
from bactrian.briefing.pictures import WIDTH, Studio
from bactrian.briefing.svg import Canvas, wide
from bactrian.draw.base import Base, base
from bactrian.draw.labels import Label, Spot, around, place
from bactrian.draw.names import short
from bactrian.draw.projection import View, view_of_places
from bactrian.draw.ribbons import Course, ribbons, ways_of
from bactrian.draw.style import BINS, colour, width

__all__ = ["corridor_map"]

Floats = NDArray[np.float64]

_ASPECTS = (0.45, 0.75)
_FOOT, _NAME, _LAND = 46.0, 10.5, 10.0
_PLACES = 34


def corridor_map(studio: Studio) -> Canvas:
    """Draw the links of a run on a map: tonnes as width, use of capacity as colour."""
    case, told = studio.sheet.names.case, studio.sheet.look("run/links")
    loads = {str(one["link"]): one for one in told}
    known = [one for one in loads if one in set(case.table("links")["id"])]
    ways = [_loaded(way, loads[way.link]) for way in ways_of(case, known)]
    view = _view(studio, ways)
    canvas = Canvas(WIDTH, view.height + _FOOT)
    canvas.parts.append('<g class="light">')  # a map stays as on paper at night
    canvas.box(0, 0, WIDTH, canvas.height, "paper")
    paper = base(view)
    _ground(canvas, view, paper)
    most = max((one.kt for one in ribbons(ways)), default=0.0)
    for one in ribbons(ways):
        points = [(x, view.height - y) for x, y in view.points(one.lonlat).tolist()]
        if one.kt <= 0:
            canvas.line(points, "grid", 0.7)
            continue
        thick = 1.25 * width(one.kt, most)
        dash = ' stroke-dasharray="5 2"' if one.family == "sea" else ""
        canvas.line(points, colour(one.utilisation), thick, dash + ' stroke-linejoin="round"')
    _names(canvas, studio, view, ways, paper)
    canvas.parts.append("</g>")
    _legend(canvas, studio, view.height, most)
    canvas.parts.append("</g>")
    return canvas


def _loaded(way: Course, told: dict[str, float | None]) -> Course:
    kt, use = float(told["kt"] or 0), told.get("utilisation")
    return replace(way, kt=kt, capacity_kt=kt / use if use else np.nan)


def _view(studio: Studio, ways: list[Course]) -> View:
    places = studio.sheet.names.case.table("places")
    ends = [end for way in ways for end in way.ends]
    degree = np.array([ends.count(one) for one in places["id"]], dtype=np.float64)
    lonlat = places[["lon", "lat"]].to_numpy(dtype=np.float64)
    return view_of_places(lonlat[degree > 0], degree[degree > 0], WIDTH, _ASPECTS)


def _ground(canvas: Canvas, view: View, paper: Base) -> None:
    canvas.parts.append(
        f'<clipPath id="map-frame"><rect width="{WIDTH:g}" height="{view.height:.1f}"/></clipPath>'
        '<g clip-path="url(#map-frame)">'
    )
    canvas.box(0, 0, WIDTH, view.height, "water", "water")
    for kind, paths in (("land", [one.path for one in paper.countries]), ("water", paper.lakes)):
        fill = {"land": "#f6f2e9", "water": "#d3e5ef"}[kind]
        for one in paths:
            canvas.path(_way(one, view), f'fill="{fill}" stroke="#b3a893" stroke-width="0.6"', kind)


def _way(path: Path, view: View) -> str:
    """A path in whole points, without those that fall together or lie far outside the frame."""
    told, last = [], (np.inf, np.inf)
    for (x, y), code in zip(np.asarray(path.vertices).tolist(), np.asarray(path.codes).tolist(), strict=True):
        if code == Path.CLOSEPOLY:
            told.append("Z")
            continue
        here = (round(min(max(x, -40), WIDTH + 40)), round(min(max(view.height - y, -40), view.height + 40)))
        if code == Path.MOVETO or here != last:
            told.append(f"{'M' if code == Path.MOVETO else 'L'}{here[0]} {here[1]}")
        last = here
    return "".join(told)


def _names(canvas: Canvas, studio: Studio, view: View, ways: list[Course], paper: Base) -> None:
    """Names of main places, then of countries and waters, where they fit."""
    labels, marks = [], []
    for name, (x, y) in _places(studio, view, ways):
        across = wide(name, _NAME)
        labels.append(Label(name, across, _NAME * 1.2, around(x, y, across, _NAME * 1.2, 3.0)))
        marks.append((x, y))
    for name, path in _lands(studio.sheet.names.language, paper):
        inside = np.asarray(path.vertices)
        middle = (inside.min(axis=0) + inside.max(axis=0)) / 2
        spots = tuple(
            Spot(float(middle[0]), float(middle[1]) + up, 0.0, abs(up) / 10)
            for up in (0, -14, 14, -28, 28)
            if path.contains_point((middle[0], middle[1] + up))
        )
        labels.append(Label(name, wide(name, _LAND), _LAND * 1.2, spots))
    for name, spots_of in paper.waters:
        if studio.sheet.names.terms.has(f"water/{name}"):
            told = studio.sheet.names.term(f"water/{name}").text
            labels.append(Label(told, wide(told, _LAND), _LAND * 1.2, tuple(Spot(x, y) for x, y in spots_of.tolist())))
    lines = [view.points(way.lonlat) for way in ways if way.kt > 0]
    obstacles = np.concatenate([np.column_stack([one, np.full(len(one), 0.5)]) for one in lines] or [np.empty((0, 3))])
    for at, (label, spot) in enumerate(zip(labels, place(labels, (WIDTH, view.height), obstacles), strict=True)):
        if spot is None:
            continue
        is_place = at < len(marks)
        if is_place:
            canvas.dot(marks[at][0], view.height - marks[at][1], 2.4, "ink", "spot")
        role, size = ("ink", _NAME) if is_place else ("soft", _LAND)
        canvas.text(spot.x, view.height - spot.y, label.text, anchor="middle", role=role, size=size, halo=True)


def _places(studio: Studio, view: View, ways: list[Course]) -> list[tuple[str, tuple[float, float]]]:
    """The places with most tonnes, ports before others, with their spots in points."""
    case = studio.sheet.names.case
    load: dict[str, float] = {}
    for way in ways:
        for end in way.ends:
            load[end] = load.get(end, 0.0) + way.kt
    table = case.table("places")
    handled = set(case.table("terminals")["place"])
    points = view.points(table[["lon", "lat"]].to_numpy(dtype=np.float64)).tolist()
    found = []
    for name, kind, (x, y) in zip(table["id"], table["kind"], points, strict=True):
        weight = load.get(name, 0.0) * (8 if "port" in kind and name in handled else 1)
        if weight > 0 and 4 < x < WIDTH - 4 and 4 < y < view.height - 4:
            found.append((weight, short(studio.sheet.names.of("place", str(name)).text), (x, y)))
    found.sort(key=lambda one: (-one[0], one[1]))
    return [(name, spot) for _, name, spot in found[:_PLACES]]


@cache
def _codes() -> dict[str, str]:
    """Codes of countries by the English name that the outlines bear."""
    return {str(name): str(code) for code, name in language("en").locale.territories.items() if len(code) == 2}


def _lands(tongue: Language, paper: Base) -> list[tuple[str, Path]]:
    """Names of the countries of the map in the language of the page, those with most room first."""
    found = []
    for one in paper.countries:
        if (code := _codes().get(one.name)) is not None:
            size = np.ptp(np.asarray(one.path.vertices), axis=0)
            found.append((float(size.prod()), str(tongue.locale.territories[code]), one.path))
    return [(name, path) for _, name, path in sorted(found, key=lambda one: (-one[0], one[1]))]


def _legend(canvas: Canvas, studio: Studio, top: float, most: float) -> None:
    """Widths by loads of links there are, and colours from empty to full."""
    loads = sorted((float(one["kt"] or 0) for one in studio.sheet.look("run/links")), reverse=True)
    x, y = 4.0, top + 16
    for share in (1.0, 0.25, 0.03):
        kt = min(loads, key=lambda one: abs(one - share * loads[0]), default=0.0)
        if kt <= 0:
            continue
        canvas.line([(x, y), (x + 26, y)], "#6a1f80", 1.25 * width(kt, most))
        told = studio.number(kt / 1000)
        canvas.text(x + 31, y, told, value=kt / 1000, size=11)
        x += 31 + wide(told, 11) + 12
    canvas.text(x, y, studio.words("map-widths"), role="soft", size=11)
    for at, (_, shade) in enumerate(BINS):
        canvas.box(4 + 20 * at, top + 30, 20, 10, shade)
    canvas.text(4 + 20 * len(BINS) + 8, top + 35, studio.words("map-use"), role="soft", size=11)

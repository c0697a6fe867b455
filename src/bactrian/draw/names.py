"""Which names a map shall bear, the most important first, and the spots where each may stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.draw.base import Base, Country
from bactrian.draw.labels import Label, Spot, along, around
from bactrian.draw.projection import View
from bactrian.draw.ribbons import Course, Ribbon
from bactrian.draw.style import FONT, SIZES, plain, width

__all__ = ["Name", "fitted", "inside", "label_of", "land_of", "names", "short", "size_of"]

Floats = NDArray[np.float64]
Line = tuple[Ribbon, Floats]

_PLACES, _FIRST, _NEAR = 70, 32, 4.5  # places tried, those before all else, and points between two told apart


@dataclass(frozen=True, slots=True)
class Name:
    """A name of some kind (place, route, exit, country, water), its marker in points and which way that turns."""

    kind: str
    label: Label
    mark: tuple[float, float] | None = None
    turn: float = 0.0


def names(flows: Flows, view: View, ways: list[Course], lines: list[Line], paper: Base, most: float) -> list[Name]:
    """Names for the map, the most important first: main places, exits, routes, countries, waters, lesser places."""
    places = _places(flows, view, ways)
    exits = _exits(flows, view, ways)
    routes = _routes(flows, view, lines, most)
    lands = [land_of(one, view) for one in paper.countries if one.name]
    waters = [label_of("water", name, [Spot(x, y, 0.0, 0.0) for x, y in spots]) for name, spots in paper.waters]
    return [*places[:_FIRST], *exits, *routes, *lands, *waters, *places[_FIRST:]]


def short(name: str) -> str:
    """The name as it stands on a map: without what is in brackets or behind a slash, cut between words.

    >>> short("Khorgos Gateway dry port / Altynkol"), short("Astrakhan (with Olya)"), short("(new)")
    ('Khorgos Gateway dry port', 'Astrakhan', '(new)')
    """
    cut = plain(name, 200)
    for sign in ("(", "/"):
        cut = cut.split(sign)[0].strip() or cut
    words = cut.split()
    while len(" ".join(words)) > 24 and len(words) > 1:
        words.pop()
    return plain(" ".join(words) or cut, 24)


def label_of(kind: str, text: str, spots: Iterable[Spot], mark: tuple[float, float] | None = None) -> Name:
    """A name of some kind that may stand at any of the spots."""
    return Name(kind, Label(text, *size_of(text, kind), tuple(spots)), mark)


def size_of(text: str, kind: str) -> tuple[float, float]:
    """Width and height of the text in points, with a little air."""
    style = SIZES[kind]
    letters = FontProperties(family=FONT, size=style.size, weight=style.weight, style=style.slant)  # type: ignore[arg-type]
    wide = max(text_to_path.get_text_width_height_descent(one, letters, ismath=False)[0] for one in text.split("\n"))
    return float(wide) + 2.0, style.size * (1.25 + 1.2 * text.count("\n"))


def fitted(text: str, room: float, kind: str) -> str:
    """The text, without control marks, cut to a width in points.

    >>> fitted("Corridor", 100.0, "place"), fitted("Corridor digitalisation", 60.0, "place")
    ('Corridor', 'Corridor digit…')
    """
    text = told = plain(text, 200)
    while size_of(told, kind)[0] > room and len(text) > 1:
        text = text[:-1].rstrip()
        told = text + "…"
    return told


def _places(flows: Flows, view: View, ways: list[Course]) -> list[Name]:
    """Places by tonnes; ports and those where goods are handled come before junctions."""
    load: dict[str, float] = defaultdict(float)
    for way in ways:
        for end in way.ends:
            load[end] += way.kt + 1e-6
    handled = set(flows.network.case.table("terminals")["place"])
    table = flows.network.case.table("places")
    factor = [
        2 * (4 if "port" in kind else 1) if place in handled else 1
        for place, kind in zip(table["id"], table["kind"], strict=True)
    ]
    table = table.assign(load=[load[place] * one for place, one in zip(table["id"], factor, strict=True)])
    points = view.points(table[["lon", "lat"]].to_numpy(dtype=np.float64))
    shown: list[tuple[float, float]] = []
    found = []
    for index in np.argsort(-table["load"].to_numpy(), kind="stable")[: 2 * _PLACES]:
        x, y = points[index].tolist()
        close = any(np.hypot(x - one, y - two) < _NEAR for one, two in shown)
        if close or table["load"].iloc[index] <= 0 or not view.holds(points[[index]], 5.0)[0]:
            continue
        shown.append((x, y))
        text = short(str(table["name"].iloc[index]))
        name = label_of("place", text, (), (x, y))
        spots = around(x, y, name.label.width, name.label.height, 2.6)
        found.append(replace(name, label=replace(name.label, spots=spots)))
    return found[:_PLACES]


def _routes(flows: Flows, view: View, lines: list[Line], most: float) -> list[Name]:
    """Corridor names along the ribbons that mark them, in the order of `_corridors`."""
    places = flows.network.case.table("places").set_index("id")[["lon", "lat"]].astype(float)
    corridors = _corridors(flows)
    elsewhere = {mark for _, marks in corridors for mark in marks}
    found = []
    for text, marks in ((_folded(name), marks) for name, marks in corridors):
        marked = places.loc[[one for one in places.index if one in marks]].to_numpy()
        wide, high = size_of(text, "route")
        spots: list[Spot] = []
        for one, path in lines:
            own = len(marks & set(one.links)) / len(one.links)
            touching = bool((one.lonlat[[0, -1]][:, None] == marked[None]).all(axis=2).any())
            if not (own or touching) or (most > 0 and one.kt <= 0):
                continue
            taken = 0 if own else 3 * bool(elsewhere & set(one.links))
            cost = taken + 3 * (1 - max(own, 0.7 * touching)) + 2 * (1 - (one.kt / most if most else 0.0))
            for part in inside(path, view):
                near = along(part, wide, high, width(one.kt, most) / 2 + 1.2)
                spots += [replace(spot, cost=spot.cost + cost) for spot in near]
        if spots:
            found.append(Name("route", Label(text, wide, high, tuple(spots))))
    return found


def _folded(text: str, most: int = 24) -> str:
    """The text on two lines if it is longer than `most`, parted behind the blank or hyphen nearest its middle."""
    cuts = [place + 1 for place, one in enumerate(text) if one in " -"]
    if len(text) <= most or not cuts:
        return text
    cut = min(cuts, key=lambda place: abs(place - len(text) / 2))
    return f"{text[:cut].rstrip()}\n{text[cut:]}"


def _corridors(flows: Flows) -> list[tuple[str, set[str]]]:
    """Short names of corridors and their marks in the case's order, those without tonnes last.

    Branches that are told apart in brackets are one.
    """
    load = flows.by("corridor").set_index("corridor")["kt"]
    table = flows.network.case.table("corridors")
    kt: dict[str, float] = defaultdict(float)
    marks: dict[str, set[str]] = defaultdict(set)
    for one, name, marked in zip(table["id"], table["name"], table["marks"], strict=True):
        text = plain(str(name).split(" (")[0], 36)
        kt[text] += float(load.get(one, 0.0))
        marks[text] |= set(str(marked).split())
    return sorted(marks.items(), key=lambda item: kt[item[0]] <= 0)


def inside(path: Floats, view: View) -> list[Floats]:
    """The parts of the path within the view, each as a polyline."""
    parts: list[list[Floats]] = []
    for one, two in pairwise(path):
        cut = _clip(one, two, view)
        if cut is None:
            continue
        start, end = (one + share * (two - one) for share in cut)
        if parts and np.allclose(parts[-1][-1], start):
            parts[-1].append(end)
        else:
            parts.append([start, end])
    return [np.array(part) for part in parts]


def _clip(one: Floats, two: Floats, view: View) -> tuple[float, float] | None:
    """Shares of the way from `one` to `two` between which it lies in the view (Liang and Barsky)."""
    low, high = 0.0, 1.0
    for start, step, size in zip(one, two - one, (view.width, view.height), strict=True):
        if step == 0:
            if not 0 <= start <= size:
                return None
            continue
        first, last = sorted((-start / step, (size - start) / step))
        low, high = max(low, float(first)), min(high, float(last))
    return (low, high) if low < high else None


def _exits(flows: Flows, view: View, ways: list[Course]) -> list[Name]:
    """Arrows at the frame for what leads out of it, with the place it leads to and the tonnes; the greatest first."""
    called = flows.network.case.table("places").set_index("id")["name"]
    crossings: list[tuple[float, Floats, str, float]] = []
    for way in ways:
        path = view.points(way.lonlat)
        for one, two in pairwise(path):
            cut = _clip(one, two, view)
            if cut is None or way.kt <= 0:
                continue
            turn = float(np.degrees(np.arctan2(*(two - one)[::-1])))
            if cut[0] > 0:
                crossings.append((way.kt, one + cut[0] * (two - one), way.ends[0], turn + 180))
            if cut[1] < 1:
                crossings.append((way.kt, one + cut[1] * (two - one), way.ends[1], turn))
    found = []
    while crossings:
        most = max(crossings, key=lambda one: one[0])
        group = [one for one in crossings if np.hypot(*(one[1] - most[1])) < 22]
        crossings = [one for one in crossings if np.hypot(*(one[1] - most[1])) >= 22]
        load = {place: sum(one[0] for one in group if one[2] == place) for place in {one[2] for one in group}}
        main = max(sorted(load), key=lambda place: load[place])
        others = " and beyond" if len(load) > 1 else ""
        found.append(
            (sum(load.values()), _exit(view, most[1], short(str(called[main])) + others, sum(load.values()), most[3]))
        )
    return [name for _, name in sorted(found, key=lambda one: -one[0])]


def _exit(view: View, at: Floats, place: str, kt: float, turn: float) -> Name:
    told = f"{kt / 1000:,.1f} Mt" if kt >= 100 else f"{kt:,.1f} kt"
    text = f"{place}\n{told}"
    wide, high = size_of(text, "exit")
    x, y = (float(np.clip(value, 4, size - 4)) for value, size in zip(at, (view.width, view.height), strict=True))
    spots = []
    for order, shift in enumerate((0, 8, -8, 14, -14, 22, -22, 32, -32)):
        flat = x in (4.0, view.width - 4)
        inwards = (1 if x == 4.0 else -1) if flat else (1 if y == 4.0 else -1)
        along_x = x + inwards * (wide / 2 + 7) if flat else x + shift * 1.5
        along_y = y + shift if flat else y + inwards * (high / 2 + 7)
        limits = (wide / 2 + 1, view.width - wide / 2 - 1), (high / 2 + 1, view.height - high / 2 - 1)
        spots.append(Spot(float(np.clip(along_x, *limits[0])), float(np.clip(along_y, *limits[1])), 0.0, 0.4 * order))
    return Name("exit", Label(text, wide, high, tuple(spots)), (x, y), turn)


def land_of(country: Country, view: View) -> Name:
    """The country's name where its land is widest within the view."""
    text = country.name.upper()
    wide, high = size_of(text, "country")
    xs, ys = np.arange(wide / 2 + 3, view.width - wide / 2 - 3, 12.0), np.arange(high, view.height - high, 12.0)
    grid = np.array([(x, y) for x in xs for y in ys]).reshape(-1, 2)
    within = np.zeros(len(grid), dtype=np.bool_)
    outline: Floats = np.asarray(country.path.vertices)
    box = (grid >= outline.min(axis=0)).all(axis=1) & (grid <= outline.max(axis=0)).all(axis=1)
    for shift in (-0.45, 0.0, 0.45) if box.any() else ():
        inside = country.path.contains_points(grid[box] + (shift * wide, 0.0))
        within[box] = inside & within[box] if shift > -0.45 else inside
    good = grid[within]
    if len(good) > 80:
        good = good[:: len(good) // 80 + 1]
    if not len(good):
        return Name("country", Label(text, wide, high, ()))
    middle = good.mean(axis=0)
    cost = np.hypot(*((good - middle) / (view.width, view.height)).T) * 12
    return label_of(
        "country", text, [Spot(x, y, 0.0, c) for (x, y), c in zip(good.tolist(), cost.tolist(), strict=True)]
    )

"""The map of what a plan builds: links and places that its projects act on, numbered, and what is under way anyway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.draw.base import base
from bactrian.draw.labels import Label, Spot, around, place
from bactrian.draw.names import Name, fitted, label_of, land_of, short, size_of
from bactrian.draw.paper import as_it_comes, axes_in_points, draw_base, draw_name, put_text, samples
from bactrian.draw.plan import BUILT, draw_feet
from bactrian.draw.projection import View, view_of_extent
from bactrian.draw.ribbons import Course, ways_of
from bactrian.draw.style import COLOURS, dashes, plain
from bactrian.planning import Plan

__all__ = ["built_map"]

Floats = NDArray[np.float64]

UNDER_WAY = "#2f7f9d"
_WIDTH, _MARGIN, _HEAD, _LINE = 720.0, 12.0, 40.0, 11.5
_ASPECTS = (0.4, 0.7)
_PLACES = 40  # places named at most


@dataclass(frozen=True, slots=True)
class _Acts:
    """What some projects act on: by link and by place, the ids of the projects."""

    links: dict[str, list[str]]
    places: dict[str, list[str]]


def built_map(plan: Plan, extent: tuple[float, float, float, float] | None = None) -> Figure:
    """Draw the links and places that the projects of a plan act on, with numbers, on a map ten inches wide.

    What is under way in any case is drawn in blue; thin grey lines are the links there are. `extent` is west, south,
    east, north in degrees; without it the map holds all that the plan builds.
    """
    with as_it_comes():
        case, last = plan.case, plan.terms.last
        number = {one: str(at + 1) for at, one in enumerate(plan.starts)}
        chosen = _acts(case, plan.starts)
        there = {one for one, opens in plan.field.committed.items() if opens <= last}
        under_way = _acts(case, there)
        ways = _open_ways(plan, {*chosen.links, *under_way.links})
        view = view_of_extent(extent or _extent(case, ways, chosen), _WIDTH - 2 * _MARGIN, _ASPECTS)
        told = _legend(plan, number, there)
        foot = 52 + sum(_LINE + 2 * (kind == "built") for kind, _ in told)
        size = (_WIDTH, foot + view.height + _HEAD)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")
        axes = axes_in_points(figure, (_MARGIN, foot, view.width, view.height), COLOURS["water"])
        draw_base(axes, base(view))
        paths = {way.link: view.points(way.lonlat) for way in ways}
        _draw_ways(axes, ways, paths, chosen, under_way)
        _draw_labels(axes, view, plan, ways, paths, chosen, under_way, number)
        for side in axes.spines.values():
            side.set(visible=True, color=COLOURS["frame"], linewidth=0.8)
        title = plain(f"{case.name}: what is built by {last}", 80)
        put_text(figure, size, (_MARGIN, size[1] - 14), title, 13, weight="bold")
        count = len(plan.starts)
        said = (
            f"{count} {'project' if count == 1 else 'projects'} of the plan, numbered; {len(there)} under way anyway;"
        )
        said += " squares are ports, terminals and borders"
        put_text(figure, size, (_MARGIN, size[1] - 31), said, 8.5)
        _draw_legend(axes_in_points(figure, (0, 22, _WIDTH, foot - 24), "none"), told, foot - 24)
        draw_feet(figure, size, plan, "Outlines: Natural Earth (public domain), no position on borders  ·  ")
    return figure


def _acts(case: Case, causes: Iterable[str]) -> _Acts:
    """The links and places that the effects of `causes` act on, but for links that they only close."""
    wanted = set(causes)
    where = {
        table: dict(zip(case.table(table)["id"], case.table(table)["place"], strict=True))
        for table in ("terminals", "access")
    }
    known = set(case.table("links")["id"])
    links, places = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    effects = case.table("effects")
    for one in effects[effects["cause"].isin(wanted) & (effects["column"] != "closes")].to_dict("records"):
        for row in str(one["rows"]).split():
            if one["table"] == "links" and row in known:
                links[row].append(str(one["cause"]))
            elif row in where.get(str(one["table"]), {}):
                places[where[str(one["table"])][row]].append(str(one["cause"]))
    return _Acts(_once(links), _once(places))


def _once(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: list(dict.fromkeys(ids)) for key, ids in found.items()}


def _open_ways(plan: Plan, more: set[str]) -> list[Course]:
    """Links open at the end of the plan if nothing of it is built, and those of `more`."""
    last = plan.terms.last
    links = plan.worth.stages[last].base.table("links")
    opens, closes = links["opens"].astype(float), links["closes"].astype(float)
    open_ = (opens.isna() | (opens <= last)) & (closes.isna() | (closes > last))
    return ways_of(plan.case, links.loc[open_ | links["id"].isin(more), "id"])


def _extent(case: Case, ways: list[Course], chosen: _Acts) -> tuple[float, float, float, float]:
    """West, south, east, north of all that is built, and of what marks the first corridor."""
    places = case.table("places").set_index("id")[["lon", "lat"]].astype(float)
    marks = {mark for cell in case.table("corridors")["marks"].head(1) for mark in str(cell).split()}
    spots = [places.loc[[one for one in places.index if one in marks or one in chosen.places]].to_numpy()]
    spots += [way.lonlat for way in ways if way.link in chosen.links or way.link in marks]
    met = np.concatenate(spots)
    if not len(met):
        met = np.concatenate([way.lonlat for way in ways])
    low, high = met.min(axis=0), met.max(axis=0)
    margin = np.maximum(0.06 * (high - low), 1.0)
    (west, south), (east, north) = low - margin, high + margin
    return float(west), float(max(south, -85)), float(east), float(min(north, 85))


def _draw_ways(axes: Axes, ways: list[Course], paths: dict[str, Floats], chosen: _Acts, under_way: _Acts) -> None:
    rounded = {"solid_capstyle": "round", "solid_joinstyle": "round", "dash_capstyle": "butt"}
    for way in ways:
        x, y = paths[way.link].T
        if way.link in chosen.links:
            shade, wide, order = BUILT, 3.4, 4
        elif way.link in under_way.links:
            shade, wide, order = UNDER_WAY, 2.2, 3
        else:
            axes.add_line(Line2D(x, y, color=COLOURS["unused"], linewidth=0.5, zorder=2))
            continue
        axes.add_line(Line2D(x, y, color="white", linewidth=wide + 1.4, alpha=0.85, zorder=order, **rounded))  # type: ignore[arg-type]
        line = Line2D(x, y, color=shade, linewidth=wide, zorder=order, **rounded)  # type: ignore[arg-type]
        line.set_linestyle(dashes(way.family, wide))
        axes.add_line(line)


def _draw_labels(
    axes: Axes,
    view: View,
    plan: Plan,
    ways: list[Course],
    paths: dict[str, Floats],
    chosen: _Acts,
    under_way: _Acts,
    number: dict[str, str],
) -> None:
    """Numbers first, then the names of places, countries and waters, where they fit."""
    places = plan.case.table("places").set_index("id")
    spots = dict(
        zip(places.index, view.points(places[["lon", "lat"]].to_numpy(dtype=np.float64)).tolist(), strict=True)
    )
    badges = [_of_place(spots[one], _numbers(ids, number)) for one, ids in chosen.places.items()]
    badges += [_of_links(view, some, _numbers(ids, number)) for ids, some in _together(ways, paths, chosen)]
    named = _names(view, plan, ways, spots, chosen, under_way)
    paper = base(view)
    named += [land_of(one, view) for one in paper.countries if one.name]
    for water, at in paper.waters:
        aside = [(x + shift, y, abs(shift) / 20) for x, y in at for shift in (0, -20, 20, -40, 40)]
        dry = [any(land.path.contains_point(one[:2]) for land in paper.countries) for one in aside]
        wet = [one for one, land in zip(aside, dry, strict=True) if not (land and one[2])]
        named.append(label_of("water", water, [Spot(x, y, 0.0, cost) for x, y, cost in wet]))
    ways_cost = [samples(paths[way.link], 1.0 if way.link in chosen.links else 0.3) for way in ways]
    marks = [np.array([[*spots[one], 9.0]]) for one in {**chosen.places, **under_way.places}]
    obstacles = np.concatenate([np.empty((0, 3)), *ways_cost, *marks])
    found = place([*badges, *(name.label for name in named)], (view.width, view.height), obstacles)
    for one in [*under_way.places, *chosen.places]:
        shade = BUILT if one in chosen.places else UNDER_WAY
        big = 6.5 if one in chosen.places else 4.8
        dot = Line2D([spots[one][0]], [spots[one][1]], linestyle="none", marker="s", markersize=big, zorder=5)
        dot.set(markerfacecolor=shade, markeredgecolor="white", markeredgewidth=0.8)
        axes.add_line(dot)
    for label, spot in zip(badges, found[: len(badges)], strict=True):
        if spot is not None:
            _draw_badge(axes, label.text, spot.x, spot.y)
    for name, spot in zip(named, found[len(badges) :], strict=True):
        if spot is not None:
            if name.mark is not None and name.turn < 0:
                _draw_dot(axes, name.mark)
            draw_name(axes, name, spot)


def _numbers(ids: Iterable[str], number: dict[str, str]) -> str:
    return " ".join(sorted((number[one] for one in ids), key=int))


def _badge_size(text: str) -> tuple[float, float]:
    return size_of(text, "place")[0] + 6.0, 12.0


def _of_place(spot: list[float], text: str) -> Label:
    wide, high = _badge_size(text)
    return Label(text, wide, high, around(spot[0], spot[1], wide, high, 4.5))


def _together(
    ways: list[Course], paths: dict[str, Floats], chosen: _Acts
) -> list[tuple[tuple[str, ...], list[Floats]]]:
    """Links that the same projects act on and that hang together, so that each group has one number: ids and paths."""
    found: list[tuple[tuple[str, ...], set[str], list[Floats]]] = []
    for way in ways:
        if way.link not in chosen.links:
            continue
        ids, ends, own = tuple(chosen.links[way.link]), set(way.ends), [paths[way.link]]
        for one in [one for one in found if one[0] == ids and one[1] & ends]:
            found.remove(one)
            ends, own = ends | one[1], one[2] + own
        found.append((ids, ends, own))
    return [(ids, own) for ids, _, own in found]


def _of_links(view: View, paths: list[Floats], text: str) -> Label:
    """A number on the line, near the middle of its longest part within the view, or beside it where it is short."""
    wide, high = _badge_size(text)
    spots: list[Spot] = []
    longest = max(float(np.hypot(*np.diff(path, axis=0).T).sum()) for path in paths)
    for path in paths:
        far = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        for share in np.linspace(0.1, 0.9, 17):
            x, y = (float(np.interp(share * far[-1], far, path[:, axis])) for axis in (0, 1))
            if not view.holds(np.array([[x, y]]))[0]:
                continue
            cost = 40 * (1 - float(far[-1]) / max(longest, 1e-9)) + 8 * abs(float(share) - 0.5)
            if longest < 4 * wide:
                spots += [
                    Spot(one.x, one.y, 0.0, cost + one.cost) for one in around(x, y, wide, high, 4.0) if one.y != y
                ]
            else:
                spots.append(Spot(x, y, 0.0, cost - 60))
    return Label(text, wide, high, tuple(spots))


def _names(
    view: View, plan: Plan, ways: list[Course], spots: dict[str, list[float]], chosen: _Acts, under_way: _Acts
) -> list[Name]:
    """Places to name: those that something is done at or between, then the ends of most links."""
    ends = pd.Series([end for way in ways for end in way.ends], dtype=object).value_counts()
    of = {way.link: way.ends for way in ways}
    ranked = [*chosen.places, *(end for link in chosen.links for end in of[link]), *under_way.places]
    ranked += [end for link in under_way.links for end in of[link]]
    kinds = plan.case.table("places").set_index("id")
    ranked += [str(end) for end in ends.index if "port" in str(kinds["kind"][end]) or ends[end] >= 4]
    found = []
    for one in dict.fromkeys(ranked):
        x, y = spots[one]
        if not view.holds(np.array([[x, y]]), 5.0)[0]:
            continue
        acted = one in chosen.places or one in under_way.places
        name = label_of("place", short(str(kinds["name"][one])), (), (x, y))
        near = around(x, y, name.label.width, name.label.height, 4.5 if acted else 2.6)
        label = Label(name.label.text, name.label.width, name.label.height, near)
        found.append(Name("place", label, (x, y), 0.0 if acted else -1.0))
    return found[:_PLACES]


def _draw_badge(axes: Axes, text: str, x: float, y: float) -> None:
    box = {"boxstyle": "round,pad=0.28,rounding_size=0.6", "facecolor": BUILT, "edgecolor": "white", "linewidth": 0.8}
    shown = axes.text(x, y, text, ha="center", va="center", fontsize=7.2, fontweight="bold", color="white", zorder=8)
    shown.set(bbox=box, parse_math=False)


def _draw_dot(axes: Axes, mark: tuple[float, float]) -> None:
    dot = Line2D([mark[0]], [mark[1]], linestyle="none", marker="o", markersize=3.0, markerfacecolor="white", zorder=5)
    dot.set(markeredgecolor=COLOURS["text"], markeredgewidth=0.7)
    axes.add_line(dot)


def _legend(plan: Plan, number: dict[str, str], there: set[str]) -> list[tuple[str, str]]:
    """Lines under the map: two projects to a line, then what is under way, wrapped. Each with its kind."""
    candidates, room = plan.field.candidates, (_WIDTH - 2 * _MARGIN) / 2 - 30
    cells = []
    for one, start in plan.starts.items():
        opens = plan.terms.opening(candidates[one], start)
        cells.append(f"{number[one]}\t{fitted(candidates[one].name, room - 70, 'place')}, opens {opens}")
    half = (len(cells) + 1) // 2
    lines = [("built", "\n".join(pair)) for pair in zip(cells[:half], [*cells[half:], ""][:half], strict=True)]
    names = plan.case.table("projects").set_index("id")["name"]
    told = ", ".join(
        f"{plain(str(names[one]), 90)} ({plan.field.committed[one]})"
        for one in sorted(there, key=lambda one: (plan.field.committed[one], one))
    )
    lines += [("under way", line) for line in _wrapped(told, _WIDTH - 2 * _MARGIN - 8)] if there else []
    return lines


def _wrapped(text: str, room: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and size_of(f"{lines[-1]} {word}", "place")[0] <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _draw_legend(axes: Axes, told: list[tuple[str, str]], high: float) -> None:
    y, half = high - 8, (_WIDTH - 2 * _MARGIN) / 2
    seen = ""
    for kind, line in told:
        if kind == "under way" and seen != kind:
            y -= 3
            axes.add_line(Line2D([_MARGIN + 2, _MARGIN + 22], [y, y], color=UNDER_WAY, linewidth=2.2))
            text = "Under way in any case, and when it opens"
            axes.text(_MARGIN + 28, y, text, va="center", fontsize=7.2, fontweight="bold", color=COLOURS["text"])
            y -= _LINE
        seen = kind
        for at, cell in enumerate(line.split("\n") if kind == "built" else [line]):
            left = _MARGIN + at * half
            if kind == "built" and cell:
                number, cell = cell.split("\t")
                _draw_badge(axes, number, left + 9, y)
                left += 22
            shown = axes.text(left, y, cell, va="center", fontsize=7.2, color=COLOURS["text"])
            shown.set(parse_math=False)
        y -= _LINE + 2 * (kind == "built")

"""What a map draws for the links of a case: ribbons, where what runs side by side is added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.case import Case

__all__ = ["Course", "Ribbon", "courses", "ribbons", "ways_of"]

Floats = NDArray[np.float64]
Step = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The way of a link that is open: degrees (n, 2) from end to end, kt/yr, and capacity in kt/yr (nan: unknown)."""

    link: str
    ends: tuple[str, str]
    family: str
    lonlat: Floats
    kt: float
    capacity_kt: float


@dataclass(frozen=True, slots=True, eq=False)
class Ribbon:
    """A line on the map: links of one family that share a way, and their tonnes (kt/yr) together.

    `utilisation` is nan where no capacity is known.
    """

    links: tuple[str, ...]
    family: str
    lonlat: Floats
    kt: float
    utilisation: float


def courses(flows: Flows) -> list[Course]:
    """Every open link with the way it takes, in the order of the case."""
    used = flows.resources[flows.resources["table"] == "links"].set_index("row")["capacity_kt"]
    links = flows.links()
    ways = ways_of(flows.network.case, links["link"])
    return [
        replace(way, kt=float(kt), capacity_kt=float(used.get(way.link, np.nan)))
        for way, kt in zip(ways, links["kt"], strict=True)
    ]


def ways_of(case: Case, links: Iterable[str]) -> list[Course]:
    """The ways that links of the case take, with nothing on them."""
    rows, places = case.table("links").set_index("id"), case.table("places")
    spots = dict(zip(places["id"], places[["lon", "lat"]].to_numpy(dtype=np.float64).tolist(), strict=True))
    family = _families(case)
    found = []
    for link in links:
        row = rows.loc[link]
        ends = str(row["from"]), str(row["to"])
        lonlat = np.array([spots[ends[0]], *_bends(row["waypoints"]), spots[ends[1]]])
        found.append(Course(str(link), ends, family[str(row["mode"])], lonlat, 0.0, np.nan))
    return found


def _families(case: Case) -> dict[str, str]:
    """How each mode is drawn: rail, road, pipeline, or sea for all others."""
    kinds: dict[str, str] = dict(case.table("modes")[["id", "kind"]].to_numpy().tolist())
    return {mode: kind if kind in ("rail", "road", "pipeline") else "sea" for mode, kind in kinds.items()}


def ribbons(ways: list[Course]) -> list[Ribbon]:
    """Ribbons for the courses, wide under narrow: what shares a step of its way within a family is one ribbon there."""
    users: dict[tuple[str, Step], list[int]] = defaultdict(list)
    for index, way in enumerate(ways):
        for step in _steps(way):
            users[way.family, step].append(index)
    drawn: dict[tuple[str, Step], None] = {}
    found = []
    for way in ways:
        steps = _steps(way)
        groups = [tuple(users[way.family, step]) for step in steps]
        start = 0
        for end in range(1, len(steps) + 1):
            if end < len(steps) and groups[end] == groups[start]:
                continue
            if (way.family, steps[start]) not in drawn:
                found.append(_ribbon([ways[index] for index in groups[start]], way.lonlat[start : end + 1]))
            drawn.update(dict.fromkeys((way.family, step) for step in steps[start:end]))
            start = end
    return sorted(found, key=lambda one: -one.kt)


def _ribbon(ways: list[Course], lonlat: Floats) -> Ribbon:
    known = [way for way in ways if np.isfinite(way.capacity_kt)]
    capacity = sum(way.capacity_kt for way in known)
    utilisation = sum(way.kt for way in known) / capacity if capacity else np.nan
    links = tuple(dict.fromkeys(way.link for way in ways))
    # one direction for all, so that neighbours shift to opposite sides
    lonlat = lonlat if tuple(lonlat[0]) <= tuple(lonlat[-1]) else lonlat[::-1]
    return Ribbon(links, ways[0].family, lonlat, sum(way.kt for way in ways), utilisation)


def _steps(way: Course) -> list[Step]:
    spots = [(round(lon, 3), round(lat, 3)) for lon, lat in way.lonlat.tolist()]
    return [(min(one, two), max(one, two)) for one, two in pairwise(spots)]


def _bends(waypoints: object) -> list[list[float]]:
    """Longitude and latitude of each bend written as "lat lon; lat lon"."""
    if pd.isna(waypoints) or not str(waypoints).strip():  # type: ignore[call-overload]
        return []
    return [[float(part) for part in bend.split()][::-1] for bend in str(waypoints).split(";")]

"""The ground of the map: countries and lakes of Natural Earth (see outlines.README), on paper."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from bactrian.draw.projection import View

__all__ = ["Base", "Country", "base", "outlines"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Country:
    """A country's name and outline in points."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """What shows in a view: countries, lakes, and where names of waters may stand (points)."""

    countries: list[Country]
    lakes: list[Path]
    waters: list[tuple[str, Floats]]


@cache
def outlines() -> list[dict[str, Any]]:
    """Features of the outlines that come with the package: kind (country, lake, water), name and geometry."""
    text = (files("bactrian.draw") / "outlines.geojson").read_text(encoding="utf-8")
    features: list[dict[str, Any]] = json.loads(text)["features"]
    return features


def base(view: View) -> Base:
    """The outlines that meet the view, in points."""
    paper = Base([], [], [])
    for feature in outlines():
        kind, name = feature["properties"]["kind"], feature["properties"]["name"]
        coordinates = feature["geometry"]["coordinates"]
        if kind == "water":
            paper.waters.append((name, view.points(np.array(coordinates, dtype=np.float64))))
            continue
        path = _path(coordinates, view)
        if path is None:
            continue
        if kind == "lake":
            paper.lakes.append(path)
        else:
            paper.countries.append(Country(name, path))
    return paper


def _path(polygons: list[list[list[list[float]]]], view: View) -> Path | None:
    """The rings that meet the view as one path; those around the far side of the earth are left out."""
    rings, codes = [], []
    far = 1.6 * 6371.0 * view.scale  # beyond about 105 degrees from the centre shapes turn inside out
    middle = view.points(np.array([[view.lon, view.lat]]))[0]
    for ring in (ring for polygon in polygons for ring in polygon):
        points = view.points(np.array(ring, dtype=np.float64))
        low, high = points.min(axis=0), points.max(axis=0)
        if (high < 0).any() or low[0] > view.width or low[1] > view.height:
            continue
        if np.hypot(*(points - middle).T).max() > far:
            continue
        points = _thinned(points)
        if len(points) < 4:
            continue
        rings.append(points)
        codes.append(np.array([Path.MOVETO] + [Path.LINETO] * (len(points) - 2) + [Path.CLOSEPOLY], dtype=np.uint8))
    return Path(np.concatenate(rings), np.concatenate(codes)) if rings else None


def _thinned(points: Floats) -> Floats:
    """The ring without points that fall together at a third of a point; neighbours thin alike."""
    grid = np.round(points * 3)
    kept = np.ones(len(points), dtype=np.bool_)
    kept[1:-1] = (grid[1:-1] != grid[:-2]).any(axis=1)
    thinned: Floats = grid[kept] / 3
    return thinned

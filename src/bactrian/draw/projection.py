"""From degrees to points on paper: Lambert's azimuthal equal-area projection, and which part of the world to show.

The projection has no seam but the point opposite its centre, so a case at the date line needs no special care.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["View", "view_of_extent", "view_of_places"]

Floats = NDArray[np.float64]

EARTH_KM = 6371.0
_LEAST_KM = 120.0  # the smallest frame, so that a case in one town is drawn too


@dataclass(frozen=True, slots=True)
class View:
    """A frame of `width` by `height` points (1/72 inch) on the equal-area plane around `lon`, `lat` (degrees).

    `left` and `bottom` (km) are the plane's coordinates of the frame's lower left corner, `scale` is points per km.
    """

    lon: float
    lat: float
    left: float
    bottom: float
    scale: float
    width: float
    height: float

    def points(self, lonlat: Floats) -> Floats:
        """Points from the lower left corner of the frame, of shape (n, 2), for degrees of shape (n, 2).

        >>> view = view_of_extent((40.0, 30.0, 60.0, 50.0), 600.0, (0.5, 1.0))
        >>> corner, = view.points(np.array([[view.lon, view.lat]]))
        >>> bool(0 < corner[0] < view.width and 0 < corner[1] < view.height)
        True
        """
        return (_project(lonlat, self.lon, self.lat) - (self.left, self.bottom)) * self.scale

    def holds(self, points: Floats, margin: float = 0.0) -> NDArray[np.bool_]:
        """Which of the `points` lie in the frame, `margin` points from its edge."""
        size = np.array([self.width, self.height])
        return np.asarray(((points >= margin) & (points <= size - margin)).all(axis=1), dtype=np.bool_)


def view_of_extent(extent: tuple[float, float, float, float], width: float, aspects: tuple[float, float]) -> View:
    """The view of west, south, east, north (degrees), `width` points wide; west may exceed east over the date line.

    `aspects` are the least and greatest height over width; the frame grows where the extent has another shape.
    """
    west, south, east, north = extent
    span = (east - west) % 360.0 or 360.0
    along = np.linspace(west, west + span, 37)
    across = np.linspace(south, north, 19)
    edge = [(one, two) for one in along for two in (south, north)] + [(one, two) for one in along for two in across]
    lonlat = np.array(edge, dtype=np.float64)
    return _frame(lonlat, np.ones(len(lonlat)), west + span / 2, (south + north) / 2, width, aspects, 0.0)


def view_of_places(lonlat: Floats, weight: Floats, width: float, aspects: tuple[float, float]) -> View:
    """The view of the places at `lonlat` (degrees) that hold the middle of `weight` in both directions.

    Far places of little weight fall outside: the frame cuts off at most a twenty-fourth of the weight at each side, and
    no place that would lie at its edge.
    """
    if not len(lonlat):
        return view_of_extent((-20.0, -10.0, 150.0, 70.0), width, aspects)
    lon, lat = np.radians(lonlat).T
    along = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    x, y, z = (along * weight).sum(axis=1) + 1e-12
    middle = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    return _frame(lonlat, weight, float(middle[0]), float(middle[1]), width, aspects, 1 / 24)


def _frame(
    lonlat: Floats, weight: Floats, lon: float, lat: float, width: float, aspects: tuple[float, float], cut: float
) -> View:
    plane = _project(lonlat, lon, lat)
    low, high = np.array([_middle(values, weight, cut) for values in plane.T]).T
    margin = 0.0 if not cut else 0.07 * max(high - low)
    near = plane[((plane >= low - margin) & (plane <= high + margin)).all(axis=1)]  # what the margin would cut in two
    low, high = np.minimum(low, near.min(axis=0)), np.maximum(high, near.max(axis=0))
    size = np.maximum(high - low + 2 * margin, _LEAST_KM)
    aspect = float(np.clip(size[1] / size[0], *aspects))
    size = np.maximum(size, (size[1] / aspect, size[0] * aspect))
    left, bottom = (low + high - size) / 2
    scale = width / size[0]
    return View(lon, lat, float(left), float(bottom), float(scale), width, float(size[1] * scale))


def _middle(values: Floats, weight: Floats, cut: float) -> tuple[float, float]:
    """The least and greatest value left when a share `cut` of the weight is gone at each end."""
    order = np.argsort(values, kind="stable")
    up = np.cumsum(weight[order])
    low = np.searchsorted(up, cut * up[-1])
    high = np.searchsorted(up, (1 - cut) * up[-1] - 1e-9 * up[-1])
    return float(values[order[low]]), float(values[order[min(high, len(order) - 1)]])


def _project(lonlat: Floats, lon: float, lat: float) -> Floats:
    """Kilometres east and north of the centre (Snyder, Map Projections, 1987, page 185)."""
    turn = np.radians(lonlat[:, 0] - lon)
    up, here = np.radians(lonlat[:, 1]), np.radians(lat)
    near = np.sin(here) * np.sin(up) + np.cos(here) * np.cos(up) * np.cos(turn)
    stretch = EARTH_KM * np.sqrt(2 / np.maximum(1 + near, 1e-3))
    east = np.where(
        near > -0.999, stretch * np.cos(up) * np.sin(turn), 2 * EARTH_KM
    )  # the antipode is far in any direction
    north = stretch * (np.cos(here) * np.sin(up) - np.sin(here) * np.cos(up) * np.cos(turn))
    return np.column_stack([east, north])

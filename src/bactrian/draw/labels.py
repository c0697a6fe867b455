"""Where the names on a map go: none over another, none over the edge, the most important first.

Lengths are points (1/72 inch), angles are degrees anticlockwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Label", "Spot", "along", "around", "place"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a label may stand: its centre, its angle and what it costs to put it there."""

    x: float
    y: float
    angle: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Label:
    """A text of some width and height, and the spots where it may stand."""

    text: str
    width: float
    height: float
    spots: tuple[Spot, ...]

    def corners(self, spots: Sequence[Spot]) -> Floats:
        """Corners of the label's box at `spots`, of shape (len(spots), 4, 2).

        >>> Label("", 4.0, 2.0, ()).corners([Spot(10.0, 10.0, 90.0)]).round(6).tolist()[0][0]
        [11.0, 8.0]
        """
        centre = np.array([(spot.x, spot.y) for spot in spots])
        turn = np.radians([spot.angle for spot in spots])
        wide = np.column_stack([np.cos(turn), np.sin(turn)]) * (self.width / 2)
        high = np.column_stack([-np.sin(turn), np.cos(turn)]) * (self.height / 2)
        return np.stack(
            [centre - wide - high, centre + wide - high, centre + wide + high, centre - wide + high], axis=1
        )


def place(
    labels: Sequence[Label], frame: tuple[float, float], obstacles: Floats, limit: float = np.inf
) -> list[Spot | None]:
    """The spot of each label, or None where it does not fit; labels are taken in the order given.

    `frame` is width and height; `obstacles` (n, 3) are points that a label had better not cover, with the cost of
    covering each. A spot whose cost exceeds `limit` is not used.

    >>> one = Label("one", 10.0, 4.0, (Spot(20.0, 20.0),))
    >>> two = Label("two", 10.0, 4.0, (Spot(22.0, 20.0), Spot(20.0, 40.0, cost=1.0)))
    >>> [spot.y for spot in place([one, two], (100.0, 100.0), np.empty((0, 3)))]
    [20.0, 40.0]
    """
    taken = np.empty((0, 4, 2))
    found: list[Spot | None] = []
    for label in labels:
        found.append(None)
        if not label.spots:
            continue
        corners = label.corners(label.spots)
        inside = ((corners >= 0) & (corners <= np.array(frame))).all(axis=(1, 2))
        free = np.flatnonzero(inside & ~_overlap(corners, taken).any(axis=1))
        cost = np.array([label.spots[index].cost for index in free]) + _covered(label, corners[free], obstacles)
        if free.size and cost.min() <= limit:
            best = free[int(np.argmin(cost))]
            found[-1] = label.spots[best]
            taken = np.concatenate([taken, corners[[best]]])
    return found


def around(x: float, y: float, width: float, height: float, gap: float) -> tuple[Spot, ...]:
    """Spots for a label beside the point x, y: right, left, then the corners, above and below."""
    wide, high = width / 2 + gap, height / 2 + gap
    near = width / 2 + 0.7 * gap, height / 2 + 0.3 * gap
    sides = [(wide, 0.0), (-wide, 0.0), (near[0], near[1]), (near[0], -near[1]), (-near[0], near[1])]
    sides += [(-near[0], -near[1]), (0.0, high), (0.0, -high)]
    sides += [(wide, high / 2), (wide, -high / 2), (-wide, high / 2), (-wide, -high / 2)]
    sides += [(width / 4, high), (-width / 4, high), (width / 4, -high), (-width / 4, -high)]
    return tuple(Spot(x + one, y + two, 0.0, 0.25 * order) for order, (one, two) in enumerate(sides))


def along(path: Floats, width: float, height: float, gap: float, step: float = 7.0) -> tuple[Spot, ...]:
    """Spots for a label along `path` (n, 2), above and below it, turned as the path runs; the middle is cheapest."""
    lengths = np.hypot(*np.diff(path, axis=0).T)
    far = np.concatenate([[0.0], np.cumsum(lengths)])
    if not far[-1] > 0:
        return ()
    at = np.arange(0.0, far[-1] + step, step).clip(max=far[-1])
    ends = np.stack([at - width / 2, at + width / 2]).clip(0, far[-1])
    here = np.column_stack([np.interp(at, far, path[:, axis]) for axis in (0, 1)])
    first, last = (np.column_stack([np.interp(end, far, path[:, axis]) for axis in (0, 1)]) for end in ends)
    bend = 1 - np.hypot(*(last - first).T) / np.maximum(ends[1] - ends[0], 1e-9)
    spots = []
    for (x, y), chord, bent, where in zip((first + last + here) / 3, last - first, bend, at / far[-1], strict=True):
        angle = float(np.degrees(np.arctan2(chord[1], chord[0])))
        angle = (angle + 90) % 180 - 90
        normal = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))]) * (height / 2 + gap)
        cost = 2 * abs(float(where) - 0.5) + 40 * float(bent) + abs(angle) / 45
        spots += [
            Spot(float(x + side * normal[0]), float(y + side * normal[1]), angle, cost + (side < 0) * 0.2)
            for side in (1, -1)
        ]
    return tuple(spots)


def _covered(label: Label, corners: Floats, obstacles: Floats) -> Floats:
    """Cost of the obstacles within each box."""
    if not len(corners) or not len(obstacles):
        return np.zeros(len(corners))
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    obstacles = obstacles[((obstacles[:, :2] >= low) & (obstacles[:, :2] <= high)).all(axis=1)]
    origin, wide, high = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    away = obstacles[None, :, :2] - origin[:, None, :]
    first = np.einsum("snx,sx->sn", away, wide) / max(label.width, 1e-9) ** 2
    second = np.einsum("snx,sx->sn", away, high) / max(label.height, 1e-9) ** 2
    cost: Floats = ((np.abs(first - 0.5) <= 0.5) & (np.abs(second - 0.5) <= 0.5)) @ obstacles[:, 2]
    return cost


def _overlap(ones: Floats, others: Floats) -> NDArray[np.bool_]:
    """Which of the boxes `ones` (n, 4, 2) meet which of `others` (m, 4, 2): no side of either parts them."""
    apart = np.zeros((len(ones), len(others)), dtype=np.bool_)
    for first, second, turned in ((ones, others, False), (others, ones, True)):
        for side in (1, 3):
            axis = first[:, side] - first[:, 0]
            own = np.einsum("ncx,nx->nc", first, axis)
            their = np.einsum("mcx,nx->nmc", second, axis)
            split = (their.min(axis=2) > own.max(axis=1)[:, None]) | (their.max(axis=2) < own.min(axis=1)[:, None])
            apart |= split.T if turned else split
    return ~apart

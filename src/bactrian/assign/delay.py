"""Delay laws: time on an arc under load, with derivative and integral.

All laws take arrays that broadcast against each other: free time (h, at least 0), load x and capacity c in the
arc's own unit per year (x at least 0, c above 0), and shape parameters. Each returns three arrays: the time in h,
its derivative in h per unit of load, and its integral from 0 to x in h times load. All are convex and increasing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["bpr", "conical", "queue"]

Floats = NDArray[np.float64]
Law = tuple[Floats, Floats, Floats]


def bpr(free: ArrayLike, x: ArrayLike, c: ArrayLike, b: ArrayLike = 0.15, power: ArrayLike = 4.0) -> Law:
    """Bureau of Public Roads (1964): t = free (1 + b (x/c)^power), with power 0 or at least 1.

    Power 0 means a constant time of free (1 + b).

    >>> time, slope, area = bpr(10.0, 50.0, 50.0)
    >>> float(time), float(slope), float(area)
    (11.5, 0.12, 515.0)
    """
    free, x, c, b, power = _checked(free, x, c, b, power)
    if np.any((power != 0) & (power < 1)):
        raise ValueError("the power of a BPR law must be 0 or at least 1")
    ratio = x / c
    time = free * (1 + b * ratio**power)
    slope = free * b * power * ratio ** np.maximum(power - 1, 0) / c
    area = free * x * (1 + b * ratio**power / (power + 1))
    return time, slope, area


def conical(free: ArrayLike, x: ArrayLike, c: ArrayLike, a: ArrayLike = 4.0) -> Law:
    """Spiess (1990): t = free (2 + sqrt(a² (1-r)² + β²) - a (1-r) - β), r = x/c, β = (2a-1)/(2a-2), a above 1.

    The time doubles at capacity and grows linearly, at most with slope 2a free/c, beyond it.

    >>> time, _, _ = conical(10.0, 50.0, 50.0)
    >>> float(time)
    20.0
    """
    free, x, c, a = _checked(free, x, c, a)
    if np.any(a <= 1):
        raise ValueError("the steepness of a conical law must be above 1")
    beta = (2 * a - 1) / (2 * a - 2)
    slack = a * (1 - x / c)
    root = np.hypot(slack, beta)

    def primitive(s: Floats) -> Floats:
        return (s * np.hypot(s, beta) + beta**2 * np.arcsinh(s / beta)) / 2

    time = free * (2 + root - slack - beta)
    slope = free * (a / c) * (1 - slack / root)
    area = free * ((2 - beta) * x + (c / a) * (primitive(a) - primitive(slack) - (a**2 - slack**2) / 2))
    return time, slope, area


def queue(free: ArrayLike, x: ArrayLike, c: ArrayLike, wait: ArrayLike = 24.0, bend: float = 0.95) -> Law:
    """Waiting at a server: t = free + wait r/(1-r), r = x/c, carried on as its tangent line above r = bend.

    r/(1-r) is the mean queue of an M/M/1 server (Davidson 1966 for traffic); `wait` in h is the waiting at half load.
    The tangent keeps the law finite, convex and once differentiable for any load.

    >>> time, _, _ = queue(10.0, 25.0, 50.0)
    >>> float(time)
    34.0
    """
    free, x, c, wait = _checked(free, x, c, wait)
    if not 0 < bend < 1:
        raise ValueError("the bend of a queue law must lie between 0 and 1")
    ratio = x / c
    low = np.minimum(ratio, bend)
    over = ratio - low
    steep = 1 / (1 - low) ** 2
    time = free + wait * (low / (1 - low) + over * steep)
    slope = wait * steep / c
    area = free * x + wait * c * (-low - np.log1p(-low) + over * low / (1 - low) + over**2 * steep / 2)
    return time, slope, area


def _checked(free: ArrayLike, x: ArrayLike, c: ArrayLike, *shape: ArrayLike) -> tuple[Floats, ...]:
    arrays = tuple(np.asarray(one, dtype=np.float64) for one in (free, x, c, *shape))
    if not np.all(arrays[2] > 0):
        raise ValueError("capacity must be above 0")
    if any(not np.all(one >= 0) for one in arrays):
        raise ValueError("free time, load and shape parameters must be numbers of at least 0")
    return arrays

"""Waiting at what has a capacity: hours on top of the free time, as load grows.

A road delays by the BPR law, 0.15 (x/c)^4 of its running time. All else is scheduled and queues: the wait grows as
w r/(1 - r) with the utilisation r. w, the wait at half capacity, is a half of the handling time of a terminal or
border, and a tenth of the running time of a railway, a ship or a pipeline, at least 2 h (assumptions). Above 99 % of
capacity the law goes on as its tangent, so steep that a load in excess of capacity stays small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.delay import Law, bpr, queue
from bactrian.assign.equilibrium import BPR, QUEUE, Delays
from bactrian.network import Network

__all__ = ["delays", "waiting"]

Floats = NDArray[np.float64]

BEND = 0.99  # utilisation above which the queue law is a straight line
NOTHING = 1e-9  # h
SHORTEST = 2.0  # h of waiting at half capacity of a link, as where trains leave every four hours


def delays(network: Network) -> Delays:
    """The laws of waiting of all resources, in hours on top of the free time."""
    time = network.resources["time_h"].to_numpy()
    is_link = (network.resources["kind"] == "move").to_numpy()
    is_road = (network.resources["means"] == "road").to_numpy() & is_link
    half = np.where(is_link, np.maximum(0.1 * time, SHORTEST), 0.5 * time)
    # a BPR law waits b times its free time at capacity: a free time next to nothing leaves just the wait
    return Delays(
        law=np.where(is_road, BPR, QUEUE),
        free=np.where(is_road, NOTHING, 0.0),
        capacity=network.resources["capacity_kt"].to_numpy(dtype=np.float64),
        shape=np.where(is_road, 0.15 * time / NOTHING, half),
        power=np.where(is_road, 4.0, BEND),
    )


def waiting(laws: Delays, load: Floats) -> Law:
    """Hours of waiting by `laws` (see `delays`) under `load` (kt/yr), the derivative and the integral (see `delay`).

    >>> from bactrian.case import load as load_case
    >>> from bactrian.network import build
    >>> network = build(load_case("transcaspian"), 2021)
    >>> hours, _, _ = waiting(delays(network), 0.5 * network.resources["capacity_kt"].to_numpy())
    >>> dostyk = network.resources["row"] == "dostyk-gauge_break"  # 40.6 h of handling
    >>> hours[dostyk].round(2).tolist()
    [20.3]
    """
    of_road = bpr(laws.free, load, laws.capacity, laws.shape, 4.0)
    of_queue = queue(0.0, load, laws.capacity, wait=laws.shape, bend=BEND)
    wait, slope, area = (np.where(laws.law == BPR, one, other) for one, other in zip(of_road, of_queue, strict=True))
    return wait, slope, area

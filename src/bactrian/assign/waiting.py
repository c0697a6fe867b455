"""Waiting at what has a capacity: hours on top of the free time, as load grows.

A road delays by the BPR law, 0.15 (x/c)^4 of its running time. All else is scheduled and queues: the wait grows as
w r/(1 - r) with the utilisation r. w, the wait at half capacity, is a half of the handling time of a terminal or
border, and a tenth of the running time of a railway, a ship or a pipeline, at least 2 h (assumptions). Above 99 % of
capacity the law goes on as its tangent, so steep that a load in excess of capacity stays small.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from bactrian.assign.delay import Law
from bactrian.assign.equilibrium import BPR, QUEUE, Delays
from bactrian.network import Network

__all__ = ["delays", "load_at", "waiting"]

Floats = NDArray[np.float64]

BEND = 0.99  # utilisation above which the queue law is a straight line
NOTHING = 1e-9  # h
INNER = 30  # Newton steps from the place of a resource to its load
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
    """Hours of waiting by `laws` (see `delays`) under `load` (kt/yr), the derivative and the integral.

    The laws are those of `delay.bpr` and `delay.queue`, compiled, as draws and plans ask for them a million times.

    >>> from bactrian.case import load as load_case
    >>> from bactrian.network import build
    >>> network = build(load_case("transcaspian"), 2021)
    >>> hours, _, _ = waiting(delays(network), 0.5 * network.resources["capacity_kt"].to_numpy())
    >>> dostyk = network.resources["row"] == "dostyk-gauge_break"  # 40.6 h of handling
    >>> hours[dostyk].round(2).tolist()
    [20.3]
    """
    wait, slope, area = _waiting(laws.law, laws.free, laws.capacity, laws.shape, laws.power, load)
    return wait, slope, area


def load_at(laws: Delays, own: Floats, place: Floats, load: Floats) -> Floats:
    """The load x of each resource at which x + own d(x) is `place`, by Newton steps from `load`; d are the `laws`."""
    found: Floats = _load_at(laws.law, laws.free, laws.capacity, laws.shape, laws.power, own, place, load)
    return found


@numba.njit(cache=True, error_model="numpy", inline="always")
def _wait(law, free, capacity, shape, power, load):  # type: ignore[no-untyped-def]
    """Wait, its derivative and its integral at one resource."""
    ratio = load / capacity
    if law == BPR:
        rise = shape * ratio**power
        slope = free * shape * power * ratio ** (power - 1) / capacity
        return free * (1 + rise), slope, free * load * (1 + rise / (power + 1))
    low = min(ratio, power)
    over, steep, wait = ratio - low, 1 / (1 - low) ** 2, low / (1 - low)
    area = -low - np.log1p(-low) + over * wait + over**2 * steep / 2
    return free + shape * (wait + over * steep), shape * steep / capacity, free * load + shape * capacity * area


@numba.njit(cache=True, error_model="numpy")
def _waiting(law, free, capacity, shape, power, load):  # type: ignore[no-untyped-def]
    wait, slope, area = np.empty(load.size), np.empty(load.size), np.empty(load.size)
    for one in range(load.size):
        wait[one], slope[one], area[one] = _wait(
            law[one], free[one], capacity[one], shape[one], power[one], load[one]
        )  # fmt: skip
    return wait, slope, area


@numba.njit(cache=True, error_model="numpy")
def _load_at(law, free, capacity, shape, power, own, place, load):  # type: ignore[no-untyped-def]
    found = np.empty(load.size)
    for one in range(load.size):
        at = min(max(load[one], 0.0), place[one])
        for _ in range(INNER):
            wait, slope, _ = _wait(law[one], free[one], capacity[one], shape[one], power[one], at)
            left = at + own[one] * wait - place[one]
            if abs(left) <= 4e-16 * place[one]:
                break
            at = min(max(at - left / (1 + own[one] * slope), 0.0), place[one])
        found[one] = at
    return found

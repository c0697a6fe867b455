"""Waiting at what has a capacity: hours on top of the free time, as load grows.

A link delays by the BPR law, 0.15 (x/c)^4 of its running time. A terminal or border queues: at half its capacity the
wait is half the handling time, and it grows as r/(1 - r).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.delay import Law, bpr, queue
from bactrian.network import Network

__all__ = ["waiting"]

Floats = NDArray[np.float64]


def waiting(network: Network, load: Floats) -> Law:
    """Hours of waiting at each resource under `load` (kt/yr), the derivative and the integral (see `delay`).

    >>> from bactrian.case import load as load_case
    >>> from bactrian.network import build
    >>> network = build(load_case("transcaspian"), 2021)
    >>> hours, _, _ = waiting(network, 0.5 * network.resources["capacity_kt"].to_numpy())
    >>> dostyk = network.resources["row"] == "dostyk-gauge_break"  # 40.6 h of handling
    >>> hours[dostyk].round(2).tolist()
    [20.3]
    """
    capacity = network.resources["capacity_kt"].to_numpy()
    time = network.resources["time_h"].to_numpy()
    is_link = (network.resources["table"] == "links").to_numpy()
    running, slope, area = bpr(time, load, capacity)
    of_link = running - time, slope, area - time * load
    of_terminal = queue(0.0, load, capacity, wait=time / 2)
    wait, slope, area = (np.where(is_link, one, other) for one, other in zip(of_link, of_terminal, strict=True))
    return wait, slope, area

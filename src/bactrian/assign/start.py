"""Where an engine starts: from nothing, or from the ways of an earlier result, on another network if need be."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.flows import Flows
from bactrian.network import Network

__all__ = ["Start", "names_of_arcs", "start_from"]

Floats = NDArray[np.float64]
Way = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """`ways` (pair, arcs), the tonnes on each (`flow`, kt/yr, scaled to the demand), and the `load` they make."""

    ways: tuple[Way, ...]
    flow: Floats
    load: Floats


def start_from(earlier: Flows | None, network: Network, pairs: pd.DataFrame) -> Start:
    """Carry the ways of `earlier` over to `network` and `pairs`, but for those that are no longer open or allowed."""
    nothing = Start((), np.zeros(0), np.zeros(len(network.resources)))
    if earlier is None:
        return nothing
    arc = dict(zip(names_of_arcs(network), range(len(network.arcs)), strict=True))
    arcs = np.array([arc.get(name, -1) for name in names_of_arcs(earlier.network)], dtype=np.int64)
    columns = ["origin", "destination", "commodity"]
    here = {name: place for place, name in enumerate(pairs[columns].itertuples(index=False, name=None))}
    pair = np.array([here.get(name, -1) for name in earlier.pairs[columns].itertuples(index=False, name=None)])
    k, asked = pairs["k"].to_numpy(), pairs["kt"].to_numpy()
    before = earlier.pairs["kt"].to_numpy()
    kept: dict[Way, float] = {}
    for (old, way), kt in zip(earlier.routes, earlier.ways["kt"], strict=True):
        new, moved = pair[old], arcs[list(way)]
        if new >= 0 and (moved >= 0).all() and network.allowed[k[new], moved].all():
            kept[int(new), tuple(moved.tolist())] = kt * asked[new] / before[old]
    load = np.zeros(len(network.resources) + 1)
    for (_, way), kt in kept.items():
        np.add.at(load, network.resource[list(way)], kt)  # -1, no resource, is the last entry
    return Start(tuple(kept), np.array(list(kept.values())), load[:-1])


def names_of_arcs(network: Network) -> list[Hashable]:
    """What tells an arc from all others in any network of the case."""
    nodes = list(network.nodes.itertuples(index=False, name=None))
    columns = network.arcs[["kind", "table", "row", "tail", "head"]].itertuples(index=False, name=None)
    return [(kind, table, row, nodes[tail], nodes[head]) for kind, table, row, tail, head in columns]

"""Shortest paths on compact arrays (forward star), by Dijkstra's method (1959) with a binary heap."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Graph", "outgoing", "shortest_paths"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def outgoing(tail: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Sort arcs by tail: the arcs out of node n are `order[start[n]:start[n + 1]]`, in the order given.

    >>> start, order = outgoing(np.array([1, 0, 1]), 2)
    >>> start.tolist(), order.tolist()
    ([0, 1, 3], [1, 0, 2])
    """
    order = np.argsort(tail, kind="stable").astype(np.int64)
    start = np.zeros(nodes + 1, dtype=np.int64)
    start[1:] = np.cumsum(np.bincount(tail, minlength=nodes))
    return start, order


def shortest_paths(start: Ints, order: Ints, head: Ints, cost: Floats, source: int) -> tuple[Floats, Ints]:
    """Return cost from `source` and the last arc of a cheapest path, per node; cost is at least 0 per arc.

    A node that cannot be reached has last arc -1 (as has the source) and cost inf, which no sum of costs yields.
    Raises ValueError for a cost that is negative, infinite or not a number.

    >>> start, order = outgoing(np.array([0, 1]), 4)
    >>> cost, last = shortest_paths(start, order, np.array([1, 2]), np.array([2.0, 3.0]), 0)
    >>> cost.tolist(), last.tolist()
    ([0.0, 2.0, 5.0, inf], [-1, 0, 1, -1])
    """
    if not (np.isfinite(cost).all() and (cost >= 0).all()):
        raise ValueError("arc costs must be finite and at least 0")
    distance, last = _dijkstra(start, order, head.astype(np.int64), cost.astype(np.float64), source)
    return distance, last


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Some arcs of a larger network in forward and backward star; `arcs` are their numbers in that network."""

    arcs: Ints
    tail: Ints
    head: Ints
    _forward: tuple[Ints, Ints]
    _backward: tuple[Ints, Ints]

    @classmethod
    def of(cls, tail: Ints, head: Ints, nodes: int, arcs: Ints | None = None) -> Graph:
        """Sort arcs for both directions of search."""
        numbers = np.arange(tail.size) if arcs is None else arcs
        return cls(numbers, tail, head, outgoing(tail, nodes), outgoing(head, nodes))

    def from_(self, cost: Floats, node: int) -> tuple[Floats, Ints]:
        """Cost from `node` to all others and the last arc (within this graph), as `shortest_paths`."""
        return shortest_paths(*self._forward, self.head, cost, node)

    def to(self, cost: Floats, node: int) -> tuple[Floats, Ints]:
        """Cost from all others to `node` and the next arc (within this graph), as `shortest_paths`."""
        return shortest_paths(*self._backward, self.tail, cost, node)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _dijkstra(start, order, head, cost, source):  # type: ignore[no-untyped-def]
    nodes = start.size - 1
    distance = np.full(nodes, np.inf)
    last = np.full(nodes, -1, np.int64)
    distance[source] = 0.0
    heap = [(0.0, np.int64(source))]
    while len(heap) > 0:
        reached, node = heappop(heap)
        if reached > distance[node]:
            continue
        for place in range(start[node], start[node + 1]):
            arc = order[place]
            through = reached + cost[arc]
            if through < distance[head[arc]]:
                distance[head[arc]] = through
                last[head[arc]] = arc
                heappush(heap, (through, head[arc]))
    return distance, last

"""Ways over the world's railways, roads and sea lanes, from the graphs that scgraph and scgraph_data ship.

The rail and road graphs lie in hundreds of pieces: tracks that meet on the ground do not always meet there. Nodes of
two pieces that are close are taken to be joined, at `LONGER` times the distance, so that a way which is there is
preferred; the joints that a way uses are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from bactrian.errors import LibraryError

__all__ = ["Graph", "Way", "graph_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RADIUS = 6371.0  # km
JOINT = 10.0  # km between nodes of two pieces that are joined
LONGER = 3.0  # times a joint costs its length
PIECE = 50  # nodes of the smallest piece that a place is joined to
REACH = {"rail": 40.0, "road": 40.0, "sea": 120.0}  # km from a place to the graph at most
ICE = 73.0  # degrees north from which sea lanes are left out: the passages of the Arctic
BEND = 0.02  # share of a way's length by which its drawn line may be off

HOMES = {
    "rail": ("scgraph_data.world_railways", "world_railways_geograph"),
    "road": ("scgraph_data.world_highways", "world_highways_geograph"),
    "sea": ("scgraph.geographs.marnet", "marnet_geograph"),
}
"""Where the graph of each means of transport lies."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A way found: km in all, of which `joined_km` over joints and from the places to the graph; and the line that it
    takes, degrees (n, 2) north and east, in as few points as show it."""

    km: float
    joined_km: float
    line: Floats


class Graph:
    """Nodes (n, 2) in degrees north and east, and edges between them in km, with pieces joined where they are close."""

    def __init__(self, nodes: Floats, edges: csr_array, reach_km: float, joint_km: float = JOINT) -> None:
        self.nodes, self.reach_km = nodes, reach_km
        self.points = _on_globe(nodes)
        piece = connected_components(edges, directed=False)[1]
        pairs = cKDTree(self.points).query_pairs(joint_km, output_type="ndarray")
        pairs = pairs[piece[pairs[:, 0]] != piece[pairs[:, 1]]] if len(pairs) else pairs.reshape(0, 2)
        gaps = np.linalg.norm(self.points[pairs[:, 0]] - self.points[pairs[:, 1]], axis=1)
        self.joints = {(int(one), int(two)): float(gap) for (one, two), gap in zip(pairs, gaps, strict=True)}
        ends = np.concatenate([pairs, pairs[:, ::-1]])
        costs = np.concatenate([gaps, gaps]) * LONGER + 1e-3  # two nodes may fall on one spot
        self.edges = csr_array(edges + csr_array((costs, (ends[:, 0], ends[:, 1])), shape=edges.shape))
        self.piece = piece = connected_components(self.edges, directed=False)[1]
        sizes = np.bincount(piece)
        self.large: Ints = np.flatnonzero(sizes[piece] >= min(PIECE, sizes.max()))
        self._tree = cKDTree(self.points[self.large])

    def between(self, one: tuple[float, float], other: tuple[float, float]) -> Way | None:
        """The shortest way between spots (degrees north, east); None where the graph does not reach or join them."""
        (start, first), (end, last) = (self._nearest(spot) for spot in (one, other))
        if max(first, last) > self.reach_km or start == end or self.piece[start] != self.piece[end]:
            return None
        _, before = dijkstra(self.edges, directed=False, indices=start, return_predecessors=True)
        nodes = [end]
        while nodes[-1] != start:
            nodes.append(int(before[nodes[-1]]))
        nodes.reverse()
        along = np.linalg.norm(np.diff(self.points[nodes], axis=0), axis=1)
        km = joined = first + last
        for place, (tail, head) in enumerate(pairwise(nodes)):
            gap = self.joints.get((min(tail, head), max(tail, head)))
            joined += gap or 0.0
            km += gap if gap is not None else max(float(self.edges[tail, head]), float(along[place]))
        line = np.concatenate([[one], self.nodes[nodes], [other]])
        return Way(float(km), float(joined), line[_bends(_on_globe(line), BEND * km)])

    def _nearest(self, spot: tuple[float, float]) -> tuple[int, float]:
        distance, place = self._tree.query(_on_globe(np.array([spot]))[0])
        return int(self.large[place]), float(distance)


@cache
def graph_of(means: str) -> Graph:
    """The graph of rail, road or sea. Raises LibraryError where it is not installed."""
    home, name = HOMES[means]
    try:
        graph: Any = getattr(import_module(home), name)
    except ImportError:
        raise LibraryError("ways are found with scgraph and scgraph_data: pip install 'bactrian[places]'") from None
    tails = np.repeat(np.arange(len(graph.nodes)), [len(edges) for edges in graph.graph])
    heads = np.fromiter((head for edges in graph.graph for head in edges), np.int64)
    km = np.fromiter((km for edges in graph.graph for km in edges.values()), np.float64)
    size = len(graph.nodes)
    nodes = np.array(graph.nodes, dtype=np.float64)
    there = (nodes[tails, 0] < ICE) & (nodes[heads, 0] < ICE) if means == "sea" else np.ones(len(km), dtype=np.bool_)
    edges = csr_array((np.maximum(km, 1e-3)[there], (tails[there], heads[there])), shape=(size, size))
    return Graph(nodes, edges, REACH[means])


def _on_globe(spots: Floats) -> Floats:
    """Points in km from the centre of the earth, so that straight distances are nearly those along the ground."""
    lat, lon = np.radians(spots).T
    return RADIUS * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _bends(points: Floats, tolerance: float) -> Ints:
    """Which points of a line to keep so that it is off by the tolerance at most (Douglas and Peucker 1973)."""
    kept = np.zeros(len(points), dtype=np.bool_)
    kept[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        inner = points[first + 1 : last] - points[first]
        share = np.clip(inner @ chord / max(float(chord @ chord), 1e-12), 0, 1)
        off = np.linalg.norm(inner - share[:, None] * chord, axis=1)
        if off.max() > tolerance:
            worst = first + 1 + int(off.argmax())
            kept[worst] = True
            spans += [(first, worst), (worst, last)]
    return np.flatnonzero(kept)

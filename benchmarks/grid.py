"""Synthetic road networks in TNTP format for the growth of cost: a grid of streets and arterials with zones."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

ARTERIAL = 4  # every fourth line of the grid is twice as fast and has three times the capacity
CROWDED = 0.15  # share of used links above capacity if everyone had the fastest path of the empty network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def write_grid(folder: Path, side: int, zones: int, seed: int = 1) -> None:
    """Write side x side nodes with streets both ways and `zones` zones, each tied to one node by links of no delay.

    Trips go between all zones, fewer to farther ones; their level makes CROWDED of the used links exceed capacity when
    all are loaded on the fastest paths of the empty network.
    """
    draw = np.random.default_rng(seed)
    at = np.arange(side * side).reshape(side, side)
    one = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    two = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    line = np.concatenate([np.indices(at.shape)[0][:, :-1].ravel(), np.indices(at.shape)[1][:-1].ravel()])
    fast = np.tile(line % ARTERIAL == 0, 2)
    tail, head = np.concatenate([one, two]) + zones, np.concatenate([two, one]) + zones
    free = draw.uniform(1, 2, tail.size) * np.where(fast, 0.5, 1.0)
    capacity = draw.uniform(600, 1200, tail.size) * np.where(fast, 3, 1)
    place = draw.choice(side * side, zones, replace=False)
    zone = np.arange(zones)
    trips = np.exp(-np.hypot(*(np.subtract.outer(one, one) for one in divmod(place, side))) / (side / 3))
    trips *= draw.uniform(0.2, 1.8, trips.shape)
    np.fill_diagonal(trips, 0.0)
    trips *= level(side, zones, tail, head, free, capacity, place, trips)

    streets = [
        f"{a + 1}\t{b + 1}\t{c:.6g}\t1\t{t:.6g}\t0.15\t4" for a, b, c, t in zip(tail, head, capacity, free, strict=True)
    ]
    ties = [(a, place[a] + zones) for a in zone] + [(place[a] + zones, a) for a in zone]
    lines = [f"{a + 1}\t{b + 1}\t50000\t1\t0.1\t0\t1" for a, b in ties] + streets
    folder.mkdir(parents=True, exist_ok=True)
    header = {"ZONES": zones, "NODES": zones + side * side, "LINKS": len(lines)}
    head_lines = [f"<NUMBER OF {name}> {count}" for name, count in header.items()] + [f"<FIRST THRU NODE> {zones + 1}"]
    body = [f"\t{line}\t0\t0\t1\t;" for line in lines]
    Path(folder, "grid_net.tntp").write_text("\n".join([*head_lines, "<END OF METADATA>", *body, ""]))
    rows = [f"<NUMBER OF ZONES> {zones}", f"<TOTAL OD FLOW> {trips.sum():.6f}", "<END OF METADATA>"]
    for a in zone:
        pairs = [f"{b + 1} : {trips[a, b]:.6f};" for b in zone if b != a]
        rows += [f"Origin {a + 1}", *(" ".join(pairs[five : five + 5]) for five in range(0, len(pairs), 5))]
    Path(folder, "grid_trips.tntp").write_text("\n".join([*rows, ""]))


def level(
    side: int, zones: int, tail: Ints, head: Ints, free: Floats, capacity: Floats, place: Ints, trips: Floats
) -> float:
    """Factor on the trips at which CROWDED of the used links are above capacity."""
    nodes = side * side
    graph = csr_matrix((free, (tail - zones, head - zones)), shape=(nodes, nodes))
    link = dict(zip(zip((tail - zones).tolist(), (head - zones).tolist(), strict=True), range(tail.size), strict=True))
    flow: Floats = np.zeros(tail.size)
    times, before = dijkstra(graph, indices=place, return_predecessors=True)
    for a in range(place.size):
        through = np.zeros(nodes)
        through[place] = trips[a]
        for node in np.argsort(-times[a]):
            last = before[a, node]
            if last >= 0 and through[node] > 0:
                flow[link[int(last), int(node)]] += through[node]
                through[last] += through[node]
    return float(1 / np.quantile((flow / capacity)[flow > 0], 1 - CROWDED))

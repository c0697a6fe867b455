"""Route sets: for each pair of zones and commodity the ways that shippers would consider.

A candidate is the cheapest way through one arc: forward tree, the arc, backward tree (the single-via ways of Abraham,
Delling, Goldberg and Werneck 2013). Taken in order of cost, up to a bounded detour, a candidate joins the set if it
passes no node twice, is not reloaded or cleared twice in one place, uses an arc that no earlier one uses, and either
shares little with each earlier one or runs on another corridor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.assign.response import Response
from bactrian.network import Graph, Network

__all__ = ["Routes", "cheapest", "corridor_of_arcs", "corridor_of_ways", "find_routes", "pairs_of", "response_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ANSWER = ["reference_usd", "reference_composite_usd", "elasticity"]
"""Columns of a demand that answers to cost: S0 and L0 in USD/t, and the elasticity, at least 0."""
MOST = 5  # ways of a pair on one corridor
SHARED = 0.9  # of the cost with an earlier way, above which a way is a mere variant
NEGLIGIBLE = 8.0  # times 1/scale dearer than the best: chosen by less than one tonne in 3,000
DETOUR = 3.0  # times the cost of the best way, above which nobody considers a way


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """Ways as arcs in order of travel: way r of pair `pair[r]` is `arcs[start[r]:start[r + 1]]`; sorted by pair."""

    pair: Ints
    start: Ints
    arcs: Ints

    @classmethod
    def of(cls, found: Iterable[tuple[int, tuple[int, ...]]]) -> Routes:
        """Sort (pair, arcs), each once."""
        ordered = sorted(set(found))
        lengths = np.array([len(arcs) for _, arcs in ordered], dtype=np.int64)
        return cls(
            np.array([pair for pair, _ in ordered], dtype=np.int64),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.array([arc for _, arcs in ordered for arc in arcs], dtype=np.int64),
        )

    def __len__(self) -> int:
        return int(self.pair.size)

    def __iter__(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        ends = zip(self.start[:-1], self.start[1:], strict=True)
        for pair, (start, end) in zip(self.pair.tolist(), ends, strict=True):
            yield pair, tuple(self.arcs[start:end].tolist())

    @property
    def owner(self) -> Ints:
        """The way that each entry of `arcs` belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def total(self, values: Floats) -> Floats:
        """Sum `values`, one per entry of `arcs`, over each way."""
        return np.bincount(self.owner, weights=values, minlength=len(self)).astype(np.float64)

    def use(self, index: Ints, size: int) -> csr_array:
        """How often each way uses each resource: (size, ways), with `index` (A) from arc to resource or -1."""
        of_arc = index[self.arcs]
        used = of_arc >= 0
        entries = (np.ones(int(used.sum())), (of_arc[used], self.owner[used]))
        return csr_array(entries, shape=(size, len(self)))


def pairs_of(network: Network, demand: pd.DataFrame) -> pd.DataFrame:
    """Demand (origin, destination, commodity, kt) above 0, with node numbers and the row `k` of the commodity.

    The columns ANSWER say how it answers to cost (see `bactrian.assign.response`); where the demand lacks them, it does
    not. `least_usd` is what the cheapest way costs by the tables alone, without waiting, in USD/t (nan where there is
    none); it may be given, so that a scenario goes by the same as its reference. `stranded` names why a pair has no way
    at all: "origin without access", "destination without access", else "".
    """
    columns = ["origin", "destination", "commodity", "kt", "least_usd", *ANSWER]
    pairs = demand.reindex(columns=columns)[demand["kt"] > 0].reset_index(drop=True)
    pairs[ANSWER] = pairs[ANSWER].astype(np.float64).fillna(0.0)
    pairs["least_usd"] = pairs["least_usd"].astype(np.float64)
    pairs["k"] = pairs["commodity"].map(network.commodities.index).astype(np.int64)
    pairs["source"] = pairs["origin"].map(network.origin).astype(np.int64)
    pairs["target"] = pairs["destination"].map(network.destination).astype(np.int64)
    pairs["stranded"] = ""
    pairs.loc[pairs["target"] < 0, "stranded"] = "destination without access"
    pairs.loc[pairs["source"] < 0, "stranded"] = "origin without access"
    if pairs["least_usd"].isna().any():
        least = cheapest(network, pairs, network.plain_cost)[1]
        pairs["least_usd"] = pairs["least_usd"].fillna(pd.Series(np.where(np.isfinite(least), least, np.nan)))
    return pairs


def cheapest(network: Network, pairs: pd.DataFrame, cost: Floats) -> tuple[set[tuple[int, tuple[int, ...]]], Floats]:
    """The cheapest way of each pair at arc costs (K, A), and what it costs; inf and no way for a stranded pair."""
    best = np.full(len(pairs), np.inf)
    found: set[tuple[int, tuple[int, ...]]] = set()
    joined = pairs[pairs["stranded"] == ""]
    for k, source in sorted(set(zip(joined["k"].tolist(), joined["source"].tolist(), strict=True))):
        graph = network.graph(network.commodities[k])
        reached, last = graph.from_(cost[k, graph.arcs], source)
        here = joined[(joined["k"] == k) & (joined["source"] == source)]
        for pair, target in zip(here.index.tolist(), here["target"].tolist(), strict=True):
            best[pair] = reached[target]
            way, at = [], target
            while last[at] >= 0:
                way.append(int(graph.arcs[last[at]]))
                at = graph.tail[last[at]]
            if way:
                found.add((pair, tuple(reversed(way))))
    return found, best


def response_of(pairs: pd.DataFrame) -> Response:
    """How the demand of `pairs` (as from `pairs_of`) answers to its composite cost."""
    return Response(*pairs[["kt", *ANSWER]].to_numpy(dtype=np.float64).T)


def corridor_of_arcs(network: Network) -> Ints:
    """Position in the table `corridors` of the first corridor that each arc marks; the table's length for none."""
    corridors = network.case.table("corridors")
    first = {}
    for position, marks in reversed(list(enumerate(corridors["marks"]))):
        first.update(dict.fromkeys(marks.split(), position))
    none = len(corridors)
    at_place = network.nodes["place"].map(first).where(~network.nodes["medium"].isin(["origin", "destination"]))
    at_node = at_place.fillna(none).to_numpy(dtype=np.int64)
    of_row = network.arcs["row"].map(first).fillna(none).to_numpy(dtype=np.int64)
    ends = np.minimum(at_node[network.arcs["tail"]], at_node[network.arcs["head"]])
    first_of_arc: Ints = np.minimum(of_row, ends)
    return first_of_arc


def find_routes(network: Network, pairs: pd.DataFrame, cost: Floats, scale: Floats) -> set[tuple[int, tuple[int, ...]]]:
    """Find the ways of all pairs at arc costs `cost` (K, A) in USD/t; `scale` (pairs) in t/USD bounds the detour.

    Returns (position of the pair, arcs); pairs without any way are missing.
    """
    corridor, handling = corridor_of_arcs(network), _handling(network)
    found: set[tuple[int, tuple[int, ...]]] = set()
    joined = pairs[pairs["stranded"] == ""]
    for k in joined["k"].unique().tolist():
        rows = joined[joined["k"] == k]
        graph = network.graph(network.commodities[k])
        arc_cost, marks = cost[k, graph.arcs], (corridor[graph.arcs], handling[graph.arcs])
        back = {node: graph.to(arc_cost, node) for node in rows["target"].unique().tolist()}
        forth = {node: graph.from_(arc_cost, node) for node in rows["source"].unique().tolist()}
        for pair, source, target in zip(
            *(one.tolist() for one in (rows.index, rows["source"], rows["target"])), strict=True
        ):
            best = forth[source][0][target]
            if np.isfinite(best):
                bound = min(best + NEGLIGIBLE / scale[pair], best * DETOUR)
                ways = _ways(graph, arc_cost, *marks, forth[source], back[target], bound)
                found.update((pair, tuple(graph.arcs[way].tolist())) for way in ways)
    return found


Tree = tuple[Floats, Ints]


def corridor_of_ways(network: Network, routes: Routes) -> Ints:
    """Position in the table `corridors` of the corridor that each way runs on; the table's length for none."""
    corridor = corridor_of_arcs(network)[routes.arcs]
    first: Ints = np.minimum.reduceat(corridor, routes.start[:-1]) if len(routes) else corridor
    return first


def _handling(network: Network) -> Ints:
    """Number of the place where an arc reloads, or clears a border (another number); -1 for all other arcs."""
    places = network.nodes["place"].factorize()[0].astype(np.int64)[network.arcs["tail"]]
    kind = network.arcs["kind"]
    reloads = kind.isin(["tranship", "gauge_change"]).to_numpy()
    at: Ints = np.where(reloads, 2 * places, np.where(kind == "border", 2 * places + 1, -1))
    return at


def _ways(
    graph: Graph, cost: Floats, corridor: Ints, handling: Ints, forth: Tree, back: Tree, bound: float
) -> list[Ints]:
    ways, ends = _via(graph.tail, graph.head, cost, corridor, handling, *forth, *back, bound, MOST, SHARED)
    return np.split(ways, ends[:-1])


@numba.njit(cache=True, error_model="numpy")
def _via(tail, head, cost, corridor, handling, f_cost, f_last, b_cost, b_next, bound, most, shared):  # type: ignore[no-untyped-def]
    through = f_cost[tail] + cost + b_cost[head]
    covered = np.zeros(tail.size, np.bool_)
    seen = np.full(f_cost.size, -1, np.int64)
    taken = [np.int64(0) for _ in range(0)]  # arcs of all kept ways
    ends = [0 for _ in range(0)]  # where each ends
    corridors = [np.int64(0) for _ in range(0)]
    for arc in np.argsort(through, kind="mergesort"):
        if not through[arc] <= bound:
            break
        if covered[arc]:
            continue
        way = _walk(arc, tail, head, f_last, b_next, seen)
        if way.size == 0 or (len(ends) > 0 and _handled_twice(way, handling)):
            continue
        here = corridor[way].min()
        known = 0
        for other in corridors:
            known += other == here
        if known > 0 and (known >= most or _overlap(way, cost, taken, ends) > shared):
            continue
        for one in way:
            covered[one] = True
            taken.append(one)
        ends.append(len(taken))
        corridors.append(here)
    return np.array(taken), np.array(ends)


@numba.njit(cache=True, error_model="numpy")
def _walk(arc, tail, head, f_last, b_next, seen):  # type: ignore[no-untyped-def]
    """Arcs of the way through `arc`; none if it passes a node twice. `seen` is marked with `arc`."""
    back = [np.int64(arc)]
    at = tail[arc]
    seen[at] = arc
    while f_last[at] >= 0:
        back.append(f_last[at])
        at = tail[f_last[at]]
        seen[at] = arc
    way = back[::-1]
    at = head[arc]
    while seen[at] != arc:
        seen[at] = arc
        if b_next[at] < 0:
            return np.array(way)
        way.append(b_next[at])
        at = head[b_next[at]]
    return np.empty(0, np.int64)


@numba.njit(cache=True, error_model="numpy")
def _handled_twice(way, handling):  # type: ignore[no-untyped-def]
    for place in range(1, way.size):
        if handling[way[place]] >= 0 and handling[way[place]] == handling[way[place - 1]]:
            return True
    return False


@numba.njit(cache=True, error_model="numpy")
def _overlap(way, cost, taken, ends):  # type: ignore[no-untyped-def]
    """Largest share of the cost of `way` that one earlier way has in common with it."""
    most, start = 0.0, 0
    own = set(way)
    for end in ends:
        common = 0.0
        for place in range(start, end):
            if taken[place] in own:
                common += cost[taken[place]]
        most = max(most, common)
        start = end
    return most / max(cost[way].sum(), 1e-300)

"""Certificates: what a result claims, recomputed by code that shares nothing with the solvers.

Loads, waiting times, route costs and choice shares are worked out anew from the arcs of the ways, with formulas
written out here, and shortest paths come from scipy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from bactrian.network import Network

__all__ = ["Certificate", "certify", "corridors_anew", "hours_anew"]

Floats = NDArray[np.float64]
Ways = list[tuple[int, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far a result is from what it claims to be; `holds` if it is near enough.

    - `conservation`: largest |carried + stranded - demand| of a pair, or amount below 0, as a share of all demand.
    - `broken_ways`: ways that do not lead from origin to destination on arcs their commodity may use.
    - `gap`: relative gap. `logit`: Fisk's primal less its dual, Σ f ln(f / response) / scale in USD for ways within a
      corridor and for corridors, over the total cost. `equilibrium`: 1 less the cost of all demand on shortest paths
      over the total cost.
      `capacity`: cost less the bound by the duals, over the cost.
    - `dearer`: by how much the best way kept is dearer than the shortest path at final costs, demand-weighted share
      of the total cost.
    - `response`: largest difference between what is asked and what the composite cost, worked out anew, calls for, as a
      share of all demand; 0 where demand does not answer to cost.
    - `over_capacity`: largest load above capacity, as a share of capacity (only `capacity` claims that it is 0).

    What arcs there are, what they cost and who may use them is taken from the network as it is.
    """

    method: str
    conservation: float
    broken_ways: int
    gap: float
    dearer: float
    response: float
    over_capacity: float

    @property
    def holds(self) -> bool:
        """Conservation and response to 1e-6, gap to 1e-4, no broken way, and the best ways found to 1e-3; `capacity`,
        whose gap is over all ways, must instead have no load above capacity."""
        near = abs(self.gap) <= 1e-4 and max(self.conservation, self.response) <= 1e-6 and self.broken_ways == 0
        return near and (self.over_capacity <= 1e-6 if self.method == "capacity" else self.dearer <= 1e-3)


def certify(
    network: Network,
    pairs: pd.DataFrame,
    ways: Ways,
    flow: Floats,
    stranded: Floats,
    method: str,
    dual: Floats,
    loss: Floats,
) -> Certificate:
    """Recompute loads, costs and the gap of `method`; see Certificate.

    `pairs` hold in `kt` what is asked, beside `least_usd`, `reference_kt` and how it answers.
    """
    carried = np.zeros(len(pairs))
    load = np.zeros(len(network.resources))
    for (pair, arcs), kt in zip(ways, flow, strict=True):
        carried[pair] += kt
        for arc in arcs:
            if network.resource[arc] >= 0:
                load[network.resource[arc]] += kt
    capacity = network.resources["capacity_kt"].to_numpy()
    kt = pairs["kt"].to_numpy()
    toll = dual if method == "capacity" else hours_anew(network.resources, load)
    rate = np.ones(len(network.commodities)) if method == "capacity" else network.wait_cost
    arc_cost = network.cost + rate[:, None] * np.append(toll, 0.0)[network.resource]
    k = pairs["k"].to_numpy()
    cost = np.array([sum(arc_cost[k[pair], arc] for arc in arcs) for pair, arcs in ways])
    shortest = _shortest(network, pairs, arc_cost)
    # where ways cost next to nothing, gaps are shares of a tenth of a cent per tonne of demand
    total = max(float((cost * flow).sum()), float(kt.sum()) * 1e-3, 1e-300)
    composite = shortest
    if method == "logit":
        gap, composite = _fisk(network, pairs, ways, flow, cost)
        gap /= total
    elif method == "equilibrium":
        joined = np.isfinite(shortest)
        gap = float((cost * flow).sum() - (shortest[joined] * kt[joined]).sum()) / total
    else:
        fixed = np.array([sum(network.cost[k[pair], arc] for arc in arcs) for pair, arcs in ways])
        primal = float((fixed * flow).sum() + (loss * stranded).sum())
        bound = float((np.minimum(shortest, loss) * kt).sum() - (dual * capacity).sum())
        gap = (primal - bound) / max(abs(primal), total)
    best = np.full(len(pairs), np.inf)
    np.minimum.at(best, np.array([pair for pair, _ in ways], dtype=np.int64), cost)
    known = np.isfinite(best) & np.isfinite(shortest)
    dearer = ((best[known] - shortest[known]) * kt[known]).sum() / total
    return Certificate(
        method=method,
        conservation=_conservation(carried, stranded, kt, flow),
        broken_ways=_leads(network, pairs, ways).count(False),
        gap=float(gap),
        dearer=float(dearer),
        response=0.0 if method == "capacity" else _response(pairs, composite),
        over_capacity=float((load / capacity - 1).max(initial=0.0)),
    )


def _conservation(carried: Floats, stranded: Floats, kt: Floats, flow: Floats) -> float:
    amiss = np.concatenate([np.abs(carried + stranded - kt), -flow, -stranded])
    if not np.isfinite(amiss).all():
        return float("inf")
    return float(max(amiss.max(initial=0.0), 0.0) / max(kt.sum(), 1e-300))


def _response(pairs: pd.DataFrame, composite: Floats) -> float:
    """Largest error of what is asked against D0 (S/S0)^-e, S = S0 + L - L0 at least S0/20, one pair at a time."""
    worst = 0.0
    columns = ["kt", "reference_kt", "reference_usd", "reference_composite_usd", "elasticity"]
    for now, (kt, amount, reference, before, power) in zip(composite, pairs[columns].to_numpy().tolist(), strict=True):
        answers = power > 0 and reference > 0 and np.isfinite(now)
        called = amount * max(1 + (now - before) / reference, 0.05) ** -power if answers else amount
        worst = max(worst, abs(kt - called))
    return float(worst / max(pairs["kt"].sum(), 1e-300))


def hours_anew(resources: pd.DataFrame, load: Floats) -> Floats:
    """Waiting time of each resource by the laws in `bactrian.assign.waiting`, one at a time."""
    hours = []
    for one, x in zip(resources.to_dict("records"), load, strict=True):
        ratio, time = x / one["capacity_kt"], one["time_h"]
        if one["kind"] == "move" and one["means"] == "road":
            hours.append(0.15 * time * ratio**4)
        else:
            wait = max(0.1 * time, 2.0) if one["kind"] == "move" else 0.5 * time
            # beyond 99 % the law goes on as its tangent: value 99, slope 10,000 per unit of utilisation
            hours.append(wait * (ratio / (1 - ratio) if ratio <= 0.99 else 99 + 1e4 * (ratio - 0.99)))
    return np.array(hours)


def _fisk(network: Network, pairs: pd.DataFrame, ways: Ways, flow: Floats, cost: Floats) -> tuple[float, Floats]:
    """Σ f ln(f / response) over the scales, in USD: 0 if and only if the flows are what their own costs call for.

    Shares within a corridor count with the inner scale, those of corridors with the outer one. Also the composite cost
    of each pair in USD/t, inf for one without ways.
    """
    gap, composite = 0.0, np.full(len(pairs), np.inf)
    first, commodity = corridors_anew(network), pairs["k"].tolist()
    asked, cheapest = pairs["kt"].tolist(), pairs["least_usd"].tolist()
    named = len(network.case.table("corridors"))
    of_pair: dict[int, dict[int, list[int]]] = {}
    for way, (pair, arcs) in enumerate(ways):
        of_pair.setdefault(pair, {}).setdefault(min(first[arc] for arc in arcs), []).append(way)
    for pair, corridors in of_pair.items():
        k, kt, least = commodity[pair], asked[pair], cheapest[pair]
        outer = float(network.sharper[k]) * max(
            float(network.scale[k]), float(network.relative_scale[k]) / max(least, 1.0)
        )
        totals = {}
        likeness = {corridor: 0.3 if corridor < named else 1.0 for corridor in corridors}
        for corridor, own in corridors.items():
            inner = outer / likeness[corridor]
            weights = _log_sizes(network, ways, own, k) - inner * cost[own]
            totals[corridor] = float(np.logaddexp.reduce(weights))
            gap += _divergence(flow[own], weights - totals[corridor]) / inner
        nests = np.array([likeness[corridor] * total for corridor, total in totals.items()])
        whole = float(np.logaddexp.reduce(nests))
        composite[pair] = -whole / outer
        taken = np.array([flow[own].sum() for own in corridors.values()])
        # tonnes that are not those asked for show here too
        gap += (_divergence(taken, nests - whole) + taken.sum() * np.log(max(taken.sum(), 1e-300) / kt)) / outer
    return gap, composite


def _divergence(taken: Floats, log_share: Floats) -> float:
    """Σ f ln(share of f / share called for)."""
    positive = taken > 0
    shares = np.log(taken[positive]) - np.log(taken.sum()) if positive.any() else taken[positive]
    return float((taken[positive] * (shares - log_share[positive])).sum())


def _log_sizes(network: Network, ways: Ways, own: list[int], k: int) -> Floats:
    """Logarithm of the path size of some ways among themselves."""
    users: dict[int, int] = {}
    for way in own:
        for arc in ways[way][1]:
            users[arc] = users.get(arc, 0) + 1
    sizes = []
    for way in own:
        lengths = {arc: float(network.plain_cost[k, arc]) for arc in ways[way][1]}
        total = sum(lengths.values())
        sizes.append(sum(length / users[arc] for arc, length in lengths.items()) / total if total > 0 else 0.0)
        if total <= 0:  # ways that cost nothing: every arc counts the same
            sizes[-1] = sum(1 / users[arc] for arc in lengths) / len(lengths)
    return np.log(sizes)


def corridors_anew(network: Network) -> list[int]:
    """Line in the table `corridors` of the first corridor that each arc marks, by its row or by a place it touches."""
    line: dict[str, int] = {}
    marks = network.case.table("corridors")["marks"].tolist()
    for position, text in enumerate(marks):
        for mark in text.split():
            line.setdefault(mark, position)
    places = [
        line.get(place, len(marks)) if medium not in ("origin", "destination") else len(marks)
        for place, medium in network.nodes[["place", "medium"]].itertuples(index=False, name=None)
    ]
    arcs = network.arcs[["row", "tail", "head"]].itertuples(index=False, name=None)
    return [min(line.get(row, len(marks)), places[tail], places[head]) for row, tail, head in arcs]


def _shortest(network: Network, pairs: pd.DataFrame, arc_cost: Floats) -> Floats:
    """Cost of the shortest path of each pair at `arc_cost`, by scipy; inf where there is none."""
    shortest = np.full(len(pairs), np.inf)
    size = len(network.nodes)
    tail, head = network.arcs["tail"].to_numpy(), network.arcs["head"].to_numpy()
    joined = pairs[(pairs["source"] >= 0) & (pairs["target"] >= 0)]
    for k in joined["k"].unique().tolist():
        usable = np.flatnonzero(network.allowed[k])
        usable = usable[np.argsort(-arc_cost[k, usable], kind="stable")]
        # of parallel arcs the cheapest, which comes last; explicit zeros would be dropped
        cells = dict(zip(zip(tail[usable].tolist(), head[usable].tolist(), strict=True), usable.tolist(), strict=True))
        weights = np.maximum([arc_cost[k, arc] for arc in cells.values()], 1e-12)
        rows, columns = np.array(list(cells), dtype=np.int64).reshape(-1, 2).T
        graph = csr_array((weights, (rows, columns)), shape=(size, size))
        here = joined[joined["k"] == k]
        sources = here["source"].unique()
        table = dijkstra(graph, indices=sources)
        row = {source: position for position, source in enumerate(sources.tolist())}
        for pair, source, target in zip(here.index, here["source"], here["target"], strict=True):
            shortest[pair] = table[row[source], target]
    return shortest


def _leads(network: Network, pairs: pd.DataFrame, ways: Ways) -> list[bool]:
    """Whether each way leads from its origin to its destination on arcs its commodity may use."""
    tail, head = network.arcs["tail"].tolist(), network.arcs["head"].tolist()
    ends = pairs[["source", "target", "k"]].to_numpy().tolist()
    leads = []
    for pair, arcs in ways:
        at, target, k = ends[pair]
        whole = bool(network.allowed[k, list(arcs)].all())
        for arc in arcs:
            whole = whole and tail[arc] == at
            at = head[arc]
        leads.append(whole and at == target)
    return leads

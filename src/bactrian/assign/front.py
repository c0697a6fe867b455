"""The one front door to the assignment methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.capacity import system_optimum
from bactrian.assign.certificate import certify
from bactrian.assign.flows import Flows
from bactrian.assign.logit import Choice, path_size, settle
from bactrian.assign.routes import Routes, corridor_of_arcs, find_routes, pairs_of
from bactrian.assign.waiting import waiting
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["METHODS", "Method", "assign"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Method = Literal["logit", "capacity"]
METHODS: tuple[Method, ...] = ("logit", "capacity")

TOLERANCE = 1e-9  # largest error of a load, as a share of all demand
ROUNDS = 12  # of finding ways anew at the costs that the last equilibrium left


def assign(network: Network, demand: pd.DataFrame, method: Method = "logit") -> Flows:
    """Carry `demand` (origin, destination, commodity, kt/yr) over `network`.

    - `logit`: stochastic user equilibrium with waiting (see `bactrian.assign.logit`).
    - `capacity`: least total cost within hard capacities (see `bactrian.assign.capacity`).

    Demand that no way can carry is named as stranded. Raises SolveError for an unknown method, or without an answer.
    """
    if method not in METHODS:
        raise SolveError(f"no method {method!r}; use one of {', '.join(METHODS)}")
    pairs = pairs_of(network, demand)
    scale = network.case.table("commodities")["scale_per_usd_t"].to_numpy(dtype=np.float64)
    settings: Mapping[str, float]
    dual, loss = np.zeros(len(network.resources)), np.zeros(len(pairs))
    if method == "logit":
        routes, flow = _logit(network, pairs, scale)
        settings = {"tolerance": TOLERANCE}
    else:
        routes, flow, dual, loss = system_optimum(network, pairs)
        settings = {}
    carried = np.bincount(routes.pair, weights=flow, minlength=len(pairs)) if len(routes) else np.zeros(len(pairs))
    joined = np.isin(np.arange(len(pairs)), routes.pair)
    pairs.loc[~joined & (pairs["stranded"] == "").to_numpy(), "stranded"] = "no way"
    left = np.where(joined, pairs["kt"] - carried if method == "capacity" else 0.0, pairs["kt"])
    left[left < 1e-9 * pairs["kt"]] = 0.0
    pairs.loc[joined & (left > 0), "stranded"] = "no capacity"
    certificate = certify(network, pairs, list(routes), flow, method, scale, dual, loss)
    resources = _resources(network, pairs, routes, flow, dual, method)
    return Flows(
        network=network,
        routes=routes,
        pairs=pairs[["origin", "destination", "commodity", "kt"]].assign(
            carried_kt=carried, stranded_kt=left, stranded=pairs["stranded"]
        ),
        ways=_ways(network, pairs, routes, flow, resources["wait_h"].to_numpy()),
        resources=resources,
        method=method,
        settings=settings,
        certificate=certificate,
    )


def _logit(network: Network, pairs: pd.DataFrame, scale: Floats) -> tuple[Routes, Floats]:
    """Settle, find ways anew at the costs under load, and settle again until no new way turns up."""
    load = np.zeros(len(network.resources))
    known: set[tuple[int, tuple[int, ...]]] = set()
    routes, flow = Routes.of(known), np.zeros(0)
    for _ in range(ROUNDS):
        wait = np.append(waiting(network, load)[0], 0.0)[network.resource]
        found = find_routes(network, pairs, network.cost + network.wait_cost[:, None] * wait, scale) - known
        if not found:
            break
        known |= found
        routes = Routes.of(known)
        flow, load = settle(network, _choice(network, pairs, routes, scale), load, TOLERANCE)
    return routes, flow


def _choice(network: Network, pairs: pd.DataFrame, routes: Routes, scale: Floats) -> Choice:
    k: Ints = pairs["k"].to_numpy()[routes.pair]
    arc_cost = network.cost[k[routes.owner], routes.arcs]
    of_pair, first = np.unique(routes.pair, return_index=True)
    return Choice(
        fixed=routes.total(arc_cost),
        size=path_size(routes, arc_cost, len(network.arcs)),
        scale=scale[k],
        wait_cost=network.wait_cost[k],
        demand=pairs["kt"].to_numpy()[of_pair],
        first=first,
        use=routes.use(network.resource, len(network.resources)),
    )


def _resources(
    network: Network, pairs: pd.DataFrame, routes: Routes, flow: Floats, dual: Floats, method: str
) -> pd.DataFrame:
    """Loads, waiting times (none under hard capacities) and what one more tonne of capacity is worth."""
    use = routes.use(network.resource, len(network.resources))
    load: Floats = use @ flow
    capacity = network.resources["capacity_kt"].to_numpy()
    wait, worth = np.zeros(load.size), dual
    if method == "logit":
        # capacity c shortens the wait by x/c d'(x); every user gains by it at its own cost of waiting
        wait, slope, _ = waiting(network, load)
        worth = (use @ (flow * network.wait_cost[pairs["k"].to_numpy()[routes.pair]])) * slope * load / capacity
    columns = network.resources[["table", "row", "kind", "mode", "capacity_kt"]]
    return columns.assign(load_kt=load, utilisation=load / capacity, wait_h=wait, worth_usd_per_t=worth)


def _ways(network: Network, pairs: pd.DataFrame, routes: Routes, flow: Floats, wait: Floats) -> pd.DataFrame:
    """What Flows.ways holds: each way with its figures per tonne."""
    k = pairs["k"].to_numpy()[routes.pair]
    arc, each = routes.arcs, k[routes.owner]
    waits = np.append(wait, 0.0)[network.resource][arc]
    goods = network.case.table("commodities")
    boxes = np.where(goods["form"] == "container", 1 / goods["t_per_teu"].to_numpy(), 0.0)
    names = [*network.case.table("corridors")["id"], "other"]
    corridor = corridor_of_arcs(network)[arc]
    first = np.minimum.reduceat(corridor, routes.start[:-1]) if len(routes) else corridor

    def total(of_arcs: pd.Series) -> Floats:
        return routes.total(of_arcs.to_numpy()[arc])

    return pd.DataFrame(
        {
            "pair": routes.pair,
            "kt": flow,
            "teu": 1000 * flow * boxes[k],
            "corridor": [names[position] for position in first],
            "modes": _modes(network, routes),
            "km": total(network.arcs["km"]),
            "time_h": total(network.arcs["time_h"]) + routes.total(waits),
            "spread_h": total(network.arcs["spread_h"]),
            "usd": routes.total(network.price[each, arc]),
            "cost_usd": routes.total(network.cost[each, arc] + network.wait_cost[each] * waits),
        }
    )


def _modes(network: Network, routes: Routes) -> list[str]:
    """Means of transport of each way in order of travel, each named when it changes: "rail caspian_ro_ro rail"."""
    mode = network.arcs["mode"].where(network.arcs["kind"] == "move", "").tolist()
    lines = []
    for _, arcs in routes:
        moved = [mode[arc] for arc in arcs if mode[arc]]
        lines.append(" ".join(one for one, before in zip(moved, ["", *moved], strict=False) if one != before))
    return lines

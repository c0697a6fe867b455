"""The one front door to the assignment methods."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.capacity import system_optimum
from bactrian.assign.certificate import certify
from bactrian.assign.flows import Flows
from bactrian.assign.logit import logit
from bactrian.assign.routes import Routes, corridor_of_ways, pairs_of
from bactrian.assign.solution import Solution
from bactrian.assign.start import start_from
from bactrian.assign.threads import one_thread
from bactrian.assign.wardrop import wardrop
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["METHODS", "Method", "assign"]

Floats = NDArray[np.float64]
Method = Literal["logit", "equilibrium", "capacity"]
METHODS: tuple[Method, ...] = ("logit", "equilibrium", "capacity")


def assign(network: Network, demand: pd.DataFrame, method: Method = "logit", start: Flows | None = None) -> Flows:
    """Carry `demand` (origin, destination, commodity, kt/yr) over `network`.

    Where the demand also has `reference_usd` and `reference_composite_usd`, the mean and the composite cost in USD/t at
    which it is what it is, and `elasticity`, at least 0, it answers to cost (see `bactrian.assign.response`), settled
    together with the flows; not by `capacity`.

    - `logit`: stochastic user equilibrium with waiting (see `bactrian.assign.logit`).
    - `equilibrium`: user equilibrium with waiting, each on a cheapest way (see `bactrian.assign.wardrop`).
    - `capacity`: least total cost within hard capacities (see `bactrian.assign.capacity`).

    `start` is an earlier result, of this network or another of the case, whose ways the first two begin with. Demand
    that no way can carry is named as stranded. Raises SolveError for an unknown method, or without an answer.
    """
    if method not in METHODS:
        raise SolveError(f"no method {method!r}; use one of {', '.join(METHODS)}")
    pairs = pairs_of(network, demand)
    if method == "capacity":
        found = system_optimum(network, pairs)
    else:
        engine = logit if method == "logit" else wardrop
        with one_thread():
            found = engine(network, pairs, start_from(start, network, pairs))
    pairs = pairs.assign(reference_kt=pairs["kt"], kt=found.asked)
    routes, flow = found.routes, found.flow
    ways = _ways(network, pairs, routes, flow, found.wait)
    return Flows(
        network=network,
        routes=routes,
        pairs=_pairs(pairs, found, ways),
        ways=ways,
        resources=_resources(network, found),
        method=method,
        settings=found.settings,
        certificate=certify(network, pairs, list(routes), flow, found.stranded, method, found.dual, found.loss),
    )


def _pairs(pairs: pd.DataFrame, found: Solution, ways: pd.DataFrame) -> pd.DataFrame:
    """What Flows.pairs holds: demand, what of it is carried, and why the rest is not."""
    carried = np.bincount(found.routes.pair, weights=found.flow, minlength=len(pairs))
    left = np.where(found.stranded < 1e-9 * pairs["kt"], 0.0, found.stranded)
    joined = np.isin(np.arange(len(pairs)), found.routes.pair)
    why = np.where(left <= 0, "", np.where(joined, "no capacity", "no way"))
    named = pairs["stranded"].to_numpy(dtype=object)
    columns = ["origin", "destination", "commodity", "kt", "reference_kt", "least_usd"]
    spent = np.bincount(ways["pair"], weights=ways["kt"] * ways["cost_usd"], minlength=len(pairs))
    mean = np.divide(spent, carried, out=np.full(len(pairs), np.nan), where=carried > 0)
    return pairs[columns].assign(
        cost_usd=mean,
        composite_usd=found.composite,
        carried_kt=carried.astype(np.float64),
        stranded_kt=left,
        stranded=np.where(named == "", why, named),
    )


def _resources(network: Network, found: Solution) -> pd.DataFrame:
    """What Flows.resources holds."""
    load: Floats = found.routes.use(network.resource, len(network.resources)) @ found.flow
    table = network.resources[["table", "row", "kind", "mode", "capacity_kt"]]
    capacity = table["capacity_kt"].to_numpy()
    return table.assign(load_kt=load, utilisation=load / capacity, wait_h=found.wait, worth_usd_per_t=found.worth)


def _ways(network: Network, pairs: pd.DataFrame, routes: Routes, flow: Floats, wait: Floats) -> pd.DataFrame:
    """What Flows.ways holds: each way with its figures per tonne."""
    k = pairs["k"].to_numpy()[routes.pair]
    arc, each = routes.arcs, k[routes.owner]
    waits = network.on_arcs(wait)[arc]
    goods = network.case.table("commodities")
    boxes = np.where(goods["form"] == "container", 1 / goods["t_per_teu"].to_numpy(), 0.0)
    names = [*network.case.table("corridors")["id"], "other"]
    first = corridor_of_ways(network, routes)

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

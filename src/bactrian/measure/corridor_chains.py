"""The ways between two places or zones compared by corridor: greenhouse gas, time and price, from door to door.

On each corridor the way is the one of least generalised cost at the waits of the flows, of those that shippers would
consider (`bactrian.assign.routes`): up to three times as dear as the cheapest of all. It is told as a transport chain:
what goes by one means of transport between two hubs is one element.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.assign.routes import Routes, corridor_of_ways, find_routes
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.measure.chains import Chain, Element, Hub, Movement
from bactrian.measure.quotes import typical_commodity
from bactrian.network import Network
from bactrian.network.grams import HUBS, grams_of_arcs

__all__ = ["CorridorChain", "corridor_chains"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ANY = 1e-9  # scale of a choice in t/USD, so blunt that the detour alone bounds the ways


@dataclass(frozen=True, slots=True)
class CorridorChain:
    """The best way of a `commodity` on one `corridor`, named `name`.

    Its `chain` for one tonne; `hours` with waiting; `usd_per_t` that carriers and ports ask for; and the generalised
    cost in USD/t, which also has the worth of time, what calibration adds, and carbon at a price.
    """

    corridor: str
    name: str
    commodity: str
    chain: Chain
    hours: float
    usd_per_t: float
    cost_usd_per_t: float


def corridor_chains(
    flows: Flows,
    one: str,
    other: str,
    commodity: str = "",
    t_per_teu: float | None = None,
    avoids: Iterable[str] = (),
) -> tuple[CorridorChain, ...]:
    """The best way from `one` to `other`, places or zones, on each corridor; that of least CO2e per tonne first.

    A place stands for its access to a zone, with loading and unloading there alone. `commodity` is by default the one
    in containers that most tonnes are carried of; `t_per_teu` is by default what the case has for it. No way touches
    a country of `avoids`. Raises CaseError for ends and countries that the case lacks or ends that give no access, and
    SolveError for a commodity it lacks, means of transport without a factor, or where no way leads.

    >>> import bactrian as ba
    >>> told = corridor_chains(ba.run("transcaspian", year=2024), "CNSIA", "DEDUI")
    >>> {one.corridor for one in told} >= {"titr", "northern", "sea_cape"}
    True
    """
    network, case = flows.network, flows.network.case
    chosen = commodity or typical_commodity(flows, "container") or typical_commodity(flows, "loose")
    if chosen not in network.commodities:
        raise SolveError(f"no commodity {chosen!r}; use one of {', '.join(network.commodities)}")
    k = network.commodities.index(chosen)
    source, loads = _end(network, one, k, "load")
    target, unloads = _end(network, other, k, "unload")
    kind = network.arcs["kind"]
    shut = (kind == "load").to_numpy() & ~loads | (kind == "unload").to_numpy() & ~unloads | _touching(network, avoids)
    within = replace(network, allowed=network.allowed & ~shut)
    wait = network.on_arcs(flows.resources["wait_h"].to_numpy())
    cost = network.cost + network.wait_cost[:, None] * wait
    pair = pd.DataFrame({"k": [k], "source": [source], "target": [target], "stranded": [""]})
    routes = Routes.of(find_routes(within, pair, cost, np.array([ANY])))
    if not len(routes):
        raise SolveError(f"no way leads from {one} to {other} in {network.year} for {chosen}")
    total = routes.total(cost[k, routes.arcs])
    ways = [np.array(arcs) for _, arcs in routes]
    names = dict(case.table("corridors")[["id", "name"]].to_numpy().tolist())
    ids = [*case.table("corridors")["id"], "other"]
    best: dict[int, int] = {}
    corridor = corridor_of_ways(network, routes).tolist()
    for way in np.argsort(total, kind="stable").tolist():
        best.setdefault(corridor[way], way)
    filled = float(case.table("commodities")["t_per_teu"].to_numpy()[k]) if t_per_teu is None else t_per_teu
    found = [
        CorridorChain(
            corridor=ids[line],
            name=names.get(ids[line], "No named corridor"),
            commodity=chosen,
            chain=Chain(_elements(network, ways[way], k), t_per_teu=filled),
            hours=float((network.arcs["time_h"].to_numpy() + wait)[ways[way]].sum()),
            usd_per_t=float(network.price[k, ways[way]].sum()),
            cost_usd_per_t=float(total[way]),
        )
        for line, way in best.items()
    ]
    return tuple(sorted(found, key=lambda one: one.chain.kg_per_t()))


def _end(network: Network, name: str, k: int, kind: str) -> tuple[int, NDArray[np.bool_]]:
    """The node of the zone `name`, or of the first zone that the place `name` gives access to, and the arcs there."""
    case, arcs = network.case, network.arcs
    inner, outer = ("head", "tail") if kind == "load" else ("tail", "head")
    joins = (arcs["kind"] == kind).to_numpy() & network.allowed[k]
    node = network.nodes["place"].to_numpy()
    if name in set(case.table("zones")["id"]):
        joins &= node[arcs[outer]] == name
    elif name in set(case.table("places")["id"]):
        joins &= node[arcs[inner]] == name
    else:
        raise CaseError([Finding("places", 0, "id", f"no place or zone {name!r}", "name one of these tables")])
    if not joins.any():
        rule = f"{name!r} gives {network.commodities[k]} no access in {network.year}"
        named = sorted(set(case.table("access")["place"]))
        raise CaseError(
            [Finding("access", 0, "place", rule, f"name a zone, or a place such as {', '.join(named[:5])}")]
        )
    end = int(arcs[outer].to_numpy()[joins][0])
    return end, joins & (arcs[outer] == end).to_numpy()


def _touching(network: Network, countries: Iterable[str]) -> NDArray[np.bool_]:
    """Which arcs begin or end at a place of one of the countries."""
    avoided = set(countries)
    if unknown := sorted(avoided - set(network.case.table("countries")["id"])):
        remedy = "name one of this table"
        raise CaseError([Finding("countries", 0, "id", f"no country {name!r}", remedy) for name in unknown])
    country = network.case.table("places").set_index("id")["country"]
    at: NDArray[np.bool_] = network.nodes["place"].map(country).isin(avoided).to_numpy()
    return at[network.arcs["tail"]] | at[network.arcs["head"]]


def _elements(network: Network, way: Ints, k: int) -> tuple[Element, ...]:
    """A way as transport chain elements: movements by one mode from hub to hub, and hubs."""
    wtw, ttw = (_grams(network, way, k, scope) for scope in ("wtw", "ttw"))
    place = network.nodes["place"].to_numpy()
    elements: list[Element] = []
    legs: list[list[int]] = []  # positions in the way of the movements since the last hub, by mode
    rows: Any = network.arcs.loc[way, ["kind", "mode", "km", "tail", "head"]].to_dict("records")

    def moved() -> None:
        for leg in legs:
            km = sum(rows[at]["km"] for at in leg)
            total_g, operation_g = (float(grams[leg].sum()) / km if km else 0.0 for grams in (wtw, ttw))
            ends = f"{place[rows[leg[0]]['tail']]} to {place[rows[leg[-1]]['head']]}"
            elements.append(Movement(rows[leg[0]]["mode"], km, total_g, operation_g, name=ends))
        legs.clear()

    for at, row in enumerate(rows):
        if row["kind"] == "move":
            if legs and rows[legs[-1][0]]["mode"] == row["mode"]:
                legs[-1].append(at)
            else:
                legs.append([at])
        elif row["kind"] in HUBS:
            moved()
            elements.append(Hub(float(wtw[at]), float(ttw[at]), name=place[row["tail"]]))
    moved()
    return tuple(elements)


def _grams(network: Network, way: Ints, k: int, scope: Any) -> Floats:
    """Grams of CO2e per tonne on each arc of a way; raise SolveError where there is no factor."""
    grams: Floats = grams_of_arcs(network.case, network.arcs.loc[way].reset_index(drop=True), scope)[k]
    missing = network.arcs["mode"].to_numpy()[way][np.isnan(grams)]
    if missing.size:
        raise SolveError(f"no emission factor for {', '.join(sorted(set(missing)))}: add a row to the table emissions")
    return grams

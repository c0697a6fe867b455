"""What carriage between two countries costs in the model, door to door.

For two zones it is the generalised cost of the cheapest way: price, worth of time and spread, and waiting. For two
countries it is the mean over their pairs of zones, each weighted by the share of the one zone in what its country sends
times the share of the other in what its country receives. What is sent between just these two zones does not weigh,
or cheap pairs would count for more because they are cheap.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.errors import SolveError
from bactrian.measure.quotes import typical_commodity

__all__ = ["corridor_costs"]

Floats = NDArray[np.float64]


def corridor_costs(flows: Flows, commodity: str = "") -> pd.DataFrame:
    """Generalised cost from each country with zones to each other, at the waits of `flows`.

    Columns origin, destination, usd_per_t (USD/t of `commodity`), hours (with waiting, on the same way) and commodity;
    nan where no way exists. `commodity` is by default the one in containers that most tonnes are carried of, or of all
    where none goes in containers. Zones are weighted by the tonnes of all goods of its form, alike where a country
    sends or receives none. Raises SolveError for a commodity that the case lacks.

    >>> import bactrian as ba
    >>> costs = corridor_costs(ba.run("transcaspian")).set_index(["origin", "destination"])
    >>> bool(costs.loc[("CHN", "EU27"), "usd_per_t"] > costs.loc[("CHN", "KAZ"), "usd_per_t"])
    True
    """
    network = flows.network
    chosen = commodity or typical_commodity(flows, "container") or typical_commodity(flows, "loose")
    if chosen not in network.commodities:
        raise SolveError(f"no commodity {chosen!r}; use one of {', '.join(network.commodities)}")
    zones = network.case.table("zones").set_index("id")["country"]
    usd, hours = _between_zones(flows, chosen, list(zones.index))
    weight = np.outer(*(_shares(flows, chosen, zones, side) for side in ("origin", "destination")))
    pairs = pd.DataFrame(
        {
            "origin": np.repeat(zones.to_numpy(), len(zones)),
            "destination": np.tile(zones.to_numpy(), len(zones)),
            "weight": np.where(np.isfinite(usd), weight, 0.0).ravel(),
            "usd_per_t": np.where(np.isfinite(usd), usd * weight, 0.0).ravel(),
            "hours": np.where(np.isfinite(usd), hours * weight, 0.0).ravel(),
        }
    )
    pairs = pairs[pairs["origin"] != pairs["destination"]]
    sums = pairs.groupby(["origin", "destination"], as_index=False).sum()
    for column in ("usd_per_t", "hours"):
        sums[column] = sums[column] / sums["weight"].where(sums["weight"] > 0)
    return sums.drop(columns="weight").assign(commodity=chosen)


def _between_zones(flows: Flows, commodity: str, zones: list[str]) -> tuple[Floats, Floats]:
    """USD/t and hours of the cheapest way from each zone (rows) to each (columns); inf and nan where there is none."""
    network = flows.network
    k = network.commodities.index(commodity)
    graph = network.graph(commodity)
    wait = network.on_arcs(flows.resources["wait_h"].to_numpy())
    cost = (network.cost[k] + network.wait_cost[k] * wait)[graph.arcs]
    time = (network.arcs["time_h"].to_numpy() + wait)[graph.arcs]
    usd, hours = np.full((len(zones), len(zones)), np.inf), np.full((len(zones), len(zones)), np.nan)
    ends = [network.destination(zone) for zone in zones]
    for row, zone in enumerate(zones):
        if network.origin(zone) < 0:
            continue
        reached, last = graph.from_(cost, network.origin(zone))
        for column, end in enumerate(ends):
            if end >= 0 and np.isfinite(reached[end]):
                usd[row, column] = reached[end]
                hours[row, column] = _along(end, last, graph.tail, time)
    return usd, hours


def _along(end: int, last: NDArray[np.int64], tail: NDArray[np.int64], time: Floats) -> float:
    """Sum of `time` over the arcs of the tree `last` that lead to the node `end`."""
    total = 0.0
    while last[end] >= 0:
        total += float(time[last[end]])
        end = int(tail[last[end]])
    return total


def _shares(flows: Flows, commodity: str, zones: pd.Series, side: str) -> Floats:
    """Share of each zone in what its country sends (side "origin") or receives of goods of the commodity's form."""
    form = flows.network.case.table("commodities").set_index("id")["form"]
    alike = flows.pairs[flows.pairs["commodity"].map(form) == form[commodity]]
    tonnes = alike.groupby(side)["kt"].sum().reindex(zones.index, fill_value=0.0)
    of_country = tonnes.groupby(zones).transform("sum")
    even = 1 / zones.groupby(zones).transform("size")
    shares: Floats = (tonnes / of_country.where(of_country > 0)).fillna(even).to_numpy(dtype=np.float64)
    return shares

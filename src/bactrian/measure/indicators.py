"""Corridor indicators: door-to-door time, price and spread, and the four of CAREC's performance monitoring (CPMM).

CAREC Corridor Performance Measurement and Monitoring (Asian Development Bank, yearly since 2009): time and cost at a
border crossing, cost of a 500 km section, speed with and without delays. Here a crossing is a border or a break of
gauge, delays are all hours not spent on a link, and costs are per tonne.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows

__all__ = ["indicators"]

Floats = NDArray[np.float64]

CROSSINGS = ("border", "gauge_change")


def indicators(flows: Flows, *columns: str) -> pd.DataFrame:
    """Indicators by corridor, origin, destination, commodity, sector or modes, means weighted by tonnes.

    - `kt`; `km`, `days`, `spread_days` and `usd_per_t` door to door. The spread is the sum of the standard deviations
      along the way: delays that come together, hence an upper bound.
    - `crossings`; `crossing_h` and `crossing_usd_per_t` of one (nan without any).
    - `usd_per_t_500km`; `moving_kmh` while on a link and not waiting, `kmh` with all handling and waiting.

    Raises SolveError for a column that flows cannot be summed by.

    >>> import bactrian as ba
    >>> table = indicators(ba.run("transcaspian"), "corridor").set_index("corridor")
    >>> bool((table["moving_kmh"] > table["kmh"]).all())
    True
    """
    kt = flows.ways["kt"].to_numpy()
    parts = _parts(flows)
    summed = flows.by(*columns, **{name: kt * value for name, value in parts.items()})
    tonnes = summed["kt"].where(summed["kt"] > 0)
    crossings = summed["crossings"].where(summed["crossings"] > 0)
    table = summed[[*columns, "kt", "km"]].copy()
    table["days"] = summed["time_h"] / 24
    table["spread_days"] = summed["spread_h"] / 24
    table["usd_per_t"] = summed["usd"]
    table["crossings"] = summed["crossings"] / tonnes
    table["crossing_h"] = summed["at_crossings_h"] / crossings
    table["crossing_usd_per_t"] = summed["at_crossings_usd"] / crossings
    table["usd_per_t_500km"] = 500 * summed["usd"] / summed["km"].where(summed["km"] > 0)
    table["moving_kmh"] = summed["km"] * tonnes / summed["moving_h"].where(summed["moving_h"] > 0)
    table["kmh"] = summed["km"] / summed["time_h"].where(summed["time_h"] > 0)
    return table


def _parts(flows: Flows) -> dict[str, Floats]:
    """Per tonne of each way: hours moving, crossings, hours and USD at them."""
    network, routes = flows.network, flows.routes
    wait = network.on_arcs(flows.resources["wait_h"].to_numpy())
    time = network.arcs["time_h"].to_numpy()
    kind = network.arcs["kind"]
    moves = (kind == "move").to_numpy().astype(np.float64)
    crosses = kind.isin(CROSSINGS).to_numpy().astype(np.float64)
    arcs, each = routes.arcs, flows.commodity_of_ways()[routes.owner]
    return {
        "moving_h": routes.total((moves * time)[arcs]),
        "crossings": routes.total(crosses[arcs]),
        "at_crossings_h": routes.total((crosses * (time + wait))[arcs]),
        "at_crossings_usd": routes.total(np.where(crosses[arcs] > 0, network.price[each, arcs], 0.0)),
    }

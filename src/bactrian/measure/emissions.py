"""Greenhouse gas of transport by the elements of ISO 14083: each movement and each hub, well to wheel.

A movement emits its tonne-kilometres times the factor of its means of transport. An electrified railway takes the grid
of the countries at both ends, half each; where the case has no factor for a grid, that of diesel, which is higher.
Handling between means of transport or gauges, and at a passage none, is a hub operation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.assign.routes import Routes
from bactrian.case import Case
from bactrian.network import Network

__all__ = ["emissions", "grams_of_ways", "missing_factors"]

Floats = NDArray[np.float64]

HUBS = ("tranship", "gauge_change")
ELECTRIC = {"yes": 1.0, "part": 0.5}  # share of traction; "no" and empty are diesel


def emissions(flows: Flows) -> pd.DataFrame:
    """Tonnes of CO2e per year by way, in the order of `flows.ways`: wtw_t (well to wheel) and ttw_t (tank to wheel).

    nan for ways on a means of transport that the case has no factor for; `missing_factors` names those.

    >>> import bactrian as ba
    >>> (emissions(ba.run("transcaspian")).min() >= 0).tolist()
    [True, True]
    """
    grams = grams_of_ways(flows.network, flows.routes, flows.commodity_of_ways())
    kt = flows.ways["kt"].to_numpy()
    # kt times g/t is kg
    return pd.DataFrame({f"{scope}_t": np.where(kt > 0, each * kt / 1000, 0.0) for scope, each in grams.items()})


def grams_of_ways(network: Network, routes: Routes, commodity: NDArray[np.int64]) -> dict[str, Floats]:
    """Grams of CO2e per tonne on each way, `wtw` and `ttw`; `commodity` is the row of what each way carries.

    nan for ways on a means of transport that the case has no factor for.
    """
    boxed = network.case.table("commodities")["form"].eq("container").to_numpy()[commodity][routes.owner]
    columns = {}
    for scope in ("wtw", "ttw"):
        loose, container = (_per_tonne(network, form, f"{scope}_g") for form in ("loose", "container"))
        columns[scope] = routes.total(np.where(boxed, container[routes.arcs], loose[routes.arcs]))
    return columns


def missing_factors(flows: Flows) -> list[str]:
    """Means of transport in use that the table `emissions` has no factor for."""
    moves = flows.network.arcs.loc[np.unique(flows.routes.arcs[flows.ways["kt"].to_numpy()[flows.routes.owner] > 0])]
    used = set(moves.loc[moves["kind"] == "move", "mode"])
    return sorted(used - set(flows.network.case.table("emissions")["applies"]))


def _per_tonne(network: Network, form: str, scope: str) -> Floats:
    """Grams of CO2e per tonne on each arc, nan where there is no factor."""
    factors = _factors(network.case, form, scope)
    arcs = network.arcs
    grams = np.zeros(len(arcs))
    grams[arcs["kind"].isin(HUBS)] = factors.get(("hub", ""), 0.0)
    links = network.case.table("links").set_index("id")
    country = network.case.table("places").set_index("id")["country"]
    moves = arcs[arcs["kind"] == "move"]
    rows = links.loc[moves["row"]]
    ends = zip(rows["from"].map(country), rows["to"].map(country), strict=True)
    for arc, mode, km, traction, grids in zip(
        moves.index, rows["mode"], rows["length_km"], rows["electrified"], ends, strict=True
    ):
        plain = factors.get((mode, ""), np.nan)
        electric = np.mean([factors.get((mode, grid), plain) for grid in grids])
        share = ELECTRIC.get(traction, 0.0)
        grams[arc] = km * ((share * electric if share else 0.0) + ((1 - share) * plain if share < 1 else 0.0))
    return grams


def _factors(case: Case, form: str, scope: str) -> dict[tuple[str, str], float]:
    """Factor by means of transport and grid ("" for fuel); one for the cargo form comes before one for all.

    A means of transport with a factor for the other form only takes that one.
    """
    table = case.table("emissions")
    order = table["form"].map({"": 1, form: 2}).fillna(0)
    factors: dict[tuple[str, str], float] = {}
    for index in order.sort_values(kind="stable").index:
        applies, traction, grams = table.loc[index, ["applies", "traction", scope]]
        factors[str(applies), str(traction)] = float(grams)
    return factors

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
from bactrian.case import Case
from bactrian.errors import CaseError, Finding

__all__ = ["emissions"]

Floats = NDArray[np.float64]

HUBS = ("tranship", "gauge_change")
ELECTRIC = {"yes": 1.0, "part": 0.5}  # share of traction; "no" and empty are diesel


def emissions(flows: Flows) -> pd.DataFrame:
    """Tonnes of CO2e per year by way, in the order of `flows.ways`: wtw_t (well to wheel) and ttw_t (tank to wheel).

    Raises CaseError when a means of transport in use has no factor.

    >>> import bactrian as ba
    >>> (emissions(ba.run("transcaspian")).min() >= 0).tolist()
    [True, True]
    """
    case, routes = flows.network.case, flows.routes
    is_container = case.table("commodities").set_index("id")["form"].eq("container")
    boxed = flows.pairs["commodity"].map(is_container).to_numpy()[routes.pair][routes.owner]
    columns = {}
    for scope in ("wtw", "ttw"):
        loose, container = (_per_tonne(flows, form, f"{scope}_g") for form in ("loose", "container"))
        each = np.where(boxed, container[routes.arcs], loose[routes.arcs])
        # kt times g/t is kg
        columns[f"{scope}_t"] = routes.total(each) * flows.ways["kt"].to_numpy() / 1000
    return pd.DataFrame(columns)


def _per_tonne(flows: Flows, form: str, scope: str) -> Floats:
    """Grams of CO2e per tonne on each arc."""
    factors = _factors(flows.network.case, form, scope)
    arcs = flows.network.arcs
    grams = np.zeros(len(arcs))
    grams[arcs["kind"].isin(HUBS)] = factors.get(("hub", ""), 0.0)
    links = flows.network.case.table("links").set_index("id")
    country = flows.network.case.table("places").set_index("id")["country"]
    moves = arcs[arcs["kind"] == "move"]
    rows = links.loc[moves["row"]]
    ends = zip(rows["from"].map(country), rows["to"].map(country), strict=True)
    for arc, mode, km, traction, grids in zip(
        moves.index, rows["mode"], rows["length_km"], rows["electrified"], ends, strict=True
    ):
        if (mode, "") not in factors:
            remedy = f"add a row that applies to {mode} for cargo that is {form}, or for all"
            raise CaseError([Finding("emissions", 0, "applies", f"no factor for {mode}", remedy)])
        plain = factors[mode, ""]
        electric = np.mean([factors.get((mode, grid), plain) for grid in grids])
        share = ELECTRIC.get(traction, 0.0)
        grams[arc] = km * (share * electric + (1 - share) * plain)
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

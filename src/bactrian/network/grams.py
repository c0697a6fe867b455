"""Greenhouse gas of each arc per tonne that uses it, by the table `emissions`.

A movement emits its kilometres times the factor of its means of transport. An electrified railway takes the grid of the
countries at both ends, half each; where the case has no factor for a grid, that of diesel, which is higher. Handling
between means of transport or gauges, and at a passage none, is a hub operation.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.case import Case

__all__ = ["HUBS", "grams_of_arcs", "grids_without_factor"]

Floats = NDArray[np.float64]

HUBS = ("tranship", "gauge_change")
ELECTRIC = {"yes": 1.0, "part": 0.5}  # share of traction; "no" and empty are diesel


def grams_of_arcs(case: Case, arcs: pd.DataFrame, scope: Literal["wtw", "ttw"]) -> Floats:
    """Grams of CO2e per tonne of each commodity (rows) on each of `arcs` (columns kind, mode, row).

    `wtw` is well to wheel, the total of ISO 14083, `ttw` tank to wheel, its operation; nan
    on a means of transport that the case has no factor for.
    """
    forms = {form: _of_form(case, arcs, form, f"{scope}_g") for form in ("loose", "container")}
    return np.array([forms[form] for form in case.table("commodities")["form"]]).reshape(-1, len(arcs))


def grids_without_factor(case: Case) -> list[str]:
    """Countries with electrified railways whose grid has no factor, so that they count as diesel.

    >>> from bactrian.case import load
    >>> "KAZ" in grids_without_factor(load("transcaspian"))
    False
    """
    links, country = case.table("links"), case.table("places").set_index("id")["country"]
    electric = links[links["electrified"].isin(list(ELECTRIC))]
    table = case.table("emissions")
    known = set(zip(table["applies"], table["traction"], strict=True))
    ends = [(mode, country[place]) for end in ("from", "to") for mode, place in electric[["mode", end]].to_numpy()]
    return sorted({grid for mode, grid in ends if (mode, grid) not in known})


def _of_form(case: Case, arcs: pd.DataFrame, form: str, column: str) -> Floats:
    """Grams of CO2e per tonne on each arc for one form of cargo, nan where there is no factor."""
    factors = _factors(case, form, column)
    grams = np.zeros(len(arcs))
    grams[arcs["kind"].isin(HUBS)] = factors.get(("hub", ""), 0.0)
    links = case.table("links").set_index("id")
    country = case.table("places").set_index("id")["country"]
    moves = arcs[arcs["kind"] == "move"]
    rows = links.loc[moves["row"]]
    ends = zip(rows["from"].map(country), rows["to"].map(country), strict=True)
    for arc, mode, km, traction, (one, other) in zip(
        moves.index, rows["mode"], rows["length_km"], rows["electrified"], ends, strict=True
    ):
        plain = factors.get((mode, ""), np.nan)
        electric = (factors.get((mode, one), plain) + factors.get((mode, other), plain)) / 2
        share = ELECTRIC.get(traction, 0.0)
        grams[arc] = km * ((share * electric if share else 0.0) + ((1 - share) * plain if share < 1 else 0.0))
    return grams


def _factors(case: Case, form: str, column: str) -> dict[tuple[str, str], float]:
    """Factor by means of transport and grid ("" for fuel); one for the cargo form comes before one for all.

    A means of transport with a factor for the other form only takes that one.
    """
    table = case.table("emissions")
    order = table["form"].map({"": 1, form: 2}).fillna(0)
    factors: dict[tuple[str, str], float] = {}
    rows = table.loc[order.sort_values(kind="stable").index]
    for applies, traction, grams in zip(rows["applies"], rows["traction"], rows[column], strict=True):
        factors[str(applies), str(traction)] = float(grams)
    return factors

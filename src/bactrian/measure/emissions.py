"""Greenhouse gas of transport by the elements of ISO 14083: each movement and each hub, well to wheel.

What an arc emits per tonne is in `bactrian.network.grams`, where a price of carbon finds it too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.assign.routes import Routes
from bactrian.network import Network
from bactrian.network.grams import grams_of_arcs

__all__ = ["carbon", "emissions", "grams_of_ways", "missing_factors"]

Floats = NDArray[np.float64]


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


def carbon(flows: Flows) -> dict[str, float]:
    """The price of carbon in the run, USD/t; t CO2e a year, `wtw_t` and `ttw_t`; and `payments_musd` a year for it.

    Payments are the price times CO2e well to wheel. They are no revenue of carriers, whose prices do not hold them.
    nan where something is carried on a means of transport without a factor.

    >>> import bactrian as ba
    >>> carbon(ba.run("transcaspian"))["payments_musd"]
    0.0
    """
    price, sums = flows.network.carbon_usd_per_t, emissions(flows).sum(skipna=False)
    wtw = float(sums["wtw_t"])
    return {
        "usd_per_t": price,
        "wtw_t": wtw,
        "ttw_t": float(sums["ttw_t"]),
        "payments_musd": price * wtw / 1e6 if price else 0.0,
    }


def grams_of_ways(network: Network, routes: Routes, commodity: NDArray[np.int64]) -> dict[str, Floats]:
    """Grams of CO2e per tonne on each way, `wtw` and `ttw`; `commodity` is the row of what each way carries.

    nan for ways on a means of transport that the case has no factor for.
    """
    carried = commodity[routes.owner]
    wtw, ttw = (grams_of_arcs(network.case, network.arcs, "wtw"), grams_of_arcs(network.case, network.arcs, "ttw"))
    return {scope: routes.total(grams[carried, routes.arcs]) for scope, grams in (("wtw", wtw), ("ttw", ttw))}


def missing_factors(flows: Flows) -> list[str]:
    """Means of transport in use that the table `emissions` has no factor for."""
    moves = flows.network.arcs.loc[np.unique(flows.routes.arcs[flows.ways["kt"].to_numpy()[flows.routes.owner] > 0])]
    used = set(moves.loc[moves["kind"] == "move", "mode"])
    return sorted(used - set(flows.network.case.table("emissions")["applies"]))

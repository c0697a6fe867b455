"""Elasticities that come out of the model, by perturbation: every cost 1 % up, flows and demand settled again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from bactrian.assign import assign
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.network import build
from bactrian.verbs import asked, run

__all__ = ["own_elasticities"]

RISE = 0.01


def own_elasticities(case: Case, year: int = 2021) -> pd.DataFrame:
    """How demand falls when all costs rise by 1 %, by commodity, in the year the demand of `year` is known for.

    Columns: commodity; `given`, the cost elasticity of the case; `recovered`, the change of demand over that of the
    generalised cost as it settles; and `put_in`, the same over the 1 % put in, part of which shorter queues take back.
    All changes are of logarithms and weighted by demand. Raises CaseError and SolveError as `run` does.

    >>> import bactrian as ba
    >>> told = own_elasticities(ba.load("transcaspian"))  # doctest: +SKIP
    """
    start = demand(case, year).base_year
    here = case.rebased()
    before = run(here, start)
    network = build(here, start)
    dearer = replace(
        network,
        price=network.price * (1 + RISE),
        plain_cost=network.plain_cost * (1 + RISE),
        cost=network.cost * (1 + RISE),
        wait_cost=network.wait_cost * (1 + RISE),
    )
    pairs = assign(dearer, asked(here, start, before), "logit", before).pairs
    joined = pairs["composite_usd"].notna() & (before.pairs["cost_usd"] > 0)
    rise = 1 + (pairs["composite_usd"] - before.pairs["composite_usd"]) / before.pairs["cost_usd"]
    weight = pairs["reference_kt"].where(joined, 0.0)
    table = pd.DataFrame(
        {
            "commodity": case.counted_as(pairs["commodity"]),
            "weight": weight,
            "demand": weight * np.log(pairs["kt"] / pairs["reference_kt"]),
            "cost": weight * np.log(rise.where(joined, 1.0)),
        }
    )
    sums = table.groupby("commodity", sort=False)[["weight", "demand", "cost"]].sum()
    given = case.table("commodities").set_index("id")["cost_elasticity"].reindex(sums.index)
    return pd.DataFrame(
        {
            "commodity": sums.index,
            "given": given.to_numpy(),
            "recovered": (sums["demand"] / sums["cost"]).to_numpy(),
            "put_in": (sums["demand"] / (sums["weight"] * np.log(1 + RISE))).to_numpy(),
        }
    )

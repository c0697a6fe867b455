"""A programme as those who finance it see it: who pays and receives what in which year, and what fee would cover it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from bactrian.games import Allocation
from bactrian.sharing.deal import Deal

__all__ = ["break_even", "finance", "tariffs"]

T_PER_KT = 1000.0


def finance(deal: Deal, allocation: Allocation | None = None) -> pd.DataFrame:
    """By player and year in mUSD of that year: what the programme `pays` in capital and operating costs, `receives` as
    gains of shippers and margins (less CO2e at its price), `residual`, the `transfer` by which the allocation comes
    about, paid in equal parts over the years, and `net` of it all; `sum`, the present value up to that year.

    >>> finance(share("transcaspian", players=["KAZ", "TKM"]))  # doctest: +SKIP
    """
    players, terms = deal.coalitions.players, deal.coalitions.terms
    whole = pd.MultiIndex.from_product([list(players), list(terms.years)], names=["player", "year"])
    summed = deal.grouped.years.reindex(whole, fill_value=0.0)
    factor = np.array([terms.factor(year) for _, year in whole])
    annuity = 1 / math.fsum(terms.factor(year) for year in terms.years)
    due = deal.transfers(allocation) * annuity if allocation is not None else pd.Series(0.0, index=list(players))
    table = pd.DataFrame(
        {
            "pays": summed["capital"] + summed["operating"],
            "receives": summed["shippers"] + summed["carriers"] + summed["carbon"],
            "residual": summed["residual"],
            "transfer": [float(due[name]) for name, _ in whole],
        }
    )
    table["net"] = table["receives"] + table["residual"] + table["transfer"] - table["pays"]
    table["sum"] = (table["net"] * factor).groupby(level="player").cumsum()
    return table


def break_even(deal: Deal) -> pd.DataFrame:
    """By player: `net`, the present value of its account without transfers, mUSD; `transit_kt`, the present value of
    the tonnes that pass its countries, as one, between others; and `usd_per_t`, the fee on each of these at which it
    would come out even, were flows to stay as they are: 0 for who gains, nan where nothing passes."""
    players, terms = deal.coalitions.players, deal.coalitions.terms
    years = deal.grouped.years["transit_kt"].reset_index()
    present = years["transit_kt"] * years["year"].map({year: terms.factor(year) for year in terms.years})
    nets = deal.accounts["net"].to_numpy(dtype=np.float64).tolist()
    rows = {}
    for name, net in zip(players, nets, strict=True):
        passing = math.fsum(present[years["country"] == name])
        fee = 0.0 if net >= 0 else -net * T_PER_KT / passing if passing > 0 else math.nan
        rows[name] = {"net": net, "transit_kt": passing, "usd_per_t": fee}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("player")


def tariffs(deal: Deal) -> pd.DataFrame:
    """By project: the present value of its costs, `cost` in mUSD, and of the tonnes that use what it changes, `kt`; and
    `usd_per_t`, what each of these would have to pay to cover it, were flows to stay as they are."""
    worth, terms, starts = deal.coalitions.worth, deal.coalitions.terms, deal.starts
    ledgers = deal.coalitions.books.ledgers
    kt = dict.fromkeys(starts, 0.0)
    for (year, model), weight in terms.spread.items():
        open_ = worth.open_in(starts, year)
        for project, used in ledgers[model].users(open_).items() if open_ else ():
            kt[project] += weight * used
    rows = {}
    for project, start in starts.items():
        cost = terms.cost(worth.candidate(project), start)
        fee = cost * T_PER_KT / kt[project] if kt[project] > 0 else math.nan
        rows[project] = {"cost": cost, "kt": kt[project], "usd_per_t": fee}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["cost", "kt", "usd_per_t"]).rename_axis("project")

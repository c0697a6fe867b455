"""Yearly one-way trade between countries, made from the figures of the table `trade` that bear it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bactrian.case import Case

__all__ = ["bilateral_trade", "why_unused"]

YEAR = 12  # months


def why_unused(case: Case) -> pd.Series:
    """Why each row of the table `trade` (by id) is not used by `bilateral_trade`; "" for those that are.

    >>> from bactrian.case import load
    >>> why_unused(load("transcaspian"))["AZE-TUR-2021-exports-11m"]
    'part of a year'
    """
    trade = case.table("trade")
    partial = ["part of a year", "not all goods", "one port or means of transport", "no value"]
    cases = [trade["months"] < YEAR, trade["goods"] != "total", trade["measure"] == "part", trade["value_musd"].isna()]
    why = np.select([one.to_numpy(dtype=np.bool_) for one in cases], partial, default="").astype(object)
    there = pd.MultiIndex.from_frame(trade[["origin", "destination", "year"]])
    back = pd.MultiIndex.from_frame(trade[["destination", "origin", "year"]])
    whole = {name: ((trade["measure"] == name) & (why == "")).to_numpy() for name in ("imports", "exports", "turnover")}
    one_way = there[whole["imports"] | whole["exports"]]
    why[whole["turnover"] & (there.isin(one_way) | back.isin(one_way))] = "turnover, and a direction is known"
    why[whole["exports"] & there.isin(there[whole["imports"]])] = "the importer's figure is known"
    return pd.Series(why, index=trade["id"], dtype=object)


def bilateral_trade(case: Case) -> pd.DataFrame:
    """Trade in goods of whole years: origin, destination, year, value_musd, and `kind` of figure.

    - `imports`, as the destination counts them, come before `exports`, as the origin does: customs look closer at what
      comes in.
    - `half of turnover`: where no direction of the pair is known in that year, each gets half of what both are told to
      be together. That is right for their sum and says nothing of their balance.

    Several figures for the same are averaged. Part-year figures, groups of goods and rows without a value are left out
    (`why_unused`). The table is empty where the case has no trade.

    >>> from bactrian.case import load
    >>> bilateral_trade(load("transcaspian")).groupby("kind")["value_musd"].size().to_dict()
    {'exports': 15, 'half of turnover': 52, 'imports': 42}
    """
    trade = case.table("trade")
    used = trade[(why_unused(case) == "").to_numpy()]
    is_sum = used["measure"] == "turnover"
    there = used.assign(
        kind=used["measure"].where(~is_sum, "half of turnover"),
        value_musd=used["value_musd"].where(~is_sum, used["value_musd"] / 2),
    )
    back = there[is_sum].rename(columns={"origin": "destination", "destination": "origin"})
    keys = ["origin", "destination", "year", "kind"]
    means = pd.concat([there, back])[[*keys, "value_musd"]].groupby(keys).mean().reset_index()
    return means.assign(year=means["year"].astype(np.int64))

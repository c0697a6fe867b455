"""Country accounts of a run: what shippers pay, who earns it, and what a change brings to each country.

Shippers are shared in halves by the countries of origin and destination, a convention. What they gain from one run to
another is the rule of a half: (D0 + D1)(C0 - C1)/2 by pair, with the composite cost C and the tonnes D carried; a
commodity and its variants are one pair at their mean cost. What no way leads for in one of the two is taken to cost the
value of its goods more there. What is paid for CO2e goes to the country where it is emitted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bactrian.assign import Flows
from bactrian.errors import SolveError
from bactrian.measure.earnings import earnings_of
from bactrian.measure.emissions import emissions

__all__ = ["Accounts", "accounts"]

EXACT = 1e-9
ENDS = ["origin", "destination"]
PAIR = [*ENDS, "commodity"]


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """The accounts of a year by country, in mUSD a year unless the column says kt.

    - `table`: paid (prices that its shippers pay), time (what time, waiting and all else that nobody is paid for is
      worth to them), carbon (what they pay for CO2e); revenue, transit and margin of its carriers and ports (see
      `bactrian.measure.earnings`), public (what is received for CO2e), co2e_kt, transit_kt.
    - `change`, if another run was set against it: what `shippers`, `carriers` (margins) and `public` purses gain, their
      sum `net`, and co2e_kt, from that run to this one; None otherwise.
    - `totals`: by column, the sum over countries and the figure found without them; the net of a change on top of all
      that is paid.
    """

    table: pd.DataFrame
    change: pd.DataFrame | None
    totals: pd.DataFrame

    @property
    def error(self) -> float:
        """The largest relative difference of a sum over countries and its total."""
        scale = self.totals.abs().max(axis=1)
        off = (self.totals["countries"] - self.totals["total"]).abs()
        return float((off / scale.where(scale > 0, 1.0)).max())

    @property
    def holds(self) -> bool:
        """Whether the accounts add up, to 1e-9."""
        return self.error <= EXACT


def accounts(flows: Flows, against: Flows | None = None) -> Accounts:
    """The accounts of a run, and what it changes `against` another one of the same year, zones and commodities.

    A pair that only one of the two runs has counts for nothing: what new trade is worth to those who begin it cannot be
    told from its cost. Raises SolveError for runs that cannot be compared.

    >>> import bactrian as ba
    >>> told = accounts(ba.run("transcaspian"))
    >>> told.holds, bool(told.table.loc["KAZ", "transit"] > 0)
    (True, True)
    """
    table, totals = _levels(flows)
    change = None
    if against is not None:
        _check(flows, against)
        before, sums = _levels(against)
        gain = _gains(against, flows)
        every = table.index.union(before.index)
        more = table.reindex(every, fill_value=0.0) - before.reindex(every, fill_value=0.0)
        shippers = _by_country(flows, gain)["gain"].reindex(every, fill_value=0.0)
        change = pd.DataFrame({"shippers": shippers, "carriers": more["margin"], "public": more["public"]})
        change["net"] = change.sum(axis=1)
        change["co2e_kt"] = more["co2e_kt"]
        plain = totals["total"] - sums["total"]
        net = float(gain["gain"].sum()) + plain["margin"] + plain["public"]
        paid = float(totals["total"].to_numpy()[0])  # what is gained may cancel out, so it is measured by what is paid
        totals.loc["net (change)"] = [float(change["net"].sum()) + paid, net + paid]
    return Accounts(table, change, totals)


def _levels(flows: Flows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The accounts of one run, and their sums beside totals."""
    earned = earnings_of(flows)
    price = flows.network.carbon_usd_per_t
    kt = flows.ways["kt"].to_numpy(dtype=np.float64)
    paid, all_in = (np.nan_to_num(flows.ways[name].to_numpy(np.float64)) * kt / 1000 for name in ("usd", "cost_usd"))
    carbon = np.nan_to_num(emissions(flows)["wtw_t"].to_numpy(np.float64)) * price / 1e6
    ends = flows.pairs.iloc[flows.routes.pair][ENDS].reset_index(drop=True)
    spent = _by_country(flows, ends.assign(paid=paid, time=all_in - paid - carbon, carbon=carbon))
    table = spent.join(earned.table, how="outer").fillna(0.0)
    table["public"] = table["co2e_kt"] * price / 1000
    totals = {
        "paid": float(paid.sum()),
        "revenue": earned.paid,
        "margin": earned.left,
        "carbon": float(carbon.sum()),
        "public": float(carbon.sum()),
        "co2e_kt": earned.co2e_kt,
    }
    found = {name: [float(table[name].sum()), total] for name, total in totals.items()}
    return table, pd.DataFrame.from_dict(found, orient="index", columns=["countries", "total"])


def _by_country(flows: Flows, sums: pd.DataFrame) -> pd.DataFrame:
    """Sums by pair or way, shared in halves by the countries of their ends."""
    of_zone = flows.network.case.table("zones").set_index("id")["country"]
    columns = [name for name in sums if name not in PAIR]
    halves = [sums[columns].groupby(sums[end].map(of_zone).to_numpy()).sum() / 2 for end in ENDS]
    return halves[0].add(halves[1], fill_value=0.0).rename_axis("country")


def _check(flows: Flows, against: Flows) -> None:
    """Raise SolveError for runs that differ by more than what a change may bring."""
    if flows.network.year != against.network.year:
        raise SolveError(
            f"a run of {flows.network.year} set against one of {against.network.year}: growth is no gain; compare runs"
            " of the same year"
        )
    for table, column in (("zones", "country"), ("commodities", "id")):
        known = []
        for one in (flows, against):
            rows = one.network.case.table(table)
            rows = rows[rows["counts_as"] == ""] if table == "commodities" else rows
            known.append(dict(zip(rows["id"], rows[column], strict=True)))
        if known[0] != known[1]:
            raise SolveError(f"the two runs have other {table}: compare runs of one case and its scenarios")


def _gains(before: Flows, after: Flows) -> pd.DataFrame:
    """What the shippers of each pair that both runs have gain from one to the other, mUSD a year."""
    both = _pairs(before).add_suffix("_before").join(_pairs(after).add_suffix("_after"), how="inner")
    goods = after.network.case.table("commodities").set_index("id")["value_usd_per_t"].clip(lower=1.0).to_dict()
    value = pd.Series([goods[one] for *_, one in both.index], index=both.index, dtype=float)
    first = both["cost_before"].fillna(both["cost_after"]) + both["left_before"] * value
    last = both["cost_after"].fillna(both["cost_before"]) + both["left_after"] * value
    gain = (both["kt_before"] + both["kt_after"]) / 2 * (first - last).fillna(0.0) / 1000
    return gain.rename("gain").reset_index()


def _pairs(flows: Flows) -> pd.DataFrame:
    """By pair, a variant as its original: kt asked, their mean composite cost in USD/t where a way leads, and the share
    of them that is `left` without one."""
    pairs = flows.pairs.assign(commodity=flows.network.case.counted_as(flows.pairs["commodity"]))
    known = pairs["kt"].where(pairs["composite_usd"].notna(), 0.0)
    weighted = pairs.assign(known=known, usd=(known * pairs["composite_usd"]).fillna(0.0))
    sums = weighted.groupby(PAIR, sort=False)[["kt", "known", "usd"]].sum()
    mean = pairs.groupby(PAIR, sort=False)["composite_usd"].mean()
    cost = (sums["usd"] / sums["known"].where(sums["known"] > 0)).fillna(mean)
    left = (1 - sums["known"] / sums["kt"].where(sums["kt"] > 0)).fillna(0.0)
    return pd.DataFrame({"kt": sums["kt"], "cost": cost, "left": left})

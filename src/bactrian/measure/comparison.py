"""Two runs of a year side by side: what one has more or less of than the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bactrian.assign import Flows
from bactrian.measure.accounts import Accounts, accounts
from bactrian.measure.emissions import emissions

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two runs, `base` and `other`, and what differs; a `change` is that of the other less that of the base.

    - `totals` by figure: asked, carried and stranded (kt), work (million tkm), time and price (mean by tonne carried, h
      and USD/t), paid (prices, mUSD), co2e (kt, well to wheel): unit, base, other, change.
    - `corridors` by corridor: kt, time_h and usd (means by tonne; nan where nothing goes), each `_base`, `_other` and
      `_change`; those that change most tonnes first.
    - `links` by link: kt_base, kt_other, kt_change; 0 where a link is not open.
    - `accounts` of the other against the base: what each country gains (see `bactrian.measure.accounts`).
    """

    base: Flows
    other: Flows
    totals: pd.DataFrame
    corridors: pd.DataFrame
    links: pd.DataFrame
    accounts: Accounts


def compare(base: Flows, other: Flows) -> Comparison:
    """Set a run beside another one of the same year, zones and commodities, as scenarios of one case are.

    Raises SolveError for runs that cannot be compared.

    >>> import bactrian as ba
    >>> case = ba.load("transcaspian")
    >>> told = compare(ba.run(case), ba.run(ba.at_level(case, -30.5)))
    >>> bool(told.links["kt_change"].abs().max() > 100)
    True
    """
    told = accounts(other, base)
    totals = pd.DataFrame({"base": _totals(base), "other": _totals(other)})
    totals = totals.assign(unit=pd.Series(UNITS), change=totals["other"] - totals["base"])
    corridors = _beside(*(one.by("corridor").set_index("corridor")[["kt", "time_h", "usd"]] for one in (base, other)))
    order = corridors["kt_change"].abs().sort_values(ascending=False, kind="stable").index
    links = _beside(*(one.links().set_index("link")[["kt"]] for one in (base, other)))
    return Comparison(base, other, totals[["unit", "base", "other", "change"]], corridors.loc[order], links, told)


UNITS = {
    "asked": "kt/yr",
    "carried": "kt/yr",
    "stranded": "kt/yr",
    "work": "million tkm/yr",
    "time": "h",
    "price": "USD/t",
    "paid": "mUSD/yr",
    "co2e": "kt/yr",
}
"""The figures of `Comparison.totals` and the unit of each."""


def _totals(flows: Flows) -> pd.Series:
    """The figures of one run; CO2e is nan where a means of transport has no factor."""
    kt = flows.ways["kt"].to_numpy(dtype=np.float64)
    km, hours, usd = (np.nan_to_num(flows.ways[name].to_numpy(np.float64)) @ kt for name in ("km", "time_h", "usd"))
    carried = float(kt.sum())
    figures = {
        "asked": float(flows.pairs["kt"].sum()),
        "carried": carried,
        "stranded": float(flows.pairs["stranded_kt"].sum()),
        "work": km / 1000,
        "time": hours / carried if carried else np.nan,
        "price": usd / carried if carried else np.nan,
        "paid": usd / 1000,
        "co2e": float(emissions(flows)["wtw_t"].sum(skipna=False)) / 1000,
    }
    return pd.Series(figures)


def _beside(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Columns of both by row, with their change; tonnes that one of them lacks are 0."""
    every = base.index.union(other.index, sort=False)
    found: dict[str, pd.Series] = {}
    for name in base:
        one, two = (table[name].reindex(every) for table in (base, other))
        if name == "kt":
            one, two = one.fillna(0.0), two.fillna(0.0)
        found |= {f"{name}_base": one, f"{name}_other": two, f"{name}_change": two - one}
    return pd.DataFrame(found)

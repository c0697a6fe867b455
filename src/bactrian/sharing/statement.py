"""The accounts of a programme by country: who gains what in which year, who pays, and that it all adds up.

Money is in mUSD of the price year. Gains of shippers are shared in halves by origin and destination; margins go to the
owners of rows, less what projects forgo; costs are borne by the owners of projects, of which `public` is public money;
CO2e counts at its price where it is emitted. The sum over countries is the net present value of the plan, which takes
prices for costs, and the margins that carriers gain on top.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.planning import Starts, Worth
from bactrian.sharing.ledger import LINES, Ledger

__all__ = ["Books", "Statement", "books_of", "costs_of"]

Floats = NDArray[np.float64]

EXACT = 1e-9
COSTS = ("capital", "operating", "residual")


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """The ledgers of the model years of a future, from which any programme can be accounted for."""

    worth: Worth
    ledgers: Mapping[int, Ledger]

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that any ledger names."""
        return tuple(sorted({one for ledger in self.ledgers.values() for one in ledger.countries}))

    def in_year(self, starts: Starts, year: int) -> pd.DataFrame:
        """The LINES of a year of the plan by country (index), interpolated between model years."""
        open_ = self.worth.open_in(starts, year)
        total = pd.DataFrame(0.0, index=self.countries, columns=list(LINES))
        for model, share in self.worth.terms.weights(year).items():
            ledger = self.ledgers[model]
            lines = pd.DataFrame(ledger.of(open_).T, index=ledger.countries, columns=list(LINES))
            total += share * lines.reindex(total.index, fill_value=0.0)
        return total


def books_of(worth: Worth, groups: Mapping[str, str] | None = None) -> Books:
    """Open the books of a future; countries that `groups` gives a name stand together under it."""
    return Books(worth, {year: Ledger(stage, groups) for year, stage in worth.stages.items()})


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """What a programme brings to each country.

    - `table` by country, present values in mUSD: shippers, carriers, capital, operating, residual, carbon, and `net`
      of it all; revenue and transit (gross), `public`, the public part of its costs; co2e_kt, transit_kt and use_kt,
      sums over the years, undiscounted.
    - `years`: the same by country and year, in mUSD of that year.
    - `total`: the net present value in mUSD found without countries, and `error`, how far the sum over countries is
      from it, relative to the larger of gains and costs.
    """

    table: pd.DataFrame
    years: pd.DataFrame
    total: float
    error: float

    @property
    def holds(self) -> bool:
        """Whether the accounts add up, to 1e-9."""
        return self.error <= EXACT


def statement(books: Books, starts: Starts, owners: Mapping[str, Mapping[str, float]] | None = None) -> Statement:
    """Account for a programme. `owners` by project say who bears its costs, in place of those of the case."""
    worth, terms = books.worth, books.worth.terms
    yearly = []
    for year in terms.years:
        lines = books.in_year(starts, year)
        lines["carbon"] = -lines["co2e_kt"] * terms.carbon_usd_per_t / 1000
        yearly.append(lines.assign(year=year).rename_axis("country").reset_index())
    years = pd.concat(yearly, ignore_index=True).set_index(["country", "year"])
    spent = costs_of(worth, starts, owners)
    years = years.join(spent, how="outer").fillna(0.0).sort_index()
    gained = years[["shippers", "carriers", "carbon"]].sum(axis=1)
    years["net"] = gained - years["capital"] - years["operating"] + years["residual"]
    factor = np.array([terms.factor(int(year)) for year in years.index.get_level_values("year")])
    tonnes = ["co2e_kt", "transit_kt", "use_kt"]
    present = years.drop(columns=tonnes).mul(factor, axis=0).groupby(level="country").sum()
    table = present.join(years[tonnes].groupby(level="country").sum())
    total = worth.value(starts) + _carriers(books, starts)
    scale = max(table[["shippers", "carriers", "capital"]].abs().to_numpy().sum(), 1e-9)
    return Statement(table, years, total, abs(math.fsum(table["net"]) - total) / scale)


def _carriers(books: Books, starts: Starts) -> float:
    """Present value of what the margins of carriers gain before what is forgone, which the plan counts already."""
    worth, terms = books.worth, books.worth.terms
    total = 0.0
    for year in terms.years:
        open_ = worth.open_in(starts, year)
        for model, share in terms.weights(year).items() if open_ else ():
            forgone = sum(worth.gain(model, open_).forgone.values())
            total += terms.factor(year) * share * (books.ledgers[model].carriers(open_) + forgone)
    return total


def costs_of(worth: Worth, starts: Starts, owners: Mapping[str, Mapping[str, float]] | None = None) -> pd.DataFrame:
    """By country and year in mUSD what `starts` cost owners: capital, operating, residual, and what of it is public."""
    terms = worth.terms
    public = worth.stages[terms.first].base.table("projects").set_index("id")["public"]
    rows = []
    for project, start in starts.items():
        candidate = worth.field.candidates[project]
        cash = terms.cash(candidate, start)
        residual = np.zeros(len(terms.years))
        residual[-1] = cash.residual
        part = float(public[project])
        for country, share in ((owners or {}).get(project) or candidate.owners).items():
            for at, year in enumerate(terms.years):
                figures = share * np.array([cash.capex[at], cash.operating[at], residual[at]])
                net = part * (figures[0] + figures[1] - figures[2])
                rows.append((country, year, *figures, net))
    table = pd.DataFrame(rows, columns=["country", "year", *COSTS, "public"])
    return table.astype({"year": int, **dict.fromkeys([*COSTS, "public"], float)}).groupby(["country", "year"]).sum()

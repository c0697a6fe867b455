"""Who earns on the ways of goods: prices paid, what of them is left to owners, by country.

A price is paid to the owners of the row that asks it: those that the tables name, else the country of a terminal's
place, the countries of a link's ends in halves, and the zone's for access. Its margin is left to them; the rest is
spent on carrying. Transit is what neither begins nor ends in a country. Greenhouse gas is emitted where a row lies: a
link in halves at its ends, ships too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.assign import Flows
from bactrian.assign.routes import Routes
from bactrian.case import Case, grouped_shares, owner_shares
from bactrian.network import Network
from bactrian.network.grams import grams_of_arcs

__all__ = ["Earned", "Earnings", "earnings_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LINES = ("revenue", "transit", "margin", "co2e_kt", "transit_kt")


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """Figures of a year by country (index of `table`), in mUSD and kt.

    - `table`: revenue (prices paid to its owners), transit (of it, for what neither begins nor ends there), margin
      (what is left to owners), co2e_kt (well to wheel, emitted there) and transit_kt (what passes).
    - `paid`, `left`, `co2e_kt`: all prices, margins and emissions, summed by way and not by country.
    """

    table: pd.DataFrame
    paid: float
    left: float
    co2e_kt: float


class Earnings:
    """What flows on the ways `routes` of a network earn; `commodity` is the row of what each way carries.

    `origin` and `destination` are the countries of the ways' ends. Countries that `groups` gives a name stand together
    under it, as one: what passes between them is no transit. Prices may differ from those of `network`, its arcs may
    not.
    """

    def __init__(
        self,
        network: Network,
        routes: Routes,
        commodity: Ints,
        origin: NDArray[Any],
        destination: NDArray[Any],
        groups: Mapping[str, str] | None = None,
    ) -> None:
        self.routes = routes
        name_of = dict(groups or {})
        owners, lands = _rows(network.case)
        owned = {key: grouped_shares(row, name_of) for key, row in owners.items()}
        lies = {key: grouped_shares(row, name_of) for key, row in lands.items()}
        of_ends = [[name_of.get(str(one), str(one)) for one in end] for end in (origin, destination)]
        named = sorted({*of_ends[0], *of_ends[1], *(one for row in (*owned.values(), *lies.values()) for one in row)})
        self.countries: tuple[str, ...] = tuple(named)
        place = {name: at for at, name in enumerate(named)}
        keys = list(zip(network.arcs["table"], network.arcs["row"], strict=True))
        self.owned = _matrix([owned[key] for key in keys], place)
        self.lies = _matrix([lies[key] for key in keys], place)
        self.margin = _margins(network.case, network.arcs)
        self._way = routes.owner
        self._k = commodity[self._way]
        ends = [np.array([place[one] for one in names], dtype=np.int64) for names in of_ends]
        self._ends = ends
        dense = self.owned.toarray()
        self._home = [dense[end[self._way], routes.arcs] for end in ends]
        self._home[1][(ends[0] == ends[1])[self._way]] = 0.0  # both ends at home: counted once
        entries = (routes.arcs, self._way)
        grams = np.nan_to_num(grams_of_arcs(network.case, network.arcs, "wtw")[self._k, routes.arcs])
        shape = (len(network.arcs), len(routes))
        self._grams = csr_array(self.lies @ csr_array((grams, entries), shape=shape))
        self._plain_grams = routes.total(grams)
        passes = csr_array(self.lies @ csr_array((np.ones(grams.size), entries), shape=shape)).tocoo()
        abroad = (passes.row != ends[0][passes.col]) & (passes.row != ends[1][passes.col])
        at = (passes.row[abroad], passes.col[abroad])
        self._passes = csr_array((np.ones(at[0].size), at), shape=passes.shape)

    def of(self, flow: Floats, price: Floats, real: Floats | None = None) -> Earned:
        """What `flow` (ways, kt/yr) earns at `price` (commodities, arcs; USD/t).

        What carrying costs is what a margin leaves of the prices `real`, which are above those paid where owners
        forgo some of them; they are the same if not given.
        """
        arcs, size = self.routes.arcs, self.margin.size
        kt = flow[self._way]
        paid = np.nan_to_num(price[self._k, arcs]) * kt / 1000
        asked = paid if real is None else np.nan_to_num(real[self._k, arcs]) * kt / 1000
        left = paid - (1 - self.margin[arcs]) * asked
        revenue = self.owned @ np.bincount(arcs, weights=paid, minlength=size)
        home = sum(
            np.bincount(end[self._way], weights=paid * share, minlength=len(self.countries))
            for end, share in zip(self._ends, self._home, strict=True)
        )
        figures = {
            "revenue": revenue,
            "transit": revenue - home,
            "margin": self.owned @ np.bincount(arcs, weights=left, minlength=size),
            "co2e_kt": self._grams @ flow / 1e6,
            "transit_kt": self._passes @ flow,
        }
        table = pd.DataFrame(figures, index=pd.Index(self.countries, name="country"))
        co2e = float(self._plain_grams @ flow) / 1e6
        return Earned(table, float(paid.sum()), float(left.sum()), co2e)


def earnings_of(flows: Flows) -> Earned:
    """What the flows of a run earn, by country.

    >>> import bactrian as ba
    >>> earned = earnings_of(ba.run("transcaspian"))
    >>> bool(abs(earned.table["revenue"].sum() / earned.paid - 1) < 1e-9)
    True
    """
    of_zone = flows.network.case.table("zones").set_index("id")["country"]
    pairs = flows.pairs.iloc[flows.routes.pair]
    ends = [pairs[end].map(of_zone).to_numpy() for end in ("origin", "destination")]
    earnings = Earnings(flows.network, flows.routes, flows.commodity_of_ways(), ends[0], ends[1])
    return earnings.of(flows.ways["kt"].to_numpy(dtype=np.float64), flows.network.price)


def _rows(case: Case) -> tuple[dict[tuple[str, str], dict[str, float]], dict[tuple[str, str], dict[str, float]]]:
    """By table and row, the shares of its owners and those of the countries it lies in."""
    country = dict(zip(case.table("places")["id"], case.table("places")["country"], strict=True))
    of_zone = dict(zip(case.table("zones")["id"], case.table("zones")["country"], strict=True))
    owned, lies = {}, {}
    links, terminals, access = case.table("links"), case.table("terminals"), case.table("access")
    for row, one, other, owners in zip(links["id"], links["from"], links["to"], links["owners"], strict=True):
        lies["links", row] = owner_shares("", f"{country[one]} {country[other]}")
        owned["links", row] = owner_shares(owners, "") if owners else lies["links", row]
    for row, at, owners in zip(terminals["id"], terminals["place"], terminals["owners"], strict=True):
        lies["terminals", row] = {country[at]: 1.0}
        owned["terminals", row] = owner_shares(owners, country[at])
    for row, zone in zip(access["id"], access["zone"], strict=True):
        owned["access", row] = lies["access", row] = {of_zone[zone]: 1.0}
    return owned, lies


def _matrix(shares: list[dict[str, float]], place: dict[str, int]) -> csr_array:
    """Shares of countries (rows) in arcs (columns)."""
    cells = [(place[name], arc, share) for arc, row in enumerate(shares) for name, share in row.items()]
    rows, columns, values = zip(*cells, strict=True)
    return csr_array((np.array(values, dtype=np.float64), (rows, columns)), shape=(len(place), len(shares)))


def _margins(case: Case, arcs: pd.DataFrame) -> Floats:
    """What part of its price each arc leaves to its owners."""
    of_mode = case.table("modes").set_index("id")["margin"]
    links, terminals = (case.table(name).set_index("id") for name in ("links", "terminals"))
    told = links["margin"].fillna(links["mode"].map(of_mode))
    known = {("links", row): value for row, value in told.items()}
    known |= {("terminals", row): value for row, value in terminals["margin"].items()}
    keys = zip(arcs["table"], arcs["row"], strict=True)
    return np.array([known.get(key, 0.0) for key in keys], dtype=np.float64)

"""What a set of open projects brings to each country in a model year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.assign.prepared import Settled
from bactrian.measure import Earnings
from bactrian.planning.stage import NOTHING, Set, Stage, shipper_gain

__all__ = ["LINES", "Ledger"]

Floats = NDArray[np.float64]

LINES = ("shippers", "carriers", "revenue", "transit", "co2e_kt", "transit_kt", "use_kt")
"""Rows of a ledger: what shippers and the margins of carriers gain, how much more prices and those of transit bring in,
all in mUSD; kt of CO2e more; kt in transit; and kt that use what was built, shared by the ends of their trade."""
CHANGES = 5  # of the lines, the first so many are against no project


class Ledger:
    """The accounts of a stage by country, for any set of open projects against none.

    Countries that `groups` gives a name stand together under it.
    """

    def __init__(self, stage: Stage, groups: Mapping[str, str] | None = None) -> None:
        self.stage = stage
        pair = stage.prepared.routes.pair
        k = stage.pairs["k"].to_numpy(dtype=np.int64)[pair]
        name_of = dict(groups or {})
        ends = [np.array([name_of.get(one, one) for one in stage.country[end]]) for end in ("from", "to")]
        of_ways = [end[pair] for end in ends]
        self._earnings = Earnings(stage.network, stage.prepared.routes, k, of_ways[0], of_ways[1], name_of)
        self.countries = self._earnings.countries
        place = {name: at for at, name in enumerate(self.countries)}
        at = [np.array([place[str(one)] for one in end], dtype=np.int64) for end in ends]
        count = np.arange(pair.size), np.arange(len(stage.pairs))
        halves = [csr_array((np.full(end.size, 0.5), (end, count[1])), shape=(len(place), end.size)) for end in at]
        self._of_pairs = csr_array(halves[0] + halves[1])
        self._of_ways = csr_array(self._of_pairs[:, pair])
        self._keys = list(zip(stage.network.arcs["table"], stage.network.arcs["row"], strict=True))
        self._known: dict[Set, tuple[Floats, float]] = {}
        self._users: dict[Set, dict[str, float]] = {}
        self._nothing = self._levels(NOTHING)

    def of(self, open_: Set) -> Floats:
        """The LINES by country (lines, countries)."""
        return self._of(open_)[0]

    def carriers(self, open_: Set) -> float:
        """What the margins of all carriers gain in mUSD, summed by way and not by country."""
        return self._of(open_)[1]

    def users(self, open_: Set) -> dict[str, float]:
        """kt/yr that use the rows which each of the projects `open_` changes, when all of them are open."""
        if open_ not in self._users:
            flow = self._settled(open_).flow
            self._users[open_] = {one: float(flow @ self._uses(frozenset([one]))) for one in sorted(open_)}
        return self._users[open_]

    def _of(self, open_: Set) -> tuple[Floats, float]:
        if open_ not in self._known:
            lines, left = self._levels(open_)
            lines[:CHANGES] -= self._nothing[0][:CHANGES]
            self._known[open_] = lines, left - self._nothing[1]
        return self._known[open_]

    def _levels(self, open_: Set) -> tuple[Floats, float]:
        """The lines with the projects `open_`, and all margins together, in mUSD."""
        stage = self.stage
        calm, found = stage.nothing, self._settled(open_)
        some = any(stage.effects.forgoes(key) & open_ for key in stage.effects.acting)
        real = stage.variant(open_, forgone=False).price if some else None
        earned = self._earnings.of(found.flow, found.network.price, real)
        gain = shipper_gain(stage.response, calm.composite, found.composite, stage.value)
        lines = earned.table.rename(columns={"margin": "carriers"}).T
        lines.loc["shippers"] = self._of_pairs @ gain
        lines.loc["use_kt"] = self._of_ways @ (found.flow * self._uses(open_))
        return lines.loc[list(LINES)].to_numpy(dtype=np.float64, copy=True), earned.left

    def _settled(self, open_: Set) -> Settled:
        """The equilibrium with the projects `open_`, sought from that without any, so that a set has the same figures
        whatever was asked before."""
        calm = self.stage.nothing
        if not open_:
            return calm
        return self.stage.prepared.settled(self.stage.variant(open_), near=(calm.load, calm.slope))

    def _uses(self, open_: Set) -> Floats:
        """1 for ways that use a row which the projects change, else 0."""
        touched = {key for key, causes in self.stage.effects.touching.items() if open_.intersection(causes)}
        arcs = np.array([key in touched for key in self._keys], dtype=np.float64)
        routes = self.stage.prepared.routes
        uses: Floats = np.minimum(routes.total(arcs[routes.arcs]), 1.0)
        return uses

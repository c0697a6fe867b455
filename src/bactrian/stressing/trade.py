"""What is to be carried, and past which countries, when events turn trade away from some or change how much there is.

An avoidance of all trade it concerns bars the ways through its countries, while its cause is wholly in force. One of a
part splits trade, which is linear in its share, the others as they are: so what is to be carried under causes in force
in part is the mean over those that are and are not, weighted as if these were independent chances. Events that change
growth or demand are taken on the same straight lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.assign.prepared import Way, ways_on
from bactrian.assign.routes import Routes, pairs_of
from bactrian.case import TABLES, Case
from bactrian.case.avoidances import concerns, trade_changes
from bactrian.case.effects import cell_changes
from bactrian.network import Network, Revision, Rows, build
from bactrian.verbs import asked

__all__ = ["CHANGED", "LEAST", "Trade", "passing"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
CHANGED = ("demand", "zones")  # tables whose effects change what is to be carried
LEAST = 0.005  # of a pair that takes a way in some state, for the way to be kept in all
ENDS = ["origin", "destination", "commodity"]


class Trade:
    """The trade of `base` in a year under any of the `causes` that it does not hold yet."""

    def __init__(self, base: Case, year: int, causes: Iterable[str], reference: Flows | None) -> None:
        self.base, self.year, self.reference = base, year, reference
        effects, avoided = base.table("effects"), base.table("avoidances")
        avoided = avoided[avoided["cause"].isin(sorted(causes))]
        whole = avoided.groupby("cause")["share"].min() >= 1
        self.bars = avoided[avoided["cause"].isin(whole.index[whole])]
        moving = {*effects.loc[effects["table"].isin(CHANGED), "cause"], *whole.index[~whole]}
        self.causes = tuple(sorted(moving.intersection(causes)))
        """Those that change what is to be carried."""
        self._corners: dict[frozenset[str], pd.Series[float]] = {}
        self._tables = {name: base.table(name) for name in TABLES}
        self.union = base.with_(trade_changes(self._tables, dict.fromkeys(self.causes, 0.5)))
        """The case in which each of these causes turns some trade, so that it has all variants of all commodities."""

    def amounts(self, pairs: pd.DataFrame, weights: Mapping[str, float]) -> Floats:
        """What is to be carried between `pairs` in kt/yr at the reference cost, with causes in force by `weights`."""
        amounts = np.zeros(len(pairs))
        here = [one for one in self.causes if weights.get(one, 0.0) > 0]
        keys = pd.MultiIndex.from_frame(pairs[ENDS])
        for corner in product((1.0, 0.0), repeat=len(here)):
            each = list(zip(here, corner, strict=True))
            share = float(np.prod([abs(1 - there - weights[one]) for one, there in each]))
            if share > 0:
                some = self._corner(frozenset(one for one, there in each if there))
                amounts += share * some.reindex(keys, fill_value=0.0).to_numpy()
        return amounts

    def barred(self, network: Network, pairs: pd.DataFrame, routes: Routes) -> dict[str, Bools]:
        """By cause, which of the ways `routes` pass a country that those they lead for then keep clear of."""
        of_zone = dict(self.base.table("zones")[["id", "country"]].to_numpy().tolist())
        named = pairs.assign(commodity=self.union.counted_as(pairs["commodity"]))
        found: dict[str, Bools] = {}
        row: Any
        for row in self.bars.itertuples():
            avoids = row.avoids.split()
            meant = np.array(
                [
                    {of_zone[origin], of_zone[destination]}.isdisjoint(avoids)
                    and concerns(row, {"origin": origin, "destination": destination}, commodity)
                    for origin, destination, commodity in named[ENDS].to_numpy().tolist()
                ],
                dtype=np.bool_,
            )
            ways = passing(network, routes, avoids) & meant[routes.pair]
            found[row.cause] = found.get(row.cause, np.zeros(len(routes), np.bool_)) | ways
        return found

    def ways_around(self, pairs: pd.DataFrame, laid: Case, rows: Rows) -> set[Way]:
        """Ways for `pairs` that keep clear of the countries of each cause, as arcs of the network of the case `laid`,
        which has all that may be open, with the cells `rows`."""
        position = {key: at for at, key in enumerate(pairs[ENDS].itertuples(index=False, name=None))}
        found: set[Way] = set()
        tables = {name: laid.table(name) for name in TABLES}
        for cause in sorted(set(self.bars["cause"])):
            case = laid.with_(trade_changes(tables, {cause: 1.0}))
            network = Revision(build(case, self.year)).of(rows)
            there = pairs_of(network, asked(case, self.year, self.reference))
            there = there[there["commodity"].str.endswith(f"~{cause}")].reset_index(drop=True)
            names = there["commodity"].str.removesuffix(f"~{cause}")
            keys = zip(there["origin"], there["destination"], names, strict=True)
            of_pair = [position.get(key, -1) for key in keys]
            found |= {(of_pair[pair], arcs) for pair, arcs in ways_on(network, there, LEAST) if of_pair[pair] >= 0}
        return found

    def _corner(self, causes: frozenset[str]) -> pd.Series[float]:
        """kt by pair with some causes wholly in force."""
        if causes not in self._corners:
            shares = dict.fromkeys(causes, 1.0)
            effects = self._tables["effects"]
            tables = {**self._tables, "effects": effects[effects["table"].isin(CHANGED)]}
            changed = self.base.with_(cell_changes(tables, shares))
            changed = changed.with_(trade_changes({name: changed.table(name) for name in TABLES}, shares))
            table = asked(changed, self.year, self.reference)
            self._corners[causes] = table.set_index(ENDS)["kt"].groupby(level=ENDS).sum()
        return self._corners[causes]


def passing(network: Network, routes: Routes, countries: Iterable[str]) -> Bools:
    """Which ways pass a place in one of the `countries`."""
    of_place = dict(network.case.table("places")[["id", "country"]].to_numpy().tolist())
    nodes = network.nodes[["medium", "place"]].to_numpy().tolist()
    inside = set(countries)
    there = np.array([medium not in ("origin", "destination") and of_place[at] in inside for medium, at in nodes])
    at_arc = there[network.arcs["tail"].to_numpy()] | there[network.arcs["head"].to_numpy()]
    passes: Bools = routes.total(at_arc[routes.arcs].astype(np.float64)) > 0
    return passes

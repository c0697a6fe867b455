"""The network of a case in one year: arcs, what they cost each commodity, and what their users share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.network.adjust import adjustments
from bactrian.network.expand import ARC_COLUMNS, Expansion, expand
from bactrian.network.grams import grams_of_arcs
from bactrian.network.paths import Graph

__all__ = ["Network", "build"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DEAREST = 1e6  # USD per tonne of CO2e


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A virtual network of N nodes, A arcs, K commodities and R resources (see `bactrian.network.expand`).

    - `nodes`: place (or zone), medium; zones have the media "origin" and "destination".
    - `arcs`: kind, tail, head, table and row it comes from, mode, means (the kind of mode), km, time_h, spread_h, and
      `resource`.
    - `resources`: what has a capacity: table, row, kind, mode, means, capacity_kt (kt/yr, both directions together) and
      time_h.
    - `commodities`: their ids, in the order of the rows below.
    - `allowed` (K, A): whether the commodity may use the arc; `price` (K, A) in USD/t; `plain_cost` (K, A) in USD/t,
      the generalised cost at no load, price + v (time + r spread); and `cost` (K, A), which also has what the table
      `adjustments` adds and what its CO2e costs at the price of carbon; all nan where not allowed.
    - `scale` (K): how sharply shippers choose the cheaper way, t/USD; `relative_scale` (K), what it is at least, times
      the cost of the cheapest way; and `sharper` (K), the factors that the table `adjustments` puts on it.
    - `wait_cost` (K): USD/t for an hour of waiting: the value of time plus the standing cost of equipment.
    - `resource` (A): index of the resource used, -1 for none.
    - `carbon_usd_per_t`: the price of a tonne of CO2e well to wheel, which shippers pay to no carrier.
    """

    case: Case
    year: int
    nodes: pd.DataFrame
    arcs: pd.DataFrame
    resources: pd.DataFrame
    commodities: tuple[str, ...]
    allowed: Bools
    price: Floats
    plain_cost: Floats
    cost: Floats
    scale: Floats
    relative_scale: Floats
    sharper: Floats
    wait_cost: Floats
    resource: Ints
    _nodes: dict[tuple[str, str], int]
    carbon_usd_per_t: float = 0.0

    def graph(self, commodity: str) -> Graph:
        """The arcs that `commodity` may use."""
        use = np.flatnonzero(self.allowed[self.commodities.index(commodity)])
        tail, head = self.arcs["tail"].to_numpy(), self.arcs["head"].to_numpy()
        return Graph.of(tail[use], head[use], len(self.nodes), use)

    def on_arcs(self, values: Floats) -> Floats:
        """What each arc has of `values`, one number per resource: that of its resource, 0 where it has none."""
        spread: Floats = np.append(values, 0.0)[self.resource]
        return spread

    def origin(self, zone: str) -> int:
        """Node where the goods of `zone` start, -1 if the zone is joined to nothing in this year."""
        return self._nodes.get((zone, "origin"), -1)

    def destination(self, zone: str) -> int:
        """Node where the goods for `zone` end, -1 if the zone is joined to nothing in this year."""
        return self._nodes.get((zone, "destination"), -1)


def build(case: Case, year: int, carbon_usd_per_t: float = 0.0) -> Network:
    """Build the network of `case` as it is open in `year`, each arc with its CO2e at a price.

    Raises CaseError if nothing is open, or if a means of transport has no factor for a price to act on; SolveError for
    a price that is none.

    >>> from bactrian.case import load
    >>> network = build(load("transcaspian"), 2021)
    >>> network.allowed.shape == (len(network.commodities), len(network.arcs))
    True
    """
    if not 0 <= carbon_usd_per_t <= DEAREST:
        raise SolveError(f"a price of carbon of {carbon_usd_per_t:g}: name one from 0 to {DEAREST:g} USD/t")
    laid = expand(case, year)
    if not laid.arcs:
        remedy = "open a link by its columns opens and closes, and give a zone access to it"
        raise CaseError([Finding("links", 0, "opens", f"no link is open in {year}", remedy)])
    arcs = pd.DataFrame(laid.arcs, columns=ARC_COLUMNS)
    means = dict(case.table("modes")[["id", "kind"]].to_numpy().tolist())
    arcs["means"] = arcs["mode"].map(means)
    resource, resources = _resources(arcs)
    goods = case.table("commodities")
    allowed, price = _carried(arcs, goods, _countries(case, arcs, laid))
    value = goods["value_of_time_usd_per_t_h"].to_numpy(dtype=np.float64)
    adjusted = adjustments(case, arcs)
    resources["capacity_kt"] *= adjusted.capacity_of(resources["row"])
    times = arcs["time_h"].to_numpy() + np.outer(goods["reliability"], arcs["spread_h"])
    plain = price + value[:, None] * times
    adjusted.check(plain)
    return Network(
        case=case,
        year=year,
        nodes=pd.DataFrame(list(laid.nodes), columns=["place", "medium"]),
        arcs=arcs.drop(columns=["capacity_kt", "commodities", "usd_per_t", "usd_per_teu"]).assign(resource=resource),
        resources=resources,
        commodities=tuple(goods["id"]),
        allowed=allowed,
        price=price,
        cost=plain + adjusted.cost + _carbon(case, arcs, allowed, carbon_usd_per_t),
        plain_cost=plain,
        scale=goods["scale_per_usd_t"].to_numpy(dtype=np.float64),
        relative_scale=goods["relative_scale"].to_numpy(dtype=np.float64),
        sharper=adjusted.scale,
        wait_cost=value + goods["standing_usd_per_t_h"].to_numpy(dtype=np.float64),
        resource=resource,
        _nodes=laid.nodes,
        carbon_usd_per_t=float(carbon_usd_per_t),
    )


def _carbon(case: Case, arcs: pd.DataFrame, allowed: Bools, usd_per_t: float) -> Floats | float:
    """What the CO2e of a tonne costs on each arc, USD/t (K, A): nothing at no price."""
    if not usd_per_t:
        return 0.0
    grams = grams_of_arcs(case, arcs, "wtw")
    if unknown := sorted(set(arcs["mode"].to_numpy()[(np.isnan(grams) & allowed).any(axis=0)])):
        rule, remedy = "has no factor for {!r}, whose carbon is to be priced", "add a row for it, or ask for no price"
        raise CaseError([Finding("emissions", 0, "applies", rule.format(mode), remedy) for mode in unknown])
    return grams * usd_per_t / 1e6


def _resources(arcs: pd.DataFrame) -> tuple[Ints, pd.DataFrame]:
    """All arcs of one row share its capacity: both directions of a link, all movements of a terminal."""
    scarce = arcs.index[arcs["capacity_kt"].notna()]
    codes, _ = pd.MultiIndex.from_frame(arcs.loc[scarce, ["table", "row"]]).factorize()
    resource = np.full(len(arcs), -1, dtype=np.int64)
    resource[scarce] = codes
    first = scarce[np.unique(codes, return_index=True)[1]] if len(scarce) else scarce
    columns = ["table", "row", "kind", "mode", "means", "capacity_kt", "time_h"]
    return resource, arcs.loc[first, columns].reset_index(drop=True)


def _countries(case: Case, arcs: pd.DataFrame, laid: Expansion) -> pd.DataFrame:
    """Country of the place at either end of each arc, `tail` and `head`; nan where the end is a zone."""
    of_place = dict(case.table("places")[["id", "country"]].to_numpy().tolist())
    of_node = pd.Series(
        [None if medium in ("origin", "destination") else of_place[place] for place, medium in laid.nodes], dtype=object
    )
    return pd.DataFrame({end: arcs[end].map(of_node) for end in ("tail", "head")})


def _carried(arcs: pd.DataFrame, goods: pd.DataFrame, countries: pd.DataFrame) -> tuple[Bools, Floats]:
    """Which arcs each commodity may use, and their price in USD/t: an empty price means that it is not carried."""
    loose, container = arcs["usd_per_t"].to_numpy(), arcs["usd_per_teu"].to_numpy()
    only = [set(text.split()) for text in arcs["commodities"]]
    price = np.full((len(goods), len(arcs)), np.nan)
    one: Any
    for k, one in enumerate(goods.itertuples()):
        modes = one.modes.split()
        price[k] = loose if one.form == "loose" else container / one.t_per_teu
        fits = arcs["mode"].isin(modes) & arcs["other_mode"].isin(modes)
        serves = np.array([not named or one.id in named for named in only], dtype=bool)
        shunned = countries.isin(one.avoids.split()).to_numpy().any(axis=1)
        price[k, ~(fits.to_numpy() & serves) | shunned] = np.nan
    return ~np.isnan(price), price

"""Published times and prices of whole routes beside what the model says of the same route.

The model's way is the one of least generalised cost, without queues, from one end of the quote to the other that passes
its `via` in order. It begins and ends at the places themselves: handling at either end is not in it. What must be
passed on the way is had by a graph in layers, one for each part of the way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.network import Graph

__all__ = ["against_quotes", "typical_commodity"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TEU_PER_UNIT = {"teu": 1.0, "feu": 2.0}


def against_quotes(flows: Flows) -> pd.DataFrame:
    """The case's quotes for the year of the flows, each with what the model says.

    Columns of `quotes` from id to year, and: `commodity` that the model takes, the one of that form with most tonnes;
    `km`; `days` without and `days_waiting` with the waiting under the flows; `usd` for one unit of the quote, a 40-foot
    box taken as two of 20 feet (nan where the quote has no price); `rows`, the links and terminals passed. Where no way
    exists, nan and no rows.

    >>> import bactrian as ba
    >>> table = against_quotes(ba.run("transcaspian", year=2024)).set_index("id")
    >>> table.loc["KZHOR-AZBAK-titr", "rows"].split()[0]
    'KZHOR-KZALA-rail'
    """
    quotes = flows.network.case.table("quotes")
    quotes = quotes[quotes["year"] == flows.network.year].reset_index(drop=True)
    columns = ["id", "name", "form", "days_low", "days_high", "usd_low", "usd_high", "price_unit", "year", "seen"]
    told = [_answer(flows, one) for one in quotes.rename(columns={"from": "from_"}).itertuples()]
    answers = pd.DataFrame(told, columns=["commodity", "km", "days", "days_waiting", "usd", "rows"])
    return pd.concat([quotes[columns], answers], axis=1)


def _answer(flows: Flows, quote: Any) -> tuple[str, float, float, float, float, str]:
    network = flows.network
    commodity = typical_commodity(flows, quote.form)
    if not commodity:
        return "", np.nan, np.nan, np.nan, np.nan, ""
    k = network.commodities.index(commodity)
    wait = network.on_arcs(flows.resources["wait_h"].to_numpy())
    way = _way(flows, commodity, network.cost[k], quote.from_, quote.to, quote.via.split())
    if not way.size:
        return commodity, np.nan, np.nan, np.nan, np.nan, ""
    arcs = network.arcs.loc[way]
    hours = float(arcs["time_h"].sum())
    tonnes = TEU_PER_UNIT.get(quote.price_unit, 0.0) * network.case.table("commodities")["t_per_teu"].to_numpy()[k]
    usd = float(network.price[k, way].sum()) * (1.0 if quote.price_unit == "t" else tonnes)
    rows = " ".join(dict.fromkeys(arcs["row"]))
    days_waiting = (hours + float(wait[way].sum())) / 24
    return commodity, float(arcs["km"].sum()), hours / 24, days_waiting, usd if quote.price_unit else np.nan, rows


def typical_commodity(flows: Flows, form: str) -> str:
    """The commodity of a cargo form that most tonnes are carried of; none if no commodity has that form."""
    goods = flows.network.case.table("commodities")
    tonnes = flows.pairs["kt"].groupby(flows.network.case.counted_as(flows.pairs["commodity"])).sum()
    rank = goods["id"].map(tonnes).fillna(0.0).where(goods["form"] == form, -1.0)
    return flows.network.commodities[int(np.argmax(rank.to_numpy()))] if (rank >= 0).any() else ""


def _way(flows: Flows, commodity: str, cost: Floats, one: str, other: str, via: list[str]) -> Ints:
    """Arcs of the cheapest way between two places by way of others, in order; none if there is no such way."""
    network = flows.network
    size, layers = len(network.nodes), len(via) + 1
    inside = network.allowed[network.commodities.index(commodity)]
    inside = np.flatnonzero(inside & ~network.arcs["kind"].isin(["load", "unload"]).to_numpy())
    tail, head = network.arcs["tail"].to_numpy()[inside], network.arcs["head"].to_numpy()[inside]
    place, row = network.nodes["place"].to_numpy(), network.arcs["row"].to_numpy()[inside]
    tails, heads, numbers = [], [], []
    for layer in range(layers):
        tails.append(tail + layer * size)
        heads.append(head + layer * size)
        numbers.append(inside)
        if layer < len(via):
            passing = row == via[layer]  # a link or terminal leads to the next layer, as being at a place does
            stay = np.flatnonzero(place == via[layer])
            tails += [tail[passing] + layer * size, stay + layer * size]
            heads += [head[passing] + (layer + 1) * size, stay + (layer + 1) * size]
            numbers += [inside[passing], np.full(stay.size, -1)]
    start = np.flatnonzero(place == one)
    source = layers * size
    tails.append(np.full(start.size, source))
    heads.append(start)
    numbers.append(np.full(start.size, -1))
    number = np.concatenate(numbers).astype(np.int64)
    graph = Graph.of(np.concatenate(tails).astype(np.int64), np.concatenate(heads).astype(np.int64), source + 1)
    arc_cost = np.where(number >= 0, np.append(cost, 0.0)[number], 0.0)
    reached, last = graph.from_(arc_cost, source)
    ends = np.flatnonzero(place == other) + (layers - 1) * size
    if not np.isfinite(reached[ends]).any():
        return np.empty(0, dtype=np.int64)
    at = int(ends[np.argmin(reached[ends])])
    way = []
    while last[at] >= 0:
        way.append(int(number[last[at]]))
        at = int(graph.tail[last[at]])
    return np.array([arc for arc in reversed(way) if arc >= 0], dtype=np.int64)

"""A network with some rows of its tables changed, without laying it anew: for thousands of variants of one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bactrian.network.build import Network

__all__ = ["Rows", "revised"]

Floats = NDArray[np.float64]
Rows = Mapping[tuple[str, str], Mapping[str, Any]]
"""Cells by table (links, terminals or access) and row."""


def revised(network: Network, rows: Rows) -> Network:
    """Return `network` with the cells `rows`: times, prices, capacities, and whether a row is open in the year.

    Arcs and nodes stay as they are, so a row that is to open must be open in `network`; the arcs of one that is closed
    may be used by nobody and cost nothing that is a number. A capacity can be changed, not given where there is none.

    >>> from bactrian.case import load
    >>> from bactrian.network import build
    >>> network = build(load("transcaspian"), 2021)
    >>> slower = revised(network, {("terminals", "KZAAU-port"): {"time_h": 100.0}})
    >>> bool(np.nanmin(slower.cost - network.cost) >= 0 and np.nanmax(slower.cost - network.cost) > 0)
    True
    """
    goods = network.case.table("commodities")
    loose = (goods["form"] == "loose").to_numpy()
    boxes = 1 / goods["t_per_teu"].to_numpy(dtype=np.float64)
    value = goods["value_of_time_usd_per_t_h"].to_numpy(dtype=np.float64)
    spread_value = value * goods["reliability"].to_numpy(dtype=np.float64)
    extra = network.cost - network.plain_cost
    price, plain, allowed = network.price.copy(), network.plain_cost.copy(), network.allowed.copy()
    arcs, resources = network.arcs.copy(), network.resources.copy()
    place = {row: at for at, row in enumerate(zip(resources["table"], resources["row"], strict=True))}
    capacity, free = resources["capacity_kt"].to_numpy().copy(), resources["time_h"].to_numpy().copy()
    hours, spread = arcs["time_h"].to_numpy().copy(), arcs["spread_h"].to_numpy().copy()
    uses = _uses(network, rows)
    for row, cells in rows.items():
        at, resource = uses[row], place.get(row, -1)
        if not _open(cells, network.year):
            allowed[:, at] = False
            for one in (price, plain):
                one[:, at] = np.nan
            continue
        hours[at] = cells.get("time_h", hours[at])
        spread[at] = cells.get("spread_h", spread[at])
        if "usd_per_t" in cells:
            price[np.ix_(loose, at)] = float(cells["usd_per_t"])
        if "usd_per_teu" in cells:
            price[np.ix_(~loose, at)] = float(cells["usd_per_teu"]) * boxes[~loose, None]
        price[:, at] = np.where(network.allowed[:, at], price[:, at], np.nan)
        allowed[:, at] = ~np.isnan(price[:, at])
        plain[:, at] = price[:, at] + np.outer(value, hours[at]) + np.outer(spread_value, spread[at])
        if resource >= 0:
            free[resource] = cells.get("time_h", free[resource])
            capacity[resource] *= _grown(network, *row, cells)
    return replace(
        network,
        arcs=arcs.assign(time_h=hours, spread_h=spread),
        resources=resources.assign(capacity_kt=capacity, time_h=free),
        allowed=allowed,
        price=price,
        plain_cost=plain,
        cost=plain + extra,
    )


def _uses(network: Network, rows: Rows) -> dict[tuple[str, str], NDArray[np.int64]]:
    """The arcs of each of the `rows`."""
    found: dict[tuple[str, str], list[int]] = {row: [] for row in rows}
    for arc, row in enumerate(zip(network.arcs["table"], network.arcs["row"], strict=True)):
        if row in found:
            found[row].append(arc)
    return {row: np.array(at, dtype=np.int64) for row, at in found.items()}


def _grown(network: Network, table: str, row: str, cells: Mapping[str, Any]) -> float:
    """By what a capacity grows; a calibrated one, which differs from its cell, grows in the same proportion."""
    if "capacity_kt" not in cells:
        return 1.0
    known = network.case.table(table).set_index("id")["capacity_kt"]
    return float(cells["capacity_kt"]) / float(known[row])


def _open(cells: Mapping[str, Any], year: int) -> bool:
    opens, closes = (cells.get(column) for column in ("opens", "closes"))
    late = opens is not None and opens > year  # what is not a number is neither late nor over
    return not late and not (closes is not None and closes <= year)

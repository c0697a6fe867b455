"""A network with some rows of its tables changed, without laying it anew: for thousands of variants of one case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.network.build import Network

__all__ = ["Revision", "Rows"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NONE: Ints = np.zeros(0, dtype=np.int64)
Row = tuple[str, str]
Rows = Mapping[Row, Mapping[str, Any]]
"""Cells by table (links, terminals or access) and row."""


class Revision:
    """Revisions of one `network`: `of` returns it with some cells changed.

    Cells are times, prices, capacities, and whether a row is open in the year. Arcs and nodes stay as they are, so a
    row that is to open must be open in `network`; the arcs of one that is closed may be used by nobody and cost nothing
    that is a number. The same holds for what is done at a place in a medium that has no open link there: no wagon of a
    gauge is loaded where its only line is shut. A capacity can be changed, not given where there is none.

    >>> from bactrian.case import load
    >>> from bactrian.network import build
    >>> network = build(load("transcaspian"), 2021)
    >>> slower = Revision(network).of({("terminals", "KZAAU-port"): {"time_h": 100.0}})
    >>> bool(np.nanmin(slower.cost - network.cost) >= 0 and np.nanmax(slower.cost - network.cost) > 0)
    True
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        goods = network.case.table("commodities")
        self.loose = (goods["form"] == "loose").to_numpy()
        self.boxes = 1 / goods["t_per_teu"].to_numpy(dtype=np.float64)
        self.value = goods["value_of_time_usd_per_t_h"].to_numpy(dtype=np.float64)
        self.spread_value = self.value * goods["reliability"].to_numpy(dtype=np.float64)
        self.extra = network.cost - network.plain_cost
        self.resource = _places(network.resources)
        arcs: dict[Row, list[int]] = {}
        for at, row in enumerate(_rows(network.arcs)):
            arcs.setdefault(row, []).append(at)
        self.arcs = {row: np.array(at, dtype=np.int64) for row, at in arcs.items()}
        self.stations = _stations(network)
        self.capacity = {
            (table, row): float(kt)
            for table in {table for table, _ in self.resource}
            for row, kt in network.case.table(table).set_index("id")["capacity_kt"].items()
        }

    def uses(self, row: Row) -> tuple[Ints, int]:
        """The arcs of a row, and its resource or -1."""
        return self.arcs.get(row, NONE), self.resource.get(row, -1)

    def of(self, rows: Rows) -> Network:
        """The network with the cells `rows`."""
        network = self.network
        price, plain, allowed = network.price.copy(), network.plain_cost.copy(), network.allowed.copy()
        capacity, free = (network.resources[one].to_numpy().copy() for one in ("capacity_kt", "time_h"))
        hours, spread = (network.arcs[one].to_numpy().copy() for one in ("time_h", "spread_h"))
        shut = self._shut(rows)
        for row, cells in rows.items():
            at, resource = self.uses(row)
            if not _open(cells, network.year):
                continue
            hours[at] = cells.get("time_h", hours[at])
            spread[at] = cells.get("spread_h", spread[at])
            if "usd_per_t" in cells:
                price[np.ix_(self.loose, at)] = float(cells["usd_per_t"])
            if "usd_per_teu" in cells:
                price[np.ix_(~self.loose, at)] = float(cells["usd_per_teu"]) * self.boxes[~self.loose, None]
            price[:, at] = np.where(network.allowed[:, at], price[:, at], np.nan)
            allowed[:, at] = ~np.isnan(price[:, at])
            waited = np.outer(self.value, hours[at]) + np.outer(self.spread_value, spread[at])
            plain[:, at] = price[:, at] + waited
            if resource >= 0:
                free[resource] = cells.get("time_h", free[resource])
                if "capacity_kt" in cells:  # a calibrated one, which differs from its cell, grows in proportion
                    capacity[resource] *= float(cells["capacity_kt"]) / self.capacity[row]
        allowed[:, shut] = False
        price[:, shut] = plain[:, shut] = np.nan
        return replace(
            network,
            arcs=network.arcs.assign(time_h=hours, spread_h=spread),
            resources=network.resources.assign(capacity_kt=capacity, time_h=free),
            allowed=allowed,
            price=price,
            plain_cost=plain,
            cost=plain + self.extra,
        )

    def _shut(self, rows: Rows) -> Ints:
        """The arcs that nobody may use: those of closed rows, and of media of a place whose links are all closed."""
        closed = {row for row, cells in rows.items() if not _open(cells, self.network.year)}
        idle = [arcs for links, arcs in self.stations if links <= closed]
        return np.unique(np.concatenate([NONE, *(self.uses(row)[0] for row in closed), *idle]))


def _stations(network: Network) -> list[tuple[frozenset[Row], Ints]]:
    """Links that end at a place in a medium, and the arcs for what is done to that medium there.

    Left out is what goods may be loaded on though no link of the case brings it there.
    """
    nodes, arcs = network.nodes, network.arcs
    of_node = list(zip(nodes["place"], nodes["medium"].str.split(",").str[0], strict=True))
    access = network.case.table("access")
    served = {
        (place, mode) for place, modes in zip(access["place"], access["modes"], strict=True) for mode in modes.split()
    }
    links: dict[tuple[str, str], set[Row]] = {}
    others: dict[tuple[str, str], list[int]] = {}
    ends = zip(_rows(arcs), arcs["kind"].tolist(), arcs["tail"].tolist(), arcs["head"].tolist(), strict=True)
    for at, (row, kind, tail, head) in enumerate(ends):
        for station in {of_node[tail], of_node[head]}:
            if kind == "move":
                links.setdefault(station, set()).add(row)
            else:
                others.setdefault(station, []).append(at)
    return [
        (frozenset(links[station]), np.array(others.get(station, []), dtype=np.int64))
        for station in links
        if station not in served
    ]


def _rows(table: pd.DataFrame) -> Iterator[Row]:
    return zip(table["table"].tolist(), table["row"].tolist(), strict=True)


def _places(table: pd.DataFrame) -> dict[Row, int]:
    return {row: at for at, row in enumerate(_rows(table))}


def _open(cells: Mapping[str, Any], year: int) -> bool:
    opens, closes = (cells.get(column) for column in ("opens", "closes"))
    late = opens is not None and opens > year  # what is not a number is neither late nor over
    return not late and not (closes is not None and closes <= year)

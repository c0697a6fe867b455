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
    that is a number. A capacity can be changed, not given where there is none.

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
        for row, cells in rows.items():
            at, resource = self.uses(row)
            if not _open(cells, network.year):
                allowed[:, at] = False
                for one in (price, plain):
                    one[:, at] = np.nan
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
        return replace(
            network,
            arcs=network.arcs.assign(time_h=hours, spread_h=spread),
            resources=network.resources.assign(capacity_kt=capacity, time_h=free),
            allowed=allowed,
            price=price,
            plain_cost=plain,
            cost=plain + self.extra,
        )


def _rows(table: pd.DataFrame) -> Iterator[Row]:
    return zip(table["table"].tolist(), table["row"].tolist(), strict=True)


def _places(table: pd.DataFrame) -> dict[Row, int]:
    return {row: at for at, row in enumerate(_rows(table))}


def _open(cells: Mapping[str, Any], year: int) -> bool:
    opens, closes = (cells.get(column) for column in ("opens", "closes"))
    late = opens is not None and opens > year  # what is not a number is neither late nor over
    return not late and not (closes is not None and closes <= year)

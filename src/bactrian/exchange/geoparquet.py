"""The links of a run as one GeoParquet 1.1 file, with kt/yr and utilisation."""

from __future__ import annotations

from pathlib import Path

from bactrian.assign import Flows
from bactrian.exchange.loss import Loss
from bactrian.exchange.parquet import put
from bactrian.exchange.results import link_flows, tables_of

__all__ = ["write"]


def write(flows: Flows, path: Path) -> list[Loss]:
    """Write the links that are open in the year of the run; the tables that have no place on the map are told."""
    put(path, *link_flows(flows))
    return [Loss(name, "", len(table), "a GeoParquet file holds one table") for name, table in tables_of(flows).items()]

"""The cube of a run as netCDF 4, for xarray and other programs that know dimensions."""

from __future__ import annotations

from pathlib import Path

from bactrian.assign import Flows
from bactrian.exchange.loss import Loss
from bactrian.exchange.results import link_flows, tables_of
from bactrian.formats.outside import library

__all__ = ["write"]


def write(flows: Flows, path: Path) -> list[Loss]:
    """Write `flows.cube()`; what has no two zones, links, ways and resources, is told.

    Raises LibraryError without xarray, h5netcdf and h5py.
    """
    library("h5py", "netCDF")
    library("h5netcdf", "netCDF")
    cube = flows.cube()
    packed = {name: {"zlib": True, "complevel": 1} for name in cube.data_vars}
    cube.to_netcdf(path, engine="h5netcdf", encoding=packed)
    others = {
        "link_flows": link_flows(flows)[0],
        **tables_of(flows),
        "pairs": flows.pairs[flows.pairs["stranded"] != ""],
    }
    columns = {
        "pairs": "stranded"
    }  # why tonnes are stranded; the rest of pairs and corridors is in the cube or its sums
    return [
        Loss(name, columns.get(name, ""), len(table), "the cube holds figures between zones")
        for name, table in others.items()
        if name != "corridor_flows" and len(table)
    ]

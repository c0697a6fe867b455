"""All files of a run: its result and tables, and its maps."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bactrian.assign import Flows
from bactrian.draw.map import corridor_map, detail_extent
from bactrian.draw.paper import save_map
from bactrian.report import save

__all__ = ["save_run"]


def save_run(flows: Flows, folder: Path, between: Iterable[tuple[str, str]] = ()) -> list[Path]:
    """Write result, tables and maps: of the whole, and of the surroundings of the case's first corridor.

    Raises CaseError when the folder cannot be written.
    """
    written = save(flows, folder, between)
    written += save_map(corridor_map(flows), folder)
    if extent := detail_extent(flows.network.case):
        written += save_map(corridor_map(flows, extent=extent), folder, "map-detail")
    return written

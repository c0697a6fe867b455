"""The tables of a run that go into files of other tools."""

from __future__ import annotations

import pandas as pd

from bactrian.assign import Flows
from bactrian.exchange.shapes import Line, lines

__all__ = ["link_flows", "tables_of"]


def link_flows(flows: Flows) -> tuple[pd.DataFrame, list[Line]]:
    """The links of a run, with kt/yr of both directions together and utilisation, and the line of each."""
    links = flows.network.case.table("links")[["id", "from", "to", "mode", "length_km", "capacity_kt"]]
    table = links.merge(flows.links().rename(columns={"link": "id"}), on="id")
    shapes = lines(flows.network.case)
    return table, [shapes[key] for key in table["id"]]


def tables_of(flows: Flows) -> dict[str, pd.DataFrame]:
    """All other tables of a run by name: pairs, ways, resources, and sums by corridor and commodity."""
    return {
        "pairs": flows.pairs,
        "ways": flows.table(),
        "resources": flows.bottlenecks(),
        "corridor_flows": flows.by("corridor", "commodity"),
    }

"""The network: typed arcs, what they cost, and the ways through them."""

from bactrian.network.adjust import held_by, uses_of
from bactrian.network.build import Network, build
from bactrian.network.paths import Graph, outgoing, shortest_paths
from bactrian.network.revise import Revision, Rows

__all__ = [
    "Graph",
    "Network",
    "Revision",
    "Rows",
    "build",
    "held_by",
    "outgoing",
    "shortest_paths",
    "uses_of",
]

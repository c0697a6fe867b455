"""The network: compact arrays and the ways through them."""

from bactrian.network.paths import outgoing, shortest_paths

__all__ = ["outgoing", "shortest_paths"]

"""Assignment: how flows and travel times settle together."""

from bactrian.assign.delay import bpr, conical, queue

__all__ = ["bpr", "conical", "queue"]

"""A first draft of a case, made from the names of places: distances and ways from open graphs, rates assumed."""

from bactrian.drafting.draft import Draft, draft
from bactrian.drafting.gazetteer import Spot, find
from bactrian.drafting.graph import Graph, Way

__all__ = ["Draft", "Graph", "Spot", "Way", "draft", "find"]

"""Drawings of results: the corridor map. Loaded only where something is drawn, as matplotlib is heavy."""

from bactrian.draw.map import corridor_map, detail_extent, save_map

__all__ = ["corridor_map", "detail_extent", "save_map"]

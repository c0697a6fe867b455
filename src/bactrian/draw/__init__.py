"""Drawings of results: maps and the calibration card. Loaded only where something is drawn, as matplotlib is heavy."""

from bactrian.draw.card import card_picture
from bactrian.draw.map import corridor_map, detail_extent, save_map

__all__ = ["card_picture", "corridor_map", "detail_extent", "save_map"]

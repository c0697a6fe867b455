"""Drawings of results: maps and the calibration card. Loaded only where something is drawn, as matplotlib is heavy."""

from bactrian.draw.built import built_map
from bactrian.draw.card import card_picture
from bactrian.draw.critical import critical_map
from bactrian.draw.deal import deal_picture
from bactrian.draw.files import save_run
from bactrian.draw.map import corridor_map, detail_extent
from bactrian.draw.paper import save_map
from bactrian.draw.plan import frontier_picture, programme_picture
from bactrian.draw.stress import change_map, exceedance_picture, time_picture

__all__ = [
    "built_map",
    "card_picture",
    "change_map",
    "corridor_map",
    "critical_map",
    "deal_picture",
    "detail_extent",
    "exceedance_picture",
    "frontier_picture",
    "programme_picture",
    "save_map",
    "save_run",
    "time_picture",
]

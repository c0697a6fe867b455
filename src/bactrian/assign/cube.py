"""Figures of a run between every two zones: by pair, and as a labelled cube."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bactrian.formats.outside import library

__all__ = ["UNITS", "cube_of", "pair_figures"]

UNITS = {
    "kt": ("kt/yr", "tonnes asked for"),
    "carried_kt": ("kt/yr", "tonnes carried"),
    "stranded_kt": ("kt/yr", "tonnes that no way takes"),
    "teu": ("TEU/yr", "container units carried"),
    "cost_usd": ("USD/t", "mean generalised cost"),
    "composite_usd": ("USD/t", "composite generalised cost"),
    "usd": ("USD/t", "mean price"),
    "time_h": ("h", "mean time"),
    "km": ("km", "mean length"),
}
"""Unit and meaning of each figure; those in a year are 0 and all others nan where there is no such trade."""


def pair_figures(pairs: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    """Pairs of a run with the figures of UNITS: sums over their ways, and means by the tonnes that each carries."""
    means = ["usd", "time_h", "km"]
    weighted = ways[means].mul(ways["kt"], axis=0).assign(teu=ways["teu"], kt=ways["kt"])
    sums = weighted.groupby(ways["pair"]).sum().reindex(pairs.index, fill_value=0.0)
    told = sums[means].div(sums["kt"].where(sums["kt"] > 0), axis=0)
    return pairs.assign(**{name: told[name] for name in means}, teu=sums["teu"])


def cube_of(figures: pd.DataFrame, zones: list[str], commodities: list[str], about: Mapping[str, Any]) -> Any:
    """An xarray Dataset over commodity, origin and destination; raise LibraryError without xarray."""
    xarray = library("xarray", "a cube")
    axes = {"commodity": commodities, "origin": zones, "destination": zones}
    places = [pd.Index(labels).get_indexer(pd.Index(figures[axis])) for axis, labels in axes.items()]
    arrays = {}
    for name, (unit, meaning) in UNITS.items():
        cells = np.full([len(labels) for labels in axes.values()], 0.0 if unit.endswith("/yr") else np.nan)
        cells[tuple(places)] = figures[name]
        arrays[name] = (tuple(axes), cells, {"units": unit, "long_name": meaning})
    labels = {axis: (axis, np.array(names, dtype=object)) for axis, names in axes.items()}
    return xarray.Dataset(arrays, coords=labels, attrs=dict(about))

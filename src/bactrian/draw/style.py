"""Colours, widths and letters of the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bactrian.text import visible

__all__ = ["BINS", "COLOURS", "FONT", "SIZES", "Letters", "colour", "dashes", "plain", "width"]

FONT = "DejaVu Sans"

COLOURS = {
    "water": "#d3e5ef",
    "land": "#f6f2e9",
    "border": "#b3a893",
    "coast": "#8fa9b5",
    "frame": "#55606a",
    "unused": "#9a9a9a",
    "unknown": "#8c8c8c",
    "text": "#23282d",
    "exit": "#3a4754",
    "alarm": "#c40000",
}

BINS = ((0.25, "#f9b27c"), (0.5, "#ee6a5a"), (0.75, "#b93778"), (1.0, "#6a1f80"), (np.inf, "#150e37"))
"""Upper bound of the use of capacity and its colour: matplotlib's magma, whose lightness falls for every eye."""

_WIDEST, _LEAST = 7.0, 0.7


@dataclass(frozen=True, slots=True)
class Letters:
    """How a kind of name is written: size and halo in points."""

    size: float
    colour: str
    weight: str = "normal"
    slant: str = "normal"
    halo: float = 2.0


SIZES = {
    "place": Letters(7.2, COLOURS["text"]),
    "route": Letters(7.6, "#0b4f6c", "bold", "italic", 2.4),
    "exit": Letters(7.0, COLOURS["exit"], slant="italic"),
    "country": Letters(7.6, "#9a8f7b", halo=0.0),
    "water": Letters(7.4, "#5d8aa3", slant="italic", halo=0.0),
}


def width(kt: float, most: float) -> float:
    """Width in points of a ribbon of `kt`, where the widest carries `most`: as the square root.

    >>> width(25.0, 100.0)
    3.5
    """
    return max(_WIDEST * float(np.sqrt(kt / most)), _LEAST) if most > 0 else _LEAST


def colour(utilisation: float) -> str:
    """Colour for the use of capacity (a share); grey where none is known.

    >>> colour(float("nan")) == COLOURS["unknown"], colour(2.0) == BINS[-1][1]
    (True, True)
    """
    if not np.isfinite(utilisation):
        return COLOURS["unknown"]
    return next(shade for bound, shade in BINS if utilisation <= bound + 1e-9)


def dashes(family: str, wide: float) -> Any:
    """Line style for matplotlib, whose dashes grow with the width: long for sea, short for pipelines."""
    thin = (max(wide, 2.2) + 1.5) / wide / 1.5
    if family == "sea":
        return (0, (2.6 * thin, 0.8 * thin))
    return (0, (0.9 * thin, 0.5 * thin)) if family == "pipeline" else "solid"


def plain(text: str, most: int = 60) -> str:
    """The text without control and direction marks, cut to `most` letters.

    >>> plain("a" + chr(0x202E) + "b" + chr(7) + "c"), plain("abcdef", 4)
    ('abc', 'abc…')
    """
    return visible(text, most)

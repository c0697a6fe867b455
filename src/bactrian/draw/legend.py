"""The legend: true widths, colours of the use of capacity, and how each family is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from bactrian.draw.style import BINS, COLOURS, colour, dashes, width

__all__ = ["draw_legend", "round_loads"]

_TOP, _ROW = 52.0, 27.0
_NAMES = {"rail": "Rail", "road": "Road", "sea": "Sea", "pipeline": "Pipeline"}


def round_loads(most: float) -> list[float]:
    """At most four round loads (kt/yr) up to `most`, the greatest first.

    >>> round_loads(45040.0)
    [20000.0, 5000.0, 1000.0, 200.0]
    >>> round_loads(0.0)
    []
    """
    if not most > 0:
        return []
    steps = [one * 10.0**power for power in range(9, -4, -1) for one in (5, 2, 1)]
    loads: list[float] = []
    for one in steps:
        if one <= most and (not loads or one <= loads[-1] / 4):
            loads.append(one)
    return loads[:4]


def draw_legend(axes: Axes, most: float, families: set[str]) -> None:
    """Draw the legend on axes whose data are points; `most` is the load of the widest ribbon in kt/yr."""
    left = 12.0
    unit, factor = ("Mt", 1000.0) if most >= 1000 else ("kt", 1.0)
    if most > 0:
        _head(axes, left, f"Load, {unit} a year (both directions)")
        for load in round_loads(most):
            _line(axes, left, 34, color=COLOURS["unknown"], linewidth=width(load, most))
            _text(axes, left + 17, 10, f"{load / factor:g}", ha="center")
            left += 46
    left = 222.0
    _head(axes, left, "Use of capacity")
    bounds = ["to 25 %", "to 50 %", "to 75 %", "to 100 %", "above", "unknown"]
    shades = [shade for _, shade in BINS] + [colour(np.nan)]
    for shade, told in zip(shades, bounds, strict=True):
        axes.add_patch(Rectangle((left, _ROW - 5), 38, 10, facecolor=shade, edgecolor="none"))
        _text(axes, left + 19, 10, told, ha="center")
        left += 40
    left = 482.0
    _head(axes, left, "Drawn as")
    for family in [one for one in _NAMES if one in families]:
        _line(axes, left, 34, color=COLOURS["text"], linewidth=3.0, linestyle=dashes(family, 3.0))
        if family == "road":
            _line(axes, left, 34, color="white", linewidth=0.9)
        _text(axes, left + 17, 10, _NAMES[family], ha="center")
        left += 46
    _line(axes, left, 34, color=COLOURS["unused"], linewidth=0.5)
    _text(axes, left + 17, 10, "unused", ha="center")


def _head(axes: Axes, left: float, told: str) -> None:
    _text(axes, left, _TOP - 5, told, weight="bold")


def _line(axes: Axes, left: float, length: float, **style: Any) -> None:
    axes.add_line(Line2D([left, left + length], [_ROW, _ROW], solid_capstyle="butt", dash_capstyle="butt", **style))


def _text(axes: Axes, x: float, y: float, told: str, ha: Any = "left", weight: str = "normal") -> None:
    axes.text(x, y, told, ha=ha, va="center", fontsize=7.2, fontweight=weight, color=COLOURS["text"], parse_math=False)

"""The calibration card as a picture: how far the model is from each count, on a scale of ratios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from bactrian.draw.style import COLOURS, FONT

__all__ = ["card_picture"]

FITTED, COMPARED = "#0b4f6c", "#ee6a5a"
LEAST, MOST = 0.1, 10.0  # ratios beyond which a point is drawn at the edge


def card_picture(card: pd.DataFrame, title: str) -> Figure:
    """Draw model over count for each compared series of `card` (see `bactrian.measure.against_counts`).

    A grey bar is two standard errors of the count to either side. Points beyond a tenth or ten times are drawn at the
    edge as triangles.
    """
    rows = card.dropna(subset="error").reset_index(drop=True)
    figure = Figure(figsize=(7.2, 1.4 + 0.24 * max(len(rows), 1)), layout="constrained")
    axes: Any = figure.add_subplot()
    axes.axvspan(0.9, 1.1, color="#e8eef2", zorder=0, linewidth=0)
    axes.axvline(1, color=COLOURS["frame"], linewidth=0.8)
    ratio = np.maximum(1 + rows["error"].to_numpy(dtype=np.float64), 1e-9)
    drawn = np.clip(ratio, LEAST, MOST)
    for row, one in enumerate(rows.to_dict("records")):
        reach = np.exp(2 * float(one["spread"]))
        axes.plot([max(1 / reach, LEAST), min(reach, MOST)], [row, row], color="#c9d1d6", linewidth=5, zorder=1)
        fitted = one["use"] == "fit"
        mark = "o" if LEAST < ratio[row] < MOST else "<" if ratio[row] <= LEAST else ">"
        axes.plot(
            drawn[row],
            row,
            mark,
            markersize=6,
            color=FITTED if fitted else COMPARED,
            markerfacecolor=FITTED if fitted else "white",
            zorder=2,
        )
    axes.set_xscale("log")
    axes.set_xlim(LEAST * 0.93, MOST * 1.07)
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=8)
    axes.minorticks_off()
    axes.set_yticks(range(len(rows)), rows["series"], fontsize=7.5, fontfamily=FONT, parse_math=False)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("model over count (grey: two standard errors of the count; shaded: within 10 %)", fontsize=8)
    axes.set_title(title, fontsize=10, loc="left", color=COLOURS["text"], parse_math=False)
    for label, face, edge in (("fitted", FITTED, FITTED), ("only compared", "white", COMPARED)):
        axes.plot([], [], "o", color=edge, markerfacecolor=face, label=label)
    axes.legend(loc="upper right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=7.5, frameon=True, framealpha=0.9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure

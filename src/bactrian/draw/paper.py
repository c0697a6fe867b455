"""Paper that all drawings share: axes in points, ground, names, letters, and files with the same bytes every time.

matplotlib is imported in this room and nowhere else.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

from bactrian.draw.base import Base
from bactrian.draw.labels import Spot
from bactrian.draw.names import Name
from bactrian.draw.style import COLOURS, FONT, SIZES
from bactrian.report.files import write

__all__ = ["as_it_comes", "axes_in_points", "draw_base", "draw_name", "put_text", "samples", "save_map"]

Floats = NDArray[np.float64]


def save_map(figure: Figure, folder: Path, name: str = "map") -> list[Path]:
    """Write the map as SVG and PNG (2000 pixels wide) to `folder`, each whole or not there; same map, same bytes.

    Raises CaseError when the folder cannot be written.
    """
    return [write(folder / f"{name}.{kind}", partial(_save, figure, kind)) for kind in ("svg", "png")]


def _save(figure: Figure, kind: str, path: Path) -> None:
    with as_it_comes():
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(path, format=kind, metadata=metadata, dpi=200)
    if kind == "svg":
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r" *<metadata>.*?</metadata>\n?", "", text, flags=re.DOTALL), encoding="utf-8")


@contextmanager
def as_it_comes() -> Iterator[None]:
    """Matplotlib as it comes, whatever its user has set, and quiet about letters that the font lacks."""
    kinds = ("axes.", "figure.", "font.", "lines.", "patch.", "path.", "savefig.", "svg.", "text.")
    ours = {key: value for key, value in mpl.rcParamsDefault.items() if key.startswith(kinds)}
    ours |= {"svg.hashsalt": "bactrian", "svg.fonttype": "none", "font.family": [FONT]}
    with mpl.rc_context(ours), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def axes_in_points(figure: Figure, box: tuple[float, float, float, float], ground: str) -> Axes:
    """Axes whose data are points from their lower left corner."""
    wide, high = figure.get_size_inches() * 72
    left, bottom, across, up = box
    axes = figure.add_axes((left / wide, bottom / high, across / wide, up / high), facecolor=ground)
    axes.set(xlim=(0, across), ylim=(0, up), xticks=[], yticks=[], autoscale_on=False)
    for side in axes.spines.values():
        side.set_visible(False)
    return axes


def draw_base(axes: Axes, paper: Base) -> None:
    """Draw land and lakes."""
    land = PathCollection(
        [one.path for one in paper.countries],
        facecolors=COLOURS["land"],
        edgecolors=COLOURS["border"],
        linewidths=0.5,
        zorder=1,
    )
    lakes = PathCollection(
        paper.lakes, facecolors=COLOURS["water"], edgecolors=COLOURS["coast"], linewidths=0.35, zorder=1.5
    )
    for group in (land, lakes):
        axes.add_collection(group, autolim=False)


def samples(path: Floats, cost: float, step: float = 4.0) -> Floats:
    """Points along a path of points, with what it costs a name to cover each."""
    far = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = np.arange(0.0, min(far[-1], 5e3), step)
    return np.column_stack([np.interp(at, far, path[:, 0]), np.interp(at, far, path[:, 1]), np.full(len(at), cost)])


def draw_name(axes: Axes, name: Name, spot: Spot) -> None:
    """Write a name at a spot, as its kind is written."""
    style = SIZES[name.kind]
    shared = {"fontsize": style.size, "fontweight": style.weight, "fontstyle": style.slant, "rotation": spot.angle}
    shared |= {"ha": "center", "va": "center", "parse_math": False, "rotation_mode": "anchor"}
    if style.halo:
        halo = axes.text(spot.x, spot.y, name.label.text, color="white", zorder=6, **shared)  # type: ignore[arg-type]
        halo.set_path_effects([withStroke(linewidth=style.halo, foreground="white", alpha=0.85)])
    axes.text(spot.x, spot.y, name.label.text, color=style.colour, zorder=7 if style.halo else 2.5, **shared)  # type: ignore[arg-type]


def put_text(
    figure: Figure,
    size: tuple[float, float],
    at: tuple[float, float],
    told: str,
    points: float,
    weight: str = "normal",
    color: str = COLOURS["text"],
    ha: str = "left",
) -> Text:
    """Write on a figure of some size at a place, both in points."""
    text = Text(at[0] / size[0], at[1] / size[1], told, color=color, fontsize=points, fontweight=weight, ha=ha)
    text.set(va="center", parse_math=False, transform=figure.transFigure)
    figure.add_artist(text)
    return text

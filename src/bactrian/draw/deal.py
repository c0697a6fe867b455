"""A picture of who gains and who pays: the account of each player, and what it has in the end under each rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from bactrian.draw.paper import as_it_comes, axes_in_points, put_text
from bactrian.draw.style import COLOURS, plain

__all__ = ["deal_picture"]

Record = Mapping[str, Any]

MARKS = ("o", "D", "s", "^", "v", "P", "X", "p", "h", "<", ">")
SHADES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#6a1f80")  # Okabe and Ito
GAIN, LOSS = "#c6dbef", "#fdd0a2"
_WIDTH, _MARGIN, _NAMES, _RIGHT, _ROW = 720.0, 12.0, 132.0, 24.0, 30.0
_HEAD, _FOOT, _KEY = 44.0, 40.0, 15.0
_STEPS = (1, 2, 2.5, 5, 10)


def deal_picture(told: Record) -> Figure:
    """Draw a deal from its summary (`bactrian.report.deal_summary`): a bar for what each player gains less what it
    pays before any transfer, and a mark for what it has by each rule.

    >>> from bactrian.sharing import share  # doctest: +SKIP
    >>> from bactrian.report import deal_summary  # doctest: +SKIP
    >>> deal_picture(deal_summary(share(players=["KAZ", "TKM"])))  # doctest: +SKIP
    """
    with as_it_comes():
        answers = [one for one in told["game"]["allocations"] if "shares" in one]
        players = told["players"]
        high = _ROW * len(players)
        keys = -(-(len(answers) + 1) // 4)
        size = (_WIDTH, _FOOT + keys * _KEY + 22 + high + _HEAD)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=200, facecolor="white")
        terms = told["provenance"]["terms"]
        title = f"{told['provenance']['case']}: who gains, who pays, {terms['first']}-{terms['last']}"
        put_text(figure, size, (_MARGIN, size[1] - 14), plain(title, 90), 11, weight="bold")
        words = f"mUSD of {terms['price_year']}, present values; all together gain {told['value_musd']:,.0f}"
        put_text(figure, size, (_MARGIN, size[1] - 30), words, 8)
        bottom = _FOOT + keys * _KEY
        axes = axes_in_points(figure, (0, bottom, _WIDTH, high + 22), "none")
        _draw_rows(axes, players, {one["player"]: one["net"] for one in told["accounts"]}, answers, high)
        _draw_key(axes_in_points(figure, (0, _FOOT - 8, _WIDTH, keys * _KEY + 4), "none"), answers, keys)
        made = told["provenance"]
        foot = f"Made by Bactrian {made['version']} from case content {made['case_hash'][:12]}"
        put_text(figure, size, (_MARGIN, 12), foot, 6.5, color=COLOURS["frame"])
    return figure


def _draw_rows(
    axes: Axes, players: Sequence[Record], nets: Mapping[str, float], answers: Sequence[Record], high: float
) -> None:
    values = [*nets.values(), *(value for one in answers for value in one["shares"].values()), 0.0]
    step = _step(max(values) - min(values))
    low, most = step * (min(values) // step), step * -(-max(values) // step)
    most = most if most > low else low + step
    left, across = _NAMES, _WIDTH - _NAMES - _RIGHT

    def at(value: float) -> float:
        return float(left + across * (value - low) / (most - low))

    for row, _ in enumerate(players):
        if row % 2:
            axes.add_patch(Rectangle((_MARGIN, high - _ROW * (row + 1)), _WIDTH - 2 * _MARGIN, _ROW, color="#f6f7f8"))
    places = 0 if step % 1 == 0 else len(f"{step:g}".partition(".")[2])
    ticks = [low + step * n for n in range(round((most - low) / step) + 1)]
    for tick in ticks:
        strong = abs(tick) < step / 2
        colour = COLOURS["frame"] if strong else "#dfe3e6"
        axes.add_line(Line2D([at(tick)] * 2, [0, high], color=colour, linewidth=0.9 if strong else 0.6, zorder=1.5))
        axes.text(
            at(tick), high + 10, f"{tick:,.{places}f}", ha="center", va="center", fontsize=7, color=COLOURS["text"]
        )
    for row, player in enumerate(players):
        y, name = high - _ROW * (row + 0.5), str(player["id"])
        net = nets[name]
        label = plain(str(player["name"]), 24)
        axes.text(left - 8, y, label, ha="right", va="center", fontsize=8, color=COLOURS["text"], parse_math=False)
        bar = Rectangle(
            (min(at(0), at(net)), y - 9), abs(at(net) - at(0)), 18, color=GAIN if net > 0 else LOSS, zorder=2
        )
        axes.add_patch(bar)
        for place, one in enumerate(answers):
            spot = y + 8.0 * ((place + 0.5) / len(answers) * 2 - 1)
            axes.add_line(_mark(place, at(one["shares"][name]), spot))


def _mark(place: int, x: float, y: float) -> Line2D:
    shade = SHADES[place % len(SHADES)]
    return Line2D(
        [x], [y], marker=MARKS[place % len(MARKS)], markersize=4.6, color=shade, markeredgecolor="white",
        markeredgewidth=0.5, linestyle="none", zorder=4,
    )  # fmt: skip


def _draw_key(axes: Axes, answers: Sequence[Record], rows: int) -> None:
    wide = (_WIDTH - 2 * _MARGIN) / 4
    for place in range(len(answers) + 1):
        x, y = _MARGIN + 8 + wide * (place % 4), _KEY * (rows - place // 4) - 6
        if place == 0:
            axes.add_patch(Rectangle((x - 6, y - 4), 6, 8, color=GAIN))
            axes.add_patch(Rectangle((x, y - 4), 6, 8, color=LOSS))
            words = "gains less costs, unshared"
        else:
            axes.add_line(_mark(place - 1, x, y))
            words = str(answers[place - 1]["rule"])
        axes.text(x + 10, y, words, va="center", fontsize=7.5, color=COLOURS["text"], parse_math=False)


def _step(span: float) -> float:
    """A round distance of ticks, for some six of them."""
    if span <= 0:
        return 1.0
    rough = span / 6
    power = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 1.0
    while power > rough:
        power /= 10
    return next(power * one for one in _STEPS if power * one >= rough)

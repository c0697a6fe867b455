"""Draw the tables of the equilibrium benchmark for the documentation: python benchmarks/draw_equilibrium.py

docs/equilibrium_gaps.svg: CPU seconds against gap per network; docs/equilibrium_growth.svg: CPU seconds to 1e-6 against
links x origins. Both come from the CSV files beside this script, the same bytes for the same tables.
"""

import csv
import io
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
NAMES = {"bactrian": "Bactrian", "aequilibrae": "AequilibraE bfw"}
STYLES = {"bactrian": ("#0072b2", "o"), "pytraf": ("#d55e00", "s"), "aequilibrae": ("#7f7f7f", "^")}
OTHERS = [("#009e73", "D"), ("#cc79a7", "v"), ("#e69f00", "P")]
DODGE = 9.0  # points between two labels at least
NOTE = """Lower and further left is better.

Points: median CPU seconds to gaps of 1e-4,
1e-6, 1e-8 and 1e-10, drawn at the gap that
the checker finds in the flows. One thread,
reading the network not counted.

Line of Bactrian: its own log on the way to
1e-10; its first searches are approximate.

Hollow: stopped at the time limit before
the gap was reached."""
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "bactrian",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "axes.edgecolor": "#888888",
    "xtick.color": "#444444",
    "ytick.color": "#444444",
}

Rows = list[dict[str, str]]


def read(name: str) -> Rows:
    with Path(HERE, name).open(newline="") as file:
        return list(csv.DictReader(file))


def styles(rows: Rows) -> dict[str, tuple[str, str]]:
    known = dict(STYLES)
    for solver in dict.fromkeys(row["solver"] for row in rows):
        if solver not in known:
            known[solver] = OTHERS[(len(known) - len(STYLES)) % len(OTHERS)]
    return known


def save(figure: Any, name: str) -> None:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    plain = re.sub(r"\s*<metadata>.*?</metadata>", "", text.getvalue(), flags=re.DOTALL)
    lines = [line.rstrip() for line in plain.splitlines()]
    Path(DOCS, name).write_text("\n".join(lines) + "\n")


def label(axes: Any, ends: list[tuple[float, float, str, str]]) -> None:
    """Names at the ends of curves, right of the last point or left of it near the edge, moved apart if they collide."""
    figure = axes.figure
    figure.canvas.draw()
    taken: list[tuple[float, float, float, float]] = []
    for x, y, name, colour in sorted(ends, key=lambda end: end[1]):
        across, up = axes.transData.transform((x, y)) * 72 / figure.dpi
        right_edge = axes.bbox.x1 * 72 / figure.dpi
        wide = 4.9 * len(name)
        left = across + 7 + wide > right_edge + 4
        start = across - 7 - wide if left else across + 7
        high = up - 8 if left else up
        while any(start < b and a < start + wide and abs(high - c) < DODGE for a, b, c, _ in taken):
            high += 2
        taken.append((start, start + wide, high, up))
        place = (-7 if left else 7, high - up)
        side = "right" if left else "left"
        axes.annotate(
            name,
            (x, y),
            place,
            textcoords="offset points",
            color=colour,
            ha=side,
            va="center",
            fontsize=8,
            weight="bold",
        )


def gaps() -> None:
    table, curves = read("equilibrium.csv"), read("equilibrium_log.csv")
    style = styles(table)
    networks = list(dict.fromkeys(row["network"] for row in table))
    figure = Figure(figsize=(10.2, 6.4))
    panels = figure.subplots(2, 3)
    for axes, network in zip(panels.flat, networks, strict=False):
        rows = [row for row in table if row["network"] == network]
        axes.set(xscale="log", yscale="log", ylim=(5e-14, 3e-2))
        axes.set_title(
            f"{network}  ({int(rows[0]['links']):,} links, {rows[0]['origins']} origins)", fontsize=9, loc="left"
        )
        ends, broken = [], []
        for solver in dict.fromkeys(row["solver"] for row in rows):
            colour, marker = style[solver]
            mine = [row for row in curves if row["network"] == network and row["solver"] == solver]
            log = [(float(row["cpu_s"]), float(row["gap"])) for row in mine if row["by"] == "log"]
            log = [one for one in log if 0 < one[1] < 1]
            points = [(float(row["cpu_s"]), float(row["gap"])) for row in mine if row["by"] == "checker"]
            late = [row for row in rows if row["solver"] == solver and row["status"] == "not reached" and row["cpu_s"]]
            if log:
                axes.plot(*zip(*log, strict=True), color=colour, lw=1.6)
            elif len(points) + len(late) > 1:
                ends_at = [*points, *((float(row["cpu_s"]), float(row["reached"])) for row in late)]
                axes.plot(*zip(*sorted(ends_at), strict=True), color=colour, lw=1.2)
            if points:
                axes.plot(*zip(*points, strict=True), marker, color=colour, ms=4.5, clip_on=False)
            if late:
                spots = [(float(row["cpu_s"]), float(row["reached"])) for row in late]
                axes.plot(*zip(*spots, strict=True), marker, color=colour, ms=5, mfc="white", clip_on=False)
                points += spots
            if points:
                last = min(points, key=lambda point: point[1])
                ends.append((*last, NAMES.get(solver, solver), colour))
            elif any(row["status"] == "flows broken" for row in rows if row["solver"] == solver):
                broken.append(NAMES.get(solver, solver))
        low, high = axes.get_xlim()
        axes.set_xlim(low / 1.3, high * 2.5)
        label(axes, ends)
        for place, name in enumerate(broken):
            note = f"{name}: flows break\nconservation, time void"
            axes.text(0.98, 0.97 - 0.12 * place, note, transform=axes.transAxes, ha="right", va="top", color="#7f7f7f")
    for axes in panels[:, 0]:
        axes.set_ylabel("relative gap, by the checker")
    for axes in panels.flat[len(networks) - 3 : len(networks)]:
        axes.set_xlabel("CPU seconds of the solve")
    for axes in panels.flat[len(networks) :]:
        axes.axis("off")
    for axes in panels.flat[len(networks) : len(networks) + 1]:
        axes.text(0.0, 0.97, NOTE, transform=axes.transAxes, va="top", color="#333333", fontsize=8.5)
    figure.subplots_adjust(left=0.075, right=0.985, top=0.95, bottom=0.075, hspace=0.28, wspace=0.2)
    save(figure, "equilibrium_gaps.svg")


def growth() -> None:
    table = read("equilibrium_growth.csv")
    style = styles(table)
    figure = Figure(figsize=(7.6, 4.6))
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlabel="links x origins", ylabel="CPU seconds to a relative gap of 1e-6")
    found: dict[tuple[str, bool], list[tuple[float, float, str]]] = defaultdict(list)
    for row in table:
        if row["status"] == "ok":
            size = float(row["links"]) * float(row["origins"])
            grid = row["network"].startswith("grid")
            name = f"{int(row['links']):,} links" if grid else row["network"]
            found[row["solver"], grid].append((size, float(row["cpu_s"]), name))
    ends = []
    for (solver, grid), points in found.items():
        colour, marker = style[solver]
        sizes, times, names = zip(*sorted(points), strict=True)
        axes.plot(sizes, times, marker, color=colour, ms=6, mfc=colour if grid else "white", clip_on=False)
        if grid:
            axes.plot(sizes, times, color=colour, lw=1.4)
            slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
            ends.append((sizes[-1], times[-1], f"{NAMES.get(solver, solver)}\npower {slope:.2f}", colour))
        if solver == "bactrian":
            for size, cpu, name in zip(sizes, times, names, strict=True):
                place, side = ((-3, 8), "right") if name == "Winnipeg" else ((5, -12), "left")
                axes.annotate(
                    name, (size, cpu), place, textcoords="offset points", ha=side, fontsize=7.5, color="#444444"
                )
    low, high = axes.get_xlim()
    axes.set_xlim(low / 1.6, high * 3)
    axes.set_ylim(top=2.5 * axes.get_ylim()[1])
    for size, cpu, name, colour in ends:
        place = (9, 9)
        axes.annotate(
            name, (size, cpu), place, textcoords="offset points", va="center", color=colour, fontsize=8.5, weight="bold"
        )
    text = "Filled: synthetic grids, with the power of growth fitted to them.\nHollow: public networks."
    axes.text(0.015, 0.98, text, transform=axes.transAxes, va="top", color="#333333")
    figure.subplots_adjust(left=0.1, right=0.98, top=0.97, bottom=0.11)
    save(figure, "equilibrium_growth.svg")


def tables() -> None:
    """Write docs/equilibrium_results.md: the figures behind the curves, and the warm restarts."""
    rows = read("equilibrium.csv")
    solvers = list(dict.fromkeys(row["solver"] for row in rows))
    found = {(row["network"], row["solver"], float(row["gap"])): row for row in rows}
    lines = [
        "# Measured times of the user equilibrium",
        "",
        "Written by `benchmarks/draw_equilibrium.py` from the CSV files beside it; not edited by hand. CPU seconds of",
        "the solve, median of five runs after a warm-up (of one where it takes over 20 s), reading not counted, one",
        "thread, all in one run; flows checked by the collection's program. Peak memory is that of the whole process.",
        "",
        f"| network | gap | {' | '.join(NAMES.get(one, one) for one in solvers)} | peak MB, Bactrian | load |",
        "| --- | ---: |" + " ---: |" * (len(solvers) + 2),
    ]
    for network, gap in dict.fromkeys((row["network"], float(row["gap"])) for row in rows):
        cells = [found[network, solver, gap] for solver in solvers if (network, solver, gap) in found]
        times = [f"{float(row['cpu_s']):.4g}" if row["status"] == "ok" else row["status"] for row in cells]
        own = found[network, "bactrian", gap]
        memory, load = f"{float(own['peak_mb']):.0f}", f"{float(own['load_average']):.1f}"
        lines.append(f"| {network} | {gap:.0e} | {' | '.join(times)} | {memory} | {load} |")
    lines += [
        "",
        "Warm restart after one link's capacity changes, cold over warm CPU seconds to 1e-8:",
        "",
        "| network | links | capacity x | median ratio | lowest | highest |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for row in read("equilibrium_warm.csv"):
        ratios = [f"{float(row[name]):.1f}" for name in ("ratio_median", "ratio_min", "ratio_max")]
        lines.append(f"| {row['network']} | {row['links']} | {row['capacity_factor']} | {' | '.join(ratios)} |")
    Path(HERE.parent, "docs", "equilibrium_results.md").write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    with mpl.rc_context(STYLE):
        gaps()
        growth()
    tables()

"""Widen the limits of route sets and see what it changes: python benchmarks/route_sets.py

Runs the built-in case by logit with each limit of `bactrian.assign.routes` raised in turn, with all at once, and with
limits that take all ways for ways of one corridor. Prints a Markdown table: how many ways there are, which corridor's
share of all tonnes changes most, and by how much the tonnes of the corridor titr change. About a minute.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

import bactrian as ba
from bactrian.assign import logit, routes

YEAR = 2021
WIDER = {
    "MOST": ("ways of a pair on one corridor", 20),
    "SHARED": ("cost shared with an earlier way", 0.97),
    "DETOUR": ("times the cost of the best way", 5.0),
    "NEGLIGIBLE": ("times 1/scale dearer than the best", 14.0),
}


def ran(case: ba.Case, limits: dict[str, float], finder: Callable[..., Any] = routes.find_routes) -> ba.Flows:
    """The run of YEAR with other `limits` of the routes, or another way of finding them."""
    with patch.dict(vars(routes), limits), patch.object(logit, "find_routes", finder):
        flows = ba.run(case, YEAR)
    assert flows.certificate.holds
    return flows


def without_corridors(*given: Any) -> set[tuple[int, tuple[int, ...]]]:
    """Find ways as if all ran on one corridor."""
    with patch.object(routes, "corridor_of_arcs", lambda network: np.zeros(len(network.arcs), np.int64)):
        return routes.find_routes(*given)


def shares(flows: ba.Flows) -> pd.Series:
    """Share of all tonnes by corridor, in percent."""
    tonnes = flows.by("corridor").set_index("corridor")["kt"]
    return 100 * tonnes / tonnes.sum()


def main() -> None:
    case = ba.load("transcaspian")
    base = ran(case, {})
    print(f"{case.name} {YEAR}, logit, {len(base.ways)} ways with the limits as they are\n")
    print("| limit | from | to | ways | corridor whose share changes most | share, % | change, points | titr, tonnes |")
    print("| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |")
    trials = [
        (f"{text} | {getattr(routes, name)} | {value}", ran(case, {name: value}))
        for name, (text, value) in WIDER.items()
    ]
    trials += [
        ("all four |  | ", ran(case, {name: value for name, (_, value) in WIDER.items()})),
        ("as if on one corridor |  | ", ran(case, {}, without_corridors)),
    ]
    for text, flows in trials:
        change = shares(flows).sub(shares(base), fill_value=0.0)
        most = str(change.abs().idxmax())
        titr = shares(flows).get("titr", 0.0) / shares(base)["titr"] - 1
        print(f"| {text} | {len(flows.ways)} | {most} | {shares(base)[most]:.1f} | {change[most]:+.2f} | {titr:+.1%} |")


if __name__ == "__main__":
    main()

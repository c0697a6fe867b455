"""A design for machines and spreadsheets: plain figures, and tables of arcs and flows."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from bactrian.design.check import check_design
from bactrian.design.front import Design
from bactrian.design.problem import Problem

__all__ = ["arcs", "flows", "summary"]


def summary(problem: Problem, design: Design) -> dict[str, Any]:
    """What was designed and how sure it is, as plain types; nodes count from 1."""
    checked = check_design(problem, design)
    return {
        "nodes": problem.nodes,
        "arcs": int(problem.tail.size),
        "commodities": int(problem.demand.size),
        "demand": float(problem.demand.sum()),
        "opened": int(design.opened.sum()),
        "value": design.value,
        "fixed_cost": float(problem.fixed[design.opened].sum()),
        "bound": design.bound,
        "gap": design.gap,
        "root_bound": design.root,
        "reached": design.reached,
        "certificate": {
            "holds": checked.holds,
            "value": checked.value,
            "root_bound": checked.root,
            "conservation_error": checked.conservation,
            "capacity_excess": checked.excess,
        },
        "seconds": round(design.log[-1].seconds, 2) if design.log else 0.0,
        "version": version("bactrian"),
    }


def arcs(problem: Problem, design: Design) -> pd.DataFrame:
    """Every arc in the order of the problem: its ends, whether it opens, what it carries and costs."""
    return pd.DataFrame(
        {
            "from": problem.tail + 1,
            "to": problem.head + 1,
            "open": design.opened.astype(np.int64),
            "flow": design.flow.sum(axis=1),
            "capacity": problem.capacity,
            "fixed_cost": np.where(design.opened, problem.fixed, 0.0),
            "flow_cost": (problem.cost * design.flow).sum(axis=1),
        }
    )


def flows(problem: Problem, design: Design) -> pd.DataFrame:
    """What each commodity, counted from 1, sends over each arc that it uses."""
    k, arc = np.nonzero(design.flow.T)
    columns = {"commodity": k + 1, "from": problem.tail[arc] + 1, "to": problem.head[arc] + 1}
    return pd.DataFrame(columns | {"flow": design.flow[arc, k]})

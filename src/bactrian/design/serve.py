"""Whether all demand can be carried when every arc is open, and what keeps it back if not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bactrian.design.problem import Problem, state
from bactrian.errors import SolveError

__all__ = ["serve"]

Floats = NDArray[np.float64]
SHOWN = 5  # commodities and arcs that a message names
LACK = 1e-6  # part of a demand below which it counts as carried


def serve(problem: Problem, useful: NDArray[np.bool_], last: bool = True) -> Floats | None:
    """A cheap flow (A, K) of all demand over `useful` columns with every arc open.

    Where there is none: None, or if there are no columns but these (`last`) a SolveError that names the commodities
    that cannot be carried in full, and the full arcs that are in their way.
    """
    arcs, commodities = problem.cost.shape
    every = np.arange(commodities)
    costs = problem.cost + (problem.fixed / np.maximum(problem.capacity, 1e-9))[:, None]
    dear = 1e3 * (1 + costs[useful].max(initial=0.0) * problem.nodes)
    other = np.zeros((commodities, commodities), dtype=bool)
    other[every, every] = True
    wider = replace(
        problem,
        tail=np.concatenate([problem.tail, problem.origin]),
        head=np.concatenate([problem.head, problem.destination]),
        cost=np.vstack([costs, np.full((commodities, commodities), dear)]),
        capacity=np.concatenate([problem.capacity, problem.demand]),
        fixed=np.zeros(arcs + commodities),
    )
    allowed = np.vstack([useful, other])
    stated = state(wider, allowed, strong=np.zeros_like(allowed), least=np.ones(arcs + commodities))
    loose = np.full(stated.arc.size, np.inf)  # so that a full arc is told by its row alone
    upper = np.concatenate([loose, stated.programme.upper[stated.arc.size :]])
    line = replace(stated.programme, whole=np.zeros_like(stated.programme.whole), upper=upper)
    solved = line.solve()
    if solved.values is None or solved.row_dual is None:
        raise SolveError("demand cannot be carried: the flow over all arcs was not solved")
    flow = stated.flow(solved.values)
    lack = flow[arcs + every, every]
    short = np.flatnonzero(lack > LACK * problem.demand)
    if short.size and not last:
        return None
    if short.size:
        rows = commodities * problem.nodes + np.arange(arcs)
        full = np.flatnonzero((solved.row_dual[rows] < -LACK * dear) & (problem.capacity > 0))
        raise SolveError(_message(problem, lack, short, full))
    return flow[:arcs]


def _message(problem: Problem, lack: Floats, short: NDArray[np.int64], full: NDArray[np.int64]) -> str:
    ends, demand = np.column_stack([problem.origin, problem.destination]) + 1, problem.demand
    named = [f"from node {ends[k, 0]} to node {ends[k, 1]} lacks {lack[k]:g} of {demand[k]:g}" for k in short[:SHOWN]]
    more = f", and {short.size - SHOWN} more commodities" if short.size > SHOWN else ""
    said = "demand cannot be carried with every arc open: " + "; ".join(named) + more
    arcs = [f"{problem.tail[a] + 1}-{problem.head[a] + 1} ({problem.capacity[a]:g})" for a in full[:SHOWN]]
    rest = f", and {full.size - SHOWN} more" if full.size > SHOWN else ""
    reason = f"; the arcs in the way are full: {', '.join(arcs)}{rest}" if arcs else "; no arcs lead there"
    return said + reason + ". Nodes count from 1; add capacity or arcs, or lower demand"

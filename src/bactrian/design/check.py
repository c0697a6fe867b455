"""The certificate of a design: its value, its flows and its root bound, worked out anew by code of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bactrian.design.front import Design
from bactrian.design.problem import Problem

__all__ = ["Checked", "check_design"]

Floats = NDArray[np.float64]

CLOSE = 1e-6  # relative errors up to which a certificate holds


@dataclass(frozen=True, slots=True)
class Checked:
    """What a design really is.

    `conservation`: the largest lack or excess at any node, as a part of the commodity's demand; `excess`: flow above
    capacity, as a part of it, arcs that are closed having none; `value`: the cost recomputed; `root`: the bound that
    the design's prices prove; `holds`: whether errors are within 1e-6, the value is the one told, and no
    bound is above it.
    """

    conservation: float
    excess: float
    value: float
    root: float
    holds: bool


def check_design(problem: Problem, design: Design) -> Checked:
    """Recompute what `design` says of itself; nothing is taken from the solver but the answer.

    >>> from bactrian.design.front import design_network
    >>> problem = Problem(nodes=2, tail=np.array([0]), head=np.array([1]), cost=np.ones((1, 1)), fixed=np.array([5.0]),
    ...     capacity=np.array([3.0]), origin=np.array([0]), destination=np.array([1]), demand=np.array([2.0]))
    >>> checked = check_design(problem, design_network(problem))
    >>> checked.holds, checked.value, round(checked.root, 6)
    (True, 7.0, 7.0)
    """
    conservation = _conservation(problem, design.flow)
    room = np.where(design.opened, problem.capacity, 0.0)
    carried = design.flow.sum(axis=1)
    over = np.maximum(carried - room, 0.0) / np.maximum(problem.capacity, 1e-300)
    excess = float(over[carried > 0].max(initial=0.0))
    value = float(problem.fixed @ design.opened) + sum(
        float(problem.cost[a] @ design.flow[a]) for a in range(problem.tail.size)
    )
    root = _root(problem, design.price)
    near = CLOSE * max(abs(value), 1e-9)
    holds = bool((design.flow >= 0).all()) and conservation <= CLOSE and excess <= CLOSE
    holds = holds and abs(value - design.value) <= near and root <= value + near and design.bound <= value + near
    return Checked(conservation, excess, value, root, holds and abs(root - design.root) <= near)


def _conservation(problem: Problem, flow: Floats) -> float:
    worst = 0.0
    for k in range(problem.demand.size):
        net = np.bincount(problem.tail, flow[:, k], problem.nodes)
        net -= np.bincount(problem.head, flow[:, k], problem.nodes)
        net[problem.origin[k]] -= problem.demand[k]
        net[problem.destination[k]] += problem.demand[k]
        if problem.demand[k] > 0:
            worst = max(worst, float(np.abs(net).max()) / float(problem.demand[k]))
        elif net.any():
            worst = np.inf
    return worst


def _root(problem: Problem, price: Floats) -> float:
    """The Lagrangian bound at the prices, each arc filled from the commodity that gains most."""
    total = 0.0
    for k in range(problem.demand.size):
        total += float(problem.demand[k] * (price[k, problem.destination[k]] - price[k, problem.origin[k]]))
    for a in range(problem.tail.size):
        reduced = problem.cost[a] + price[:, problem.tail[a]] - price[:, problem.head[a]]
        order = np.argsort(reduced, kind="stable")
        order = order[reduced[order] < 0]
        before = np.cumsum(problem.demand[order]) - problem.demand[order]
        filled = np.clip(problem.capacity[a] - before, 0.0, problem.demand[order])
        total += min(float(problem.fixed[a] + reduced[order] @ filled), 0.0)
    return total

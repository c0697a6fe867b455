"""A bound for network design by Lagrangian relaxation of the conservation of flow, and the flow it points at.

With prices π_ik on conservation, the problem falls apart into arcs. Arc a opens when

    f_a + min { Σ_k (c_ak + π_tail,k - π_head,k) x_ak : Σ_k x_ak ≤ u_a, 0 ≤ x_ak ≤ d_k } < 0,

a continuous knapsack. The sum of what open arcs earn, and Σ_k d_k (π_destination,k - π_origin,k), is a bound for every
π; the best one equals the linear programme with all strong inequalities (Crainic, Frangioni and Gendron 2001,
Bundle-based relaxation methods for multicommodity capacitated fixed charge network design, Discrete Applied Mathematics
112). The volume algorithm (Barahona and Anbil 2000, Mathematical Programming 87) climbs, and averages the knapsacks'
answers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from bactrian.design.problem import Problem

__all__ = ["Relaxed", "bound_at", "branch", "climb", "distances", "earned"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pins = NDArray[np.int8]


NODE_ROUNDS, NODE_STEP = 200, 0.005  # of the climb at a node, which starts near its best price


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """A `bound`, the `price` (K, N) it holds at, what each arc adds when open (`extra`, below 0: it earns), and the
    averaged flow (A, K) and openings (A): nearly conserved, an answer to the linear programme but for small errors."""

    bound: float
    price: Floats
    extra: Floats
    flow: Floats
    opened: Floats


@njit(cache=True)
def _relax(tail, head, cost, capacity, fixed, demand, pin, price, flow, extra):  # type: ignore[no-untyped-def]
    """Fill `flow` (A, K) of the open arcs and `extra` (A); return the sum of what arcs earn."""
    arcs, commodities = cost.shape
    reduced = np.empty(commodities)
    which = np.empty(commodities, dtype=np.int64)
    total = 0.0
    for a in range(arcs):
        count = 0
        asked = 0.0
        if pin[a] < 0:
            flow[a, :] = 0.0
            extra[a] = np.inf
            continue
        t, h = tail[a], head[a]
        for k in range(commodities):
            flow[a, k] = 0.0
            one = cost[a, k] + price[k, t] - price[k, h]
            if one < 0.0:
                reduced[count] = one
                which[count] = k
                asked += demand[k]
                count += 1
        worth = fixed[a]
        room = capacity[a]
        if asked <= room:
            for spot in range(count):
                amount = demand[which[spot]]
                worth += reduced[spot] * amount
                flow[a, which[spot]] = amount
        else:
            order = np.argsort(reduced[:count])
            for spot in order:
                amount = min(demand[which[spot]], room)
                worth += reduced[spot] * amount
                flow[a, which[spot]] = amount
                room -= amount
                if room <= 0.0:
                    break
        extra[a] = worth
        if worth < 0.0 or pin[a] > 0:
            total += worth
        else:
            for spot in range(count):
                flow[a, which[spot]] = 0.0
    return total


@njit(cache=True)
def _lack(tail, head, origin, destination, demand, flow, lack):  # type: ignore[no-untyped-def]
    """Fill `lack` (K, N), by how much conservation is broken: the slope of the bound in the prices."""
    arcs, commodities = flow.shape
    lack[:] = 0.0
    for k in range(commodities):
        lack[k, destination[k]] += demand[k]
        lack[k, origin[k]] -= demand[k]
    for a in range(arcs):
        t, h = tail[a], head[a]
        for k in range(commodities):
            if flow[a, k] != 0.0:
                lack[k, t] += flow[a, k]
                lack[k, h] -= flow[a, k]


def _arrays(problem: Problem, pin: Pins | None) -> tuple[Ints, Ints, Floats, Floats, Floats, Floats, Pins]:
    pins = np.zeros(problem.tail.size, dtype=np.int8) if pin is None else pin
    return problem.tail, problem.head, problem.cost, problem.capacity, problem.fixed, problem.demand, pins


def bound_at(problem: Problem, price: Floats, pin: Pins | None = None) -> tuple[float, Floats, Floats]:
    """The bound at a price, what each arc adds when open, and the flow of the open ones.

    `pin` (A) forces arcs: 1 open, -1 closed, 0 as it pays.
    """
    flow, extra = np.empty(problem.cost.shape), np.empty(problem.tail.size)
    total: float = _relax(*_arrays(problem, pin), price, flow, extra)
    return total + earned(problem, price), extra, flow


def earned(problem: Problem, price: Floats) -> float:
    """What demand pays at a price: Σ_k d_k (π_destination,k - π_origin,k)."""
    k = np.arange(problem.demand.size)
    return float(problem.demand @ (price[k, problem.destination] - price[k, problem.origin]))


def distances(problem: Problem, cost: Floats) -> Floats:
    """The cheapest way of each commodity from its origin to every node (K, N), at a cost by arc and commodity."""
    found = np.empty((problem.demand.size, problem.nodes))
    same = bool((cost == cost[:, :1]).all())
    for k in range(problem.demand.size):
        if k == 0 or not same:
            order = np.argsort(-cost[:, k], kind="stable")  # of parallel arcs the cheapest stays
            dense = np.full((problem.nodes, problem.nodes), np.inf)
            dense[problem.tail[order], problem.head[order]] = cost[order, k] + 1e-12
            graph = csr_array(np.where(np.isfinite(dense), dense, 0.0))
            every = dijkstra(graph) if same else None
        found[k] = every[problem.origin[k]] if every is not None else dijkstra(graph, indices=problem.origin[k])
    return found


def climb(
    problem: Problem,
    rounds: int,
    until: float = np.inf,
    price: Floats | None = None,
    pin: Pins | None = None,
    enough: float = np.inf,
    step: float = 1.0,
) -> Relaxed:
    """Raise the bound for `rounds` rounds, until `time.perf_counter()` says `until` or the bound is `enough`.

    Start from `price` if given, with arcs forced by `pin` (see `bound_at`) and a `step` up to 2.
    """
    if price is None:
        full = problem.cost + (problem.fixed / np.maximum(problem.capacity, 1e-9))[:, None]
        price = distances(problem, full)
        price = np.where(np.isfinite(price), price, price[np.isfinite(price)].max(initial=0.0))
    best, extra, flow = bound_at(problem, price, pin)
    mean, lack, opened = flow.copy(), np.empty_like(price), _open(extra, pin)
    trial_flow, trial_extra = flow.copy(), extra.copy()
    arrays = _arrays(problem, pin)
    ends = (problem.tail, problem.head, problem.origin, problem.destination, problem.demand)
    blend, failures, goal, before = 0.1, 0, best + 0.05 * abs(best) + 1e-9, best
    for count in range(rounds):
        if time.perf_counter() > until or best >= enough:
            break
        _lack(*ends, mean, lack)
        size = float((lack**2).sum())
        if size < 1e-12 * max(float((problem.demand**2).sum()), 1e-12):
            break
        trial = price + step * (goal - best) / size * lack
        value = _relax(*arrays, trial, trial_flow, trial_extra) + earned(problem, trial)
        share = _share(problem, mean, trial_flow, lack, blend)
        mean += share * (trial_flow - mean)
        opened += share * (_open(trial_extra, pin) - opened)
        if value > best:
            slope = np.empty_like(lack)
            _lack(*ends, trial_flow, slope)
            step = min(step * 1.1, 2.0) if float((slope * lack).sum()) >= 0 else step
            price, best, failures = trial, value, 0
            extra, trial_extra = trial_extra, extra
        else:
            failures += 1
            if failures >= 20:
                step, failures = max(step * 0.66, 1e-5), 0
        if best > goal - 0.02 * abs(goal):
            goal = best + 0.05 * abs(best)
        if count % 100 == 99:
            if best - before < 0.01 * abs(before):
                blend = max(blend * 0.85, 1e-3)
            if best - before < 1e-6 * abs(best) and step <= 2e-5:
                break
            before = best
    return Relaxed(best, price, extra, mean, opened)


def _open(extra: Floats, pin: Pins | None) -> Floats:
    return ((extra < 0) if pin is None else (extra < 0) | (pin > 0)).astype(np.float64)


def _share(problem: Problem, mean: Floats, flow: Floats, lack: Floats, blend: float) -> float:
    """How much of the newest flow enters the average: what breaks conservation least, between blend/10 and blend."""
    new = np.empty_like(lack)
    _lack(problem.tail, problem.head, problem.origin, problem.destination, problem.demand, flow, new)
    apart = lack - new
    size = float((apart**2).sum())
    best = float((lack * apart).sum()) / size if size > 0 else 1.0
    return min(max(best, blend / 10), blend)


def branch(problem: Problem, root: Relaxed, value: float, gap: float, until: float) -> tuple[float, int]:
    """Raise the bound by branching on what is open, lowest bound first; `value` is that of the best design.

    Returns the bound and the number of nodes. Every node climbs from its parent's price.
    """
    enough = value - gap * abs(value)
    slack = value - root.bound
    pin: Pins = np.where(root.extra > slack, -1, np.where(root.extra < -slack, 1, 0)).astype(np.int8)
    heap = [(root.bound, 0, root.price, pin, root.opened)]
    count, floor = 0, np.inf  # floor: the lowest bound of the nodes given up
    while heap and heap[0][0] < enough and time.perf_counter() < until:
        bound, _, price, pin, opened = heappop(heap)
        score = np.where(pin == 0, np.minimum(opened, 1 - opened) * problem.fixed, -1.0)
        at = int(score.argmax())
        if score[at] < 0:
            floor = min(floor, bound)
            continue
        for side in (-1, 1):
            child = pin.copy()
            child[at] = side
            below = climb(problem, NODE_ROUNDS, until, price, child, enough, NODE_STEP)
            slack = value - below.bound
            if slack <= 0 or below.bound >= enough:
                floor = min(floor, max(below.bound, bound))
                continue
            free = child == 0
            child[free & (below.extra > slack)] = -1
            child[free & (below.extra < -slack)] = 1
            count += 1
            heappush(heap, (max(below.bound, bound), count, below.price, child, below.opened))
    return min(floor, heap[0][0] if heap else np.inf, value), count

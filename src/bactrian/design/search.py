"""Good designs by programmes that HiGHS solves fast: few promising columns, and neighbourhoods of the best design.

A column (flow of a commodity on an arc) is promising when its price in the relaxation times the whole demand is small,
or when the relaxation or an earlier design uses it. The programme over these columns gives a first design. Then part of
the design is set free and all else kept (large neighbourhood search, Shaw 1998): the arcs among a few nodes, or what is
closed and a share of what is open (after Danna, Rothberg and Le Pape 2005, Mathematical Programming 102). The part
grows when it is solved at once and shrinks when it is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bactrian.design.lagrange import Relaxed
from bactrian.design.problem import Problem, state

__all__ = ["Found", "Pool", "improve", "pool_of", "solve_part"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NOTHING = 1e-7  # flow below this part of the demand is rounding
SUPPORT = 1e-3  # flow above this in the relaxation's average makes a column promising
PART_GAP = 1e-4
GROW, SHRINK, MOST, QUICK = 1.15, 0.85, 1.0, 0.3  # of a neighbourhood; quick: share of its time


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A design: its `value` and its flow (A, K); arcs with flow are open."""

    value: float
    flow: Floats

    @property
    def opened(self) -> Bools:
        opened: Bools = self.flow.sum(axis=1) > 0
        return opened


@dataclass(slots=True, eq=False)
class Pool:
    """Columns by promise: `rank` (A, K), inf where a column is never of use, and those `used` so far."""

    rank: Floats
    used: Bools

    @property
    def useful(self) -> Bools:
        return np.isfinite(self.rank)

    def best(self, count: int) -> Bools:
        """The `count` columns of least rank, and those used so far."""
        count = min(count, self.rank.size - 1)
        least = np.partition(self.rank.ravel(), count)[count]
        best: Bools = (self.used | (self.rank <= least)) & self.useful
        return best

    def use(self, found: Found) -> Found:
        self.used |= found.flow > 0
        return found


def pool_of(problem: Problem, relaxed: Relaxed) -> Pool:
    """Columns ranked by what the bound loses when all of a commodity goes over an arc."""
    price = relaxed.price.T
    reduced = problem.cost + price[problem.tail] - price[problem.head]
    rank: Floats = reduced * np.minimum(problem.demand[None, :], problem.capacity[:, None])
    useless = (problem.tail[:, None] == problem.destination) | (problem.head[:, None] == problem.origin)
    useless |= ((problem.tail == problem.head) | (problem.capacity == 0))[:, None]
    rank[useless] = np.inf
    return Pool(rank, (relaxed.flow > SUPPORT * np.minimum(problem.demand, 1.0)) & ~useless)


def found_of(problem: Problem, flow: Floats) -> Found:
    clean = np.where(flow > NOTHING * problem.demand, flow, 0.0)
    return Found(float((problem.cost * clean).sum() + problem.fixed[clean.sum(axis=1) > 0].sum()), clean)


def solve_part(
    problem: Problem, allowed: Bools, best: Found | None, seconds: float, free: Bools | None = None
) -> tuple[Found | None, bool]:
    """The best design over `allowed` columns, arcs outside `free` as in `best`; and whether it was solved in time."""
    least = most = None
    if best is not None:
        if free is not None:
            least, most = np.where(free, 0.0, best.opened), np.where(free, 1.0, best.opened)
            allowed = allowed & (most > 0)[:, None]
        allowed = allowed | (best.flow > 0)
    stated = state(problem, allowed, least=least, most=most)
    start = None if best is None else stated.start(best.flow)
    solved = stated.programme.solve(time_limit_s=seconds, gap=PART_GAP, start=start)
    done = solved.status != "time limit"
    return (None if solved.values is None else found_of(problem, stated.flow(solved.values))), done


def polish(problem: Problem, pool: Pool, best: Found, seconds: float) -> Found:
    """The cheapest flow over the arcs that are open already, by any column."""
    allowed = pool.useful & best.opened[:, None]
    stated = state(problem, allowed, strong=np.zeros_like(allowed), least=best.opened.astype(np.float64))
    line = replace(stated.programme, whole=np.zeros_like(stated.programme.whole))
    values = line.solve(time_limit_s=seconds).values
    found = best if values is None else found_of(problem, stated.flow(values))
    return pool.use(found) if found.value < best.value else best


def improve(
    problem: Problem,
    pool: Pool,
    best: Found,
    count: int,
    until: float,
    each_s: float,
    patience: int,
    tell: Callable[[Found], None],
) -> Found:
    """Search neighbourhoods of `best` over `count` columns until a time, or `patience` rounds without a gain.

    `each_s`: seconds a neighbourhood may take. `tell` hears of each gain.
    """
    draw = np.random.default_rng(1)
    size = {"nodes": 0.5, "share": 0.3}
    idle = 0
    kinds = list(size)
    turn = 0
    while idle < patience and (left := until - time.perf_counter()) > 0:
        kind = kinds[turn % len(kinds)]
        turn += 1
        if kind == "nodes":
            few = draw.permutation(problem.nodes)[: max(3, round(size[kind] * problem.nodes))]
            free = np.isin(problem.tail, few) & np.isin(problem.head, few)
        else:
            free = ~best.opened | (draw.random(problem.tail.size) < size[kind])
        begun = time.perf_counter()
        found, done = solve_part(problem, pool.best(count), best, min(each_s, left), free)
        spent = time.perf_counter() - begun
        idle += 1
        if found is not None and found.value < best.value - 1e-9 * abs(best.value):
            left = until - time.perf_counter()
            best, idle = polish(problem, pool, pool.use(found), max(left, 1.0)), 0
            tell(best)
        if done and free.all():
            break
        if done and spent < QUICK * each_s:
            size[kind] = min(size[kind] * GROW, MOST)
        elif not done:
            size[kind] *= SHRINK
    return best

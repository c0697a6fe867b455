"""The front door: the best design of a network within a time, and a bound that no design can beat.

1. A Lagrangian bound and prices (`lagrange`), which rank columns by promise.
2. Designs over promising columns and in neighbourhoods of the best (`search`).
3. A proof. Where few columns are left, HiGHS solves the programme with all strong inequalities, starting from the best
   design; arcs whose opening or closing would lift the bound above the best value are fixed. Else branching on the
   Lagrangian bound raises it for the rest of the time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bactrian.design.lagrange import branch, climb
from bactrian.design.problem import Problem, state
from bactrian.design.programme import Tell, relative_gap
from bactrian.design.search import Found, Pool, found_of, improve, polish, pool_of, solve_part
from bactrian.design.serve import serve
from bactrian.errors import SolveError

__all__ = ["Design", "Step", "design_network"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDS = 4000  # of the first climb
FEW = 15_000  # columns up to which HiGHS proves best, at once
SOME = 30_000  # columns up to which it does after a search
BY_SEARCH = 0.25  # share of the time left for that search
BY_HIGHS = 0.75  # share of the time left for the proof by HiGHS
BY_TREE = 0.4  # share of the time left, at the end, in which branching raises the bound
EACH = 0.04  # share of the time for one programme over some columns or in one neighbourhood
EACH_OF_FEW = 0.01  # the same where HiGHS proves best in the end
PATIENCE = 60  # neighbourhoods without a gain after which the search ends
FIRST_S = 2.0  # seconds at least for the first design, if there are so many
POOLS = (2, 4)  # columns of the first programmes, in multiples of what the relaxation uses


@dataclass(frozen=True, slots=True)
class Step:
    """What was known `seconds` after the start: the best `value`, the `bound`, and by what it came (`by`)."""

    seconds: float
    by: str
    value: float
    bound: float


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Arcs to open, `opened` (A), the flow on them by commodity (A, K), their `value` and a `bound` below all values.

    `gap` is (value - bound) / value; `reached` tells whether it is as small as asked. `price` (K, N) proves the bound
    `root`, which the certificate works out anew; `bound` itself comes from branching. `log` tells the steps.
    """

    opened: Bools
    flow: Floats
    value: float
    bound: float
    gap: float
    reached: bool
    price: Floats
    root: float
    log: tuple[Step, ...]


def design_network(
    problem: Problem, *, time_limit_s: float = 300.0, gap: float = 1e-4, tell: Tell | None = None
) -> Design:
    """Choose arcs and flows of least fixed and running cost, to a relative `gap` or for `time_limit_s` seconds.

    `tell` is called with value, bound and seconds at each step. The answer depends on the problem alone unless the time
    limit cuts a step short. Raises SolveError for a negative gap or time, and where demand cannot be carried: it names
    the commodities, and the full arcs that keep them back.

    Two units may go straight for a fixed cost of 10, or by two arcs of 1 each that hold but one unit:

    >>> problem = Problem(nodes=3, tail=np.array([0, 0, 1]), head=np.array([2, 1, 2]), cost=np.ones((3, 1)),
    ...     capacity=np.array([2.0, 1.0, 1.0]), fixed=np.array([10.0, 1.0, 1.0]),
    ...     origin=np.array([0]), destination=np.array([2]), demand=np.array([2.0]))
    >>> design = design_network(problem)
    >>> design.opened.tolist(), design.value, design.reached
    ([True, False, False], 12.0, True)
    """
    if not (gap >= 0 and time_limit_s >= 0):
        raise SolveError(f"cannot work to a gap of {gap:g} within {time_limit_s:g} s: neither may be below 0")
    begun = time.perf_counter()
    served = (problem.demand > 0) & (problem.origin != problem.destination)
    if not served.any():
        none, price = np.zeros(problem.cost.shape), np.zeros((problem.demand.size, problem.nodes))
        return Design(np.zeros(problem.tail.size, dtype=bool), none, 0.0, 0.0, 0.0, True, price, 0.0, ())
    work = _Work(_only(problem, served), begun, begun + time_limit_s, gap, tell)
    best = work.run()
    flow, price = np.zeros(problem.cost.shape), np.zeros((problem.demand.size, problem.nodes))
    flow[:, served], price[served] = best.flow, work.relaxed.price
    bound = min(work.bound, best.value)
    left = relative_gap(best.value, bound)
    ends = (left <= gap, price, work.relaxed.bound, tuple(work.log))
    return Design(best.opened, flow, best.value, bound, left, *ends)


def _only(problem: Problem, served: Bools) -> Problem:
    return replace(
        problem,
        cost=np.ascontiguousarray(problem.cost[:, served]),
        origin=problem.origin[served],
        destination=problem.destination[served],
        demand=problem.demand[served],
    )


class _Work:
    """One search: what is known, and until when it may go on."""

    def __init__(self, problem: Problem, begun: float, until: float, gap: float, tell: Tell | None) -> None:
        self.problem, self.begun, self.until, self.gap, self.tell = problem, begun, until, gap, tell
        self.limit = until - begun
        self.value, self.bound = np.inf, 0.0  # no cost is below 0
        self.log: list[Step] = []

    @property
    def left(self) -> float:
        return max(self.until - time.perf_counter(), 0.0)

    @property
    def closed(self) -> bool:
        return relative_gap(self.value, self.bound) <= self.gap

    def say(self, by: str, value: float = np.inf, bound: float = -np.inf) -> None:
        self.value, self.bound = min(self.value, value), max(self.bound, bound)
        seconds = time.perf_counter() - self.begun
        self.log.append(Step(seconds, by, self.value, self.bound))
        if self.tell is not None:
            self.tell(self.value, self.bound, seconds)

    def run(self) -> Found:
        self.relaxed = climb(self.problem, ROUNDS, self.begun + 0.1 * self.limit)
        self.say("relaxation", bound=self.relaxed.bound)
        pool = pool_of(self.problem, self.relaxed)
        columns = int(pool.useful.sum())
        few, some = columns <= FEW, columns <= SOME
        best = self.first(pool, (EACH_OF_FEW if few else EACH) * self.limit)
        if not few and not self.closed:
            best = self.search(pool, best, BY_SEARCH if some else 1 - BY_TREE)
        if some and not self.closed:
            best = self.prove(pool, best)
        if few and not self.closed:
            best = self.search(pool, best, 1 - BY_TREE)
        if not self.closed:
            self.raise_bound(best)
        return best

    def first(self, pool: Pool, each_s: float) -> Found:
        """A design over the columns that the relaxation uses, and over some more; of any columns if there is none.

        `each_s`: seconds that each of these may take.
        """
        few = int(pool.used.sum())
        best, _ = solve_part(self.problem, pool.used, None, min(max(each_s, FIRST_S), self.left))
        count = max(few, 100)
        while best is None:
            count *= 4
            flow = serve(self.problem, pool.best(count), count >= pool.rank.size)
            best = None if flow is None else found_of(self.problem, flow)
        best = polish(self.problem, pool, pool.use(best), max(self.left, 1.0))
        self.say("first columns", best.value)
        for times in POOLS:
            if self.closed:
                break
            found, _ = solve_part(self.problem, pool.best(few * times), best, min(each_s, self.left))
            if found is not None and found.value < best.value:
                best = polish(self.problem, pool, pool.use(found), max(self.left, 1.0))
            self.say(f"{few * times} columns", best.value)
        return best

    def search(self, pool: Pool, best: Found, share: float) -> Found:
        count = max(2 * int(pool.used.sum()), 4000)
        until = time.perf_counter() + share * self.left

        def tell(found: Found) -> None:
            self.say("neighbourhood", found.value)

        return improve(self.problem, pool, best, count, until, EACH * self.limit, PATIENCE, tell)

    def prove(self, pool: Pool, best: Found) -> Found:
        """All columns and strong inequalities, from the best design, by HiGHS."""
        slack = best.value - self.relaxed.bound + 1e-9 * abs(best.value)
        most = np.where((self.relaxed.extra > slack) & ~best.opened, 0.0, 1.0)
        least = np.where((self.relaxed.extra < -slack) & best.opened, 1.0, 0.0)
        stated = state(self.problem, pool.useful & (most > 0)[:, None], least=least, most=most)
        begun = time.perf_counter() - self.begun

        def tell(value: float, bound: float, seconds: float) -> None:
            self.log.append(Step(begun + seconds, "HiGHS", min(value, self.value), max(bound, self.bound)))
            if self.tell is not None:
                self.tell(min(value, self.value), max(bound, self.bound), begun + seconds)

        start = stated.start(best.flow)
        solved = stated.programme.solve(time_limit_s=BY_HIGHS * self.left, gap=self.gap, start=start, tell=tell)
        if solved.values is not None:
            found = found_of(self.problem, stated.flow(solved.values))
            best = found if found.value < best.value else best
        self.say("HiGHS", best.value, min(solved.bound, best.value))
        return best

    def raise_bound(self, best: Found) -> None:
        bound, _ = branch(self.problem, self.relaxed, best.value, self.gap, self.until)
        self.say("branching", bound=bound)

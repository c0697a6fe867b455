"""User equilibrium: nobody can change to a cheaper path (Wardrop 1952).

Class k pays fixed[k, a] + t_r(x_r) on arc a of resource r, in its own units of time. As x_r sums all classes, flows are
in equilibrium when they minimise Beckmann's convex function Σ_r ∫ t_r + Σ_k,a fixed[k, a] x[k, a]. The search works on
path flows: it finds shortest paths and adds the new ones, shifts flow between paths of a row by Newton steps on their
difference in cost (gradient projection, Jayakrishnan et al. 1994; Xie, Nie and Liu 2018), and moves all flows at once
along a Newton direction found by conjugate gradients. The figure of merit is the relative gap 1 - SPTT / TSTT: the
share of all cost that would be saved if everyone had the shortest path at present costs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bactrian.assign import path_flows as kernels
from bactrian.errors import SolveError

__all__ = ["BPR", "CONICAL", "QUEUE", "Delays", "Equilibrium", "Problem", "user_equilibrium"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Trees = tuple[NDArray[np.uint32], NDArray[np.uint32], Ints]  # arcs that lead to the nodes, nodes in order, their number
Found = tuple[Ints, NDArray[np.uint32], NDArray[np.uint32], Floats, float, float]

BPR, CONICAL, QUEUE = 0, 1, 2
"""Codes of the laws in `bactrian.assign.delay`."""

GREEDY = 3  # first searches that shift flow at once, origin after origin, instead of all at the same costs
COARSE = 2e-3  # gap above which they go on doing so
SWEEPS = 8  # rounds of shifts at most between two searches
INNER = 0.1  # the gap among known paths, as a share of the last full gap, that ends the rounds
NEW = 1e-13  # a path joins if it is cheaper than the known ones by more than this share,
MINOR = 0.1  # this part of the gap asked for,
LATER = 1e-5  # and this part of the last gap
STORED = 50_000_000  # most entries of shortest path trees that are kept to speed the next search


@dataclass(frozen=True, slots=True, eq=False)
class Delays:
    """Delay laws of R resources: `law` is BPR, CONICAL or QUEUE; `free` (time) and `capacity` (load) per resource.

    `shape` and `power` are b and power (BPR), a and unused (CONICAL), wait and bend (QUEUE). A capacity of 0 is allowed
    where it has no effect: BPR with b, power or free time 0.
    """

    law: Ints
    free: Floats
    capacity: Floats
    shape: Floats
    power: Floats

    def __post_init__(self) -> None:
        _freeze(self, law=np.int64, free=np.float64, capacity=np.float64, shape=np.float64, power=np.float64)

    def coded(self) -> tuple[NDArray[np.uint8], Floats]:
        """Kinds and parameters as the kernels read them, with a dummy resource at the end."""
        arrays = (self.free, self.capacity, self.shape, self.power)
        if {one.size for one in arrays} != {self.law.size}:
            raise ValueError("law, free, capacity, shape and power must be one per resource")
        if ((self.law < BPR) | (self.law > QUEUE)).any():
            raise ValueError("law must be BPR, CONICAL or QUEUE")
        if not all(np.isfinite(one).all() and (one >= 0).all() for one in arrays):
            raise ValueError("free time, capacity and shape parameters must be finite and at least 0")
        bpr, conical = self.law == BPR, self.law == CONICAL
        constant = bpr & ((self.shape == 0) | (self.power == 0) | (self.free == 0))
        if np.any(~constant & (self.capacity == 0)):
            raise ValueError("capacity must be above 0 where time depends on load")
        if np.any(bpr & ~constant & (self.power < 1)):
            raise ValueError("the power of a BPR law must be 0 or at least 1")
        if np.any(conical & (self.shape <= 1)):
            raise ValueError("the steepness of a conical law must be above 1")
        if np.any((self.law == QUEUE) & ((self.power <= 0) | (self.power >= 1))):
            raise ValueError("the bend of a queue law must lie between 0 and 1")
        kind = np.full(self.law.size + 1, kernels.CONSTANT, np.uint8)
        whole = np.where(self.power == 4, kernels.FOURTH, kernels.WHOLE)
        whole = np.where((self.power == np.round(self.power)) & (self.power <= 16), whole, kernels.POWER)
        curved = np.where(bpr, whole, np.where(conical, kernels.CONICAL, kernels.QUEUE))
        kind[:-1] = np.where(constant, kernels.CONSTANT, curved)
        law = np.zeros((self.law.size + 1, 4))
        law[:-1, 0] = np.where(constant & (self.power == 0), self.free * (1 + self.shape), self.free)
        law[:-1, 1] = np.where(constant, 0.0, 1 / np.where(constant, 1.0, self.capacity))
        law[:-1, 2] = np.where(constant, 0.0, np.where(bpr, self.free * self.shape, self.shape))
        steep = np.where(conical, self.shape, 2.0)
        law[:-1, 3] = np.where(conical, (2 * steep - 1) / (2 * steep - 2), self.power)
        return kind, law


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A network of N `nodes`, A arcs, R resources and K classes, and D rows of demand.

    - `tail`, `head` (A): nodes 0 to N - 1; parallel arcs are allowed.
    - `first_through`: nodes below it may start or end a path, never be passed.
    - `resource` (A): whose load delays users of the arc, -1 for none; several arcs may share one.
    - `fixed` (K, A): cost beside the delay, at least 0, in the class's units of time; inf bars the class.
    - `origin`, `destination` (D): nodes; `klass` (D): class; `amount` (D): above 0, in units of load.

    Arrays are kept as read-only values of their own: a change of the arrays given changes nothing here.
    """

    nodes: int
    first_through: int
    tail: Ints
    head: Ints
    resource: Ints
    fixed: Floats
    delays: Delays
    origin: Ints
    destination: Ints
    klass: Ints
    amount: Floats

    def __post_init__(self) -> None:
        whole = dict.fromkeys(("tail", "head", "resource", "origin", "destination", "klass"), np.int64)
        _freeze(self, **whole, fixed=np.float64, amount=np.float64)

    def check(self) -> None:
        """Raise ValueError for arrays that do not fit together or numbers out of range."""
        classes, arcs = self.fixed.shape
        resources, rows = self.delays.law.size, self.amount.size
        if {self.tail.size, self.head.size, self.resource.size} != {arcs}:
            raise ValueError("tail, head, resource and the columns of fixed must be one per arc")
        if {self.origin.size, self.destination.size, self.klass.size} != {rows}:
            raise ValueError("origin, destination, klass and amount must be one per row of demand")
        ranges = {"tail": self.nodes, "head": self.nodes, "origin": self.nodes, "destination": self.nodes}
        for name, limit in (ranges | {"klass": classes}).items():
            values = getattr(self, name)
            if values.size and not 0 <= values.min() <= values.max() < limit:
                raise ValueError(f"{name} must lie between 0 and {limit - 1}")
        if not 0 <= self.first_through <= self.nodes:
            raise ValueError(f"first_through must lie between 0 and {self.nodes}")
        if arcs and not -1 <= self.resource.min() <= self.resource.max() < resources:
            raise ValueError(f"resource must lie between -1 and {resources - 1}")
        if not (self.fixed >= 0).all():
            raise ValueError("fixed must be numbers of at least 0, or inf")
        if not (np.isfinite(self.amount).all() and (self.amount > 0).all()):
            raise ValueError("amount must be finite and above 0")


@dataclass(frozen=True, slots=True, eq=False)
class Equilibrium:
    """The solution of `problem`.

    - `load` (R): load of each resource. `gap`: relative gap at these loads. `objective`: Beckmann's function.
    - Path p of row `owner[p]` carries `flow[p]` over `arcs[start[p]:start[p + 1]]`, in order of travel; rows ascend.
    - `unreachable` (D): rows that no allowed path joins; rows within one node have no path and are not named.
    - `log` (iterations, 3): relative gap met, objective, and CPU seconds used so far. In the first iterations flow
      shifts while the gap is being measured, so it is approximate there. `cpu_s`: CPU seconds of the process in all.
    """

    problem: Problem
    load: Floats
    start: Ints
    arcs: Ints
    owner: Ints
    flow: Floats
    gap: float
    objective: float
    iterations: int
    cpu_s: float
    unreachable: Bools
    log: Floats
    _trees: Trees | None = field(repr=False, default=None)
    _layout: _Layout | None = field(repr=False, default=None)

    @property
    def time(self) -> Floats:
        """Time on each resource at its load (R)."""
        kind, law = self.problem.delays.coded()
        load = np.append(self.load, 0.0)
        time, slope = np.zeros(load.size), np.zeros(load.size)
        kernels.refresh(kind, law, load, time, slope)
        return time[:-1]

    @property
    def arc_flow(self) -> Floats:
        """Flow of each class on each arc (K, A)."""
        classes, arcs = self.problem.fixed.shape
        steps = np.diff(self.start)
        place = np.repeat(self.problem.klass[self.owner], steps) * arcs + self.arcs
        total = np.bincount(place, weights=np.repeat(self.flow, steps), minlength=classes * arcs)
        return total.astype(np.float64).reshape(classes, arcs)


def user_equilibrium(
    problem: Problem, gap: float = 1e-4, start: Equilibrium | None = None, threads: int = 1, max_iterations: int = 200
) -> Equilibrium:
    """Find path flows with a relative gap of at most `gap`, or what there is after `max_iterations` searches.

    `start`, a solution with the same nodes and arcs, gives the first paths and flows; capacities, costs, classes'
    permissions and demand may differ. With `threads` above 1, two search for paths; the loads are the same.

    >>> delays = Delays(np.array([BPR, BPR]), np.array([10.0, 20.0]), np.ones(2), np.array([0.1, 0.05]), np.ones(2))
    >>> two = np.array([0, 1])
    >>> demand = np.array([0]), np.array([1]), np.array([0]), np.array([30.0])
    >>> problem = Problem(2, 0, np.zeros(2, int), np.ones(2, int), two, np.zeros((1, 2)), delays, *demand)
    >>> user_equilibrium(problem, 1e-12).load.round(9).tolist()
    [20.0, 10.0]

    Raises ValueError for a problem that breaks its contract or a start on another network, and SolveError when costs
    grow beyond all numbers.
    """
    if not gap > 0:
        raise ValueError("gap must be above 0")
    if max_iterations < 1:
        raise ValueError("max_iterations must be at least 1")
    problem.check()
    begun = time.process_time()
    known = start._layout if start is not None else None
    state = _State(problem, known if known is not None and known.fits(problem) else _Layout(problem))
    if start is not None:
        state.resume(start)
        state.balance(gap)
    log = []
    ratio, count = np.inf, 0
    with _pool(threads) as pool:
        for count in range(1, max_iterations + 1):
            shift = start is None and ratio > gap and (count <= GREEDY or ratio > COARSE)
            state.least = max(NEW, MINOR * gap, LATER * min(ratio, COARSE))
            exact, ratio = state.extend(shift, pool)
            if not exact:
                state.settle()
            log.append((ratio, state.objective, time.process_time() - begun))
            if exact and ratio <= gap:
                break
            if count > 1 or start is not None:
                state.balance(max(INNER * ratio, 0.3 * gap))
        else:
            ratio = state.extend(False, pool)[1]
    return state.solution(ratio, count, log, begun)


def _freeze(owner: object, **types: type) -> None:
    """Make arrays of a frozen dataclass read-only, of the type given; those that are both already stay the same."""
    for name, kind in types.items():
        array: NDArray[Any] = np.asarray(getattr(owner, name), dtype=kind)
        if array.flags.writeable or not array.flags.c_contiguous:
            array = array.copy(order="C")
            array.flags.writeable = False
        object.__setattr__(owner, name, array)


@contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor | None]:
    if threads < 1:
        raise ValueError("threads must be at least 1")
    if threads == 1:
        yield None
    else:
        with ThreadPoolExecutor(threads) as pool:
            yield pool


class _Layout:
    """What follows from a problem's network and rows alone: arcs sorted by tail, rows by class and origin."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        nodes, resources = problem.nodes, problem.delays.law.size
        self.arc_order = np.argsort(problem.tail, kind="stable")
        self.tail = problem.tail[self.arc_order].astype(np.uint32)
        self.head = problem.head[self.arc_order].astype(np.uint32)
        ends = np.cumsum(np.bincount(problem.tail, minlength=nodes))
        self.first = np.concatenate([[0], ends[:-1]]).astype(np.uint32)
        self.end = ends.astype(np.uint32)
        self.through = np.uint32(problem.first_through)
        resource = problem.resource[self.arc_order]
        self.resource = np.where(resource < 0, resources, resource).astype(np.uint32)
        self.fixed = np.ascontiguousarray(problem.fixed[:, self.arc_order], dtype=np.float64)
        between = np.flatnonzero(problem.origin != problem.destination)
        key = problem.klass[between] * nodes + problem.origin[between]
        by_group = np.argsort(key, kind="stable")
        self.rows = between[by_group]
        self.group, first = np.unique(key[by_group], return_index=True)
        self.group_row = np.append(first, self.rows.size).astype(np.int64)
        self.group_class = (self.group // nodes).astype(np.int64)
        self.group_origin = (self.group % nodes).astype(np.uint32)
        self.destination = problem.destination[self.rows].astype(np.uint32)
        self.klass = problem.klass[self.rows].astype(np.int64)

    def fits(self, problem: Problem) -> bool:
        """Whether `problem` shares all that this was made from, as it does when only delays or amounts are replaced.

        Arrays of a problem are read-only, so that the same array holds the same values.
        """
        was = self.problem
        arrays = ("tail", "head", "resource", "fixed", "origin", "destination", "klass")
        same = was.nodes == problem.nodes and was.first_through == problem.first_through
        same = same and was.delays.law.size == problem.delays.law.size
        return same and all(getattr(was, name) is getattr(problem, name) for name in arrays)


class _State:
    """Paths and loads while the search goes on."""

    def __init__(self, problem: Problem, layout: _Layout) -> None:
        self.problem, self.at = problem, layout
        resources = problem.delays.law.size
        self.demand = problem.amount[layout.rows].astype(np.float64)
        self.objective = self.fixed_cost = 0.0
        self.damping = 0.0
        self.least = NEW
        self.lost = 0
        self.kind, self.law = problem.delays.coded()
        self.load, self.time, self.slope = (np.zeros(resources + 1) for _ in range(3))
        self.laws = (self.kind, self.law, self.load, self.time, self.slope)
        self.trees: Trees | None = None
        self.row = np.zeros(layout.rows.size + 1, np.int64)
        self.start = np.zeros(1, np.int64)
        self.arcs: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self.flow: Floats = np.zeros(0)
        kernels.refresh(self.kind, self.law, self.load, self.time, self.slope)

    def resume(self, old: Equilibrium) -> None:
        """Take the paths of `old` that are still allowed, with flows rescaled to the demand."""
        was, now = old.problem, self.problem
        same = was.nodes == now.nodes and was.first_through == now.first_through
        if not (same and np.array_equal(was.tail, now.tail) and np.array_equal(was.head, now.head)):
            raise ValueError("the start must have the same nodes, first_through, tail and head")
        back = np.empty(now.tail.size, np.uint32)
        back[self.at.arc_order] = np.arange(back.size, dtype=np.uint32)
        target = self._rows_of(was)[old.owner]
        known = target >= 0
        if old._layout is not self.at and not np.isfinite(self.at.fixed).all():
            steps = np.diff(old.start)
            classes = np.repeat(self.at.klass[np.maximum(target, 0)], steps) if self.at.rows.size else 0
            barred = ~np.isfinite(now.fixed[classes, old.arcs]) if self.at.rows.size else np.zeros(old.arcs.size)
            known &= np.bincount(np.repeat(np.arange(steps.size), steps), barred, steps.size) == 0
        kept = np.flatnonzero(known)
        kept = kept[np.argsort(target[kept], kind="stable")]
        target = target[kept]
        self.start, self.arcs = kernels.renumber(old.start, old.arcs, kept, back)
        total = np.bincount(target, weights=old.flow[kept], minlength=self.at.rows.size)
        self.flow = old.flow[kept] * self.demand[target] / total[target]
        self.row[1:] = np.cumsum(np.bincount(target, minlength=self.at.rows.size))
        self.settle()
        alike = old._layout is not None and np.array_equal(old._layout.group, self.at.group)
        # a tree knows nothing of nodes that could not be reached: where bars were lifted it is found anew
        lifted = old._layout is not self.at and bool((np.isfinite(now.fixed) & ~np.isfinite(was.fixed)).any())
        if old._trees is not None and alike and not lifted:
            last, order, done = old._trees
            self.trees = last.copy(), order.copy(), done.copy()

    def _rows_of(self, was: Problem) -> Ints:
        """Row here of each row of the problem `was`, -1 for none."""
        now = self.problem
        same = all(np.array_equal(getattr(was, one), getattr(now, one)) for one in ("origin", "destination", "klass"))
        row = np.full(was.amount.size, -1, np.int64)
        if same:
            row[self.at.rows] = np.arange(self.at.rows.size)
        elif self.at.rows.size:
            key, old_key = ((one.klass * now.nodes + one.origin) * now.nodes + one.destination for one in (now, was))
            key = key[self.at.rows]
            by_key = np.argsort(key, kind="stable")
            place = by_key[np.minimum(np.searchsorted(key[by_key], old_key), key.size - 1)]
            row = np.where(key[place] == old_key, place, -1)
        return row

    def extend(self, shift: bool, pool: ThreadPoolExecutor | None) -> tuple[bool, float]:
        """Search shortest paths and add the new ones; returns whether the gap is exact, and the gap.

        It is not where flow shifted or was first loaded in the course of the search.
        """
        groups = self.at.group.size
        if self.trees is None:
            nodes = np.zeros((2, groups, self.problem.nodes), np.uint32)
            self.trees = nodes[0], nodes[1], np.zeros(groups, np.int64)
        empty = int(np.count_nonzero(np.diff(self.row) == 0))
        apart = [(0, groups)]
        if pool is not None and not shift and empty == self.lost and groups > 1:
            middle = int(np.searchsorted(self.at.group_row, self.at.rows.size // 2))
            middle = min(max(middle, 1), groups - 1)
            apart = [(0, middle), (middle, groups)]
        if pool is None or len(apart) == 1:
            found = [self._search(one, shift) for one in apart]
        else:
            found = list(pool.map(lambda one: self._search(one, False), apart))
        paths, length, arcs, flow = _joined(found)
        self.row[1:] = np.cumsum(paths)
        self.start = np.zeros(length.size + 1, np.int64)
        np.cumsum(length, out=self.start[1:])
        self.arcs, self.flow = arcs, flow
        excess, total = sum(one[4] for one in found), sum(one[5] for one in found)
        self.lost = int(np.count_nonzero(np.diff(self.row) == 0))  # rows that no path joins
        loaded = empty > self.lost
        if loaded and total == 0:
            return False, np.inf
        return not (shift or loaded), max(excess, 0.0) / total if total > 0 else 0.0

    def _search(self, groups: tuple[int, int], shift: bool) -> Found:
        found: Found = kernels.search(
            groups,
            (self.at.first, self.at.end, self.at.tail, self.at.head, self.at.through, self.at.resource, self.at.fixed),
            (self.at.group_origin, self.at.group_class, self.at.group_row, self.at.destination, self.demand),
            self.trees,
            self.laws,
            (self.row, self.start, self.arcs, self.flow),
            shift,
            self.least,
        )
        return found

    def settle(self) -> None:
        """Sum the loads and the objective anew from the paths, against the drift of rounding."""
        fixed: float = kernels.total_loads(
            self.row,
            self.start,
            self.arcs,
            self.flow,
            self.demand,
            self.at.klass,
            self.at.fixed,
            self.at.resource,
            self.load,
        )
        kernels.refresh(self.kind, self.law, self.load, self.time, self.slope)
        area: float = kernels.area(self.kind, self.law, self.load)
        self.fixed_cost = fixed
        self.objective = fixed + area

    def balance(self, enough: float) -> None:
        """Shift flow between the known paths until their gap is at most `enough`."""
        differences: tuple[NDArray[Any], ...] = kernels.differ(
            self.row, self.start, self.arcs, self.flow, self.at.resource, self.at.fixed, self.at.klass, self.load.size
        )
        if differences[1].size == 0:
            return
        total = float(self.load[:-1] @ self.time[:-1]) + self.fixed_cost
        skip = 0.1 * enough * total / self.at.rows.size
        for count in range(SWEEPS):
            excess: float = kernels.sweep(differences, self.flow, self.laws, skip)
            if count >= 2 and excess <= enough * total:
                break
            if count >= 1:
                taken = kernels.newton(differences, self.flow, self.laws, self.damping, 60, 4)
                if taken < 0.3:
                    self.damping = min(max(10 * self.damping, 0.01), 1e6)
                elif taken > 0.9:
                    self.damping = self.damping / 3 if self.damping > 1e-5 else 0.0
        self.settle()

    def solution(self, gap: float, iterations: int, log: list[tuple[float, float, float]], begun: float) -> Equilibrium:
        """The answer in the numbering of the problem."""
        if not (np.isfinite(self.load).all() and np.isfinite(self.objective)):
            raise SolveError("costs grow beyond all numbers: check capacities, powers and demand for their units")
        owner = np.repeat(self.at.rows, np.diff(self.row))
        used = np.flatnonzero(self.flow > 0)
        if np.any(owner[1:] < owner[:-1]):
            used = used[np.argsort(owner[used], kind="stable")]
        start, arcs = kernels.renumber(self.start, self.arcs, used, self.at.arc_order)
        unreachable = np.zeros(self.problem.amount.size, np.bool_)
        unreachable[self.at.rows] = np.diff(self.row) == 0
        few = 2 * self.at.group.size * self.problem.nodes <= STORED
        return Equilibrium(
            problem=self.problem,
            load=self.load[:-1].copy(),
            start=start,
            arcs=arcs,
            owner=owner[used],
            flow=self.flow[used],
            gap=gap,
            objective=self.objective,
            iterations=iterations,
            cpu_s=time.process_time() - begun,
            unreachable=unreachable,
            log=np.array(log).reshape(-1, 3),
            _trees=self.trees if few else None,
            _layout=self.at,
        )


def _joined(found: list[Found]) -> tuple[Ints, NDArray[np.uint32], NDArray[np.uint32], Floats]:
    if len(found) == 1:
        return found[0][:4]
    paths, length, arcs, flow = (np.concatenate([one[part] for one in found]) for part in range(4))
    return paths, length, arcs, flow

"""Linear and mixed-integer programmes, handed to HiGHS as arrays.

HiGHS runs with one thread and a fixed seed, so that the same programme gives the same answer unless a time limit cuts
it short. The library is loaded when a programme is first solved. Huangfu and Hall (2018), Parallelizing the dual
revised simplex method, Mathematical Programming Computation 10.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.errors import SolveError

__all__ = ["Programme", "Solved", "Status", "Tell", "new_highs", "relative_gap", "run_highs"]

Floats = NDArray[np.float64]
Status = Literal["optimal", "time limit", "infeasible", "unbounded"]
Tell = Callable[[float, float, float], None]  # objective, bound, seconds

_ROWWISE, _MINIMISE = 2, 1  # HiGHS's numbers for the format of a matrix and the sense of an objective
_PATIENCE = 0.1  # seconds between looks for an interrupt
_greeted = False


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The best `values` found (None if there are none), their `objective`, and the `bound` that none can beat.

    `gap` is (objective - bound) / |objective|, 0 where both are equal and inf where one is missing. Of a programme
    without whole variables, `row_dual` (what one more unit of a row's binding side adds to the objective) and
    `reduced_cost` are told when it is solved to its optimum; else they are None.
    """

    values: Floats | None
    objective: float
    bound: float
    gap: float
    status: Status
    row_dual: Floats | None = None
    reduced_cost: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Minimise cost·x over row_lower ≤ rows·x ≤ row_upper and lower ≤ x ≤ upper, x whole where `whole` says so.

    `cost`, `lower`, `upper` and `whole` have one entry per column; `rows` is a sparse matrix (csr) of one row per entry
    of `row_lower` and `row_upper`. Sides may be infinite. Raises SolveError where shapes do not agree, a number is
    not a number, or a lower side is above its upper.

    The knapsack of 3, 4 and 5 worth 4, 5 and 7 within 8:

    >>> knapsack = Programme(
    ...     cost=np.array([-4.0, -5.0, -7.0]), lower=np.zeros(3), upper=np.ones(3), whole=np.ones(3, dtype=bool),
    ...     rows=csr_array([[3.0, 4.0, 5.0]]), row_lower=np.array([-np.inf]), row_upper=np.array([8.0]))
    >>> solved = knapsack.solve()
    >>> solved.status, solved.objective, solved.values.round().tolist()
    ('optimal', -11.0, [1.0, 0.0, 1.0])
    """

    cost: Floats
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    rows: csr_array
    row_lower: Floats
    row_upper: Floats

    def __post_init__(self) -> None:
        count, sizes = self.rows.shape[1], {"cost": self.cost, "lower": self.lower, "upper": self.upper}
        for name, one in (sizes | {"whole": self.whole}).items():
            if one.shape != (count,):
                raise SolveError(f"{name} must have {count} entries, one per column; it has the shape {one.shape}")
        for name, one in {"row_lower": self.row_lower, "row_upper": self.row_upper}.items():
            if one.shape != (self.rows.shape[0],):
                raise SolveError(f"{name} must have {self.rows.shape[0]} entries, one per row, not {one.shape}")
            sizes[name] = one
        for name, one in (sizes | {"rows": self.rows.data}).items():
            if np.isnan(one).any() or (name in ("cost", "rows") and np.isinf(one).any()):
                raise SolveError(f"{name} holds what is not a number")
        for name, low, high in (("column", self.lower, self.upper), ("row", self.row_lower, self.row_upper)):
            if (low > high).any():
                at = int(np.argmax(low > high))
                raise SolveError(f"{name} {at} has its lower side {low[at]:g} above its upper side {high[at]:g}")

    def solve(
        self, *, time_limit_s: float = inf, gap: float = 1e-6, start: Floats | None = None, tell: Tell | None = None
    ) -> Solved:
        """Find the least cost, to a relative `gap`, or the best found within `time_limit_s` seconds.

        `start` proposes values for a programme with whole variables; entries that are not a number are filled in, and
        values that break rows are repaired where fixing the whole ones leaves a way. `tell` is called with objective,
        bound and seconds each time a better answer is found. Raises SolveError when HiGHS fails, and KeyboardInterrupt
        after HiGHS has stopped when interrupted.

        >>> line = Programme(np.array([2.0, 3.0]), np.zeros(2), np.full(2, np.inf), np.zeros(2, dtype=bool),
        ...     csr_array([[1.0, 1.0]]), np.array([4.0]), np.array([np.inf]))
        >>> solved = line.solve()
        >>> solved.objective, solved.row_dual.tolist(), solved.reduced_cost.tolist()
        (8.0, [2.0], [0.0, 1.0])
        """
        highs = new_highs()
        highs.setOptionValue("mip_rel_gap", float(gap))
        self._pass(highs)
        if start is not None and self.whole.any():
            given = np.flatnonzero(~np.isnan(start)).astype(np.int32)
            highs.setSolution(given.size, given, start[given].astype(np.float64))
        status = run_highs(highs, time_limit_s, tell)
        if status == "infeasible or unbounded":
            status = self._tell_apart()
        return _answer(highs, status, bool(self.whole.any()))

    def _pass(self, highs: Any) -> None:
        rows, whole = self.rows, self.whole.astype(np.int32)
        shape = (self.cost.size, self.row_lower.size, rows.nnz, _ROWWISE, _MINIMISE, 0.0)
        matrix = (rows.indptr.astype(np.int32), rows.indices.astype(np.int32), rows.data.astype(np.float64))
        sides = (self.lower, self.upper, self.row_lower, self.row_upper)
        highs.passModel(*shape, self.cost, *sides, *matrix, whole)

    def _tell_apart(self) -> str:
        """Without a cost there is a solution exactly when the programme is not infeasible."""
        none = np.zeros_like(self.cost)
        free = Programme(none, self.lower, self.upper, self.whole, self.rows, self.row_lower, self.row_upper)
        return "infeasible" if free.solve().status == "infeasible" else "unbounded"


def new_highs() -> Any:
    """A quiet HiGHS with one thread and a fixed seed; its greeting is kept off the standard output."""
    global _greeted
    library = import_module("highspy")
    with suppress(OSError) if _greeted else _silence():
        highs = library.Highs()
    _greeted = True
    for option, value in {"output_flag": False, "threads": 1, "random_seed": 1}.items():
        highs.setOptionValue(option, value)
    return highs


def run_highs(highs: Any, time_limit_s: float = inf, tell: Tell | None = None) -> str:
    """Run, stop cleanly on an interrupt, and say how it ended: a Status or "infeasible or unbounded".

    The time limit is for this run alone. Raises as `Programme.solve` does, and whatever `tell` raises.
    """
    failed: list[BaseException] = []

    def pass_on(event: Any) -> None:
        out = event.data_out
        try:
            if tell is not None:
                tell(out.objective_function_value, out.mip_dual_bound, out.running_time)
        except BaseException as error:
            failed.append(error)
            highs.cancelSolve()

    if tell is not None:
        highs.cbMipImprovingSolution += pass_on
    highs.HandleKeyboardInterrupt = True
    limit = highs.getRunTime() + max(time_limit_s, 0.0)  # HiGHS counts the time of all runs
    highs.setOptionValue("time_limit", limit)
    highs.startSolve()
    done = False
    while not done:
        try:
            done, _ = highs.wait(_PATIENCE)
        except KeyboardInterrupt as error:
            failed.append(error)
            highs.cancelSolve()
    if tell is not None:
        highs.cbMipImprovingSolution -= pass_on
    if failed:
        raise failed[0]
    return _status(highs)


def _status(highs: Any) -> str:
    named = {
        "kOptimal": "optimal",
        "kModelEmpty": "optimal",
        "kTimeLimit": "time limit",
        "kInfeasible": "infeasible",
        "kUnbounded": "unbounded",
        "kUnboundedOrInfeasible": "infeasible or unbounded",
    }
    found = highs.getModelStatus()
    if found.name not in named:
        raise SolveError(f"HiGHS did not solve the programme: {highs.modelStatusToString(found)}")
    return named[found.name]


def _answer(highs: Any, status: str, mixed: bool) -> Solved:
    info, solution = highs.getInfo(), highs.getSolution()
    if status == "infeasible":
        return Solved(None, inf, inf, inf, "infeasible")
    if status == "unbounded":
        return Solved(None, -inf, -inf, inf, "unbounded")
    feasible = info.primal_solution_status == 2 or (status == "optimal" and not info.valid)
    values = np.array(solution.col_value, dtype=np.float64) if feasible else None
    objective = float(info.objective_function_value) if feasible else inf
    if status == "optimal" and not mixed:
        duals = (np.array(solution.row_dual, dtype=np.float64), np.array(solution.col_dual, dtype=np.float64))
        return Solved(values, objective, objective, 0.0, "optimal", *duals)
    bound = float(info.mip_dual_bound) if mixed else -inf
    return Solved(
        values, objective, bound, relative_gap(objective, bound), "optimal" if status == "optimal" else "time limit"
    )


def relative_gap(objective: float, bound: float) -> float:
    if objective == bound:
        return 0.0
    return max(objective - bound, 0.0) / abs(objective) if abs(objective) < inf and objective else inf


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what compiled code prints off the standard output."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
    except (OSError, ValueError, AttributeError):  # there is no standard output
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
        with suppress(OSError, TypeError, AttributeError):
            ctypes.CDLL(None).fflush(None)  # what is buffered must go nowhere too
    finally:
        os.dup2(kept, 1)
        os.close(kept)

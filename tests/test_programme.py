"""Programmes solved by hand, starts, limits, interrupts, and what must not reach the standard output."""

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from math import inf, isinf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from bactrian.design import Programme
from bactrian.errors import SolveError


def programme(cost, rows, low, high, upper=inf, whole=False, lower=0.0) -> Programme:  # type: ignore[no-untyped-def]
    size = len(cost)
    return Programme(
        cost=np.array(cost, dtype=float),
        lower=np.broadcast_to(np.array(lower, dtype=float), size).copy(),
        upper=np.broadcast_to(np.array(upper, dtype=float), size).copy(),
        whole=np.broadcast_to(np.array(whole, dtype=bool), size).copy(),
        rows=csr_array(np.array(rows, dtype=float).reshape(-1, size)),
        row_lower=np.array(low, dtype=float),
        row_upper=np.array(high, dtype=float),
    )


def market_split(rows: int = 4, seed: int = 3) -> Programme:
    """Small and hard (Cornuejols and Dawande 1998): split all rows in half at once, with slack that costs."""
    draw = np.random.default_rng(seed)
    size = 10 * (rows - 1)
    weights = draw.integers(0, 100, (rows, size))
    slack = np.hstack([np.eye(rows), -np.eye(rows)])
    half = weights.sum(axis=1) // 2
    cost = [0.0] * size + [1.0] * (2 * rows)
    upper = [1.0] * size + [inf] * (2 * rows)
    return programme(cost, np.hstack([weights, slack]), half, half, upper, [True] * size + [False] * 2 * rows)


def test_a_line_by_hand() -> None:
    # most of 3x + 2y within x + y <= 4 and x + 3y <= 6 is at (4, 0): one more unit of the first row is worth 3
    solved = programme([-3, -2], [[1, 1], [1, 3]], [-inf, -inf], [4, 6]).solve()
    assert solved.status == "optimal"
    assert solved.values is not None
    assert solved.values.tolist() == pytest.approx([4, 0])
    assert solved.objective == solved.bound == pytest.approx(-12)
    assert solved.gap == 0
    assert solved.row_dual is not None
    assert solved.reduced_cost is not None
    assert solved.row_dual.tolist() == pytest.approx([-3, 0])
    assert solved.reduced_cost.tolist() == pytest.approx([0, 1])


def test_whole_numbers_by_hand() -> None:
    # 5x + 4y within 6x + 5y <= 10: (5/3, 0) as a line, (0, 2) in whole numbers
    mixed = programme([-5, -4], [[6, 5]], [-inf], [10], whole=True)
    solved = mixed.solve()
    assert solved.values is not None
    assert solved.values.tolist() == pytest.approx([0, 2])
    assert solved.objective == pytest.approx(-8)
    assert solved.bound <= -8 + 1e-6
    assert (solved.row_dual, solved.reduced_cost) == (None, None)
    line = programme([-5, -4], [[6, 5]], [-inf], [10]).solve()
    assert line.objective == pytest.approx(-25 / 3)


@pytest.mark.parametrize("whole", [False, True])
def test_what_cannot_be_and_what_has_no_end(whole: bool) -> None:
    nothing = programme([1, 1], [[1, 1], [1, 1]], [3, -inf], [inf, 2], whole=whole).solve()
    assert (nothing.status, nothing.values, nothing.objective, nothing.bound) == ("infeasible", None, inf, inf)
    endless = programme([-1, 1], [[1, -1]], [-inf], [0.5], whole=whole).solve()
    if not whole:  # down the diagonal the objective stays 0 or more
        assert endless.status == "optimal"
    endless = programme([-1, 0], [[1, -1]], [-inf], [0.5], whole=whole).solve()
    assert (endless.status, endless.values, endless.objective) == ("unbounded", None, -inf)


def test_no_rows() -> None:
    solved = programme([1, -1], np.zeros((0, 2)), [], [], upper=[5, 7], lower=[2, 0]).solve()
    assert solved.objective == pytest.approx(-5)


def test_time_limit_keeps_the_best_and_a_valid_bound() -> None:
    told: list[tuple[float, float, float]] = []
    begun = time.perf_counter()
    solved = market_split(6).solve(time_limit_s=1.0, tell=lambda *one: told.append(one))
    assert time.perf_counter() - begun < 4
    assert solved.status == "time limit"
    assert solved.values is not None
    assert 0 <= solved.bound <= solved.objective
    assert solved.gap == pytest.approx((solved.objective - solved.bound) / solved.objective)
    assert told[-1][0] == pytest.approx(solved.objective)
    assert all(one[0] > two[0] for one, two in pairwise(told))


def test_a_start_is_kept_or_repaired() -> None:
    split = market_split(6)
    first = split.solve(time_limit_s=0.5)
    assert first.values is not None
    again = split.solve(time_limit_s=0.5, start=first.values)
    assert again.objective <= first.objective + 1e-6
    only_whole = np.where(split.whole, first.values, np.nan)
    assert split.solve(time_limit_s=0.5, start=only_whole).objective <= first.objective + 1e-6
    broken = np.where(split.whole, first.values, 0.0)
    assert split.solve(time_limit_s=0.5, start=broken).objective <= first.objective + 1e-6


def test_the_same_answer_twice() -> None:
    one, two = (market_split(3).solve() for _ in range(2))
    assert one.values is not None
    assert two.values is not None
    assert np.array_equal(one.values, two.values)


def test_an_interrupt_stops_highs_first() -> None:
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    begun = time.perf_counter()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        market_split(6).solve(time_limit_s=20)
    assert time.perf_counter() - begun < 10
    assert threading.active_count() <= 2


def test_what_tell_raises_is_raised() -> None:
    def stop(objective: float, bound: float, seconds: float) -> None:
        raise ValueError(f"enough at {objective}")

    with pytest.raises(ValueError, match="enough"):
        market_split(6).solve(time_limit_s=20, tell=stop)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cost": np.zeros(3)}, "cost must have 2 entries"),
        ({"row_upper": np.zeros(2)}, "row_upper must have 1 entries"),
        ({"upper": np.array([1.0, np.nan])}, "upper holds"),
        ({"lower": np.array([0.0, 2.0])}, "column 1 has its lower side 2 above its upper side 1"),
        ({"row_lower": np.array([9.0])}, "row 0"),
        ({"cost": np.array([np.inf, 1.0])}, "cost holds what is not a number"),
    ],
)
def test_bad_arrays_are_named(change: dict[str, np.ndarray], said: str) -> None:
    arrays = {
        "cost": np.ones(2),
        "lower": np.zeros(2),
        "upper": np.ones(2),
        "whole": np.zeros(2, dtype=bool),
        "row_lower": np.zeros(1),
        "row_upper": np.ones(1),
    }
    with pytest.raises(SolveError, match=said):
        Programme(rows=csr_array(np.ones((1, 2))), **(arrays | change))  # type: ignore[arg-type]


def test_nothing_reaches_the_standard_output_and_highs_loads_late() -> None:
    code = (
        "import sys, bactrian, bactrian.design.programme as p, numpy as np\n"
        "from scipy.sparse import csr_array\n"
        "assert 'highspy' not in sys.modules\n"
        "print('{', end='')\n"
        "one = p.Programme(np.ones(1), np.ones(1), np.ones(1), np.ones(1, dtype=bool), csr_array([[1.0]]),"
        " np.zeros(1), np.ones(1))\n"
        "print(one.solve().objective, end='}')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "{1.0}"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_lines_equal_scipy(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows, size = draw.integers(1, 6), draw.integers(1, 6)
    matrix = draw.integers(-4, 5, (rows, size)).astype(float)
    cost, right = draw.integers(-3, 6, size).astype(float), draw.integers(-2, 9, rows).astype(float)
    solved = programme(cost, matrix, np.full(rows, -inf), right, upper=7.0).solve()
    other = linprog(cost, A_ub=matrix, b_ub=right, bounds=(0, 7))
    if other.status == 2:
        assert solved.status == "infeasible"
        assert isinf(solved.objective)
    else:
        assert solved.objective == pytest.approx(other.fun, abs=1e-7)
        assert solved.row_dual is not None
        assert solved.reduced_cost is not None
        assert np.allclose(matrix.T @ solved.row_dual + solved.reduced_cost, cost, atol=1e-7)

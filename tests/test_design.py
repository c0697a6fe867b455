"""Network design: cases solved by hand, every set of open arcs tried, published values, and what cannot be carried."""

import csv
import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from bactrian.cli import main
from bactrian.design import Problem, check_design, design_network, front, problem_of
from bactrian.design.lagrange import bound_at, branch, climb
from bactrian.design.problem import state
from bactrian.errors import SolveError
from bactrian.formats import read_dow

BENCH = Path(__file__).parents[2] / "shared" / "bench" / "mcnd"
KNOWN = {  # proven to 1e-4 by HiGHS alone
    "c33": 423848,
    "c25_100_10_V_L_5": 14712,
    "c25_100_10_F_L_5": 14941,
    "c35": 371475,
    "c36": 643036,
    "c41": 429398,
    "c42": 586077,
    "c43": 464509,
    "c44": 604198,
    "r05.3": 221486,
    "r10.4": 229196,
    "c25_100_30_F_T_5": 85530,
}
QUICK = ("c33", "c25_100_10_V_L_5")

needs_bench = pytest.mark.skipif(not BENCH.is_dir(), reason="the public instances are not beside this folder")


def made(arcs: list[tuple[float, ...]], trade: list[tuple[float, ...]]) -> Problem:
    """A problem of rows (tail, head, cost, capacity, fixed) and (origin, destination, demand)."""
    table, pairs = np.array(arcs, dtype=float), np.array(trade, dtype=float)
    ends, of = table[:, :2].astype(np.int64), pairs[:, :2].astype(np.int64)
    cost = np.repeat(table[:, 2:3], len(trade), axis=1)
    nodes = 1 + int(max(ends.max(), of.max()))
    rest = (table[:, 3].copy(), table[:, 4].copy(), of[:, 0].copy(), of[:, 1].copy(), pairs[:, 2].copy())
    return Problem(nodes, ends[:, 0].copy(), ends[:, 1].copy(), cost, *rest)


def random_problem(seed: int) -> Problem:
    draw = np.random.default_rng(seed)
    nodes, arcs, commodities = int(draw.integers(2, 5)), int(draw.integers(1, 8)), int(draw.integers(1, 4))
    ends = draw.integers(0, nodes, (2, arcs + commodities))
    whole = bool(draw.integers(2))
    demand = draw.integers(0, 5, commodities) if whole else draw.uniform(0, 5, commodities)
    return Problem(
        nodes=nodes,
        tail=ends[0, :arcs],
        head=ends[1, :arcs],
        cost=draw.integers(0, 6, (arcs, commodities)).astype(float),
        capacity=draw.integers(0, 12, arcs).astype(float),
        fixed=draw.integers(0, 30, arcs).astype(float),
        origin=ends[0, arcs:],
        destination=ends[1, arcs:],
        demand=demand.astype(float),
    )


def carried(problem: Problem, opened: tuple[int, ...]) -> float:
    """Least cost of carrying all with these arcs, by scipy on the plain statement; inf if it cannot be done."""
    arcs, commodities = problem.cost.shape
    if not arcs * commodities:
        return 0.0
    conserve = np.zeros((commodities * problem.nodes, arcs * commodities))
    balance = np.zeros(commodities * problem.nodes)
    within = np.zeros((arcs, arcs * commodities))
    for k in range(commodities):
        balance[k * problem.nodes + problem.origin[k]] += problem.demand[k]
        balance[k * problem.nodes + problem.destination[k]] -= problem.demand[k]
        for a in range(arcs):
            conserve[k * problem.nodes + problem.tail[a], a * commodities + k] += 1
            conserve[k * problem.nodes + problem.head[a], a * commodities + k] -= 1
            within[a, a * commodities + k] = 1
    room = problem.capacity * np.array(opened)
    solved = linprog(problem.cost.ravel(), within, room, conserve, balance, method="highs")
    return float(solved.fun + problem.fixed @ np.array(opened)) if solved.status == 0 else np.inf


def by_trying_all(problem: Problem) -> float:
    return min(carried(problem, opened) for opened in product((0, 1), repeat=problem.tail.size))


def test_one_arc_for_all_or_one_for_each() -> None:
    # 0 -> 1 by an arc of 3 at fixed 9, or by 2 arcs of 2 at fixed 4 and 7 with flow at 1: 3 units cost 9 or 4 + 7 + 3
    arcs = [(0, 1, 0, 3, 9), (0, 1, 1, 2, 4), (0, 1, 1, 2, 7)]
    all_of_it = design_network(made(arcs, [(0, 1, 3)]))
    assert all_of_it.opened.tolist() == [True, False, False]
    assert all_of_it.value == pytest.approx(9)
    assert all_of_it.reached
    less = design_network(made(arcs, [(0, 1, 2)]))  # 2 units by the second arc: 4 + 2
    assert less.opened.tolist() == [False, True, False]
    assert less.value == pytest.approx(6)
    more = design_network(made(arcs, [(0, 1, 4)]))  # 3 by the first, 1 by the second: 9 + 4 + 1
    assert more.opened.tolist() == [True, True, False]
    assert more.value == pytest.approx(14)
    assert more.flow[:, 0].tolist() == pytest.approx([3, 1, 0])


def test_commodities_share_an_arc_they_would_not_open_alone() -> None:
    # alone each goes straight (fixed 6 + 1 * 1); both over the hub pay its 8 once: 8 + 4 * 0.5 = 10 against 14
    arcs = [(0, 3, 1, 9, 6), (1, 3, 1, 9, 6), (0, 2, 0.5, 9, 0), (1, 2, 0.5, 9, 0), (2, 3, 0.5, 9, 8)]
    both = design_network(made(arcs, [(0, 3, 1), (1, 3, 1)]))
    assert both.value == pytest.approx(10)
    assert both.opened.tolist() == [False, False, True, True, True]
    one = design_network(made(arcs, [(0, 3, 1), (1, 3, 0), (2, 2, 5)]))
    assert one.value == pytest.approx(7)
    assert one.opened.tolist() == [True, False, False, False, False]


def test_a_commodity_may_pay_more_than_another() -> None:
    problem = made([(0, 1, 0, 1, 0), (0, 1, 0, 1, 0)], [(0, 1, 1), (0, 1, 1)])
    problem = replace(problem, cost=np.array([[1.0, 2.0], [5.0, 3.0]]))
    assert design_network(problem).value == pytest.approx(4)


def test_nothing_to_carry() -> None:
    nothing = design_network(made([(0, 1, 1, 1, 5)], [(0, 1, 0), (1, 1, 4)]))
    assert (nothing.value, nothing.bound, nothing.gap, nothing.reached) == (0, 0, 0, True)
    assert not nothing.opened.any()
    free = design_network(made([(0, 1, 0, 3, 0), (1, 0, 0, 3, 0)], [(0, 1, 3)]))
    assert (free.value, free.reached) == (0, True)


@pytest.mark.parametrize(
    ("arcs", "trade", "said"),
    [
        ([(0, 1, 1, 4, 1)], [(0, 1, 5)], "from node 1 to node 2 lacks 1 of 5; the arcs in the way are full: 1-2 (4)"),
        ([(0, 1, 1, 4, 1)], [(1, 0, 5)], "from node 2 to node 1 lacks 5 of 5; no arcs lead there"),
        ([(0, 1, 1, 0, 1)], [(0, 1, 5)], "lacks 5 of 5; no arcs lead there"),
        (
            [(0, 1, 1, 9, 1), (1, 2, 1, 3, 1), (1, 2, 9, 1, 1), (2, 3, 1, 9, 1)],
            [(0, 3, 3), (1, 3, 3)],
            "the arcs in the way are full: 2-3 (3), 2-3 (1)",
        ),
    ],
)
def test_what_cannot_be_carried_is_named(arcs: Any, trade: Any, said: str) -> None:
    with pytest.raises(SolveError) as caught:
        design_network(made(arcs, trade))
    assert said in str(caught.value)
    assert "add capacity" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tail": np.array([7])}, "tail must be a node below 2"),
        ({"head": np.array([-1])}, "head must be a node below 2"),
        ({"fixed": np.array([np.nan])}, "fixed must be at least 0"),
        ({"demand": np.array([-1.0])}, "demand must be at least 0"),
        ({"cost": np.zeros((2, 1))}, "cost must have the shape"),
    ],
)
def test_bad_arrays_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SolveError, match=said):
        replace(made([(0, 1, 1, 1, 1)], [(0, 1, 1)]), **change)


def test_a_negative_gap_or_time_is_refused() -> None:
    problem = made([(0, 1, 1, 1, 1)], [(0, 1, 1)])
    for asked in ({"gap": -1.0}, {"time_limit_s": -1.0}, {"gap": np.nan}):
        with pytest.raises(SolveError, match="cannot work to a gap"):
            design_network(problem, **asked)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_trying_every_set_of_arcs(seed: int) -> None:
    problem = random_problem(seed)
    best = by_trying_all(problem)
    if np.isinf(best):
        with pytest.raises(SolveError, match="cannot be carried"):
            design_network(problem)
        return
    design = design_network(problem)
    near = 1e-6 * max(best, 1.0)
    assert best - near <= design.value <= best * (1 + 1e-4) + near
    assert design.bound <= best + near
    assert design.reached
    assert check_design(problem, design).holds
    tree, _ = branch(problem, climb(problem, 50), best, 0.0, np.inf)  # the tree alone proves what it says
    assert tree <= best + near


@pytest.mark.parametrize(("few", "some"), [(0, 0), (0, 10**6)])
def test_what_is_for_many_columns_holds_for_few(few: int, some: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "FEW", few)
    monkeypatch.setattr(front, "SOME", some)
    monkeypatch.setattr(front, "PATIENCE", 4)
    tried = solved = 0
    for seed in range(40):
        problem = random_problem(seed)
        best = by_trying_all(problem)
        if best == np.inf:
            continue
        design, near = design_network(problem, time_limit_s=2.0), 1e-6 * max(best, 1.0)
        assert check_design(problem, design).holds
        assert design.bound - near <= best <= design.value + near
        tried, solved = tried + 1, solved + (design.value <= best * (1 + 1e-4) + near)
    assert tried > 15
    assert solved >= tried - 1  # these ways promise no more than a good design


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_any_price_gives_a_bound(seed: int) -> None:
    problem = random_problem(seed)
    price = np.random.default_rng(seed).normal(0, 5, (problem.demand.size, problem.nodes))
    assert bound_at(problem, price)[0] <= by_trying_all(problem) + 1e-6


def test_the_climb_reaches_the_strong_linear_programme() -> None:
    draw = np.random.default_rng(5)
    ends = [(a, b) for a in range(6) for b in range(6) if a != b]
    arcs = [(a, b, *draw.integers(1, 9, 1), *draw.integers(8, 20, 1), *draw.integers(10, 60, 1)) for a, b in ends]
    problem = made(arcs, [(*draw.permutation(6)[:2], int(draw.integers(1, 7))) for _ in range(8)])
    stated = state(problem).programme
    line = replace(stated, whole=np.zeros_like(stated.whole)).solve()
    climbed = climb(problem, 4000)
    assert line.objective * (1 - 2e-3) <= climbed.bound <= line.objective * (1 + 1e-9)


def test_the_certificate_sees_what_is_wrong() -> None:
    problem = made([(0, 1, 0, 3, 9), (0, 1, 1, 2, 4)], [(0, 1, 3)])
    design = design_network(problem)
    assert check_design(problem, design).holds
    spoilt = [
        replace(design, value=design.value - 0.01),
        replace(design, flow=design.flow * 0.9),
        replace(design, flow=-design.flow),
        replace(design, opened=~design.opened),
        replace(design, flow=design.flow[::-1]),
        replace(design, bound=design.value + 1),
        replace(design, root=design.root + 1),
        replace(design, price=design.price + np.array([[0.0, 9.0]])),
    ]
    assert not any(check_design(problem, one).holds for one in spoilt)


@needs_bench
@pytest.mark.parametrize("name", QUICK)
def test_published_instances(name: str) -> None:
    problem = problem_of(read_dow(BENCH / f"{name}.dow"))
    told: list[tuple[float, float, float]] = []
    design = design_network(problem, tell=lambda *one: told.append(one))
    assert design.reached
    assert design.value <= KNOWN[name] * (1 + 1e-9)
    assert design.value >= KNOWN[name] * (1 - 1e-4)
    assert check_design(problem, design).holds
    assert told[-1][:2] == pytest.approx((design.value, design.bound))
    assert [step.value for step in design.log] == sorted((step.value for step in design.log), reverse=True)
    assert [step.bound for step in design.log] == sorted(step.bound for step in design.log)


@needs_bench
def test_a_short_time_still_gives_a_design_and_a_bound() -> None:
    problem = problem_of(read_dow(BENCH / "c37.dow"))
    design = design_network(problem, time_limit_s=4)
    assert check_design(problem, design).holds
    assert not design.reached
    assert 0 < design.bound < 94348 <= design.value  # a design of 94348 is known


@pytest.mark.nightly
@needs_bench
@pytest.mark.parametrize("name", sorted(set(KNOWN) - set(QUICK)))
def test_other_published_instances(name: str) -> None:
    problem = problem_of(read_dow(BENCH / f"{name}.dow"))
    design = design_network(problem)
    assert design.reached
    assert KNOWN[name] * (1 - 1e-4) <= design.value <= KNOWN[name] * (1 + 1e-9)
    assert check_design(problem, design).holds


DOW = "two ways\n3 3 1\n1 3 1 2 10\n1 2 1 1 1\n2 3 1 1 1\n1 3 2\n"


def bactrian(*words: str, code: int = 0) -> str:
    answer = CliRunner().invoke(main, ["design", *words])
    assert answer.exit_code == code, answer.output
    assert "Traceback" not in answer.output
    return answer.output


def test_the_command_writes_what_it_found(tmp_path: Path) -> None:
    file, out = tmp_path / "two.dow", tmp_path / "out"
    file.write_text(DOW)
    told = json.loads(bactrian(str(file), "--json", "--out", str(out)))
    assert (told["value"], told["opened"], told["reached"], told["certificate"]["holds"]) == (12, 1, True, True)
    assert json.loads((out / "design.json").read_text())["value"] == 12
    with (out / "arcs.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert [(row["from"], row["to"], row["open"], float(row["flow"])) for row in rows] == [
        ("1", "3", "1", 2),
        ("1", "2", "0", 0),
        ("2", "3", "0", 0),
    ]
    with (out / "flows.csv").open(newline="") as table:
        assert [list(row.values()) for row in csv.DictReader(table)] == [["1", "1", "3", "2.0"]]
    assert "certificate: holds" in bactrian(str(file))


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "two.dow"
    assert "cannot be read" in bactrian(str(file), code=2)
    file.write_text(DOW.replace("1 3 2\n", "1 3 5\n"))
    assert "from node 1 to node 3 lacks 2 of 5" in bactrian(str(file), code=2)
    file.write_text(DOW.replace("1 3 2\n", "1 9 5\n"))
    told = json.loads(bactrian(str(file), "--json", code=2))
    assert told["findings"][0]["row"] == 6
    file.write_text(DOW)
    assert "cannot work to a gap" in bactrian(str(file), "--gap", "-1", code=2)

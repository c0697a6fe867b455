"""User equilibrium against cases solved by hand, and properties any equilibrium has."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from bactrian.assign import delay
from bactrian.assign import path_flows as kernels
from bactrian.assign.equilibrium import BPR, CONICAL, QUEUE, Delays, Equilibrium, Problem, user_equilibrium


def problem(arcs, demand, delays, *, nodes, fixed=None, resource=None, first_through=0):  # type: ignore[no-untyped-def]
    """`arcs` (tail, head), `demand` (origin, destination, class, amount), one resource per arc unless told."""
    tail, head = np.array(arcs).T
    origin, destination, klass = np.array([one[:3] for one in demand]).T
    fixed = np.zeros((1, tail.size)) if fixed is None else np.array(fixed, dtype=float)
    resource = np.arange(tail.size) if resource is None else np.array(resource)
    amount = np.array([one[3] for one in demand], dtype=float)
    return Problem(nodes, first_through, tail, head, resource, fixed, delays, origin, destination, klass, amount)


def linear(free, rise):  # type: ignore[no-untyped-def]
    """t = free + rise x, as BPR laws of power 1 and capacity 1."""
    free, rise = np.array(free, dtype=float), np.array(rise, dtype=float)
    one = np.ones(free.size)
    return Delays(np.full(free.size, BPR), free, one, rise / free, one)


def city(rng=None, classes=1):  # type: ignore[no-untyped-def]
    """A grid of 5 x 5 with random laws of all kinds and zones at the corners and in the middle."""
    rng = rng or np.random.default_rng(7)
    at = np.arange(25).reshape(5, 5)
    ends = [(at[:, :-1], at[:, 1:]), (at[:-1], at[1:])]
    pairs = [pair for tails, heads in ends for pair in zip(tails.ravel(), heads.ravel(), strict=True)]
    arcs = [(int(a), int(b)) for a, b in pairs] + [(int(b), int(a)) for a, b in pairs]
    size = len(arcs)
    law = rng.choice([BPR, CONICAL, QUEUE], size)
    shape = np.select([law == BPR, law == CONICAL], [0.15, 4.0], 2.0)
    power = np.where(law == QUEUE, 0.95, rng.choice([1.0, 2.5, 4.0], size))
    delays = Delays(law, rng.uniform(1, 5, size), rng.uniform(20, 60, size), shape, power)
    zones = [0, 4, 12, 20, 24]
    demand = [(a, b, k, rng.uniform(5, 20)) for k in range(classes) for a in zones for b in zones if a != b]
    return problem(arcs, demand, delays, nodes=25, fixed=rng.uniform(0, 2, (classes, size)))


def gap_by_scipy(solution: Equilibrium) -> float:
    """Relative gap with the laws of `bactrian.assign.delay` and the paths of scipy (first_through 0, no parallels)."""
    p, total, best = solution.problem, 0.0, 0.0
    times = np.empty(p.tail.size)
    for r in range(p.delays.law.size):
        d, args = p.delays, (p.delays.free[r], solution.load[r], p.delays.capacity[r])
        if d.law[r] == BPR:
            times[r] = delay.bpr(*args, d.shape[r], d.power[r])[0]
        elif d.law[r] == CONICAL:
            times[r] = delay.conical(*args, d.shape[r])[0]
        else:
            times[r] = delay.queue(*args, d.shape[r], d.power[r])[0]
    flows = solution.arc_flow
    for k in range(p.fixed.shape[0]):
        cost = p.fixed[k] + times
        total += float(flows[k] @ cost)
        distance = dijkstra(csr_array((cost, (p.tail, p.head)), shape=(p.nodes, p.nodes)))
        own = p.klass == k
        best += float(p.amount[own] @ distance[p.origin[own], p.destination[own]])
    return 1 - best / total


def test_braess_paradox() -> None:
    # Braess (1968): without the shortcut 3 + 3 at 83, with it 2 on each of three paths at 92
    arcs = [(0, 2), (0, 3), (2, 1), (3, 1), (2, 3)]
    delays = linear([1e-9, 50, 50, 1e-9, 10], [10, 1, 1, 10, 1])
    case = problem(arcs, [(0, 1, 0, 6.0)], delays, nodes=4)
    open_ = user_equilibrium(case, 1e-12)
    np.testing.assert_allclose(open_.load, [4, 2, 2, 4, 2], rtol=1e-8)
    np.testing.assert_allclose(open_.flow, [2, 2, 2], rtol=1e-8)
    closed = user_equilibrium(replace(case, fixed=np.array([[0, 0, 0, 0, np.inf]])), 1e-12)
    np.testing.assert_allclose(closed.load, [3, 3, 3, 3, 0], atol=1e-8)
    cost = [float(s.load @ (delays.free + delays.free * delays.shape * s.load)) / 6 for s in (open_, closed)]
    np.testing.assert_allclose(cost, [92, 83], rtol=1e-8)


@pytest.mark.parametrize(
    ("law", "time", "shape", "power"),
    [
        (BPR, lambda x: 10 * (1 + 0.15 * (x / 50) ** 4), 0.15, 4.0),
        (BPR, lambda x: 10 * (1 + 0.5 * (x / 50) ** 2), 0.5, 2.0),
        (BPR, lambda x: 10 * (1 + 0.5 * (x / 50) ** 2.7), 0.5, 2.7),
        (CONICAL, lambda x: 10 * (2 + np.hypot(4 * (1 - x / 50), 7 / 6) - 4 * (1 - x / 50) - 7 / 6), 4.0, 0.0),
        (QUEUE, lambda x: 10 + 3 * (x / 50) / (1 - x / 50), 3.0, 0.95),
    ],
)
def test_two_routes(law, time, shape, power) -> None:  # type: ignore[no-untyped-def]
    # the other route takes 14 at any load: the first fills until it takes 14 too
    delays = Delays(np.array([law]), np.array([10.0]), np.array([50.0]), np.array([shape]), np.array([power]))
    case = problem([(0, 1), (0, 1)], [(0, 1, 0, 200.0)], delays, nodes=2, fixed=[[0, 14]], resource=[0, -1])
    expected = brentq(lambda x: time(x) - 14, 0, 200 if law != QUEUE else 47)
    solved = user_equilibrium(case, 1e-13)
    np.testing.assert_allclose(solved.arc_flow[0], [expected, 200 - expected], rtol=1e-8)


def test_kernels_agree_with_delay() -> None:
    for x in (0.0, 3.0, 40.0, 47.5, 49.0, 80.0):
        for law, shape, power in [(BPR, 0.2, 1.0), (BPR, 0.2, 4.0), (BPR, 0.2, 3.3), (BPR, 0.2, 5.0), (BPR, 0.2, 0.0),
                                  (BPR, 0.0, 4.0), (CONICAL, 3.0, 0.0), (QUEUE, 5.0, 0.9)]:  # fmt: skip
            one = np.ones(1)
            kind, laws = Delays(np.array([law]), 7 * one, 50 * one, shape * one, power * one).coded()
            time, slope, load = np.zeros(2), np.zeros(2), np.array([x, 0.0])
            kernels.refresh(kind, laws, load, time, slope)
            known = {
                BPR: lambda x, s, p: delay.bpr(7, x, 50, s, p),
                CONICAL: lambda x, s, p: delay.conical(7, x, 50, s),
                QUEUE: lambda x, s, p: delay.queue(7, x, 50, s, p),
            }[law](x, shape, power)
            found = (time[0], slope[0], kernels.area(kind, laws, load))
            np.testing.assert_allclose(found, known, rtol=1e-12, atol=1e-12)


def test_classes_with_their_own_values_of_time() -> None:
    # a toll of 6 is 1 hour for class 0 (6 per hour) and 6 hours for class 1 (1 per hour); road 0 takes 10 + x, road 1
    # 12 and the toll nothing else: class 0 leaves road 0 at 13, class 1 at 18; at 10 + 2 = 12 < 13 all of class 1 stay
    fixed = [[0, 1], [0, 6]]
    delays = linear([10, 12], [1, 0])
    few = problem([(0, 1), (0, 1)], [(0, 1, 0, 5.0), (0, 1, 1, 2.0)], delays, nodes=2, fixed=fixed)
    np.testing.assert_allclose(user_equilibrium(few, 1e-12).arc_flow, [[1, 4], [2, 0]], atol=1e-9)
    many = replace(few, amount=np.array([5.0, 9.0]))  # class 1 alone reaches 18 at x = 8
    np.testing.assert_allclose(user_equilibrium(many, 1e-12).arc_flow, [[0, 5], [8, 1]], atol=1e-9)


def test_arcs_that_share_a_resource() -> None:
    # both directions of one line load it: 10 + x0 + x1 = 16 for both pairs leaves 6 on the line, whoever they are
    arcs = [(0, 1), (1, 0), (0, 1), (1, 0)]
    demand = [(0, 1, 0, 4.0), (1, 0, 0, 4.0)]
    case = problem(arcs, demand, linear([10], [1]), nodes=2, fixed=[[0, 0, 16, 16]], resource=[0, 0, -1, -1])
    solved = user_equilibrium(case, 1e-12)
    np.testing.assert_allclose(solved.load, [6], rtol=1e-9)
    assert solved.objective == pytest.approx(10 * 6 + 6**2 / 2 + 2 * 16, rel=1e-12)


def test_zones_are_not_passed_and_the_unreachable_are_named() -> None:
    # 0 -> 1 -> 2 costs 2 but zone 1 may not be passed; 0 -> 3 -> 2 costs 20; nothing leads to 4
    arcs = [(0, 1), (1, 2), (0, 3), (3, 2)]
    demand = [(0, 2, 0, 5.0), (0, 4, 0, 3.0), (1, 2, 0, 1.0), (2, 2, 0, 9.0)]
    nothing = linear([1.0], [0.0])
    kwargs = {"nodes": 5, "fixed": [[1, 1, 10, 10]], "resource": [-1] * 4}
    blocked = user_equilibrium(problem(arcs, demand, nothing, first_through=3, **kwargs))
    assert blocked.arc_flow.tolist() == [[0, 1, 5, 5]]
    assert blocked.unreachable.tolist() == [False, True, False, False]
    assert blocked.gap == 0
    free = user_equilibrium(problem(arcs, demand, nothing, first_through=0, **kwargs))
    assert free.arc_flow.tolist() == [[5, 6, 0, 0]]


def test_nothing_to_do() -> None:
    case = replace(city(), origin=np.zeros(0, int), destination=np.zeros(0, int), klass=np.zeros(0, int))
    solved = user_equilibrium(replace(case, amount=np.zeros(0)))
    assert solved.gap == 0
    assert solved.flow.size == 0
    assert solved.load.sum() == 0


@pytest.mark.parametrize("classes", [1, 3])
def test_gap_conservation_and_descent(classes: int) -> None:
    solved = user_equilibrium(city(classes=classes), 1e-11)
    p = solved.problem
    assert solved.gap <= 1e-11
    assert abs(gap_by_scipy(solved)) <= 1e-10
    assert solved.flow.min() > 0
    np.testing.assert_allclose(np.bincount(solved.owner, solved.flow), p.amount, rtol=1e-14)
    for one, (start, end) in enumerate(zip(solved.start[:-1], solved.start[1:], strict=True)):
        arcs, row = solved.arcs[start:end], solved.owner[one]
        assert p.tail[arcs[0]] == p.origin[row]
        assert p.head[arcs[-1]] == p.destination[row]
        assert (p.head[arcs[:-1]] == p.tail[arcs[1:]]).all()
    steps = np.diff(solved.log[:, 1])
    assert steps.max() <= 1e-13 * solved.objective


def test_warm_start_reaches_the_same_flows() -> None:
    rng = np.random.default_rng(3)
    case = city(classes=2)
    before = user_equilibrium(case, 1e-11)
    fixed = case.fixed.copy()
    fixed[0, before.arc_flow[0].argmax()] = np.inf
    delays = replace(case.delays, capacity=case.delays.capacity * rng.uniform(0.7, 1.3, case.tail.size))
    keep = np.flatnonzero(rng.random(case.amount.size) < 0.8)[::-1]
    after = replace(
        case, fixed=fixed, delays=delays, origin=case.origin[keep], destination=case.destination[keep],
        klass=case.klass[keep], amount=case.amount[keep] * 1.2,
    )  # fmt: skip
    cold, warm = user_equilibrium(after, 1e-12), user_equilibrium(after, 1e-12, start=before)
    np.testing.assert_allclose(warm.load, cold.load, rtol=1e-5, atol=1e-5)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-12)
    again = user_equilibrium(after, 1e-11, start=cold)
    assert again.iterations <= 2
    with pytest.raises(ValueError, match="same nodes"):
        user_equilibrium(replace(after, tail=after.head, head=after.tail), start=before)


def test_a_bar_that_is_lifted_is_seen_by_a_warm_start() -> None:
    case = problem([(0, 1), (1, 2)], [(0, 2, 0, 10.0)], linear([1, 1], [0.1, 0.1]), nodes=3, fixed=[[np.inf, 0]])
    barred = user_equilibrium(case, 1e-10)
    assert barred.unreachable.tolist() == [True]
    lifted = user_equilibrium(replace(case, fixed=np.zeros((1, 2))), 1e-10, start=barred)
    assert lifted.unreachable.tolist() == [False]
    assert lifted.load.tolist() == [10, 10]
    # the way over node 1, once barred, is cheaper by 5 than the one over node 3
    arcs, ways = [(0, 1), (1, 2), (0, 3), (3, 2)], linear([1, 1, 1, 1], [0.1, 0.1, 0.1, 0.1])
    case = problem(arcs, [(0, 2, 0, 10.0)], ways, nodes=4, fixed=[[np.inf, 0, 5, 0]])
    barred = user_equilibrium(case, 1e-10)
    lifted = user_equilibrium(replace(case, fixed=np.array([[0.0, 0, 5, 0]])), 1e-10, start=barred)
    np.testing.assert_allclose(lifted.load, [10, 10, 0, 0], atol=1e-9)


@pytest.mark.parametrize(("power", "much"), [(20.0, 60.0), (16.0, 500.0), (12.0, 1000.0), (8.0, 10_000.0)])
def test_steep_laws_do_not_stall(power: float, much: float) -> None:
    both = Delays(np.zeros(2), np.array([1.0, 9]), np.array([11.0, 3]), np.array([4, 0.15]), np.array([1.5, power]))
    solved = user_equilibrium(problem([(0, 1), (0, 1)], [(0, 1, 0, much)], both, nodes=2), 1e-10)
    assert solved.gap <= 1e-10

    def excess(x: float) -> float:
        return 1 + 4 * ((much - x) / 11) ** 1.5 - 9 * (1 + 0.15 * (x / 3) ** power)

    np.testing.assert_allclose(solved.load[1], brentq(excess, 0, much, xtol=1e-13), rtol=1e-7)


def test_a_problem_keeps_its_own_values() -> None:
    fixed = np.array([[0.0, 5]])
    case = problem([(0, 1), (0, 1)], [(0, 1, 0, 10.0)], linear([1, 1], [0.1, 0.1]), nodes=2, fixed=fixed)
    before = user_equilibrium(case, 1e-10)
    fixed[0] = [5, 0]
    assert user_equilibrium(case, 1e-10, start=before).load.tolist() == before.load.tolist()
    with pytest.raises(ValueError, match="read-only"):
        case.fixed[0] = 0


def test_many_nodes_in_small_integers_are_told_apart() -> None:
    few = np.array([[61357, 5], [0, 22709]], dtype=np.int32)
    laws = Delays(np.zeros(2), np.ones(2), np.ones(2), np.zeros(2), np.ones(2))
    rows = {"klass": np.zeros(1, np.int32), "amount": np.ones(1)}
    base = Problem(
        70_000, 0, few[:, 0], few[:, 1], np.arange(2), np.zeros((1, 2)), laws, few[:1, 0], few[:1, 1], **rows
    )
    other = replace(base, origin=few[1:, 0], destination=few[1:, 1])
    assert user_equilibrium(other, 1e-10, start=user_equilibrium(base, 1e-10)).load.tolist() == [0, 1]


def test_a_resource_used_many_times_over_counts_each_time() -> None:
    # twelve arcs in a row load one resource: 12 (1 + 12 x / 10) = 40 at x = 70/36
    arcs = [(one, one + 1) for one in range(12)] + [(0, 12)]
    line = linear([1], [0.1])
    case = problem(arcs, [(0, 12, 0, 5.0)], line, nodes=13, fixed=[[0] * 12 + [40]], resource=[0] * 12 + [-1])
    solved = user_equilibrium(case, 1e-12)
    np.testing.assert_allclose(solved.load, [12 * 70 / 36], rtol=1e-8)


def test_numbering_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    case = city()
    arcs, nodes = rng.permutation(case.tail.size), rng.permutation(case.nodes)
    d = case.delays
    other = replace(
        case, tail=nodes[case.tail][arcs], head=nodes[case.head][arcs], fixed=case.fixed[:, arcs],
        origin=nodes[case.origin], destination=nodes[case.destination],
        delays=Delays(d.law[arcs], d.free[arcs], d.capacity[arcs], d.shape[arcs], d.power[arcs]),
    )  # fmt: skip
    one, two = user_equilibrium(case, 1e-12), user_equilibrium(other, 1e-12)
    np.testing.assert_allclose(two.load, one.load[arcs], rtol=1e-5, atol=1e-5)
    assert two.objective == pytest.approx(one.objective, rel=1e-12)


def test_two_identical_classes_are_one() -> None:
    case = city()
    size = case.amount.size
    twice = replace(
        case, fixed=np.repeat(case.fixed, 2, axis=0), origin=np.tile(case.origin, 2),
        destination=np.tile(case.destination, 2), klass=np.repeat([0, 1], size), amount=np.tile(case.amount / 2, 2),
    )  # fmt: skip
    one, two = user_equilibrium(case, 1e-12), user_equilibrium(twice, 1e-12)
    np.testing.assert_allclose(two.load, one.load, rtol=1e-5, atol=1e-5)
    assert two.objective == pytest.approx(one.objective, rel=1e-12)


def test_threads_and_repetition_change_nothing() -> None:
    one, two, again = (user_equilibrium(city(), 1e-11, threads=threads) for threads in (1, 2, 1))
    assert np.array_equal(one.load, two.load)
    assert np.array_equal(one.load, again.load)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount": -1.0}, "amount"),
        ({"origin": 99}, "origin"),
        ({"head": -1}, "head"),
        ({"resource": 999}, "resource"),
        ({"fixed": np.nan}, "fixed"),
    ],
)
def test_bad_problems_are_refused(change: dict[str, float], message: str) -> None:
    case = city()
    for name, value in change.items():
        array = getattr(case, name).copy()
        array[..., 0] = value
        case = replace(case, **{name: array})
    with pytest.raises(ValueError, match=message):
        user_equilibrium(case)


@pytest.mark.parametrize("seed", range(40))
def test_any_city_settles_and_falls_at_every_step(seed: int) -> None:
    settles(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(40, 1000))
def test_a_thousand_cities_settle(seed: int) -> None:
    settles(seed)


def settles(seed: int) -> None:
    solved = user_equilibrium(city(np.random.default_rng(seed), classes=1 + seed % 3), 1e-11)
    assert solved.gap <= 1e-11
    assert abs(gap_by_scipy(solved)) <= 1e-10
    assert np.diff(solved.log[:, 1]).max() <= 1e-12 * solved.objective
    np.testing.assert_allclose(np.bincount(solved.owner, solved.flow), solved.problem.amount, rtol=1e-12)

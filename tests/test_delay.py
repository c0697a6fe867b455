from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from bactrian.assign import bpr, conical, queue
from bactrian.assign.equilibrium import BPR, QUEUE, Delays
from bactrian.assign.waiting import load_at, waiting

LAWS = [bpr, conical, queue]
positive = st.floats(0.1, 100)


@pytest.mark.parametrize("law", LAWS)
@given(free=positive, c=positive, load=st.floats(0.01, 3))
def test_derivative_and_integral_agree_with_numerical_ones(law: Callable, free: float, c: float, load: float) -> None:
    x = load * c
    _, slope, area = law(free, x, c)
    step = 1e-6 * c
    numerical = (law(free, x + step, c)[0] - law(free, x - step, c)[0]) / (2 * step)
    assert slope == pytest.approx(numerical, rel=1e-3, abs=1e-6 * free / c)
    expected, _ = quad(lambda y: float(law(free, y, c)[0]), 0, x, points=[min(x, 0.95 * c)], epsrel=1e-10)
    assert area == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("law", LAWS)
@given(free=positive, c=positive)
def test_convex_and_increasing_from_free_time(law: Callable, free: float, c: float) -> None:
    time, slope, area = law(free, np.linspace(0, 3 * c, 200), c)
    assert time[0] == pytest.approx(free)
    assert area[0] == pytest.approx(0, abs=1e-9 * free * c)
    assert (np.diff(time) >= 0).all()
    assert (np.diff(slope) >= -1e-9 * slope.max()).all()


def test_power_zero_is_a_constant_time() -> None:
    time, slope, area = bpr(10.0, np.array([0.0, 30.0]), 20.0, b=0.5, power=0.0)
    assert time.tolist() == [15, 15]
    assert slope.tolist() == [0, 0]
    assert area.tolist() == [0, 450]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("bad", [(1, 1, 0), (1, -1, 1), (-1, 1, 1), (np.nan, 1, 1), (1, 1, np.nan)])
def test_refuses_what_has_no_meaning(law: Callable, bad: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        law(*bad)


@given(
    st.lists(
        st.tuples(st.booleans(), st.floats(0.5, 500), st.floats(1, 1e5), st.floats(0, 1.3), st.floats(0, 50)),
        min_size=1,
        max_size=6,
    )
)
def test_compiled_waits_are_those_of_the_laws_and_places_lead_back_to_loads(
    resources: list[tuple[bool, float, float, float, float]],
) -> None:
    road, hours, capacity, ratio, own = (np.array(each) for each in zip(*resources, strict=True))
    free = np.where(road, 1e-9, 0.0)
    shape, power = np.where(road, 0.15 * hours / 1e-9, hours), np.where(road, 4.0, 0.99)
    laws = Delays(np.where(road, BPR, QUEUE), free, capacity, shape, power)
    load = ratio * capacity
    expected = [
        bpr(f, x, c, b) if is_road else queue(0.0, x, c, wait=b, bend=0.99)
        for is_road, f, x, c, b in zip(road, free, load, capacity, shape, strict=True)
    ]
    told = waiting(laws, load)
    for got, want in zip(told, zip(*expected, strict=True), strict=True):
        np.testing.assert_allclose(got, np.array(want), rtol=1e-12, atol=1e-12)
    place = load + own * told[0]
    np.testing.assert_allclose(load_at(laws, own, place, np.zeros(load.size)), load, rtol=1e-9, atol=1e-9)

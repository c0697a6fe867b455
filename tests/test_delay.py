from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from bactrian.assign import bpr, conical, queue

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

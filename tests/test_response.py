"""Demand that answers to cost: closed forms, what settles, and what the certificate sees."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq

import bactrian as ba
from bactrian.assign.certificate import certify
from bactrian.assign.response import FLOOR, Patient, Response
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10}
ROAD = {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20}
GOODS = {"id": "goods", "cost_elasticity": -0.5}


def one(amount: float, reference: float, level: float, elasticity: float) -> Response:
    return Response(*(np.array([each]) for each in (amount, reference, level, elasticity)))


@given(
    st.floats(1, 1e4), st.floats(1, 500), st.floats(-100, 100), st.floats(0, 4), st.floats(-90, 400), st.floats(0, 200)
)
def test_area_and_slope_are_those_of_the_demand(
    amount: float, reference: float, level: float, elasticity: float, start: float, rise: float
) -> None:
    answer = one(amount, reference, level, elasticity)
    low, high = level + start, level + start + rise
    bend = level - reference + FLOOR * reference
    whole, _ = quad(
        lambda cost: answer.demand(np.array([cost]))[0], low, high, points=[bend] if low < bend < high else None
    )
    between = answer.area(np.array([high])) - answer.area(np.array([low]))
    assert between[0] == pytest.approx(whole, rel=1e-6, abs=1e-6 * amount)
    if abs(high - bend) > 1e-3 * reference:
        step = 1e-6 * reference
        drop = answer.demand(np.array([high - step])) - answer.demand(np.array([high + step]))
        assert answer.slope(np.array([high]))[0] == pytest.approx(drop[0] / (2 * step), rel=1e-4, abs=1e-6 * amount)


def test_without_a_reference_demand_stays() -> None:
    assert one(70, 0, 0, 2).demand(np.array([1e3])).tolist() == [70]


@pytest.mark.parametrize("method", ["logit", "equilibrium"])
def test_a_dearer_way_draws_what_the_power_law_says(tmp_path: Path, method: Any) -> None:
    # 10 USD and 10 h at 1 USD/h are 20; 5 USD more are a quarter more, so demand falls to 1.25^-0.5
    case = small_case(tmp_path, links=[RAIL], commodities=[GOODS])
    flows = ba.run(case.with_({"links": {"rail": {"usd_per_t": 15}}}), method=method)
    assert flows.pairs.loc[0, "kt"] == pytest.approx(100 * 1.25**-0.5, rel=1e-9)
    assert flows.pairs.loc[0, "reference_kt"] == 100
    assert flows.certificate.holds


@pytest.mark.parametrize("method", ["logit", "equilibrium"])
def test_demand_and_queue_settle_together(tmp_path: Path, method: Any) -> None:
    # an hour of waiting costs 1.05 USD/t; the wait at half of 120 kt is 2 h; today 100 kt wait
    case = small_case(tmp_path, links=[{**RAIL, "capacity_kt": 120}], commodities=[GOODS])

    def cost(x: float, price: float) -> float:
        return price + 10 + 1.05 * 2 * (x / 120) / (1 - x / 120)

    flows = ba.run(case.with_({"links": {"rail": {"usd_per_t": 20}}}), method=method)
    expected = brentq(lambda x: x - 100 * (cost(x, 20) / cost(100, 10)) ** -0.5, 1, 119, xtol=1e-12)
    assert flows.pairs.loc[0, "kt"] == pytest.approx(expected, rel=1e-7)
    assert flows.certificate.holds


def test_losing_one_of_two_ways_costs_the_logsum(tmp_path: Path) -> None:
    # costs 20 and 25 at a scale of 0.1; without the road the logsum rises by ln(1 + e^-0.5) / 0.1
    case = small_case(tmp_path, links=[RAIL, ROAD], commodities=[GOODS])
    flows = ba.run(case.with_({"links": {"road": None}}))
    share = 1 / (1 + math.exp(-0.5))
    mean = 20 * share + 25 * (1 - share)
    lost = math.log(1 + math.exp(-0.5)) / 0.1
    assert flows.pairs.loc[0, "kt"] == pytest.approx(100 * (1 + lost / mean) ** -0.5, rel=1e-9)


@pytest.mark.parametrize("method", ["logit", "equilibrium"])
def test_the_certificate_notices_a_demand_that_does_not_answer(tmp_path: Path, method: Any) -> None:
    case = small_case(tmp_path, links=[RAIL, ROAD], commodities=[GOODS])
    flows = ba.run(case, method=method)
    ends = {"k": 0, "source": flows.network.origin("o"), "target": flows.network.destination("d")}
    reference = {"reference_usd": flows.pairs["cost_usd"], "reference_composite_usd": flows.pairs["composite_usd"] - 5}
    pairs = flows.pairs.assign(**ends, **reference, elasticity=0.5)
    given = np.zeros(1), method, np.zeros(0), np.zeros(1)
    wrong = certify(flows.network, pairs, list(flows.routes), flows.ways["kt"].to_numpy(), *given)
    mean = flows.pairs.loc[0, "cost_usd"]
    assert wrong.response == pytest.approx(1 - (1 + 5 / mean) ** -0.5, rel=1e-6)
    assert not wrong.holds


def test_a_year_without_change_is_its_own_reference(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[RAIL, ROAD], commodities=[GOODS])
    later = ba.run(case, year=2030)  # no growth, no congestion: nothing to answer to
    assert later.pairs.loc[0, "kt"] == pytest.approx(100, rel=1e-12)
    assert ba.run(case).pairs.loc[0, "kt"] == 100


def test_an_adjustment_counts_like_money_but_is_not_paid(tmp_path: Path) -> None:
    adjustments = [{"id": "custom", "kind": "cost", "rows": "road", "value": 5, "fit": "no"}]
    flows = ba.run(small_case(tmp_path, links=[RAIL, ROAD], adjustments=adjustments))
    ways = flows.ways.set_index("modes")
    assert ways.loc["rail", "kt"] == pytest.approx(100 / (1 + math.exp(-1)), rel=1e-12)
    assert ways.loc["road", ["usd", "cost_usd"]].tolist() == [20, 30]


def test_an_adjustment_may_not_make_a_way_cheaper_than_nothing(tmp_path: Path) -> None:
    adjustments = [{"id": "gift", "kind": "cost", "rows": "rail", "value": -21, "fit": "no"}]
    with pytest.raises(ba.CaseError, match=r"adjustments, line 2.*: -21 USD/t leaves a cost below"):
        ba.run(small_case(tmp_path, links=[RAIL, ROAD], adjustments=adjustments))


@pytest.mark.parametrize("method", ["logit", "equilibrium"])
def test_capacity_is_worth_what_users_gain_who_also_come_and_go(tmp_path: Path, method: Any) -> None:
    case = small_case(
        tmp_path, links=[{**RAIL, "capacity_kt": 120}], commodities=[{"id": "goods", "cost_elasticity": -3}]
    ).with_({"links": {"rail": {"usd_per_t": 12}}})
    base = ba.run(case.original, method=method)
    flows = ba.run(case, method=method, reference=base)

    def level(capacity: float) -> float:
        wider = case.with_({"links": {"rail": {"capacity_kt": capacity}}})
        return float(ba.run(wider, method=method, reference=base).pairs.loc[0, "composite_usd"])

    gain = flows.pairs.loc[0, "kt"] * (level(119.99) - level(120.01)) / 0.02
    assert flows.resources.loc[0, "worth_usd_per_t"] == pytest.approx(gain, rel=1e-3)


@given(
    st.floats(1, 500), st.floats(-100, 100), st.floats(0, 4), st.floats(-50, 100), st.floats(0, 60),
    st.floats(-50, 100), st.floats(0.5, 200),
)  # fmt: skip
def test_those_who_wait_and_those_who_go_are_the_demand_at_what_they_face(
    reference: float, level: float, elasticity: float, start: float, rise: float, later: float, span: float
) -> None:
    plain = one(100, reference, level, elasticity)
    answer = Patient(plain, np.array([level + later]), np.array([span]))
    low, high = np.array([level + start]), np.array([level + start + rise])
    # tonnes that come t before the end of the spell, t even in (0, 1), pay the less of going now and waiting span t
    even = (np.arange(100_000) + 0.5) / 100_000
    waits = level + later + span * even
    cheaper = np.minimum(high, waits)
    assert answer.faced(high)[0] == pytest.approx(cheaper.mean(), rel=1e-6, abs=1e-6 * span)
    assert answer.share(high)[0] == pytest.approx((waits < high).mean(), abs=2e-5)
    assert answer.demand(high) + answer.waiting(high) == pytest.approx(plain.demand(answer.faced(high)), rel=1e-9)
    kinks = [each for each in (level + later, level + later + span) if low[0] < each < high[0]]
    whole, _ = quad(
        lambda cost: answer.demand(np.array([cost]))[0], low[0], high[0], points=kinks or None, epsabs=1e-7, limit=200
    )
    assert (answer.area(high) - answer.area(low))[0] == pytest.approx(whole, rel=1e-5, abs=1e-4)
    step = 1e-6
    bends = [level - reference + FLOOR * reference, *((level + later, level + later + span))]
    if min(abs(answer.faced(high)[0] - bends[0]), *(abs(high[0] - each) for each in bends[1:])) > 1e-3:
        drop = (answer.demand(high - step) - answer.demand(high + step)) / (2 * step)
        assert answer.slope(high) == pytest.approx(drop, rel=1e-3, abs=1e-5)


def test_nobody_waits_where_nobody_may_and_all_do_where_no_way_leads() -> None:
    plain = one(100, 50, 20, 1)
    never = Patient(plain, np.array([20.0]), np.array([np.inf]))
    assert never.demand(np.array([30.0])) == pytest.approx(plain.demand(np.array([30.0])))
    assert never.waiting(np.array([30.0])).tolist() == [0]
    shut = Patient(plain, np.array([20.0]), np.array([100.0]))
    assert shut.waiting(np.array([np.inf])) == pytest.approx([50])  # on average 50 dearer: twice the reference
    assert shut.demand(np.array([np.inf])).tolist() == [0]

"""Both methods of assignment against cases solved by hand, and what every method must keep on any case."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import bactrian as ba
from bactrian.assign import METHODS, assign
from bactrian.assign.certificate import certify
from bactrian.demand import demand
from bactrian.network import Network, build
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10}
ROAD = {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20}


def built_in(year: int) -> tuple[Network, pd.DataFrame]:
    case = ba.load("transcaspian")
    return build(case, year), demand(case, year).table


def tonnes(flows: ba.Flows) -> dict[str, float]:
    return flows.by("modes").set_index("modes")["kt"].to_dict()


def test_two_ways_without_queues_share_by_the_logit_formula(tmp_path: Path) -> None:
    # rail costs 10 + 10 h at 1 USD/h, road 20 + 5: five dollars apart at a scale of 0.1
    flows = ba.run(small_case(tmp_path, links=[RAIL, ROAD]))
    assert tonnes(flows)["rail"] == pytest.approx(100 / (1 + math.exp(-0.5)), rel=1e-12)
    assert flows.certificate.holds


def test_a_queue_settles_where_the_closed_form_says(tmp_path: Path) -> None:
    # the wait is 2 h at half capacity, and an hour of it costs the value of time and 0.05 of standing
    flows = ba.run(small_case(tmp_path, links=[{**RAIL, "capacity_kt": 80}, ROAD]))

    def excess(x: float) -> float:
        rail = 20 + 1.05 * 2 * (x / 80) / (1 - x / 80)
        return x - 100 / (1 + math.exp(0.1 * (rail - 25)))

    expected = brentq(excess, 0, 79, xtol=1e-13)
    assert tonnes(flows)["rail"] == pytest.approx(expected, rel=1e-7)
    resource = flows.resources.iloc[0]
    assert resource["load_kt"] == pytest.approx(expected, rel=1e-7)
    assert resource["wait_h"] == pytest.approx(2 * (expected / 80) / (1 - expected / 80), rel=1e-6)


def test_two_ways_that_share_a_stretch_count_as_less_than_two(tmp_path: Path) -> None:
    # three ways of cost 30: one alone, two with the 15 between A and C in common, hence path sizes 1, 3/4 and 3/4
    places = [{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lon": 0.5}]
    half = {"time_h": 5, "usd_per_t": 10}
    links = [
        {"id": "A-C", "from": "A", "to": "C", **half},
        {"id": "C-B", "from": "C", "to": "B", **half},
        {"id": "C-B-2", "from": "C", "to": "B", **half},
        {"id": "A-B", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 20},
    ]
    flows = ba.run(small_case(tmp_path, places=places, links=links))
    alone = flows.through("A-B")["kt"].sum()
    assert alone == pytest.approx(100 * 1 / 2.5, rel=1e-9)
    assert flows.through("C-B")["kt"].sum() == pytest.approx(30, rel=1e-9)


def test_everyone_on_a_cheapest_way_waits_until_the_ways_cost_the_same(tmp_path: Path) -> None:
    # rail costs 20 and 1.05 for an hour of its wait 2 r/(1 - r), road 25: they meet at r/(1 - r) = 5/2.1
    flows = ba.run(small_case(tmp_path, links=[{**RAIL, "capacity_kt": 80}, ROAD]), method="equilibrium")
    r = (5 / 2.1) / (1 + 5 / 2.1)
    assert tonnes(flows) == {"rail": pytest.approx(80 * r, rel=1e-6), "road": pytest.approx(100 - 80 * r, rel=1e-6)}
    assert flows.certificate.holds
    # the road bounds the cost of all: more capacity on rail gains nothing for anyone
    assert flows.bottlenecks().loc[0, "worth_usd_per_t"] == pytest.approx(0, abs=1e-6)


def test_worth_without_another_way_is_the_shorter_wait(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path, links=[{**RAIL, "capacity_kt": 125}]), method="equilibrium")
    # wait 2 r/(1 - r) at r = 0.8; dy/dc = -(r/c) 2/(1 - r)^2 = -0.32 h per kt; times 100 kt at 1.05 USD an hour
    assert flows.bottlenecks().loc[0, "worth_usd_per_t"] == pytest.approx(0.32 * 105, rel=1e-9)


def test_goods_with_their_own_value_of_time_part_ways(tmp_path: Path) -> None:
    # the slow way costs 10 USD and 20 h, the fast 30 and 5: who values an hour at more than 4/3 takes the fast one
    slow = {"id": "slow", "from": "A", "to": "B", "time_h": 20, "usd_per_t": 10}
    fast = {"id": "fast", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 30}
    goods = [{"id": "bulk"}, {"id": "parcels", "value_of_time_usd_per_t_h": 2}]
    demand = [{"id": one["id"], "origin": "o", "destination": "d", "commodity": one["id"]} for one in goods]
    flows = ba.run(small_case(tmp_path, links=[slow, fast], commodities=goods, demand=demand), method="equilibrium")
    assert flows.through("slow")["commodity"].tolist() == ["bulk"]
    assert flows.through("fast")["commodity"].tolist() == ["parcels"]


def test_hard_capacity_fills_the_cheap_way_and_is_worth_the_difference(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[{**RAIL, "capacity_kt": 60}, ROAD])
    flows = ba.run(case, method="capacity")
    assert tonnes(flows) == {"rail": pytest.approx(60), "road": pytest.approx(40)}
    assert flows.bottlenecks().loc[0, "worth_usd_per_t"] == pytest.approx(5)
    assert flows.certificate.holds


def test_what_finds_no_room_is_stranded_and_named(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path, links=[{**RAIL, "capacity_kt": 60}]), method="capacity")
    assert flows.pairs.loc[0, ["carried_kt", "stranded_kt"]].tolist() == [pytest.approx(60), pytest.approx(40)]
    assert flows.pairs.loc[0, "stranded"] == "no capacity"
    # a tonne more saves the value of the goods, 1000, as losing them costs that on top of the way
    assert flows.bottlenecks().loc[0, "worth_usd_per_t"] == pytest.approx(1000)


def test_demand_of_nothing_gives_nothing(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[RAIL], demand=[{"id": "o-d", "origin": "o", "destination": "d", "kt": 0}])
    for method in METHODS:
        flows = ba.run(case, method=method)
        assert flows.ways.empty
        assert flows.by("corridor").empty
        assert flows.certificate.holds


@pytest.mark.parametrize("bad", ["magic", "", "LOGIT"])
def test_an_unknown_method_is_refused(tmp_path: Path, bad: Any) -> None:
    with pytest.raises(ba.SolveError, match="use one of"):
        ba.run(small_case(tmp_path, links=[RAIL]), method=bad)


@pytest.mark.parametrize("year", [-1, 1989, 2101, 99999])
def test_a_year_out_of_reach_is_refused(year: int) -> None:
    with pytest.raises(ba.SolveError, match="cannot run the year"):
        ba.run("transcaspian", year=year)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("year", [1990, 2021, 2022, 2035, 2080])
def test_the_built_in_case_is_certified(method: Any, year: int) -> None:
    flows = ba.run("transcaspian", year=year, method=method)
    assert flows.certificate.holds
    assert flows.pairs["carried_kt"].sum() + flows.pairs["stranded_kt"].sum() == pytest.approx(flows.pairs["kt"].sum())
    assert (flows.ways["kt"] >= 0).all()
    assert len(flows.by("corridor")) >= 6


def certifiable(flows: ba.Flows) -> pd.DataFrame:
    """The pairs of a small case as `certify` wants them, with a demand that does not answer to cost."""
    ends = {"source": flows.network.origin("o"), "target": flows.network.destination("d")}
    return flows.pairs.assign(k=0, reference_usd=0.0, reference_composite_usd=0.0, elasticity=0.0, **ends)


def test_the_certificate_notices_a_wrong_flow_and_a_broken_way(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[{**RAIL, "capacity_kt": 80}, ROAD])
    flows = ba.run(case)
    pairs = certifiable(flows)
    ways, kt = list(flows.routes), flows.ways["kt"].to_numpy()
    dual, loss = np.zeros(1), np.zeros(1)

    def certified(ways: Any, kt: Any) -> ba.Certificate:
        return certify(flows.network, pairs, ways, kt, np.zeros(1), "logit", dual, loss)

    assert certified(ways, kt).holds
    shifted = kt + np.array([5.0, -5.0])
    assert certified(ways, shifted).gap > 1e-4
    assert certified(ways, 1.01 * kt).conservation == pytest.approx(0.01)
    broken = [(pair, arcs[:-1]) for pair, arcs in ways]
    assert certified(broken, kt).broken_ways == 2


def test_the_certificate_of_hard_capacity_notices_what_is_not_the_demand(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path, links=[{**RAIL, "capacity_kt": 60}, ROAD]), method="capacity")
    pairs = certifiable(flows)
    ways, kt, dual = list(flows.routes), flows.ways["kt"].to_numpy(), flows.resources["worth_usd_per_t"].to_numpy()

    def certified(kt: Any, stranded: float) -> ba.Certificate:
        given = np.array([stranded]), "capacity", dual, np.array([1020.0])
        return certify(flows.network, pairs, ways, kt, *given)

    assert certified(kt, 0.0).holds
    assert not certified(3 * kt, 0.0).holds
    assert not certified(3 * kt, -200.0).holds
    assert not certified(kt * np.nan, 0.0).holds
    assert not certified(kt[::-1], 0.0).holds  # dearer than it must be, or above capacity


def logsum(flows: ba.Flows) -> float:
    """Generalised cost of all shippers, thousand USD: -q ln(sum of P exp(-s g)) / s, from the ways that are kept."""
    goods = flows.network.case.table("commodities").set_index("id")["scale_per_usd_t"]
    scale = flows.pairs["commodity"].map(goods).to_numpy()
    total = 0.0
    for pair, ways in flows.ways.groupby("pair"):
        arcs = [dict.fromkeys(one) for place, (_, one) in enumerate(flows.routes) if place in set(ways.index)]
        k = flows.network.commodities.index(str(flows.pairs.loc[pair, "commodity"]))
        length = [{arc: flows.network.cost[k, arc] for arc in one} for one in arcs]
        users = {arc: sum(arc in one for one in arcs) for one in arcs for arc in one}
        size = [sum(cost / users[arc] for arc, cost in one.items()) / sum(one.values()) for one in length]
        weight = np.log(size) - scale[pair] * ways["cost_usd"].to_numpy()
        total -= float(flows.pairs.loc[pair, "kt"]) * float(np.logaddexp.reduce(weight)) / scale[pair]
    return total


def test_worth_of_capacity_is_what_shippers_gain_by_a_little_more(tmp_path: Path) -> None:
    def case(capacity: float) -> ba.Case:
        links = [
            {**RAIL, "capacity_kt": capacity},
            {**ROAD, "mode": "rail", "id": "rail-2", "capacity_kt": 90},
            {"id": "C-B", "from": "C", "to": "B", "usd_per_t": 2, "time_h": 3, "capacity_kt": 300},
            {"id": "A-C", "from": "A", "to": "C", "usd_per_t": 3, "time_h": 5, "capacity_kt": 45},
        ]
        places = [{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lon": 0.5}]
        return small_case(tmp_path / f"{capacity}", places=places, links=links)

    step = 0.01
    here = ba.run(case(60)).resources.set_index("row").loc["rail", "worth_usd_per_t"]
    difference = (logsum(ba.run(case(60 - step))) - logsum(ba.run(case(60 + step)))) / (2 * step)
    assert here == pytest.approx(difference, rel=1e-3)


@pytest.mark.parametrize("method", ["logit", "equilibrium"])
def test_a_warm_start_reaches_the_same_loads(method: Any) -> None:
    case = ba.load("transcaspian")
    network, rows = built_in(2021)
    cold = assign(network, rows, method)
    again = assign(network, rows, method, start=cold)
    assert again.settings.get("rounds", 1) == 1
    np.testing.assert_allclose(again.resources["load_kt"], cold.resources["load_kt"], rtol=1e-6, atol=1e-3)
    narrow = {"links": {"KZDZN-saksaulskaya-rail": {"capacity_kt": 0.7 * 8200}}}
    other = build(case.with_(narrow), 2021)
    warm = assign(other, rows, method, start=cold)
    assert warm.certificate.holds
    assert warm.ways["kt"].sum() == pytest.approx(cold.ways["kt"].sum())
    closed = {"links": {"KZDZN-saksaulskaya-rail": {"closes": 2020}}}
    assert assign(build(case.with_(closed), 2021), rows, method, start=cold).certificate.holds
    if method == "equilibrium":  # its loads do not depend on where the search starts
        straight = assign(other, rows, method)
        np.testing.assert_allclose(warm.resources["wait_h"], straight.resources["wait_h"], rtol=1e-3, atol=1e-3)


def test_no_way_clears_the_same_border_twice() -> None:
    flows = ba.run("transcaspian")
    load = flows.resources.set_index("row")["load_kt"]
    for border in ("BYBQT-border", "saryagash-border", "TMFAR-border"):
        assert load[border] == pytest.approx(flows.through(border)["kt"].sum())


def test_goods_of_no_value_are_carried_where_there_is_room(tmp_path: Path) -> None:
    worthless = [{"id": "goods", "value_usd_per_t": 0}]
    flows = ba.run(small_case(tmp_path, links=[RAIL], commodities=worthless), method="capacity")
    assert flows.pairs["carried_kt"].tolist() == [pytest.approx(100)]


def test_where_nothing_costs_anything_the_certificate_is_sober(tmp_path: Path) -> None:
    free = {"id": "A-B", "from": "A", "to": "B", "time_h": 0, "usd_per_t": 0}
    for method in METHODS:
        certificate = ba.run(small_case(tmp_path / method, links=[free]), method=method).certificate
        assert certificate.holds
        assert abs(certificate.gap) < 1e-6
        assert abs(certificate.dearer) < 1e-6


def test_two_runs_give_the_same_numbers() -> None:
    one, other = (ba.run("transcaspian", year=2030) for _ in range(2))
    assert one.ways.equals(other.ways)
    assert one.resources.equals(other.resources)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(METHODS))
def test_the_order_of_demand_rows_changes_nothing(seed: int, method: Any) -> None:
    network, rows = built_in(2021 + seed % 10)
    some = rows.sample(40, random_state=seed)
    one, other = (assign(network, table, method) for table in (some, some.sample(frac=1, random_state=seed + 1)))
    costs = [float((flows.ways["kt"] * flows.ways["cost_usd"]).sum()) for flows in (one, other)]
    assert costs[0] == pytest.approx(costs[1], rel=1e-6)
    if method == "logit":  # of several answers of the same cost the other methods may find any
        loads = [flows.resources["load_kt"].to_numpy() for flows in (one, other)]
        np.testing.assert_allclose(*loads, rtol=1e-6, atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(1.05, 3.0))
def test_more_capacity_never_raises_the_least_cost(seed: int, factor: float) -> None:
    case, chance = ba.load("transcaspian"), np.random.default_rng(seed)
    network, rows = built_in(2030)
    scarce = network.resources[network.resources["table"] == "links"]
    widened = scarce.sample(8, random_state=int(chance.integers(10_000)))
    wider = {one.row: {"capacity_kt": one.capacity_kt * factor} for one in widened.itertuples()}
    less, more = assign(network, rows, "capacity"), assign(build(case.with_({"links": wider}), 2030), rows, "capacity")
    value = case.table("commodities").set_index("id")["value_usd_per_t"]

    def cost(flows: ba.Flows) -> float:
        lost = (flows.pairs["stranded_kt"] * flows.pairs["commodity"].map(value)).sum()
        return float((flows.ways["kt"] * flows.ways["cost_usd"]).sum() + lost)

    assert cost(more) <= cost(less) * (1 + 1e-9)

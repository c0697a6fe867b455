"""What would be missed most, what projects protect from, and when they fail: by hand, and against all alternatives."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.assign.prepared import prepare
from bactrian.assign.response import Patient
from bactrian.assign.routes import pairs_of
from bactrian.network import build
from bactrian.stressing import Scene, critical, criticality, rule_of, stress, yearly_cost
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10}
ROAD = {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20}
BOTH = -10 * math.log(math.exp(-2.0) + math.exp(-2.5))


def test_the_cheaper_way_is_missed_more(tmp_path: Path) -> None:
    found = criticality(small_case(tmp_path, links=[RAIL, ROAD]), 2021)
    costs = found.rows.set_index("row")["cost_musd"]
    assert list(costs.index) == ["rail", "road"]
    assert costs["rail"] == pytest.approx(100 * (25 - BOTH) / 1000, rel=1e-5)
    assert costs["road"] == pytest.approx(100 * (20 - BOTH) / 1000, rel=1e-5)
    assert found.rows["anew"].all()


def test_the_only_way_costs_what_the_goods_are_worth_and_transit_costs_the_detour(tmp_path: Path) -> None:
    places: Any = [{"id": "A"}, {"id": "B"}, {"id": "M", "country": "Y"}]
    links: Any = [{**RAIL, "id": "one", "to": "M"}, {**RAIL, "id": "two", "from": "M", "time_h": 0}]
    case = small_case(tmp_path / "only", places=places, links=links)
    found = criticality(case, 2021)
    assert found.rows["cost_musd"].tolist() == pytest.approx([100.0, 100.0], rel=1e-3)  # 1000 USD a tonne
    assert found.rows["stranded_kt"].tolist() == pytest.approx([100, 100], rel=1e-5)
    assert found.countries[["country", "transit_kt", "stranded_kt"]].to_numpy().tolist() == [
        ["Y", pytest.approx(100, rel=1e-5), pytest.approx(100, rel=1e-5)]
    ]
    with_road = criticality(small_case(tmp_path / "more", places=places, links=[*links, ROAD]), 2021)
    both = -10 * math.log(math.exp(-3.0) + math.exp(-2.5))
    assert with_road.countries["cost_musd"].tolist() == pytest.approx([100 * (25 - both) / 1000], rel=1e-5)


def test_a_ranking_that_is_wrong_does_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places: Any = [{"id": "A"}, {"id": "B"}, {"id": "M", "country": "Y"}]
    links: Any = [{**RAIL, "id": "one", "to": "M"}, {**RAIL, "id": "two", "from": "M", "time_h": 0}, ROAD]
    case = small_case(tmp_path, places=places, links=links)
    sure = criticality(case, 2021).certificate
    assert sure.holds, sure
    assert sure.difference < 1e-6
    assert sure.anew == ("road", "Y")
    right = critical.lost_in
    monkeypatch.setattr(critical, "lost_in", lambda *given: (right(*given)[0] * 1.001, right(*given)[1]))
    assert criticality(case, 2021).certificate.difference > 1e-4
    monkeypatch.undo()
    monkeypatch.setattr(critical, "_shut", lambda scene, _: scene.under({}))
    assert not criticality(case, 2021).certificate.holds
    with pytest.raises(ba.SolveError, match="at least 1"):
        criticality(case, 2021, 0)


@pytest.mark.nightly
def test_the_ranking_of_the_built_in_case_holds() -> None:
    sure = criticality(ba.load("transcaspian"), 2030, 3).certificate
    assert sure.holds, sure


@pytest.mark.nightly
def test_no_link_of_the_built_in_case_costs_more_than_the_one_ranked_first() -> None:
    """Every link shut in turn, in a network laid anew with ways of its own: nothing kept, nothing screened."""
    case = ba.load("transcaspian")
    found = criticality(case, 2030)
    links = found.rows[found.rows["table"] == "links"]
    scene = Scene(case, 2030, {})
    calm = scene.calm()
    valued = Patient(calm.asked, calm.usual + scene.worth / 2, scene.worth)
    open_ = build(scene.network.case, 2030)
    before = prepare(open_, scene.pairs, [open_]).settled(open_, None, valued)
    areas = {}
    for row in ["", *links["row"]]:
        shut = build(scene.network.case.with_({"links": {row: {"opens": 2500}}}), 2030) if row else open_
        pairs = pairs_of(shut, scene.pairs)  # with the numbers of its own nodes
        after = prepare(shut, pairs, [shut]).settled(shut, None, valued) if row else before
        faced = valued.faced(np.nan_to_num(after.composite, nan=1e12))
        areas[row] = float(calm.asked.area(faced).sum()) / 1000
    costs = {row: area - areas[""] for row, area in areas.items() if row}
    assert max(costs, key=lambda row: costs[row]) == links.iloc[0]["row"]


def test_a_second_line_is_worth_its_gain_and_protects(tmp_path: Path) -> None:
    second = {**RAIL, "id": "second", "opens": 2500}
    case = small_case(
        tmp_path,
        links=[RAIL, ROAD, second],
        commodities=[{"id": "goods", "standing_usd_per_t_h": 1e6}],
        events=[{"id": "shut", "begins": "", "kind": "closure", "chance_per_year": 0.5, "days": 73}],
        projects=[{"id": "P", "status": "planned", "capex_musd": 10, "operating_musd": 0.1, "life_years": 20}],
        effects=[
            {"id": "e", "cause": "shut", "table": "links", "rows": "rail", "column": "closes", "operation": "set",
             "value": 2021},
            {"id": "o", "cause": "P", "table": "links", "rows": "second", "column": "opens", "operation": "set",
             "value": 2500},
        ],
    )  # fmt: skip
    risk = stress(case, 2021, draws=1000, projects=["P"])
    three = -10 * math.log(2 * math.exp(-2.0) + math.exp(-2.5))
    share = 1 - math.exp(-0.5 * (73 + 365) / 365)
    part = share * 73 / (73 + 365)  # of the year in which the railway is shut
    saved = 100 / 1000 * part * ((25 - BOTH) - (BOTH - three))
    assert risk.protection.low <= saved <= risk.protection.high
    gain = 100 / 1000 * ((1 - part) * (BOTH - three) + part * (25 - BOTH))
    assert risk.gain.low <= gain <= risk.gain.high
    rule = risk.failing(100 / 1000 * (BOTH - three) * 1.01)  # enough only while the railway is shut
    assert [one.factor for one in rule.conditions] == ["days_shut"]
    assert rule.conditions[0].side == "at most"
    assert rule.density > 0.99
    with pytest.raises(ba.SolveError, match="no projects were asked for"):
        print(stress(case, 2021, draws=20).protection)
    assert yearly_cost(case, ["P"]) == pytest.approx(10 * 0.05 / (1 - 1.05**-20) + 0.1)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.2, 0.8), st.floats(0.2, 0.8), st.integers(0, 1000))
def test_a_box_that_fails_is_found_again(first: float, second: float, seed: int) -> None:
    draws = pd.DataFrame(np.random.default_rng(seed).random((2000, 4)), columns=["a", "b", "c", "d"])
    fails = ((draws["a"] <= first) & (draws["c"] >= second)).to_numpy()
    rule = rule_of(draws, fails)
    assert {one.factor for one in rule.conditions} >= {"a", "c"}
    assert rule.coverage > 0.8
    assert rule.density > 0.8
    assert rule.share == fails.mean()


def test_where_nothing_fails_there_is_no_rule() -> None:
    draws = pd.DataFrame({"a": [1.0, 2.0]})
    rule = rule_of(draws, np.zeros(2, dtype=bool))
    assert (rule.conditions, rule.share, rule.coverage) == ((), 0.0, 0.0)

"""Trade of a case, its corridor costs, and the gravity that ties them, against sums done by hand."""

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bactrian as ba
from bactrian.demand import bilateral_trade, fit_gravity, why_unused
from bactrian.measure import COST, SPECIFICATIONS, compare_gravity, corridor_costs, trade_gravity, trade_observations
from small import small_case

ROOT = Path(__file__).parents[1]


def trade(key: str, ends: str, value: object, measure: str, **more: Any) -> dict[str, Any]:
    origin, destination = ends
    row = {"origin": origin, "destination": destination, "year": 2020, "months": 12, "goods": "total"}
    return {"id": key, **row, "value_musd": value, "measure": measure, **more}


def test_each_kind_of_figure_is_used_for_what_it_covers(tmp_path: Path) -> None:
    rows = [
        trade("in", "XY", 10, "imports"),
        trade("in-again", "XY", 14, "imports", reporter="Y"),  # another source of the same: mean 12
        trade("out", "XY", 9, "exports"),  # the importer's figure comes first
        trade("back", "YX", 5, "exports"),
        trade("sum", "XY", 30, "turnover"),  # directions of this year are known
        trade("later", "YX", 40, "turnover", year=2021),  # no direction of 2021 is known: halves of 20
        trade("months", "XY", 3, "imports", year=2021, months=11),
        trade("wheat", "XY", 2, "exports", year=2021, goods="wheat"),
        trade("tonnes", "XY", "", "imports", year=2021, kt=5),
        trade("port", "XY", 1, "part", year=2021),
    ]
    case = small_case(tmp_path, links=[{"id": "A-B", "from": "A", "to": "B"}], trade=rows)
    table = bilateral_trade(case)
    assert table.to_numpy().tolist() == [
        ["X", "Y", 2020, "imports", 12],
        ["X", "Y", 2021, "half of turnover", 20],
        ["Y", "X", 2020, "exports", 5],
        ["Y", "X", 2021, "half of turnover", 20],
    ]
    assert why_unused(case)[why_unused(case) != ""].to_dict() == {
        "out": "the importer's figure is known",
        "sum": "turnover, and a direction is known",
        "months": "part of a year",
        "wheat": "not all goods",
        "tonnes": "no value",
        "port": "one port or means of transport",
    }


def test_a_case_without_trade_has_none_and_says_so(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path, links=[{"id": "A-B", "from": "A", "to": "B"}]))
    assert bilateral_trade(flows.network.case).empty
    assert trade_observations(flows).empty
    with pytest.raises(ba.CaseError, match="no row has a distance and a corridor cost"):
        trade_gravity(flows)


def test_part_year_figures_of_the_built_in_case_are_left_out() -> None:
    case = ba.load("transcaspian")
    table, why = case.table("trade").set_index("id"), why_unused(case)
    used = table[why == ""]
    assert (used["months"] == 12).all()
    assert (why[table["months"] < 12] == "part of a year").all()
    table = bilateral_trade(case)
    assert not table.duplicated(["origin", "destination", "year"]).any()
    assert (table["origin"] != table["destination"]).all()
    # Kazakhstan and Russia in 2022: 26.0 bn USD by the one, 24.3 by the other, both directions together
    between = table.set_index(["origin", "destination", "year"])["value_musd"]
    assert between["KAZ", "RUS", 2022] == between["RUS", "KAZ", 2022] == (26000 + 24300) / 2 / 2


PLACES: list[dict[str, Any]] = [
    {"id": "A"},
    {"id": "B", "lon": 1, "country": "Y"},
    {"id": "C", "lon": 2, "country": "Y"},
]
ZONES: list[dict[str, Any]] = [{"id": "o"}, {"id": "d", "country": "Y"}, {"id": "e", "country": "Y"}]
ACCESS: list[dict[str, Any]] = [
    {"id": f"{zone}-{place}", "zone": zone, "place": place} for zone, place in (("o", "A"), ("d", "B"), ("e", "C"))
]
LINKS: list[dict[str, Any]] = [
    {"id": "A-B", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 20},
    {"id": "B-C", "from": "B", "to": "C", "time_h": 5, "usd_per_t": 30},
]


def test_corridor_costs_are_means_over_zones_by_what_they_send_and_receive(tmp_path: Path) -> None:
    demand = [
        {"id": "o-d", "origin": "o", "destination": "d", "kt": 300},
        {"id": "o-e", "origin": "o", "destination": "e", "kt": 100},
    ]
    flows = ba.run(small_case(tmp_path, places=PLACES, zones=ZONES, access=ACCESS, links=LINKS, demand=demand))
    costs = corridor_costs(flows).set_index(["origin", "destination"])
    assert costs["commodity"].unique().tolist() == ["goods"]  # loose: the case has nothing in containers
    # value of time 1: o to d costs 20 + 10, o to e 50 + 15; Y receives 3/4 in d. Y sends nothing: d and e count alike
    assert costs.loc[("X", "Y"), "usd_per_t"] == pytest.approx(0.75 * 30 + 0.25 * 65)
    assert costs.loc[("X", "Y"), "hours"] == pytest.approx(0.75 * 10 + 0.25 * 15)
    assert costs.loc[("Y", "X"), "usd_per_t"] == pytest.approx(0.5 * 30 + 0.5 * 65)
    assert len(costs) == 2


def test_corridor_costs_hold_the_waits_of_the_flows(tmp_path: Path) -> None:
    narrow = [{**LINKS[0], "capacity_kt": 200}, LINKS[1]]
    demand = [{"id": "o-d", "origin": "o", "destination": "d", "kt": 100}]
    flows = ba.run(small_case(tmp_path, places=PLACES, zones=ZONES, access=ACCESS, links=narrow, demand=demand))
    wait = flows.resources["wait_h"].iloc[0]
    assert wait == pytest.approx(2)  # at half load the shortest wait
    costs = corridor_costs(flows).set_index(["origin", "destination"])
    # an hour of waiting costs 1.05 USD/t; all that Y receives it receives in d
    assert costs.loc[("X", "Y"), "usd_per_t"] == pytest.approx(30 + 1.05 * wait)
    assert costs.loc[("X", "Y"), "hours"] == pytest.approx(10 + wait)


def test_a_pair_without_a_way_and_an_unknown_commodity_are_named(tmp_path: Path) -> None:
    pipe = [{**LINKS[0], "mode": "pipeline_oil"}]  # one way, and A and B give no access to it by rail
    access = [{**one, "modes": "rail road pipeline_oil"} for one in ACCESS[:2]]
    case = small_case(tmp_path, places=PLACES, zones=ZONES[:2], access=access, links=pipe)
    flows = ba.run(case)
    costs = corridor_costs(flows).set_index(["origin", "destination"])
    assert costs.loc[("X", "Y"), "usd_per_t"] == pytest.approx(30)
    assert math.isnan(costs.loc[("Y", "X"), "usd_per_t"])
    with pytest.raises(ba.SolveError, match="no commodity 'gold'; use one of goods"):
        corridor_costs(flows, "gold")


@pytest.fixture(scope="module")
def flows() -> ba.Flows:
    return ba.run("transcaspian")


def test_every_country_with_zones_has_a_cost_to_every_other(flows: ba.Flows) -> None:
    costs = corridor_costs(flows)
    countries = flows.network.case.table("zones")["country"].nunique()
    assert len(costs) == countries * (countries - 1)
    assert costs["usd_per_t"].between(10, 3000).all()
    assert costs["hours"].between(24, 24 * 120).all()


def test_the_elasticity_that_data_were_made_with_is_found(flows: ba.Flows) -> None:
    seen = trade_observations(flows)
    sizes = {country: 1.0 + number for number, country in enumerate(sorted({*seen["origin"], *seen["destination"]}))}
    size = seen["origin"].map(sizes) * seen["destination"].map(sizes) ** 2
    made = seen.assign(value_musd=size * np.exp(-1.7 * seen[COST] + 0.3 * seen["contiguous"]))
    fitted = trade_gravity(flows, "cost", made)
    assert fitted.coefficients.to_dict() == pytest.approx({COST: -1.7, "contiguous": 0.3}, abs=1e-6)
    assert fitted.pseudo_r2 == pytest.approx(1)
    assert not [note for note in fitted.warnings if "sign" in note or "holds 0" in note]
    wrong = trade_gravity(flows, "cost", made.assign(value_musd=size * np.exp(0.5 * seen[COST])))
    assert any("wrong sign" in note for note in wrong.warnings)


def test_specifications_share_their_sample_and_warn(flows: ba.Flows) -> None:
    table = compare_gravity(flows).set_index(["specification", "regressor"])
    assert table["observations"].nunique() == 1
    assert [len(table.loc[name]) for name in SPECIFICATIONS] == [2, 2, 3]
    fitted = trade_gravity(flows)
    assert fitted.coefficients[COST] == table.loc[("cost", COST), "coefficient"]
    assert (fitted.intervals["high"][COST] >= 0) == any("holds 0" in note for note in fitted.warnings)
    assert any("are halves of a turnover" in note for note in fitted.warnings)
    with pytest.raises(ba.SolveError, match="use one of distance, cost, both"):
        trade_gravity(flows, "time")


def test_rows_without_distance_are_told_and_left_out(flows: ba.Flows) -> None:
    seen = trade_observations(flows)
    lacking = seen.assign(log_km=seen["log_km"].where(seen["pair"] != "CHN-KAZ"))
    fitted = trade_gravity(flows, "cost", lacking)
    without = fit_gravity(
        seen[seen["pair"] != "CHN-KAZ"], SPECIFICATIONS["cost"], ["origin", "destination", "year"], "pair"
    )
    pd.testing.assert_series_equal(fitted.coefficients, without.coefficients)
    assert any("have no distance or corridor cost" in note for note in fitted.warnings)


def test_the_page_shows_what_is_fitted(flows: ba.Flows) -> None:
    page = (ROOT / "docs" / "gravity.md").read_text(encoding="utf-8")
    script = runpy.run_path(str(ROOT / "scripts" / "fit_gravity.py"))
    assert script["with_tables"](page, flows) == page, "run scripts/fit_gravity.py"

"""Transport chains against published examples, and a price of carbon against sums done by hand."""

import json
import math
import runpy
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.assign import METHODS, Method
from bactrian.cli import main
from bactrian.measure import Chain, Hub, Movement, carbon, corridor_chains, emissions
from bactrian.network import Revision, build
from bactrian.network.grams import grams_of_arcs, grids_without_factor
from bactrian.report import summary
from published import EXAMPLES, Example
from small import small_case

ROAD = {"id": "by-road", "from": "A", "to": "B", "mode": "road"}
RAIL = {"id": "by-rail", "from": "A", "to": "B"}
FACTORS: list[dict[str, Any]] = [
    {"id": "rail", "applies": "rail", "wtw_g": 10, "ttw_g": 8},
    {"id": "road", "applies": "road", "wtw_g": 90, "ttw_g": 70},
]


def two_ways(folder: Path, **tables: Any) -> ba.Case:
    """One tonne in two by rail, 1,000 g a tonne, one by road, 9,000 g, at equal cost without a price of carbon."""
    return small_case(folder, **{"links": [RAIL, ROAD], "emissions": FACTORS, **tables})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_published_examples_to_rounding(example: Example) -> None:
    for figure in example.figures:
        assert figure.rounded() == figure.published, f"{example.id}: {figure.what}"


def test_a_chain_by_hand() -> None:
    lorry = Movement("road", 200, 100, 80, distance_adjustment=1.05, name="to the port")
    chain = Chain((lorry, Hub(1500, 900, "port"), Movement("sea", 1000, 20, 15)), tonnes=24, t_per_teu=12)
    # 200 km · 1.05 · 100 g + 1,500 g + 1,000 km · 20 g = 42,500 g a tonne
    assert chain.kg_per_t() == pytest.approx(42.5)
    assert chain.kg_per_t("ttw") == pytest.approx((200 * 1.05 * 80 + 900 + 15000) / 1000)
    assert chain.kg_per_t("wtt") == pytest.approx(chain.kg_per_t() - chain.kg_per_t("ttw"))
    assert (chain.kg(), chain.kg_per_teu()) == (pytest.approx(24 * 42.5), pytest.approx(12 * 42.5))
    assert (chain.km, chain.g_per_tkm()) == (1200, pytest.approx(42500 / 1200))
    table = chain.table()
    assert table["kind"].tolist() == ["road", "hub", "sea"]
    assert table["tkm"].tolist() == [4800, 0, 24000]
    assert table["wtw_kg"].sum() == pytest.approx(chain.kg())


def test_what_is_not_known_of_a_chain_is_not_a_number() -> None:
    chain = Chain((Movement("rail", 0, 20), Hub(1000)))
    assert all(math.isnan(one) for one in (chain.kg("ttw"), chain.kg_per_teu(), chain.g_per_tkm()))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Movement("rail", -1, 20), "rail: a distance of -1 km"),
        (lambda: Movement("rail", 1, math.nan), "nan g CO2e well to wheel"),
        (lambda: Movement("rail", 1, 20, 21), "21 g CO2e tank to wheel: they are part of the 20 g"),
        (lambda: Movement("road", 1, 20, distance_adjustment=0.9), "name at least 1"),
        (lambda: Hub(-1, name="port"), "port: -1 g"),
        (lambda: Chain(()), "without elements"),
        (lambda: Chain((Hub(1),), tonnes=0), "0 tonnes: name more than 0"),
        (lambda: Chain((Hub(1),), t_per_teu=-9), "-9 tonnes in a TEU"),
    ],
)
def test_a_chain_that_means_nothing_is_refused(wrong: Any, told: str) -> None:
    with pytest.raises(ba.SolveError, match=told):
        wrong()


def test_electric_railways_take_the_grids_of_both_ends_half_each(tmp_path: Path) -> None:
    places = [{"id": "A"}, {"id": "B", "lon": 1, "country": "Y"}]
    links = [{**RAIL, "length_km": 300, "electrified": "yes"}]
    factors = [
        *FACTORS,
        {"id": "X", "applies": "rail", "traction": "X", "wtw_g": 4, "ttw_g": 0},
        {"id": "Y", "applies": "rail", "traction": "Y", "wtw_g": 6, "ttw_g": 0},
    ]
    case = small_case(tmp_path, places=places, links=links, emissions=factors)
    (told,) = corridor_chains(ba.run(case), "o", "d")
    assert told.chain.elements == (Movement("rail", 300, 5, 0, name="A to B"),)
    assert told.chain.kg_per_t() == pytest.approx(300 * (4 + 6) / 2 / 1000)
    assert grids_without_factor(case) == []
    without = small_case(tmp_path / "without", places=places, links=links, emissions=factors[:-1])
    assert grids_without_factor(without) == ["Y"]
    (told,) = corridor_chains(ba.run(without), "o", "d")
    assert told.chain.kg_per_t() == pytest.approx(300 * (4 + 10) / 2 / 1000)  # half of the way by the grid of X


def test_corridors_are_told_as_chains_with_price_and_time(tmp_path: Path) -> None:
    places = [{"id": "A"}, {"id": "P", "lon": 0.3}, {"id": "Q", "lon": 0.6}, {"id": "B", "lon": 1}]
    ends = {"handling": "port", "modes": "rail feeder", "time_h": 5, "usd_per_t": 1, "usd_per_teu": 20}
    links = [
        {"id": "A-P", "from": "A", "to": "P", "length_km": 100},
        {"id": "P-Q", "from": "P", "to": "Q", "length_km": 200, "mode": "feeder"},
        {"id": "Q-B", "from": "Q", "to": "B", "length_km": 300},
        {"id": "A-B", "from": "A", "to": "B", "length_km": 1000, "time_h": 35, "usd_per_t": 40, "usd_per_teu": 500},
    ]
    factors = [
        *FACTORS,
        {"id": "feeder", "applies": "feeder", "wtw_g": 40, "ttw_g": 30},
        {"id": "hub", "applies": "hub"},
    ]
    case = small_case(
        tmp_path,
        places=places,
        links=links,
        terminals=[{"id": "P-port", "place": "P", **ends}, {"id": "Q-port", "place": "Q", **ends}],
        corridors=[{"id": "land", "marks": "A-B"}, {"id": "water", "marks": "P-Q"}],
        commodities=[{"id": "goods", "form": "container", "t_per_teu": 10}],
        emissions=factors,
    )
    land, water = corridor_chains(ba.run(case), "A", "B")
    assert [land.corridor, water.corridor] == ["land", "water"]  # 10.0 kg a tonne before 12.0
    kinds = water.chain.table()["kind"].tolist()
    assert kinds == ["rail", "hub", "feeder", "hub", "rail"]
    assert water.chain.kg_per_t() == pytest.approx((400 * 10 + 200 * 40 + 2 * 10) / 1000)
    assert water.chain.kg_per_teu("ttw") == pytest.approx(10 * (400 * 8 + 200 * 30 + 2 * 8) / 1000)
    assert (water.hours, water.usd_per_t) == (40, pytest.approx((3 * 100 + 2 * 20) / 10))
    assert (land.hours, land.usd_per_t, land.chain.km) == (35, 50, 1000)
    (_, heavier) = corridor_chains(ba.run(case), "o", "d", t_per_teu=20)
    assert heavier.chain.kg_per_teu() == pytest.approx(20 * water.chain.kg_per_t())
    for one, other, told in (("Z", "B", "no place or zone 'Z'"), ("P", "B", "gives goods no access")):
        with pytest.raises(ba.CaseError, match=told):
            corridor_chains(ba.run(case), one, other)
    elsewhere = case.with_({"places": {"Q": {"country": "Y"}}})
    assert [one.corridor for one in corridor_chains(ba.run(elsewhere), "A", "B", avoids=["Y"])] == ["land"]
    with pytest.raises(ba.CaseError, match="no country 'Atlantis'"):
        corridor_chains(ba.run(case), "A", "B", avoids=["Atlantis"])
    with pytest.raises(ba.SolveError, match="no commodity 'gold'"):
        corridor_chains(ba.run(case), "A", "B", "gold")
    with pytest.raises(ba.SolveError, match="no way leads"):
        corridor_chains(ba.run(case.with_({"links": {"A-B": {"opens": 2050}, "A-P": {"opens": 2050}}})), "A", "B")


def test_chains_of_the_built_in_case_emit_what_its_flows_do() -> None:
    flows = ba.run("transcaspian", 2024)
    told = {one.corridor: one for one in corridor_chains(flows, "CHN-C", "EU-W")}
    ways = flows.table().assign(wtw_t=emissions(flows)["wtw_t"], ttw_t=emissions(flows)["ttw_t"])
    trade = ways["origin"].eq("CHN-C") & ways["destination"].eq("EU-W") & ways["kt"].gt(0)
    own = ways[trade & ways["commodity"].eq(told["northern"].commodity)]
    matched = 0
    for one in told.values():
        same = own[np.isclose(own["km"], one.chain.km) & np.isclose(own["time_h"], one.hours)]
        for scope in ("wtw", "ttw"):
            per_t = (same[f"{scope}_t"] / same["kt"]).to_numpy()
            assert per_t == pytest.approx(np.full(len(same), one.chain.kg_per_t(scope)))
        matched += len(same)
    assert matched >= 3


def test_no_price_is_a_price_of_nothing() -> None:
    plain, priced = (ba.run("transcaspian", **price) for price in ({}, {"carbon_usd_per_t": 0.0}))  # type: ignore[arg-type]
    assert json.dumps(summary(plain)) == json.dumps(summary(priced))
    assert summary(plain)["carbon"]["payments_musd"] == 0


def test_a_price_moves_tonnes_as_the_logit_says(tmp_path: Path) -> None:
    case = two_ways(tmp_path)
    flows = ba.run(case, carbon_usd_per_t=500)
    # 0.5 and 4.5 USD a tonne dearer; at a scale of 0.1 t/USD the share of the road is 1 / (1 + e^0.4)
    road = 1 / (1 + math.exp(0.4))
    by_mode = flows.by("modes").set_index("modes")
    assert by_mode.loc["road", "kt"] == pytest.approx(100 * road)
    assert by_mode.loc["road", "usd"] == pytest.approx(10)  # what the carrier gets
    assert by_mode.loc["road", "cost_usd"] == pytest.approx(20 + 4.5)
    told = carbon(flows)
    assert told["wtw_t"] == pytest.approx(100_000 * (1000 + 8000 * road) / 1e6)
    assert told["payments_musd"] == pytest.approx(500 * told["wtw_t"] / 1e6)
    assert flows.certificate.holds
    assert summary(flows)["provenance"]["settings"]["carbon_usd_per_t"] == 500


def test_demand_answers_to_a_price_against_the_year_without(tmp_path: Path) -> None:
    goods = [{"id": "goods", "cost_elasticity": -1}]
    flows = ba.run(two_ways(tmp_path, links=[RAIL], commodities=goods), carbon_usd_per_t=2000)
    assert flows.pairs["kt"].tolist() == [pytest.approx(100 * 20 / 22)]  # 20 USD a tonne have become 22
    assert flows.certificate.holds


@pytest.mark.parametrize("method", METHODS)
def test_certificates_hold_at_a_price(tmp_path: Path, method: Method) -> None:
    links = [{**RAIL, "capacity_kt": 150}, {**ROAD, "capacity_kt": 200}]
    assert ba.run(two_ways(tmp_path, links=links), method=method, carbon_usd_per_t=300).certificate.holds


def test_a_revision_of_a_priced_network_is_the_priced_network_of_the_revised_case() -> None:
    case, row = ba.load("transcaspian"), "KZAAU-AZALA-caspian_ro_ro"
    cells = {"usd_per_teu": 1500.0, "usd_per_t": 70.0, "time_h": 90.0}
    revised = Revision(build(case, 2024, 100)).of({("links", row): cells})
    anew = build(case.with_({"links": {row: cells}}), 2024, 100)
    np.testing.assert_allclose(revised.cost, anew.cost, rtol=1e-12)
    assert revised.carbon_usd_per_t == 100


def test_a_price_needs_factors_and_a_number(tmp_path: Path) -> None:
    case = two_ways(tmp_path, emissions=FACTORS[:1])
    with pytest.raises(ba.CaseError, match="emissions, column applies: has no factor for 'road'"):
        ba.run(case, carbon_usd_per_t=1)
    for price in (-1, math.nan, math.inf):
        with pytest.raises(ba.SolveError, match="a price of carbon"):
            ba.run(case, carbon_usd_per_t=price)
    with pytest.raises(ba.CaseError, match="has no factor for 'road'"):
        ba.carbon_cap(case, cap_t=100)
    with pytest.raises(ba.SolveError, match="no emission factor for road"):
        corridor_chains(ba.run(two_ways(tmp_path / "road", links=[ROAD], emissions=FACTORS[:1])), "o", "d")


def test_a_cap_is_met_at_the_price_that_the_logit_gives(tmp_path: Path) -> None:
    case = two_ways(tmp_path)
    # 500 t without a price; 300 t are a quarter by road: e^(0.1 · 0.008 p) = 3
    found = ba.carbon_cap(case, cap_t=300, most_usd_per_t=5000)
    assert found.reached
    assert found.before_t == pytest.approx(500)
    assert 0.999 * 300 <= found.after_t <= 300
    assert found.usd_per_t == pytest.approx(math.log(3) / 0.0008, rel=2e-3)
    assert found.payments_musd == pytest.approx(found.usd_per_t * found.after_t / 1e6)
    assert found.flows.certificate.holds
    exact = ba.run(case, carbon_usd_per_t=found.usd_per_t)
    assert carbon(exact)["wtw_t"] == pytest.approx(found.after_t)


def test_a_cap_that_is_met_or_cannot_be(tmp_path: Path) -> None:
    case = two_ways(tmp_path)
    met = ba.carbon_cap(case, cap_t=600)
    assert (met.reached, met.usd_per_t, met.payments_musd) == (True, 0, 0)
    never = ba.carbon_cap(case, cap_t=90)  # all by rail is 100 t
    assert (never.reached, never.usd_per_t) == (False, 1000)
    assert 100 < never.after_t < never.before_t
    for wrong in ({"cap_t": 0.0}, {"cap_t": math.nan}, {"cap_t": 1.0, "most_usd_per_t": -1.0}):
        with pytest.raises(ba.SolveError, match="name"):
            ba.carbon_cap(case, **wrong)


def test_a_cap_where_emissions_jump(tmp_path: Path) -> None:
    links = [RAIL, {**ROAD, "usd_per_t": 7}]
    found = ba.carbon_cap(two_ways(tmp_path, links=links), cap_t=500, method="equilibrium")
    assert found.before_t == pytest.approx(900)
    assert found.usd_per_t == pytest.approx(3 / 0.008, abs=0.02)  # where rail becomes the cheaper
    assert found.after_t == pytest.approx(100)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> ba.Case:
    links = [{**RAIL, "capacity_kt": 90}, {**ROAD, "capacity_kt": 120}]
    goods = [{"id": "goods", "cost_elasticity": -0.5}]
    return two_ways(tmp_path_factory.mktemp("crowded"), links=links, commodities=goods)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.floats(0, 5000), min_size=2, max_size=4),
    grams=st.tuples(st.integers(0, 200), st.integers(0, 200)),
)
def test_emissions_do_not_rise_with_the_price(crowded: ba.Case, prices: list[float], grams: tuple[int, int]) -> None:
    cells = {mode: {"wtw_g": g, "ttw_g": 0.0} for mode, g in zip(("rail", "road"), grams, strict=True)}
    case = crowded.with_({"emissions": cells})
    emitted = [carbon(ba.run(case, carbon_usd_per_t=price))["wtw_t"] for price in sorted(prices)]
    assert all(later <= earlier * (1 + 1e-6) + 1e-6 for earlier, later in pairwise(emitted))


def test_grams_of_arcs_have_a_row_for_each_commodity(tmp_path: Path) -> None:
    goods = [{"id": "goods"}, {"id": "boxes", "form": "container", "t_per_teu": 10}]
    factors = [*FACTORS, {"id": "rail-box", "applies": "rail", "form": "container", "wtw_g": 12}]
    case = two_ways(tmp_path, commodities=goods, emissions=factors, links=[RAIL])
    arcs = build(case, 2021).arcs
    moves = (arcs["kind"] == "move").to_numpy()
    assert grams_of_arcs(case, arcs, "wtw")[:, moves].tolist() == [[1000, 1000], [1200, 1200]]


def test_the_command_compares_and_caps() -> None:
    run = CliRunner().invoke(main, ["emissions", "--from", "CNSIA", "--to", "DEDUI", "--year", "2024", "--json"])
    told = json.loads(run.output)
    rows = {one["corridor"]: one for one in told["corridors"]}
    assert {"titr", "northern", "sea_cape", "sea_suez"} <= set(rows)
    for one in rows.values():
        assert sum(kind["wtw_kg"] for kind in one["by_kind"].values()) == pytest.approx(one["wtw_kg_per_t"])
        assert one["wtw_kg_per_teu"] == pytest.approx(told["t_per_teu"] * one["wtw_kg_per_t"])
        assert one["ttw_kg_per_t"] < one["wtw_kg_per_t"]
    shown = CliRunner().invoke(main, ["emissions", "--from", "CHN-C", "--to", "EU-W", "--t-per-teu", "12"])
    assert (shown.exit_code, "12 t/TEU" in shown.output) == (0, True)
    capped = CliRunner().invoke(main, ["emissions", "--cap", "13 Mt/yr", "--json"])
    after = json.loads(capped.output)
    assert after["reached"]
    assert after["after"]["wtw_t"] <= 13e6
    assert after["after"]["payments_musd"] == pytest.approx(after["carbon_usd_per_t"] * after["after"]["wtw_t"] / 1e6)


@pytest.mark.parametrize(
    "asked",
    [
        [],
        ["--from", "CNSIA"],
        ["--from", "CNSIA", "--to", "CNSIA"],
        ["--from", "CNSIA", "--to", "KZAAU", "--commodity", "gold"],
        ["--from", "CNSIA", "--to", "Atlantis"],
        ["--from", "CNSIA", "--to", "DEDUI", "--t-per-teu", "-1"],
        ["--cap", "13 km"],
        ["--cap", "13 Mt/yr", "--from", "CNSIA", "--to", "DEDUI"],
        ["--cap", "13 Mt/yr", "--most", "-1"],
    ],
)
def test_the_command_refuses_what_means_nothing(asked: list[str]) -> None:
    result = CliRunner().invoke(main, ["emissions", *asked])
    assert (result.exit_code, result.exception is None or isinstance(result.exception, SystemExit)) == (2, True)


def test_a_run_tells_its_price(tmp_path: Path) -> None:
    two_ways(tmp_path)
    result = CliRunner().invoke(main, ["run", str(tmp_path), "--carbon", "500"])
    assert "at 500 USD a tonne" in result.output
    told = json.loads(CliRunner().invoke(main, ["run", str(tmp_path), "--carbon", "500", "--json"]).output)
    assert told["carbon"]["usd_per_t"] == 500
    assert CliRunner().invoke(main, ["run", str(tmp_path), "--carbon", "-1"]).exit_code == 2


def test_the_page_has_what_is_computed() -> None:
    root = Path(__file__).parents[1]
    script = runpy.run_path(str(root / "scripts" / "emissions_docs.py"))
    page = (root / "docs" / "emissions.md").read_text(encoding="utf-8")
    assert script["with_tables"](page) == page, "run scripts/emissions_docs.py"

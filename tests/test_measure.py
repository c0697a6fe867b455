"""Indicators, emissions and quotes against sums done by hand."""

import math
from pathlib import Path
from typing import Any

import pytest

import bactrian as ba
from bactrian.measure import against_quotes, emissions, indicators, missing_factors
from bactrian.report import corridors
from small import small_case

PLACES: list[dict[str, Any]] = [{"id": "A"}, {"id": "B", "lon": 1, "country": "Y"}, {"id": "C", "lon": 0.5}]
BORDER = {"id": "C-border", "place": "C", "handling": "border", "modes": "rail", "time_h": 30, "usd_per_t": 2}
LINKS: list[dict[str, Any]] = [
    {"id": "A-C", "from": "A", "to": "C", "length_km": 300, "time_h": 10, "usd_per_t": 9},
    {"id": "C-B", "from": "C", "to": "B", "length_km": 200, "time_h": 10, "usd_per_t": 6},
]


def test_indicators_of_one_way_with_a_border(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path, places=PLACES, links=LINKS, terminals=[BORDER]))
    one = indicators(flows, "corridor").iloc[0]
    assert (one["kt"], one["km"], one["days"], one["usd_per_t"]) == (100, 500, 50 / 24, 17)
    assert (one["crossings"], one["crossing_h"], one["crossing_usd_per_t"]) == (1, 30, 2)
    assert (one["moving_kmh"], one["kmh"], one["usd_per_t_500km"]) == (25, 10, 17)


def test_indicators_by_pair_of_zones_and_without_a_crossing(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path, places=PLACES, links=LINKS))
    table = indicators(flows, "origin", "destination")
    assert table[["origin", "destination", "crossings"]].to_numpy().tolist() == [["o", "d", 0]]
    assert table["crossing_h"].isna().all()
    with pytest.raises(ba.SolveError, match="use one of"):
        indicators(flows, "colour")
    with pytest.raises(ba.SolveError, match="use one of"):
        indicators(flows)


def test_emissions_are_tonne_kilometres_times_factors_and_hubs(tmp_path: Path) -> None:
    factors = [
        {"id": "rail", "applies": "rail", "wtw_g": 20, "ttw_g": 15},
        {"id": "rail-X", "applies": "rail", "traction": "X", "wtw_g": 8, "ttw_g": 0},
        {"id": "hub", "applies": "hub", "wtw_g": 1000, "ttw_g": 600},
    ]
    links = [
        {**LINKS[0], "electrified": "yes", "gauge_mm": "1435"},
        {**LINKS[1], "electrified": "part", "gauge_mm": "1520"},
    ]
    hub = {"id": "C-break", "place": "C", "handling": "gauge_break", "modes": "rail"}
    flows = ba.run(small_case(tmp_path, places=PLACES, links=links, terminals=[hub], emissions=factors))
    emitted = emissions(flows).iloc[0]
    # A to C is electric in X, 300 km at 8 g; C to B is half electric, its grid half that of X, half unknown (20 g)
    grams = 300 * 8 + 200 * (0.5 * 14 + 0.5 * 20) + 1000
    assert emitted["wtw_t"] == pytest.approx(100_000 * grams / 1e6)
    assert emitted["ttw_t"] == pytest.approx(100_000 * (200 * (0.5 * 7.5 + 0.5 * 15) + 600) / 1e6)


def test_a_means_of_transport_without_a_factor_is_named_and_not_counted_as_nothing(tmp_path: Path) -> None:
    factors = [{"id": "road", "applies": "road"}]
    idle = {"id": "A-C-sea", "from": "A", "to": "C", "mode": "deep_sea"}
    flows = ba.run(small_case(tmp_path, places=PLACES, links=[*LINKS, idle], emissions=factors))
    assert missing_factors(flows) == ["rail"]
    assert emissions(flows)["wtw_t"].isna().all()
    assert corridors(flows)["wtw_t"].isna().all()


def test_a_quote_is_compared_on_the_way_it_names(tmp_path: Path) -> None:
    direct = {"id": "A-B", "from": "A", "to": "B", "length_km": 50, "time_h": 1, "usd_per_teu": 30}
    boxes = [{"id": "goods", "form": "container", "t_per_teu": 10}]
    ends = {"from": "A", "to": "B", "form": "container", "year": 2021, "seen": "no"}
    quotes: list[dict[str, Any]] = [
        {"id": "any", **ends, "usd_low": 1, "usd_high": 1, "price_unit": "teu"},
        {"id": "by-C", **ends, "via": "C", "usd_low": 1, "usd_high": 1, "price_unit": "feu"},
        {"id": "by-both", **ends, "via": "C C-B", "days_low": 1, "days_high": 2},
        {"id": "round-about", **ends, "via": "C-B A-C", "days_low": 1, "days_high": 2},
        {"id": "no-way", **ends, "via": "D", "days_low": 1, "days_high": 2},
        {"id": "other-year", **{**ends, "year": 2022}, "days_low": 1, "days_high": 2},
    ]
    places = [*PLACES, {"id": "D", "lon": 2}]
    case = small_case(tmp_path, places=places, links=[*LINKS, direct], commodities=boxes, quotes=quotes)
    told = against_quotes(ba.run(case)).set_index("id")
    assert told.index.tolist() == ["any", "by-C", "by-both", "round-about", "no-way"]
    assert (told.loc["any", "usd"], told.loc["any", "km"], told.loc["any", "days"]) == (30, 50, 1 / 24)
    assert (told.loc["by-C", "usd"], told.loc["by-C", "rows"]) == (400, "A-C C-B")  # two boxes of 20 feet at 200
    assert told.loc["by-both", "rows"] == "A-C C-B"
    assert told.loc["round-about", "km"] == 50 + 200 + 300 + 50  # A B, B C, C A, A B
    assert told.loc["no-way", "rows"] == ""
    assert math.isnan(told.loc["no-way", "km"])


def test_emission_factors_of_the_built_in_case_give_known_orders_of_magnitude() -> None:
    flows = ba.run("transcaspian")
    table = flows.table().assign(wtw_t=emissions(flows)["wtw_t"])
    sums = table.assign(tkm=table["kt"] * table["km"]).groupby("modes")[["wtw_t", "tkm"]].sum()
    grams = 1000 * sums["wtw_t"] / sums["tkm"]
    # GLEC defaults lie near 5 to 15 g/tkm for deep sea, 10 to 30 for rail, 60 to 120 for road
    assert 5 < grams["rail"] < 35
    assert 50 < grams["road"] < 150

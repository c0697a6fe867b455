"""The virtual network on cases small enough to draw by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.network import Network, Revision, build
from small import small_case

C = {"id": "C", "lon": 0.5}
PLACES: list[dict[str, Any]] = [{"id": "A"}, {"id": "B", "lon": 1}, C]


def only_way(case: ba.Case, year: int = 2021) -> dict[str, Any]:
    """Kinds of arcs and figures of the one way from o to d."""
    flows = ba.run(case, year)
    assert len(flows.ways) == 1
    kinds = flows.network.arcs.loc[flows.routes.arcs, "kind"].tolist()
    return {"kinds": kinds, **flows.ways.iloc[0].to_dict()}


def stranded(case: ba.Case, year: int = 2021) -> str:
    flows = ba.run(case, year)
    assert flows.pairs["stranded_kt"].tolist() == flows.pairs["kt"].tolist()
    return str(flows.pairs["stranded"][0])


def test_a_single_link_gives_its_own_figures(tmp_path: Path) -> None:
    case = small_case(
        tmp_path,
        links=[{"id": "A-B", "from": "A", "to": "B", "length_km": 120, "time_h": 5, "spread_h": 2, "usd_per_t": 7}],
        commodities=[{"id": "goods", "value_of_time_usd_per_t_h": 0.5, "reliability": 3}],
        access=[
            {"id": "o-A", "zone": "o", "place": "A", "time_h": 1, "usd_per_t": 2},
            {"id": "d-B", "zone": "d", "place": "B", "time_h": 3, "usd_per_t": 4},
        ],
    )
    way = only_way(case)
    assert way["kinds"] == ["load", "move", "unload"]
    assert (way["kt"], way["km"], way["time_h"], way["spread_h"], way["usd"]) == (100, 120, 9, 2, 13)
    assert way["cost_usd"] == pytest.approx(13 + 0.5 * (9 + 3 * 2))


def test_containers_pay_by_the_box(tmp_path: Path) -> None:
    link = {"id": "A-B", "from": "A", "to": "B", "usd_per_t": 7, "usd_per_teu": 300}
    goods = {"id": "goods", "form": "container", "t_per_teu": 15}
    way = only_way(small_case(tmp_path, links=[link], commodities=[goods]))
    assert way["usd"] == pytest.approx(20)
    assert way["teu"] == pytest.approx(100_000 / 15)


def test_a_break_of_gauge_is_crossed_only_where_there_is_one(tmp_path: Path) -> None:
    links = [
        {"id": "A-C", "from": "A", "to": "C", "gauge_mm": "1435"},
        {"id": "C-B", "from": "C", "to": "B", "gauge_mm": "1520"},
    ]
    place = {"id": "C-break", "place": "C", "handling": "gauge_break", "modes": "rail", "time_h": 24, "usd_per_t": 3}
    assert stranded(small_case(tmp_path / "none", places=PLACES, links=links)) == "no way"
    way = only_way(small_case(tmp_path / "break", places=PLACES, links=links, terminals=[place]))
    assert way["kinds"] == ["load", "move", "gauge_change", "move", "unload"]
    assert (way["time_h"], way["usd"]) == (44, 23)


def test_a_link_of_two_gauges_carries_both(tmp_path: Path) -> None:
    links = [
        {"id": "A-C", "from": "A", "to": "C", "gauge_mm": "1435"},
        {"id": "C-B", "from": "C", "to": "B", "gauge_mm": "1435/1520"},
    ]
    assert only_way(small_case(tmp_path, places=PLACES, links=links))["kinds"] == ["load", "move", "move", "unload"]


def test_a_border_is_passed_once_and_only_into_another_country(tmp_path: Path) -> None:
    border = {"id": "C-border", "place": "C", "handling": "border", "modes": "rail", "time_h": 6, "usd_per_t": 1}
    links = [{"id": "A-C", "from": "A", "to": "C"}, {"id": "C-B", "from": "C", "to": "B"}]
    across = [{"id": "A"}, {"id": "B", "country": "Y"}, C]
    way = only_way(small_case(tmp_path / "across", places=across, links=links, terminals=[border]))
    assert way["kinds"] == ["load", "move", "border", "move", "unload"]
    assert (way["time_h"], way["usd"]) == (26, 21)
    within = only_way(small_case(tmp_path / "within", places=PLACES, links=links, terminals=[border]))
    assert within["kinds"] == ["load", "move", "move", "unload"]


def test_a_port_joins_sea_and_rail_and_a_passage_is_paid_once(tmp_path: Path) -> None:
    places = [*PLACES, {"id": "D", "lon": 0.7}]
    links = [
        {"id": "A-C", "from": "A", "to": "C", "mode": "deep_sea"},
        {"id": "C-D", "from": "C", "to": "D", "mode": "deep_sea"},
        {"id": "D-B", "from": "D", "to": "B"},
    ]
    terminals = [
        {"id": "canal", "place": "C", "handling": "passage", "modes": "deep_sea", "time_h": 12, "usd_per_t": 5},
        {"id": "port", "place": "D", "handling": "port", "time_h": 48, "usd_per_t": 8},
        {"id": "stress", "place": "D", "handling": "port", "in_use": "no", "time_h": 1, "usd_per_t": 0},
    ]
    access = [
        {"id": "o-A", "zone": "o", "place": "A", "modes": "deep_sea"},
        {"id": "d-B", "zone": "d", "place": "B", "modes": "rail"},
    ]
    way = only_way(small_case(tmp_path, places=places, links=links, terminals=terminals, access=access))
    assert way["kinds"] == ["load", "move", "passage", "move", "tranship", "move", "unload"]
    assert (way["time_h"], way["usd"]) == (12 + 48 + 30, 5 + 8 + 30)


@pytest.mark.parametrize("handling", ["passage", "border"])
def test_a_canal_or_border_that_is_shut_is_not_passed_as_if_it_were_not_there(tmp_path: Path, handling: str) -> None:
    gate = {"id": "gate", "place": "C", "handling": handling, "time_h": 6}
    links = [{"id": "A-C", "from": "A", "to": "C"}, {"id": "C-B", "from": "C", "to": "B"}]
    abroad = [{**place, "country": "Y" if place["id"] == "B" else "X"} for place in PLACES]
    case = small_case(tmp_path, places=abroad, links=links, terminals=[{**gate, "closes": 2030}])
    assert handling in only_way(case, 2029)["kinds"]
    assert stranded(case, 2030) == "no way"
    new = {"place": "C", "handling": handling, "usd_per_t": 3, "usd_per_teu": 0, "time_h": 1}
    assert only_way(case.with_({"terminals": {"other": new}}), 2030)["usd"] == 20 + 3


def test_a_pipeline_runs_one_way(tmp_path: Path) -> None:
    line = {"id": "A-B", "from": "A", "to": "B", "mode": "pipeline_oil"}
    access = [
        {"id": "o-A", "zone": "o", "place": "A", "modes": "pipeline_oil"},
        {"id": "d-B", "zone": "d", "place": "B", "modes": "pipeline_oil"},
    ]
    assert only_way(small_case(tmp_path / "with", links=[line], access=access))["modes"] == "pipeline_oil"
    against = small_case(
        tmp_path / "against", links=[line], access=access, demand=[{"id": "d-o", "origin": "d", "destination": "o"}]
    )
    assert stranded(against) == "no way"


def test_a_link_exists_from_opens_until_closes(tmp_path: Path) -> None:
    links = [
        {"id": "old", "from": "A", "to": "B", "closes": 2030},
        {"id": "new", "from": "A", "to": "B", "opens": 2030, "time_h": 1},
    ]
    case = small_case(tmp_path, links=links)
    assert (only_way(case, 2029)["time_h"], only_way(case, 2030)["time_h"]) == (10, 1)


def test_what_cannot_go_is_named(tmp_path: Path) -> None:
    link = {"id": "A-B", "from": "A", "to": "B"}
    other = {"id": "wheels", "modes": "road"}
    demand = [{"id": "o-d", "origin": "o", "destination": "d", "commodity": "wheels"}]
    assert stranded(small_case(tmp_path / "mode", links=[link], commodities=[other], demand=demand)) == "no way"
    cut = [{"id": "o-A", "zone": "o", "place": "A"}]
    assert stranded(small_case(tmp_path / "cut", links=[link], access=cut)) == "destination without access"
    cut = [{"id": "d-B", "zone": "d", "place": "B"}]
    assert stranded(small_case(tmp_path / "off", links=[link], access=cut)) == "origin without access"


def test_with_no_link_open_all_is_stranded(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[{"id": "A-B", "from": "A", "to": "B", "opens": 2050}])
    assert stranded(case) == "no way"
    assert ba.run(case).certificate.holds


def test_reliability_only_ever_adds_cost() -> None:
    network = build(ba.load("transcaspian"), 2021)
    plain = network.price[network.allowed]
    assert (network.plain_cost[network.allowed] >= plain).all()
    assert np.isnan(network.cost[~network.allowed]).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(1990, 2060))
def test_every_year_of_the_built_in_case_has_arcs_between_its_nodes(year: int) -> None:
    network = build(ba.load("transcaspian"), year)
    ends = network.arcs[["tail", "head"]].to_numpy()
    assert ends.min() >= 0
    assert ends.max() < len(network.nodes)
    assert (ends[:, 0] != ends[:, 1]).all()
    assert network.resource.max() == len(network.resources) - 1


def test_a_revision_that_shuts_the_only_line_of_a_gauge_is_the_network_without_it(tmp_path: Path) -> None:
    links = [{"id": "old", "from": "A", "to": "B", "gauge_mm": "1000"}]
    links += [{"id": "new", "from": "A", "to": "B", "gauge_mm": "1435"}]
    links += [{"id": "street", "from": "A", "to": "B", "mode": "road"}]
    yard = {"handling": "transfer", "modes": "rail road", "usd_per_t": 1}
    terminals = [{"id": f"yard-{place}", "place": place, **yard} for place in "AB"]
    case = small_case(tmp_path / "two_gauges", links=links, terminals=terminals)
    revised = Revision(build(case, 2021)).of({("links", "new"): {"opens": 2030}})
    anew = build(case.with_({"links": {"new": {"opens": 2030}}}), 2021)

    def open_arcs(network: Network) -> set[tuple[str, ...]]:
        nodes = network.nodes["place"] + " " + network.nodes["medium"]
        arcs = network.arcs[network.allowed.any(axis=0)]
        told = (arcs["kind"], arcs["row"], nodes.to_numpy()[arcs["tail"]], nodes.to_numpy()[arcs["head"]])
        return set(zip(*told, strict=True))

    assert open_arcs(revised) == open_arcs(anew)
    assert not any("1435" in end for arc in open_arcs(revised) for end in arc)

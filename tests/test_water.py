"""Water: immersion by hand, levels between years, dredging, and what was told of ships at Aktau."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.cli import main
from bactrian.network import build
from bactrian.report.water import with_tables
from bactrian.water import (
    DENSITY,
    Vessel,
    at_level,
    break_even,
    dredged,
    level,
    lines,
    ports,
    read_dredging,
    read_level,
    scenarios,
    vessels,
)
from bactrian.water.ports import harbours
from small import small_case

BARGE = Vessel("barge", "A box", ("feeder",), "dry", 1, 1000, 3.0, 1.0, 100, 10, 1.0, 0.8)
METRE = 100 * 10 * DENSITY  # tonnes that sink the box by a metre


@cache
def built_in() -> ba.Case:
    return ba.load("transcaspian")


def on_a_lake(folder: Path, **tables: Any) -> ba.Case:
    """A line of boxes from A, where the 3.3 m of water of 2021 were just enough, to B, where it is deeper."""
    box = {
        **{"id": "barge", "modes": "feeder", "berths": "dry", "share": 1, "cargo_t": 1000, "draught_m": 3},
        **{"ballast_m": 1, "length_m": 100, "beam_m": 10, "block": 1, "fixed_cost_share": 0.8},
    }
    port = {"handling": "port", "capacity_kt": 800}
    given = {
        "vessels": [box],
        "levels": [
            {"id": "o", "scenario": "observed", "year": 2021, "level_m": -28.7},
            {"id": "f", "scenario": "falling", "year": 2031, "level_m": -29.7},
        ],
        "links": [{"id": "line", "from": "A", "to": "B", "mode": "feeder", "capacity_kt": 500}],
        "terminals": [
            {"id": "a", "place": "A", "bed_m": -32.0, **port},
            {"id": "b", "place": "B", "bed_m": -33.1, **port},
        ],
        "access": [
            {"id": "o-A", "zone": "o", "place": "A", "modes": "rail feeder"},
            {"id": "d-B", "zone": "d", "place": "B", "modes": "rail feeder"},
        ],
        **tables,
    }
    return small_case(folder, **given)


def row(case: ba.Case, table: str, key: str) -> Any:
    return case.table(table).set_index("id").loc[key]


def findings(error: pytest.ExceptionInfo[ba.CaseError]) -> str:
    return " ".join(map(str, error.value.findings))


# a ship


def test_a_box_sinks_as_archimedes_says() -> None:
    assert BARGE.waterplane == 1
    assert BARGE.tonnes_per_m == pytest.approx(METRE)
    assert BARGE.payload(3.0) == BARGE.payload(9.0) == 1000
    assert BARGE.payload(2.5) == pytest.approx(1000 - 0.5 * METRE)
    assert BARGE.payload(0.99) == 0  # below her ballast draught
    assert BARGE.draught(0.5) == pytest.approx(3 - 500 / METRE)
    assert BARGE.draught(0) == pytest.approx(3 - 1000 / METRE)


@settings(deadline=None)
@given(st.floats(0, 8), st.floats(0, 8), st.sampled_from(range(6)))
def test_more_water_never_means_less_cargo(one: float, other: float, which: int) -> None:
    vessel = vessels(built_in())[which]
    low, high = sorted((one, other))
    assert 0 <= vessel.payload(low) <= vessel.payload(high) <= vessel.cargo_t
    assert vessel.payload(vessel.draught(0.7)) >= 0.7 * vessel.cargo_t * (1 - 1e-12)


@pytest.mark.parametrize(
    ("length", "beam", "block", "deep", "sea_t", "river_t", "error"),
    [
        (139.4, 16.6, 0.90, 4.60, 7100, 4700, 0.001),  # project 19900, Offshore Energy and survincity.com
        (138.0, 16.6, 0.93, 4.20, 7022, 5420, 0.05),  # project RST27, PortNews 16 May 2017; its block is published
        (138.2, 16.8, 0.93, 4.706, 8144, 5320, 0.07),  # project RSD59, PortNews 29 Jan 2020
    ],
)
def test_the_waterplane_returns_published_deadweights(
    length: float, beam: float, block: float, deep: float, sea_t: float, river_t: float, error: float
) -> None:
    """What ships carry more at their draught in the sea, 1.025 t/m3, than at 3.6 m in fresh water."""
    ship = Vessel("ship", "", (), "dry", 1, 1, deep, 1, length, beam, block, 1)
    gained = ship.tonnes_per_m / DENSITY * 1.025 * (deep - 3.6) + 0.025 * block * length * beam * 3.6
    assert gained == pytest.approx(sea_t - river_t, rel=error)


# the sea


def test_levels_lie_on_straight_lines() -> None:
    case = built_in()
    assert level(case, "observed", 2024) == -29.2
    assert level(case, "observed", 1986) == pytest.approx(-27.815)
    assert level(case, "rcp85", 2050) == -34.0
    assert level(case, "rcp85", 2025) == level(case, "observed", 2025)
    assert level(case, "ministry_water", 2028) == pytest.approx(-29.21 + 3 / 5 * -0.99)
    assert level(case, "ministry_ecology", 1995) == -26.62  # what was is the same in every future


@pytest.mark.parametrize(
    ("scenario", "year"), [("observed", 2026), ("observed", 1899), ("rcp45", 2051), ("ministry_water", 2031)]
)
def test_nothing_is_said_of_years_beyond(scenario: str, year: int) -> None:
    with pytest.raises(ba.CaseError, match="says nothing of"):
        level(built_in(), scenario, year)


def test_an_unknown_scenario_is_named() -> None:
    with pytest.raises(ba.CaseError, match="did you mean 'rcp45'"):
        level(built_in(), "rpc45", 2040)


@pytest.mark.parametrize("height", [0, 12.5, -9.9, -61, float("nan"), float("inf")])
def test_a_level_above_ground_is_refused(height: float) -> None:
    for ask in (ports, lines, at_level):
        with pytest.raises(ba.CaseError, match="is no level of the Caspian"):
            ask(built_in(), height)


def test_what_is_asked_for_is_read() -> None:
    case = built_in()
    assert read_level(case, "-30500 mm") == (-30.5, {})
    assert read_level(case, None, "rcp45", 2050) == (-32.4, {"scenario": "rcp45", "year": 2050})
    assert read_level(case) == (-29.21, {"scenario": "observed", "year": 2025})
    assert read_dredging([("KZAAU", "1.5"), ("KZAAU", "50 m"), ("TMKRW", "20 mm")]) == {"KZAAU": 51.5, "TMKRW": 0.02}
    for asked, said in [(("-30", "rcp45", 2040), "both"), ((None, "rcp45", None), "no year")]:
        with pytest.raises(ba.CaseError, match=said):
            read_level(case, *asked)
    with pytest.raises(ba.UnitError):
        read_level(case, "deep")


# ports


def reported(vessel: str) -> tuple[float, float]:
    """Payload and share at Aktau at -29.2 m, by the model."""
    table = ports(built_in(), -29.2).set_index(["place", "vessel"])
    return float(table.at[("KZAAU", vessel), "payload_t"]), float(table.at[("KZAAU", vessel), "share"])


def test_ships_at_aktau_load_what_its_port_says() -> None:
    """The port: 12,000 t tankers take about 10,000 t (Apr 2025), 6,500 t dry cargo ships 5,500 t (May 2024).

    Its dispatcher: dry cargo ships lack 600 to 1,300 t, tankers 2,000 to 2,500 t (casp-geo.ru, 2025).
    """
    tanker, dry = reported("tanker_12000")[0], reported("dry_6500")[0]
    assert tanker == pytest.approx(10_000, rel=0.05)
    assert dry == pytest.approx(5_500, rel=0.05)
    assert 2_000 <= 12_000 - tanker <= 2_500
    assert 600 <= 6_500 - dry <= 1_300
    assert reported("tanker_6800")[0] == pytest.approx(6_500, rel=0.05)


def test_dredging_at_aktau_does_what_its_port_expects() -> None:
    """7.7 m at oil berths fill tankers (Report.az, 24 Apr 2025)."""
    after = built_in().with_effects(["P03"], 2025)
    table = ports(after, -29.2).set_index(["place", "vessel"])
    assert table.at[("KZAAU", "tanker_12000"), "depth_m"] == pytest.approx(7.7)
    assert table.at[("KZAAU", "tanker_12000"), "share"] == 1
    assert table.at[("KZAAU", "dry_6500"), "share"] == 1


def test_four_ports_at_30_5_m() -> None:
    table = ports(built_in(), -30.5).set_index(["place", "vessel"])["share"].unstack()
    assert (table.loc["KZKUR"].drop("tanker_12000") == 1).all()  # dredged to 8 m at -29.2 m
    assert 0.5 < table.at["KZAAU", "tanker_12000"] < 0.6
    assert 0.4 < table.at["KZAAU", "dry_6500"] < 0.5
    assert table.at["TMKRW", "rail_ferry"] == 0
    assert (table.loc["AZALA"].drop("tanker_12000") > 0.7).all()


def test_break_even_levels_are_where_loading_turns() -> None:
    case = built_in()
    for place in harbours(case):
        for one in break_even(case, place).itertuples():
            assert one.none_m <= one.half_m <= one.full_m

            def share(height: float, place: str = place, vessel: str = str(one.vessel)) -> float:
                return float(ports(case, height).set_index(["place", "vessel"]).at[(place, vessel), "share"])

            if place == "KZAAU":
                assert share(one.full_m + 1e-6) == pytest.approx(1)
                assert share(one.full_m - 0.01) < 1
                assert share(one.half_m + 1e-6) >= 0.5
                assert share(one.half_m - 0.01) < 0.5
                assert share(one.none_m - 1e-6) == 0
                assert share(one.none_m + 0.01) > 0
    with pytest.raises(ba.CaseError, match="no port in use at 'KZALA'"):
        break_even(case, "KZALA")


# lines


def test_a_line_by_hand(tmp_path: Path) -> None:
    case = on_a_lake(tmp_path)
    low = at_level(case, -29.25)  # 2.75 m of water, 2.5 m of draught
    part = 1 - 0.5 * METRE / 1000
    cost = (0.8 + 0.2 * part) / part
    told = lines(case, -29.25).iloc[0]
    assert told["stands_m"] == -28.7
    assert told["was_share"] == pytest.approx(1)
    assert told["share"] == pytest.approx(part)
    assert row(low, "links", "line")["capacity_kt"] == pytest.approx(500 * part)
    assert row(low, "links", "line")["usd_per_t"] == pytest.approx(10 * cost)
    assert row(low, "links", "line")["usd_per_teu"] == pytest.approx(100 * cost)
    for terminal in ("a", "b"):  # B is deep enough, but its ships come from A
        assert row(low, "terminals", terminal)["capacity_kt"] == pytest.approx(800 * part)
    same = at_level(case, -28.7)
    assert row(same, "links", "line")["capacity_kt"] == pytest.approx(500)
    assert row(same, "links", "line")["usd_per_t"] == pytest.approx(10)


def test_where_nothing_floats_nothing_sails(tmp_path: Path) -> None:
    case = on_a_lake(
        tmp_path,
        links=[
            {"id": "rail", "from": "A", "to": "B"},
            {"id": "line", "from": "A", "to": "B", "mode": "feeder", "capacity_kt": 500},
        ],
    )
    dry = at_level(case, -31.5)
    assert "line" in set(build(case, 2021).arcs["row"])
    assert "line" not in set(build(dry, 2021).arcs["row"])
    assert {"a", "b"}.isdisjoint(build(dry, 2021).arcs["row"])


def test_a_port_whose_capacity_was_told_at_another_level(tmp_path: Path) -> None:
    port = {"handling": "port", "capacity_kt": 800, "bed_m": -32.0}
    case = on_a_lake(tmp_path, terminals=[{"id": "a", "place": "A", "level_m": -29.25, **port}])
    half = 1 - 0.5 * METRE / 1000
    low = 1 - (3 - 2.2 / 1.1) * METRE / 1000
    assert low < 0  # 2 m of draught carry nothing
    assert row(at_level(case, -29.25), "terminals", "a")["capacity_kt"] == 800
    assert row(at_level(case, -28.7), "terminals", "a")["capacity_kt"] == 800  # berths stay
    middle = 1 - (3 - (32 - 29.36) / 1.1) * METRE / 1000
    assert row(at_level(case, -29.36), "terminals", "a")["capacity_kt"] == pytest.approx(800 * middle / half)


def test_dredging_buys_draught(tmp_path: Path) -> None:
    case = on_a_lake(
        tmp_path,
        projects=[{"id": "dig", "opens": 2025}],
        effects=[
            {"id": "dig-bed", "cause": "dig", "table": "terminals", "rows": "a", "column": "bed_m"}
            | {"operation": "add", "value": -0.55}
        ],
    )
    for deeper in (dredged(case, {"A": 0.55}), case.with_effects(["dig"], 2026)):
        assert row(deeper, "terminals", "a")["bed_m"] == pytest.approx(-32.55)
        same = at_level(deeper, -29.25)  # the fall of 0.55 m dug away
        assert row(same, "links", "line")["capacity_kt"] == pytest.approx(500)
        assert row(same, "links", "line")["usd_per_t"] == pytest.approx(10)
    for metres, said in [({"A": 0.0}, "is deepened by 0 m"), ({"C": 1.0}, "no port in use at 'C'")]:
        with pytest.raises(ba.CaseError, match=said):
            dredged(case, metres)


@settings(max_examples=15, deadline=None)
@given(st.floats(-33, -27), st.floats(-33, -27))
def test_a_lower_sea_never_helps(one: float, other: float) -> None:
    low, high = (lines(built_in(), height) for height in sorted((one, other)))
    assert (low["share"] <= high["share"] + 1e-12).all()
    assert (low["capacity_kt"] <= high["capacity_kt"] + 1e-9).all()


@settings(max_examples=15, deadline=None)
@given(st.floats(-31, -27), st.floats(0.1, 3))
def test_dredging_never_hurts(height: float, metres: float) -> None:
    case = built_in()
    deeper = lines(dredged(case, {"KZAAU": metres}), height)
    assert (deeper["capacity_kt"] >= lines(case, height)["capacity_kt"] - 1e-9).all()


def test_only_lines_and_ports_of_the_sea_change() -> None:
    changes = at_level(built_in(), -30.5).changes
    assert {change.table for change in changes} <= {"levels", "links", "terminals", "sources"}
    touched = {change.id for change in changes if change.table == "links"}
    assert touched
    assert all("-caspian_" in key for key in touched)
    rows = [change for change in changes if change.table in ("links", "terminals")]
    assert {change.column for change in rows} <= {
        *("capacity_kt", "usd_per_t", "usd_per_teu", "opens", "closes", "quality"),
    }


def test_the_level_of_the_case_itself_changes_no_line_of_its_year() -> None:
    told = lines(built_in(), -28.35)
    same = told[told["stands_m"] == -28.35]
    assert np.allclose(same["capacity_kt"], same["capacity_was_kt"])
    assert np.allclose(same["cost_factor"], 1)


# the tables


@pytest.mark.parametrize(
    ("table", "key", "cells", "said"),
    [
        ("vessels", "barge", {"ballast_m": 3}, "not below draught_m"),
        ("vessels", "barge", {"cargo_t": 5000}, "more than the water displaced"),
        ("vessels", "barge", {"modes": "balloon"}, "unknown id 'balloon'"),
        ("levels", "f", {"level_m": 3}, "must be between"),
        ("levels", "f", {"scenario": "observed", "year": 2021}, "a second row for this scenario and year"),
        ("terminals", "a", {"bed_m": 2}, "must be between"),
    ],
)
def test_what_cannot_be_is_found(tmp_path: Path, table: str, key: str, cells: Any, said: str) -> None:
    with pytest.raises(ba.CaseError) as caught:
        on_a_lake(tmp_path).with_({table: {key: cells}})
    assert said in findings(caught)


def test_a_case_without_water_says_so(tmp_path: Path) -> None:
    case = on_a_lake(tmp_path, levels=[])
    with pytest.raises(ba.CaseError, match="nobody knows for which level"):
        at_level(case, -29)
    no_ships = at_level(on_a_lake(tmp_path / "none", vessels=[]), -29)
    assert {change.table for change in no_ships.changes} <= {"levels", "sources"}


def test_a_level_is_asked_for_once(tmp_path: Path) -> None:
    low = at_level(on_a_lake(tmp_path), -29.0)
    assert row(low, "levels", "asked")["level_m"] == -29.0
    assert "asked" not in scenarios(low)
    with pytest.raises(ba.CaseError, match="asked for before"):
        at_level(low, -29.5)


# the command line


def water(*words: str) -> Result:
    return CliRunner().invoke(main, ["water", *words])


def test_the_command_prints_ports_lines_and_limits() -> None:
    told = water("--level", "-30.5")
    assert told.exit_code == 0
    for words in ("Caspian at -30.50 m", "KZKUR", "tanker_12000", "KZAAU-AZSAN-caspian_tanker", "Levels in m below"):
        assert words in told.output


def test_the_command_says_what_was_asked() -> None:
    told = water("--scenario", "rcp45", "--year", "2040", "--dredge", "KZAAU", "1.5").output
    assert "Caspian at -31.12 m (scenario rcp45, year 2040, KZAAU dredged by 1.5 m)" in told
    assert "Caspian at -29.21 m (scenario observed, year 2025)" in water().output


def test_the_command_answers_machines() -> None:
    told = json.loads(water("--scenario", "rcp45", "--year", "2040", "--dredge", "KZAAU", "1.5", "--json").output)
    assert told["level_m"] == pytest.approx(-31.124)
    assert told["asked"] == {"scenario": "rcp45", "year": 2040, "dredged": {"KZAAU": 1.5}}
    assert {one["place"] for one in told["ports"]} == set(told["names"])
    assert {"link", "capacity_kt", "usd_per_t"} <= set(told["lines"][0])
    assert {"full_m", "half_m", "none_m"} <= set(told["break_even"][0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--level", "5"), "is no level of the Caspian"),
        (("--level", "low"), "cannot read the quantity"),
        (("--scenario", "rcp54", "--year", "2040"), "did you mean"),
        (("--scenario", "rcp45"), "no year of rcp45"),
        (("--level", "-30", "--year", "2040"), "both a level and a scenario or year"),
        (("--dredge", "KZALA", "1"), "no port in use at 'KZALA'"),
        (("--dredge", "KZAAU", "-1"), "is deepened by -1 m"),
        (("nowhere",), "no such folder"),
    ],
)
def test_bad_input_is_one_message(words: tuple[str, ...], said: str) -> None:
    told = water(*words)
    assert told.exit_code == 2
    assert said in told.output
    assert len(json.loads(water(*words, "--json").output)["findings"]) == 1


def test_the_page_holds_the_tables_of_the_case() -> None:
    text = (Path(__file__).parents[1] / "docs" / "water.md").read_text(encoding="utf-8")
    assert with_tables(text, built_in()) == text, "run scripts/water_docs.py"

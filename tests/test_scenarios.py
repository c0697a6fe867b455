"""Scenarios as files: what they may say, what they do to a case, and that the command line takes them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.cli import main
from bactrian.scenarios import Scenario, Step, read_scenario
from small import small_case

LINKS = [
    {"id": "rail", "from": "A", "to": "B", "usd_per_t": 10, "capacity_kt": 500},
    {"id": "road", "from": "A", "to": "B", "mode": "road", "usd_per_t": 30},
]
SHUT = {"id": "strike", "begins": "", "kind": "closure", "chance_per_year": 0.5, "days": 73}
CLOSES = {
    "id": "e",
    "cause": "strike",
    "table": "links",
    "rows": "rail",
    "column": "usd_per_t",
    "operation": "multiply",
}


def asked(**more: Any) -> str:
    return json.dumps({"format": "bactrian-scenario-1", "name": "Mine", **more})


def applied(case: ba.Case, **more: Any) -> ba.Case:
    return read_scenario(asked(**more)).apply(case)


def prices(case: ba.Case) -> list[float]:
    return case.table("links")["usd_per_t"].tolist()


@pytest.fixture
def case(tmp_path: Path) -> ba.Case:
    links = [{**LINKS[0], "quality": "reported"}, LINKS[1]]
    return small_case(tmp_path / "case", links=links, events=[SHUT], effects=[{**CLOSES, "value": 3}])


def test_steps_change_the_rows_they_mean_in_their_order(case: ba.Case) -> None:
    rail = {"table": "links", "column": "usd_per_t", "where": {"mode": "rail"}}
    assert prices(applied(case, steps=[{**rail, "multiply": 0.5}])) == [5, 30]
    assert prices(applied(case, steps=[{**rail, "multiply": 0.5}, {**rail, "add": 3}])) == [8, 30]
    assert prices(applied(case, steps=[{**rail, "add": 3}, {**rail, "multiply": 0.5}])) == [6.5, 30]
    assert prices(applied(case, steps=[{"table": "links", "column": "usd_per_t", "set": 7}])) == [7, 7]
    both = {**rail, "where": {"mode": ["rail", "road"]}}
    assert prices(applied(case, steps=[{**both, "add": 1}])) == [11, 31]
    served = {"table": "access", "column": "time_h", "where": {"modes": "road"}, "set": 4}  # one of several words
    assert applied(case, steps=[served]).table("access")["time_h"].tolist() == [4, 4]


def test_empty_cells_stay_empty_but_where_they_are_set(case: ba.Case) -> None:
    twice = {"table": "links", "column": "capacity_kt"}
    assert applied(case, steps=[{**twice, "multiply": 2}]).table("links")["capacity_kt"].fillna(-1).tolist() == [
        1000,
        -1,
    ]
    assert applied(case, steps=[{**twice, "set": 2}]).table("links")["capacity_kt"].tolist() == [2, 2]


def test_cells_come_first_then_causes_by_their_share_then_steps(case: ba.Case) -> None:
    cells = {"links": {"rail": {"usd_per_t": 20}}}
    step = {"table": "links", "column": "usd_per_t", "where": {"id": "rail"}, "add": 1}
    # 20, of which the strike makes three times as much for half a year, and 1 beside
    assert prices(applied(case, cells=cells, causes={"strike": 0.5}, steps=[step])) == [20 * 2 + 1, 30]


def test_what_was_changed_is_an_assumption_and_the_rest_as_it_was(case: ba.Case) -> None:
    changed = applied(
        case, cells={"links": {"road": None}}, steps=[{"table": "links", "column": "usd_per_t", "add": 1}]
    )
    assert {(change.id, change.column) for change in changed.changes if change.table == "links"} == {
        ("road", "id"), ("rail", "usd_per_t"), ("rail", "quality"),
    }  # fmt: skip
    assert changed.table("demand").equals(case.table("demand"))


def test_the_sea_goes_to_its_level() -> None:
    case = ba.load("transcaspian")
    assert applied(case, level_m=-30.5).hash == ba.at_level(case, -30.5).hash


def test_a_scenario_of_other_data_is_refused(case: ba.Case) -> None:
    assert applied(case, case_hash=case.hash, level_m=-29).hash == applied(case, level_m=-29).hash
    with pytest.raises(ba.CaseError, match="other data"):
        applied(applied(case, steps=[{"table": "links", "column": "usd_per_t", "add": 1}]), case_hash=case.hash)


WRONG: list[tuple[dict[str, Any] | str, str]] = [
    ("{", "no JSON"),
    ("[]", "not a scenario"),
    ('{"format": "bactrian-scenario-2", "name": "x"}', "not a scenario"),
    ('{"format": "bactrian-scenario-1", "name": "x", "level_m": NaN}', "no number"),
    ("[" * 100_000, "no JSON"),
    ({"name": ""}, "no name"),
    ({"name": "a\nb"}, "no name"),
    ({"levle_m": -29}, "unknown key"),
    ({"level_m": "deep"}, "not a number"),
    ({"level_m": True}, "not a number"),
    ({"causes": {"strike": 0}}, "not a share"),
    ({"causes": {"strike": 1.5}}, "not a share"),
    ({"causes": ["strike"]}, "not causes"),
    ({"cells": {"links": [1]}}, "not cells"),
    ({"steps": {}}, "not a list"),
    ({"steps": [{"table": "roads", "column": "usd_per_t", "add": 1}]}, "no such table"),
    ({"steps": [{"table": "links", "column": "price", "add": 1}]}, "no such column"),
    ({"steps": [{"table": "links", "column": "id", "set": "x"}]}, "no such column"),
    ({"steps": [{"table": "links", "column": "usd_per_t"}]}, "not one operation"),
    ({"steps": [{"table": "links", "column": "usd_per_t", "add": 1, "set": 1}]}, "not one operation"),
    ({"steps": [{"table": "links", "column": "usd_per_t", "add": "1"}]}, "needs a number"),
    ({"steps": [{"table": "links", "column": "mode", "multiply": 2}]}, "holds no numbers"),
    ({"steps": [{"table": "links", "column": "usd_per_t", "add": 1, "where": {"length_km": "1"}}]}, "column of words"),
    ({"steps": [{"table": "links", "column": "usd_per_t", "add": 1, "where": {"mode": []}}]}, "no word"),
    ({"steps": [{"table": "links", "column": "usd_per_t", "add": 1, "were": {}}]}, "not a step"),
]


@pytest.mark.parametrize(("told", "rule"), WRONG)
def test_what_is_no_scenario_is_refused_with_a_remedy(told: dict[str, Any] | str, rule: str) -> None:
    with pytest.raises(ba.CaseError) as caught:
        read_scenario(told if isinstance(told, str) else asked(**told))
    assert any(rule in one.rule for one in caught.value.findings)
    assert all(one.remedy for one in caught.value.findings)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"causes": {"strikes": 1}}, "did you mean 'strike'"),
        ({"cells": {"links": {"rail": {"usd_per_t": -5}}}}, "must be at least 0"),
        ({"steps": [{"table": "links", "column": "usd_per_t", "where": {"mode": "feeder"}, "add": 1}]}, "meets no row"),
        ({"steps": [{"table": "links", "column": "usd_per_t", "add": -50}]}, "must be at least 0"),
        ({"steps": [{"table": "links", "column": "mode", "set": "sledge"}]}, "sledge"),
    ],
)
def test_what_the_case_cannot_be_is_refused(case: ba.Case, more: dict[str, Any], rule: str) -> None:
    with pytest.raises(ba.CaseError, match=rule):
        applied(case, **more)


NUMBERS = st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9)
STEPS = st.builds(
    Step,
    st.just("links"),
    st.sampled_from(["usd_per_t", "time_h"]),
    st.sampled_from(["multiply", "add", "set"]),
    NUMBERS,
    st.dictionaries(st.sampled_from(["mode", "id"]), st.lists(st.text(max_size=5), min_size=1, max_size=3).map(tuple)),
)
SCENARIOS = st.builds(
    Scenario,
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
    st.text(max_size=5),
    st.text(max_size=5),
    st.none() | st.floats(-40, -20),
    st.dictionaries(st.text(max_size=5), st.floats(0.01, 1)),
    st.lists(STEPS, max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=5), st.none() | st.dictionaries(
        st.text(max_size=5), st.text(max_size=5) | NUMBERS, max_size=2), max_size=2), max_size=2),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(SCENARIOS)
def test_a_scenario_survives_its_file(scenario: Scenario) -> None:
    again = read_scenario(scenario.text)
    assert again == scenario
    assert again.text == scenario.text


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ba.CaseError, match="cannot read"):
        read_scenario(tmp_path / "none.json")
    (tmp_path / "wide.json").write_text(asked(), encoding="utf-16")
    with pytest.raises(ba.CaseError, match="not UTF-8"):
        read_scenario(tmp_path / "wide.json")


def test_verbs_take_a_scenario_and_a_case_made_of_it_is_the_same(case: ba.Case, tmp_path: Path) -> None:
    file, folder = tmp_path / "dear.json", str(tmp_path / "case")
    file.write_text(asked(steps=[{"table": "links", "column": "usd_per_t", "where": {"mode": "rail"}, "add": 15}]))
    told = CliRunner().invoke(main, ["run", folder, "--with", str(file), "--json"])
    assert told.exit_code == 0, told.output
    result = json.loads(told.output)
    changed = applied(case, steps=[{"table": "links", "column": "usd_per_t", "where": {"mode": "rail"}, "add": 15}])
    assert result["provenance"]["case_hash"] == changed.hash
    assert result["provenance"]["original_hash"] == case.hash
    made = CliRunner().invoke(main, ["new", str(tmp_path / "made"), "--case", folder, "--with", str(file)])
    assert made.exit_code == 0, made.output
    assert ba.load(tmp_path / "made").hash == changed.hash
    assert (tmp_path / "made" / "datapackage.json").exists()
    again = CliRunner().invoke(main, ["new", str(tmp_path / "made"), "--case", folder, "--with", str(file)])
    assert again.exit_code == 2
    assert "exists already" in again.output
    checked = CliRunner().invoke(main, ["check", folder, "--with", str(file), "--json"])
    assert json.loads(checked.output)["hash"] == changed.hash
    for verb in (["stress", folder, "--event", "strike"], ["plan", folder], ["share", folder]):
        missing = CliRunner().invoke(main, [*verb, "--with", str(tmp_path / "none.json")])
        assert (missing.exit_code, "cannot read" in missing.output) == (2, True), missing.output


def test_a_scenario_of_the_built_in_case_survives_being_made_a_case(tmp_path: Path) -> None:
    case = applied(ba.load("transcaspian"), level_m=-30.5, causes={"suez_blocked": 1})
    case.save(tmp_path / "made")
    assert ba.load(tmp_path / "made").hash == case.hash

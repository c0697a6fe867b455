"""What the studio asks of the other rooms: the same answers as the command line gives."""

import json
import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.cli import main
from bactrian.studio import shown, work
from bactrian.studio.work import Asked
from small import small_case

LINKS = [
    {"id": "rail", "from": "A", "to": "B", "usd_per_t": 10, "capacity_kt": 150},
    {"id": "road", "from": "A", "to": "B", "mode": "road", "usd_per_t": 12},
]
GOODS = [{"id": "goods"}, {"id": "boxes", "form": "container", "t_per_teu": 10, "cost_elasticity": -1}]
DEMAND = [
    {"id": "1", "origin": "o", "destination": "d", "kt": 100},
    {"id": "2", "origin": "o", "destination": "d", "commodity": "boxes", "kt": 30},
]
DEAR = json.dumps(
    {
        "format": "bactrian-scenario-1",
        "name": "Dear",
        "steps": [{"table": "links", "column": "usd_per_t", "where": {"mode": "rail"}, "add": 4}],
    }
)


@pytest.fixture
def where(tmp_path: Path) -> str:
    small_case(tmp_path / "case", links=LINKS, commodities=GOODS, demand=DEMAND)
    return str(tmp_path / "case")


@pytest.mark.parametrize(
    ("scenario", "year", "carbon"), [("", 2021, 0), ("", 2030, 0), (DEAR, 2021, 0), (DEAR, 2030, 20)]
)
def test_a_run_is_that_of_the_command_line_to_the_byte(
    where: str, tmp_path: Path, scenario: str, year: int, carbon: float
) -> None:
    asked = Asked(where, scenario, year, carbon)
    work.run_told(Asked(where, DEAR, 2025))  # that others ran before must not show
    told = work.run_told(asked)
    names = work.save_files(asked, str(tmp_path / "page"))
    words = ["run", where, "--year", str(year), "--carbon", str(carbon), "--out", str(tmp_path / "line")]
    if scenario:
        (tmp_path / "dear.json").write_text(scenario)
        words += ["--with", str(tmp_path / "dear.json")]
    answer = CliRunner().invoke(main, [*words, "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output) == told["summary"]
    assert sorted(names) == sorted(path.name for path in (tmp_path / "line").iterdir())
    for name in names:
        assert (tmp_path / "page" / name).read_bytes() == (tmp_path / "line" / name).read_bytes(), name


def test_a_key_names_a_result_and_nothing_else(where: str) -> None:
    content = work.case_hash(where)
    key = work.key_of(Asked(where, DEAR, 2030), content)
    assert key == work.key_of(Asked("elsewhere", DEAR.replace("Dear", "Another name"), 2030), content)
    others = [Asked(where, DEAR, 2031), Asked(where, "", 2030), Asked(where, DEAR, 2030, 1.0)]
    others.append(Asked(where, DEAR.replace("4", "5"), 2030))
    assert len({key, *(work.key_of(one, content) for one in others), work.key_of(Asked(where, DEAR, 2030), "x")}) == 6


def test_tonnes_of_a_commodity_or_a_corridor_add_up_to_all(where: str) -> None:
    asked = Asked(where)
    everything = {one["link"]: one["kt"] for one in work.run_told(asked)["links"]}
    parts = [work.links_told(asked, good, None) for good in ("goods", "boxes")]
    for link, kt in everything.items():
        assert sum(one["kt"] for part in parts for one in part if one["link"] == link) == pytest.approx(kt)
    assert sum(kt for kt in everything.values()) == pytest.approx(130)
    assert work.links_told(asked, None, "other") == work.links_told(asked, None, None)
    for wrong in (("gold", None), (None, "moon")):
        with pytest.raises(ba.SolveError, match="moves in the run"):
            work.links_told(asked, *wrong)


def test_who_uses_a_link_and_who_says_so(where: str) -> None:
    told = work.through_told(Asked(where), "rail")
    assert told["table"] == "links"
    assert sum(one["kt"] for one in told["users"]) == pytest.approx(told["resource"]["load_kt"])
    assert {"column": "capacity_kt", "value": "150", "unit": "kt/yr"}.items() <= next(
        one for one in told["cells"] if one["column"] == "capacity_kt"
    ).items()
    assert told["source"] == {"title": "made up for a test", "address": "", "quality": "assumption"}
    with pytest.raises(ba.SolveError, match="no link"):
        work.through_told(Asked(where), "moon")


def test_a_link_that_is_shut_has_no_users(where: str) -> None:
    shut = json.dumps({"format": "bactrian-scenario-1", "name": "x", "cells": {"links": {"rail": {"opens": 2500}}}})
    told = work.through_told(Asked(where, shut), "rail")
    assert (told["users"], told["resource"]) == ([], None)
    assert work.compare_told(Asked(where, shut), Asked(where))["links"][0]["kt_other"] == 0


def test_a_scenario_is_checked_with_all_findings(where: str) -> None:
    wrong = json.dumps({"format": "bactrian-scenario-1", "name": "x", "cells": {"links": {"rail": {"usd_per_t": -1}}}})
    told = work.check_told(where, wrong)
    assert told["findings"][0] | {"remedy": ""} == {
        "table": "links", "row": 0, "column": "usd_per_t", "rule": "must be at least 0", "remedy": "", "id": "rail",
    }  # fmt: skip
    assert work.check_told(where, DEAR)["changes"] == 1


def test_errors_come_whole_from_another_process() -> None:
    error = ba.CaseError([ba.Finding("links", 3, "mode", "no", "yes")])
    again = pickle.loads(pickle.dumps(error))
    assert again.findings == error.findings
    assert str(again) == str(error)


def test_a_table_comes_as_it_is_written_with_its_columns(where: str) -> None:
    told = work.table_told(where, "links")
    assert [row["usd_per_t"] for row in told["rows"]] == ["10", "12"]
    assert next(one for one in told["columns"] if one["column"] == "usd_per_t")["unit"] == "USD/t"


def test_what_is_shown_of_a_case_before_a_run(where: str) -> None:
    told = shown.case_told(ba.load(where), "de")
    assert [(one["id"], one["family"], one["line"]) for one in told["links"]] == [
        ("rail", "rail", [[0, 0], [1, 0]]), ("road", "road", [[0, 0], [1, 0]]),
    ]  # fmt: skip
    assert told["names"]["commodities"] == {"goods": "goods", "boxes": "boxes"}
    assert (told["base_year"], told["level_m"]) == (2021, None)
    built_in = shown.case_told(ba.load("transcaspian"), "ru")
    assert built_in["names"]["countries"]["TKM"] == "Туркменистан"
    assert built_in["level_m"] == -29.21
    assert set(built_in["names"]["corridors"]) >= set(built_in["corridors"])

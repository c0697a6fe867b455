"""A plan told and drawn: plain types, the same bytes twice, pictures that show something, and words that are read."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from fastparquet import ParquetFile
from PIL import Image

import bactrian as ba
import bactrian.planning
from bactrian import draw, report
from bactrian.cli import main
from bactrian.errors import SolveError, UnitError
from bactrian.planning import Plan, Rules, plan
from bactrian.report.plan_words import Section, how_good, plan_sections
from bactrian.wishes import read_ids, read_number, read_rules, read_years
from small import small_case

HOSTILE = "Quay | of <b>[red]x$"
SUMMARY_KEYS = {
    "result", "provenance", "value_musd", "appraisal", "bound", "ceiling", "certificate", "ended", "tried", "seconds",
    "projects", "not_chosen", "left_out", "committed", "years", "countries", "commodities", "alternatives", "frontier",
    "robust", "in_words",
}  # fmt: skip


def case_of(folder: Path) -> ba.Case:
    """A full railway, a quay that half the goods pass, and projects that ease them, or cost too much."""
    effect = {"operation": "add", "forgone": "no"}
    return small_case(
        folder,
        places=[
            {"id": "A", "lat": 41, "lon": 45}, {"id": "B", "lat": 40, "lon": 50}, {"id": "C", "lat": 42, "lon": 51},
        ],
        links=[
            {"id": "first", "from": "A", "to": "B", "capacity_kt": 900},
            {"id": "second", "from": "A", "to": "C", "usd_per_t": 12},
            {"id": "third", "from": "C", "to": "B", "usd_per_t": 4},
            {"id": "short", "from": "A", "to": "B", "usd_per_t": 2, "opens": 2032, "status": "planned"},
        ],
        demand=[{"id": "o-d", "origin": "o", "destination": "d", "kt": 1000}],
        projects=[
            {"id": "T", "name": "Second track", "capex_musd": 4, "build_years": 2, "promoter": "Rail",
             "claims": "2 Mt more"},
            {"id": "Q", "name": HOSTILE, "capex_musd": 1, "build_years": 1, "life_years": 3, "countries": "X Y"},
            {"id": "S", "capex_musd": 90, "operating_musd": 20, "build_years": 3},
            {"id": "U", "name": "Under way", "status": "under_construction", "capex_musd": 3, "opens": 2027},
            {"id": "D", "name": "Done", "status": "completed", "opens": 2020},
        ],
        effects=[
            {"id": "1", "cause": "T", "table": "links", "rows": "first", "column": "capacity_kt", "value": 900,
             **effect},
            {"id": "2", "cause": "Q", "table": "links", "rows": "first second", "column": "time_h", "value": -2,
             **effect},
            {"id": "3", "cause": "S", "table": "links", "rows": "short", "column": "opens", "operation": "set",
             "value": 2032, "forgone": "no"},
            {"id": "4", "cause": "U", "table": "links", "rows": "third", "column": "time_h", "value": -1, **effect},
            {"id": "5", "cause": "slow", "table": "links", "rows": "first", "column": "time_h", "value": 5, **effect},
        ],
        scenarios=[{"id": "as_is"}, {"id": "slow", "chance": 0.5}],
    )  # fmt: skip


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> ba.Case:
    return case_of(tmp_path_factory.mktemp("plan") / "ports")


@pytest.fixture(scope="session")
def found(case: ba.Case) -> Plan:
    return plan(case, 2026, 2034, "100 mUSD", step=4, frontier=True, robust=True, time_limit_s=60)


@pytest.fixture(scope="session")
def nothing(case: ba.Case) -> Plan:
    return plan(case, 2026, 2028, "0 USD", time_limit_s=60)


@pytest.fixture(scope="session")
def told(found: Plan) -> dict[str, Any]:
    return report.plan_summary(found)


def test_the_summary_is_plain_and_says_where_it_is_from(found: Plan, told: dict[str, Any], case: ba.Case) -> None:
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert set(told) == SUMMARY_KEYS
    made = told["provenance"]
    assert (made["case"], made["case_hash"], made["seed"]) == (case.name, case.hash, None)
    assert (made["terms"]["first"], made["terms"]["last"], made["terms"]["discount"]) == (2026, 2034, 0.05)
    assert made["rules"]["budget_musd"] == 100
    assert told["value_musd"] == found.value > 0
    assert {one["id"]: one["start"] for one in told["projects"]} == found.starts
    assert found.starts.keys() == {"T", "Q"}
    assert told["bound"]["value_musd"] >= told["ceiling"]["value_musd"] >= told["value_musd"] * (1 - 1e-9)


def test_claims_stand_apart_and_everything_has_its_place(told: dict[str, Any]) -> None:
    track = next(one for one in told["projects"] if one["id"] == "T")
    assert (track["claims"], track["promoter"], track["works_end"]) == ("2 Mt more", "Rail", track["start"] + 1)
    assert track["best_without_musd"] < told["value_musd"]
    assert [one["id"] for one in told["not_chosen"]] == ["S"]
    assert told["not_chosen"][0]["best_with_musd"] < told["value_musd"]
    assert told["committed"] == [{"id": "U", "name": "Under way", "opens": 2027}]
    assert [one["why"] for one in told["left_out"]] == ["completed"]
    assert math.fsum(one["net"] for one in told["countries"]) == pytest.approx(told["value_musd"])
    assert told["frontier"]["points"]
    assert len(told["robust"]["programmes"]) >= 1
    assert {row["year"] for row in told["years"]} == set(range(2026, 2035))


def test_a_plan_that_builds_nothing_is_told_and_drawn(nothing: Plan, tmp_path: Path) -> None:
    told = report.plan_summary(nothing)
    json.dumps(told, allow_nan=False)
    assert told["projects"] == []
    assert told["appraisal"]["ratio"] is None
    assert "Build nothing in 2026-2028" in report.plan_page(nothing, told)
    for picture in (draw.programme_picture(nothing), draw.built_map(nothing)):
        assert not_blank(draw.save_map(picture, tmp_path)[1])


def test_figures_that_are_none_become_null(found: Plan) -> None:
    spoilt = replace(found, value=0.0, bound=replace(found.bound, value=math.inf))
    assert report.plan_summary(spoilt)["bound"]["gap"] is None


def test_the_words_say_how_good_it_is(told: dict[str, Any]) -> None:
    words = " ".join(told["in_words"])
    assert "Proved: no programme" in words
    assert "the certificate holds" in words
    assert "If opening more never makes a year worse" in words
    assert " s (" not in words  # no times, which differ from run to run
    assert " s" in how_good({**told, "seconds": {"ways": 3.0}})[-1]
    broken = {**told, "certificate": {**told["certificate"], "holds": False}, "ceiling": None}
    assert "does NOT hold" in " ".join(how_good(broken))
    assert "No ceiling" in " ".join(how_good(broken))


def test_sections_have_rows_as_wide_as_their_heads(told: dict[str, Any]) -> None:
    sections: list[Section] = plan_sections(told)
    assert {"Programme", "How good this is", "Who gains and who pays", "Must-haves and real choices", "Not chosen"} <= {
        one.title for one in sections
    }
    page = plan_sections(told, whole=True)
    assert {"Year by year", "Claims of promoters", "Not to be decided on"} <= {one.title for one in page}
    for section in page:
        assert all(len(row) == len(section.texts) + len(section.numbers) for row in section.rows), section.title


def test_the_page_escapes_names_and_holds_no_times(found: Plan, told: dict[str, Any]) -> None:
    page = report.plan_page(found, told)
    assert page.startswith("# Plan: ports 2026-2034\n")
    assert HOSTILE.replace("|", "\\|") in page
    for table in re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert page == report.plan_page(replace(found, seconds={"ways": 99.0}))


def test_a_person_reads_the_plan(told: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    report.show_plan(told)
    shown = capsys.readouterr().out
    assert "Build 2 projects for" in shown
    assert HOSTILE in shown
    assert "Value against budget" in shown


# fastparquet leaves closing what it reads to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_files_are_whole_and_the_same_twice(found: Plan, told: dict[str, Any], tmp_path: Path) -> None:
    once = report.save_plan(found, tmp_path / "one", told)
    again = report.save_plan(replace(found, seconds={"ways": 99.0}), tmp_path / "two")
    assert [path.name for path in once] == [path.name for path in again]
    assert all(path.read_bytes() == other.read_bytes() for path, other in zip(once, again, strict=True))
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted(path.name for path in once)
    result = json.loads((tmp_path / "one" / "result.json").read_text())
    assert set(result) == SUMMARY_KEYS - {"seconds"}
    for path in once:
        if path.suffix == ".csv":
            table, same = pd.read_csv(path), ParquetFile(str(path.with_suffix(".parquet"))).to_pandas()
            assert list(table) == list(same), path
            assert len(table) == len(same) > 0, path


def not_blank(path: Path) -> bool:
    with Image.open(path) as image:
        return bool(np.asarray(image.convert("L")).std() > 5)


@pytest.mark.parametrize("drawn", [draw.programme_picture, draw.frontier_picture, draw.built_map])
def test_pictures_show_names_and_need_no_other_host(drawn: Callable[[Plan], Any], found: Plan, tmp_path: Path) -> None:
    svg, png = draw.save_map(drawn(found), tmp_path, "one")
    again = draw.save_map(drawn(found), tmp_path, "two")
    assert [one.read_bytes() for one in (svg, png)] == [one.read_bytes() for one in again]
    text = svg.read_text(encoding="utf-8")
    assert not_blank(png)
    assert "Second track" in text
    hosts = set(re.findall(r"https?://[^\s\"'<>)]+", text))
    assert all(host.startswith(("http://www.w3.org/", "https://www.w3.org/")) for host in hosts)


def test_what_is_numbered_on_the_map_stands_in_its_legend(found: Plan, tmp_path: Path) -> None:
    svg, _ = draw.save_map(draw.built_map(found), tmp_path)
    text = svg.read_text(encoding="utf-8")
    assert all(f">{number}<" in text for number in ("1", "2", "1 2"))
    assert "Under way (2027)" in text


def test_a_plan_without_a_frontier_has_no_picture_of_it(nothing: Plan) -> None:
    with pytest.raises(ValueError, match="frontier=True"):
        draw.frontier_picture(nothing)


def test_years_and_rules_are_read() -> None:
    assert read_years(" 2026 - 2040 ") == read_years("2026\u20132040") == (2026, 2040)
    rules = read_rules(
        "1.5 bn USD", ["2026-2030: 3 bn USD", "2031: 500 mUSD"], ["KAZ: 2 bn USD"], ["P26", "P02: 2028"],
        ["P29", "P29"], ["2 of P02, P08 P13"], ["1 of P26 P26"],
    )  # fmt: skip
    assert rules == Rules(
        1500.0, ((2026, 2030, 3000.0), (2031, 2031, 500.0)), {"KAZ": 2000.0}, {"P26": None, "P02": 2028},
        frozenset(["P29"]), ((2, ("P02", "P08", "P13")),), ((1, ("P26",)),),
    )  # fmt: skip
    assert read_rules() == Rules()


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        ({"budget": "8"}, "--budget"),
        ({"budget": "8 km"}, "--budget"),
        ({"budget": "-1 USD"}, "--budget"),
        ({"budget": "nan USD"}, "--budget"),
        ({"periods": ["3 bn USD"]}, "--period"),
        ({"periods": ["2030-2026: 3 bn USD"]}, "--period"),
        ({"periods": ["2026-2030: lots"]}, "--period"),
        ({"countries": ["KAZ 2 bn USD"]}, "--country"),
        ({"countries": ["KAZ: 2 bn USD", "KAZ: 3 bn USD"]}, "--country"),
        ({"build": ["P26:soon"]}, "--build"),
        ({"build": [""]}, "--build"),
        ({"build": ["P26", "P26:2028"]}, "--build"),
        ({"at_most": ["P02 P08"]}, "--at-most"),
        ({"at_least": ["-1 of P02"]}, "--at-least"),
    ],
)
def test_what_cannot_be_read_names_its_option(asked: dict[str, Any], option: str) -> None:
    with pytest.raises((SolveError, UnitError), match=option):
        read_rules(**asked)


def test_numbers_and_ids_are_looked_at(case: ba.Case) -> None:
    for bad in (math.nan, math.inf, -0.1, 1.0):
        with pytest.raises(SolveError, match=r"--discount .* at least 0 and below 1"):
            read_number(bad, "--discount", 0, 1)
    assert read_ids(case, "projects", ["T"], "--project") == ["T"]
    with pytest.raises(SolveError, match=r"--project 'no' is not in the table projects: name one of T, Q"):
        read_ids(case, "projects", ["no"], "--project")


def call(*words: str) -> Result:
    return CliRunner().invoke(main, ["plan", *words])


def folder_of(case: ba.Case, tmp_path: Path) -> str:
    case_of(tmp_path / "ports")
    return str(tmp_path / "ports")


def test_every_option_reaches_the_plan(
    found: Plan, case: ba.Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def recorded(loaded: ba.Case, first: int, last: int, **asked: Any) -> Plan:
        seen.update(asked, case=loaded.name, first=first, last=last)
        return found

    monkeypatch.setattr(bactrian.planning, "plan", recorded)
    ended = call(
        folder_of(case, tmp_path), "--budget", "8 bn USD", "--years", "2026-2034", "--discount", "0.03",
        "--carbon", "50", "--no-residual", "--step", "3", "--project", "T", "--project", "Q", "--scenario", "slow",
        "--period", "2026-2028: 2 mUSD", "--country", "X: 1 bn USD", "--build", "T:2027", "--build", "Q",
        "--never", "S", "--at-most", "1 of T Q", "--at-least", "1 of T", "--within", "0.05", "--frontier", "--robust",
        "--time-limit", "30", "--json",
    )  # fmt: skip
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout)["value_musd"] == found.value
    assert seen.pop("rules") == Rules(
        8000.0, ((2026, 2028, 2.0),), {"X": 1000.0}, {"T": 2027, "Q": None}, frozenset(["S"]), ((1, ("T", "Q")),),
        ((1, ("T",)),),
    )  # fmt: skip
    assert seen == {
        "case": "ports", "first": 2026, "last": 2034, "discount": 0.03, "carbon_usd_per_t": 50.0, "residual": False,
        "step": 3, "projects": ["T", "Q"], "scenario": "slow", "within": 0.05, "frontier": True, "robust": True,
        "time_limit_s": 30.0, "tell": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--years", "2040-2026"], "--years '2040-2026' ends before it begins"),
        (["--years", "soon"], "--years 'soon' cannot be read: write it as 2026-2040"),
        (["--discount", "nan"], "--discount nan makes no sense"),
        (["--carbon", "-5"], "--carbon -5 makes no sense"),
        (["--step", "0"], "--step 0 makes no sense: give a number of at least 1"),
        (["--within", "1"], "--within 1 makes no sense"),
        (["--time-limit", "0"], "--time-limit 0 makes no sense"),
        (["--project", "P99"], "--project 'P99' is not in the table projects"),
        (["--scenario", "war"], "--scenario 'war' is not in the table scenarios"),
        (["--period", "2000-2001: 1 bn USD"], "the period 2000-2001 is not within the plan"),
        (["--country", "ZZZ: 1 bn USD"], "owners are"),
        (["--build", "S", "--never", "S"], "build S; never build S"),
        (["--build", "U"], "under construction"),
        (["--build", "T", "--budget", "1 mUSD"], "budget of 1 mUSD; build T"),
        (["--at-least", "3 of T Q"], "at least 3 of T Q"),
        (["--step", "often"], "Invalid value for '--step'"),
    ],
)
def test_a_wrong_option_ends_in_one_clear_message(words: list[str], said: str, case: ba.Case, tmp_path: Path) -> None:
    ended = call(folder_of(case, tmp_path), *words)
    assert ended.exit_code == 2
    assert isinstance(ended.exception, SystemExit)
    assert said in ended.output
    assert "Traceback" not in ended.output


def test_a_case_or_file_is_not_overwritten_by_a_plan(case: ba.Case, tmp_path: Path) -> None:
    folder, file = folder_of(case, tmp_path), tmp_path / "file"
    file.write_text("mine")
    assert "is the folder of a case" in call(folder, "--out", folder).output
    assert "is not a folder" in call(folder, "--out", str(file)).output
    assert file.read_text() == "mine"


def test_a_plan_from_the_command_line_with_files(case: ba.Case, tmp_path: Path) -> None:
    ended = call(folder_of(case, tmp_path), "--years", "2026-2030", "--frontier", "--out", str(tmp_path / "out"))
    assert ended.exit_code == 0, ended.output
    assert "Build" in ended.stdout
    assert "wrote result.json" in ended.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    pictures = {f"{name}.{kind}" for name in ("programme", "built", "frontier") for kind in ("svg", "png")}
    assert pictures | {"result.json", "plan.md", "projects.csv", "projects.parquet"} <= names


def test_a_certificate_that_does_not_hold_is_told(
    found: Plan, case: ba.Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = replace(found, certificate=replace(found.certificate, difference=1.0))
    monkeypatch.setattr(bactrian.planning, "plan", lambda *_, **__: spoilt)
    ended = call(folder_of(case, tmp_path))
    assert ended.exit_code == 1
    assert "does not hold" in ended.stderr
    assert "does NOT hold" in ended.stdout

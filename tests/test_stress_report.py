"""Stress told and drawn: sums that agree with the course, the same bytes twice, and input that is refused."""

import json
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian import draw, report
from bactrian.cli import main
from bactrian.report.course import Batch, backlog, before_after, kt_of_links, settled_of, waiting_on
from bactrian.stressing import Course, Scene, course_of, spans_of
from bactrian.stressing.words import spells_of
from small import small_case


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A railway, a dear road round it that carries little, and a place that only the railway reaches."""
    found = tmp_path_factory.mktemp("case")
    small_case(
        found,
        places=[
            {"id": "A", "lat": 41, "lon": 45}, {"id": "B", "lat": 40, "lon": 50}, {"id": "C", "lat": 42, "lon": 51},
        ],
        links=[
            {"id": "rail", "from": "A", "to": "B", "capacity_kt": 900},
            {"id": "round", "from": "A", "to": "B", "mode": "road", "usd_per_t": 60, "time_h": 40, "capacity_kt": 400},
            {"id": "branch", "from": "B", "to": "C"},
        ],
        zones=[{"id": "o"}, {"id": "d", "country": "Y"}, {"id": "e", "country": "Y"}],
        access=[
            {"id": "o-A", "zone": "o", "place": "A"}, {"id": "d-B", "zone": "d", "place": "B"},
            {"id": "e-C", "zone": "e", "place": "C"},
        ],
        demand=[
            {"id": "o-d", "origin": "o", "destination": "d", "kt": 500},
            {"id": "o-e", "origin": "o", "destination": "e", "kt": 100},
        ],
        corridors=[{"id": "main", "name": "Main | line", "marks": "rail"}],
        events=[
            {"id": "storm", "name": "Storm", "chance_per_year": 2, "days": 10, "days_spread": 1.5, "recovery_days": 4,
             "recovery": "linear", "begins": ""},
        ],
        effects=[
            {"id": "s", "cause": "storm", "table": "links", "rows": "rail", "column": "capacity_kt",
             "operation": "multiply", "value": 0.3},
        ],
    )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def course(folder: Path) -> Course:
    case, spells = spells_of(ba.load(folder), ["closed:rail", "closed:branch@20"], 10)
    scene = Scene(case, 2030, {one.event.id: one.event for one in spells})
    return course_of(scene, spans_of(spells, 5), alone=True)


def test_the_summary_agrees_with_the_course(course: Course) -> None:
    told = report.course_summary(course)
    again = json.loads(json.dumps(told, allow_nan=False))
    assert again == told
    finite = [(span, one) for span, one in zip(course.spans, course.moments, strict=True) if span.ends < inf]
    loss = course.loss()
    assert told["cost_musd"] == pytest.approx(loss.sum())
    for key in ("countries", "commodities"):
        assert sum(one["cost_musd"] for one in told[key]) == pytest.approx(loss.sum())
    own = {one["country"]: one["cost_musd"] for one in told["countries"]}
    assert own["X"] == pytest.approx(own["Y"]) == pytest.approx(loss.sum() / 2)
    waiting = sum(float(one.waiting.sum()) * span.days / 365 for span, one in finite)
    assert (
        told["waiting_kt"] == pytest.approx(waiting) == pytest.approx(sum(one["waiting_kt"] for one in told["spans"]))
    )
    for span, (_, moment) in zip(told["spans"], finite, strict=False):
        assert span["share"] == pytest.approx(moment.carried.sum() / course.calm.carried.sum())
    assert [one["active"] for one in told["spans"]] == [
        {"closed:branch": 1.0, "closed:rail": 1.0}, {"closed:branch": 1.0}, {},
    ]  # fmt: skip
    assert told["provenance"]["changes"]
    gained = {**told, "cost_musd": -2.0, "forgone_kt": -3.0, "co2e_kt": -4.0}
    said = " ".join(report.course_sections(gained)[0].before)
    assert "2 mUSD gained by shippers" in said
    assert "3 kt more are sent for the cost; 4 kt less CO2e" in said


def test_tonnes_are_neither_lost_nor_made(course: Course) -> None:
    told = report.course_summary(course)
    for span, moment in zip(course.spans, course.moments, strict=True):
        if span.active:
            usual = moment.state.asked.demand(course.calm.faced).sum()
            assert moment.carried.sum() + moment.waiting.sum() <= usual + 1e-6
    before = sum(float(course.calm.carried.sum()) * one.days / 365 for one in course.spans if one.ends < inf)
    parts = course.kt("carried").sum() + told["waiting_kt"] + told["given_up_kt"] + told["forgone_kt"]
    assert parts == pytest.approx(before, rel=1e-6)
    ends, batches = backlog(course)
    assert ends[-1].sum() == 0
    assert sum(one.kt.sum() for one in batches) == pytest.approx(told["waiting_kt"])
    branch = int(np.flatnonzero(course.scene.pairs["destination"] == "e")[0])
    assert ends[1][branch] >= ends[0][branch] > 0  # the branch is shut for 20 days
    for span, held in zip(course.spans[:-1], ends, strict=False):
        assert waiting_on(course, span.ends - 1e-9) >= held.sum() - 1e-6
    assert waiting_on(course, 0.0) == pytest.approx(0)
    assert waiting_on(course, 1e4) == pytest.approx(0)


def test_a_batch_is_carried_evenly() -> None:
    one = Batch(5.0, np.array([10.0, 4.0]), np.array([20.0, 0.0]))
    assert [one.left(day) for day in (0.0, 10.0, 20.0, 50.0)] == [10.0, 5.0, 0.0, 0.0]


def test_links_and_corridors_are_sums_of_ways(course: Course) -> None:
    settled = settled_of(course, 0)
    assert kt_of_links(course.scene, settled)["rail"] == 0
    for number in (None, 0):
        links = kt_of_links(course.scene, settled_of(course, number))
        assert links["rail"] + links["round"] == pytest.approx(settled_of(course, number).flow.sum())
    table = before_after(course)
    assert table["kt_before"].sum() == pytest.approx(settled_of(course).flow.sum())
    assert table["kt_after"].sum() == pytest.approx(settled.flow.sum())
    rows = {str(one["corridor"]): one for one in table.to_dict("records")}
    assert rows["main"]["kt_after"] == 0
    assert np.isnan(rows["main"]["usd_per_t_after"])
    assert rows["main"]["usd_per_t_before"] >= 10
    assert rows[""]["usd_per_t_after"] >= 60


def test_by_hand_all_files_are_whole_and_the_same_twice(folder: Path, tmp_path: Path) -> None:
    asked = ["stress", str(folder), "--event", "storm", "--json", "--out"]
    for name in ("one", "two"):
        done = CliRunner().invoke(main, [*asked, str(tmp_path / name)])
        assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert set(one) == {
        "stress.json", "stress.md", "before_after.csv", "spans.csv", "countries.csv", "commodities.csv", "change.svg",
        "change.png", "time.svg", "time.png",
    }  # fmt: skip
    assert json.loads(one["stress.json"]) == told
    assert len(told["spans"]) == 7  # the storm, five steps of recovery, calm
    assert "Main \\| line" in one["stress.md"].decode()
    assert len(pd.read_csv(tmp_path / "one" / "spans.csv")) == 7


def test_draws_are_told_kept_and_gone_on_with(folder: Path, tmp_path: Path) -> None:
    asked = ["stress", str(folder), "--draws", "40", "--out", str(tmp_path / "risk")]
    done = CliRunner().invoke(main, [*asked, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    draws = pd.read_csv(tmp_path / "risk" / "draws.csv")
    assert told["expected_musd"]["mean"] == pytest.approx(draws["cost_musd"].mean())
    assert told["expected_musd"]["low"] <= told["expected_musd"]["mean"] <= told["expected_musd"]["high"]
    assert {path.name for path in (tmp_path / "risk").iterdir()} == {
        "blocks", "stress.json", "stress.md", "draws.csv", "exceedance.csv", "tails.csv", "by_event.csv",
        "by_country.csv", "exceedance.svg", "exceedance.png",
    }  # fmt: skip
    again = CliRunner().invoke(main, asked)
    assert again.exit_code == 0
    assert "Storm" in again.output
    assert "By country" in again.output
    other = CliRunner().invoke(main, [*asked, "--seed", "8"])
    assert other.exit_code == 2
    assert "another run" in other.output


def test_one_block_has_no_interval_and_no_nan(folder: Path) -> None:
    case = ba.load(folder)
    told = report.risk_summary(ba.stress(case, draws=1), case)
    assert told["expected_musd"]["low"] is None
    json.dumps(told, allow_nan=False)
    assert callable(ba.stress)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "--event"),
        (["--event", "strom"], "storm"),
        (["--event", "closed:rial"], "rail"),
        (["--event", "storm", "--days", "-1"], "--days"),
        (["--event", "storm", "--project", "P"], "--project"),
        (["--event", "storm", "--seed", "3"], "--draws"),
        (["--draws", "0"], "draws"),
        (["--draws", "20", "--event", "strom"], "storm"),
        (["--critical", "--event", "storm"], "--event does not go with --critical"),
        (["--critical", "--sea"], "--sea does not go with --critical"),
        (["--critical", "--top", "0"], "top"),
        (["--critical", "--project", "P"], "--project"),
        (["--draws", "20", "--fails-below", "3 m USD"], "--fails-below goes with --project"),
        (["--event", "storm", "--fails-below", "3 m USD"], "--fails-below goes with --draws"),
        (["--draws", "20", "--fails-below", "three kt"], "--fails-below"),
        (["--draws", "20", "--top", "3"], "--top does not go with --draws"),
    ],
)
def test_what_makes_no_sense_is_refused(folder: Path, asked: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["stress", str(folder), *asked])
    assert done.exit_code == 2, done.output
    assert said in done.output
    as_json = CliRunner().invoke(main, ["stress", str(folder), *asked, "--json"])
    assert as_json.exit_code == 2
    assert json.loads(as_json.stdout)["findings"]


def test_the_folder_of_a_case_is_not_written_to(folder: Path) -> None:
    done = CliRunner().invoke(main, ["stress", str(folder), "--event", "storm", "--out", str(folder)])
    assert done.exit_code == 2
    assert "folder of a case" in done.output


def test_what_lasts_for_good_is_counted_for_a_year(folder: Path) -> None:
    case = ba.load(folder).with_(
        {"events": {"storm": {"days": None, "days_spread": None, "recovery_days": None, "recovery": ""}}}
    )
    case, spells = spells_of(case, ["storm"])
    scene = Scene(case, 2030, {one.event.id: one.event for one in spells})
    course = course_of(scene, spans_of(spells, 5), alone=True)
    told = report.course_summary(course)
    assert told["horizon_days"] == 365
    assert told["cost_musd"] == pytest.approx(course.loss(365).sum())
    json.dumps(told, allow_nan=False)
    assert "for good" in str(report.course_sections(told))
    assert draw.time_picture(course)
    assert draw.change_map(course)


def test_what_would_be_missed_most_is_told_drawn_and_the_same_twice(folder: Path, tmp_path: Path) -> None:
    asked = ["stress", str(folder), "--critical", "--top", "1", "--out"]
    for name in ("one", "two"):
        done = CliRunner().invoke(main, [*asked, str(tmp_path / name)])
        assert done.exit_code == 0, done.output
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert set(one) == {
        "critical.json", "critical.md", "critical_rows.csv", "critical_countries.csv", "critical.svg", "critical.png",
    }  # fmt: skip
    told = json.loads(one["critical.json"])
    assert told["certificate"]["holds"]
    # the railway is missed more than the branch, whose goods are a sixth; the dear road carries nothing
    rows = told["rows"]
    assert [(row["row"], row["anew"]) for row in rows] == [("rail", True), ("branch", False)]
    assert rows[0]["name"].endswith(", rail")
    assert rows[0]["cost_musd"] > rows[1]["cost_musd"]
    assert told["countries"] == []
    assert len(pd.read_csv(tmp_path / "one" / "critical_rows.csv")) == 2
    assert "| 1 | " in one["critical.md"].decode()
    assert "would be missed most in 2030" in done.output


def test_when_a_project_fails_is_told_in_words_with_coverage_and_density(folder: Path, tmp_path: Path) -> None:
    case = ba.load(folder).with_(
        {
            "projects": {"P": {"name": "Line", "countries": "X", "kind": "rail", "status": "planned", "capex_musd": 10,
                               "life_years": 20, "operating_musd": 1}},
            "effects": {"p": {"cause": "P", "table": "links", "rows": "round", "column": "usd_per_t",
                              "operation": "multiply", "value": 0.7}},
        }
    )  # fmt: skip
    risk = ba.stress(case, draws=200, projects=["P"])
    gain, days = risk.draws["gain_musd"], risk.draws["days_storm"]
    below = float(gain[days > 0].median())
    told = report.risk_summary(risk, case, below)
    rule, fails = told["fails"], gain < below
    (one,) = rule["conditions"]
    assert (one["factor"], one["side"]) == ("days_storm", "at most")  # a way round is worth more the longer the storm
    such = days <= one["value"]
    assert rule["share"] == pytest.approx(fails.mean())
    assert rule["coverage"] == pytest.approx((fails & such).sum() / fails.sum())
    assert rule["density"] == pytest.approx((fails & such).sum() / such.sum())
    said = " ".join(next(each for each in report.risk_sections(told) if each.title == "When this fails").before)
    assert f"In {100 * fails.mean():.1f} % of futures P brings shippers less than" in said
    assert '"Storm" lasts at most' in said
    assert f"{100 * rule['coverage']:.0f} % of the futures that fail are such (coverage)" in said
    assert f"{100 * rule['density']:.0f} % of such futures fail (density)" in said
    cost = report.risk_summary(risk, case)["fails"]
    assert cost["is_cost"]
    assert cost["below_musd"] == pytest.approx(10 * 0.05 / (1 - 1.05**-20) + 1)
    none = report.risk_summary(risk, case, 0.0)
    assert none["fails"]["share"] == 0
    assert "In none of these futures" in str(report.risk_sections(none))
    unpriced = case.with_({"projects": {"P": {"capex_musd": None}}})
    assert report.risk_summary(risk, unpriced)["fails"] is None
    with pytest.raises(ba.SolveError, match="nothing that could fail"):
        report.risk_summary(ba.stress(case, draws=20), case, 1.0)

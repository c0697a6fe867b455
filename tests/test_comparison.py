"""Two runs side by side, worked out by hand."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.cli import main
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "usd_per_t": 10, "time_h": 10, "length_km": 200}


def dearer(case: ba.Case) -> ba.Case:
    return case.with_({"links": {"rail": {"usd_per_t": 25, "time_h": 12}}})


def test_one_way_that_gets_dearer_and_slower(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[RAIL])
    told = ba.compare(ba.run(case), ba.run(dearer(case)))
    # 100 kt over 200 km; 10 and then 25 USD/t; hours are worth 1 USD/t each
    figures = {name: tuple(row) for name, *row in told.totals[["base", "other", "change"]].itertuples()}
    assert figures["carried"] == (100, 100, 0)
    assert figures["work"] == (20, 20, 0)
    assert figures["time"] == (10, 12, 2)
    assert figures["price"] == (10, 25, 15)
    assert figures["paid"] == pytest.approx((1, 2.5, 1.5))
    assert told.links.loc["rail"].tolist() == [100, 100, 0]
    assert told.corridors.loc["other", "usd_change"] == 15
    change = told.accounts.change
    assert change is not None
    assert change["shippers"].sum() == pytest.approx(-(15 + 2) * 100 / 1000)


def test_what_is_open_in_one_run_alone_carries_nothing_in_the_other(tmp_path: Path) -> None:
    road = {"id": "road", "from": "A", "to": "B", "mode": "road", "usd_per_t": 12, "time_h": 10}
    case = small_case(tmp_path, links=[RAIL, {**road, "opens": 2500}])
    told = ba.compare(ba.run(case), ba.run(case.with_({"links": {"road": {"opens": None}, "rail": {"opens": 2500}}})))
    assert told.links["kt_change"].to_dict() == {"rail": -100, "road": 100}
    assert told.totals.loc["price", "change"] == 2


def test_runs_of_other_years_are_not_compared(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[RAIL])
    with pytest.raises(ba.SolveError, match="same year"):
        ba.compare(ba.run(case, 2021), ba.run(case, 2022))


def test_the_verb_tells_both_runs_and_writes_tables(tmp_path: Path) -> None:
    small_case(tmp_path / "case", links=[RAIL])
    scenario = tmp_path / "dear.json"
    step = {"table": "links", "column": "usd_per_t", "add": 15}
    scenario.write_text(json.dumps({"format": "bactrian-scenario-1", "name": "Dear", "steps": [step]}))
    asked = ["compare", str(tmp_path / "case"), "--with", str(scenario), "--out", str(tmp_path / "out")]
    shown = CliRunner().invoke(main, asked)
    assert shown.exit_code == 0, shown.output
    assert "price" in shown.output
    told = json.loads((tmp_path / "out" / "result.json").read_text())
    assert told["certificate"]["holds"]
    assert {one["figure"]: one["change"] for one in told["totals"]}["price"] == 15
    assert told["base_provenance"]["case_hash"] == told["provenance"]["original_hash"]
    assert (tmp_path / "out" / "links.csv").read_text().splitlines() == [
        "link,kt_base,kt_other,kt_change",
        "rail,100.0,100.0,0.0",
    ]
    nothing = CliRunner().invoke(main, ["compare", str(tmp_path / "case")])
    assert (nothing.exit_code, "--with" in nothing.output) == (2, True)

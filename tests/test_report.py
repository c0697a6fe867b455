"""What a run leaves behind: JSON, tables, explanations, the validation page."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from fastparquet import ParquetFile

import bactrian as ba
from bactrian.cli import main, start
from bactrian.report import explain_cell, explain_result, is_cell, save, summary, validation
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10, "capacity_kt": 500}


def bactrian(*words: str, code: int = 0) -> Result:
    answer = CliRunner().invoke(main, list(words))
    assert answer.exit_code == code, answer.output
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert "Traceback" not in answer.output
    return answer


def test_the_summary_holds_what_a_machine_asks_for() -> None:
    told = json.loads(bactrian("run", "--year", "2021", "--json").output)
    assert len(told["corridors"]) >= 6
    assert sum(one["kt"] for one in told["corridors"]) == pytest.approx(told["demand"]["carried_kt"])
    assert told["certificate"]["holds"]
    assert told["certificate"]["gap"] < 1e-4
    assert told["certificate"]["conservation"] < 1e-6
    trade = told["between"][0]
    assert (trade["one"], trade["other"]) == ("KAZ", "TKM")
    assert trade["kt"] == pytest.approx(624)  # control total of 2021
    assert trade["main_ways"][0]["modes"]
    provenance = told["provenance"]
    assert provenance["case_hash"] == ba.load("transcaspian").hash
    assert {"version", "year", "method", "settings", "seed"} <= set(provenance)


def test_trade_between_two_is_told_on_request(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    small_case(folder, links=[RAIL], commodities=[{"id": "goods", "value_usd_per_t": 2000}])
    told = json.loads(bactrian("run", str(folder), "--between", "o", "d", "--between", "o", "o", "--json").output)
    assert [one["kt"] for one in told["between"]] == [100, 0]
    assert told["between"][0]["value_musd"] == pytest.approx(200)
    assert told["between"][0]["main_ways"][0]["usd"] == 10
    assert "no zone or country 'Q'" in bactrian("run", str(folder), "--between", "o", "Q", code=2).output


def test_stranded_trade_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    small_case(folder, links=[{**RAIL, "opens": 2050}])
    told = json.loads(bactrian("run", str(folder), "--json").output)
    assert told["demand"] == {"kt": 100, "carried_kt": 0, "stranded_kt": 100}
    assert told["stranded"][0]["stranded"] == "no way"
    assert "stranded: goods o to d, 100.0 kt: no way" in bactrian("run", str(folder)).output


# fastparquet leaves closing what it reads to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_tables_say_the_same_as_csv_and_parquet_and_twice_the_same(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path / "case", links=[RAIL]))
    written = save(flows, tmp_path / "out")
    again = save(flows, tmp_path / "again")
    assert {path.name for path in written} >= {"result.json", "corridors.csv", "ways.parquet", "indicators.csv"}
    assert sorted(os.listdir(tmp_path / "out")) == sorted(path.name for path in written)
    for one, other in zip(written, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        if one.suffix == ".csv":
            parquet = ParquetFile(str(one.with_suffix(".parquet"))).to_pandas()
            text = pd.read_csv(one, keep_default_na=False, na_values=[""] if parquet.isna().any().any() else [])
            assert text.shape == parquet.shape
            assert list(text.columns) == list(parquet.columns)
    assert json.loads((tmp_path / "out" / "result.json").read_text()) == summary(flows)


def test_nothing_half_written_stays_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    answer = bactrian("run", "--out", str(tmp_path / "file" / "out"), code=2)
    assert "cannot be written" in answer.output
    assert (tmp_path / "file").read_text() == "mine"
    assert os.listdir(tmp_path) == ["file"]


def test_a_case_is_not_overwritten_by_its_results(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    small_case(folder, links=[RAIL])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "would be overwritten" in bactrian("run", str(folder), "--out", str(folder), code=2).output
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "nowhere"], "no such folder"),
        (["run", "--method", "magic"], "use one of"),
        (["run", "--year", "1800"], "cannot run the year"),
        (["run", "--year", "soon"], "not a valid integer"),
        (["explain", "nonsense"], "cannot read the figure"),
        (["explain", "moons/titr/kt"], "no figures of 'moons'"),
        (["explain", "corridors/titr/colour"], "no figure 'colour'"),
        (["explain", "corridors/nowhere/kt"], "nothing runs on a corridor"),
        (["explain", "links/nowhere/capacity_kt"], "no row 'nowhere'"),
        (["explain", "resources/nowhere/wait_h"], "nothing named"),
        (["explain", "between/X-Y/kt"], "as two zones or countries"),
        (["validate", "nowhere"], "no such folder"),
    ],
)
def test_a_wrong_word_ends_in_one_clear_message(words: list[str], said: str) -> None:
    assert said in bactrian(*words, code=2).output


def test_findings_come_as_json_when_asked(folder: Path) -> None:
    links = folder / "links.csv"
    links.write_text(links.read_text(encoding="utf-8").replace(",1083,", ",-1083,", 1), encoding="utf-8")
    told = json.loads(bactrian("run", str(folder), "--json", code=2).output)
    assert told["findings"][0]["table"] == "links"
    assert told["findings"][0]["column"] == "length_km"


def test_a_cell_is_explained_by_its_source(tmp_path: Path) -> None:
    case = small_case(tmp_path, links=[{**RAIL, "notes": "as told"}])
    told = explain_cell(case, "links/rail/capacity_kt")
    assert told["value"] == 500
    assert (told["unit"], told["quality"], told["source"]) == ("kt/yr", "assumption", "made up for a test")
    assert told["notes"] == "as told"
    changed = case.with_({"links": {"rail": {"capacity_kt": 700}}})
    assert explain_cell(changed, "links/rail/capacity_kt")["changed_from"] == "500"
    assert explain_cell(case, "links/rail/gauge_mm")["value"] is None
    assert is_cell(case, "links/rail/capacity_kt")
    assert not is_cell(case, "corridors/titr/kt")
    assert is_cell(case, "corridors/titr/marks")


def test_a_result_is_explained_by_what_it_is_made_of(tmp_path: Path) -> None:
    marks = [{"id": "main", "marks": "rail"}]
    flows = ba.run(small_case(tmp_path, links=[RAIL], corridors=marks))
    told = explain_result(flows, "corridors/main/kt")
    assert told["value"] == 100
    assert told["made_of"][0]["prior_kt"] == 100
    assert told["demand_by_quality"] == {"assumption": 1}
    assert told["rests_on"][0]["row"] == "links/rail"
    assert explain_result(flows, "corridors/main/usd")["value"] == 10
    assert explain_result(flows, "between/o-d/value_musd")["value"] == pytest.approx(100)
    assert explain_result(flows, "between/o-d/wtw_t")["value"] == pytest.approx(100_000 * 100 * 10 / 1e6)
    assert explain_result(flows, "resources/rail/utilisation")["value"] == pytest.approx(0.2)


@pytest.mark.parametrize("kind", ["corridors/titr", "between/KAZ-SE-TKM", "between/KAZ-TKM"])
def test_every_figure_of_a_kind_can_be_explained(kind: str) -> None:
    flows = ba.run("transcaspian")
    for column in ("kt", "teu", "km", "time_h", "usd", "cost_usd", "spread_h", "wtw_t", "ttw_t", "share"):
        told = explain_result(flows, f"{kind}/{column}")
        assert math.isfinite(told["value"])
        assert told["made_of"]


def test_a_person_reads_an_explanation() -> None:
    answer = bactrian("explain", "between/KAZ-TKM/kt")
    assert "between/KAZ-TKM/kt = 624 kt/yr" in answer.output
    assert "2021: QazTrade" in answer.output  # the source of the wheat
    told = json.loads(bactrian("explain", "links/KZTGZ-RUNVS-pipeline_oil/capacity_kt", "--json").output)
    assert told["value"] == 72500


def test_the_validation_page_is_up_to_date_with_the_case() -> None:
    page = Path(__file__).parents[1] / "docs" / "validation.md"
    assert page.read_text(encoding="utf-8") == validation(ba.load("transcaspian")), (
        "run: bactrian validate --out docs/validation.md"
    )


def test_the_validation_page_of_a_case_without_quotes(tmp_path: Path) -> None:
    assert "no quotes" in validation(small_case(tmp_path, links=[RAIL]))


def test_loads_beyond_capacity_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    small_case(folder, links=[{**RAIL, "capacity_kt": 5}])
    told = json.loads(bactrian("run", str(folder), "--json").output)
    assert [(one["row"], round(one["utilisation"])) for one in told["beyond_capacity"]] == [("rail", 20)]
    assert "beyond capacity" in bactrian("run", str(folder)).output


def test_trade_of_one_country_with_itself_is_counted_once(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    small_case(folder, links=[RAIL])
    trade = json.loads(bactrian("run", str(folder), "--between", "X", "X", "--json").output)["between"][0]
    assert (trade["kt"], trade["ways"]) == (100, 1)


def test_asked_and_carried_are_two_figures(tmp_path: Path) -> None:
    flows = ba.run(small_case(tmp_path, links=[{**RAIL, "opens": 2050}]))
    assert explain_result(flows, "between/o-d/kt")["value"] == 100
    assert explain_result(flows, "between/o-d/carried_kt")["value"] == 0
    assert explain_result(flows, "between/o-d/usd")["value"] is None


def test_a_case_without_factors_or_goods_of_a_form_still_runs(tmp_path: Path) -> None:
    quote = {"id": "q", "name": "a|b", "from": "A", "to": "B", "form": "container", "year": 2021, "seen": "no"}
    folder = tmp_path / "case"
    small_case(folder, links=[RAIL], emissions=[], quotes=[{**quote, "days_low": 1, "days_high": 1}])
    told = json.loads(bactrian("run", str(folder), "--json").output)
    assert told["without_emission_factor"] == ["rail"]
    assert told["corridors"][0]["wtw_t"] is None
    assert "no emission factor for rail" in bactrian("run", str(folder)).output
    assert "a\\|b" in bactrian("validate", str(folder)).output
    assert json.loads(bactrian("validate", str(folder), "--json").output)["quotes"][0]["km"] is None


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("{0} run --year soon", 2, "not a valid integer"),
        ("{0} nonsense", 2, "No such command"),
        ("{0} --help", 0, "Plan international freight corridors"),
        ("PYTHONIOENCODING=ascii {0} check", 0, "no findings"),
        ("{0} check > /dev/full", 2, "cannot write"),
    ],
)
def test_the_program_ends_as_promised(line: str, code: int, said: str) -> None:
    program = f"{sys.executable} -c 'from bactrian.cli import start; start()'"
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this machine")
    done = subprocess.run(["bash", "-c", line.format(program)], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_ends_with_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(standalone_mode: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "main", interrupted)
    with pytest.raises(SystemExit) as end:
        start()
    assert end.value.code == 130


def test_a_hostile_name_is_shown_as_it_is(tmp_path: Path) -> None:
    marks: list[dict[str, Any]] = [{"id": "main", "name": "[bold]<script>[/x]", "marks": "rail"}]
    folder = tmp_path / "case"
    small_case(folder, links=[RAIL], corridors=marks)
    assert "[bold]<script>[/x]" in bactrian("run", str(folder)).output
    zones = [{"id": "o[b]"}, {"id": "d"}]
    access = [{"id": "a", "zone": "o[b]", "place": "A"}, {"id": "b", "zone": "d", "place": "B"}]
    trade = [{"id": "t", "origin": "o[b]", "destination": "d"}]
    small_case(folder, links=[RAIL], zones=zones, access=access, demand=trade, corridors=marks)
    assert "o[b]" in bactrian("explain", "corridors/main/kt", "--case", str(folder)).output

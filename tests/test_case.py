from pathlib import Path

from click.testing import CliRunner

import bactrian as ba
from bactrian.case import TABLES
from bactrian.cli import main


def test_built_in_case_gives_every_row_a_source() -> None:
    case = ba.load("transcaspian")
    for name in TABLES[1:]:
        assert case.table(name)["source"].isin(case.table("sources")["id"]).all()
    assert case.quality().to_numpy().sum() == sum(len(case.table(name)) for name in TABLES[1:])


def test_same_content_has_the_same_hash_and_a_change_another(folder: Path) -> None:
    first = ba.load("transcaspian").hash
    assert ba.load(folder).hash == first
    links = folder / "links.csv"
    links.write_text(links.read_text(encoding="utf-8").replace(",rail,", ",road,", 1), encoding="utf-8")
    assert ba.load(folder).hash != first


def test_a_table_taken_out_cannot_change_the_case() -> None:
    case = ba.load("transcaspian")
    before = case.hash
    links = case.table("links")
    links.loc[0, "length_km"] = -1.0
    assert case.hash == before


def test_check_prints_counts(folder: Path) -> None:
    good = CliRunner().invoke(main, ["check", str(folder)])
    assert good.exit_code == 0
    assert "no findings" in good.output


def test_new_copies_a_case_that_checks_and_never_overwrites(tmp_path: Path) -> None:
    mine = tmp_path / "deep" / "mine"
    assert CliRunner().invoke(main, ["new", str(mine)]).exit_code == 0
    assert ba.load(mine).hash == ba.load("transcaspian").hash
    assert [path.name for path in mine.parent.iterdir()] == ["mine"]
    again = CliRunner().invoke(main, ["new", str(mine)])
    assert again.exit_code == 2
    assert "exists already" in again.output


def test_new_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (["new", str(tmp_path / "file" / "x")], ["new", str(tmp_path / "y"), "--case", "moon"]):
        answer = CliRunner().invoke(main, arguments)
        assert answer.exit_code == 2
        assert "Traceback" not in answer.output
    assert not (tmp_path / "y").exists()


def test_quotes_hold_the_published_routes() -> None:
    quotes = ba.load("transcaspian").table("quotes").set_index("id")
    assert len(quotes) == 22
    assert (quotes["seen"] == "yes").sum() == 13
    train = quotes.loc["dostyk-BYBQT-northern"]
    assert (train["days_low"], train["usd_high"], train["price_unit"], train["year"]) == (7.3, 3289.0, "feu", 2024)
    assert quotes.loc["UZTAS-BGBOJ-titr_south", "via"] == "TMKRW-AZALA-caspian_feeder GEPTI"

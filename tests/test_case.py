import json
import random
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.case import TABLES
from bactrian.cli import main

BUILT_IN = Path(ba.__file__).parent / "cases" / "transcaspian"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUILT_IN, tmp_path / "mine"))


def spoil(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def findings(folder: Path) -> list[ba.Finding]:
    with pytest.raises(ba.CaseError) as caught:
        ba.load(folder)
    return list(caught.value.findings)


def test_built_in_case_gives_every_row_a_source() -> None:
    case = ba.load("transcaspian")
    for name in TABLES[1:]:
        assert case.table(name)["source"].isin(case.table("sources")["id"]).all()
    assert case.quality().to_numpy().sum() == sum(len(case.table(name)) for name in TABLES[1:])


def test_same_content_has_the_same_hash_and_a_change_another(folder: Path) -> None:
    first = ba.load("transcaspian").hash
    assert ba.load(folder).hash == first
    spoil(folder, "links", "rail,1083", "rail,1084")
    assert ba.load(folder).hash != first


def test_a_table_taken_out_cannot_change_the_case() -> None:
    case = ba.load("transcaspian")
    before = case.hash
    links = case.table("links")
    links.loc[0, "length_km"] = -1.0
    assert case.hash == before


@pytest.mark.parametrize(
    ("table", "old", "new", "column", "rule"),
    [
        ("links", "rail,1083", "rail,-5", "length_km", "must be at least 0"),
        ("links", "rail,1083", "rail,far", "length_km", "not a number"),
        ("links", "rail,1083", "balloon,1083", "mode", "must be one of"),
        ("links", ",CNLYG,", ",Nowhere,", "from", "unknown id"),
        ("places", "34.258", "91", "lat", "must be between -90 and 90"),
        ("places", "CNCKG,", "CNSIA,", "id", "duplicate id"),
        ("terminals", ",KZAAU,", ",,", "place", "empty"),
        ("countries", "2022", "2022.5", "year", "not a whole number"),
    ],
)
def test_bad_cell_is_named(folder: Path, table: str, old: str, new: str, column: str, rule: str) -> None:
    spoil(folder, table, old, new)
    found = [one for one in findings(folder) if one.table == table]
    assert any(one.column == column and rule in one.rule and one.row > 1 and one.remedy for one in found)


def test_bad_file_is_named(folder: Path) -> None:
    (folder / "places.csv").unlink()
    (folder / "countries.csv").write_bytes(b"")
    (folder / "links.csv").write_bytes("id\n".encode("utf-16"))
    spoil(folder, "terminals", "handling", "how")
    named = {one.table for one in findings(folder)}
    assert named >= {"places", "countries", "links", "terminals"}


def test_random_byte_flips_end_in_findings_or_a_valid_case(folder: Path) -> None:
    chance = random.Random(7)
    for _ in range(20):
        path = folder / f"{chance.choice(TABLES)}.csv"
        clean = path.read_bytes()
        dirty = bytearray(clean)
        for _ in range(1000):
            dirty[chance.randrange(len(dirty))] ^= 1 << chance.randrange(8)
        path.write_bytes(dirty)
        assert findings(folder)
        path.write_bytes(clean)


def test_check_prints_counts_and_fails_with_code_2(folder: Path) -> None:
    good = CliRunner().invoke(main, ["check", str(folder)])
    assert good.exit_code == 0
    assert "no findings" in good.output
    spoil(folder, "links", "rail,1083", "rail,-5")
    bad = CliRunner().invoke(main, ["check", str(folder)])
    assert bad.exit_code == 2
    assert "links, line 2, column length_km" in bad.output
    assert "Traceback" not in bad.output


def test_check_speaks_json(folder: Path) -> None:
    spoil(folder, "links", "rail,1083", "rail,-5")
    answer = CliRunner().invoke(main, ["check", str(folder), "--json"])
    assert answer.exit_code == 2
    assert json.loads(answer.output)["findings"][0]["row"] == 2


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
    assert quotes.loc["UZTAS-BGBOJ-titr_south", "via"] == "TMKRW AZALA GEPTI"


@pytest.mark.parametrize(
    ("old", "new", "column", "rule"),
    [
        (",,,2301,2301,teu,", ",,,,,,", "days_low", "neither days nor a price"),
        (",,,2301,2301,teu,", ",,,2301,2301,,", "price_unit", "empty beside a price"),
        (",25,30,", ",30,25,", "days_low", "above days_high"),
        (",25,30,", ",25,,", "days_high", "empty beside days_low"),
        (",2000,2500,", ",,2500,", "usd_low", "empty beside usd_high"),
        (",25,30,", ",-25,30,", "days_low", "must be at least 0"),
        (",feu,", ",box,", "price_unit", "must be one of"),
        (",TMKRW AZALA GEPTI,", ",TMKRW sea,", "via", "unknown id 'sea'"),
        (",AZALA,TRMER,", ",AZALA,AZALA,", "to", "from a place to itself"),
    ],
)
def test_bad_quote_is_named(folder: Path, old: str, new: str, column: str, rule: str) -> None:
    spoil(folder, "quotes", old, new)
    found = findings(folder)
    assert {one.table for one in found} == {"quotes"}
    assert any(one.column == column and rule in one.rule and one.row > 1 for one in found)

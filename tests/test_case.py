import csv
from pathlib import Path

from click.testing import CliRunner

import bactrian as ba
from bactrian.case import TABLES, schema
from bactrian.cli import main
from small import small_case


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


def test_only_tables_and_columns_that_must_be_filled_need_be_written(tmp_path: Path) -> None:
    whole = small_case(tmp_path / "case", links=[{"id": "rail", "from": "A", "to": "B"}], emissions=[])
    for path in (tmp_path / "case").glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            path.unlink()
            continue
        columns = [(one.column, one.required == "yes") for one in schema(path.stem)]
        needed = [name for name, required in columns if required or any(row[name] for row in rows)]
        assert len(needed) < len(columns) or path.stem not in ("links", "commodities", "zones")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, needed, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    small = ba.load(tmp_path / "case")
    assert small.hash == whole.hash
    assert sorted(path.stem for path in (tmp_path / "case").iterdir()) == sorted(
        ["sources", "countries", "modes", "places", "links", "commodities", "zones", "access", "demand"]
    )
    assert small.table("links")["spread_h"].tolist() == [0.0]
    assert small.table("links")["capacity_kt"].isna().all()
    assert small.table("terminals").columns.tolist() == whole.table("terminals").columns.tolist()
    assert ba.run(small).ways["kt"].sum() == 100


def test_files_beside_the_tables_do_no_harm(folder: Path) -> None:
    (folder / "my sums.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert ba.load(folder).hash == ba.load("transcaspian").hash

"""Whatever is wrong with a case folder: a finding that names the place, exit code 2, and nothing touched."""

import csv
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bactrian.case import TABLES, reading
from bactrian.cli import main

Damage = Callable[[Path], object]


def cells(table: str, line: int, **values: str) -> Damage:
    """Set cells in one line of a table; a trailing underscore keeps Python's own words apart."""

    def damage(folder: Path) -> None:
        path = folder / f"{table}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        for column, value in values.items():
            rows[line - 1][rows[0].index(column.removesuffix("_"))] = value
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    return damage


def text(table: str, change: Callable[[str], str]) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / f"{table}.csv"
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return damage


def content(table: str, change: Callable[[bytes], bytes]) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / f"{table}.csv"
        path.write_bytes(change(path.read_bytes()))

    return damage


def a_folder_for_a_file(folder: Path) -> None:
    (folder / "links.csv").unlink()
    (folder / "links.csv").mkdir()


def run(folder: Path | str) -> Result:
    """Check the folder; fail on a traceback, a code other than 0 and 2, and anything written."""

    def seen() -> dict[Path, bytes | None]:
        return {path: path.read_bytes() if path.is_file() else None for path in Path(folder).rglob("*")}

    before = seen() if isinstance(folder, Path) else {}
    answer = CliRunner().invoke(main, ["check", str(folder), "--json"])
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert answer.exit_code in (0, 2)
    assert not before or seen() == before
    return answer


def findings(folder: Path | str) -> list[dict[str, Any]]:
    answer = run(folder)
    assert answer.exit_code == 2
    found: list[dict[str, Any]] = json.loads(answer.output)["findings"]
    assert found
    assert all(one["table"] and one["rule"] and one["remedy"] for one in found)
    return found


Row = tuple[Damage, str, int, str, str]

FILES: dict[str, Row] = {  # damage, then what a finding must say: table, line, column, rule
    "missing file": (lambda folder: (folder / "places.csv").unlink(), "places", 0, "", "the table is missing"),
    "missing file of a near name": (
        lambda folder: (folder / "terminals.csv").rename(folder / "Terminal.csv"),
        *("Terminal", 0, "", "no such table, and terminals.csv is missing"),
    ),
    "folder for a file": (a_folder_for_a_file, "links", 0, "", "cannot read links.csv"),
    "empty file": (content("countries", lambda old: b""), "countries", 0, "", "the file is empty"),
    "blank line": (content("countries", lambda old: b"\n"), "countries", 0, "", "the file is empty"),
    "only a header": (text("demand", lambda old: old.split("\n")[0]), "demand", 0, "", "no rows"),
    "UTF-16": (content("links", lambda old: old.decode().encode("utf-16")), "links", 1, "", "not UTF-8"),
    "Latin-1": (content("zones", lambda old: old.decode().encode("latin-1")), "zones", 14, "", "not UTF-8"),
    "NUL": (content("places", lambda old: old.replace(b"Chongqing", b"Chong\0qing")), "places", 3, "", "control"),
    "binary": (content("access", lambda old: random.Random(1).randbytes(5000)), "access", 1, "", "not UTF-8"),
    "open quote": (text("zones", lambda old: old + '"'), "zones", 27, "", "not a CSV file"),
    "missing column": (text("places", lambda old: old.replace(",kind,", ",", 1)), "places", 1, "kind", "missing"),
    "extra column": (text("places", lambda old: old.replace(",kind,", ",kind,colour,")), "places", 1, "colour", "unkn"),
    "repeated column": (text("places", lambda old: old.replace(",kind,", ",kind,name,")), "places", 1, "name", "repe"),
    "cell too many": (text("zones", lambda old: old.replace(",TKM,3,", ",TKM,3,9,", 1)), "zones", 6, "", "8 cells"),
    "no header": (text("zones", lambda old: old.split("\n", 1)[1]), "zones", 1, "gdp_growth_percent", "missing"),
    "semicolons": (text("zones", lambda old: old.replace(",", ";")), "zones", 1, "", "separated by semicolons"),
    "tabs": (text("zones", lambda old: old.replace(",", "\t")), "zones", 1, "", "separated by tabs"),
    "broken cell": (
        text("zones", lambda old: old.replace("Turkmenistan,TKM,3", '"Turk\nmen",TKM,x')),
        *("zones", 6, "gdp_growth_percent", "not a number"),
    ),
    "below a broken cell": (
        text("zones", lambda old: old.replace("Turkmenistan,", '"Turk\nmen",').replace("UZB,5.5", "UZB,x")),
        "zones",
        8,
        "gdp_growth_percent",
        "not a number",
    ),
    "cell too long": (text("zones", lambda old: old.replace("TKM,3", "TKM," + "9" * 200_000)), "zones", 6, "", "not a"),
}

CELLS: dict[str, Row] = {
    "wrong type": (cells("links", 3, length_km="far"), "links", 3, "length_km", "not a number"),
    "not finite": (cells("links", 3, length_km="inf"), "links", 3, "length_km", "not a number"),
    "absurdly large": (cells("links", 3, usd_per_t="1e300"), "links", 3, "usd_per_t", "nowhere near a plausible"),
    "absurdly small": (cells("links", 3, capacity_kt="1e-300"), "links", 3, "capacity_kt", "nowhere near a plausible"),
    "decimal comma": (cells("places", 3, lat="29,56"), "places", 3, "lat", "not a number"),
    "negative capacity": (cells("links", 2, capacity_kt="-5"), "links", 2, "capacity_kt", "must be above 0"),
    "negative length": (cells("links", 2, length_km="-5"), "links", 2, "length_km", "must be at least 0"),
    "off the globe": (cells("places", 2, lat="91"), "places", 2, "lat", "must be between -90 and 90"),
    "part of a year": (cells("countries", 2, year="2022.5"), "countries", 2, "year", "not a whole number"),
    "unknown mode": (cells("links", 2, mode="balloon"), "links", 2, "mode", "unknown id 'balloon'"),
    "unknown mode among others": (cells("access", 2, modes="rail tram"), "access", 2, "modes", "unknown id 'tram'"),
    "bad gauge": (cells("links", 2, gauge_mm="broad"), "links", 2, "gauge_mm", "not a valid gauge"),
    "bad waypoints": (cells("links", 2, waypoints="here"), "links", 2, "waypoints", "not a valid waypoints"),
    "factor below nothing": (cells("emissions", 2, applies="balloon"), "emissions", 2, "applies", "unknown id"),
    "unknown place": (cells("links", 2, to="Nowhere"), "links", 2, "to", "unknown id"),
    "unknown link": (cells("corridors", 2, marks="KZAAU nothing"), "corridors", 2, "marks", "unknown id 'nothing'"),
    "unknown source": (cells("links", 2, source="hearsay"), "links", 2, "source", "unknown id"),
    "unknown quality": (cells("links", 2, quality="certain"), "links", 2, "quality", "must be one of"),
    "no source": (cells("links", 2, source=""), "links", 2, "source", "empty"),
    "nothing but blanks": (cells("terminals", 2, place="  "), "terminals", 2, "place", "empty"),
    "closes before it opens": (cells("links", 2, opens="2030", closes="2025"), "links", 2, "closes", "before it opens"),
    "year of no calendar": (cells("demand", 2, year="20210"), "demand", 2, "year", "between 1990 and 2100"),
    "blank in an id": (cells("quotes", 2, id="my quote"), "quotes", 2, "id", "not a valid id"),
    "trade named twice": (
        cells("demand", 3, origin="KAZ-W", destination="EU-S"),
        "demand",
        3,
        "commodity",
        "a second row for this trade",
    ),
    "reserved corridor": (cells("corridors", 5, id="other"), "corridors", 5, "id", "kept for ways"),
    "count in no unit": (cells("counts", 3, unit="boxes"), "counts", 3, "t_per_unit", "empty beside a unit"),
    "series counted in two units": (
        cells("counts", 3, series="titr_total"),
        "counts",
        3,
        "unit",
        "not as in the first",
    ),
    "adjustment of nothing": (cells("adjustments", 2, rows=""), "adjustments", 2, "rows", "needs rows"),
    "factor of nothing": (
        cells("adjustments", 2, kind="capacity", commodities="", value="0"),
        "adjustments",
        2,
        "value",
        "a factor not above 0",
    ),
    "fit without bounds": (cells("adjustments", 2, low=""), "adjustments", 2, "low", "empty where fit is yes"),
    "value out of bounds": (cells("adjustments", 2, value="500"), "adjustments", 2, "value", "beyond low or high"),
    "link named as a place": (cells("links", 2, id="KZAAU"), "links", 2, "id", "places has a row of this id too"),
    "duplicate id": (cells("places", 3, id="CNSIA"), "places", 3, "id", "duplicate id"),
    "link to itself": (cells("links", 2, to="CNLYG", from_="CNLYG"), "links", 2, "to", "from a place to itself"),
    "quote of nothing": (cells("quotes", 2, days_low="", days_high=""), "quotes", 2, "days_low", "neither days nor"),
    "half a range": (cells("quotes", 2, days_high=""), "quotes", 2, "days_high", "empty beside days_low"),
    "other half": (cells("quotes", 2, usd_high="9", price_unit="t"), "quotes", 2, "usd_low", "empty beside usd_high"),
    "range upside down": (cells("quotes", 4, days_low="30"), "quotes", 4, "days_low", "above days_high"),
    "price of what": (cells("quotes", 9, price_unit=""), "quotes", 9, "price_unit", "empty beside a price"),
    "price of a box": (cells("quotes", 9, price_unit="box"), "quotes", 9, "price_unit", "must be one of"),
    "way by nowhere": (cells("quotes", 2, via="KZAAU sea"), "quotes", 2, "via", "unknown id 'sea'"),
    "day of no calendar": (cells("events", 2, begins="2014-02-30"), "events", 2, "begins", "not a date"),
    "day without a month": (cells("events", 2, begins="2014"), "events", 2, "begins", "not a date"),
    "over before it begins": (cells("events", 2, ends="2014-12-02"), "events", 2, "ends", "not after it begins"),
    "unknown cause": (cells("effects", 2, cause="weather"), "effects", 2, "cause", "unknown id 'weather'"),
    "unchangeable table": (cells("effects", 2, table_="places"), "effects", 2, "table", "must be one of"),
    "effect on no row": (cells("effects", 2, rows="KZAAU"), "effects", 2, "rows", "unknown id 'KZAAU'"),
    "effect on no column": (cells("effects", 2, column="width"), "effects", 2, "column", "is not there"),
    "effect on words": (cells("effects", 2, column="mode"), "effects", 2, "column", "holds no numbers"),
    "negative factor": (
        cells("effects", 2, operation="multiply", value="-1"),
        *("effects", 2, "value", "must be at least 0 to multiply"),
    ),
    "more than all": (cells("avoidances", 2, share="1.5"), "avoidances", 2, "share", "must be between 0 and 1"),
    "nowhere avoided": (cells("avoidances", 2, avoids="ATL"), "avoidances", 2, "avoids", "unknown id 'ATL'"),
    "two minds": (
        cells("avoidances", 3, cause="war_and_sanctions"),
        *("avoidances", 3, "avoids", "another avoidance of this cause names BLR RUS"),
    ),
    "event named as a project": (cells("projects", 8, id="cpc_moorings"), "projects", 8, "id", "events has a row"),
    "project out of time": (cells("projects", 2, opens="20260"), "projects", 2, "opens", "between 1990 and 2100"),
    "scenario named as a project": (cells("scenarios", 2, id="P01"), "scenarios", 2, "id", "projects has a row"),
    "scenario named as an event": (cells("scenarios", 2, id="kti_railway"), "scenarios", 2, "id", "events has a row"),
    "scenario of no weight": (cells("scenarios", 2, chance="0"), "scenarios", 2, "chance", "must be above 0"),
    "scenario in a scenario": (cells("scenarios", 2, causes="growth_low"), "scenarios", 2, "causes", "unknown id"),
    "revenue perhaps forgone": (cells("effects", 2, forgone="perhaps"), "effects", 2, "forgone", "must be one of"),
    "project of an old kind": (cells("projects", 2, kind="canal"), "projects", 2, "kind", "must be one of rail"),
    "project for no sector": (cells("projects", 2, sector="rail"), "projects", 2, "sector", "must be one of energy"),
    "built before it began": (cells("projects", 2, build_years="-1"), "projects", 2, "build_years", "between 0 and 50"),
    "built in half a year": (cells("projects", 2, build_years="0.5"), "projects", 2, "build_years", "not a whole"),
    "dead on opening": (cells("projects", 2, life_years="0"), "projects", 2, "life_years", "between 1 and 100"),
    "gain from running": (cells("projects", 2, operating_musd="-1"), "projects", 2, "operating_musd", "at least 0"),
    "owner unknown": (cells("projects", 3, owners="KAZ:0.5 ATL:0.5"), "projects", 3, "owners", "unknown id 'ATL'"),
    "owner without a share": (cells("projects", 3, owners="KAZ"), "projects", 3, "owners", "no country and share"),
    "share without an owner": (cells("projects", 3, owners=":1"), "projects", 3, "owners", "no country and share"),
    "share in words": (cells("projects", 3, owners="KAZ:half CHN:0.5"), "projects", 3, "owners", "is not a number"),
    "share that is none": (cells("projects", 3, owners="KAZ:nan CHN:0.5"), "projects", 3, "owners", "is not a number"),
    "share in percent": (cells("projects", 3, owners="KAZ:51 CHN:49"), "projects", 3, "owners", "between 0 and 1"),
    "share below nothing": (cells("projects", 3, owners="KAZ:-0.5 CHN:1"), "projects", 3, "owners", "between 0 and 1"),
    "owner twice": (cells("projects", 3, owners="KAZ:0.5 KAZ:0.5"), "projects", 3, "owners", "owns two shares"),
    "part of it owned": (cells("projects", 3, owners="KAZ:0.5 CHN:0.49999"), "projects", 3, "owners", "not 1"),
    "project unknown": (cells("projects", 3, requires="P01 P99"), "projects", 3, "requires", "unknown id 'P99'"),
    "project kept out unknown": (cells("projects", 3, excludes="P99"), "projects", 3, "excludes", "unknown id 'P99'"),
    "project that needs itself": (
        cells("projects", 3, requires="P02"),
        "projects",
        3,
        "requires",
        "the project itself",
    ),
    "project against itself": (cells("projects", 3, excludes="P02"), "projects", 3, "excludes", "the project itself"),
    "needed and excluded": (
        cells("projects", 3, requires="P01", excludes="P01"),
        *("projects", 3, "requires", "exclude it or one another"),
    ),
    "needed by way of another": (  # the Kars line needs TRIPP, which needs Horadiz
        cells("projects", 35, excludes="P32"),
        *("projects", 35, "requires", "exclude it or one another"),
    ),
    "excluded by what it needs": (
        cells("projects", 33, excludes="P31"),
        *("projects", 32, "requires", "exclude it or one another"),
    ),
    "variant of nothing": (cells("commodities", 2, counts_as="ore"), "commodities", 2, "counts_as", "unknown id"),
    "distance to itself": (cells("distances", 2, to="AFG"), "distances", 2, "to", "from a country to itself"),
    "distance told twice": (
        cells("distances", 3, from_="ARE", to="AFG"),
        "distances",
        3,
        "to",
        "a second row for this",
    ),
    "trade with itself": (cells("trade", 2, destination="ARM"), "trade", 2, "destination", "from a country to itself"),
    "trade of nothing": (cells("trade", 2, value_musd=""), "trade", 2, "value_musd", "neither a value nor tonnes"),
    "trade of a group": (cells("trade", 2, origin="EU23SUB"), "trade", 2, "origin", "unknown id 'EU23SUB'"),
    "trade of unknown kind": (cells("trade", 2, measure="flow"), "trade", 2, "measure", "must be one of exports"),
    "year of 13 months": (cells("trade", 2, months="13"), "trade", 2, "months", "must be between 1 and 12"),
    "turnover told twice": (
        cells("trade", 3, origin="RUS", destination="ARM", measure="turnover", reporter="RUS", source="s173"),
        *("trade", 3, "destination", "a second row for this figure"),
    ),
    "quote to itself": (cells("quotes", 2, to="KZHOR", from_="KZHOR"), "quotes", 2, "to", "from a place to itself"),
}


@pytest.mark.parametrize("what", [*FILES, *CELLS])
def test_damage_is_named_with_table_line_and_column(folder: Path, what: str) -> None:
    damage, table, line, column, rule = (FILES | CELLS)[what]
    damage(folder)
    found = findings(folder)
    assert any(
        (one["table"], one["row"], one["column"]) == (table, line, column) and rule in one["rule"] for one in found
    )
    if what in CELLS and what != "duplicate id":
        assert {one["table"] for one in found} == {table}


def test_all_damage_is_named_at_once(folder: Path) -> None:
    for what in ("missing file", "empty file", "UTF-16"):
        FILES[what][0](folder)
    CELLS["nothing but blanks"][0](folder)
    assert {one["table"] for one in findings(folder)} >= {"places", "countries", "links", "terminals"}


def test_blank_lines_and_line_ends_of_spreadsheets_do_no_harm(folder: Path) -> None:
    zones = folder / "zones.csv"
    zones.write_bytes(b"\xef\xbb\xbf" + zones.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert run(folder).exit_code == 0


def test_an_empty_table_is_one_finding_not_a_thousand(folder: Path) -> None:
    sources = folder / "sources.csv"
    sources.write_text(sources.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    assert [one["rule"] for one in findings(folder)] == ["the table has no rows"]


def test_a_pipe_for_a_file_is_not_waited_for(folder: Path) -> None:
    (folder / "zones.csv").unlink()
    os.mkfifo(folder / "zones.csv")
    assert any(one["rule"] == "cannot read zones.csv" for one in findings(folder))


def test_a_huge_file_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    largest = max(folder.glob("*.csv"), key=lambda path: path.stat().st_size)
    monkeypatch.setattr(reading, "LARGEST_FILE", largest.stat().st_size - 1)
    found = findings(folder)
    assert [one["table"] for one in found if "larger than" in one["rule"]] == [largest.stem]


def test_a_folder_that_is_none_is_named(folder: Path) -> None:
    for wrong in (folder / "links.csv", folder / "nowhere", "x" * 5000):
        assert "no such folder" in findings(wrong)[0]["rule"]


@pytest.mark.parametrize("seed", range(30))
def test_flipped_bits_end_in_findings_or_a_valid_case(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    table, flips = chance.choice(TABLES), (1, 20, 1000)[seed % 3]
    path = folder / f"{table}.csv"
    dirty = bytearray(path.read_bytes())
    for _ in range(flips):
        dirty[chance.randrange(len(dirty))] ^= 1 << chance.randrange(8 if flips == 1000 else 5)
    path.write_bytes(dirty)
    if flips == 1000 or run(folder).exit_code:
        found = {one["table"] for one in findings(folder)}
        assert table in found or flips < 1000  # a few may just rename an id that other tables then miss


def test_a_person_reads_where_to_look(folder: Path) -> None:
    CELLS["negative length"][0](folder)
    answer = CliRunner().invoke(main, ["check", str(folder)])
    assert answer.exit_code == 2
    assert "links, line 2, column length_km: must be at least 0" in answer.output
    assert "Traceback" not in answer.output

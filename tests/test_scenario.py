from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.case import TABLES, Changes, schema
from bactrian.units import parse

FEEDER = "KZAAU-AZALA-caspian_feeder"
NEW_LINK = {
    "from": "KZKUR",
    "to": "AZSAN",
    "mode": "caspian_tanker",
    "length_km": 450,
    "time_h": "1 d",
    "usd_per_t": 12,
    "status": "planned",
}


@cache
def built_in() -> ba.Case:
    return ba.load("transcaspian")


def refused(changes: Changes) -> list[ba.Finding]:
    with pytest.raises(ba.CaseError) as caught:
        built_in().with_(changes)
    return list(caught.value.findings)


def test_a_changed_cell_is_set_marked_and_told() -> None:
    before = built_in().hash
    more = built_in().with_({"links": {FEEDER: {"capacity_kt": 900, "opens": 2027}}}, name="fewer feeders")
    row = more.table("links").set_index("id").loc[FEEDER]
    assert (row["capacity_kt"], row["opens"], row["quality"]) == (900.0, 2027.0, "assumption")
    assert more.name == "fewer feeders"
    assert more.changes == (
        ("links", FEEDER, "capacity_kt", "1100", "900"),
        ("links", FEEDER, "opens", "2024", "2027"),
        ("links", FEEDER, "quality", "reported", "assumption"),
    )
    assert built_in().hash == before != more.hash
    assert built_in().changes == ()


def test_a_new_row_has_a_source_and_can_be_taken_out_again() -> None:
    more = built_in().with_({"links": {"new": NEW_LINK}})
    row = more.table("links").set_index("id").loc["new"]
    assert (row["time_h"], row["spread_h"], row["quality"], row["source"]) == (24.0, 0.0, "assumption", "scenario")
    assert more.source("links", "new")["title"] == "Scenario change"
    assert ("links", "new", "id", "", "new") in more.changes
    assert ("sources", "scenario", "id", "", "scenario") in more.changes
    again = more.with_({"links": {"new": None}, "sources": {"scenario": None}})
    assert again.hash == built_in().hash
    assert again.changes == ()


def test_a_row_can_be_removed_when_nothing_refers_to_it() -> None:
    quote = built_in().table("quotes")["id"][0]
    fewer = built_in().with_({"quotes": {quote: None}})
    assert fewer.changes == (("quotes", quote, "id", quote, ""),)
    found = refused({"places": {"KZAAU": None}})
    assert {one.table for one in found} >= {"links", "terminals", "access"}
    assert any(one.id == FEEDER and one.column == "from" and "unknown id 'KZAAU'" in one.rule for one in found)
    assert not any(one.row for one in found)


def test_a_source_and_a_quality_of_its_own_are_kept() -> None:
    told = {"capacity_kt": 900, "source": "s001", "quality": "reported"}
    row = built_in().with_({"links": {FEEDER: told}}).table("links").set_index("id").loc[FEEDER]
    assert (row["source"], row["quality"]) == ("s001", "reported")


def test_what_stays_the_same_is_no_change() -> None:
    same = built_in().with_({"links": {FEEDER: {"capacity_kt": 1100}}})
    assert same.changes == ()
    assert same.hash == built_in().hash


@pytest.mark.parametrize(
    ("table", "row", "column", "text", "value"),
    [
        ("links", FEEDER, "capacity_kt", "1.2 Mt/yr", 1200.0),
        ("links", FEEDER, "capacity_kt", "850 kt/yr", 850.0),
        ("links", FEEDER, "time_h", "36 h", 36.0),
        ("links", FEEDER, "time_h", "1.5 days", 36.0),
        ("links", FEEDER, "usd_per_teu", "450 USD/TEU", 450.0),
        ("links", FEEDER, "usd_per_teu", " 4.5e2 ", 450.0),
        ("countries", "KAZ", "gdp_busd", "250000 mUSD", 250.0),
        ("countries", "KAZ", "gdp_busd", "12 bn USD", 12.0),
        ("zones", "KAZ-W", "gdp_growth_percent", "5 percent/yr", 5.0),
    ],
)
def test_quantities_are_read_in_the_unit_of_the_column(
    table: str, row: str, column: str, text: str, value: float
) -> None:
    case = built_in().with_({table: {row: {column: text}}})
    assert case.table(table).set_index("id").loc[row, column] == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "table", "row", "column", "rule"),
    [
        ({"links": {FEEDER: {"capacity_kt": -5}}}, "links", FEEDER, "capacity_kt", "must be above 0"),
        ({"links": {FEEDER: {"capacity_kt": "5 h"}}}, "links", FEEDER, "capacity_kt", "cannot express"),
        ({"links": {FEEDER: {"capacity_kt": "much"}}}, "links", FEEDER, "capacity_kt", "cannot read"),
        ({"links": {FEEDER: {"capacity_kt": float("nan")}}}, "links", FEEDER, "capacity_kt", "not a number"),
        ({"links": {FEEDER: {"opens": 2027.5}}}, "links", FEEDER, "opens", "not a whole number"),
        ({"links": {FEEDER: {"length_km": None}}}, "links", FEEDER, "length_km", "empty"),
        ({"links": {FEEDER: {"to": "KZAAU"}}}, "links", FEEDER, "to", "from a place to itself"),
        ({"links": {FEEDER: {"to": "Nowhere"}}}, "links", FEEDER, "to", "unknown id"),
        ({"links": {FEEDER: {"source": "hearsay"}}}, "links", FEEDER, "source", "unknown id"),
        ({"links": {FEEDER: {"id": "other"}}}, "links", FEEDER, "id", "cannot be changed"),
        ({"links": {FEEDER: {"capacity": 5}}}, "links", FEEDER, "capacity", "unknown column"),
        ({"links": {FEEDER: {"capacity_kt": [5]}}}, "links", FEEDER, "capacity_kt", "not a text or a number"),
        ({"links": {FEEDER: 5}}, "links", FEEDER, "", "not cells"),
        ({"links": {"new": {"mode": "rail"}}}, "links", "new", "from", "empty"),
        ({"links": {"nowhere": None}}, "links", "nowhere", "id", "no such row"),
        ({"links": 5}, "links", "", "", "not rows"),
        ({"lines": {}}, "lines", "", "", "no such table"),
        ({"emissions": {"hub": {"wtw_g": "5 t"}}}, "emissions", "hub", "wtw_g", "unknown unit"),
    ],
)
def test_a_bad_change_is_named(changes: Changes, table: str, row: str, column: str, rule: str) -> None:
    found = refused(changes)
    assert any((one.table, one.id, one.column) == (table, row, column) and rule in one.rule for one in found)
    assert all(one.remedy and not one.row for one in found)


def test_a_misspelt_id_is_guessed() -> None:
    found = refused({"links": {"KZAAU-AZALA-caspian_feder": {"capacity_kt": 900}}})
    assert str(found[0]).startswith("links, row 'KZAAU-AZALA-caspian_feder', column id: no such row")
    assert found[0].remedy == f"did you mean {FEEDER!r}?"


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(built_in().table("links")["id"].tolist()), st.sampled_from(["length_km", "time_h"])),
        st.just(0.0) | st.floats(1e-6, 1e9),
        min_size=1,
        max_size=4,
    )
)
def test_a_change_and_back_gives_the_same_content(wanted: dict[tuple[str, str], float]) -> None:
    links = built_in().table("links").set_index("id")
    there: dict[str, dict[str, str | float | None]] = {}
    back: dict[str, dict[str, str | float | None]] = {}
    for (row, column), value in wanted.items():
        there.setdefault(row, {})[column] = value
        back.setdefault(row, {"quality": links.loc[row, "quality"]})[column] = links.loc[row, column]
    changed = built_in().with_({"links": there})
    table = changed.table("links").set_index("id")
    assert all(table.loc[row, column] == value for (row, column), value in wanted.items())
    again = changed.with_({"links": back})
    assert again.hash == built_in().hash
    assert again.changes == ()


def test_every_table_survives_being_written_and_read_again() -> None:
    for table in TABLES:
        key = built_in().table(table)["id"][0]
        assert built_in().with_({table: {key: {}}}).hash == built_in().hash


def test_every_unit_of_the_schema_is_understood() -> None:
    for column in (one for table in TABLES for one in schema(table) if one.unit and one.type == "number"):
        if column.unit not in ("degree", "million", "percent/yr", "USD/t/h", "t/USD", "g CO2e/tkm"):
            assert parse(f"1 {column.unit}").to(column.unit) == 1.0

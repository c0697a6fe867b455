"""What is said to have come of events beside the model: each comparison by hand, bad rows, the events of 2022."""

import math
from pathlib import Path
from typing import Any

import pytest

import bactrian as ba
from bactrian.calibration import outcomes
from bactrian.report import validation
from small import small_case

LINKS = [
    {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10},
    {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20},
]
TOLL = {"table": "links", "rows": "rail", "column": "usd_per_t", "operation": "add"}


def told(**given: Any) -> dict[str, Any]:
    row = {"id": "one", "event": "toll", "series": "by_rail", "compares": "in_force", "year": 2022}
    return {**row, "direction": "down", "value": -10, "unit": "percent", **given}


def town(folder: Path, *rows: dict[str, Any], **tables: Any) -> ba.Case:
    given: dict[str, Any] = {
        "links": LINKS,
        "commodities": [{"id": "goods"}],
        "counts": [{"id": "by_rail", "series": "by_rail", "passes": "rail", "unit": "kt", "use": "compare"}],
        # half of 2022 has a toll of 8, and all but that half a strike of 4, which the toll ends
        "events": [
            {"id": "toll", "begins": "2022-07-02", "ends": "", "kind": "policy", "undoes": "strike"},
            {"id": "strike", "begins": "2021-01-01", "ends": "2022-07-02", "kind": "closure"},
        ],
        "effects": [
            {"id": "toll", "cause": "toll", **TOLL, "value": 8},
            {"id": "strike", "cause": "strike", **TOLL, "value": 4},
        ],
        "outcomes": list(rows),
    }
    return small_case(folder, **{**given, **tables})


def rail(extra: float) -> float:
    """kt of 100 by rail, at 20 USD/t and what is on top of it, against 25 by road."""
    return 100 / (1 + math.exp(0.1 * (20 + extra - 25)))


HALF = 183 / 365  # of the year from 2 July on
AS_IT_WAS = 8 * HALF + 4 * (1 - HALF)


@pytest.mark.parametrize(
    ("compares", "before", "after"),
    [
        ("in_force", 0.0, 8.0),  # the strike, which the toll ends, on neither side
        ("ended", 8.0, 0.0),
        ("in_year", 4 * (1 - HALF), AS_IT_WAS),
        ("year_before", 4.0, AS_IT_WAS),
    ],
)
def test_what_is_set_against_what(tmp_path: Path, compares: str, before: float, after: float) -> None:
    rows = [
        told(compares=compares),
        told(id="in_kt", compares=compares, direction="up", unit="kt"),
        told(id="level", compares=compares, unit="kt", reads="level"),
    ]
    found = outcomes(town(tmp_path, *rows)).set_index("id")
    sides = rail(before), rail(after)
    assert found.loc["one", ["before", "after"]].tolist() == pytest.approx(sides, rel=1e-9)
    assert found["modelled"].tolist() == pytest.approx(
        [100 * (sides[1] / sides[0] - 1), sides[1] - sides[0], sides[1]], rel=1e-9
    )
    falls = sides[1] < sides[0]
    assert found["agrees"].tolist() == [falls, not falls, falls]


def test_capacity_is_that_of_the_rows_passed(tmp_path: Path) -> None:
    row = told(compares="capacity", year=2030, direction="up", reads="level", unit="Mt", value=2)
    counts = [{"id": "by_rail", "series": "by_rail", "passes": "rail new", "unit": "Mt", "use": "compare"}]
    links = [
        {**LINKS[0], "capacity_kt": 1000},
        {**LINKS[0], "id": "new", "capacity_kt": 500, "opens": 2026},
        LINKS[1],
    ]
    found = outcomes(town(tmp_path, row, counts=counts, links=links)).iloc[0]
    assert (found["before"], found["after"], found["modelled"], found["agrees"]) == (1.0, 1.5, 1.5, True)


def test_nothing_happens_is_not_right(tmp_path: Path) -> None:
    rows = [told(direction=direction, id=direction) for direction in ("up", "down")]
    found = outcomes(town(tmp_path, *rows, effects=[]))
    assert found["modelled"].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert not found["agrees"].any()


def test_years_are_chosen(tmp_path: Path) -> None:
    case = town(tmp_path, told(), told(id="later", year=2023))
    assert outcomes(case, [2023])["id"].tolist() == ["later"]
    assert outcomes(case, [1999]).empty


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (told(series="by_ship"), "'by_ship' is not counted"),
        (told(unit="TEU"), "not that of the series"),
        (told(reads="level"), "a level in percent"),
        (told(event="flood"), "unknown id 'flood'"),
        (told(event="peace"), "has not happened"),
        (told(compares="capacity", unit="kt"), "not one of capacity"),
    ],
)
def test_bad_outcomes_are_found(tmp_path: Path, row: dict[str, Any], rule: str) -> None:
    events = [
        {"id": "toll", "begins": "2022-07-02", "kind": "policy"},
        {"id": "peace", "begins": "", "kind": "policy"},
    ]
    with pytest.raises(ba.CaseError) as raised:
        town(tmp_path, row, events=events, effects=[])
    found = [one for one in raised.value.findings if one.table == "outcomes"]
    assert [one.row for one in found] == [2]
    assert rule in found[0].rule
    assert found[0].remedy


def test_the_page_says_so(tmp_path: Path) -> None:
    page = validation(town(tmp_path, told(notes="as they say"), told(id="two", direction="up")))
    assert "The direction is right in 1 of 2." in page
    for words in ("down, right", "up, WRONG", "- toll: as they say."):
        assert words in page


@pytest.mark.nightly
def test_events_of_2022_move_what_they_are_said_to_have_moved() -> None:
    found = outcomes(ba.load("transcaspian"), [2022])
    assert len(found) == 8
    assert found.loc[~found["agrees"], "id"].tolist() == []


def test_the_validation_page_holds_them() -> None:
    page = Path(__file__).parents[1] / "docs" / "validation.md"
    assert "The direction is right in 9 of 9." in page.read_text(encoding="utf-8")

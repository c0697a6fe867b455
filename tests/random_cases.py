"""Random small cases for property tests of formats: texts and numbers of every kind that the schema allows."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

import bactrian as ba
from bactrian.case import TABLES, Sheet, from_sheets, schema, texts
from small import small_case

AWKWARD = [
    "=1+1",
    "+49",
    "-",
    "@x",
    "'quoted",
    '"',
    "a,b;c\td",
    "two\nlines",
    "007",
    "1e5",
    "TRUE",
    "2021-01-01",
    "nan",
]
AWKWARD += ["_x000D_", "ä ё 里 🐪", "NULL", "a  b", "x" * 300, "<a&b>", "\\N", "#REF!", "1,5", "\u2028", "\ufeffx"]


def words() -> st.SearchStrategy[str]:
    """Texts as cells hold them: without control characters, blanks at the ends, and surrogates."""
    letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    return st.one_of(st.sampled_from(AWKWARD), st.text(letters, max_size=20)).map(str.strip)


def numbers(low: float = 1e-3, high: float = 1e9) -> st.SearchStrategy[str]:
    """Numbers of any length, as text."""
    return st.one_of(
        st.floats(low, high).map(repr),
        st.integers(1, int(min(high, 10**6))).map(str),
        st.sampled_from(["0.1", "123.45678901234567", "1e-3"]),
    )


@cache
def _plain() -> ba.Case:
    with TemporaryDirectory() as folder:
        return small_case(
            Path(folder),
            links=[{"id": "rail", "from": "A", "to": "B"}],
            terminals=[{"id": "port", "place": "A", "handling": "port", "notes": "none"}],
            events=[{"id": "flood", "begins": "2021-05-01"}],
        )


@st.composite
def cases(draw: st.DrawFn, cells: st.SearchStrategy[str] | None = None) -> ba.Case:
    """A case of two to five places and up to six links, with its texts and numbers drawn; some tables are empty."""
    told = words() if cells is None else cells
    tables: dict[str, list[dict[str, Any]]] = {
        name: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        for name in TABLES
        for columns in [texts(_plain().table(name))]
    }
    for row in tables["sources"]:
        row["title"] = draw(told.filter(bool))
        row["address"] = draw(told)
    first = tables["places"][0]
    for number in range(draw(st.integers(0, 3))):
        place = {"id": f"P{number}", "lat": draw(st.floats(-90, 90).map(_sized)), "lon": draw(numbers(high=180))}
        tables["places"].append({**first, **place, "name": draw(told.filter(bool)), "kind": draw(told.filter(bool))})
    ids = [row["id"] for row in tables["places"]]
    rail = tables["links"][0]
    for number in range(draw(st.integers(0, 5))):
        ends = draw(st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True))
        link = {
            "id": f"L{number}",
            "from": ends[0],
            "to": ends[1],
            "mode": draw(st.sampled_from(["rail", "road", "feeder"])),
            "length_km": draw(numbers()),
            "time_h": draw(numbers()),
            "capacity_kt": draw(st.one_of(st.just(""), numbers())),
            "gauge_mm": draw(st.sampled_from(["", "1520", "1435/1520"])),
            "opens": draw(st.sampled_from(["", "1990"])),
            "waypoints": draw(st.sampled_from(["", "1 2; 3.5 -4", "0.1 0.25"])),
            "notes": draw(told),
        }
        tables["links"].append({**rail, **link})
    for name in ("terminals", "events", "emissions"):
        if draw(st.booleans()):
            tables[name] = []
        for row in tables[name]:
            row["notes"] = draw(told)
    for row in tables["demand"]:
        row["kt"] = draw(numbers(high=1e7))
    return from_sheets("random", {name: _sheet(name, rows) for name, rows in tables.items()})


def _sized(number: float) -> str:
    return "0" if abs(number) < 1e-9 else repr(number)


def _sheet(name: str, rows: list[dict[str, Any]]) -> Sheet:
    header = [column.column for column in schema(name)]
    told = [header, *([row[column] for column in header] for row in rows)]
    return Sheet(told, list(range(1, len(told) + 1)))

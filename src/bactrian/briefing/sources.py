"""The sources of a figure: the rows of the case that a path of a result rests on, as far as the results tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bactrian.briefing.results import Results
from bactrian.case import Case
from bactrian.errors import CaseError

__all__ = ["Row", "Source", "about", "rests_on", "sources_of"]

Key = tuple[str, str]

SHOWN = 200  # rows of a figure that are kept
_TOPICS = {"corridors": "corridors", "countries": "countries", "commodities": "commodities", "projects": "projects"}


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so: the id of a source, its title, and where it was read."""

    id: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the case with its source and how sure it is."""

    table: str
    id: str
    quality: str
    source: Source


def rests_on(path: str, results: Results, case: Case) -> list[Key]:
    """Table and id of the rows of the case that a figure at a path rests on; none for settings and for shares.

    Of totals these are the demand of the year, the projects of the plan, or the events that were drawn.
    """
    result, _, rest = path.partition("/")
    kind, _, tail = rest.partition("/")
    name = tail.partition("/")[0]
    if result == "case":
        return [(kind, name)]
    if result not in results or kind == "provenance":
        return []
    told = results.by_name[result].told
    known = results.by_name[result].kind
    if known == "plan":
        of_row = kind in ("projects", "not_chosen", "left_out", "committed")
        return _causes(case, "projects", [name] if of_row else [str(one["id"]) for one in told["projects"]])
    if known in ("risk", "course"):
        events = [str(one) for one in results.by_name[result].provenance["events"]]
        return _causes(case, "events", [name] if kind == "events" else events)
    if known == "run":
        return _of_run(case, told, kind, name)
    return []


def _of_run(case: Case, told: Any, kind: str, name: str) -> list[Key]:
    if kind == "corridors":
        marks = [cell.split() for cell in case.table("corridors").query("id == @name")["marks"]]
        links = set(case.table("links")["id"])
        return [("corridors", name), *(("links", one) for each in marks for one in each if one in links)]
    if kind == "bottlenecks":
        return [(str(one["table"]), name) for one in told["bottlenecks"] if one["row"] == name]
    if kind == "links":
        return [("links", name)]
    demand = case.table("demand")
    if kind == "between":
        zones = case.table("zones").set_index("id")["country"]
        ends = [set(zones.index[(zones == one) | (zones.index == one)]) for one in name.split("-")]
        if name in ("first", "last"):
            ends = [set(zones.index[zones == told["between"][0][side]]) for side in ("one", "other")]
        there = demand["origin"].isin(ends[0]) & demand["destination"].isin(ends[-1])
        back = demand["origin"].isin(ends[-1]) & demand["destination"].isin(ends[0])
        demand = demand[there | back]
    return [("demand", str(one)) for one in demand["id"]]


def _causes(case: Case, table: str, ids: Iterable[str]) -> list[Key]:
    """Rows of projects or events, and of what they do."""
    wanted = list(dict.fromkeys(ids))
    known = set(case.table(table)["id"])
    effects = case.table("effects")
    mine = effects.loc[effects["cause"].isin(wanted), "id"]
    return [*((table, one) for one in wanted if one in known), *(("effects", str(one)) for one in mine)]


def sources_of(keys: Iterable[Key], case: Case) -> list[Row]:
    """The rows with their sources; what is no row of the case is left out."""
    found = []
    for table, name in list(dict.fromkeys(keys))[:SHOWN]:
        try:
            row: pd.Series[Any] = case.source(table, name)
        except CaseError:
            continue
        origin = case.table("sources").set_index("id")
        key = str(case.table(table).set_index("id").loc[name, "source"]) if table != "sources" else name
        address = str(origin.loc[key, "address"] or "")
        found.append(Row(table, name, str(row["quality"]), Source(key, str(origin.loc[key, "title"]), address)))
    return found


def about(paths: Iterable[str], case: Case) -> dict[str, list[str]]:
    """What a text is about by the paths of its figures: corridors, countries, commodities, projects and places."""
    found: dict[str, list[str]] = {name: [] for name in (*_TOPICS, "places")}
    for path in paths:
        _, _, rest = path.partition("/")
        kind, _, tail = rest.partition("/")
        name = tail.partition("/")[0]
        if kind in _TOPICS and name and name not in found[kind] and name in set(case.table(kind)["id"]):
            found[kind].append(name)
    projects = case.table("projects").set_index("id")
    places, links = set(case.table("places")["id"]), case.table("links").set_index("id")
    for one in found["projects"]:
        for spot in str(projects.loc[one, "at"]).split():
            ends = [str(links.loc[spot, end]) for end in ("from", "to")] if spot in links.index else [spot]
            found["places"] += [each for each in ends if each in places and each not in found["places"]]
    return found

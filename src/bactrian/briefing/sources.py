"""The sources of a figure: the rows of the case that a path of a result rests on, as far as the results tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bactrian.briefing.results import Results
from bactrian.case import TABLES, Case

__all__ = ["Grounds", "Row", "Source", "about"]

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


class Grounds:
    """What figures of results rest on in their case; tables are read and paths followed once."""

    def __init__(self, results: Results, case: Case) -> None:
        self.results, self.case = results, case
        self._sources = {
            str(one["id"]): Source(str(one["id"]), str(one["title"]), str(one["address"] or ""))
            for one in case.table("sources").to_dict("records")
        }
        self._tables: dict[str, dict[str, Row]] = {}
        self._paths: dict[str, tuple[Row, ...]] = {}

    def of(self, paths: Iterable[str]) -> tuple[Row, ...]:
        """The rows that figures at some paths rest on, each once and at most so many."""
        found = {(row.table, row.id): row for path in paths for row in self._of(path)}
        return tuple(found.values())[:SHOWN]

    def _of(self, path: str) -> tuple[Row, ...]:
        if path not in self._paths:
            keys = _rests_on(path, self.results, self.case)
            rows = [self._table(table).get(name) for table, name in dict.fromkeys(keys)]
            self._paths[path] = tuple(row for row in rows if row is not None)
        return self._paths[path]

    def _table(self, name: str) -> dict[str, Row]:
        """The rows of a table by id; none where it has no sources."""
        if name not in self._tables:
            rows = self.case.table(name).to_dict("records") if name in TABLES else []
            self._tables[name] = {
                str(one["id"]): Row(name, str(one["id"]), str(one["quality"]), self._sources[str(one["source"])])
                for one in rows
                if one.get("source") in self._sources
            }
        return self._tables[name]


def _rests_on(path: str, results: Results, case: Case) -> list[Key]:
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
    if known == "deal":
        return _causes(case, "projects", [str(one["id"]) for one in told["programme"]])
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

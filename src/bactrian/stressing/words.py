"""Events in words: a row of the table `events`, or something closed or halved, each perhaps for so many days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from math import isfinite
from typing import Any

from bactrian.case import Case
from bactrian.errors import CaseError, Finding
from bactrian.stressing.events import Spell, events_of

__all__ = ["spells_of"]

KINDS = {"closed": ("closure", 0.0), "half": ("degradation", 0.5)}
USUAL = 90.0  # days that what is closed by hand lasts, if nothing else is said
WORD = re.compile(r"(?P<name>[^@]+?)(@(?P<days>[^@]*))?")


def spells_of(case: Case, words: Iterable[str], days: float | None = None) -> tuple[Case, list[Spell]]:
    """Read events such as "cpc_moorings", "closed:northern" or "half:KZAAU-port@30", which all begin on day 0.

    What is closed or halved may be a corridor (its marks), a place (all that begins, ends or is handled there), a link
    or a terminal; a country closed is shut to trade that neither begins nor ends there. An event lasts as
    long as it says after "@", else `days`, else its own median; what is closed by hand 90 days. Returns the case with a
    row for each event that was made up. Raises CaseError for what cannot be read, and for `days` that are none.
    """
    if days is not None and not (days > 0 and isfinite(days)):
        raise CaseError([Finding("events", 0, "days", f"{days!r} days are none", "give a number above 0")])
    names: dict[str, float | None] = {}
    for word in words:
        found = WORD.fullmatch(word.strip())
        name = found["name"].strip() if found else word
        told = found["days"] if found else None
        if name in names:
            raise CaseError([Finding("events", 0, "id", f"{name!r} is asked for twice", "name it once")])
        names[name] = days if told is None else _days(told, word)
        kind, colon, what = name.partition(":")
        if colon:
            case = case.with_(_made_up(case, name, kind, what))
    spells = []
    for name, event in events_of(case, names).items():
        own = USUAL if ":" in name else event.days
        spells.append(Spell(event, 0.0, own if (lasts := names[name]) is None else lasts))
    return case, spells


def _days(told: str, word: str) -> float:
    try:
        days = float(told)
    except ValueError:
        days = -1.0
    if not (days > 0 and isfinite(days)):
        raise CaseError([Finding("events", 0, "days", f"{word!r} says no days", "write such as closed:PLACE@30")])
    return days


def _made_up(case: Case, name: str, kind: str, what: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The rows of an event that closes or halves `what`, and of its effects."""
    if kind not in KINDS:
        rule, remedy = f"{kind!r} is nothing that can be done to a place", f"use {' or '.join(KINDS)}"
        raise CaseError([Finding("events", 0, "kind", rule, remedy)])
    told, left = KINDS[kind]
    event = {name: {"name": f"{what} {kind}", "kind": told, "begins": ""}}
    countries = set(case.table("places")["country"])
    if what in countries and kind == "closed":
        return {"events": event, "avoidances": {name: {"cause": name, "share": 1, "avoids": what}}}
    rows = _rows(case, what)
    if not rows:
        known = [*case.table("corridors")["id"], *case.table("places")["id"], *case.table("links")["id"]]
        near = get_close_matches(what, [*known, *case.table("terminals")["id"], *countries], 1)
        if what in countries:
            remedy = f"write closed:{what}, or name what is {kind} in it"
        else:
            remedy = f"did you mean {near[0]!r}?" if near else "name a corridor, place, country, link or terminal"
        raise CaseError([Finding("events", 0, "id", f"there is no {what!r} to be {kind}", remedy)])
    effects: dict[str, dict[str, Any]] = {}
    for table, ids in rows.items():
        capacity = case.table(table).set_index("id")["capacity_kt"].dropna()
        limited = [one for one in ids if one in capacity.index]
        free = [one for one in ids if one not in limited]
        if limited:
            cells = {"column": "capacity_kt", "operation": "multiply", "value": left}
            effects[f"{name}-{table}"] = {"cause": name, "table": table, "rows": " ".join(limited), **cells}
        if free and kind == "closed":
            cells = {"column": "closes", "operation": "set", "value": 2500}
            effects[f"{name}-{table}-free"] = {"cause": name, "table": table, "rows": " ".join(free), **cells}
    if not effects:
        rule = f"nothing of {what!r} has a capacity that could be halved"
        raise CaseError([Finding("links", 0, "capacity_kt", rule, f"enter one, or write closed:{what}")])
    return {"events": event, "effects": effects}


def _rows(case: Case, what: str) -> dict[str, list[str]]:
    """What goes by a name: rows by table."""
    tables = {name: case.table(name) for name in ("links", "terminals")}
    corridors = case.table("corridors").set_index("id")["marks"]
    named = corridors[what].split() if what in corridors.index else [what]
    found: dict[str, list[str]] = {}
    for one in named:
        for name, table in tables.items():
            ends = table[["from", "to"]] if name == "links" else table[["place"]]
            there = table.loc[(table["id"] == one) | (ends == one).any(axis=1), "id"].tolist()
            found.setdefault(name, []).extend(there)
    return {name: sorted(set(ids)) for name, ids in found.items() if ids}

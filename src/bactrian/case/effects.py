"""What events, projects and scenarios do to the cells of a case in a year.

An event counts for the share of the year in which it is in force, a project whole from the year it opens. A cell takes
the value set, then all factors, then all sums, each weighted by that share s: old + s (value - old), 1 + s (value - 1),
s value; so the order of rows and causes does not matter. Years, such as `opens`, are taken whole. What is left with no
capacity at all is shut.

A scenario, a future that a plan must stand up to, is never in force by itself, nor is an event that has not begun.
Where one is asked for it counts whole in any year, and so do the events and projects it names; what one of them opens
in a year stays shut before that year.

Trade that avoids countries is the business of `bactrian.case.avoidances`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeAlias

import pandas as pd

from bactrian.case.columns import schema
from bactrian.errors import CaseError, Finding

__all__ = ["cell_changes", "combined", "in_force", "shares_of", "without"]

Tables: TypeAlias = Mapping[str, pd.DataFrame]
Record: TypeAlias = dict[str, Any]

NEVER = 2500  # year of opening of what is not built: the last that the schema takes
_MARKS = ("measured", "reported", "estimate", "assumption")  # from sure to unsure


def in_force(tables: Tables, year: int) -> dict[str, float]:
    """Return the events and projects in force in `year`, each with the share of the year: above 0, at most 1.

    Projects count whole from the year they open; those that are cancelled or have no such year never do.
    """
    shares = {one.id: _share(one.begins, one.ends, year) for one in _rows(tables["events"])}
    built = tables["projects"]
    built = built[(built["opens"] <= year) & (built["status"] != "cancelled")]
    return {**{cause: share for cause, share in shares.items() if share > 0}, **dict.fromkeys(built["id"], 1.0)}


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def _share(begins: str, ends: str, year: int) -> float:
    if not begins:
        return 0.0
    first, last = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    start = max(first, date.fromisoformat(begins).toordinal())
    end = min(last, date.fromisoformat(ends).toordinal()) if ends else last
    return max(0, end - start) / (last - first)


def shares_of(tables: Tables, causes: Iterable[str], year: int) -> dict[str, float]:
    """Return the share of `year` in which each of the `causes` is in force, 0 where it is not.

    A scenario and an event that has not begun count whole, and so do the events and projects they name, which are
    returned beside them.
    Raises CaseError for a cause there is not, and for a project without a year of opening that no scenario names.
    """
    events, projects = set(tables["events"]["id"]), tables["projects"].set_index("id")["opens"].to_dict()
    scenarios = tables["scenarios"].set_index("id")["causes"].to_dict()
    named = scenarios | {one.id: one.brings for one in _rows(tables["events"]) if not one.begins}
    wanted = sorted(set(causes))
    whole = {one for cause in wanted if cause in named for one in [cause, *named[cause].split()]}
    now = in_force(tables, year) | dict.fromkeys(whole, 1.0)
    findings = []
    for cause in wanted:
        if cause not in events and cause not in projects and cause not in scenarios:
            near = get_close_matches(cause, [*events, *projects, *scenarios], 1)
            remedy = f"did you mean {near[0]!r}?" if near else "name a row of the table events, projects or scenarios"
            findings.append(Finding("events", 0, "id", f"no event, project or scenario {cause!r}", remedy, cause))
        elif cause in projects and cause not in whole and pd.isna(projects[cause]):
            rule = "empty, so the project is never in force"
            findings.append(Finding("projects", 0, "opens", rule, "give the year from which its effects hold", cause))
    if findings:
        raise CaseError(findings)
    return {cause: now.get(cause, 0.0) for cause in sorted(whole.union(wanted))}


def cell_changes(tables: Tables, shares: Mapping[str, float]) -> dict[str, dict[str, Record]]:
    """Return the changes that the effects of the causes bring, by table and row, for `Case.with_`.

    A changed row is as sure as the least sure of itself and its effects. Raises CaseError when two effects set one
    cell, or add to or multiply an empty one.
    """
    acting: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for effect in sorted(_rows(tables["effects"]), key=lambda one: str(one.id)):
        if shares.get(effect.cause, 0.0) > 0:
            for row in dict.fromkeys(effect.rows.split()):
                acting[effect.table, row, effect.column].append(effect)
    findings: list[Finding] = []
    changes: dict[str, dict[str, Record]] = defaultdict(lambda: defaultdict(dict))
    for (table, row, column), effects in acting.items():
        cells = tables[table].set_index("id").loc[row].to_dict()
        value = combined(float(cells[column]), effects, _weights(table, column, effects, shares))
        if sum(one.operation == "set" for one in effects) > 1:
            told = " and ".join(one.id for one in effects if one.operation == "set")
            rule = f"{told} both set {column} of {table}/{row}"
            findings.append(Finding("effects", 0, "operation", rule, "leave out one of their causes", effects[0].id))
        elif pd.isna(value):
            rule = f"{table}/{row} has no {column} to change"
            findings.append(Finding("effects", 0, "operation", rule, "enter one there, or set it", effects[0].id))
        elif value != cells[column]:
            was = changes[table][row].get("quality", cells["quality"])
            marks = [was, *(one.quality for one in effects)]
            nothing = column == "capacity_kt" and value == 0  # what can carry nothing all year is shut
            cell: Record = {"opens": NEVER, "closes": None} if nothing else {column: value}
            changes[table][row] |= {**cell, "quality": max(marks, key=_MARKS.index)}
    if findings:
        raise CaseError(findings)
    return {table: dict(rows) for table, rows in changes.items()}


def _weights(table: str, column: str, effects: list[Any], shares: Mapping[str, float]) -> list[float]:
    whole = any(one.column == column and one.type == "whole" for one in schema(table))
    return [1.0 if whole else shares[one.cause] for one in effects]


def combined(old: float, effects: Sequence[Any], weights: Sequence[float]) -> float:
    """The cell after what is set, then multiplied, then added; nan where there is nothing to change."""
    value = old
    for operation in ("set", "multiply", "add"):
        for one, weight in zip(effects, weights, strict=True):
            if one.operation != operation:
                continue
            if operation == "set":
                value = float(one.value) if weight == 1 else value + weight * (one.value - value)
            elif operation == "multiply":
                value *= 1 + weight * (one.value - 1)
            else:
                value += weight * one.value
    return value


def without(tables: Tables, causes: Iterable[str]) -> dict[str, dict[str, Record]]:
    """Return the changes that take back what `causes` open and close: rows they open stay shut, rows they close open.

    Only cells that hold the very value which an effect sets are touched. Raises CaseError for a cause there is not.
    """
    wanted = set(causes)
    shares_of(tables, wanted.difference(tables["projects"]["id"]), 2000)  # raises for what there is not
    changes: dict[str, dict[str, Record]] = defaultdict(dict)
    for effect in _rows(tables["effects"]):
        if effect.cause in wanted and effect.operation == "set" and effect.column in ("opens", "closes"):
            table = tables[effect.table]
            held = table[table["id"].isin(effect.rows.split()) & (table[effect.column] == effect.value)]
            year = NEVER if effect.column == "opens" else None
            for row in _rows(held):
                changes[effect.table][row.id] = {effect.column: year, "quality": row.quality}
    return dict(changes)

"""Rules of what changes a case: effects name cells that exist and hold numbers, avoidances of a cause agree, and what
is said to have come of events can be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bactrian.case.columns import schema
from bactrian.errors import Finding

__all__ = ["check_causes"]


def check_causes(tables: Mapping[str, pd.DataFrame], findings: list[Finding]) -> None:
    """Note effects on cells there are not or that hold no number, and avoidances of one cause that disagree.

    Nothing is said of an effect whose table could not be read: that is a finding of its own.
    """
    for line, effect in enumerate(_rows(tables, "effects"), start=2):
        if effect.table in tables and effect.table in _changeable():
            _check_effect(line, effect, set(tables[effect.table]["id"]), findings)
    first: dict[str, str] = {}
    for line, avoidance in enumerate(_rows(tables, "avoidances"), start=2):
        countries = " ".join(sorted(avoidance.avoids.split()))
        if first.setdefault(avoidance.cause, countries) != countries:
            rule = f"another avoidance of this cause names {first[avoidance.cause]}"
            remedy = "name the same countries, or give this one a cause of its own"
            findings.append(Finding("avoidances", line, "avoids", rule, remedy))
    if "counts" in tables and "events" in tables:
        for line, outcome in enumerate(_rows(tables, "outcomes"), start=2):
            _check_outcome(line, outcome, tables, findings)


def _rows(tables: Mapping[str, pd.DataFrame], name: str) -> list[Any]:
    return list(tables[name].itertuples()) if name in tables else []


def _changeable() -> list[str]:
    """Tables that effects may change, as their schema has them."""
    rule = next(one.rule for one in schema("effects") if one.column == "table")
    return rule.removeprefix("one of ").split()


def _check_effect(line: int, effect: Any, ids: set[str], findings: list[Finding]) -> None:
    numeric = [one.column for one in schema(effect.table) if one.type in ("number", "whole")]
    if effect.column and effect.column not in numeric:
        known = any(one.column == effect.column for one in schema(effect.table))
        state = "holds no numbers" if known else "is not there"
        rule = f"column {effect.column[:60]!r} of the table {effect.table} {state}"
        findings.append(Finding("effects", line, "column", rule, f"use one of {', '.join(numeric)}"))
    for row in effect.rows.split():
        if row not in ids:
            remedy = f"use an id of the table {effect.table}, or add it there"
            findings.append(Finding("effects", line, "rows", f"unknown id {row[:60]!r}", remedy))
    if effect.operation == "multiply" and effect.value < 0:
        remedy = "write a factor of at least 0, such as 0.8 for a fifth less"
        findings.append(Finding("effects", line, "value", "must be at least 0 to multiply", remedy))


def _check_outcome(line: int, outcome: Any, tables: Mapping[str, pd.DataFrame], findings: list[Finding]) -> None:
    """Note outcomes that cannot be set beside the model: what is not counted, and events that began at no time."""

    def report(column: str, rule: str, remedy: str) -> None:
        findings.append(Finding("outcomes", line, column, rule, remedy))

    counts = tables["counts"]
    counts = counts[counts["series"] == outcome.series]
    begins = dict(zip(tables["events"]["id"], tables["events"]["begins"], strict=True))
    if counts.empty or (counts["use"] == "none").any():
        report("series", f"{outcome.series!r} is not counted", "name a series of the table counts with another use")
    elif outcome.unit not in ("", "percent", counts["unit"].iloc[0]):
        report("unit", "not that of the series", f"write percent or {counts['unit'].iloc[0]}")
    elif outcome.compares == "capacity" and not counts["passes"].any():
        report("series", "passes nothing that could have a capacity", "name another series")
    elif outcome.compares == "capacity" and outcome.unit not in ("", "percent", "Mt"):
        report("unit", "not one of capacity", "write percent or Mt")
    if outcome.reads == "level" and outcome.unit in ("", "percent"):
        report("reads", "a level in percent", "write change, or the unit of the series")
    if begins.get(outcome.event) == "":
        report("event", "has not happened: it has no begin", "name another event, or say when it began")

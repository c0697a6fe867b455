"""The schema of a case: which tables there are, and the columns of each.

The schema is itself a table (`schema/<table>.csv`): column, type, unit, required, default, rule, refers,
description.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["TABLES", "Column", "schema"]

TABLES = (
    "sources",
    "countries",
    "modes",
    "places",
    "links",
    "terminals",
    "vessels",
    "levels",
    "commodities",
    "zones",
    "access",
    "demand",
    "controls",
    "corridors",
    "emissions",
    "quotes",
    "adjustments",
    "observations",
    "counts",
    "forecasts",
    "events",
    "projects",
    "scenarios",
    "effects",
    "avoidances",
    "outcomes",
    "trade",
    "distances",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One row of a schema table. `type` is key, text, words, number or whole; `refers` names tables, and words
    that are allowed beside their ids."""

    column: str
    type: str
    unit: str
    required: str
    default: str
    rule: str
    refers: str
    description: str


@cache
def schema(table: str) -> tuple[Column, ...]:
    """Return the columns of `table` in order.

    >>> [column.unit for column in schema("links") if column.column == "capacity_kt"]
    ['kt/yr']
    """
    text = (files("bactrian.case") / "schema" / f"{table}.csv").read_text(encoding="utf-8")
    return tuple(Column(**row) for row in csv.DictReader(io.StringIO(text)))

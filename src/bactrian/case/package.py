"""A case folder as a Frictionless data package, so that other people's tools read it with types and keys.

Data Package v1: https://specs.frictionlessdata.io/tabular-data-package/
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bactrian.case.checking import PATTERNS
from bactrian.case.columns import TABLES, Column, schema

__all__ = ["descriptor", "write_descriptor"]

_TYPES = {"key": "string", "text": "string", "words": "string", "number": "number", "whole": "integer"}
_LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


def descriptor(case_name: str, tables: Iterable[str] = TABLES) -> dict[str, Any]:
    """Return the content of `datapackage.json` for a case: its tables with columns, units, rules and keys.

    It follows from the schema alone, so it stays true when rows are edited. A column that refers to several tables,
    or to several rows at once, has no counterpart in the standard; `bactrian check` looks after those.

    >>> package = descriptor("transcaspian")
    >>> package["resources"][3]["schema"]["foreignKeys"][0]
    {'fields': 'country', 'reference': {'resource': 'countries', 'fields': 'id'}}
    """
    tables = list(tables)
    return {
        "profile": "tabular-data-package",
        "name": case_name,
        "title": f"Bactrian case {case_name}",
        "description": "Tables of a freight corridor; every row names its source and how sure it is.",
        "licenses": [_LICENCE],
        "sources": [{"title": "Sources of all rows, by key", "path": "sources.csv"}],
        "resources": [_resource(table, tables) for table in tables],
    }


def write_descriptor(folder: Path, case_name: str) -> None:
    """Write `datapackage.json` into the case folder; raise OSError when that cannot be done."""
    text = json.dumps(descriptor(case_name), indent=1, ensure_ascii=False)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")


def _resource(table: str, tables: list[str]) -> dict[str, Any]:
    columns = schema(table)
    keys = [
        {"fields": one.column, "reference": {"resource": one.refers, "fields": "id"}}
        for one in columns
        if one.type == "text" and one.refers in tables
    ]
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(column) for column in columns],
            "missingValues": [""],
            "primaryKey": "id",
            **({"foreignKeys": keys} if keys else {}),
        },
    }


def _field(column: Column) -> dict[str, Any]:
    text = column.description + (f"; empty means {column.default}" if column.default else "")
    field: dict[str, Any] = {
        "name": column.column,
        "type": _type(column),
        "description": text,
    }
    if column.unit:
        field["unit"] = column.unit
    constraints = _constraints(column)
    return {**field, "constraints": constraints} if constraints else field


def _type(column: Column) -> str:
    if column.rule == "date":
        return "date"
    return "year" if column.type == "whole" and column.unit == "year" else _TYPES[column.type]


def _constraints(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if column.required == "yes" else {}
    words = column.rule.split()
    if column.type == "key":
        found["unique"] = True
    if column.rule.startswith("one of ") and column.type == "words":
        one = "|".join(words[2:])
        found["pattern"] = f"({one})( ({one}))*"
    elif column.rule.startswith("one of "):
        found["enum"] = words[2:]
    elif column.rule.startswith("between "):
        found |= {"minimum": _number(words[1]), "maximum": _number(words[3])}
    elif column.rule.startswith(("at least ", "above ")):
        found["minimum"] = _number(words[-1])  # version 1 of the standard has no minimum that is itself excluded
    elif column.rule in PATTERNS:
        found["pattern"] = PATTERNS[column.rule][0].pattern
    return found


def _number(text: str) -> float | int:
    return int(text) if text.lstrip("-").isdigit() else float(text)

"""Trade that no longer passes some countries while a cause is in force.

An avoidance splits a commodity: its share of the trade goes on as a variant, the commodity `<commodity>~<cause>`, which
the network keeps off all places of the avoided countries and reports name after the original. Avoidances of two causes
act one upon the other, so that 1 - (1 - a)(1 - b) of the trade keeps clear of one or both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

from bactrian.case.columns import TABLES, schema

__all__ = ["concerns", "trade_changes"]

Tables: TypeAlias = Mapping[str, pd.DataFrame]
Record: TypeAlias = dict[str, Any]
Records: TypeAlias = dict[str, Record]


def trade_changes(tables: Tables, shares: Mapping[str, float]) -> dict[str, dict[str, Record]]:
    """Return the changes that the avoidances of the causes bring: trade split over variants of its commodity.

    Tonnes in all, and the totals they are balanced to, stay. A variant is named wherever a list of commodities names
    the original, so that it is counted and carried like it.
    """
    country = dict(zip(tables["zones"]["id"], tables["zones"]["country"], strict=True))
    goods, trade = _records(tables["commodities"]), _records(tables["demand"])
    before = {key: dict(row) for key, row in trade.items()}
    variants: Records = {}
    one: Any
    for one in tables["avoidances"].sort_values(["cause", "id"], kind="stable").itertuples():
        share, avoids = one.share * shares.get(one.cause, 0.0), set(one.avoids.split())
        for row in list(trade.values()) if share > 0 else ():
            good = {**goods, **variants}[row["commodity"]]
            if (
                row["kt"] == 0
                or avoids <= set(good["avoids"].split())  # keeps clear of them already
                or not avoids.isdisjoint((country[row["origin"]], country[row["destination"]]))
                or not concerns(one, row, good["counts_as"] or good["id"])
            ):
                continue
            variant = _variant(good, one.cause, avoids)
            if variant["id"] not in goods:
                variants[variant["id"]] = variant
            key = f"{row['id']}~{one.cause}"
            there = trade.setdefault(key, {**row, "id": key, "commodity": variant["id"], "kt": 0.0})
            moved = row["kt"] * share
            there["kt"] += moved
            row["kt"] -= moved
    changes = {key: _changed(before.get(key), row) for key, row in trade.items() if row != before.get(key)}
    named = _named_as_well(tables, {key: str(one["counts_as"]) for key, one in variants.items()})
    return {"commodities": variants, "demand": changes, **named} if changes else {}


def _records(table: pd.DataFrame) -> Records:
    """The rows by id, with None for what is not a number."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return {str(row["id"]): {str(column): cell for column, cell in row.items()} for row in rows}


def concerns(avoidance: Any, row: Record, commodity: str) -> bool:
    """Whether an avoidance is about a demand row of a commodity; empty lists mean all."""

    def within(words: str, one: str) -> bool:
        return not words or one in words.split()

    there = within(avoidance.origins, row["origin"]) and within(avoidance.destinations, row["destination"])
    back = within(avoidance.origins, row["destination"]) and within(avoidance.destinations, row["origin"])
    return within(avoidance.commodities, commodity) and (there or (back and avoidance.both_ways == "yes"))


def _variant(good: Record, cause: str, avoids: set[str]) -> Record:
    return {
        **good,
        "id": f"{good['id']}~{cause}",
        "avoids": " ".join(sorted(avoids.union(good["avoids"].split()))),
        "counts_as": good["counts_as"] or good["id"],
    }


def _changed(before: Record | None, row: Record) -> Record:
    """The cells to set: all of a new row, tonnes alone of an old one; both are as sure as the row they come from."""
    return row if before is None else {"kt": row["kt"], "quality": row["quality"]}


def _named_as_well(tables: Tables, variants: Mapping[str, str]) -> dict[str, dict[str, Record]]:
    """Changes that add each of the `variants` (id to original) to all lists of commodities that name the original."""
    changes: dict[str, dict[str, Record]] = defaultdict(lambda: defaultdict(dict))
    for name in TABLES:
        lists = [one.column for one in schema(name) if one.type == "words" and "commodities" in one.refers.split()]
        for column in lists if name != "avoidances" else ():  # an avoidance of a commodity is one of its variants too
            row: Any
            for row in tables[name].itertuples():
                words = str(getattr(row, column)).split()
                more = [variant for variant, original in variants.items() if original in words and variant not in words]
                if more:
                    changes[name][str(row.id)] |= {column: " ".join([*words, *more])}
                    if hasattr(row, "quality"):
                        changes[name][str(row.id)]["quality"] = row.quality
    return {name: dict(rows) for name, rows in changes.items()}

"""Rules that no single cell can break: between the cells of a row, the rows of a table, and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from bactrian.case.columns import TABLES, schema
from bactrian.errors import Finding

__all__ = ["check_references", "check_table", "check_tables"]

SHARED = ("places", "links", "terminals", "access")
"""Tables whose rows are named together, as marks of corridors or in results: no two may have the same id."""
NO_CORRIDOR = "other"
"""What ways on no named corridor are filed under."""
Report = Callable[[str, pd.Series, str, str], None]
"""Notes a finding (column, bad rows, rule, remedy) in the table at hand."""


def check_table(name: str, table: pd.DataFrame, findings: list[Finding]) -> None:
    """Note breaches between the cells of a row or the rows of one table."""

    def report(column: str, bad: pd.Series, rule: str, remedy: str) -> None:
        for row in np.flatnonzero(bad.to_numpy(dtype=np.bool_)):
            findings.append(Finding(name, int(row) + 2, column, rule, remedy))

    if name in ("links", "quotes"):
        report("to", table["from"] == table["to"], "from a place to itself", "name another end")
    if name == "distances":
        _check_distances(table, report)
    if name == "trade":
        _check_trade(table, report)
    if name in ("links", "terminals"):
        never = table["closes"] <= table["opens"]
        report("closes", never, "closes before it opens", "name a later year, or none")
    if name == "demand":
        twice = table.duplicated(["origin", "destination", "commodity", "year"])
        report("commodity", twice, "a second row for this trade and year", "add its tonnes to the first")
    if name == "corridors":
        report("id", table["id"] == NO_CORRIDOR, "kept for ways on no named corridor", "choose another id")
    if name == "quotes":
        _check_quotes(table, report)


def _check_distances(table: pd.DataFrame, report: Report) -> None:
    """Note distances of a country from itself, and pairs that stand there twice, in either order."""
    report("to", table["from"] == table["to"], "from a country to itself", "name another country")
    pair = _either_order(table["from"], table["to"])
    report("to", pair.duplicated(), "a second row for this pair of countries", "keep one, it holds both ways")


def _check_trade(table: pd.DataFrame, report: Report) -> None:
    """Note trade of a country with itself, rows without a figure, and a figure told twice by one source."""
    report("destination", table["origin"] == table["destination"], "from a country to itself", "name another country")
    neither = table["value_musd"].isna() & table["kt"].isna()
    report("value_musd", neither, "neither a value nor tonnes", "give the value, the tonnes or both")
    # turnover counts both directions, so the order of its two countries says nothing
    ends = _either_order(table["origin"], table["destination"])
    directed = table["origin"] + " " + table["destination"]
    told = table[["goods", "year", "months", "measure", "reporter", "source"]].assign(
        pair=ends.where(table["measure"] == "turnover", directed)
    )
    report("destination", told.duplicated(), "a second row for this figure of one source", "keep the one that holds")


def _either_order(one: pd.Series, other: pd.Series) -> pd.Series:
    """Name of each pair, the same in both orders."""
    pairs = zip(one.astype(str), other.astype(str), strict=True)
    return pd.Series([" ".join(sorted(pair)) for pair in pairs], index=one.index, dtype=object)


def _check_quotes(table: pd.DataFrame, report: Report) -> None:
    """Note quotes that say nothing, ranges with one end or the wrong way round, and prices without their unit."""
    given = table.notna()
    neither = ~given[["days_low", "days_high", "usd_low", "usd_high"]].any(axis=1)
    report("days_low", neither, "neither days nor a price", "give the days, the price or both")
    for low, high in (("days_low", "days_high"), ("usd_low", "usd_high")):
        report(low, ~given[low] & given[high], f"empty beside {high}", "write a single figure in both columns")
        report(high, given[low] & ~given[high], f"empty beside {low}", "write a single figure in both columns")
        report(low, table[low] > table[high], f"above {high}", "write the smaller figure first")
    unpriced = given["usd_low"] & (table["price_unit"] == "")
    report("price_unit", unpriced, "empty beside a price", "say what the price is for: teu, feu or t")


def check_references(
    name: str, table: pd.DataFrame, tables: Mapping[str, pd.DataFrame], findings: list[Finding]
) -> None:
    """Note in `findings` each id in `table` that none of the tables it refers to has.

    Nothing is said of tables that could not be read or have no rows: that is a finding of its own.
    """
    for column in schema(name):
        named = [one for one in column.refers.split() if one in TABLES]
        if not named or not all(one in tables and len(tables[one]) for one in named if one != "terminals"):
            continue
        ids = set(column.refers.split()).difference(named).union(*(tables[one]["id"] for one in named if one in tables))
        for row, cell in enumerate(table[column.column]):
            for word in cell.split() if column.type == "words" else [cell] if cell else []:
                if word not in ids:
                    remedy = f"use an id of the table {' or '.join(named)}, or add it there"
                    findings.append(Finding(name, row + 2, column.column, f"unknown id {word[:60]!r}", remedy))


def check_tables(tables: Mapping[str, pd.DataFrame], findings: list[Finding]) -> None:
    """Note ids that stand in two tables whose rows are named together."""
    homes: dict[str, str] = {}
    for name in SHARED:
        for row, key in enumerate(tables[name]["id"] if name in tables else []):
            if key and homes.setdefault(key, name) != name:
                rule = f"the table {homes[key]} has a row of this id too"
                findings.append(Finding(name, row + 2, "id", rule, "choose another id for one of them"))

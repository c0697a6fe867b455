"""Rules that no single cell can break: between the cells of a row, the rows of a table, and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd

from bactrian.case.causes import check_causes
from bactrian.case.columns import TABLES, schema
from bactrian.case.owners import countries_of
from bactrian.errors import Finding

__all__ = ["NEVER_EMPTY", "PLAIN_UNITS", "check_references", "check_table", "check_tables"]

NEVER_EMPTY = {"sources", "countries", "modes", "places", "links", "commodities", "zones", "access", "demand"}
"""Tables without which there is no case."""
SHARED = (("places", "links", "terminals", "access"), ("events", "projects", "scenarios"))
"""Tables whose rows are named together, as marks of corridors, in results or as causes: no two may have the same id."""
PLAIN_UNITS = ("Mt", "kt", "TEU")
"""Units of counts that need no tonnes beside them."""
Report: TypeAlias = Callable[[str, pd.Series, str, str], None]
"""Notes a finding (column, bad rows, rule, remedy) in the table at hand."""
NO_CORRIDOR = "other"
"""What ways on no named corridor are filed under."""


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
    if name == "events":
        _check_events(table, report)
    if name == "vessels":
        _check_vessels(table, report)
    if name == "levels":
        twice = table.duplicated(["scenario", "year"])
        report("year", twice, "a second row for this scenario and year", "keep the one that holds")
    if name == "projects":
        _check_projects(table, report)
    if name == "demand":
        twice = table.duplicated(["origin", "destination", "commodity", "year"])
        report("commodity", twice, "a second row for this trade and year", "add its tonnes to the first")
    if name == "corridors":
        report("id", table["id"] == NO_CORRIDOR, "kept for ways on no named corridor", "choose another id")
    if name == "quotes":
        _check_quotes(table, report)
    if name == "counts":
        _check_counts(table, report)
    if name == "adjustments":
        _check_adjustments(table, report)


def _check_counts(table: pd.DataFrame, report: Report) -> None:
    """Note units without tonnes, and counts of one series that differ in what must be the same for all of them."""
    nameless = ~table["unit"].isin(PLAIN_UNITS) & table["t_per_unit"].isna() & (table["use"] != "none")
    report("t_per_unit", nameless, f"empty beside a unit other than {' '.join(PLAIN_UNITS)}", "enter its tonnes")
    for column in ("unit", "use", "error"):
        differs = table[column] != table.groupby("series")[column].transform("first")
        report(column, differs, "not as in the first row of this series", "write the same in all its rows")


def _check_projects(table: pd.DataFrame, report: Report) -> None:
    """Note projects that require or exclude themselves, and those whose requirements can never stand together."""
    requires = {key: set(cell.split()) for key, cell in zip(table["id"], table["requires"], strict=True)}
    excludes = {key: set(cell.split()) for key, cell in zip(table["id"], table["excludes"], strict=True)}
    for column, named in (("requires", requires), ("excludes", excludes)):
        itself = table["id"].map(lambda key, named=named: key in named[key]).astype(bool)
        report(column, itself, "names the project itself", "name other projects, or none")
    never = table["id"].map(lambda key: _at_odds(key, requires, excludes)).astype(bool)
    report("requires", never, "needs projects that exclude it or one another", "take one out of requires or excludes")


def _at_odds(project: str, requires: Mapping[str, set[str]], excludes: Mapping[str, set[str]]) -> bool:
    """Whether what a project needs, directly or by what that needs, holds two that exclude each other."""
    needed, ahead = {project}, [project]
    while ahead:
        more = requires.get(ahead.pop(), set()) - needed
        needed |= more
        ahead += more
    return any(excludes.get(one, set()) & (needed - {one}) for one in needed)


def _check_events(table: pd.DataFrame, report: Report) -> None:
    """Note events that end before they begin, name themselves, or recover from what has no end."""
    over = (table["ends"] != "") & (table["ends"] <= table["begins"])
    report("ends", over, "not after it begins", "name the first day it is no longer in force, or none")
    for column in ("brings", "undoes"):
        pairs = zip(table["id"], table[column], strict=True)
        itself = pd.Series([key in cell.split() for key, cell in pairs], index=table.index, dtype=bool)
        report(column, itself, "names the event itself", "name others, or none")
    endless = (table["recovery_days"] > 0) & table["days"].isna()
    report("recovery_days", endless, "a recovery from what has no end", "give the days it lasts, or leave it out")


def _check_vessels(table: pd.DataFrame, report: Report) -> None:
    """Note ships that cannot float as they are written: deeper without cargo than with it, or heavier than water."""
    deep = table["ballast_m"] >= table["draught_m"]
    report("ballast_m", deep, "not below draught_m", "write the least draught at which such ships sail")
    volume = table["length_m"] * table["beam_m"] * table["draught_m"] * table["block"]
    report("cargo_t", table["cargo_t"] >= volume, "more than the water displaced", "check cargo and dimensions")


def _check_adjustments(table: pd.DataFrame, report: Report) -> None:
    """Note adjustments of nothing, factors that are none, and what calibration could not fit."""
    kind, fitted = table["kind"], table["fit"] == "yes"
    needless = ((kind == "scale") & (table["rows"] != "")) | ((kind != "scale") & (table["rows"] == ""))
    report("rows", needless, "a cost or capacity needs rows, a scale has none", "name rows, or leave it empty")
    narrow = (kind == "capacity") & (table["commodities"] != "")
    report("commodities", narrow, "a capacity is for all commodities", "leave it empty")
    for column in ("value", "low", "high"):
        report(column, (kind != "cost") & (table[column] <= 0), "a factor not above 0", "write a factor, such as 0.5")
    for column in ("low", "high", "spread"):
        report(column, fitted & table[column].isna(), "empty where fit is yes", "say how far the value may go")
    report("high", table["high"] <= table["low"], "not above low", "write the smaller bound in low")
    outside = fitted & ((table["value"] < table["low"]) | (table["value"] > table["high"]))
    report("value", outside, "beyond low or high", "widen the bounds, or bring the value within")


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

    Nothing is said of tables that could not be read or lack the rows a case needs: that is a finding of its own.
    """
    for column in schema(name):
        named = [one for one in column.refers.split() if one in TABLES]
        if not named or not all(one in tables and (len(tables[one]) or one not in NEVER_EMPTY) for one in named):
            continue
        ids = set(column.refers.split()).difference(named).union(*(tables[one]["id"] for one in named if one in tables))
        for row, cell in enumerate(table[column.column]):
            words = cell.split() if column.type == "words" else [cell] if cell else []
            for word in countries_of(cell) if column.rule == "shares" else words:
                if word not in ids:
                    remedy = f"use an id of the table {' or '.join(named)}, or add it there"
                    findings.append(Finding(name, row + 2, column.column, f"unknown id {word[:60]!r}", remedy))


def check_tables(tables: Mapping[str, pd.DataFrame], findings: list[Finding]) -> None:
    """Note ids that stand in two tables whose rows are named together, and effects of what there is not."""
    for together in SHARED:
        homes: dict[str, str] = {}
        for name in together:
            for row, key in enumerate(tables[name]["id"] if name in tables else []):
                if key and homes.setdefault(key, name) != name:
                    rule = f"the table {homes[key]} has a row of this id too"
                    findings.append(Finding(name, row + 2, "id", rule, "choose another id for one of them"))
    check_causes(tables, findings)

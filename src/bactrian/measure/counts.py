"""What was counted beside what the model says of the same series.

The table `counts` says what each observed series counts: ways that use at least one of the rows, places, countries or
corridors it `passes`, between its zones, of its commodities, in its unit. A count is a weighted sum of tonnes on ways.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows

__all__ = ["against_counts", "count_weights", "counted"]

Floats = NDArray[np.float64]

T_PER_UNIT = {"Mt": 1e6, "kt": 1e3}


def counted(flows: Flows) -> pd.Series:
    """What the model counts of each series of the table `counts`, by series and in its unit.

    >>> import bactrian as ba
    >>> bool(counted(ba.run("transcaspian", year=2021))["cpc_kz_origin"] > 10)  # Mt
    True
    """
    weights = count_weights(flows)
    return pd.Series(weights.to_numpy() @ flows.ways["kt"].to_numpy(), index=weights.index, name="modelled")


def count_weights(flows: Flows) -> pd.DataFrame:
    """What a kt/yr on each way (columns) adds to each series (index), in the unit of the series.

    Series that the case says cannot be compared are left out.
    """
    case = flows.network.case
    counts, table = case.table("counts"), flows.table()
    counts = counts[counts["use"] != "none"]
    marks = case.table("corridors").set_index("id")["marks"].str.split().to_dict()
    marks |= case.table("places").groupby("country")["id"].agg(list).to_dict()
    country = case.table("zones").set_index("id")["country"]
    ends = {end: (table[end], table[end].map(country)) for end in ("origin", "destination")}
    goods = case.table("commodities").set_index("id")
    boxes = (1e3 / goods["t_per_teu"]).where(goods["form"] == "container", 0.0)
    boxes_each = table["commodity"].map(boxes).to_numpy(dtype=np.float64)
    weights = np.zeros((len(counts), len(table)))
    one: Any
    for row, one in enumerate(counts.itertuples()):
        passed = {mark for word in one.passes.split() for mark in marks.get(word, [word])}
        within = _between(one, ends) & (_passing(flows, passed) if passed else np.ones(len(table), dtype=np.bool_))
        if one.commodities:
            within &= table["commodity"].isin(one.commodities.split()).to_numpy()
        unit = boxes_each if one.unit == "TEU" else 1e3 / T_PER_UNIT.get(one.unit, one.t_per_unit)
        weights[row] = np.where(within, unit, 0.0)
    return pd.DataFrame(weights).groupby(counts["series"].to_numpy(), sort=False).sum()


def against_counts(flows: Flows, observed: pd.DataFrame) -> pd.DataFrame:
    """The observations (series, year, value, unit) of the flows' year beside what the model counts.

    Columns: series, unit, observed, modelled, error (relative), spread (relative standard error of the count),
    residual (ln modelled/observed over the spread), use (fit, compare, or none) and why, where use is none and
    modelled nan: part-year counts (Mt_9months), series of another unit than the case expects, those it says nothing
    of, and those that it says cannot be compared.
    """
    here = observed[observed["year"] == flows.network.year].reset_index(drop=True)
    counts = flows.network.case.table("counts").drop_duplicates("series").set_index("series")
    of_series = counts[["unit", "use", "error", "notes"]].rename(columns={"unit": "expected", "notes": "why"})
    known = here[["series", "unit"]].join(of_series, on="series")
    why = np.select(
        [
            here["unit"].str.contains(r"_(?:\d+months|h\d|q\d)", regex=True),
            known["expected"].isna(),
            known["use"] == "none",
            known["unit"] != known["expected"],
        ],
        ["part of a year", "the case does not say what it counts", known["why"], "not in the unit of the series"],
        "",
    )
    compared = why == ""
    modelled = here["series"].map(counted(flows)).astype(np.float64).where(compared)
    value = here["value"].astype(np.float64)
    ratio = modelled / value.where(value > 0)
    return pd.DataFrame(
        {
            "series": here["series"],
            "unit": here["unit"],
            "observed": value,
            "modelled": modelled,
            "error": (modelled - value) / value.where(value != 0),
            "spread": known["error"].where(compared),
            "residual": np.log(ratio.where(ratio > 0)) / known["error"].where(compared),
            "use": known["use"].where(compared, "none"),
            "why": why,
        }
    )


def _between(count: Any, ends: dict[str, tuple[pd.Series, pd.Series]]) -> NDArray[np.bool_]:
    """Which ways run between the zones, or countries, of a count."""

    def within(end: str, names: str) -> NDArray[np.bool_]:
        zone, country = ends[end]
        words = names.split()
        inside: NDArray[np.bool_] = (zone.isin(words) | country.isin(words)).to_numpy() | (not words)
        return inside

    there = within("origin", count.origins) & within("destination", count.destinations)
    back = within("origin", count.destinations) & within("destination", count.origins)
    either: NDArray[np.bool_] = there | (back & (count.both_ways == "yes"))
    return either


def _passing(flows: Flows, names: set[str]) -> NDArray[np.bool_]:
    """Which ways use a link, terminal or access row, or call at a place, of these names."""
    network = flows.network
    called = network.nodes["place"].isin(names) & ~network.nodes["medium"].isin(["origin", "destination"])
    at = called.to_numpy()
    arcs = network.arcs["row"].isin(names).to_numpy() | at[network.arcs["tail"]] | at[network.arcs["head"]]
    return flows.routes.total(arcs[flows.routes.arcs].astype(np.float64)) > 0

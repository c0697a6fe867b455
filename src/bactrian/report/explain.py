"""Where a figure comes from: a cell of the case with its source, or a result with what it is made of.

A figure is named by three words with strokes between: `links/KZAAU-AZALA-caspian_feeder/capacity_kt` for a cell of a
table, `corridors/titr/kt` for a result of a run, `between/KAZ-TKM/kt` for the trade of two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.case import TABLES, Case, schema
from bactrian.errors import SolveError
from bactrian.measure import emissions
from bactrian.report.summary import corridors

__all__ = ["RESULTS", "explain_cell", "explain_result", "is_cell"]

Record = dict[str, Any]
Floats = NDArray[np.float64]

_TONNES = {
    "kt": "kt/yr",
    "carried_kt": "kt/yr",
    "teu": "TEU/yr",
    "share": "share of all tonnes carried",
    "value_musd": "million USD/yr",
}
_PER_TONNE = {"km": "km", "time_h": "h per tonne", "usd": "USD/t", "spread_h": "h", "cost_usd": "USD/t"}
_CLIMATE = {"wtw_t": "t CO2e/yr, well to wheel", "ttw_t": "t CO2e/yr, tank to wheel"}
_SCARCE = {"load_kt": "kt/yr", "utilisation": "share of capacity", "wait_h": "h", "worth_usd_per_t": "USD/t and year"}
_ASKED = ("carried_kt", "value_musd")  # figures that only trade between two has
RESULTS: dict[str, dict[str, str]] = {
    "corridors": {name: unit for name, unit in {**_TONNES, **_PER_TONNE, **_CLIMATE}.items() if name not in _ASKED},
    "between": {**_TONNES, **_PER_TONNE, **_CLIMATE},
    "resources": _SCARCE,
}
"""Kinds of results, their figures, and the unit of each."""


def is_cell(case: Case, figure: str) -> bool:
    """Whether the figure is a cell of the case; raise SolveError when it is neither that nor a result."""
    kind, _, column = _split(figure)
    if kind in TABLES and column in [one.column for one in schema(kind)]:
        return True
    if column in RESULTS.get(kind, {}):
        return False
    known = [one.column for one in schema(kind)] if kind in TABLES else []
    known += list(RESULTS.get(kind, {}))
    if known:
        raise SolveError(f"no figure {column!r} of {kind}; use one of {', '.join(known)}")
    kinds = ", ".join(dict.fromkeys([*RESULTS, *TABLES]))
    raise SolveError(f"no figures of {kind!r} in {case.name}; use one of {kinds}")


def explain_cell(case: Case, figure: str) -> Record:
    """Tell value, unit, meaning, source and quality of a cell; raise CaseError when there is no such row.

    >>> from bactrian.case import load
    >>> told = explain_cell(load("transcaspian"), "links/KZAAU-AZALA-caspian_feeder/capacity_kt")
    >>> told["value"], told["unit"], told["quality"]
    (1100.0, 'kt/yr', 'reported')
    """
    table, row, column = _split(figure)
    source = case.source(table, row)
    cells = case.table(table).set_index("id", drop=False)
    value: Any = cells.loc[row, column]
    described = next(one for one in schema(table) if one.column == column)
    told: Record = {
        "figure": figure,
        "value": None if value == "" or value != value else value if isinstance(value, str) else float(value),
        "unit": described.unit,
        "meaning": described.description,
    }
    told |= {"quality": source["quality"], "source": source["title"], "address": source["address"]}
    for column_beside in ("assumed", "notes"):
        if column_beside in cells and cells.loc[row, column_beside]:
            told[column_beside] = str(cells.loc[row, column_beside])
    changes = [change for change in case.changes if (change.table, change.id, change.column) == (table, row, column)]
    return told | ({"changed_from": changes[0].old} if changes else {})


def explain_result(flows: Flows, figure: str) -> Record:
    """Tell value, unit, meaning, the trade a result is made of, and the sources that it rests on most.

    Raises SolveError when the run has no such row.

    >>> import bactrian as ba
    >>> told = explain_result(ba.run("transcaspian"), "between/KAZ-TKM/kt")
    >>> round(told["value"]), told["unit"]
    (624, 'kt/yr')
    """
    kind, row, column = _split(figure)
    chosen = _chosen(flows, kind, row)
    value = _value(flows, kind, row, column, chosen)
    told = {
        "figure": figure,
        "value": value,
        "unit": RESULTS[kind][column],
        "meaning": _meaning(kind, column),
        "certificate_holds": flows.certificate.holds,
        "made_of": _trade(flows, chosen)[:10],
        "demand_by_quality": _by_quality(flows, chosen),
        "rests_on": _rows(flows, chosen, column)[:10],
    }
    return told


def _split(figure: str) -> tuple[str, str, str]:
    kind, _, rest = figure.partition("/")
    row, _, column = rest.rpartition("/")
    if not (kind and row and column):
        raise SolveError(f"cannot read the figure {figure!r}: write it as corridors/titr/kt or links/ID/capacity_kt")
    return kind, row, column


def _chosen(flows: Flows, kind: str, row: str) -> Floats:
    """Tonnes (kt) of each way that belong to the figure."""
    table = flows.table()
    if kind == "corridors":
        mine = (table["corridor"] == row).to_numpy()
        if not mine.any():
            raise SolveError(
                f"nothing runs on a corridor {row!r}; use one of {', '.join(sorted(set(table['corridor'])))}"
            )
    elif kind == "between":
        mine = flows.between(*_pair(flows, row)).to_numpy()[flows.ways["pair"]]
    else:
        if row not in set(flows.resources["row"]):
            raise SolveError(f"nothing named {row!r} has a capacity in {flows.network.year}")
        arcs = np.flatnonzero((flows.network.arcs["row"] == row).to_numpy())
        mine = np.isin(np.arange(len(table)), flows.routes.owner[np.isin(flows.routes.arcs, arcs)])
    return np.where(mine, table["kt"].to_numpy(), 0.0)


def _pair(flows: Flows, row: str) -> tuple[list[str], list[str]]:
    """Zones of the two named by ONE-OTHER; zone names may hold strokes themselves."""
    parts = row.split("-")
    for cut in range(1, len(parts)):
        one, other = "-".join(parts[:cut]), "-".join(parts[cut:])
        try:
            return flows.network.case.zones_of(one), flows.network.case.zones_of(other)
        except SolveError:
            continue
    raise SolveError(f"cannot read {row!r} as two zones or countries, such as KAZ-TKM")


def _value(flows: Flows, kind: str, row: str, column: str, kt: Floats) -> float | None:
    """The figure; None for a mean of nothing, or emissions without a factor."""
    if kind == "resources":
        return _cell(flows.resources, "row", row, column)
    if kind == "corridors":
        return _cell(corridors(flows), "corridor", row, column)
    ways, total = flows.ways, float(kt.sum())
    if column in _PER_TONNE:
        return float((kt * ways[column].to_numpy()).sum() / total) if total > 0 else None
    if column in _CLIMATE:
        tonnes = float(emissions(flows)[column].to_numpy()[kt > 0].sum())
        return tonnes if np.isfinite(tonnes) else None
    if column in ("kt", "value_musd"):
        asked = flows.pairs[flows.between(*_pair(flows, row))]
        goods = flows.network.case.table("commodities").set_index("id")["value_usd_per_t"]
        each = asked["commodity"].map(goods) / 1000 if column == "value_musd" else 1.0
        return float((asked["kt"] * each).sum())
    summed = {
        "carried_kt": kt,
        "share": kt / max(float(ways["kt"].sum()), 1e-300),
        "teu": np.where(kt > 0, ways["teu"].to_numpy(), 0.0),
    }
    return float(summed[column].sum())


def _cell(table: pd.DataFrame, key: str, row: str, column: str) -> float:
    return float(table.loc[table[key] == row, column].to_numpy()[0])


def _meaning(kind: str, column: str) -> str:
    if kind == "resources":
        return {
            "load_kt": "tonnes of all ways that use it, both directions",
            "utilisation": "load over the yearly capacity",
            "wait_h": "waiting on top of the free time, by the queue law at this load",
            "worth_usd_per_t": "what one more tonne of yearly capacity saves its users in a year",
        }[column]
    if column in _PER_TONNE:
        return "mean over the ways, weighted by tonnes, of the sum along each way"
    if column in _CLIMATE:
        return "tonne-kilometres by means of transport times the factors of the table emissions, and hubs"
    if kind == "between" and column in ("kt", "value_musd"):
        return "demand of the year balanced to the controls, both ways, carried or not"
    return "sum over the ways that shippers choose, demand of the year balanced to the controls"


def _trade(flows: Flows, kt: Floats) -> list[Record]:
    """The trade the figure is made of, most first, with prior tonnes, source and quality of its demand row."""
    keys = ["origin", "destination", "commodity"]
    own = flows.table().assign(kt=kt)
    summed = own[kt > 0].groupby(keys, sort=False)["kt"].sum().sort_values(ascending=False, kind="stable").reset_index()
    told = summed.merge(_priors(flows), on=keys, how="left")
    return [{str(name): cell for name, cell in record.items()} for record in told.to_dict("records")]


def _priors(flows: Flows) -> pd.DataFrame:
    case = flows.network.case
    rows = case.table("demand")
    base = max((one for one in rows["year"] if one <= flows.network.year), default=rows["year"].min())
    titles = case.table("sources").set_index("id")["title"]
    rows = rows[rows["year"] == base]
    rows = rows.assign(commodity=case.counted_as(rows["commodity"]), prior_source=rows["source"].map(titles))
    # a trade split over variants of its commodity is one trade, and all parts have one source
    trade = rows.groupby(["origin", "destination", "commodity"], sort=False)
    kept: pd.DataFrame = trade.agg({"kt": "sum", "quality": "first", "prior_source": "first"}).reset_index()
    kept = kept.rename(columns={"kt": "prior_kt", "quality": "prior_quality"})
    kept.insert(5, "prior_year", int(base))
    return kept


def _by_quality(flows: Flows, kt: Floats) -> dict[str, float]:
    """Share of the tonnes by the quality of the demand rows they come from."""
    table = pd.DataFrame(_trade(flows, kt))
    if table.empty:
        return {}
    shares = table.groupby("prior_quality")["kt"].sum() / table["kt"].sum()
    return {str(mark): float(share) for mark, share in shares.sort_values(ascending=False).items()}


def _rows(flows: Flows, kt: Floats, column: str) -> list[Record]:
    """Links, terminals and accesses that add most to a mean per tonne, or carry most tonne-kilometres, with sources."""
    network, routes = flows.network, flows.routes
    arcs, each = routes.arcs, flows.commodity_of_ways()[routes.owner]
    wait = network.on_arcs(flows.resources["wait_h"].to_numpy())
    table = network.arcs
    part = {
        "time_h": (table["time_h"].to_numpy() + wait)[arcs],
        "usd": network.price[each, arcs],
        "cost_usd": network.cost[each, arcs] + network.wait_cost[each] * wait[arcs],
        "spread_h": table["spread_h"].to_numpy()[arcs],
    }.get(column, table["km"].to_numpy()[arcs])
    weight = kt[routes.owner] * part
    summed = table.loc[arcs, ["table", "row"]].assign(share=weight / max(float(weight.sum()), 1e-300))
    summed = summed.groupby(["table", "row"], sort=False)["share"].sum().reset_index()
    summed = summed[summed["share"] > 0].sort_values("share", ascending=False, kind="stable").head(10)
    told = []
    for name, row, share in summed.itertuples(index=False):
        source = network.case.source(name, row)
        told.append({"row": f"{name}/{row}", "share": share, "quality": source["quality"], "source": source["title"]})
    return told

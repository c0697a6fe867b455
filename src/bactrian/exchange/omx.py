"""Demand and the skims of a run as OMX matrices between zones, and demand from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from bactrian.assign import Flows
from bactrian.assign.cube import UNITS
from bactrian.case import TABLES, Case, Sheet, from_sheets, schema, texts
from bactrian.case.cells import digits
from bactrian.errors import CaseError, Finding
from bactrian.exchange.loss import Loss, filled
from bactrian.formats.omx import Matrices, read_omx, write_omx

__all__ = ["demand_matrices", "skims", "with_demand", "write"]

_SOURCE = ("omx", "matrices in OMX format", "")


def write(thing: Case | Flows, path: Path) -> list[Loss]:
    """Write the demand of a case, or what a run says of each pair of zones; raise LibraryError without h5py."""
    if isinstance(thing, Flows):
        write_omx(path, skims(thing))
        return []
    write_omx(path, demand_matrices(thing))
    lost = [filled(thing, name, None, "OMX holds matrices alone") for name in TABLES if name not in ("demand", "zones")]
    columns = ["notes", "source", "quality"]
    lost.append(filled(thing, "zones", ["name", "country", "gdp_growth_percent", *columns], "OMX holds ids alone"))
    lost.append(filled(thing, "demand", ["id", *columns], "OMX holds tonnes alone"))
    return [one for some in lost for one in some]


def demand_matrices(case: Case) -> Matrices:
    """Demand in kt/yr before balancing, a matrix `demand_COMMODITY_YEAR` for each commodity and year.

    >>> from bactrian.case import load
    >>> told = demand_matrices(load("transcaspian"))
    >>> told.about["demand_crude_oil_2021"]["unit"]
    'kt/yr'
    """
    demand, zones = case.table("demand"), tuple(case.table("zones")["id"])
    groups = demand.groupby(["commodity", "year"], sort=False)
    matrices, about = {}, {}
    for (commodity, year), rows in groups:
        name = f"demand_{commodity}_{year:.0f}"
        matrices[name] = _square(rows, "kt", zones, 0.0)
        about[name] = {"unit": "kt/yr", "commodity": str(commodity), "year": f"{year:.0f}"}
    return Matrices(zones, matrices, about)


def skims(flows: Flows) -> Matrices:
    """What a run says of each pair of zones and commodity, a matrix `FIGURE_COMMODITY` for each figure of `cube`.

    Tonnes and TEU are 0 and all else is nan where there is no such trade.
    """
    zones, year = tuple(flows.network.case.table("zones")["id"]), str(flows.network.year)
    matrices, about = {}, {}
    for commodity, rows in flows.between_zones().groupby("commodity", sort=False):
        for figure, (unit, _) in UNITS.items():
            name = f"{figure}_{commodity}"
            matrices[name] = _square(rows, figure, zones, 0.0 if unit.endswith("/yr") else np.nan)
            about[name] = {"unit": unit, "commodity": str(commodity), "year": year}
    return Matrices(zones, matrices, about)


def _square(rows: pd.DataFrame, column: str, zones: tuple[str, ...], empty: float) -> np.ndarray[tuple[int, int]]:
    place = {zone: number for number, zone in enumerate(zones)}
    matrix = np.full((len(zones), len(zones)), empty)
    matrix[rows["origin"].map(place), rows["destination"].map(place)] = rows[column]
    return matrix


def with_demand(case: Case, path: str | Path) -> Case:
    """The case with the demand of an OMX file: matrices `demand_COMMODITY_YEAR` in kt/yr between zones of `zone_id`.

    Each stands in place of all demand for its commodity and year; nan is 0. Rows keep their ids, and those whose tonnes
    stay the same their source as well. Raises CaseError for other matrices, zones, commodities or years than the case
    can have, and LibraryError without h5py.
    """
    path = Path(path)
    told = read_omx(path)
    tonnes, findings = _tonnes(told, path)
    if findings:
        raise CaseError(findings)
    named = {name.partition("_")[2] for name in told.matrices}
    rows: list[list[str]] = []
    for id_, *trade, kt, notes, source, quality in zip(*texts(case.table("demand")).values(), strict=True):
        new = tonnes.pop(tuple(trade), "0") if f"{trade[2]}_{trade[3]}" in named else kt
        about = [notes, source, quality] if new == kt else ["", _SOURCE[0], "assumption"]
        rows.append([id_, *trade, new, *about])
    rows += [["-".join(trade), *trade, kt, "", _SOURCE[0], "assumption"] for trade, kt in tonnes.items()]
    sheets = {name: _sheet(texts(case.table(name))) for name in TABLES}
    sheets["demand"] = Sheet([[one.column for one in schema("demand")], *rows], list(range(1, len(rows) + 2)))
    if _SOURCE[0] not in set(case.table("sources")["id"]):
        sources = sheets["sources"]
        sheets["sources"] = Sheet([*sources.rows, list(_SOURCE)], [*sources.lines, len(sources.lines) + 1])
    return from_sheets(case.name, sheets)


def _tonnes(told: Matrices, path: Path) -> tuple[dict[tuple[str, ...], str], list[Finding]]:
    """The tonnes of all cells but 0 by origin, destination, commodity and year, and findings about names."""
    tonnes: dict[tuple[str, ...], str] = {}
    findings: list[Finding] = []
    for name, matrix in told.matrices.items():
        kind, _, rest = name.partition("_")
        commodity, _, year = rest.rpartition("_")
        if kind != "demand" or not commodity:
            rule = f"the matrix {name!r} is not named after a commodity and year"
            findings.append(Finding(path.name, 0, "", rule, "name it demand_COMMODITY_YEAR"))
            continue
        for one, other in np.argwhere(np.nan_to_num(matrix) != 0):
            tonnes[(told.zones[one], told.zones[other], commodity, year)] = digits(matrix[one, other])
    return tonnes, findings


def _sheet(cells: dict[str, list[str]]) -> Sheet:
    rows = [list(cells), *map(list, zip(*cells.values(), strict=True))]
    return Sheet(rows, list(range(1, len(rows) + 1)))

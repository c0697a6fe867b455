"""The summary of a run as plain types: what a machine reads, and what every other report shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from math import isnan
from typing import Any

import pandas as pd

from bactrian.assign import Flows
from bactrian.case import Case
from bactrian.measure import Accounts, accounts, carbon, emissions, missing_factors

__all__ = ["certificate_of", "content_of", "corridors", "provenance_of", "records", "summary", "usual_pairs"]

Record = dict[str, Any]

BEYOND = 1.05  # utilisation above which a load is more than the waits can explain


def summary(flows: Flows, between: Iterable[tuple[str, str]] = ()) -> Record:
    """Everything a machine wants to know, as plain types: provenance, certificate and the main figures.

    `between` names pairs of zones or countries whose trade gets a line of its own.
    """
    case, pairs = flows.network.case, flows.pairs
    left = pairs[pairs["stranded_kt"] > 0]
    names = ["origin", "destination", "commodity", "stranded"]
    left = left.assign(commodity=case.counted_as(left["commodity"]))  # variants under the name of their original
    stranded = left.groupby(names, sort=False)["stranded_kt"].sum().reset_index()
    told_by_country = accounts(flows)
    return {
        "result": "run",
        "provenance": provenance_of(flows),
        "certificate": certificate_of(flows, told_by_country),
        "demand": {
            "kt": float(pairs["kt"].sum()),
            "carried_kt": float(pairs["carried_kt"].sum()),
            "stranded_kt": float(pairs["stranded_kt"].sum()),
        },
        "carbon": {name: None if isnan(value) else value for name, value in carbon(flows).items()},
        "accounts": _accounts(told_by_country),
        "stranded": records(stranded[["origin", "destination", "commodity", "stranded_kt", "stranded"]]),
        "corridors": records(corridors(flows)),
        "between": [_trade(flows, one, other) for one, other in between],
        "links": records(flows.links()),
        "bottlenecks": records(flows.bottlenecks().head(20)),
        "beyond_capacity": records(flows.resources[flows.resources["utilisation"] > BEYOND]),
        "without_emission_factor": missing_factors(flows),
    }


def content_of(case: Case) -> Record:
    """What a result rests on: the case with its hash, that of the case as loaded, what differs, and the version."""
    return {
        "case": case.name,
        "case_hash": case.hash,
        "original_hash": case.original.hash,
        "changes": [list(change) for change in case.changes],
        "version": version("bactrian"),
    }


def provenance_of(flows: Flows) -> Record:
    """What a run was made of and how, as plain types."""
    return {
        **content_of(flows.network.case),
        "year": flows.network.year,
        "method": flows.method,
        "settings": {**flows.settings, "carbon_usd_per_t": flows.network.carbon_usd_per_t},
        "seed": None,
    }


def certificate_of(flows: Flows, told: Accounts) -> Record:
    """The certificate of a run and of its accounts, as plain types."""
    certificate = flows.certificate
    return {
        "holds": certificate.holds and told.holds,
        "conservation": certificate.conservation,
        "broken_ways": certificate.broken_ways,
        "gap": certificate.gap,
        "dearer": certificate.dearer,
        "over_capacity": certificate.over_capacity,
        "accounts": told.error,
    }


def usual_pairs(flows: Flows) -> list[tuple[str, str]]:
    """The countries whose trade is told of when none are named: the two that stand first in the table zones."""
    countries = list(dict.fromkeys(flows.network.case.table("zones")["country"]))
    return [(countries[0], countries[1])] if len(countries) > 1 else []


def _accounts(told: Accounts) -> list[Record]:
    """The accounts of the countries that have any, those that most is paid to first."""
    table = told.table[told.table.abs().sum(axis=1) > 0]
    return records(table.sort_values("revenue", ascending=False, kind="stable").reset_index())


def corridors(flows: Flows) -> pd.DataFrame:
    """Flows by corridor: id, name, kt, share, TEU, mean figures per tonne, and emissions in t CO2e a year."""
    emitted = emissions(flows).groupby(flows.ways["corridor"].to_numpy()).sum(skipna=False)
    table = flows.by("corridor")
    known = flows.network.case.table("corridors")
    names = dict(zip(known["id"], known["name"], strict=True))
    table.insert(1, "name", [names.get(corridor, "No named corridor") for corridor in table["corridor"]])
    table.insert(3, "share", table["kt"] / max(table["kt"].sum(), 1e-300))
    table = table[table["kt"] > 0]
    return table.merge(emitted, left_on="corridor", right_index=True, how="left")


def _trade(flows: Flows, one: str, other: str) -> Record:
    """Trade between two zones or countries, both ways: kt, value and the ways it takes."""
    asked = flows.between(*(flows.network.case.zones_of(name) for name in (one, other)))
    value = flows.network.case.table("commodities").set_index("id")["value_usd_per_t"]
    pairs = flows.pairs[asked]
    ways = flows.table()[asked.to_numpy()[flows.ways["pair"]] & (flows.ways["kt"] > 0)]
    ways = ways.sort_values("kt", ascending=False, kind="stable", ignore_index=True)
    columns = ["origin", "destination", "commodity", "kt", "corridor", "modes", "km", "time_h", "usd", "cost_usd"]
    return {
        "one": one,
        "other": other,
        "kt": float(pairs["kt"].sum()),
        "carried_kt": float(pairs["carried_kt"].sum()),
        # kt times USD/t is thousand USD
        "value_musd": float((pairs["kt"] * pairs["commodity"].map(value).astype(float)).sum() / 1000),
        "ways": len(ways),
        "main_ways": records(ways[columns].head(20)),
    }


def records(table: pd.DataFrame) -> list[Record]:
    """Rows as plain types, with nothing for what is not a number."""
    rows: list[Record] = json.loads(table.to_json(orient="records", double_precision=15))
    return rows

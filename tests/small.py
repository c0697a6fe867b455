"""Small cases written in a test: name only the cells that matter, the rest is filled in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import bactrian as ba
from bactrian.case import TABLES, schema

Rows = list[dict[str, Any]]

MODES = {"rail": "rail", "road": "road", "feeder": "sea", "deep_sea": "sea", "pipeline_oil": "pipeline"}
FILLED: dict[str, dict[str, Any]] = {
    "places": {"country": "X", "kind": "town", "lat": 0, "lon": 0},
    "links": {
        "mode": "rail",
        "length_km": 100,
        "time_h": 10,
        "usd_per_t": 10,
        "usd_per_teu": 100,
        "status": "existing",
    },
    "commodities": {
        "sector": "other",
        "form": "loose",
        "modes": "rail road feeder deep_sea pipeline_oil",
        "value_usd_per_t": 1000,
        "value_of_time_usd_per_t_h": 1,
        "reliability": 0,
        "scale_per_usd_t": 0.1,
        "income_elasticity": 1,
    },
    "zones": {"country": "X", "gdp_growth_percent": 0},
    "access": {"modes": "rail road", "time_h": 0, "usd_per_t": 0, "usd_per_teu": 0},
    "demand": {"commodity": "goods", "year": 2021, "kt": 100},
    "countries": {"gdp_busd": 1, "population_m": 1, "year": 2021},
    "sources": {"title": "made up for a test"},
    "events": {"begins": "2021-01-01", "kind": "degradation"},
    "projects": {"countries": "X", "kind": "rail", "status": "planned"},
    "scenarios": {"chance": 1},
    "emissions": {"wtw_g": 10, "ttw_g": 8},
}


def small_case(folder: Path, **tables: Rows) -> ba.Case:
    """Write a case of two zones o at place A and d at place B with one commodity, changed by `tables`, and load it."""
    given: dict[str, Rows] = {
        "sources": [{"id": "s"}],
        "countries": [{"id": "X"}, {"id": "Y"}],
        "modes": [{"id": mode, "kind": kind} for mode, kind in MODES.items()],
        "places": [{"id": "A"}, {"id": "B", "lon": 1}],
        "commodities": [{"id": "goods"}],
        "zones": [{"id": "o"}, {"id": "d"}],
        "access": [{"id": "o-A", "zone": "o", "place": "A"}, {"id": "d-B", "zone": "d", "place": "B"}],
        "demand": [{"id": "o-d", "origin": "o", "destination": "d"}],
        "emissions": [{"id": mode, "applies": mode} for mode in ("rail", "road", "feeder", "hub")],
        **tables,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        columns = [column.column for column in schema(name)]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            for row in given.get(name, []):
                common = {"source": "s", "quality": "assumption", "name": row["id"]}
                known = {
                    key: value for key, value in {**common, **FILLED.get(name, {}), **row}.items() if key in columns
                }
                unknown = set(row) - set(columns)
                assert not unknown, f"{name} has no columns {unknown}"
                writer.writerow(known)
    return ba.load(folder)

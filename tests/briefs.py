"""Results to make briefs of: a small corridor whose things bear names of the built-in case, so that terms are found."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import bactrian as ba
from bactrian import report
from bactrian.games import Game
from bactrian.planning import plan
from small import small_case

TODAY = date(2026, 11, 25)
SHARES = {1: 620.0, 2: 310.0, 3: 1400.0, 4: 150.0, 5: 900.0, 6: 700.0, 7: 2150.0}


def corridor(folder: Path, **changed: list[dict[str, Any]]) -> ba.Case:
    """From Aktau over the sea to Alat and on to Poti, and a dear way round; projects that ease the sea and the port."""
    effect, links = {"operation": "add", "forgone": "no"}, {"table": "links"}
    tables: dict[str, list[dict[str, Any]]] = {
        "countries": [
            {"id": "KAZ", "name": "Kazakhstan"}, {"id": "AZE", "name": "Azerbaijan"}, {"id": "GEO", "name": "Georgia"},
            {"id": "TUR", "name": "Türkiye"},
        ],
        "sources": [
            {"id": "s", "title": "made up for a test"},
            {"id": "port", "title": "Port of Aktau, year 2025", "address": "https://example.org/aktau"},
        ],
        "places": [
            {"id": "KZAAU", "name": "Aktau", "country": "KAZ", "kind": "caspian_port", "lat": 43.6, "lon": 51.2},
            {"id": "AZALA", "name": "Port of Baku at Alat", "country": "AZE", "kind": "caspian_port", "lat": 39.9,
             "lon": 49.4},
            {"id": "GEPTI", "name": "Poti", "country": "GEO", "kind": "seaport", "lat": 42.1, "lon": 41.7},
        ],
        "links": [
            {"id": "sea", "from": "KZAAU", "to": "AZALA", "mode": "feeder", "capacity_kt": 1500, "length_km": 470},
            {"id": "rail", "from": "AZALA", "to": "GEPTI", "capacity_kt": 1600, "length_km": 700},
            {"id": "round", "from": "KZAAU", "to": "GEPTI", "mode": "road", "usd_per_t": 60, "time_h": 90},
        ],
        "terminals": [
            {"id": f"{one}-port", "place": one, "handling": "port", "modes": "rail road feeder", "in_use": "yes",
             "time_h": 10, "usd_per_t": 2, "usd_per_teu": 20, "capacity_kt": 4000}
            for one in ("KZAAU", "AZALA")
        ],
        "commodities": [{"id": "crude_oil", "name": "Crude oil"}, {"id": "coal", "name": "Coal"}],
        "zones": [{"id": "o", "country": "KAZ", "gdp_growth_percent": 4}, {"id": "m", "country": "AZE"},
                  {"id": "d", "country": "GEO", "gdp_growth_percent": 4}],
        "access": [
            {"id": "o-A", "zone": "o", "place": "KZAAU", "modes": "rail road feeder"},
            {"id": "m-B", "zone": "m", "place": "AZALA", "modes": "rail road feeder"},
            {"id": "d-C", "zone": "d", "place": "GEPTI"},
        ],
        "demand": [
            {"id": "o-d", "origin": "o", "destination": "d", "commodity": "crude_oil", "kt": 1400, "source": "port"},
            {"id": "o-m", "origin": "o", "destination": "m", "commodity": "coal", "kt": 120},
        ],
        "corridors": [
            {"id": "titr", "name": "Trans-Caspian (Kazakh ports)", "marks": "sea"},
            {"id": "northern", "name": "Northern (Russia and Belarus)", "marks": "round"},
        ],
        "projects": [
            {"id": "P01", "name": "Aktau container hub", "capex_musd": 4, "build_years": 2, "countries": "KAZ",
             "at": "KZAAU", "kind": "port", "source": "port"},
            {"id": "P08", "name": "Alat port phase 2", "capex_musd": 1.5, "build_years": 1, "countries": "AZE TUR",
             "at": "AZALA", "kind": "port"},
            {"id": "P26", "name": "Zhezkazgan-Beineu second track", "capex_musd": 900, "build_years": 3,
             "countries": "KAZ"},
        ],
        "effects": [
            {"id": "1", "cause": "P01", **links, "rows": "sea", "column": "capacity_kt", "value": 900, **effect},
            {"id": "2", "cause": "P08", **links, "rows": "rail", "column": "capacity_kt", "value": 800, **effect},
            {"id": "3", "cause": "P26", **links, "rows": "round", "column": "usd_per_t", "value": -1, **effect},
            {"id": "4", "cause": "aktau_storms", "table": "links", "rows": "sea", "column": "capacity_kt",
             "operation": "multiply", "value": 0.4},
        ],
        "events": [
            {"id": "aktau_storms", "name": "Storm days at Aktau and Kuryk", "chance_per_year": 3, "days": 20,
             "days_spread": 1.5, "recovery_days": 4, "recovery": "linear", "begins": "", "source": "port"},
        ],
        "scenarios": [{"id": "as_is"}],
    }  # fmt: skip
    tables |= changed
    causes = {str(one["id"]) for name in ("projects", "events", "scenarios") for one in tables[name]}
    tables["effects"] = [one for one in tables["effects"] if one["cause"] in causes]
    return small_case(folder, **tables)


def results_of(case: ba.Case, folder: Path, plans: bool = True) -> dict[str, Path]:
    """Write the results of a case as verbs write them, and tell where each is by its name."""
    told: dict[str, Any] = {}
    for name, year in (("base", 2021), ("run", 2030)):
        told[name] = report.summary(ba.run(case, year=year), [("KAZ", "GEO")])
    told["stress"] = report.risk_summary(ba.stress(case, draws=20), case)
    if plans:
        found = plan(case, 2026, 2035, "200 mUSD", step=4, frontier=True, time_limit_s=60)
        told["plan"] = {key: cell for key, cell in report.plan_summary(found).items() if key != "seconds"}
    worth = [0.0, *(SHARES[one] for one in range(1, 8))]
    told["share"] = report.share_summary(Game(("KAZ", "AZE", "GEO"), worth, unit="musd"))
    return {name: written(folder / name / "result.json", cells) for name, cells in told.items()}


def written(file: Path, told: Any) -> Path:
    """Write a result, and tell the folder it lies in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return file.parent

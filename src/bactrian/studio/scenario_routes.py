"""Scenarios that users keep, share, and take with them."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from bactrian.scenarios import Scenario
from bactrian.studio import work
from bactrian.studio.asked import CaseId, ScenarioBody, ScenarioId, Shared, Year
from bactrian.studio.bundles import case_name, pack
from bactrian.studio.commands import file_of
from bactrian.studio.parts import ERRORS, Studio, Told, User, attached, found, scenario_of, where_of
from bactrian.studio.store import Row, new_id, now

__all__ = ["keep", "routes"]

MOST = 500  # scenarios of a user

routes = APIRouter(prefix="/api/scenarios", responses=ERRORS)


def keep(studio: Studio, user: str, scenario: Scenario, key: str | None = None, shared: bool = False) -> dict[str, Any]:
    """Keep a scenario of a user, and tell its record."""
    if key is None and studio.store.count("scenarios", user) >= MOST:
        raise HTTPException(409, f"you keep {MOST} scenarios already: remove one first")
    row = {"id": key or new_id(), "owner": user, "name": scenario.name, "told": scenario.text, "shared": int(shared),
           "changed": now()}  # fmt: skip
    studio.store.add("scenarios", row)
    return _record({**row, "own": True})


@routes.get("")
async def scenarios(studio: Told, user: User) -> list[dict[str, Any]]:
    """The scenarios of the user, and those that others share, the latest first."""
    return [_record(row) for row in studio.store.rows("scenarios", user)]


@routes.post("")
async def add(studio: Told, user: User, body: ScenarioBody) -> dict[str, Any]:
    """Keep a scenario."""
    scenario = scenario_of(body.scenario)
    assert scenario is not None
    return keep(studio, user, scenario)


@routes.put("/{key}")
async def change(studio: Told, user: User, key: ScenarioId, body: ScenarioBody) -> dict[str, Any]:
    """Put another scenario in the place of one of the user's own."""
    row, scenario = _own(studio, key, user), scenario_of(body.scenario)
    assert scenario is not None
    return keep(studio, user, scenario, key, bool(row["shared"]))


@routes.delete("/{key}", status_code=204)
async def remove(studio: Told, user: User, key: ScenarioId) -> Response:
    """Remove a scenario of the user's own."""
    _own(studio, key, user)
    studio.store.remove("scenarios", key)
    return Response(status_code=204)


@routes.post("/{key}/share")
async def share(studio: Told, user: User, key: ScenarioId, body: Shared) -> dict[str, Any]:
    """Show a scenario to others, or to others no more."""
    _own(studio, key, user)
    studio.store.change("scenarios", key, shared=int(body.shared))
    return _record(_own(studio, key, user))


@routes.get("/{key}/file")
async def file(studio: Told, user: User, key: ScenarioId) -> Response:
    """The scenario as a file."""
    row = found(studio.store.row("scenarios", key, user), "scenario")
    return attached(row["told"].encode(), file_of(row["name"]), "application/json")


@routes.get("/{key}/case")
async def case(
    studio: Told, user: User, key: ScenarioId, case: CaseId | None = None, year: Year | None = None
) -> Response:
    """The case as the scenario has it, as the zip of its folder; it is the same in any year."""
    row = found(studio.store.row("scenarios", key, user), "scenario")
    base = found(_case_of(studio, json.loads(row["told"]).get("case", ""), case, user), "case")
    name = case_name(file_of(row["name"]).removesuffix(".json"))
    draft = studio.store.draft()
    try:
        await studio.crew.ask(work.export, where_of(studio, base), row["told"], str(draft / name), about=base["hash"])
        return attached(await asyncio.to_thread(_packed, draft / name), f"{name}.zip", "application/zip")
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _packed(folder: Path) -> bytes:
    return pack((f"{folder.name}/{one.name}", one.read_bytes()) for one in sorted(folder.iterdir()))


def _case_of(studio: Studio, named: str, key: str | None, user: str) -> Row | None:
    """The case asked for; else the one that the scenario names, or that the studio was started with."""
    rows = studio.store.rows("cases", user)
    if key:
        return next((one for one in rows if one["id"] == key), None)
    rows.sort(key=lambda one: one["id"] != studio.first)
    return next((one for one in rows if named in ("", one["name"], one["id"])), None)


def _own(studio: Studio, key: str, user: str) -> Row:
    row = found(studio.store.row("scenarios", key, user), "scenario")
    if not row["own"]:
        raise HTTPException(403, "this scenario is not yours to change: keep it under a name of your own")
    return row


def _record(row: Row) -> dict[str, Any]:
    told = json.loads(row["told"])
    return {
        **{name: row[name] for name in ("id", "name", "own", "changed")},
        "case": told.get("case", ""),
        "scenario": told,
        "shared": bool(row["shared"]),
    }

"""What is asked of cases: which there are, how they look, their tables, and whether a scenario fits."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from bactrian.case import TABLES
from bactrian.studio import asks, shown, work
from bactrian.studio.asked import AskedCheck, CaseId, Language, RowId
from bactrian.studio.assets import answer
from bactrian.studio.parts import ERRORS, Studio, Told, User, found, in_json, scenario_of, where_of
from bactrian.studio.store import Row

__all__ = ["case_of", "ground_of", "routes"]

routes = APIRouter(prefix="/api", responses=ERRORS)


async def ground_of(studio: Studio) -> str:
    """The outlines under the map as GeoJSON."""
    return await studio.results.text("ground", "told.json", lambda: asyncio.to_thread(shown.ground))


async def case_of(studio: Studio, row: Row, language: str) -> str:
    """What a page needs of a case. This process has it at hand, while workers may be busy."""
    where = where_of(studio, row)
    return await studio.results.text(
        f"case-{row['id']}", f"{language}.json", lambda: asyncio.to_thread(asks.case_at, where, language)
    )


@routes.get("/ground")
async def ground(request: Request, studio: Told) -> Response:
    """The outlines under the map as GeoJSON."""
    return answer(request, (await ground_of(studio)).encode(), "application/json")


@routes.get("/cases")
async def cases(studio: Told, user: User) -> list[dict[str, Any]]:
    """The cases that the user may ask about, that which the studio was started with first."""
    rows = studio.store.rows("cases", user)
    rows.sort(key=lambda one: one["id"] != studio.first)
    return [{name: one[name] for name in ("id", "name", "own", "hash")} for one in rows]


@routes.get("/case")
async def case(request: Request, studio: Told, user: User, case: CaseId, language: Language = "en") -> Response:
    """What a page needs of a case to draw it, with names in a language."""
    row = found(studio.store.row("cases", case, user), "case")
    told = await case_of(studio, row, language)
    return answer(request, f'{{"id": "{row["id"]}", {told[1:]}'.encode(), "application/json")


@routes.get("/tables/{table}")
async def table(request: Request, studio: Told, user: User, table: RowId, case: CaseId) -> Response:
    """A table of a case as it is written, with its columns."""
    row = found(studio.store.row("cases", case, user), "case")
    if table not in TABLES:
        raise HTTPException(404, f"there is no such table: use one of {', '.join(TABLES)}")
    where = where_of(studio, row)
    told = await studio.results.text(
        f"case-{row['id']}", f"{table}.table.json", lambda: asyncio.to_thread(asks.table_at, where, table)
    )
    return answer(request, told.encode(), "application/json")


@routes.get("/tables/{table}/{row}/source")
async def source(studio: Told, user: User, table: RowId, row: RowId, case: CaseId) -> Response:
    """Who says so: the source of a row of a table."""
    known = found(studio.store.row("cases", case, user), "case")
    return in_json(await asyncio.to_thread(asks.source_at, where_of(studio, known), table, row))


@routes.post("/check")
async def check(studio: Told, user: User, asked: AskedCheck) -> Response:
    """What is wrong in a scenario, if anything, and how many cells of the case it changes."""
    row = found(studio.store.row("cases", asked.case, user), "case")
    scenario = scenario_of(asked.scenario)
    text = scenario.text if scenario else ""
    return in_json(await studio.quick.ask(work.check_told, where_of(studio, row), text, about=row["hash"]))

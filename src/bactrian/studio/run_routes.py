"""Quick runs and what is asked about them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from bactrian.studio import work
from bactrian.studio.asked import AskedRun, Key, RowId
from bactrian.studio.bundles import pack
from bactrian.studio.commands import file_of, run_words, shown
from bactrian.studio.parts import (
    ERRORS,
    Told,
    User,
    asked_run,
    attached,
    found,
    in_json,
    of_runs,
    run_of,
    scenario_of,
    where_of,
    while_here,
)
from bactrian.studio.work import Asked

__all__ = ["routes"]

routes = APIRouter(prefix="/api/runs", responses=ERRORS)


@routes.post("")
async def run(request: Request, studio: Told, user: User, asked: AskedRun) -> Response:
    """Run a case as a scenario has it; the same run asked again is told at once."""
    case = found(studio.store.row("cases", asked.case, user), "case")
    scenario = scenario_of(asked.scenario)
    meant = Asked(where_of(studio, case), scenario.text if scenario else "", asked.year, asked.carbon_usd_per_t)
    key = work.key_of(meant, case["hash"])
    told = await while_here(request, run_of(studio, meant, key))
    words = run_words(case["name"], asked.year, asked.carbon_usd_per_t, file_of(scenario.name) if scenario else None)
    name = scenario.name if scenario else case["name"]
    studio.store.saw_run(key, user, {**asdict(meant), "case": case["id"], "command": shown(words), "name": name})
    head = json.dumps({"key": key, "name": name, "command": shown(words)}, ensure_ascii=False)
    return in_json(f"{head[:-1]}, {told[1:]}")


@routes.get("/{key}/links")
async def links(
    studio: Told,
    user: User,
    key: Key,
    commodity: Annotated[RowId | None, Query()] = None,
    corridor: Annotated[RowId | None, Query()] = None,
) -> Response:
    """What of a commodity or on a corridor each link carries."""
    return await of_runs(studio, work.links_told, [(key, asked_run(studio, key, user))], commodity, corridor)


@routes.get("/{key}/through/{row}")
async def through(studio: Told, user: User, key: Key, row: RowId) -> Response:
    """Which trade uses a link or terminal, how full it is, and who says so."""
    return await of_runs(studio, work.through_told, [(key, asked_run(studio, key, user))], row)


@routes.get("/{key}/compare/{other}")
async def compare(studio: Told, user: User, key: Key, other: Key) -> Response:
    """A run set beside another one, which is the base."""
    run, base = asked_run(studio, key, user), asked_run(studio, other, user)
    return await of_runs(studio, work.compare_told, [(key, run), (other, base)])


@routes.get("/{key}/files")
async def files(studio: Told, user: User, key: Key) -> Response:
    """What `bactrian run --out` writes, with the scenario and the command, as an archive."""
    asked, known = asked_run(studio, key, user), found(studio.store.run_of(key, user), "run")
    folder = studio.results.path(key, "out")
    if not folder.is_dir():
        draft = studio.store.draft()
        try:
            await studio.crew.ask(work.save_files, asked, str(draft), about=key)
            with suppress(OSError):  # the same was asked twice at once
                folder.parent.mkdir(exist_ok=True)
                os.replace(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    content = [(f"out/{one.name}", one.read_bytes()) for one in sorted(folder.iterdir())]
    if asked.scenario:
        content.append((file_of(known["name"]), asked.scenario.encode()))
    content.append(("command.txt", f"{known['command']}\n".encode()))
    return attached(await asyncio.to_thread(pack, content), f"run-{asked.year}-{key[:6]}.zip", "application/zip")

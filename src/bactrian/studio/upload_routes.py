"""What is sent as a file: cases as archives, and scenarios."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, HTTPException, UploadFile
from fastapi.responses import Response

from bactrian.errors import CaseError, Finding
from bactrian.scenarios import LARGEST_FILE, read_scenario
from bactrian.studio import work
from bactrian.studio.asked import JobId
from bactrian.studio.bundles import BadBundle, case_name, unpack_case
from bactrian.studio.parts import ERRORS, Studio, Told, User, found
from bactrian.studio.scenario_routes import keep
from bactrian.studio.store import new_id, now

__all__ = ["routes"]

MOST_CASES = 20  # of a user

routes = APIRouter(prefix="/api", responses=ERRORS)
Sent = Annotated[UploadFile, File(description="The file.")]


@routes.post("/cases")
async def add_case(studio: Told, user: User, file: Sent) -> dict[str, str]:
    """Take a case, the zip of its folder, if nothing is wrong with it."""
    if studio.store.count("cases", user) >= MOST_CASES:
        raise HTTPException(409, f"you have {MOST_CASES} cases of your own already: remove one first")
    draft = studio.store.draft()
    try:
        return await _checked(studio, user, file, draft)
    except BadBundle as error:
        raise HTTPException(400, str(error)) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@routes.delete("/cases/{case}", status_code=204)
async def remove_case(studio: Told, user: User, case: JobId) -> Response:
    """Remove a case of the user's own."""
    row = found(studio.store.row("cases", case, user), "case")
    if not row["own"]:
        raise HTTPException(403, "this case is not yours to remove")
    studio.store.remove("cases", case)
    return Response(status_code=204)


@routes.post("/scenarios/upload")
async def add_scenario(studio: Told, user: User, file: Sent) -> dict[str, Any]:
    """Take a scenario from a file, if it is one."""
    content = await file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise HTTPException(413, f"a scenario has {LARGEST_FILE // 2**20} MB at most")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CaseError([Finding("scenario", 0, "", "is not UTF-8 text", "save the file as UTF-8")]) from None
    return keep(studio, user, read_scenario(text))


async def _checked(studio: Studio, user: str, file: UploadFile, draft: Path) -> dict[str, str]:
    packed = draft / "packed"
    packed.mkdir()
    inner = await asyncio.to_thread(unpack_case, file.file, packed)
    name = case_name(inner or file.filename)
    (draft / "home").mkdir()
    os.replace(packed, draft / "home" / name)
    told = await studio.crew.ask(work.case_hash, str(draft / "home" / name))
    key = new_id()
    os.replace(draft / "home", studio.store.folder / "cases" / key)
    row = {"id": key, "owner": user, "name": name, "hash": told.strip('"'), "added": now()}
    studio.store.add("cases", row)
    return {name: row[name] for name in ("id", "name", "hash")}

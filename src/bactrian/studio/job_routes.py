"""Jobs: long work that goes on while the page is away."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, HTTPException
from fastapi.responses import Response, StreamingResponse

from bactrian.errors import BriefError
from bactrian.files import write_text
from bactrian.studio import asks
from bactrian.studio.asked import JobId, Language, Shared
from bactrian.studio.bundles import pack
from bactrian.studio.desk import ENDED, OUT, TOLD, files_of, job_told
from bactrian.studio.folders import RESULT, contents, prepare
from bactrian.studio.guard import SANDBOX
from bactrian.studio.orders import AskedJob
from bactrian.studio.parts import ERRORS, Studio, Told, User, attached, found, in_json
from bactrian.studio.store import Row

__all__ = ["routes"]

MOST_AT_WORK, MOST_KEPT = 8, 200  # jobs of a user
_LOOKS_S, _SIGN_S = 0.4, 15.0  # how often progress is looked at; how long nothing is said at most

routes = APIRouter(prefix="/api/jobs", responses=ERRORS)


@routes.post("")
async def begin(studio: Told, user: User, asked: Annotated[AskedJob, Body()]) -> dict[str, Any]:
    """Begin a job, or have it wait for its turn."""
    _room(studio, user)
    if studio.store.count("jobs", user) >= MOST_KEPT:
        raise HTTPException(409, f"you keep {MOST_KEPT} jobs already: remove some first")
    row = await prepare(studio, user, asked)
    studio.desk.look()
    return _told(studio, row["id"], user)


@routes.get("")
async def jobs(studio: Told, user: User) -> list[dict[str, Any]]:
    """The jobs of the user, and those that others share, the latest first."""
    return [job_told(studio.store, row) for row in studio.store.rows("jobs", user)]


@routes.get("/{job}")
async def job(studio: Told, user: User, job: JobId) -> dict[str, Any]:
    """A job as it is."""
    return _told(studio, job, user)


@routes.get("/{job}/events")
async def events(studio: Told, user: User, job: JobId) -> StreamingResponse:
    """A job whenever it has changed, as server-sent events, until it has ended."""
    found(studio.store.row("jobs", job, user), "job")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(studio, job, user), media_type="text/event-stream", headers=headers)


@routes.post("/{job}/cancel")
async def cancel(studio: Told, user: User, job: JobId) -> dict[str, Any]:
    """End a job; what it kept stays, so that it can be gone on with."""
    if _own(studio, job, user)["state"] not in ENDED:
        await studio.desk.cancel(job)
    return _told(studio, job, user)


@routes.post("/{job}/resume")
async def resume(studio: Told, user: User, job: JobId) -> dict[str, Any]:
    """Go on with a job that was stopped."""
    row = _own(studio, job, user)
    if row["state"] in ("done", "running", "waiting"):
        raise HTTPException(409, f"this job is {row['state']}: there is nothing to go on with")
    _room(studio, user)
    studio.desk.again(job)
    return _told(studio, job, user)


@routes.post("/{job}/share")
async def share(studio: Told, user: User, job: JobId, body: Shared) -> dict[str, Any]:
    """Show a job and its results to others, or to others no more."""
    _own(studio, job, user)
    studio.store.change("jobs", job, shared=int(body.shared))
    return _told(studio, job, user)


@routes.delete("/{job}", status_code=204)
async def remove(studio: Told, user: User, job: JobId) -> Response:
    """End a job if it runs, and remove it with its results."""
    if _own(studio, job, user)["state"] not in ENDED:
        await studio.desk.cancel(job)
    studio.store.remove("jobs", job)
    return Response(status_code=204)


@routes.get("/{job}/result")
async def result(studio: Told, user: User, job: JobId) -> Response:
    """The result of a job that is done, as JSON."""
    row = _done(studio, job, user)
    folder = studio.store.folder / "jobs" / job
    path = folder / TOLD if row["verb"] == "brief" else folder / OUT / RESULT[row["verb"]]
    return in_json(path.read_text(encoding="utf-8"))


@routes.get("/{job}/files/{name}")
async def file(studio: Told, user: User, job: JobId, name: str) -> Response:
    """One of the files that a job wrote."""
    row = found(studio.store.row("jobs", job, user), "job")
    folder = studio.store.folder / "jobs" / job
    if row["state"] not in ENDED or name not in files_of(folder):
        raise HTTPException(404, "there is no such file")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    headers = {"content-security-policy": SANDBOX} | (
        {} if kind.startswith(("text/html", "image/", "application/pdf")) else _as_file(name)
    )
    return Response((folder / OUT / name).read_bytes(), media_type=kind, headers=headers)


@routes.get("/{job}/zip")
async def archive(studio: Told, user: User, job: JobId) -> Response:
    """All files that a job wrote, with its scenario and its command."""
    row = found(studio.store.row("jobs", job, user), "job")
    if row["state"] not in ENDED:
        raise HTTPException(409, "this job has not ended yet")
    body = await asyncio.to_thread(pack, contents(studio.store.folder / "jobs" / job))
    return attached(body, f"{row['verb']}-{job[:6]}.zip", "application/zip")


@routes.get("/{job}/picture/{picture}")
async def picture(
    studio: Told,
    user: User,
    job: JobId,
    picture: Literal["programme", "frontier", "exceedance", "shares"],
    language: Language = "en",
) -> Response:
    """A picture of the result of a job, as SVG."""
    row = _done(studio, job, user)
    folder = studio.store.folder / "jobs" / job
    kept = folder / "pictures" / f"{picture}.{language}.svg"
    if not kept.exists():
        results = [folder / OUT / RESULT.get(row["verb"], ""), folder / "plan" / "result.json"]
        given = tuple(str(one) for one in results if one.is_file())
        try:
            drawn = await studio.crew.ask(asks.drawn, given, picture, language, _case(folder, row), about=job)
        except BriefError as error:
            raise HTTPException(404, f"there is no such picture of this job: {error}") from None
        write_text(kept, drawn)
    headers = {"content-security-policy": SANDBOX}
    return Response(kept.read_bytes(), media_type="image/svg+xml", headers=headers)


def _case(folder: Any, row: Row) -> str:
    """Where the case of a job is: in its folder unless it is built in."""
    name = json.loads(row["asked"])["case_name"]
    return str(folder / name) if (folder / name).is_dir() else str(name)


def _as_file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name.encode("ascii", "replace").decode()}"'}


def _room(studio: Studio, user: str) -> None:
    if studio.desk.at_work(user) >= MOST_AT_WORK:
        raise HTTPException(429, f"you have {MOST_AT_WORK} jobs at work already: wait for one to end, or cancel one")


def _own(studio: Studio, job: str, user: str) -> Row:
    row = found(studio.store.row("jobs", job, user), "job")
    if not row["own"]:
        raise HTTPException(403, "this job is not yours")
    return row


def _done(studio: Studio, job: str, user: str) -> Row:
    row = found(studio.store.row("jobs", job, user), "job")
    if row["state"] != "done":
        raise HTTPException(409, f"this job has no result: it is {row['state']}")
    return row


def _told(studio: Studio, job: str, user: str) -> dict[str, Any]:
    return job_told(studio.store, found(studio.store.row("jobs", job, user), "job"))


async def _events(studio: Studio, job: str, user: str) -> AsyncIterator[str]:
    before, silent = "", 0.0
    while not studio.ending.is_set():
        row = studio.store.row("jobs", job, user)
        if row is None:  # removed, or shared no more
            return
        told = json.dumps(job_told(studio.store, row), ensure_ascii=False)
        if told != before:
            yield f"data: {told}\n\n"
            before, silent = told, 0.0
        elif silent >= _SIGN_S:
            yield ": still here\n\n"
            silent = 0.0
        if row["state"] in ENDED:
            return
        await asyncio.sleep(_LOOKS_S)
        silent += _LOOKS_S

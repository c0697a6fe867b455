"""What all routes share: the studio they belong to, the user who asks, and how what is wrong is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import PurePath
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel

from bactrian.case import BUILT_IN
from bactrian.errors import BactrianError, CaseError
from bactrian.scenarios import Scenario, read_scenario
from bactrian.studio import asks
from bactrian.studio.asked import ScenarioAsked
from bactrian.studio.desk import Desk
from bactrian.studio.results import Results
from bactrian.studio.store import Row, Store
from bactrian.studio.work import Asked
from bactrian.studio.workers import Crew

__all__ = [
    "ERRORS",
    "Findings",
    "Message",
    "Studio",
    "Told",
    "User",
    "asked_run",
    "attached",
    "findings_of",
    "found",
    "in_json",
    "of_runs",
    "run_of",
    "scenario_of",
    "where_of",
    "while_here",
]


Answered = TypeVar("Answered")

_FLOWS = "flows"  # the file of a run, beside what is told of it


@dataclass(slots=True)
class Studio:
    """A studio that runs: what it keeps, and who works for it: the `crew` on what takes seconds, and beside it
    those who are `quick` to answer. `first` is the case it was started with."""

    store: Store
    results: Results
    crew: Crew
    quick: Crew
    desk: Desk
    first: str
    ending: asyncio.Event = field(default_factory=asyncio.Event)


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


def _user(request: Request) -> str:
    user: str = request.scope["user"]
    return user


Told = Annotated[Studio, Depends(_studio)]
User = Annotated[str, Depends(_user)]


class Message(BaseModel):
    """Why a request is refused."""

    message: str


class FindingTold(BaseModel):
    """One thing that is wrong."""

    table: str
    row: int
    column: str
    rule: str
    remedy: str
    id: str


class Findings(BaseModel):
    """What is wrong in a case, a scenario or a request."""

    findings: list[FindingTold]


ERRORS: dict[int | str, dict[str, Any]] = {
    **{status: {"model": Message} for status in (400, 401, 403, 404, 409, 413, 415, 429, 503)},
    422: {"model": Findings},
}


def findings_of(error: BactrianError) -> dict[str, Any]:
    """What is wrong, as the page is told: files by their names alone."""
    findings = error.findings if isinstance(error, CaseError) else ()
    findings = tuple(replace(one, table=PurePath(one.table).name) for one in findings)
    plain = {"table": "", "row": 0, "column": "", "rule": str(error), "remedy": "", "id": ""}
    return {"findings": [asdict(one) for one in findings] or [plain]}


def found(row: Row | None, what: Literal["case", "scenario", "job", "run"]) -> Row:
    """The row; raises 404 for None, which stands too for what another user has."""
    if row is None:
        raise HTTPException(404, f"there is no such {what}")
    return row


def where_of(studio: Studio, case: Row) -> str:
    """Where a case is: its name for one that is built in, else its folder."""
    return (
        str(case["name"]) if case["id"] in BUILT_IN else str(studio.store.folder / "cases" / case["id"] / case["name"])
    )


def scenario_of(asked: ScenarioAsked | None) -> Scenario | None:
    """The scenario that was sent; raises CaseError for what is none."""
    return None if asked is None else read_scenario(asked.text)


def in_json(text: str, status: int = 200) -> Response:
    """JSON that is text already."""
    return Response(text, status, media_type="application/json")


def attached(body: bytes, name: str, kind: str) -> Response:
    """Content to be saved as a file of that name, which is plain."""
    return Response(body, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def asked_run(studio: Studio, key: str, user: str) -> Asked:
    """What a user asked for when the run of that key was made; raises 404 where they did not."""
    row = found(studio.store.run_of(key, user), "run")
    return Asked(row["where"], row["scenario"], row["year"], row["carbon_usd_per_t"])


async def run_of(studio: Studio, asked: Asked, key: str) -> str:
    """The result of a run as JSON, worked out only if it was not before."""
    flows = str(studio.results.path(key, _FLOWS))
    return await studio.results.text(
        key, "told.json", lambda: studio.crew.ask(asks.run_at, asked, flows, about=key, rank=1)
    )


async def of_runs(studio: Studio, function: Callable[..., Any], runs: list[tuple[str, Asked]], *more: Any) -> Response:
    """What a function tells of runs by key, kept with the first of them."""
    keys = [key for key, _ in runs]
    known = tuple((asked, str(studio.results.path(key, _FLOWS))) for key, asked in runs)
    name = sha256(repr((function.__name__, keys, more)).encode("utf-8", "replace")).hexdigest()[:32]
    told = await studio.results.text(
        keys[0], f"{name}.json", lambda: studio.quick.ask(asks.about_runs, function, known, *more, about=keys[0])
    )
    return in_json(told)


async def while_here(request: Request, answer: Coroutine[Any, Any, Answered]) -> Answered:
    """An answer, given up when whoever asked is gone: a slider that moved on asks for something else."""
    task, gone = asyncio.create_task(answer), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise HTTPException(503, "nobody waited for the answer")
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass

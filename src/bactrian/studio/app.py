"""The studio as a web application: all routes behind one guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware.gzip import GZipMiddleware

from bactrian.errors import BactrianError
from bactrian.studio import asks, assets, case_routes, job_routes, run_routes, scenario_routes, upload_routes
from bactrian.studio.case_routes import case_of, ground_of
from bactrian.studio.guard import Guard
from bactrian.studio.parts import Studio, findings_of, run_of, where_of
from bactrian.studio.work import Asked, key_of
from bactrian.studio.workers import TooLate

__all__ = ["make_app"]

FIRST_YEAR = 2030  # that the page shows when it is opened
_PATIENCE_S = 10.0  # the address is told when the first map is ready, or so much later
_NO_PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Bactrian</title><p>The page is not there.</html>'
)


def make_app(studio: Studio, token: str | None = None) -> FastAPI:
    """The application that answers for a studio; with a token, only who has it is answered."""
    app = FastAPI(
        title="Bactrian studio",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/api/openapi.json",
        lifespan=_living,
    )
    app.state.studio = studio
    for one in (case_routes, run_routes, upload_routes, scenario_routes, job_routes):
        app.include_router(one.routes)
    app.get("/", include_in_schema=False)(_page)
    app.get("/static/{path:path}", include_in_schema=False)(_static)
    app.get("/vendor/{name}", include_in_schema=False)(_vendor)
    _tell_errors(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Guard, token=token)
    return app


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    studio: Studio = app.state.studio
    first, warm = asyncio.create_task(_prepare(studio)), _warm(studio)
    await asyncio.wait([first], timeout=_PATIENCE_S)
    yield
    first.cancel()
    for one in warm:
        one.cancel()
    studio.ending.set()
    studio.desk.close()
    studio.crew.close()
    studio.quick.close()
    studio.store.close()


async def _prepare(studio: Studio) -> None:
    """Work out what every page asks for first, if that was not done before."""
    case = studio.store.row("cases", studio.first, "") or {}
    shown = Asked(where_of(studio, case), year=FIRST_YEAR)
    with suppress(BactrianError, TooLate):
        await ground_of(studio)
        for language in ("en", "de", "ru"):
            await case_of(studio, case, language)
        await run_of(studio, shown, key_of(shown, case["hash"]))


def _warm(studio: Studio) -> list[asyncio.Future[str]]:
    """Have all workers get ready for runs."""
    case = studio.store.row("cases", studio.first, "") or {}
    return [*studio.quick.warm(asks.ready), *studio.crew.warm(asks.warm, where_of(studio, case))]


async def _page(request: Request) -> Response:
    page = assets.find("index.html")
    return assets.answer_file(request, page) if page else assets.answer(request, _NO_PAGE, "text/html")


async def _static(request: Request, path: str) -> Response:
    file = assets.find(path)
    if file is None:
        raise HTTPException(404, "there is no such file")
    return assets.answer_file(request, file)


async def _vendor(request: Request, name: str) -> Response:
    file = assets.vendored(name)
    if file is None:
        raise HTTPException(404, "there is no such file")
    return assets.answer_file(request, file)


def _tell_errors(app: FastAPI) -> None:
    """Have all that is wrong told in one of two shapes: a message, or findings."""

    @app.exception_handler(BactrianError)
    async def wrong(_: Request, error: BactrianError) -> Response:
        return JSONResponse(findings_of(error), 422)

    @app.exception_handler(RequestValidationError)
    async def misshapen(_: Request, error: RequestValidationError) -> Response:
        return JSONResponse({"findings": [_finding(one) for one in error.errors()[:40]]}, 422)

    @app.exception_handler(AnyHTTPException)
    async def refused(_: Request, error: AnyHTTPException) -> Response:
        return JSONResponse({"message": str(error.detail)}, error.status_code, headers=error.headers)

    @app.exception_handler(TooLate)
    async def late(_: Request, error: TooLate) -> Response:
        return JSONResponse({"message": str(error)}, 503, headers={"retry-after": "10"})

    @app.exception_handler(UnicodeError)
    async def no_text(_: Request, __: UnicodeError) -> Response:
        return JSONResponse({"message": "some of what was sent is no text in Unicode"}, 400)


def _finding(error: dict[str, Any]) -> dict[str, Any]:
    """What pydantic says of a body, as a finding; without what was sent."""
    where = ".".join(str(step) for step in error["loc"][1:])
    told = str(error["msg"]).encode("utf-8", "replace").decode()
    return {"table": "request", "row": 0, "column": where.encode("utf-8", "replace").decode(), "rule": told,
            "remedy": "see /api/openapi.json for what may be asked", "id": ""}  # fmt: skip

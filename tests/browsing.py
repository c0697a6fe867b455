"""A browser for tests of the studio's page, that may ask this machine alone and notes whatever goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = Path("/usr/bin/chromium")
_SWITCHES = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox"]
SETTLED = "html[data-run=done]"


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium with a software renderer; skips where there is none."""
    sync = pytest.importorskip("playwright.sync_api", reason="needs playwright (bactrian[test])")
    if not CHROMIUM.exists():
        pytest.skip("needs chromium")
    with sync.sync_playwright() as play:
        made = play.chromium.launch(executable_path=str(CHROMIUM), args=_SWITCHES)
        try:
            yield made
        finally:
            made.close()


class Reader:
    """Somebody who looks at the page of one studio; `wrong` lists what should not have happened."""

    def __init__(self, made: Any, address: str, **settings: Any) -> None:
        self.address = address
        self.wrong: list[str] = []
        self.context = made.new_context(**{"viewport": {"width": 1366, "height": 768}, "locale": "en", **settings})
        self.context.route(re.compile(".*"), self._let)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on(
            "console",
            lambda said: self.wrong.append(f"console: {said.text}") if said.type in ("error", "warning") else None,
        )
        self.page.on("requestfailed", self._failed)
        self.page.on(
            "response",
            lambda answer: self.wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
        )

    def _let(self, route: Any) -> None:
        host = urlsplit(route.request.url).hostname
        if host in ("127.0.0.1", None):
            route.continue_()
        else:
            self.wrong.append(f"asked {route.request.url}")
            route.abort()

    def _failed(self, request: Any) -> None:
        """What is broken off by a reload or as it was overtaken is no failure."""
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def open(self, where: str = "map") -> Any:
        """Open a view as if its address had been typed, and wait for the run at hand."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/#{where}")
        self.page.wait_for_selector(SETTLED)
        return self.page

    def close(self) -> None:
        self.context.close()

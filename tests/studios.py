"""Studios to ask in tests: in this process, or as the program that people start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import uvicorn

from bactrian.studio.app import make_app
from bactrian.studio.parts import Studio
from bactrian.studio.serve import open_studio

CHANGES = {"X-Bactrian": "1"}
PROGRAM = "from bactrian.cli import start; start()"
LOW = {"format": "bactrian-scenario-1", "name": "Cheaper sea", "steps": [
    {"table": "links", "column": "usd_per_t", "where": {"mode": "feeder"}, "multiply": 0.5}]}  # fmt: skip


@contextmanager
def studio_on(case: Path | str, store: Path, token: str | None = None) -> Iterator[tuple[Studio, httpx.Client]]:
    """A studio in this process, with one worker, and a user of it."""
    studio = open_studio(str(case), store, workers=1)
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(studio, token), log_level="warning", server_header=False))
    thread = Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{door.getsockname()[1]}", headers=CHANGES, timeout=120) as client:
            yield studio, client
    finally:
        server.should_exit = True
        thread.join()
        door.close()


def another(client: httpx.Client) -> httpx.Client:
    """Another user of the same studio."""
    return httpx.Client(base_url=client.base_url, headers=CHANGES, timeout=120)


def ended(client: httpx.Client, job: str, within_s: float = 120) -> dict[str, Any]:
    """A job once it has ended."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        told: dict[str, Any] = client.get(f"/api/jobs/{job}").json()
        if told["state"] not in ("waiting", "running"):
            return told
        time.sleep(0.1)
    raise AssertionError(f"still {told}")


@contextmanager
def program(case: Path | str, store: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The studio as a process of its own, and its address."""
    command = [sys.executable, "-c", PROGRAM, "studio", str(case), "--store", str(store), "--no-browser", "--json"]
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield process, json.loads(line)["address"].rstrip("/")
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.communicate()

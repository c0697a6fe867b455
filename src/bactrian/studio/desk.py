"""Jobs: long work by the command line itself, each in a process and a folder of its own, so many at a time."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from bactrian.studio.store import Row, Store, now

__all__ = ["ENDED", "OUT", "SAID", "TOLD", "Desk", "job_told"]

ENDED = ("done", "failed", "cancelled", "interrupted")
OUT, SAID, TOLD = "out", "progress.txt", "told.txt"  # in the folder of a job: its results, and what it wrote
KILLED_AFTER_S = 1.5  # a job that is cancelled has so long to end by itself
_TAIL = 4000  # bytes of progress looked at
_LINE = re.compile(r" *\d+ s  (.*)")
_PART = re.compile(r"([\d,]+) of ([\d,]+)\b")
_NOT_HELD = 1  # exit code for a result whose certificate does not hold
_WRONG = 2  # exit code for what was asked wrongly


class Desk:
    """Takes jobs, and has `most` of them worked on at a time, in turn among users.

    A job is the row of the table jobs with its folder; what runs here is forgotten when the studio ends, and found
    marked as interrupted when it begins again.
    """

    def __init__(self, store: Store, most: int) -> None:
        self.store, self.most = store, most
        self._running: dict[str, tuple[Row, asyncio.Task[None]]] = {}
        self._processes: dict[str, Process] = {}
        self._cancelled: set[str] = set()
        for row in store.all_jobs(("waiting", "running")):
            store.change("jobs", row["id"], state="interrupted", ended=now())
        known = {row["id"] for row in store.all_jobs(("waiting", "running", *ENDED))}
        for folder in (store.folder / "jobs").iterdir():
            if folder.name not in known:  # the studio was killed before it took the job
                store.discard(folder)

    def at_work(self, user: str) -> int:
        """How many jobs of a user wait or run."""
        return sum(row["owner"] == user for row in self.store.all_jobs(("waiting", "running")))

    def look(self) -> None:
        """Begin jobs that wait, as far as there is room."""
        while len(self._running) < self.most:
            waiting = self.store.all_jobs(("waiting",))
            if not waiting:
                return
            busy = Counter(row["owner"] for row, _ in self._running.values())
            row = min(waiting, key=lambda one: busy[one["owner"]])  # the earliest of whoever has least at work
            self.store.change("jobs", row["id"], state="running", began=now(), ended=None, message="")
            self._running[row["id"]] = row, asyncio.create_task(self._work(row))

    def again(self, key: str) -> None:
        """Have the same command run again: it goes on from what it kept."""
        (self.store.folder / "jobs" / key / SAID).unlink(missing_ok=True)
        self.store.change("jobs", key, state="waiting", began=None, ended=None, message="")
        self.look()

    async def cancel(self, key: str) -> None:
        """End a job, by force if it does not end by itself, and wait until it has ended."""
        if key not in self._running:
            self.store.change("jobs", key, state="cancelled", ended=now())
            return
        self._cancelled.add(key)
        _, task = self._running[key]
        _signal(self._processes.get(key), force=False)
        done, _ = await asyncio.wait([task], timeout=KILLED_AFTER_S)
        if not done:
            _signal(self._processes.get(key), force=True)
            await asyncio.wait([task], timeout=KILLED_AFTER_S)

    def close(self) -> None:
        """End all jobs; they can be gone on with."""
        for key, (_, task) in self._running.items():
            task.cancel()
            _signal(self._processes.get(key), force=True)
            self.store.change("jobs", key, state="interrupted", ended=now())
        self._running.clear()

    async def _work(self, row: Row) -> None:
        key, folder = row["id"], self.store.folder / "jobs" / row["id"]
        code = None
        try:
            if key not in self._cancelled:
                code = await self._run(key, json.loads(row["argv"]), folder)
        except OSError as error:
            self._end(key, "failed", f"could not be started: {error.strerror}")
        else:
            if key in self._cancelled:
                self._end(key, "cancelled", "")
            elif code == 0 or (code == _NOT_HELD and files_of(folder)):
                self._end(key, "done", _complaint(folder) if code else "")
            else:
                self._end(key, "failed", _complaint(folder) if code == _WRONG else f"ended unexpectedly ({code})")

    async def _run(self, key: str, words: list[str], folder: Path) -> int:
        """Run the command to its end, and return its exit code."""
        with (folder / SAID).open("wb") as said, (folder / TOLD).open("wb") as told:
            program = [sys.executable, "-P", "-m", "bactrian.studio.job", *words]
            process = await asyncio.create_subprocess_exec(
                *program, cwd=folder, stdin=PIPE, stdout=told, stderr=said, start_new_session=True,
                env=_surroundings(),
            )  # fmt: skip
        self._processes[key] = process
        if key in self._cancelled:
            _signal(process, force=True)
        try:
            return await process.wait()
        finally:
            _signal(process, force=True)  # processes that it started
            del self._processes[key]

    def _end(self, key: str, state: str, message: str) -> None:
        self._running.pop(key, None)
        self._cancelled.discard(key)
        self.store.change("jobs", key, state=state, ended=now(), message=message)
        self.look()


def job_told(store: Store, row: Row) -> dict[str, Any]:
    """A job as the page is told of it."""
    folder = store.folder / "jobs" / row["id"]
    said = _said(folder)
    asked = json.loads(row["asked"])
    return {
        **{name: row[name] for name in ("id", "verb", "name", "state", "command", "began", "ended", "own", "message")},
        "shared": bool(row["shared"]),
        "said": said,
        "done": 1.0 if row["state"] == "done" else _share(said),
        "files": files_of(folder) if row["state"] in ENDED else [],
        **{name: asked.get(name) for name in ("case", "scenario", "settings")},
    }


def files_of(folder: Path) -> list[str]:
    """The names of the files that a job wrote."""
    out = folder / OUT
    if not out.is_dir():
        return []
    return sorted(one.name for one in out.iterdir() if one.is_file() and not one.name.startswith("."))


def _said(folder: Path) -> str:
    """The last line of progress."""
    lines = [match[1] for line in _lines(folder) if (match := _LINE.fullmatch(line))]
    return lines[-1] if lines else ""


def _complaint(folder: Path) -> str:
    """What a job wrote that is no progress: what is wrong. Its folder is named by relative paths alone."""
    lines = [line for line in _lines(folder) if line.strip() and not _LINE.fullmatch(line)]
    return "\n".join(lines).replace(f"{folder}{os.sep}", "").replace(str(folder), ".")[-2000:]


def _lines(folder: Path) -> list[str]:
    with suppress(FileNotFoundError), (folder / SAID).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        return file.read().decode("utf-8", "replace").splitlines()
    return []


def _share(said: str) -> float | None:
    """How much is done, where a line of progress tells it.

    >>> _share("300 of 1,000 draws"), _share("priced 2030")
    (0.3, None)
    """
    parts = _PART.findall(said)
    if not parts:
        return None
    done, all_ = (int(one.replace(",", "") or 0) for one in parts[-1])
    return min(1.0, done / all_) if all_ else None


def _surroundings() -> dict[str, str]:
    """The environment of a job, which works in another folder than the studio."""
    known = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    if "PYTHONPATH" in known:
        known["PYTHONPATH"] = os.pathsep.join(os.path.abspath(one) for one in known["PYTHONPATH"].split(os.pathsep))
    return known


def _signal(process: Process | None, force: bool) -> None:
    """Ask a process and what it started to end, or make it."""
    with suppress(ProcessLookupError, PermissionError):
        if process is None:
            return
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL if force else signal.SIGINT)

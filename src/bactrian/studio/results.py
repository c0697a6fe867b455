"""What was worked out before, kept by key, so that it is told at once when it is asked again."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import bactrian
from bactrian.files import write_text

__all__ = ["Results"]

MOST = 400  # keys kept, about 1 MB each; the oldest go first
_EVERY = 100  # new keys after which their number is looked at


class Results:
    """Texts by key and name in a folder, made when they are first asked for; asked for twice at once, made once.

    They are those of the installed version of the package: what another one left is removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / _fingerprint()
        self._made: dict[Path, asyncio.Task[str]] = {}
        self._waiting = Counter[asyncio.Task[str]]()
        self._new = 0
        for one in folder.iterdir():
            if one != self.folder:
                shutil.rmtree(one, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)
        self._thin()

    def path(self, key: str, name: str) -> Path:
        """Where a thing is kept, once it is."""
        return self.folder / key / name

    async def text(self, key: str, name: str, make: Callable[[], Awaitable[str]]) -> str:
        """The text of that key and name; raises what `make` raises, and then keeps nothing.

        What is being made is given up when nobody waits for it any more.
        """
        path = self.path(key, name)
        with suppress(FileNotFoundError):
            return path.read_text(encoding="utf-8")
        task = self._made.get(path)
        if task is None:
            task = self._made[path] = asyncio.create_task(self._keep(path, make))
            task.add_done_callback(lambda done: self._forget(path, done))
        self._waiting[task] += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting[task] -= 1
            if not self._waiting[task]:
                del self._waiting[task]
                self._forget(path, task)
                task.cancel()

    async def _keep(self, path: Path, make: Callable[[], Awaitable[str]]) -> str:
        told = await make()
        write_text(path, told)
        self._new += 1
        if self._new % _EVERY == 0:
            self._thin()
        return told

    def _forget(self, path: Path, task: asyncio.Task[str]) -> None:
        if self._made.get(path) is task:
            del self._made[path]
        if task.done() and not task.cancelled():
            task.exception()  # whoever asked may have gone

    def _thin(self) -> None:
        keys = sorted(self.folder.iterdir(), key=lambda one: one.stat().st_mtime_ns, reverse=True)
        for one in keys[MOST:]:
            shutil.rmtree(one, ignore_errors=True)


def _fingerprint() -> str:
    """What tells one state of the package from another, also while somebody works on it."""
    root = Path(bactrian.__file__).parent
    told = sha256()
    for one in sorted(root.rglob("*")):
        if one.suffix in (".py", ".csv", ".txt", ".toml", ".geojson") and "static" not in one.parts:
            told.update(f"{one.relative_to(root)} {one.stat().st_size} {one.stat().st_mtime_ns}\n".encode())
    return told.hexdigest()[:16]

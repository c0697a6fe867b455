"""Start the studio: its store, workers and server, on this machine or for others."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

import uvicorn

from bactrian.case import BUILT_IN, load
from bactrian.errors import SolveError
from bactrian.studio import work
from bactrian.studio.app import make_app
from bactrian.studio.desk import Desk
from bactrian.studio.guard import LOOPBACK
from bactrian.studio.parts import Studio
from bactrian.studio.results import Results
from bactrian.studio.store import Store, default_folder, new_id, now
from bactrian.studio.workers import Crew

__all__ = ["open_studio", "serve"]

PORT = 8765
_ENDS_S = 2


def serve(
    case: str = "transcaspian",
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    token: str | None = None,
    store: Path | None = None,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve a case until interrupted; `ready` is given the address once it can be opened.

    Without a port the usual one is taken, or any that is free. Beyond loopback a token is wanted, and made up if none
    is given. Raises CaseError for a faulty case and a store that cannot be used, SolveError for a port that is taken.
    """
    beyond = host not in LOOPBACK
    if beyond and token is None:
        token = secrets.token_urlsafe(24)
    door = _door(host, port)
    try:
        studio = open_studio(case, store or default_folder())
    except BaseException:
        door.close()
        raise
    shown = _outward() if host in ("0.0.0.0", "::") else host
    shown = f"[{shown}]" if ":" in shown else shown
    address = f"http://{shown}:{door.getsockname()[1]}/" + (f"?token={token}" if token else "")
    settings = uvicorn.Config(make_app(studio, token), log_level="warning", timeout_graceful_shutdown=_ENDS_S,
                              limit_concurrency=400, server_header=False)  # fmt: skip
    server = _Server(settings, studio, lambda: ready(address))
    if current_thread() is main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # to end as cleanly as with Ctrl-C
    with suppress(KeyboardInterrupt):  # which the server has heeded, and passes on
        server.run(sockets=[door])


def open_studio(case: str, store: Path, workers: int | None = None) -> Studio:
    """A studio with its store and workers, begun with a case, which is copied unless it is built in."""
    cores = workers or os.cpu_count() or 1
    kept = Store(store)
    try:
        first = _kept_case(kept, case)
    except BaseException:
        kept.close()
        raise
    studio = Studio(
        kept, Results(kept.folder / "runs"), Crew(cores), Crew(max(1, cores // 2)), Desk(kept, cores), first
    )
    return studio


class _Server(uvicorn.Server):
    """A server that says when it can be asked, and lets streams end before it does."""

    def __init__(self, config: uvicorn.Config, studio: Studio, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._studio, self._ready = studio, ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, when asked to."""
        self._studio.ending.set()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _kept_case(store: Store, case: str) -> str:
    """Note the case that the studio is started with, and the built-in ones, as everyone's; return its id."""
    for name in BUILT_IN:
        store.add("cases", {"id": name, "owner": "", "name": name, "hash": work.case_hash(name), "added": now()})
    if case in BUILT_IN:
        return case
    loaded = load(case)
    known = [one for one in store.rows("cases", "") if (one["name"], one["hash"]) == (loaded.name, loaded.hash)]
    if known:
        return str(known[0]["id"])
    draft, key = store.draft(), new_id()
    loaded.save(draft / loaded.name)
    draft.rename(store.folder / "cases" / key)
    store.add("cases", {"id": key, "owner": "", "name": loaded.name, "hash": loaded.hash, "added": now()})
    return key


def _outward() -> str:
    """The address by which others reach this machine, as far as it knows; its name where it knows none."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.connect(("192.0.2.1", 9))  # an address that leads nowhere; nothing is sent
            return str(way.getsockname()[0])
    except OSError:
        return socket.gethostname()


def _door(host: str, port: int | None) -> socket.socket:
    """A socket that listens; the usual port, or any free one, where none is asked for."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for one in [PORT, 0] if port is None else [port]:
        door = socket.socket(family)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, one))
            door.listen(128)
            return door
        except OSError as error:
            door.close()
            why = error.strerror
    raise SolveError(f"cannot listen on {host}, port {port}: {why}; name another one with --port")

"""Warm processes that work out what must come quickly: one a core, each with what it worked out last at hand."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

__all__ = ["Crew", "TooLate"]

HOMES = 2000  # keys whose worker is remembered
WAITING = 60  # questions that may wait; more are refused at once
LONGEST_S = 300.0  # after which a worker is given up for lost


class TooLate(Exception):
    """The answer did not come in time, or too much is asked already; asking again later may help."""


class _Turns:
    """Whose turn it is: the lowest rank first, and who came first among those."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = count()

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncIterator[None]:
        """Wait for a turn, and have it for as long as the context lasts."""
        if self._taken:
            called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (rank, next(self._came), called))
            try:
                await called
            except asyncio.CancelledError:
                if called.done() and not called.cancelled():  # it was called at the very moment
                    self._next()
                raise
        self._taken = True
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        while self._waiting:
            _, _, called = heappop(self._waiting)
            if not called.done():  # who waited may have gone
                called.set_result(None)
                return
        self._taken = False


class _Worker:
    """One process, started with its first question and started anew when it is lost."""

    def __init__(self) -> None:
        self.at_work = 0
        self.turns = _Turns()
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        theirs, self._ours = context.Pipe(duplex=False)
        self.pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(theirs,))
        self._theirs = theirs

    def end(self) -> None:
        """End the process, whatever it does."""
        self._ours.close()  # it watches for that
        self.pool.shutdown(wait=False, cancel_futures=True)
        self._theirs.close()


class _Asked:
    """A question under way, and how many wait for its answer."""

    task: asyncio.Task[str]

    def __init__(self) -> None:
        self.waiting, self.begun = 0, False


class Crew:
    """Workers to `ask`. A question about a thing goes to the worker that was asked about it before; the same question
    asked twice at once is worked out once; a worker that dies is replaced, and its question asked again once. Where
    several wait for a worker, the lowest `rank` comes first: what is told in a moment before what takes seconds.
    """

    def __init__(self, size: int, patience_s: float = 90.0) -> None:
        self.patience_s = patience_s
        self._workers = [_Worker() for _ in range(size)]
        self._homes: OrderedDict[str, _Worker] = OrderedDict()
        self._asked: dict[Any, _Asked] = {}

    async def ask(self, function: Callable[..., Any], *given: Any, about: str = "", rank: int = 0) -> str:
        """What a function of a module returns, as JSON.

        Raises what the function raises, and TooLate when it does not come in time. What has begun by then is still
        worked out; what has not, and nobody waits for, is not.
        """
        question = (function, given)
        asked = self._asked.get(question)
        if asked is None:
            if len(self._asked) >= WAITING:
                raise TooLate("too much is being worked out: try again in a minute")
            asked = self._asked[question] = _Asked()
            asked.task = asyncio.create_task(self._answer(asked, function, given, about, rank))
            asked.task.add_done_callback(lambda done: self._told(question, done))
        asked.waiting += 1
        try:
            done, _ = await asyncio.wait([asked.task], timeout=self.patience_s)
        finally:
            asked.waiting -= 1
            if not asked.waiting and not asked.begun:  # nobody waits for it any more
                self._told(question, asked.task)
                asked.task.cancel()
        if not done:
            raise TooLate(f"this takes longer than {self.patience_s:.0f} s: try again in a minute")
        return asked.task.result()

    def warm(self, function: Callable[..., Any], *given: Any) -> list[asyncio.Future[str]]:
        """Have every worker call a function, so that what it needs is at hand."""
        return [asyncio.wrap_future(one.pool.submit(_json_of, function, given)) for one in self._workers]

    def close(self) -> None:
        """End all workers."""
        for one in self._workers:
            one.end()

    async def _answer(
        self, asked: _Asked, function: Callable[..., Any], given: tuple[Any, ...], about: str, rank: int
    ) -> str:
        worker = self._home(about)
        worker.at_work += 1
        try:
            async with worker.turns.turn(rank):
                asked.begun = True
                return await self._worked(worker, function, given)
        finally:
            worker.at_work -= 1

    async def _worked(self, worker: _Worker, function: Callable[..., Any], given: tuple[Any, ...]) -> str:
        for last in (False, True):
            pool = worker.pool
            try:
                future = asyncio.wrap_future(pool.submit(_json_of, function, given))
                return await asyncio.wait_for(future, LONGEST_S)
            except TimeoutError:
                self._replace(worker, pool)
                raise TooLate("this takes too long to be worked out here") from None
            except BrokenProcessPool:
                self._replace(worker, pool)
                if last:
                    raise TooLate("the worker was lost twice: there may be too little memory") from None
        raise AssertionError

    def _home(self, about: str) -> _Worker:
        """The worker that knows a thing; for a new one, that with least to do."""
        home = self._homes.get(about) or min(self._workers, key=lambda one: one.at_work)
        if about:
            self._homes[about] = home
            self._homes.move_to_end(about)
            if len(self._homes) > HOMES:
                self._homes.popitem(last=False)
        return home

    def _replace(self, worker: _Worker, lost: ProcessPoolExecutor) -> None:
        if worker.pool is lost:
            worker.end()
            worker.start()

    def _told(self, question: Any, task: asyncio.Task[str]) -> None:
        if question in self._asked and self._asked[question].task is task:
            del self._asked[question]
        if task.done() and not task.cancelled():
            task.exception()  # whoever asked may have gone


def _begin(parent: Connection) -> None:
    """Make a process ready: it ends when the other end of `parent` is closed, by hand or because that process died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        parent.poll(None)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _json_of(function: Callable[..., Any], given: tuple[Any, ...]) -> str:
    told = function(*given)
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, allow_nan=False)

"""Warm processes that work out what must come quickly: one a core, each with what it worked out last at hand."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

__all__ = ["Crew", "TooLate"]

HOMES = 2000  # keys whose worker is remembered
WAITING = 60  # questions that may wait; more are refused at once
LONGEST_S = 300.0  # after which a worker is given up for lost


class TooLate(Exception):
    """The answer did not come in time, or too much is asked already; asking again later may help."""


class _Worker:
    """One process, started with its first question and started anew when it is lost."""

    def __init__(self) -> None:
        self.at_work = 0
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


class Crew:
    """Workers to `ask`. A question about a thing goes to the worker that was asked about it before; the same question
    asked twice at once is worked out once; a worker that dies is replaced, and its question asked again once.
    """

    def __init__(self, size: int, patience_s: float = 60.0) -> None:
        self.patience_s = patience_s
        self._workers = [_Worker() for _ in range(size)]
        self._homes: OrderedDict[str, _Worker] = OrderedDict()
        self._asked: dict[Any, asyncio.Task[str]] = {}

    async def ask(self, function: Callable[..., Any], *given: Any, about: str = "") -> str:
        """What a function of a module returns, as JSON.

        Raises what the function raises, and TooLate when it does not come in time; it is still worked out then.
        """
        question = (function, given)
        task = self._asked.get(question)
        if task is None:
            if len(self._asked) >= WAITING:
                raise TooLate("too much is being worked out: try again in a minute")
            task = self._asked[question] = asyncio.create_task(self._answer(function, given, about))
            task.add_done_callback(lambda done: self._told(question, done))
        done, _ = await asyncio.wait([task], timeout=self.patience_s)
        if not done:
            raise TooLate(f"this takes longer than {self.patience_s:.0f} s: try again in a minute")
        return task.result()

    def warm(self, function: Callable[..., Any], *given: Any) -> list[asyncio.Future[str]]:
        """Have every worker call a function, so that what it needs is at hand."""
        return [asyncio.wrap_future(one.pool.submit(_json_of, function, given)) for one in self._workers]

    def close(self) -> None:
        """End all workers."""
        for one in self._workers:
            one.end()

    async def _answer(self, function: Callable[..., Any], given: tuple[Any, ...], about: str) -> str:
        for last in (False, True):
            worker = self._home(about)
            pool = worker.pool
            worker.at_work += 1
            try:
                future = asyncio.wrap_future(pool.submit(_json_of, function, given))
                return await asyncio.wait_for(future, LONGEST_S)
            except TimeoutError:
                self._replace(worker, pool)
                raise TooLate("this takes too long to be worked out here") from None
            except (BrokenProcessPool, asyncio.CancelledError, RuntimeError) as error:
                if isinstance(error, asyncio.CancelledError) and worker.pool is pool:
                    raise  # the server ends
                self._replace(worker, pool)
                if last:
                    raise TooLate("the worker was lost twice: there may be too little memory") from None
            finally:
                worker.at_work -= 1
        raise AssertionError

    def _home(self, about: str) -> _Worker:
        """The worker that knows most about a thing, unless it has far more to do than another one."""
        idle = min(self._workers, key=lambda one: one.at_work)
        home = self._homes.get(about, idle)
        if home.at_work > idle.at_work + 2:
            home = idle
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
        self._asked.pop(question, None)
        if not task.cancelled():
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

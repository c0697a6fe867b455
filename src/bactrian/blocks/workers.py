"""Where blocks of draws are worked out: here, on several cores or on a Dask cluster.

A block is a piece of text that depends on the task and its number alone, so it does not matter who makes it, or how
often.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Any, Protocol

from bactrian.blocks.kept import Kept
from bactrian.errors import LibraryError, SolveError

__all__ = ["Task", "blocks_of", "make"]

AHEAD = 2  # blocks handed out to each worker at a time
LOSSES = 5  # times in a row that workers may be lost before another block is done
ANSWERS = "10s"  # time in which a cluster must answer


class Task(Protocol):
    """Something that can be pickled and makes blocks."""

    def block(self, number: int) -> str:
        """The text of a block."""


def blocks_of(
    task: Task, numbers: Sequence[int], workers: int = 1, dask: str | None = None
) -> Generator[tuple[int, str]]:
    """The blocks `numbers` of a task, each with its number, in the order in which they are done.

    With `workers` above 1 they are made in so many processes, with `dask` on the cluster whose scheduler has that
    address. Workers that are lost are replaced, and their blocks made again; when the generator is closed, all that is
    under way is given up. Raises SolveError when workers are lost time and again with no block done in between, or no
    cluster answers any more, and LibraryError when the extra for clusters is not installed.
    """
    if dask is not None:
        yield from _on_cluster(task, numbers, dask)
    elif workers > 1 and len(numbers) > 1:
        yield from _on_cores(task, numbers, workers)
    else:
        for number in numbers:
            yield number, task.block(number)


def make(
    task: Task,
    kept: Kept,
    workers: int = 1,
    dask: str | None = None,
    tell: Callable[[], None] | None = None,
) -> None:
    """Make the blocks of a task that are not kept yet, and keep them; `tell` is called after each.

    Raises as `blocks_of` does.
    """
    with closing(blocks_of(task, kept.left(), workers, dask)) as made:
        for number, text in made:
            kept.add(number, text)
            if tell:
                tell()


def _on_cores(task: Task, numbers: Sequence[int], workers: int) -> Generator[tuple[int, str]]:
    left = list(numbers)
    packed = pickle.dumps(task)
    losses = 0
    while losses < LOSSES:
        before = len(left)
        with _pool(packed, min(workers, before)) as pool:
            try:
                yield from _in_turn(left, workers, pool)
                return
            except BrokenProcessPool:  # a worker was lost: begin again with what is left
                losses = losses + 1 if len(left) == before else 1
    remedy = "give them more memory, or run fewer"
    if len(left) == len(numbers):  # not one block: they may not even come to life
        remedy += "; a script of your own must work under `if __name__ == '__main__':`"
    raise SolveError(f"workers were lost {LOSSES} times in a row: {remedy}")


@contextmanager
def _pool(packed: bytes, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that make blocks of a task. They end with the block, and with this process however that ends."""
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(packed, theirs))
    try:
        yield pool
    except BaseException:
        ours.close()  # nobody waits for the blocks under way
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        ours.close()
        theirs.close()


def _in_turn(left: list[int], workers: int, pool: ProcessPoolExecutor) -> Iterator[tuple[int, str]]:
    """Hand out the blocks that are `left`, a few ahead, and take from the list what is done."""
    ahead = list(left)
    at_work: dict[Future[str], int] = {}
    while ahead or at_work:
        while ahead and len(at_work) < AHEAD * workers:
            number = ahead.pop(0)
            with _undisturbed():  # the pool starts its processes as it is given work
                at_work[pool.submit(_made_here, number)] = number
        for done in wait(at_work, return_when=FIRST_COMPLETED).done:
            number = at_work.pop(done)
            text = done.result()
            left.remove(number)
            yield number, text


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C, which a terminal sends to all processes, for good from those that are started within: this one
    ends them. Here it takes effect afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_task: Task | None = None


def _begin(packed: bytes, parent: Connection) -> None:
    """Make a process ready: it ends when the other end of `parent` is closed, by hand or because that process died."""
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        parent.poll(None)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
    _task = pickle.loads(packed)


def _made_here(number: int) -> str:
    assert _task is not None
    return _task.block(number)


def _on_cluster(task: Task, numbers: Sequence[int], address: str) -> Generator[tuple[int, str]]:
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise LibraryError("a cluster needs Dask: pip install 'bactrian[cluster]'") from None
    try:
        client = distributed.Client(address, timeout=ANSWERS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SolveError(f"no Dask scheduler answers at {address!r}: {error}") from None
    packed = pickle.dumps(task)
    key = sha256(packed).hexdigest()
    with _silent("distributed.client"), client, client.as_current():
        # a task of its own, so that it is sent once and the cluster can make it again where a worker is lost with it
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")
            held: Any = client.submit(_same, packed, key=f"bactrian-{key}")
        made = {client.submit(_made_there, held, key, one, pure=False): one for one in numbers}
        try:
            for future in distributed.as_completed(list(made)):
                yield made[future], future.result()
                future.release()
        except distributed.KilledWorker as error:
            raise SolveError(f"workers were lost time and again: give them more memory ({error})") from None
        except (OSError, distributed.CancelledError):
            raise SolveError(f"the Dask scheduler at {address!r} answers no more") from None


@contextmanager
def _silent(library: str) -> Iterator[None]:
    """Keep a library from writing what it meets on standard error; it is told as an error of ours."""
    logger = logging.getLogger(library)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _same(packed: bytes) -> bytes:
    return packed


_one_at_a_time = Lock()  # a worker may have several threads, and a task has one memory


@lru_cache(maxsize=1)
def _kept(key: str) -> list[Task]:
    return []


def _made_there(packed: bytes, key: str, number: int) -> str:
    """A block made on a worker of a cluster, which unpacks the task once."""
    with _one_at_a_time:
        kept = _kept(key)
        if not kept:
            kept.append(pickle.loads(packed))
        return kept[0].block(number)

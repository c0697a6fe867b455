"""Where blocks of draws are worked out: here, on several cores or on a Dask cluster.

A block is a piece of text that depends on the task and its number alone, so it does not matter who makes it, or how
often.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from typing import Any, Protocol

from bactrian.errors import LibraryError, SolveError

__all__ = ["Task", "blocks_of"]

AHEAD = 2  # blocks handed out to each worker at a time
RETRIES = 10  # times that workers may be lost


class Task(Protocol):
    """Something that can be pickled and makes blocks."""

    def block(self, number: int) -> str:
        """The text of a block."""


def blocks_of(
    task: Task, numbers: Sequence[int], workers: int = 1, dask: str | None = None
) -> Iterator[tuple[int, str]]:
    """The blocks `numbers` of a task, each with its number, in the order in which they are done.

    With `workers` above 1 they are made in so many processes, with `dask` on the cluster whose scheduler has that
    address. Workers that are lost are replaced. Raises SolveError when that happens too often, or no cluster answers,
    and LibraryError when the extra for clusters is not installed.
    """
    if dask is not None:
        yield from _on_cluster(task, numbers, dask)
    elif workers > 1 and len(numbers) > 1:
        yield from _on_cores(task, numbers, workers)
    else:
        for number in numbers:
            yield number, task.block(number)


def _on_cores(task: Task, numbers: Sequence[int], workers: int) -> Iterator[tuple[int, str]]:
    left = list(numbers)
    packed = pickle.dumps(task)
    for _ in range(RETRIES):
        pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_unpack, initargs=(packed,)
        )
        try:
            yield from _in_turn(left, workers, lambda number, pool=pool: pool.submit(_made_here, number))  # type: ignore[misc]
            return
        except BrokenProcessPool:
            continue  # a worker was lost: begin again with what is left
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    raise SolveError(f"workers were lost {RETRIES} times: give them more memory, or run fewer")


def _in_turn(left: list[int], workers: int, submit: Callable[[int], Future[str]]) -> Iterator[tuple[int, str]]:
    """Hand out the blocks that are `left`, a few ahead, and take from the list what is done."""
    ahead = list(left)
    at_work: dict[Future[str], int] = {}
    while ahead or at_work:
        while ahead and len(at_work) < AHEAD * workers:
            number = ahead.pop(0)
            at_work[submit(number)] = number
        for done in wait(at_work, return_when=FIRST_COMPLETED).done:
            number = at_work.pop(done)
            text = done.result()
            left.remove(number)
            yield number, text


_task: Task | None = None


def _unpack(packed: bytes) -> None:
    global _task
    _task = pickle.loads(packed)


def _made_here(number: int) -> str:
    assert _task is not None
    return _task.block(number)


def _on_cluster(task: Task, numbers: Sequence[int], address: str) -> Iterator[tuple[int, str]]:
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise LibraryError("a cluster needs Dask: pip install 'bactrian[cluster]'") from None
    try:
        client = distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise SolveError(f"no Dask scheduler answers at {address!r}: {error}") from None
    packed = pickle.dumps(task)
    key = sha256(packed).hexdigest()
    with client, client.as_current():
        held: Any = client.submit(_same, packed, key=f"bactrian-{key}", retries=RETRIES)
        made = {client.submit(_made_there, held, key, one, pure=False, retries=RETRIES): one for one in numbers}
        for future in distributed.as_completed(list(made)):
            yield made[future], future.result()
            future.release()


def _same(packed: bytes) -> bytes:
    return packed


@lru_cache(maxsize=1)
def _kept(key: str) -> list[Task]:
    return []


def _made_there(packed: bytes, key: str, number: int) -> str:
    """A block made on a worker of a cluster, which unpacks the task once."""
    kept = _kept(key)
    if not kept:
        kept.append(pickle.loads(packed))
    return kept[0].block(number)

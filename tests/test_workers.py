"""Runs that lose a worker or are stopped, as a user meets them: whatever happens, the same files to the byte."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

import bactrian as ba
from bactrian.blocks import workers
from bactrian.blocks.workers import blocks_of
from small import small_case

PATIENCE = 600.0  # seconds that anything may take
FULL = ("stress.json", "stress.md", "draws.csv", "exceedance.svg", "exceedance.png")


@dataclass
class Work:
    """A case, what is asked of it, and what one process makes of that undisturbed."""

    case: str
    asked: tuple[str, ...]
    blocks: int
    whole: Path = field(default_factory=Path)

    def run(self, out: Path, *more: str, threads: int = 1) -> subprocess.Popen[str]:
        """The command line at work in a process group of its own, as from a terminal; `threads` do linear algebra."""
        program = [sys.executable, "-c", "from bactrian.cli import start; start()", "stress", self.case, *self.asked]
        return subprocess.Popen(
            [*program, "--out", str(out), *more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": str(threads)},
        )  # fmt: skip

    def to_its_end(self, out: Path, *more: str) -> None:
        ended(self.run(out, *more))

    def check(self, out: Path) -> None:
        """The files in `out` are those of the undisturbed run."""
        names = sorted(str(path.relative_to(self.whole)) for path in self.whole.rglob("*") if path.is_file())
        assert names == sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
        assert len([name for name in names if name.startswith("blocks")]) == self.blocks + 2
        assert set(FULL) <= set(names)
        for name in names:
            assert (self.whole / name).read_bytes() == (out / name).read_bytes(), name


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Two routes near capacity and three events, so that a block takes a while: 20 blocks of 20 draws."""
    folder = tmp_path_factory.mktemp("work")
    never: dict[str, Any] = {"begins": "", "kind": "degradation", "days_spread": 1.5}
    small_case(
        folder / "case",
        links=[
            {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10, "capacity_kt": 150},
            {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20},
        ],
        events=[
            {**never, "id": "shut", "kind": "closure", "chance_per_year": 0.5, "days": 73},
            {**never, "id": "storm", "chance_per_year": 3, "days": 10, "recovery_days": 8, "recovery": "linear"},
            {**never, "id": "queue", "chance_per_year": 1, "days": 30},
        ],
        effects=[
            {"id": "e", "cause": "shut", "table": "links", "rows": "rail", "column": "closes", "operation": "set",
             "value": 2021},
            {"id": "s", "cause": "storm", "table": "links", "rows": "rail", "column": "capacity_kt",
             "operation": "multiply", "value": 0.3},
            {"id": "q", "cause": "queue", "table": "links", "rows": "road", "column": "time_h", "operation": "add",
             "value": 20},
        ],
        commodities=[{"id": "goods", "standing_usd_per_t_h": 1e-8}],
    )  # fmt: skip
    asked = ("--year", "2021", "--draws", "400", "--demand-spread", "1.3")
    found = Work(str(folder / "case"), asked, 20, folder / "whole")
    found.to_its_end(found.whole)
    return found


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> Work:
    found = Work("transcaspian", ("--draws", "400", "--sea"), 20, tmp_path_factory.mktemp("built_in") / "whole")
    found.to_its_end(found.whole)
    return found


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A Dask cluster of two workers, each a process that its nanny starts anew when it dies."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as found:
        yield found


def pids_of(cluster: Any) -> set[int]:
    with sys.modules["distributed"].Client(cluster, set_as_default=False) as client:
        return set(client.run(os.getpid).values())


def children_of(run: subprocess.Popen[str]) -> set[int]:
    """The processes that a run has its blocks made in."""
    there = psutil.Process(run.pid).children()
    return {one.pid for one in there if "spawn_main" in " ".join(one.cmdline())}


def blocks_in(out: Path) -> dict[str, tuple[int, int]]:
    """The blocks that are on disk, each with what changes when it is written again."""
    told = {path.name: path.stat() for path in (out / "blocks").glob("[0-9]*.csv")}
    return {name: (one.st_ino, one.st_mtime_ns) for name, one in told.items()}


def half_way(work: Work, run: subprocess.Popen[str], out: Path) -> None:
    """Wait until a run has put more blocks on disk than are there, which must not be all."""
    before = len(blocks_in(out))
    until(lambda: len(blocks_in(out)) > before or run.poll() is not None)
    assert before < len(blocks_in(out)) < work.blocks, "the run was to be met half-way"


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.005)


def ended(run: subprocess.Popen[str], code: int = 0) -> str:
    """What a run said, which ends with `code`, without a traceback, and leaves no process behind."""
    said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == code, said
    assert "Traceback" not in said
    assert "Warning" not in said
    assert "leaked" not in said
    until(lambda: not group_lives(run.pid))
    return said


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def stop(work: Work, out: Path, *more: str) -> None:
    """Press Ctrl-C half-way."""
    run = work.run(out, *more)
    half_way(work, run, out)
    os.killpg(run.pid, signal.SIGINT)  # to children too, as a terminal does
    said = ended(run, 130)
    there = len(blocks_in(out))
    assert there < work.blocks
    assert f"stopped with {400 // work.blocks * there} of 400 draws: the same command goes on from there" in said
    assert not (out / "stress.json").exists()
    assert not list(out.rglob("*.part"))


def lose(work: Work, victims: Callable[[subprocess.Popen[str]], set[int]], out: Path, *more: str) -> None:
    """Kill one of two processes that make blocks, half-way; blocks that were there before stay as they are."""
    kept = blocks_in(out)
    run = work.run(out, *more)
    half_way(work, run, out)
    of_two = victims(run)
    assert len(of_two) == 2
    os.kill(min(of_two), signal.SIGKILL)
    assert len(blocks_in(out)) < work.blocks
    ended(run)
    assert kept.items() <= blocks_in(out).items()
    work.check(out)


def test_a_stopped_run_goes_on_where_it_was(work: Work, tmp_path: Path) -> None:
    stop(work, tmp_path)
    kept = blocks_in(tmp_path)
    work.to_its_end(tmp_path)
    assert kept.items() <= blocks_in(tmp_path).items()
    work.check(tmp_path)


def test_processes_are_stopped_go_on_and_one_is_killed(work: Work, tmp_path: Path) -> None:
    stop(work, tmp_path, "--workers", "2")
    lose(work, children_of, tmp_path, "--workers", "2")


def test_a_cluster_is_stopped_goes_on_and_a_worker_is_killed(work: Work, cluster: Any, tmp_path: Path) -> None:
    before = pids_of(cluster)
    stop(work, tmp_path, "--dask", cluster.scheduler_address)
    lose(work, lambda _: before, tmp_path, "--dask", cluster.scheduler_address)
    assert min(before) not in pids_of(cluster)


def test_processes_end_with_the_one_that_started_them(work: Work, tmp_path: Path) -> None:
    run = work.run(tmp_path, "--workers", "2")
    half_way(work, run, tmp_path)
    assert children_of(run)
    run.kill()
    run.communicate(timeout=PATIENCE)
    until(lambda: not group_lives(run.pid))


@pytest.mark.nightly
def test_a_lost_scheduler_is_said_plainly(work: Work, cluster: Any, tmp_path: Path) -> None:
    run = work.run(tmp_path, "--dask", cluster.scheduler_address)
    half_way(work, run, tmp_path)
    cluster.close()
    assert "answers no more" in ended(run, 2)
    assert blocks_in(tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("count", ["2", "8"])
def test_any_number_of_processes_gives_the_same_files(work: Work, tmp_path: Path, count: str) -> None:
    work.to_its_end(tmp_path, "--workers", count)
    work.check(tmp_path)


class Deadly:
    """A task whose third block kills who makes it."""

    def block(self, number: int) -> str:
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return f"{number}\n"


@pytest.mark.nightly
def test_a_block_that_kills_every_worker_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "LOSSES", 2)
    done: dict[int, str] = {}
    with pytest.raises(ba.SolveError, match="workers were lost 2 times in a row: give them more memory, or run fewer"):
        done.update(blocks_of(Deadly(), range(4), workers=2))


class Alone:
    """A task whose blocks tell whether another was being made meanwhile."""

    at_work = 0

    def block(self, number: int) -> str:
        Alone.at_work += 1
        time.sleep(0.01)
        told = f"{Alone.at_work}\n"
        Alone.at_work -= 1
        return told


def test_threads_of_a_worker_take_turns() -> None:
    packed = workers.pickle.dumps(Alone())
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda number: workers._made_there(packed, "alone", number), range(8)))
    assert set(told) == {"1\n"}


@pytest.mark.nightly
def test_the_built_in_case_on_a_cluster_that_loses_a_worker(built_in: Work, cluster: Any, tmp_path: Path) -> None:
    before = pids_of(cluster)
    lose(built_in, lambda _: before, tmp_path, "--dask", cluster.scheduler_address)


@pytest.mark.nightly
def test_the_built_in_case_stopped_and_gone_on_with_on_eight_processes(built_in: Work, tmp_path: Path) -> None:
    stop(built_in, tmp_path)
    built_in.to_its_end(tmp_path, "--workers", "8")
    built_in.check(tmp_path)


@pytest.mark.nightly
def test_the_built_in_case_on_two_processes_of_which_one_is_killed(built_in: Work, tmp_path: Path) -> None:
    lose(built_in, children_of, tmp_path, "--workers", "2")


@pytest.mark.nightly
def test_the_built_in_case_with_more_threads_for_linear_algebra(built_in: Work, tmp_path: Path) -> None:
    """Workers of a cluster have one, a process by itself as many as there are cores: sums must not tell."""
    ended(built_in.run(tmp_path, threads=2))
    built_in.check(tmp_path)

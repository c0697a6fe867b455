"""Warm workers: asked twice at once they work once, one that dies is replaced, who waits too long is told."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

import bactrian as ba
from bactrian.studio.results import MOST, Results
from bactrian.studio.workers import Crew, TooLate

Found = TypeVar("Found")


def noted(folder: str, word: str, wait_s: float = 0.0) -> str:
    """Leave a mark that this was called, and say in which process."""
    with (Path(folder) / word).open("a", encoding="utf-8") as file:
        file.write(".")
    time.sleep(wait_s)
    return f'"{os.getpid()}"'


def dies(folder: str) -> str:
    """End this process the first time."""
    mark = Path(folder) / "died"
    if not mark.exists():
        mark.touch()
        os._exit(9)
    return "1"


def dies_always() -> str:
    os._exit(9)


def complains() -> str:
    raise ba.CaseError([ba.Finding("links", 3, "mode", "no", "yes")])


def with_crew(size: int, ask: Callable[[Crew], Awaitable[Found]], patience_s: float = 60) -> Found:
    async def held() -> Found:
        crew = Crew(size, patience_s)
        try:
            return await ask(crew)
        finally:
            crew.close()

    return asyncio.run(held())


def test_the_same_asked_twice_at_once_is_worked_out_once(tmp_path: Path) -> None:
    async def ask(crew: Crew) -> list[str]:
        return await asyncio.gather(*(crew.ask(noted, str(tmp_path), "one", 0.3) for _ in range(5)))

    assert len(set(with_crew(2, ask))) == 1
    assert (tmp_path / "one").read_text() == "."


def test_questions_about_a_thing_go_to_the_worker_that_knows_it(tmp_path: Path) -> None:
    async def ask(crew: Crew) -> list[list[str]]:
        await asyncio.gather(*(crew.ask(noted, str(tmp_path), f"{one}0", 0.5, about=one) for one in "ab"))
        return [[await crew.ask(noted, str(tmp_path), f"{one}{at}", about=one) for at in range(3)] for one in "ab"]

    first, second = with_crew(2, ask)
    assert (len(set(first)), len(set(second)), first[0] != second[0]) == (1, 1, True)


def test_what_is_told_in_a_moment_comes_before_what_takes_long(tmp_path: Path) -> None:
    order: list[str] = []

    async def ask(crew: Crew) -> None:
        async def one(word: str, rank: int) -> None:
            await crew.ask(noted, str(tmp_path), word, 0.05, rank=rank)
            order.append(word)

        await asyncio.gather(
            *(one(word, rank) for word, rank in [("first", 1), ("long", 1), ("longer", 1), ("quick", 0)])
        )

    with_crew(1, ask)
    assert order == ["first", "quick", "long", "longer"]


def test_a_worker_that_dies_is_replaced_and_asked_again(tmp_path: Path) -> None:
    async def ask(crew: Crew) -> tuple[str, str]:
        return await crew.ask(dies, str(tmp_path)), await crew.ask(noted, str(tmp_path), "after")

    assert with_crew(1, ask)[0] == "1"


def test_a_question_that_kills_is_given_up(tmp_path: Path) -> None:
    async def ask(crew: Crew) -> str:
        with pytest.raises(TooLate, match="lost twice"):
            await crew.ask(dies_always)
        return await crew.ask(noted, str(tmp_path), "after")

    assert with_crew(1, ask)


def test_who_waits_too_long_is_told_and_finds_it_later(tmp_path: Path) -> None:
    async def ask(crew: Crew) -> str:
        await crew.ask(noted, str(tmp_path), "begun")
        crew.patience_s = 0.1
        with pytest.raises(TooLate, match="longer than"):
            await crew.ask(noted, str(tmp_path), "slow", 0.5)
        crew.patience_s = 30
        return await crew.ask(noted, str(tmp_path), "slow", 0.5)

    assert with_crew(1, ask)
    assert (tmp_path / "slow").read_text() == "."


def test_what_nobody_waits_for_any_more_is_not_begun(tmp_path: Path) -> None:
    async def ask(crew: Crew) -> None:
        await crew.ask(noted, str(tmp_path), "begun")
        asked = [
            asyncio.create_task(crew.ask(noted, str(tmp_path), word, 0.3)) for word in ("now", "left", "kept", "both")
        ]
        asked.append(asyncio.create_task(crew.ask(noted, str(tmp_path), "both", 0.3)))
        await asyncio.sleep(0.1)
        asked[0].cancel()
        asked[1].cancel()
        asked[3].cancel()  # another one waits for the same
        await asyncio.gather(*asked, return_exceptions=True)

    with_crew(1, ask)
    assert {one.name for one in tmp_path.iterdir()} == {"begun", "now", "kept", "both"}


def test_errors_come_whole() -> None:
    async def ask(crew: Crew) -> str:
        return await crew.ask(complains)

    with pytest.raises(ba.CaseError) as error:
        with_crew(1, ask)
    assert error.value.findings[0].column == "mode"


def test_no_worker_outlives_its_crew(tmp_path: Path) -> None:
    async def ask(crew: Crew) -> str:
        return await crew.ask(noted, str(tmp_path), "one")

    pid = int(with_crew(1, ask).strip('"'))
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert not psutil.pid_exists(pid)


def test_results_are_made_once_kept_and_thinned(tmp_path: Path) -> None:
    made: list[str] = []

    async def make() -> str:
        await asyncio.sleep(0.05)
        made.append("x")
        return "told"

    async def ask(results: Results) -> list[str]:
        return await asyncio.gather(*(results.text("key", "name", make) for _ in range(4)))

    results = Results(tmp_path)
    assert (asyncio.run(ask(results)), made) == (["told"] * 4, ["x"])
    again = Results(tmp_path)
    assert (asyncio.run(ask(again)), made) == (["told"] * 4, ["x"])
    (tmp_path / "of-another-version").mkdir()
    for number in range(MOST + 5):
        (again.folder / f"k{number}").mkdir()
    os.utime(again.folder / "key", (0, 0))
    Results(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [again.folder.name]
    assert len(list(again.folder.iterdir())) == MOST
    assert not (again.folder / "key").exists()


def test_what_cannot_be_made_is_not_kept(tmp_path: Path) -> None:
    async def fail() -> str:
        raise ba.SolveError("no way")

    results = Results(tmp_path)
    with pytest.raises(ba.SolveError, match="no way"):
        asyncio.run(results.text("key", "name", fail))
    assert not results.path("key", "name").exists()

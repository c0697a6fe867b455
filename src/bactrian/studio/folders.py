"""The folder of a job: everything that its command reads, so that the command names relative paths alone."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import HTTPException

from bactrian.case import BUILT_IN
from bactrian.files import write_text
from bactrian.studio.commands import file_of, shown
from bactrian.studio.desk import OUT, files_of
from bactrian.studio.orders import AskedBrief, AskedJob, AskedShare, words_of
from bactrian.studio.parts import Studio, asked_run, found, run_of, scenario_of, where_of
from bactrian.studio.store import Row, new_id, now

__all__ = ["COMMAND", "RESULT", "contents", "prepare"]

COMMAND = "command.txt"
RESULT = {"plan": "result.json", "share": "result.json", "stress": "stress.json", "critical": "critical.json"}
"""The main result of a verb, among the files that it writes."""
_KEY = 32  # letters of the key of a run; the id of a job has fewer


async def prepare(studio: Studio, user: str, asked: AskedJob) -> Row:
    """Make the folder of a job, and have it wait for its turn.

    Raises CaseError for what is no scenario, 404 for a case or result that the user does not have, and 409 for a job
    that is not done.
    """
    store = studio.store
    case = found(store.row("cases", asked.case, user), "case")
    scenario = scenario_of(asked.scenario)
    draft = store.draft()
    try:
        if case["id"] not in BUILT_IN:
            shutil.copytree(where_of(studio, case), draft / case["name"], copy_function=_linked)
        file = file_of(scenario.name) if scenario else None
        if scenario and file:
            write_text(draft / file, scenario.text)
        results = await _results(studio, user, asked, draft)
        words = words_of(asked, case["name"], file, results, max(1, (os.cpu_count() or 1) // 2))
        write_text(draft / COMMAND, shown(words) + "\n")
        told = {**asked.model_dump(exclude_unset=True, exclude={"verb"}), "case_name": case["name"], "file": file}
        row: dict[str, Any] = {
            "id": new_id(), "owner": user, "verb": asked.verb, "state": "waiting", "command": shown(words),
            "name": scenario.name if scenario else case["name"], "argv": json.dumps(words), "asked": json.dumps(told),
            "message": "", "shared": 0, "added": now(), "began": None, "ended": None,
        }  # fmt: skip
        os.replace(draft, store.folder / "jobs" / row["id"])
        store.add("jobs", row)
        return row
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """What a job is told of by: the files that it wrote, its scenario and its command."""
    for name in files_of(folder):
        yield f"{OUT}/{name}", (folder / OUT / name).read_bytes()
    for one in sorted(folder.glob("*.json")):
        yield one.name, one.read_bytes()
    yield COMMAND, (folder / COMMAND).read_bytes()


async def _results(studio: Studio, user: str, asked: AskedJob, draft: Path) -> list[str]:
    """Copy the results that a job begins from, and return their folders."""
    if isinstance(asked, AskedShare) and asked.settings.plan is not None:
        row = _ended(studio, asked.settings.plan, user)
        if row["verb"] != "plan":
            raise HTTPException(409, "what is to be shared must be a plan")
        _copied(_result_of(studio, row), draft / "plan")
    if not isinstance(asked, AskedBrief):
        return []
    names: list[str] = []
    for one in dict.fromkeys(asked.settings.results):
        if len(one) == _KEY:
            run = asked_run(studio, one, user)
            name, told = f"run-{run.year}", json.loads(await run_of(studio, run, one))["summary"]
            content = json.dumps(told, indent=1, allow_nan=False) + "\n"
        else:
            row = _ended(studio, one, user)
            name, content = row["verb"], _result_of(studio, row).read_text(encoding="utf-8")
        if name in names:
            name = f"{name}-{one[:6]}"
        names.append(name)
        write_text(draft / "results" / name / "result.json", content)
    return [f"results/{name}" for name in names]


def _ended(studio: Studio, job: str, user: str) -> Row:
    row = found(studio.store.row("jobs", job, user), "job")
    if row["state"] != "done" or row["verb"] not in RESULT:
        raise HTTPException(409, f"the job {job} has no result to begin from: it is {row['state']}")
    return row


def _result_of(studio: Studio, row: Row) -> Path:
    return studio.store.folder / "jobs" / str(row["id"]) / OUT / RESULT[str(row["verb"])]


def _copied(file: Path, folder: Path) -> None:
    folder.mkdir()
    shutil.copyfile(file, folder / file.name)


def _linked(one: str, other: str) -> None:
    """Copy a file of a case; cases of the store never change, so one copy is enough where links can be made."""
    try:
        os.link(one, other)
    except OSError:
        shutil.copyfile(one, other)

"""What users make stays: rows and folders, seen by whom they belong to, gone when removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bactrian as ba
from bactrian.studio.desk import Desk
from bactrian.studio.store import Store, default_folder, new_id, now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path / "store")
    yield found
    found.close()


def scenario(owner: str, name: str = "Low", shared: int = 0) -> dict[str, Any]:
    return {"id": new_id(), "owner": owner, "name": name, "told": "{}", "shared": shared, "changed": now()}


def job(owner: str, state: str) -> dict[str, Any]:
    return {
        "id": new_id(), "owner": owner, "verb": "plan", "name": "x", "state": state, "command": "", "argv": "[]",
        "asked": "{}", "message": "", "shared": 0, "added": now(), "began": None, "ended": None,
    }  # fmt: skip


def test_rows_are_seen_by_their_owner_and_when_shared(store: Store) -> None:
    mine, theirs, shown = scenario("me"), scenario("you"), scenario("you", shared=1)
    for row in (mine, theirs, shown):
        store.add("scenarios", row)
    assert {(row["id"], row["own"]) for row in store.rows("scenarios", "me")} == {
        (mine["id"], True),
        (shown["id"], False),
    }
    assert store.row("scenarios", theirs["id"], "me") is None
    store.change("scenarios", theirs["id"], shared=1)
    assert store.row("scenarios", theirs["id"], "me") is not None
    store.remove("scenarios", theirs["id"])
    assert store.row("scenarios", theirs["id"], "you") is None
    assert store.count("scenarios", "you") == 1


def test_rows_are_there_when_it_is_opened_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("scenarios", scenario("me", "Каспий низко 'x\"; DROP TABLE scenarios"))
    store.draft()
    store.close()
    again = Store(tmp_path)
    assert [row["name"] for row in again.rows("scenarios", "me")] == ["Каспий низко 'x\"; DROP TABLE scenarios"]
    assert list((tmp_path / "drafts").iterdir()) == []
    again.close()


def test_a_row_takes_its_folder_along(store: Store) -> None:
    row = job("me", "done")
    store.add("jobs", row)
    folder = store.folder / "jobs" / row["id"]
    folder.mkdir()
    (folder / "x").touch()
    store.remove("jobs", row["id"])
    assert not folder.exists()
    assert list((store.folder / "drafts").iterdir()) == []


def test_jobs_that_ran_when_it_was_killed_are_marked(store: Store) -> None:
    rows = [job("me", state) for state in ("waiting", "running", "done", "cancelled")]
    for row in rows:
        store.add("jobs", row)
    (store.folder / "jobs" / "not-taken").mkdir()
    Desk(store, 1)
    states = {row["id"]: row["state"] for row in store.rows("jobs", "me")}
    assert [states[row["id"]] for row in rows] == ["interrupted", "interrupted", "done", "cancelled"]
    assert list((store.folder / "jobs").iterdir()) == []


def test_a_folder_that_cannot_hold_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ba.CaseError, match="--store"):
        Store(tmp_path / "file")
    (tmp_path / "spoilt").mkdir()
    (tmp_path / "spoilt" / "studio.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(ba.CaseError, match="--store"):
        Store(tmp_path / "spoilt")


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    base = sqlite3.connect(tmp_path / "studio.sqlite")
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(ba.CaseError, match="later version"):
        Store(tmp_path)


def test_it_lies_with_the_data_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "bactrian" / "studio"

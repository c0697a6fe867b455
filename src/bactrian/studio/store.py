"""What users make, kept across restarts: rows in a database, files in folders beside it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bactrian.errors import CaseError, Finding

__all__ = ["Store", "default_folder", "new_id", "now"]

Row = dict[str, Any]

VERSION = 1  # of the tables below
MOST_RUNS = 20_000  # remembered, of all users
_TABLES = """
CREATE TABLE cases (id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL,
                    added TEXT NOT NULL) STRICT;
CREATE TABLE scenarios (id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, told TEXT NOT NULL,
                        shared INTEGER NOT NULL, changed TEXT NOT NULL) STRICT;
CREATE TABLE jobs (id TEXT PRIMARY KEY, owner TEXT NOT NULL, verb TEXT NOT NULL, name TEXT NOT NULL,
                   state TEXT NOT NULL, command TEXT NOT NULL, argv TEXT NOT NULL, asked TEXT NOT NULL,
                   message TEXT NOT NULL, shared INTEGER NOT NULL, added TEXT NOT NULL, began TEXT, ended TEXT) STRICT;
CREATE TABLE runs (key TEXT NOT NULL, owner TEXT NOT NULL, asked TEXT NOT NULL, used TEXT NOT NULL,
                   PRIMARY KEY (key, owner)) STRICT;
"""
_COLUMNS = {
    "cases": {"id", "owner", "name", "hash", "added"},
    "scenarios": {"id", "owner", "name", "told", "shared", "changed"},
    "jobs": {"id", "owner", "verb", "name", "state", "command", "argv", "asked", "message", "shared", "added", "began",
             "ended"},
    "runs": {"key", "owner", "asked", "used"},
}  # fmt: skip


def default_folder() -> Path:
    """Where the studio keeps things if nothing else is said: the folder for application data of the user."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "bactrian" / "studio"


def new_id() -> str:
    """An id that nobody can guess.

    >>> len(new_id())
    24
    """
    return secrets.token_hex(12)


def now() -> str:
    """The time in UTC, as ISO 8601 writes it to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Store:
    """The database and folders of one studio; a second studio on the same folder is refused.

    A row is written for good when its method returns: a server that is killed loses nothing that was answered.
    It may be made in another thread than the one that uses it. Raises CaseError when the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        opened: list[sqlite3.Connection] = []
        try:
            for name in ("cases", "jobs", "runs", "drafts"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            self._lock = self._opened("in-use.sqlite", opened)
            self._base = self._opened("studio.sqlite", opened)
            self._only_one()
            self._base.row_factory = sqlite3.Row
            self._base.execute("PRAGMA journal_mode=WAL")
            self._prepare()
            self._base.execute(
                "DELETE FROM runs WHERE rowid NOT IN (SELECT rowid FROM runs ORDER BY used DESC LIMIT ?)", (MOST_RUNS,)
            )
        except (OSError, sqlite3.Error, CaseError) as error:
            for one in opened:
                one.close()
            if isinstance(error, CaseError):
                raise
            raise _unusable(folder, f"cannot hold what the studio keeps: {error}") from None
        for draft in (self.folder / "drafts").iterdir():  # of a server that was killed
            shutil.rmtree(draft, ignore_errors=True)

    def close(self) -> None:
        """Let go of the folder."""
        self._base.close()
        self._lock.close()

    def add(self, table: str, row: Row) -> None:
        """Add a row."""
        _known(table, row)
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        self._base.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", row)

    def change(self, table: str, key: str, **cells: Any) -> None:
        """Set cells of the row of that id."""
        _known(table, cells)
        told = ", ".join(f"{name} = :{name}" for name in cells)
        self._base.execute(f"UPDATE {table} SET {told} WHERE id = :id_", {**cells, "id_": key})

    def remove(self, table: str, key: str) -> None:
        """Remove the row of that id, and its folder."""
        _known(table, ())
        self._base.execute(f"DELETE FROM {table} WHERE id = ?", (key,))
        if table != "scenarios":
            self.discard(self.folder / table / key)

    def row(self, table: str, key: str, user: str) -> Row | None:
        """The row of that id, if the user owns it, it is shared, or it belongs to everyone (owner "")."""
        return next(iter(self._rows(table, user, "AND id = :key", key=key)), None)

    def rows(self, table: str, user: str) -> list[Row]:
        """The rows that a user may see, the latest first."""
        return self._rows(table, user, "ORDER BY " + {"scenarios": "changed"}.get(table, "added") + " DESC, id")

    def all_jobs(self, states: Iterable[str]) -> list[Row]:
        """Jobs in some states, whoever owns them, in the order in which they were asked for."""
        rows = self._base.execute("SELECT * FROM jobs ORDER BY added, id").fetchall()
        return [dict(row) for row in rows if row["state"] in set(states)]

    def count(self, table: str, user: str) -> int:
        """How many rows of a table a user owns."""
        _known(table, ())
        found: int = self._base.execute(f"SELECT count(*) FROM {table} WHERE owner = ?", (user,)).fetchone()[0]
        return found

    def saw_run(self, key: str, user: str, asked: Row) -> None:
        """Note that a user asked for a run."""
        self.add("runs", {"key": key, "owner": user, "asked": json.dumps(asked), "used": now()})

    def run_of(self, key: str, user: str) -> Row | None:
        """What a user asked for when the run of that key was made; None where another did, or nobody."""
        found = self._base.execute("SELECT asked FROM runs WHERE key = ? AND owner = ?", (key, user)).fetchone()
        return None if found is None else dict(json.loads(found["asked"]))

    def draft(self) -> Path:
        """A new folder to prepare something in; what is left there is removed when the studio starts again."""
        folder = self.folder / "drafts" / new_id()
        folder.mkdir()
        return folder

    def discard(self, folder: Path) -> None:
        """Remove a folder of the store, at once or not at all."""
        gone = self.folder / "drafts" / new_id()
        with suppress(FileNotFoundError):
            os.replace(folder, gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _rows(self, table: str, user: str, more: str, **given: Any) -> list[Row]:
        _known(table, ())
        shared = "OR shared = 1" if "shared" in _COLUMNS[table] else ""
        query = f"SELECT * FROM {table} WHERE (owner = :user OR owner = '' {shared}) {more}"
        rows = [dict(row) for row in self._base.execute(query, {"user": user, **given}).fetchall()]
        return [{**row, "own": row["owner"] == user} for row in rows]

    def _opened(self, name: str, opened: list[sqlite3.Connection]) -> sqlite3.Connection:
        found = sqlite3.connect(self.folder / name, isolation_level=None, timeout=0.5, check_same_thread=False)
        opened.append(found)
        return found

    def _only_one(self) -> None:
        """Take hold of the folder until this process ends, however that is."""
        try:
            self._lock.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise _unusable(self.folder, "is in use by another studio") from None

    def _prepare(self) -> None:
        version = self._base.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._base.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        elif version != VERSION:
            raise _unusable(self.folder, "was written by a later version of the studio")


def _known(table: str, cells: Iterable[str]) -> None:
    """Names become part of a statement: none may come from outside."""
    assert set(cells) <= _COLUMNS[table]


def _unusable(folder: Path, rule: str) -> CaseError:
    return CaseError([Finding(str(folder), 0, "", rule, "name another folder with --store")])

"""Files of a run: the result for machines, tables for spreadsheets, a map for people; each whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import fastparquet
import pandas as pd

from bactrian.assign import Flows
from bactrian.errors import CaseError, Finding
from bactrian.measure import emissions
from bactrian.report.summary import corridors, summary

__all__ = ["save"]


def save(flows: Flows, folder: Path, between: Iterable[tuple[str, str]] = ()) -> list[Path]:
    """Write result.json and the tables, each as CSV and Parquet, to `folder`; every file is whole or not there.

    Raises CaseError when the folder cannot be written.
    """
    content = json.dumps(summary(flows, between), indent=1, allow_nan=False) + "\n"
    tables = {
        "corridors": corridors(flows),
        "pairs": flows.pairs,
        "ways": pd.concat([flows.table(), emissions(flows)], axis=1),
        "links": flows.links(),
        "resources": flows.bottlenecks(),
    }
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written.append(_write(folder / "result.json", lambda path: path.write_text(content, encoding="utf-8")))
        for name, table in tables.items():
            written.append(_write(folder / f"{name}.csv", lambda path, table=table: _to_csv(table, path)))  # type: ignore[misc]
            written.append(_write(folder / f"{name}.parquet", lambda path, table=table: _to_parquet(table, path)))  # type: ignore[misc]
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise CaseError([Finding(str(folder), 0, "", problem, "name a folder you may write to")]) from None
    return written


def _write(path: Path, writer: Callable[[Path], object]) -> Path:
    draft = path.with_name(f".{path.name}.part")
    try:
        writer(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _to_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n")


def _to_parquet(table: pd.DataFrame, path: Path) -> None:
    plain = table.astype({name: object for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])})
    fastparquet.write(str(path), plain, write_index=False, object_encoding="utf8")

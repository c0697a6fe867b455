"""Files of a run: the result for machines, tables for spreadsheets, a map for people; each whole or not there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import fastparquet
import pandas as pd

from bactrian.assign import Flows
from bactrian.files import write, write_text
from bactrian.measure import accounts, emissions, indicators
from bactrian.report.summary import corridors, summary
from bactrian.text import harmless

__all__ = ["save", "write", "write_csv", "write_parquet", "write_text"]


def save(flows: Flows, folder: Path, between: Iterable[tuple[str, str]] = ()) -> list[Path]:
    """Write result.json and the tables, each as CSV and Parquet, to `folder`; every file is whole or not there.

    Raises CaseError when the folder cannot be written.
    """
    content = json.dumps(summary(flows, between), indent=1, allow_nan=False) + "\n"
    tables = {
        "corridors": corridors(flows),
        "indicators": indicators(flows, "corridor", "origin", "destination"),
        "accounts": accounts(flows).table.reset_index(),
        "pairs": flows.pairs,
        "ways": pd.concat([flows.table(), emissions(flows)], axis=1),
        "links": flows.links(),
        "resources": flows.bottlenecks(),
    }
    written = [write_text(folder / "result.json", content)]
    for name, table in tables.items():
        written.append(write_csv(folder / f"{name}.csv", table))
        written.append(write_parquet(folder / f"{name}.parquet", table))
    return written


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV, whole or not at all, with no cell of text that a spreadsheet takes for a formula.

    Raises CaseError when the file cannot be written.
    """
    return write(path, partial(_to_csv, table))


def write_parquet(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as Parquet, whole or not at all; raise CaseError when that cannot be done."""
    return write(path, partial(_to_parquet, table))


def _to_csv(table: pd.DataFrame, path: Path) -> None:
    texts = {name: table[name].map(_told) for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])}
    table.assign(**texts).to_csv(path, index=False, lineterminator="\n")


def _told(cell: object) -> object:
    return harmless(cell) if isinstance(cell, str) else cell


def _to_parquet(table: pd.DataFrame, path: Path) -> None:
    plain = table.astype({name: object for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])})
    fastparquet.write(str(path), plain, write_index=False, object_encoding="utf8")

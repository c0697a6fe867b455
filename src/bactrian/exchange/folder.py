"""A case as a folder of CSV tables with `datapackage.json`: the form that cases are kept in.

Frictionless Data Package v1, profile tabular-data-package: https://specs.frictionlessdata.io/tabular-data-package/
"""

from __future__ import annotations

from pathlib import Path

from bactrian.case import TABLES, Case, load
from bactrian.case.writing import fill_folder
from bactrian.exchange.loss import Loss

__all__ = ["read", "write"]


def read(path: Path) -> Case:
    """Read the case in a folder; raise CaseError with all findings."""
    return load(path)


def write(case: Case, folder: Path) -> list[Loss]:
    """Write all tables and the descriptor into an empty folder; nothing is lost."""
    fill_folder(folder, {name: case.table(name) for name in TABLES}, case.name)
    return []

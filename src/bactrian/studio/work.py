"""What the studio asks of the other rooms, in a process of its own that keeps cases and runs at hand.

Everything comes in and goes out as plain types. A run is named by an `Asked`; its flows are kept for a while and found
again when they are wanted and gone.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from bactrian.assign import Flows
from bactrian.case import TABLES, Case, load, schema
from bactrian.case.scenario import written
from bactrian.demand import demand
from bactrian.draw.files import save_run
from bactrian.errors import CaseError, SolveError
from bactrian.files import write
from bactrian.measure import compare
from bactrian.report import comparison_summary, records, summary, usual_pairs
from bactrian.scenarios import read_scenario
from bactrian.verbs import answers_to_cost, check_year, run

__all__ = [
    "Asked",
    "case_hash",
    "check_told",
    "compare_told",
    "export",
    "keep",
    "key_of",
    "links_told",
    "recall",
    "run_told",
    "save_files",
    "source_told",
    "table_told",
    "through_told",
]

Record = dict[str, Any]
Kept = TypeVar("Kept")

CASES, RUNS = 6, 60  # kept at hand in each process; a run takes 2 to 3 MB


@dataclass(frozen=True, slots=True)
class Asked:
    """A run somebody asks for: `where` the case is, a built-in name or a folder; the text of a scenario, or ""; the
    year, and the price of carbon in USD/t."""

    where: str
    scenario: str = ""
    year: int = 2021
    carbon_usd_per_t: float = 0.0


def key_of(asked: Asked, case: str) -> str:
    """The name of the result of a run on a case of that content hash: the same for the same result.

    >>> one = key_of(Asked("transcaspian", year=2030), "5eed")
    >>> one == key_of(Asked("elsewhere", year=2030), "5eed") and one != key_of(Asked("transcaspian"), "5eed")
    True
    """
    scenario = json.loads(read_scenario(asked.scenario).text) if asked.scenario else {}
    for name in ("name", "case"):
        scenario.pop(name, None)
    told = [version("bactrian"), case, scenario, asked.year, float(asked.carbon_usd_per_t)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def case_hash(where: str) -> str:
    """The content hash of a case; raises CaseError with all findings when it is faulty."""
    return _case(where).hash


def run_told(asked: Asked) -> Record:
    """The result of a run as `bactrian run --json` tells it (`summary`), and every resource that is limited.

    Raises CaseError and SolveError as `run` does, and for a scenario that does not fit.
    """
    flows = _flows(asked)
    return {
        "year": asked.year,
        "summary": summary(flows, usual_pairs(flows)),
        "links": records(flows.links()),
        "resources": records(flows.resources),
    }


def links_told(asked: Asked, commodity: str | None, corridor: str | None) -> list[Record]:
    """What of a commodity or on a corridor each link carries; raises SolveError where there is no such."""
    return records(_flows(asked).links(commodity, corridor))


def through_told(asked: Asked, row: str) -> Record:
    """Which trade uses a link or terminal, how full it is, its cells with units, and who says so.

    Raises SolveError for a row there is not.
    """
    flows = _flows(asked)
    case = flows.network.case
    table = next((name for name in ("links", "terminals", "access") if row in set(case.table(name)["id"])), None)
    if table is None:
        raise SolveError(f"no link, terminal or access {row!r} in the case")
    try:
        users = records(flows.through(row))
    except SolveError:  # it is not open
        users = []
    used = flows.resources[(flows.resources["table"] == table) & (flows.resources["row"] == row)]
    return {
        "table": table,
        "row": row,
        "users": users,
        "resource": next(iter(records(used)), None),
        "cells": _cells(case, table, row),
        "source": _source(case, table, row),
    }


def compare_told(asked: Asked, base: Asked) -> Record:
    """A run set beside another one, as `bactrian compare --json` tells it.

    Raises SolveError for runs that cannot be compared.
    """
    return comparison_summary(compare(_flows(base), _flows(asked)))


def save_files(asked: Asked, folder: str) -> list[str]:
    """Write to a folder what `bactrian run --out` writes, and return the names of the files."""
    flows = _flows(asked)
    return [path.name for path in save_run(flows, Path(folder), usual_pairs(flows))]


def keep(asked: Asked, file: str) -> None:
    """Write the flows of a run to a file, for another process to `recall`."""
    content = zlib.compress(pickle.dumps(_flows(asked)), 1)
    write(Path(file), lambda draft: draft.write_bytes(content))


def recall(asked: Asked, file: str) -> None:
    """Have at hand the flows of a run that this very version of the package kept in a file, if it did.

    The file must be one that `keep` wrote: reading it can do anything that Python can.
    """
    path = Path(file)
    if asked not in _runs and path.exists():
        with suppress(zlib.error, EOFError, pickle.UnpicklingError):  # a disk that was full: they are found again
            _runs.get_or(asked, lambda: pickle.loads(zlib.decompress(path.read_bytes())))


def export(where: str, scenario: str, folder: str) -> None:
    """Write a case as a scenario has it to a new folder; raises CaseError as the scenario does."""
    _changed(where, scenario).save(folder)


def check_told(where: str, scenario: str) -> Record:
    """What `bactrian check` says of a case as a scenario has it, and how many cells that changes."""
    try:
        case = _changed(where, scenario)
    except CaseError as error:
        return {"findings": [asdict(one) for one in error.findings], "hash": None, "changes": None}
    return {"findings": [], "hash": case.hash, "changes": len(case.changes)}


def table_told(where: str, table: str) -> Record:
    """The columns of a table, and its rows as they are written; raises CaseError where there is no such table."""
    rows = written(_case(where).table(table))
    columns = [{name: getattr(one, name) for name in _COLUMN} for one in schema(table)]
    return {"table": table, "tables": list(TABLES), "columns": columns, "rows": list(rows.values())}


_COLUMN = ("column", "type", "unit", "required", "default", "rule", "refers", "description")


def source_told(where: str, table: str, row: str) -> Record:
    """Who says so: the source of one row, with how sure it is; raises CaseError where there is no such row."""
    return _source(_case(where), table, row)


def _source(case: Case, table: str, row: str) -> Record:
    return {str(name): str(cell) for name, cell in case.source(table, row).items()}


def _cells(case: Case, table: str, row: str) -> list[Record]:
    """The cells of a row that hold something, as written, with their units."""
    told = written(case.table(table))[row]
    return [
        {"column": one.column, "value": told[one.column], "unit": one.unit, "description": one.description}
        for one in schema(table)
        if told[one.column]
    ]


class _Shelf(OrderedDict[Any, Kept]):
    """What was made last, so much of it."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def get_or(self, key: Any, make: Callable[[], Kept]) -> Kept:
        """What stands there, made first if it does not."""
        if key not in self:
            self[key] = make()
        self.move_to_end(key)
        while len(self) > self.room:
            self.popitem(last=False)
        return self[key]


_cases: _Shelf[Case] = _Shelf(CASES)
_runs: _Shelf[Flows] = _Shelf(RUNS)


def _case(where: str) -> Case:
    return _cases.get_or(where, lambda: load(where))


def _changed(where: str, scenario: str) -> Case:
    case = _case(where)
    return read_scenario(scenario).apply(case) if scenario else case


def _flows(asked: Asked) -> Flows:
    return _runs.get_or(asked, lambda: _found(asked))


def _found(asked: Asked) -> Flows:
    """The run, as `bactrian.verbs.run` would find it by itself, but with a reference that is at hand."""
    check_year(asked.year)
    case = _changed(asked.where, asked.scenario)
    base = Asked(asked.where, year=demand(case, asked.year).base_year)
    changed = bool(case.changes) or asked.year != base.year or bool(asked.carbon_usd_per_t)
    reference = _flows(base) if changed and answers_to_cost(case) else None
    return run(case, asked.year, reference=reference, carbon_usd_per_t=asked.carbon_usd_per_t)

"""Questions that workers answer beside those of `bactrian.studio.work`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from bactrian.briefing import picture
from bactrian.case import Case, load
from bactrian.studio.shown import case_told
from bactrian.studio.work import Asked, keep, recall, run_told, source_told, table_told

__all__ = ["about_runs", "case_at", "drawn", "ready", "run_at", "source_at", "table_at", "warm"]


def case_at(where: str, code: str) -> str:
    """What a page needs of the case there, as JSON with names in a language; raises CaseError for a faulty case."""
    return json.dumps(case_told(_case(where), code), ensure_ascii=False, allow_nan=False)


def run_at(asked: Asked, file: str) -> dict[str, Any]:
    """The result of a run; its flows are kept in a file, from which other processes answer about them."""
    told = run_told(asked)
    keep(asked, file)
    return told


def about_runs(function: Callable[..., Any], runs: tuple[tuple[Asked, str], ...], *more: Any) -> Any:
    """What a function tells of runs whose flows are kept in files; they are found again where a file is gone."""
    for asked, file in runs:
        recall(asked, file)
    return function(*(asked for asked, _ in runs), *more)


def table_at(where: str, table: str) -> str:
    """A table of the case there with its columns, as JSON; raises CaseError where there is no such table."""
    return json.dumps(table_told(where, table), ensure_ascii=False, allow_nan=False)


def source_at(where: str, table: str, row: str) -> str:
    """Who says so: the source of a row, as JSON; raises CaseError where there is no such row."""
    return json.dumps(source_told(where, table, row), ensure_ascii=False, allow_nan=False)


def drawn(results: tuple[str, ...], name: str, code: str, where: str) -> str:
    """A picture of results of the case there, as SVG; raises BriefError where they do not bear it."""
    return picture(results, name, language=code, case=where)


def ready() -> str:
    """Have at hand what any answer needs: the modules that are imported here."""
    return ""


def warm(where: str) -> str:
    """Have at hand what the first run of a case needs: compiled code, and the flows that demand answers to."""
    run_told(Asked(where))
    return ""


@lru_cache(maxsize=4)
def _case(where: str) -> Case:
    return load(where)

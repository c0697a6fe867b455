"""Questions that workers answer beside those of `bactrian.studio.work`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bactrian.case import Case, load
from bactrian.studio.shown import case_told
from bactrian.studio.work import Asked, run_told

__all__ = ["case_at", "warm"]


def case_at(where: str, code: str) -> dict[str, Any]:
    """What a page needs of the case there, with names in a language; raises CaseError for a faulty case."""
    return case_told(_case(where), code)


def warm(where: str) -> str:
    """Have at hand what the first run of a case needs: compiled code, and the flows that demand answers to."""
    run_told(Asked(where))
    return ""


@lru_cache(maxsize=4)
def _case(where: str) -> Case:
    return load(where)

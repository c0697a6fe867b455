"""Questions that workers answer beside those of `bactrian.studio.work`."""

from __future__ import annotations

import json
from functools import lru_cache

from bactrian.briefing import picture
from bactrian.case import Case, load
from bactrian.studio.shown import case_told
from bactrian.studio.work import Asked, run_told

__all__ = ["case_at", "drawn", "warm"]


def case_at(where: str, code: str) -> str:
    """What a page needs of the case there, as JSON with names in a language; raises CaseError for a faulty case."""
    return json.dumps(case_told(_case(where), code), ensure_ascii=False, allow_nan=False)


def drawn(results: tuple[str, ...], name: str, code: str, where: str) -> str:
    """A picture of results of the case there, as SVG; raises BriefError where they do not bear it."""
    return picture(results, name, language=code, case=where)


def warm(where: str) -> str:
    """Have at hand what the first run of a case needs: compiled code, and the flows that demand answers to."""
    run_told(Asked(where))
    return ""


@lru_cache(maxsize=4)
def _case(where: str) -> Case:
    return load(where)

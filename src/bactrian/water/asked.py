"""What a person asks for: a level or the year of a scenario, and metres to dredge, as written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bactrian.case import Case
from bactrian.errors import CaseError, Finding
from bactrian.units import parse
from bactrian.water.levels import OBSERVED, check_level, level

__all__ = ["read_dredging", "read_level"]


def read_level(
    case: Case, height: str | None = None, scenario: str | None = None, year: int | None = None
) -> tuple[float, dict[str, Any]]:
    """The level meant, in m above the Baltic datum, and what it was read from: a height, or a scenario and year.

    With neither it is the last level observed. Raises CaseError when both are given, when a future has no year, or
    when the level is none; UnitError when the height cannot be read.

    >>> from bactrian.case import load
    >>> read_level(load("transcaspian"), "-30.5 m")[0], read_level(load("transcaspian"))[0]
    (-30.5, -29.21)
    """
    if height is not None:
        if scenario is not None or year is not None:
            rule = "both a level and a scenario or year"
            raise CaseError([Finding("levels", 0, "level_m", rule, "ask for one of them")])
        level_m = _metres(height)
        check_level(level_m)
        return level_m, {}
    named = scenario or OBSERVED
    if year is None:
        seen = case.table("levels").loc[lambda table: table["scenario"] == OBSERVED, "year"]
        if named != OBSERVED or seen.empty:
            raise CaseError([Finding("levels", 0, "year", f"no year of {named}", "say which with --year")])
        year = int(seen.max())
    return level(case, named, year), {"scenario": named, "year": year}


def read_dredging(asked: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Metres by place, those for one place added up; raise UnitError for what is no length.

    >>> read_dredging([("KZAAU", "1.5"), ("KZAAU", "50 m")])
    {'KZAAU': 51.5}
    """
    metres: dict[str, float] = {}
    for place, text in asked:
        metres[place] = metres.get(place, 0.0) + _metres(text)
    return metres


def _metres(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return parse(text).to("m")
    return parse(f"{number!r} m").to("m")

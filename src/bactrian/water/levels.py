"""The level of the sea by year: what was observed, and the futures of the table `levels`."""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np
import pandas as pd

from bactrian.case import Case
from bactrian.errors import CaseError, Finding

__all__ = ["ASKED", "HIGHEST", "LOWEST", "OBSERVED", "check_level", "level", "scenarios"]

OBSERVED = "observed"
ASKED = "asked"  # what the row is called that says at which level a case stands
LOWEST, HIGHEST = -60.0, -10.0  # m above the Baltic datum, as in the schema: beyond lies no Caspian


def scenarios(case: Case) -> list[str]:
    """The futures of the sea that the case knows, what was observed first.

    >>> from bactrian.case import load
    >>> scenarios(load("transcaspian"))
    ['observed', 'ministry_ecology', 'ministry_water', 'rcp45', 'rcp85']
    """
    named = dict.fromkeys([OBSERVED, *case.table("levels")["scenario"]])
    return [name for name in named if name != ASKED]


def level(case: Case, scenario: str, year: float) -> float:
    """Mean level of the sea in `year` in m above the Baltic datum, on straight lines between the years of the table.

    A future begins with the last year observed. Nothing is known beyond the last year of a scenario, nor before the
    first year observed: CaseError then, as for a scenario there is not.

    >>> from bactrian.case import load
    >>> round(level(load("transcaspian"), "rcp45", 2040), 3)
    -31.124
    """
    table = case.table("levels")
    if scenario not in scenarios(case):
        near = get_close_matches(scenario, scenarios(case), 1)
        remedy = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(scenarios(case))}"
        raise CaseError([Finding("levels", 0, "scenario", f"no scenario {scenario!r}", remedy)])
    seen = table[table["scenario"] == OBSERVED].sort_values("year")
    ahead = table[table["scenario"] == scenario].sort_values("year")
    if scenario != OBSERVED and len(seen):
        ahead = ahead[ahead["year"] > seen["year"].max()]
    known = seen if scenario == OBSERVED else pd.concat([seen, ahead])
    years, heights = known["year"].to_numpy(), known["level_m"].to_numpy()
    if not len(years) or not years[0] <= year <= years[-1]:
        span = f"{years[0]:.0f} to {years[-1]:.0f}" if len(years) else "no year"
        rule = f"{scenario} says nothing of {year:g}, only of {span}"
        raise CaseError([Finding("levels", 0, "year", rule, "ask for a year within, or give a level")])
    return float(np.interp(year, years, heights))


def check_level(level_m: float) -> None:
    """Raise CaseError for a level that the Caspian cannot have, such as one above the ground around it."""
    if not LOWEST <= level_m <= HIGHEST:
        rule = f"{level_m:g} m is no level of the Caspian: it lies between {LOWEST:g} and {HIGHEST:g} m"
        remedy = "write metres above the Baltic datum, such as -30.5"
        raise CaseError([Finding("levels", 0, "level_m", rule, remedy)])

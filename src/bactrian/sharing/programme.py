"""What there is to build and from when: a plan made before, or every project as soon as can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bactrian.case import Case
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.planning import Terms, field_of

__all__ = ["checked", "read_plan", "soonest"]


def soonest(case: Case, terms: Terms) -> dict[str, int]:
    """Every project that could be decided on with the year in which works can begin, so that it opens in time and not
    before what it requires.

    >>> from bactrian.case import load
    >>> soonest(load("transcaspian"), Terms(2026, 2040))["P26"]
    2026
    """
    field = field_of(case, terms.first)
    starts = {one.id: terms.starts(one)[0] for one in field.candidates.values() if len(terms.starts(one))}
    while True:
        before = dict(starts)
        for name in before:
            one = field.candidates[name]
            for other in one.requires:
                if other in starts:
                    opens = terms.opening(field.candidates[other], starts[other])
                elif other in field.committed:
                    opens = field.committed[other]
                elif field.left_out.get(other) == "completed":
                    continue
                else:
                    starts.pop(name, None)  # nobody builds what it requires
                    break
                starts[name] = max(starts[name], opens - one.build_years)
            if name in starts and starts[name] not in terms.starts(one):
                del starts[name]
        if starts == before:
            return starts


def checked(case: Case, terms: Terms, programme: Mapping[str, int]) -> dict[str, int]:
    """The programme in whole years. Raises SolveError for a project there is not or that has no cost, and for works
    that cannot begin when it says."""
    candidates = field_of(case, terms.first, programme).candidates
    starts = {}
    for name, start in programme.items():
        able = terms.starts(candidates[name])
        if isinstance(start, bool) or start != int(start) or int(start) not in able:
            when = f"they can begin in {able[0]}-{able[-1]}" if len(able) else "it cannot open before the plan ends"
            raise SolveError(f"works on {name} cannot begin in {start}: {when}")
        starts[name] = int(start)
    return starts


def read_plan(path: Path, case: Case) -> tuple[dict[str, int], Terms, str | None]:
    """The programme, terms and scenario of a plan of `case`, from its folder or the result.json in it.

    Raises CaseError where there is none, its certificate does not hold, or it was made of other data.
    """
    file = path / "result.json" if path.is_dir() else path
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        made, terms = told["provenance"], told["provenance"]["terms"]
        starts = {str(one["id"]): one["start"] for one in told["projects"]}
        if len(starts) < len(told["projects"]) or not all(type(one) is int for one in starts.values()):
            raise ValueError
        years = [int(year) for year in terms["model_years"]]
        step = years[1] - years[0] if len(years) > 1 else 5
        read = Terms(
            int(terms["first"]),
            int(terms["last"]),
            discount=float(terms["discount"]),
            price_year=int(terms["price_year"]),
            residual=bool(terms["residual"]),
            carbon_usd_per_t=float(terms["carbon_usd_per_t"]),
            step=step,
        )
        sure, of_case, scenario = told["certificate"]["holds"] is True, str(made["case_hash"]), made["scenario"]
    except OSError as error:
        raise _finding(file, f"cannot be read: {error.strerror}", "name the folder that a plan was saved to") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, SolveError):
        raise _finding(file, "is not the result of a plan", "name the folder that a plan was saved to") from None
    if of_case != case.hash:
        rule = f"was made of other data ({of_case[:12]}) than this case ({case.hash[:12]})"
        raise _finding(file, rule, "plan again, or name the case it was made of")
    if not sure:
        raise _finding(file, "its certificate does not hold", "plan again")
    return starts, read, None if scenario is None else str(scenario)


def _finding(file: Path, rule: str, remedy: str) -> CaseError:
    return CaseError([Finding(str(file), 0, "", rule, remedy)])

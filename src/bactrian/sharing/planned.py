"""A plan that was made before, read from its files: what it builds and on which terms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bactrian.case import Case
from bactrian.errors import CaseError, Finding
from bactrian.planning import Terms

__all__ = ["read_plan"]


def read_plan(path: Path, case: Case) -> tuple[dict[str, int], Terms, str | None]:
    """The programme, terms and scenario of a plan of `case`, from its folder or the result.json in it.

    Raises CaseError where there is none, its certificate does not hold, or it was made of other data.
    """
    file = path / "result.json" if path.is_dir() else path
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        made, terms = told["provenance"], told["provenance"]["terms"]
        starts = {str(one["id"]): int(one["start"]) for one in told["projects"]}
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
        sure, of_case, scenario = bool(told["certificate"]["holds"]), str(made["case_hash"]), made["scenario"]
    except OSError as error:
        raise _finding(file, f"cannot be read: {error.strerror}", "name the folder that a plan was saved to") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _finding(file, "is not the result of a plan", "name the folder that a plan was saved to") from None
    if of_case != case.hash:
        rule = f"was made of other data ({of_case[:12]}) than this case ({case.hash[:12]})"
        raise _finding(file, rule, "plan again, or name the case it was made of")
    if not sure:
        raise _finding(file, "its certificate does not hold", "plan again")
    return starts, read, None if scenario is None else str(scenario)


def _finding(file: Path, rule: str, remedy: str) -> CaseError:
    return CaseError([Finding(str(file), 0, "", rule, remedy)])

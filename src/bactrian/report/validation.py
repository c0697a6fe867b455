"""The validation page: what was published beside what the model says, as Markdown made from results alone."""

from __future__ import annotations

import math

import pandas as pd

from bactrian.case import Case
from bactrian.measure import against_quotes
from bactrian.verbs import run

__all__ = ["published", "validation"]


def published(case: Case) -> pd.DataFrame:
    """All quotes of the case beside the model's figures, each in its year (see `against_quotes`).

    Raises CaseError or SolveError as `run` does.
    """
    years = sorted(case.table("quotes")["year"].astype(int).unique().tolist())
    if not years:
        return case.table("quotes")
    return pd.concat([against_quotes(run(case, year)) for year in years], ignore_index=True)


def validation(case: Case) -> str:
    """Run the year of every published quote of the case and set the model's time and price beside it.

    Raises CaseError or SolveError as `run` does.
    """
    told = published(case)
    lines = [
        f"# Validation: {case.name}",
        "",
        f"Made by `bactrian validate {case.name}` from case content {case.hash[:12]}. Not edited by hand.",
        "",
        "## Published times and prices",
        "",
        "The model's way is the one of least generalised cost between the places named that passes what the quote",
        "passes, for the goods of that form that most is carried of. Handling at both ends is left out. Days are given",
        "without and with the queues that the flows of that year leave on it; prices are plain sums of the tariffs in",
        "the case, and a 40-foot box is taken as two of 20 feet. A star marks figures that were looked at while",
        "setting speeds or prices, so that they are no independent test.",
        "",
    ]
    if told.empty:
        return "\n".join([*lines, "The case has no quotes.", ""])
    lines += [
        "| route | year | days, published | model | with queues | USD, published | model | per |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for one in told.to_dict("records"):
        star = " *" if one["seen"] == "yes" else ""
        cells = [
            one["name"].replace("|", "\\|") + star,
            f"{one['year']:.0f}",
            _range(one["days_low"], one["days_high"], 1),
            _number(one["days"], 1) if one["rows"] else "no way",
            _number(one["days_waiting"], 1),
            _range(one["usd_low"], one["usd_high"], 0),
            _number(one["usd"], 0),
            one["price_unit"].upper() if one["price_unit"] != "t" else "t",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_agreement(told), ""])


def _agreement(told: pd.DataFrame) -> list[str]:
    """How many figures lie within the published range widened by a quarter, those never looked at apart."""
    lines = []
    for title, model, low, high in (
        ("Days", "days_waiting", "days_low", "days_high"),
        ("USD", "usd", "usd_low", "usd_high"),
    ):
        both = told[told[low].notna() & told[model].notna()]
        near = (both[model] >= 0.75 * both[low]) & (both[model] <= 1.25 * both[high])
        unseen = both["seen"] == "no"
        some, all_, seen = int(near.sum()), len(both), f"{int((near & unseen).sum())} of {int(unseen.sum())}"
        lines.append(
            f"- {title}: {some} of {all_} within the published range widened by a quarter; never seen: {seen}."
        )
    return lines


def _number(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:,.{digits}f}"


def _range(low: float, high: float, digits: int) -> str:
    one, other = _number(low, digits), _number(high, digits)
    return one if one == other else f"{one} to {other}"

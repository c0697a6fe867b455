"""The validation page: what was published beside what the model says, as Markdown made from results alone."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from bactrian.calibration import Forecast, Hindcast, forecast, happened, hindcast, outcomes, own_elasticities
from bactrian.case import Case
from bactrian.demand import demand
from bactrian.measure import against_counts, against_quotes
from bactrian.report.card import card_lines, figure, percent, records, scores
from bactrian.verbs import run

__all__ = [
    "forecast_lines",
    "forecast_summary",
    "hindcast_lines",
    "published",
    "scored",
    "validation",
    "validation_summary",
]

FIRST = 1990
FORECAST_YEAR = 2030
FAR = 0.25  # relative error above which a series is explained


def published(case: Case) -> pd.DataFrame:
    """All quotes of the case beside the model's figures, each in its year (see `against_quotes`).

    Raises CaseError or SolveError as `run` does.
    """
    years = sorted(case.table("quotes")["year"].astype(int).unique().tolist())
    if not years:
        return case.table("quotes")
    return pd.concat([against_quotes(run(case, year)) for year in years], ignore_index=True)


def validation(case: Case) -> str:
    """Everything the case knows from outside beside what the model says: prices and times, counts, a year unseen.

    Runs the year of every published quote, the year the demand is known for, every later year with yearly observations,
    and 2030 if others have forecast it. Raises CaseError or SolveError as `run` does.
    """
    lines = [
        f"# Validation: {case.name}",
        "",
        f"Made by `bactrian validate {case.name}` from case content {case.hash[:12]}. Not edited by hand.",
        "",
        *_quotes(published(case)),
    ]
    base = demand(case, max(int(case.table("demand")["year"].min()), FIRST)).base_year
    observed = case.table("observations")
    later = sorted({int(year) for year in observed.loc[observed["year"] > base, "year"]})
    if case.table("counts").empty:
        return "\n".join([*lines, "## Counts", "", "The case does not say what its observations count.", ""])
    lines += _calibrated(case, base)
    lines += _elastic(case, base)
    for year in later:
        lines += hindcast_lines(case, hindcast(case, year))
    lines += _outcomes(case)
    if FORECAST_YEAR in set(case.table("forecasts")["year"].astype(int)):
        lines += forecast_lines(case, forecast(case, FORECAST_YEAR))
    return "\n".join(lines)


def scored(case: Case, observed: pd.DataFrame) -> str:
    """The years of `observed` (series, year, value, unit) predicted and set beside it, as Markdown."""
    lines = [f"# {case.name} against other observations", ""]
    for year in sorted({int(year) for year in observed["year"]}):
        lines += hindcast_lines(case, hindcast(case, year, observed))
    return "\n".join(lines)


def _calibrated(case: Case, base: int) -> list[str]:
    """The year that the adjustments of the case were fitted to, run with them as they stand."""
    flows = run(case.with_effects(happened(case, base), base).rebased(), base)
    lines = [
        f"## Counts of {base}",
        "",
        "What was counted beside what the model counts, with the adjustments as they stand in the case: costs that",
        "shippers weigh in and nobody pays, found by `bactrian calibrate`. Only series marked fitted were used for it.",
        "",
    ]
    adjustments = case.table("adjustments")
    if len(adjustments):
        lines += ["| adjustment | kind | value | standard error |", "| --- | --- | ---: | ---: |"]
        for one in adjustments.to_dict("records"):
            error = "at a bound" if one["value"] in (one["low"], one["high"]) else _number(one["std_error"], 1)
            lines.append(f"| {one['id']} | {one['kind']} | {one['value']:,.2f} | {error} |")
        lines.append("")
    return [*lines, *card_lines(against_counts(flows, case.table("observations"))), ""]


def _elastic(case: Case, base: int) -> list[str]:
    """The elasticities given and those that come out of the model."""
    lines = [
        "## Elasticities",
        "",
        f"Every cost of {base} 1 % up, flows and demand settled again: change of demand over that of the generalised",
        "cost, and over the 1 % put in, part of which shorter queues take back.",
        "",
        "| commodity | given | recovered | over what was put in |",
        "| --- | ---: | ---: | ---: |",
    ]
    for one in own_elasticities(case, base).to_dict("records"):
        cells = [one["commodity"], *(_number(one[name], 3) for name in ("given", "recovered", "put_in"))]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def hindcast_lines(case: Case, told: Hindcast) -> list[str]:
    """A year that nothing was fitted to, as Markdown: what was in force, and the card."""
    year, base = told.flows.network.year, told.base.network.year
    acting = set(case.table("effects")["cause"]) | set(case.table("avoidances")["cause"])
    causes = [f"{cause} ({share:.0%} of the year)" for cause, share in told.causes.items() if cause in acting]
    lines = [
        f"## {year}, not fitted",
        "",
        f"Predicted from {base} by growth and by what is known to have happened, nothing fitted again. In force:",
        f"{', '.join(causes) or 'nothing'}.",
        "",
        f"| series | unit | model {base} | model {year} | counted {year} | error | change, model | change, counted |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    observed = case.table("observations")
    before = observed[observed["year"] == base].drop_duplicates("series").set_index("series")
    for one in told.card.dropna(subset="modelled").to_dict("records"):
        was = before["value"].get(one["series"], math.nan)
        same = was == was and was != 0 and before["unit"].get(one["series"]) == one["unit"]
        cells = [
            *(
                one["series"],
                one["unit"],
                figure(one["base_modelled"]),
                figure(one["modelled"]),
                figure(one["observed"]),
            ),
            percent(one["error"]),
            f"{one['modelled'] / one['base_modelled'] - 1:+.0%}" if one["base_modelled"] else "",
            f"{one['observed'] / was - 1:+.0%}" if same else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    notes = case.table("counts").drop_duplicates("series").set_index("series")["notes"]
    far = told.card[told.card["error"].abs() > FAR].drop_duplicates("series")
    lines += ["", f"Series more than {FAR:.0%} off, and what the case says of them:", ""] if len(far) else []
    lines += [f"- {series}: {notes.get(series) or 'nothing'}." for series in far["series"]]
    return [*lines, *card_lines(told.card)[2 + int(told.card["modelled"].notna().sum()) :], ""]


SETS = {
    "in_force": "all year, not at all",
    "ended": "over, in force all year",
    "in_year": "as it was, not at all",
    "year_before": "the year, the year before",
    "capacity": "capacity then, that of the year of the event",
}


def _outcomes(case: Case) -> list[str]:
    """What is said to have come of events, beside the model."""
    told = outcomes(case)
    if told.empty:
        return []
    lines = [
        "## What came of events",
        "",
        "Each series with the event set against without it, as the third column says, all else as it was in that year.",
        f"The direction is right in {int(told['agrees'].sum())} of {len(told)}.",
        "",
        "| event | series | compared | year | from | to | unit | model | reported | direction |",
        "| --- | --- | --- | ---: | ---: | ---: | --- | ---: | ---: | --- |",
    ]
    for one in told.to_dict("records"):
        sign = "+" if one["reads"] == "change" else ""
        unit = "%" if one["unit"] == "percent" else f" {one['unit']}"
        cells = [
            *(one["event"], one["series"], SETS[str(one["compares"])], one["year"]),
            *(figure(one["before"]), figure(one["after"]), one["series_unit"]),
            *("" if math.isnan(value) else f"{value:{sign}.3g}{unit}" for value in (one["modelled"], one["value"])),
            f"{one['direction']}, {'right' if one['agrees'] else 'WRONG'}",
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += [""] + [f"- {one['event']}: {one['notes']}." for one in told.to_dict("records") if one["notes"]]
    return [*lines, ""]


def forecast_lines(case: Case, told: Forecast) -> list[str]:
    """A year to come without and with the projects known, and what others have published, as Markdown."""
    year = told.without.network.year
    known = "the projects known" if told.scenario is None else f"the scenario {told.scenario}"
    lines = [
        f"## {year}, without and with {known}",
        "",
        "Events without an end go on. Without: completed projects alone. With: also",
        f"{', '.join(told.projects) or 'nothing'}{_causes(case, told)}.",
        "",
        f"| series | unit | {told.base.network.year} | {year} without | {year} with |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for one in told.table.to_dict("records"):
        cells = [one["series"], one["unit"], *(figure(one[name]) for name in ("base", "without", "with_projects"))]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "Days from door to door, the mean over all that a corridor carries:", ""]
    lines += [
        f"| corridor | {told.base.network.year} | {year} without | {year} with |",
        "| --- | ---: | ---: | ---: |",
    ]
    for one in told.days.to_dict("records"):
        days = (figure(one[name]) for name in ("base", "without", "with_projects"))
        lines.append(f"| {one['corridor']} | {' | '.join(days)} |")
    lines += ["", "Published by others:", ""]
    lines += [
        "| publisher | what | scenario | year | value | unit | nearest series |",
        "| --- | --- | --- | ---: | ---: | --- | --- |",
    ]
    for one in case.table("forecasts").to_dict("records"):
        what = f"{one['metric']}, {one['scope']}".replace("_", " ").replace("|", "\\|")
        cells = [
            one["publisher"],
            what,
            one["scenario"],
            f"{one['year']:.0f}",
            figure(one["value"]),
            one["unit"],
            one["series"],
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return [*lines, ""]


def _causes(case: Case, told: Forecast) -> str:
    """What a scenario is, in its own words."""
    if told.scenario is None:
        return ""
    notes = case.table("scenarios").set_index("id")["notes"][told.scenario]
    return f" ({notes})" if notes else ""


def _quotes(told: pd.DataFrame) -> list[str]:
    """Published times and prices beside the model's."""
    lines = [
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
        return [*lines, "The case has no quotes.", ""]
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
    return [*lines, "", *_agreement(told), ""]


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


def validation_summary(case: Case, observed: pd.DataFrame | None = None) -> dict[str, Any]:
    """The validation as plain types: quotes, cards of the base year and of every year unseen, and outcomes of events.

    With `observed` (series, year, value, unit) just the cards of its years.
    """
    counts = case.table("observations") if observed is None else observed
    base = demand(case, FORECAST_YEAR).base_year if observed is None else None
    years = sorted({int(year) for year in counts["year"] if base is None or year > base})
    cards = {}
    for year in years if len(case.table("counts")) else []:
        told = hindcast(case, year, observed)
        holds = told.flows.certificate.holds
        cards[str(year)] = {
            "causes": told.causes,
            "certificate": holds,
            "scores": scores(told.card),
            "card": records(told.card),
        }
    quotes = {} if observed is not None else {"quotes": records(published(case))}
    of_events = {"outcomes": records(outcomes(case))} if observed is None and len(case.table("counts")) else {}
    return {"case": case.name, "hash": case.hash, **quotes, "hindcasts": cards, **of_events}


def forecast_summary(told: Forecast) -> dict[str, Any]:
    """A forecast as plain types."""
    return {
        "case": told.base.network.case.name,
        "year": told.without.network.year,
        "projects": list(told.projects),
        "scenario": told.scenario,
        "series": records(told.table),
        "days": records(told.days),
        "certificates": [flows.certificate.holds for flows in (told.base, told.without, told.with_projects)],
    }

"""Stress in words: the sections that a page and the terminal share, made from the summaries alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bactrian.report.plan_words import Section, rounded

__all__ = ["course_sections", "risk_sections"]

Record = dict[str, Any]

SHOWN = 10  # countries and goods told


def course_sections(told: Record) -> list[Section]:
    """What there is to tell of a course, the most important first, from `course_summary`."""
    asked = told["provenance"]
    until = "" if told["horizon_days"] is None else f" up to day {told['horizon_days']:,.0f}"
    built = f", with {' '.join(asked['projects'])} built" if asked["projects"] else ""
    lines = [
        f"{' and '.join(asked['events'])} in {asked['year']}{built}:"
        f" {_either(told['cost_musd'], 'mUSD of cost to', 'mUSD gained by')} shippers{until}",
        f"{rounded(told['waiting_kt'])} kt wait, {rounded(told['given_up_kt'])} kt have no way and are given up,"
        f" {_either(told['forgone_kt'], 'kt are not sent at all because of', 'kt more are sent for')} the cost;"
        f" {_either(told['co2e_kt'], 'kt more', 'kt less')} CO2e.",
    ]
    if told["unfelt"]:
        lines.append(f"Nothing follows in {asked['year']} from {' and '.join(told['unfelt'])}.")
    lines.append(_course_checked(told["certificate"]))
    costs = "Half of a cost is that of the country of origin, half that of the destination."
    return [
        Section("", tuple(lines)),
        _corridors(told),
        Section("Cost by country", (), ("country",), ("mUSD",), _costs(told["countries"], "name"), (costs,)),
        Section("Cost by goods", (), ("goods",), ("mUSD",), _costs(told["commodities"], "commodity")),
        _spans(told["spans"]),
    ]


def _corridors(told: Record) -> Section:
    first = told["spans"][0]
    rows = [
        (
            one["name"],
            *(rounded(one[f"kt_{when}"]) for when in ("before", "after")),
            rounded(one["kt_after"] - one["kt_before"]),
            *(rounded(one[f"{what}_{when}"]) for what in ("days", "usd_per_t") for when in ("before", "after")),
        )
        for one in told["corridors"]
    ]
    lasts = "for good" if first["days"] is None else f"over its {rounded(first['days'])} days"
    heads = ("kt/yr", "then", "change", "days", "then", "USD/t", "then")
    said = f"In calm, and then in the first span, {lasts}: what goes, not what waits, at the yearly rate."
    return Section("Corridors before and after", (), ("corridor",), heads, tuple(rows), (said,))


def _spans(spans: list[Record]) -> Section:
    rows = []
    for one in spans:
        force = ", ".join(
            f"{name} {100 * degree:.0f} %" if degree < 1 else name for name, degree in one["active"].items()
        )
        ends = "on" if one["ends"] is None else f"to {one['ends']:.4g}"
        share = "" if one["share"] is None else f"{100 * one['share']:.1f}"
        figures = (rounded(one[name]) for name in ("waiting_kt", "backlog_kt", "clear_days"))
        rows.append((f"{one['begins']:.4g} {ends}", force or "calm", share, *figures))
    said = (
        "The backlog is what has come and waits when a span ends. It is let go when the first span begins in which some"
        " of its trade goes, and carried on top of what comes, as fast as a queue of that length clears with the"
        " capacity that is free in calm on the busiest part of its ways. Days to clear: until nine tenths of what is"
        " let go at the end of the span are carried."
    )
    heads = ("carried %", "waiting kt", "backlog kt", "days to clear")
    return Section("Over time", (), ("days", "in force"), heads, tuple(rows), (said,))


def _costs(rows: list[Record], name: str) -> tuple[tuple[str, ...], ...]:
    """The greatest costs and gains, in the order they stand in."""
    kept = sorted(rows, key=lambda one: -abs(one["cost_musd"]))[:SHOWN]
    return tuple((one[name], rounded(one["cost_musd"])) for one in rows if one in kept)


def risk_sections(told: Record) -> list[Section]:
    """What there is to tell of a risk, the most important first, from `risk_summary`."""
    asked, expected = told["provenance"], told["expected_musd"]
    lines = [
        f"Disruptions cost shippers {rounded(expected['mean'])} mUSD in {asked['days']:g} days of {asked['year']} on"
        f" average{_between(expected)}",
        f"The worst {100 * told['worst']['share']:g} % of futures cost {rounded(told['worst']['cost_musd'])} mUSD on"
        f" average. {rounded(told['waiting_kt']['mean'])} kt wait and {rounded(told['stranded_kt']['mean'])} kt have no"
        f" way for a time; {_either(told['co2e_kt']['mean'], 'kt more', 'kt less')} CO2e.",
    ]
    if plan := told["planned"]:
        lines.append(
            f"With {' '.join(asked['projects'])} built they cost {rounded(plan['planned_cost_musd']['mean'])} mUSD; to"
            f" shippers that is worth {rounded(plan['gain_musd']['mean'])} mUSD{_between(plan['gain_musd'])} in all, in"
            " calm days and others."
        )
    lines.append(f"{asked['draws']:,} futures, seed {asked['seed']}; intervals of 95 %.")
    lines.append(_risk_checked(told["certificate"]))
    tails = tuple(
        (f"{100 * one['chance']:g} %", *(rounded(one[name]) for name in ("cost_musd", "low", "high")))
        for one in told["tails"]
    )
    events = tuple(
        (
            one["name"],
            f"{100 * one['share']:.1f}",
            *(rounded(one[name]) for name in ("days", "with_musd", "without_musd")),
        )
        for one in told["events"]
    )
    countries = tuple(
        (one["name"], *(rounded(one[name]) for name in ("cost_musd", "low", "high")))
        for one in told["countries"][:SHOWN]
    )
    together = "Mean costs of futures with and without the event, whatever else takes place in them."
    return [
        Section("", tuple(lines)),
        *([_failing(told["fails"], told)] if told["fails"] else []),
        Section("Tails", (), ("exceeded with",), ("mUSD", "from", "to"), tails),
        Section("By event", (), ("event",), ("in % of futures", "days", "with mUSD", "without"), events, (together,)),
        Section("By country", (), ("country",), ("mUSD", "from", "to"), countries, ("The greatest costs.",)),
    ]


def _failing(rule: Record, told: Record) -> Section:
    """When projects bring less than a sum."""
    projects, names = told["provenance"]["projects"], {one["event"]: one["name"] for one in told["events"]}
    many, sum_ = len(projects) > 1, f"{rounded(rule['below_musd'])} mUSD"
    if rule["is_cost"]:
        costs = "they cost" if many else "it costs"
        sum_ = f"the {sum_} that {costs} in that time, with capital as an annuity of 5 %"
    fail = f"{' '.join(projects)} {'bring' if many else 'brings'} shippers less than {sum_}"
    if not rule["share"]:
        return Section("When this fails", (f"In none of these futures {fail}.",))
    lines = [f"In {100 * rule['share']:.1f} % of futures {fail}."]
    if rule["conditions"]:
        met = " and ".join(_condition(one, names) for one in rule["conditions"])
        lines.append(
            f"That is mostly so where {met}: {100 * rule['coverage']:.0f} % of the futures that fail are such"
            f" (coverage), and {100 * rule['density']:.0f} % of such futures fail (density)."
        )
    else:
        lines.append("Nothing that was drawn tells these futures from the others.")
    return Section("When this fails", tuple(lines))


def _condition(one: Record, names: Mapping[str, str]) -> str:
    """A condition on what was drawn, in words."""
    factor, side, value = one["factor"], one["side"], rounded(one["value"])
    if factor == "demand":
        return f"trade is {side} {value} times that of the year"
    if factor == "level_m":
        return f"the sea stands at {side} {one['value']:.2f} m"
    event = names[factor.removeprefix("days_")]
    if side == "at most":
        return f'"{event}" lasts {side} {value} days' if one["value"] > 0 else f'there is no "{event}"'
    return f'"{event}" lasts {side} {value} days'


def _course_checked(sure: Record) -> str:
    """Whether a course could be worked out anew."""
    if sure["holds"]:
        return (
            "Worked out anew from the tables: tonnes, loads, choices and cost agree"
            f" ({max(sure['loads'], sure['choice'], sure['faced'], sure['cost']):.0e}): the certificate holds."
        )
    figures = ", ".join(f"{name.replace('_', ' ')} {value:.2g}" for name, value in sure.items() if name != "holds")
    return f"THE CERTIFICATE DOES NOT HOLD. Errors: {figures}."


def _risk_checked(sure: Record | None) -> str:
    """Whether a risk could be worked out anew."""
    if sure is None:
        return "Nobody has checked this: there is no certificate."
    told = (
        f"draws {', '.join(map(str, sure['draws']))} worked out anew, {sure['states']} states from nothing:"
        f" {sure['difference']:.0e} apart"
    )
    if sure["holds"]:
        return f"All draws and sums are as they should be; {told}: the certificate holds."
    return (
        f"THE CERTIFICATE DOES NOT HOLD: {sure['amiss']} draws are missing or not those asked for, sums are"
        f" {sure['figures']:.0e} off, choices {sure['choice']:.0e}; {told}."
    )


def _either(value: float, more: str, less: str) -> str:
    """An amount with what it is, in other words where it is below 0."""
    return f"{rounded(abs(value))} {more if value >= 0 else less}"


def _between(one: Record) -> str:
    return "" if one["low"] is None else f" ({rounded(one['low'])} to {rounded(one['high'])})"

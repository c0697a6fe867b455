"""A plan in words: the sections that its page and the terminal share, made from the summary alone.

Sums of the model are given to three digits, as much as a run with such data can bear; what was put in is given whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Section", "how_good", "page_of", "plan_sections", "rounded"]

Record = dict[str, Any]

COUNTRIES = 8  # told of those that gain, and of those that pay on balance
SHOWN = 8  # other programmes, projects not chosen
NOUGHT = 1e-6  # below which a sum is told as 0
FAINT = 0.5  # mUSD, what is no gain or loss to tell
ANEW = 0.005  # change of the benefit with ways sought anew that a plan should warn of


@dataclass(frozen=True, slots=True)
class Section:
    """A title, words, a table whose first columns are `texts` and last ones `numbers`, and words after it."""

    title: str
    before: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()


def plan_sections(told: Record, whole: bool = False) -> list[Section]:
    """What there is to tell of a plan, the most important first, from `plan_summary`; `whole` for what a page has room
    for as well: years, goods, claims of promoters, and projects that could not be chosen."""
    found = [
        Section("", (_headline(told), *_asked(told))),
        _programme(told),
        Section("How good this is", tuple(how_good(told))),
        _countries(told),
        _choices(told),
    ]
    if told["not_chosen"]:
        found.append(_not_chosen(told))
    if told["frontier"]:
        found.append(_frontier(told["frontier"]))
    if told["robust"]:
        found.append(_futures(told["robust"]))
    return [*found, *_rest(told)] if whole else found


def page_of(title: str, sections: Sequence[Section], made_of: Record) -> str:
    """Sections as Markdown; `made_of` is the provenance of what they tell."""
    lines = [f"# {title}", ""]
    for section in sections:
        lines += [f"## {section.title}", ""] if section.title else []
        for line in section.before:
            lines += [line, ""]
        if section.rows:
            heads = [*section.texts, *section.numbers]
            rule = ["---"] * len(section.texts) + ["---:"] * len(section.numbers)
            rows = [[cell.replace("|", "\\|") for cell in row] for row in section.rows]
            lines += [f"| {' | '.join(row)} |" for row in (heads, rule, *rows)] + [""]
        for line in section.after:
            lines += [line, ""]
    made = f"Made by Bactrian {made_of['version']} from case content {made_of['case_hash'][:12]}. Not edited by hand."
    return "\n".join([*lines, made, ""])


def rounded(value: float | None) -> str:
    """A sum to three digits; nothing for what is not known.

    >>> rounded(12345.6), rounded(0.0421), rounded(-3.14159), rounded(-1e-15), rounded(None)
    ('12,300', '0.0421', '-3.14', '0', '')
    """
    if value is None:
        return ""
    short = float(f"{value:.3g}") if abs(value) >= NOUGHT else 0.0
    return f"{short:,.0f}" if abs(short) >= 100 else f"{short:.3g}"


def _headline(told: Record) -> str:
    terms, sums, count = told["provenance"]["terms"], told["appraisal"], len(told["projects"])
    when = f"{terms['first']}-{terms['last']}"
    if not count:
        return f"Build nothing in {when}: no programme found that keeps to the rules is worth more than nothing."
    parts = [
        f"Build {count} {'project' if count == 1 else 'projects'} for {sums['spent_musd']:,.0f} mUSD of capital in"
        f" {when}: net present value {rounded(told['value_musd'])} mUSD"
    ]
    if sums["ratio"] is not None:
        parts.append(f"benefit-cost ratio {sums['ratio']:.2g}")
    if sums["internal_rate"] is not None:
        parts.append(f"internal rate of return {_rate(sums['internal_rate'])} % a year")
    return f"{', '.join(parts)}."


def _asked(told: Record) -> list[str]:
    """The terms and rules that the programme answers to."""
    terms, rules, scenario = (told["provenance"][name] for name in ("terms", "rules", "scenario"))
    parts = [f"Money of {terms['price_year']} in mUSD, discounted at {100 * terms['discount']:g} % a year to the start"]
    parts.append(f"of {terms['first']}; flows found for {_listed(terms['model_years'])}; assets that outlive the plan")
    parts.append("count for what is left of their lives" if terms["residual"] else "count for nothing at its end")
    carbon = terms["carbon_usd_per_t"]
    parts[-1] += f"; CO2e counts {carbon:g} USD a tonne." if carbon else "; CO2e is told, not counted."
    keeps = [] if rules["budget_musd"] is None else [f"a budget of {rules['budget_musd']:,.6g} mUSD"]
    keeps += [f"{one['musd']:,.6g} mUSD in {one['first']}-{one['last']}" for one in rules["periods"]]
    keeps += [f"{most:,.6g} mUSD of {country}" for country, most in rules["countries_musd"].items()]
    keeps += [f"build {one}" + (f" from {year}" if year else "") for one, year in rules["build"].items()]
    keeps += [f"never build {one}" for one in rules["never"]]
    for name in ("at_most", "at_least"):
        keeps += [f"{name.replace('_', ' ')} {one['count']} of {' '.join(one['projects'])}" for one in rules[name]]
    lines = [" ".join(parts), f"Kept to: {'; '.join(keeps) or 'no budget, nor any rule but those of the case'}."]
    if scenario:
        lines.append(f"Planned in the future {scenario}.")
    if count := len(told["committed"]):
        are = "project is" if count == 1 else "projects are"
        lines.append(f"{count} {are} under way and count as there in any case once open.")
    return lines


def _programme(told: Record) -> Section:
    rows = [
        (
            one["id"],
            one["name"],
            f"{one['start']}-{one['works_end']}" if one["works_end"] > one["start"] else str(one["start"]),
            str(one["opens"]),
            f"{one['capex_musd']:,.0f}",
            rounded(one["put_in_musd"]),
            rounded(one["take_out_musd"]),
            "" if one["ratio"] is None else f"{one['ratio']:.2g}",
            _rate(one["internal_rate"]),
        )
        for one in told["projects"]
    ]
    said = (
        "Put in: net present value by itself. Take out: what the programme loses without it, to which ratio and rate"
        " belong too."
    )
    numbers = ("opens", "capital mUSD", "put in", "take out", "ratio", "rate %")
    return Section(
        "Programme", (), ("", "project", "works"), numbers, tuple(rows), (said,) if rows else ("Nothing is built.",)
    )


def how_good(told: Record) -> list[str]:
    """In plain words how far the best programme could be from the one found, and whether its value holds."""
    value, bound, top, checked = told["value_musd"], told["bound"], told["ceiling"], told["certificate"]
    lines = [
        f"Proved: no programme that keeps to the rules is worth more than {rounded(bound['value_musd'])} mUSD"
        f"{_above(bound['gap'])}."
    ]
    if bound["tolls_musd"] > 0:
        lines[0] += (
            " That bound lets a planner steer all traffic by tolls as well, which alone, without any project, would"
            f" bring up to {rounded(bound['tolls_musd'])} mUSD."
        )
    if top is None:
        lines.append("No ceiling was sought: too many projects exclude one another.")
    else:
        near = top["gap"] is not None and top["gap"] < 0.0005
        ceiling = "nothing beats this programme" if near or top["value_musd"] <= value else (
            f"none is worth more than {rounded(top['value_musd'])} mUSD{_above(top['gap'])}"
        )  # fmt: skip
        pairs = f"{top['nested']:,} pairs of sets tried, one within the other"
        kept = f"none of {pairs}, broke that" if not top["broken"] else (
            f"{top['broken']:,} of {pairs}, broke that, by {rounded(top['strayed_musd'])} mUSD a year at most"
        )  # fmt: skip
        lines.append(f"If opening more never makes a year worse, {ceiling}; {kept}.")
    agrees = f"agrees to {checked['difference']:.0e}" if checked["difference"] else "agrees"
    state = f"{agrees}: the certificate holds" if checked["holds"] else (
        f"gives {rounded(checked['value_musd'])} mUSD: the certificate does NOT hold"
    )  # fmt: skip
    line = f"The value worked out anew from the tables, with {checked['sets']} equilibria, {state}."
    if checked["ways_anew"] is not None and told["projects"]:
        moved = f"{checked['ways_anew']:+.2%}" if abs(checked["ways_anew"]) >= 5e-5 else "less than 0.01 %"
        line += f" With ways sought anew as well the benefit changes by {moved}."
        if abs(checked["ways_anew"]) > ANEW:
            line += " That is more than a search on kept ways should leave: the value is no surer than that."
    lines.append(line)
    lines.append(f"The search: {told['ended']}, {told['tried']:,} equilibria found.")
    if seconds := told.get("seconds"):
        parts = ", ".join(f"{name} {spent:.0f}" for name, spent in seconds.items() if spent >= 0.5)
        lines[-1] = f"{lines[-1][:-1]} in {sum(seconds.values()):.0f} s" + (f" ({parts})." if parts else ".")
    return lines


def _above(gap: float | None) -> str:
    return "" if gap is None else f", {rounded(100 * gap)} % above this one"


def _countries(told: Record) -> Section:
    sums = told["countries"]
    gaining = [one for one in sums if one["net"] > FAINT][:COUNTRIES]
    paying = sorted((one for one in sums if one["net"] < -FAINT), key=lambda one: one["net"])[:COUNTRIES]
    rows = [
        (one["name"], *(rounded(one[name]) for name in ("gain", "forgone", "cost", "net")))
        for one in [*gaining, *reversed(paying)]
    ]
    rest = len(sums) - len(rows)
    said = (
        "Present values in mUSD. Gains of shippers are shared in halves by the countries of origin and destination;"
        " revenue forgone is borne where it was earned, costs by owners."
    )
    if rest > 0:
        said += f" {rest} more {'country' if rest == 1 else 'countries'} in the tables."
    numbers = ("shippers gain", "revenue forgone", "costs", "net")
    return Section("Who gains and who pays", (), ("country",), numbers, tuple(rows), (said,) if rows else ("Nobody.",))


def _choices(told: Record) -> Section:
    found = told["alternatives"]
    others = [one for one in found["programmes"] if one["more"] or one["less"]]
    share = f"{100 * found['within']:g} %"
    lines = [f"Programmes found within {share} of the value, other than this one: {len(others)}."]
    if others or told["projects"]:
        lines.append(f"Built in all: {_ids(found['always'])}. Real choices, built in some: {_ids(found['sometimes'])}.")
    rows = [
        (f"with {_ids(one['more'])}" if one["more"] else "", f"without {_ids(one['less'])}" if one["less"] else "",
         rounded(one["value_musd"]), _less(one["value_musd"], told["value_musd"]))
        for one in others[:SHOWN]
    ]  # fmt: skip
    more = (f"{len(others) - SHOWN} more in the tables.",) if len(others) > SHOWN else ()
    numbers = ("value mUSD", "less %")
    return Section("Must-haves and real choices", tuple(lines), ("instead", "dropped"), numbers, tuple(rows), more)


def _less(value: float, best: float) -> str:
    return f"{100 * (best - value) / abs(best):.2f}" if best else ""


def _not_chosen(told: Record) -> Section:
    """Candidates that are not built, the least bad first."""
    loss = [
        (None if one["best_with_musd"] is None else told["value_musd"] - one["best_with_musd"], one)
        for one in told["not_chosen"]
    ]
    loss.sort(key=lambda each: (each[0] is None, each[0] or 0.0))
    rows = []
    for lost, one in loss:
        why = "" if one["opens_in_time"] else "cannot open before the plan ends"
        if not why and lost is None:
            why = "the rules bar it, or time was up"
        rows.append((one["id"], one["name"], why, f"{one['capex_musd']:,.0f}", rounded(lost)))
    said = "What the best programme found loses if the project must be built."
    return Section("Not chosen", (), ("", "project", "why"), ("capital mUSD", "loses mUSD"), tuple(rows), (said,))


def _frontier(curve: Record) -> Section:
    rows, before = [], set[str]()
    for one in curve["points"]:
        built = set(one["starts"])
        news = [f"+ {_ids(sorted(built - before))}"] if built - before else []
        news += [f"- {_ids(sorted(before - built))}"] if before - built else []
        numbers = (f"{one['budget_musd']:,.0f}", f"{one['spent_musd']:,.0f}", rounded(one["value_musd"]))
        rows.append(("; ".join(news), *numbers))
        before = built
    lasting = sorted(curve["enters_musd"].items(), key=lambda one: (one[1], one[0]))
    said = "The best programme found at each budget, and how it differs from that with less."
    if lasting:
        said += f" In it from here on: {', '.join(f'{one} from {budget:,.0f} mUSD' for one, budget in lasting)}."
    numbers = ("budget mUSD", "spent mUSD", "value mUSD")
    return Section("Value against budget", (), ("changes",), numbers, tuple(rows), (said,))


def _rest(told: Record) -> list[Section]:
    """Sections for a page: years, goods, claims, and what was not to be decided on."""
    names = ("shippers", "forgone", "carbon", "capital", "operating", "net", "co2e_kt")
    years = [(str(one["year"]), *(rounded(one[name]) for name in names)) for one in told["years"]]
    heads = ("shippers gain", "revenue forgone", "CO2e priced", "capital", "operating", "net", "CO2e kt")
    left = " The last net sum holds what is left of assets." if told["appraisal"]["residual_musd"] else ""
    goods = [(one["commodity"], rounded(one["gain"])) for one in told["commodities"] if abs(one["gain"]) > FAINT]
    claims = [
        (one["id"], one["name"], one["promoter"] or "", one["claims"] or "")
        for one in [*told["projects"], *told["not_chosen"]]
        if one["claims"]
    ]
    others = [(one["id"], one["name"], f"under way, opens {one['opens']}") for one in told["committed"]]
    others += [(one["id"], one["name"], one["why"]) for one in told["left_out"]]
    apart = "What promoters say, as published. Effects in the case may rest on it; what they bring stands above."
    found = [
        Section("Year by year", (), ("year",), heads, tuple(years), (f"mUSD of each year, not discounted.{left}",)),
        Section("Gains by goods", (), ("goods",), ("mUSD",), tuple(goods), ("Present values.",)),
        Section("Claims of promoters", (apart,), ("", "project", "promoter", "claims"), (), tuple(claims)),
        Section("Not to be decided on", (), ("", "project", "why"), (), tuple(others)),
    ]
    return [one for one in found if one.rows]


def _futures(stands: Record) -> Section:
    best, tail = stands["best"], stands["tail"]
    rows = [
        (one["name"], _starts(one["starts"]), *(rounded(one[name]) for name in ("expected", "regret", "worst_mean")))
        for one in stands["programmes"]
    ]
    lines = [
        f"{len(stands['chances'])} futures. Best expected value: {best['expected']}. Least regret: {best['regret']}."
        f" Best over the worst {100 * tail:g} % of chance: {best['worst_mean']}."
    ]
    numbers = ("expected mUSD", "regret mUSD", f"worst {100 * tail:g} % mUSD")
    said = "The value in each future is in the table futures."
    return Section("Futures", tuple(lines), ("programme", "builds"), numbers, tuple(rows), (said,))


def _rate(rate: float | None) -> str:
    return "" if rate is None else f"{100 * rate:.2g}" if abs(rate) < 1 else f"{100 * rate:.0f}"


def _ids(names: Sequence[str]) -> str:
    return " ".join(names) if names else "none"


def _starts(starts: Mapping[str, int]) -> str:
    return " ".join(f"{one}:{year}" for one, year in starts.items()) or "nothing"


def _listed(years: Sequence[int]) -> str:
    *most, last = map(str, years)
    return f"{', '.join(most)} and {last}" if most else last

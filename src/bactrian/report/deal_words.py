"""A deal in words: the sections that its page and the terminal share, made from the summary alone."""

from __future__ import annotations

from typing import Any

from bactrian.report.plan_words import Section, rounded

__all__ = ["deal_sections"]

Record = dict[str, Any]

COSTS = ("capital", "operating", "residual")
SHOWN = 8  # coalitions that would leave, payments, others that gain or lose
FAINT = 1e-3  # of the largest sum of a deal, up to half a mUSD: what is no gain or loss to tell


def deal_sections(told: Record, whole: bool = False) -> list[Section]:
    """What there is to tell of a deal, the most important first, from `deal_summary`; `whole` for what a page has room
    for as well: the accounts of all countries, years, fees and what each pair could do."""
    found = [_headline(told), _accounts(told), _rules(told), _stay(told), _payments(told), *_consent(told)]
    return [*found, *_rest(told)] if whole else found


def _headline(told: Record) -> Section:
    terms = told["provenance"]["terms"]
    names, built = _listed([one["id"] for one in told["players"]]), [one["id"] for one in told["programme"]]
    when = f"{terms['first']}-{terms['last']}"
    if built:
        line = (
            f"Together {names} gain {rounded(told['value_musd'])} mUSD in {when} by building {_listed(built)},"
            " all costs paid."
        )
    else:
        line = (
            f"Together {names} would build nothing in {when}: no set of projects on their land is worth its cost to all"
            " of them."
        )
    alone = [one for one in told["coalitions"] if len(one["players"]) == 1 and one["value_musd"] > _faint(told)]
    each = [f"{one['players'][0]} {rounded(one['value_musd'])} ({_listed(one['projects'])})" for one in alone]
    lines = [line, f"By itself: {', '.join(each)}." if each else "By itself none of them would build anything."]
    money = f"Present values in mUSD of {terms['price_year']}, discounted at {100 * terms['discount']:g} % a year to"
    lines.append(
        f"{money} the start of {terms['first']}. A coalition builds on its own land and pays for all of it; what the"
        " others build stays as it is without them."
    )
    if told["left_out"]:
        lines.append(f"Left out, as they need the land of others: {_listed([one['id'] for one in told['left_out']])}.")
    if searched := sum(not one["all_sets_tried"] for one in told["coalitions"]):
        lines.append(
            f"{searched} of {len(told['coalitions'])} coalitions have too many projects to try all sets: a search found"
            " what they would build, and they may do better; what is said of the core rests on that."
        )
    sure = told["certificate"]
    lines.append(
        f"The accounts of all countries add up to the total to {sure['sum_over_countries']:.0e}: "
        + ("the certificate holds." if sure["holds"] else "THE CERTIFICATE DOES NOT HOLD.")
    )
    rows = tuple(
        (
            one["id"],
            one["name"],
            " ".join(one["hosts"]),
            str(one["start"]),
            str(one["opens"]),
            f"{one['capex_musd']:,.0f}",
        )
        for one in told["programme"]
    )
    return Section(
        "", tuple(lines), ("project", "name", "on the land of"), ("works from", "opens", "capital mUSD"), rows
    )


def _accounts(told: Record) -> Section:
    gains = ("shippers", "carriers", *(["carbon"] if told["provenance"]["terms"]["carbon_usd_per_t"] else []))
    rows = [
        (
            one["player"],
            *(rounded(one[name]) for name in gains),
            rounded(one["capital"] + one["operating"] - one["residual"]),
            rounded(one["net"]),
            *(rounded(one[name]) for name in ("public", "transit")),
        )
        for one in told["accounts"]
    ]
    inside, faint = _inside(told), _faint(told)
    outside = [one for one in told["countries"] if one["country"] not in inside and abs(one["net"]) > faint]
    others = ", ".join(f"{one['name']} {rounded(one['net'])}" for one in outside[:SHOWN])
    after = [
        "Gains of shippers in halves by origin and destination; carriers: what margins leave to the owners of lines, "
        "ports and pipelines; costs by the owners of projects who play, else by the land they lie on.",
    ]
    if others:
        after.append(f"Others, who do not play: {rounded(told['outside_musd'])} in all; {others}.")
    heads = (*gains, "costs", "net", "costs that are public money", "more paid in transit")
    return Section("Before anybody pays anybody", (), ("player",), heads, tuple(rows), tuple(after))


def _inside(told: Record) -> set[str]:
    return {country for one in told["players"] for country in one["countries"]}


def _rules(told: Record) -> Section:
    answers = [one for one in told["game"]["allocations"] if "shares" in one]
    rows = [
        (name, rounded(told["game"]["alone"][name]), *(rounded(one["shares"][name]) for one in answers))
        for name in told["game"]["players"]
    ]
    none = [f"{one['rule']}: {one['none']}." for one in told["game"]["allocations"] if "none" in one]
    heads = ("alone", *(one["rule"] for one in answers))
    return Section("What each would have by rule", (), ("player",), heads, tuple(rows), tuple(none))


def _stay(told: Record) -> Section:
    core = told["game"]["core"]
    if core["empty"]:
        proof = ", ".join(f"{one['weight']:.3g} x ({_listed(one['players'])})" for one in core["proof"])
        first = (
            f"The core is empty: however {rounded(told['value_musd'])} mUSD are split, some group gains"
            f" {rounded(core['least_excess'])} mUSD or more by leaving. Proof: these groups, each counted so many times"
            f" that every player is in once, could have more by themselves: {proof}."
        )
    else:
        first = "The core is not empty: there is a split that nobody would leave."
    lines = [first]
    for one in told["game"]["allocations"]:
        if "shares" not in one:
            continue
        leavers = one["leavers"][:3]
        words = "; ".join(f"{_listed(each['players'])} ({rounded(each['gain'])})" for each in leavers)
        more = f" and {len(one['leavers']) - 3} more" if len(one["leavers"]) > 3 else ""
        lines.append(
            f"{one['rule']}: " + (f"would do better by themselves: {words}{more}." if leavers else "all stay.")
        )
    return Section("Would anyone walk away", tuple(lines))


def _payments(told: Record) -> Section:
    rule = told["provenance"]["rule"]
    one = next(each for each in told["game"]["allocations"] if each["rule"] == rule)
    paid = [each for each in one["payments"] if each["musd"] > _faint(told)]
    rows = tuple((each["from"], each["to"], rounded(each["musd"])) for each in paid)
    before = "Present values, by which the players come from their accounts to what the rule gives them."
    nobody = () if rows else ("Nobody pays anybody.",)
    if none := told["provenance"]["no_answer"]:
        before = f"{none['rule']} has no answer here ({none['why']}), so this goes by the {rule}. {before}"
    return Section(f"Who pays whom by the {rule} rule", (before,), ("from", "to"), ("mUSD",), rows, nobody)


def _consent(told: Record) -> list[Section]:
    """Who has how much say, should the players decide together by this or that rule."""
    if not told["consent"]:
        return []
    names = told["game"]["players"]
    rows = tuple(
        (
            one["rule"],
            ", ".join(one["vetoes"]) if len(one["vetoes"]) < len(names) else "all",
            *(f"{100 * one['shapley_shubik'][name]:.1f}" for name in names),
        )
        for one in told["consent"]
    )
    before = (
        "Shapley-Shubik index in per cent, should they decide by this rule; tonnes are those of their trade that use"
        " what is built."
    )
    return [Section("Who has how much say", (before,), ("rule", "can block alone"), tuple(names), rows)]


def _rest(told: Record) -> list[Section]:
    """What a page has room for as well."""
    countries = tuple(
        (
            one["name"],
            *(rounded(one[name]) for name in ("shippers", "carriers", "carbon", *COSTS, "net")),
            rounded(one["co2e_kt"]),
        )
        for one in told["countries"]
    )
    heads = ("shippers", "carriers", "CO2e", *COSTS, "net", "CO2e kt")
    fees = tuple(
        (one["player"], rounded(one["net"]), rounded(one["transit_kt"] / 1000), rounded(one["usd_per_t"]))
        for one in told["break_even"]
    )
    tariffs = tuple(
        (one["project"], rounded(one["cost"]), rounded(one["kt"] / 1000), rounded(one["usd_per_t"]))
        for one in told["tariffs"]
    )
    small = [one for one in told["coalitions"] if len(one["players"]) <= 2 and one["value_musd"] > _faint(told)]
    pairs = tuple((" ".join(one["players"]), " ".join(one["projects"]), rounded(one["value_musd"])) for one in small)
    found = [
        Section("What one or two could do by themselves", (), ("players", "projects"), ("mUSD",), pairs)
        if pairs
        else Section("What one or two could do by themselves", ("Nothing that would pay.",)),
        *_years(told),
        Section(
            "A transit fee that would make up for it",
            ("USD a tonne on what passes a country between others, so that it comes out even, flows as they are.",),
            ("player",), ("net mUSD", "transit Mt", "USD/t"), fees,
        ),
        Section(
            "A tariff that would cover each project",
            ("USD on each tonne that uses what the project changes, flows as they are; present values.",),
            ("project",), ("costs mUSD", "Mt", "USD/t"), tariffs,
        ),
        Section("All countries", (), ("country",), heads, countries),
    ]  # fmt: skip
    return found


def _years(told: Record) -> list[Section]:
    """For each player who pays anything: what it pays and receives by year."""
    found = []
    rule = told["provenance"]["rule"]
    for player in told["game"]["players"]:
        rows = [one for one in told["finance"] if one["player"] == player]
        if not any(one["pays"] for one in rows):
            continue
        cells = tuple(
            (
                str(one["year"]),
                *(rounded(one[name]) for name in ("pays", "receives", "residual", "transfer", "net", "sum")),
            )
            for one in rows
        )
        heads = ("pays", "receives", "residual", "transfer", "net", "sum, present value")
        before = (f"mUSD of each year; the transfer of the {rule} rule in equal yearly parts.",)
        found.append(Section(f"{player}, year by year", before, ("year",), heads, cells))
    return found


def _faint(told: Record) -> float:
    """What is no gain or loss to tell, mUSD."""
    return min(0.5, FAINT * max((abs(one["net"]) for one in told["accounts"]), default=0.0))


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)

"""Bodies that vote: those known well, with their sources, and the ways in which a corridor's states may consent."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from bactrian.errors import SolveError
from bactrian.formats import Condition, VoteTable
from bactrian.voting.rule import Rule, heads, unanimity, weighted

__all__ = ["EXAMPLES", "Body", "body", "body_of", "consent_rules", "eu_council", "security_council"]

FIVE = ("China", "France", "Russia", "United Kingdom", "United States")
MODELS = "United Nations, A/59/2005, In larger freedom; UN News, story 145312, July 2005"
SHARE = "no number of votes was read in the source: 60 % of members, as 9 of 15 today, rounded up, is assumed"


@dataclass(frozen=True, slots=True)
class Body:
    """A `rule` of voting with its `title`, who says so (`source`), and what had to be assumed (`note`)."""

    title: str
    rule: Rule
    source: str = ""
    note: str = ""


def security_council(vetoes: int = 5, others: int = 10, at_least: int = 9) -> Rule:
    """A council in which members with a veto and `at_least` so many of all must be in favour.

    A permanent member who abstains does not veto, by custom; here all vote yes or no.

    >>> from bactrian.voting.power import power
    >>> found = power(security_council())
    >>> str(found.shapley_shubik[0]), str(found.shapley_shubik[-1]), found.winning
    ('421/2145', '4/2145', 848)
    """
    with_veto = [*FIVE, *(f"new with veto {i}" for i in range(1, vetoes - len(FIVE) + 1))][:vetoes]
    without = [f"without veto {i}" for i in range(1, others + 1)]
    return unanimity(with_veto) & heads([*with_veto, *without], at_least)


def eu_council(weights: Mapping[str, float | Fraction], quota: float | Fraction | None = None) -> Rule:
    """55 % of the states with 65 % of the people, or all states but three; `quota` is 65 % of `weights` if not given.

    Article 16(4) of the Treaty on European Union, on a proposal of the Commission: a minority that blocks must include
    at least four members. `weights` are people, or percentages of them.

    >>> rule = eu_council({"a": 60, "b": 8, "c": 8, "d": 8, "e": 8, "f": 8})
    >>> rule.passes(["a", "b", "c", "d"]), rule.passes(["b", "c", "d"]), rule.passes(["a", "b"])
    (True, True, False)
    """
    people = weighted(weights, share="65 %") if quota is None else weighted(weights, quota)
    return (heads(weights, share="55 %") & people) | heads(weights, len(weights) - 3)


def consent_rules(tonnes: Mapping[str, float | Fraction]) -> dict[str, Rule]:
    """Ways in which the states of a corridor may decide, by name; `tonnes` is what each carries or ships.

    >>> rules = consent_rules({"KAZ": 60, "AZE": 25, "GEO": 15})
    >>> [name for name, rule in rules.items() if rule.passes(["AZE", "GEO"])]
    ['one state one vote', 'two thirds of states']
    """
    return {
        "unanimity": unanimity(tonnes),
        "one state one vote": heads(tonnes, share="more than 1/2"),
        "two thirds of states": heads(tonnes, share="2/3"),
        "65 % of tonnes": weighted(tonnes, share="65 %"),
        "55 % of states with 65 % of tonnes": heads(tonnes, share="55 %") & weighted(tonnes, share="65 %"),
    }


def _enlarged(title: str, vetoes: int, others: int, source: str, note: str = SHARE) -> Body:
    at_least = -(-9 * (vetoes + others) // 15)
    said = f"{title}: {vetoes} with a veto, {others} without, {at_least} votes"
    return Body(said, security_council(vetoes, others, at_least), source, note)


def _security_council() -> Body:
    said = "United Nations Security Council: 5 with a veto, 10 without, 9 votes"
    return Body(said, security_council(), "Charter of the United Nations, article 27", "all vote; nobody abstains")


def _g4() -> Body:
    source = "draft resolution A/59/L.64, July 2005; UN News, story 145312, July 2005"
    return _enlarged("Security Council as of the Group of Four", 5, 20, source)


def _uniting() -> Body:
    source = "draft resolution A/59/L.68; press release GA/10371, 27 July 2005"
    return _enlarged("Security Council as of Uniting for Consensus, 2005", 5, 20, source)


def _uniting_26() -> Body:
    source = "statement of its members on eleven new seats, IANS, 27 January 2021"
    return _enlarged("Security Council as of Uniting for Consensus, 26 seats", 5, 21, source)


def _african_union() -> Body:
    source = "China Daily, 22 July 2005, on the draft of the African Union; its decision Assembly/AU/12(XXV), 2015"
    note = f"six new permanent members with veto, two of them African, and five new elected ones; {SHARE}"
    return _enlarged("Security Council as of the African Union", 11, 15, source, note)


def _annan_a() -> Body:
    note = f"six new permanent seats without veto and three of two years, as many votes as in model B; {SHARE}"
    return _enlarged("Security Council, Annan's model A", 5, 19, MODELS, note)


def _annan_b() -> Body:
    note = f"eight new seats of four years and one of two, as many votes as in model A; {SHARE}"
    return _enlarged("Security Council, Annan's model B", 5, 19, MODELS, note)


def _smaller() -> Body:
    return _enlarged("Security Council of 21, six elected seats more", 5, 16, "an enlargement for comparison", SHARE)


def _assembly() -> Body:
    rule = heads([f"member {i}" for i in range(1, 194)], share="2/3")
    source, note = "Charter of the United Nations, article 18", "all 193 members are present and vote"
    return Body("United Nations General Assembly, important questions: two thirds of 193", rule, source, note)


def _eu() -> Body:
    with Path(__file__).with_name("eu_council.csv").open(encoding="utf-8", newline="") as file:
        percent = {row["member"]: Fraction(row["percent"]) for row in csv.DictReader(file)}
    source = "Treaty on European Union, article 16(4); shares of people for 2025: Agence Europe, bulletin 13544"
    note = "shares in hundredths of a per cent, as published, of which 65.00 are needed; they add up to 100.01"
    return Body("Council of the European Union, 27 states", eu_council(percent, 65), source, note)


EXAMPLES: dict[str, Callable[[], Body]] = {
    "unsc": _security_council,
    "unsc-21": _smaller,
    "unsc-g4": _g4,
    "unsc-uniting": _uniting,
    "unsc-uniting-26": _uniting_26,
    "unsc-african-union": _african_union,
    "unsc-annan-a": _annan_a,
    "unsc-annan-b": _annan_b,
    "general-assembly": _assembly,
    "eu-council": _eu,
}


def body(name: str) -> Body:
    """A body of EXAMPLES by its name. Raises SolveError for an unknown one.

    >>> body("unsc-g4").title
    'Security Council as of the Group of Four: 5 with a veto, 20 without, 15 votes'
    """
    if name not in EXAMPLES:
        raise SolveError(f"there is no example {name!r}; there are {', '.join(EXAMPLES)}")
    return EXAMPLES[name]()


def body_of(table: VoteTable) -> Body:
    """The body of a file read by `bactrian.formats.read_vote`."""
    return Body(table.title, _rule(table, table.rule))


def _rule(table: VoteTable, condition: Condition) -> Rule:
    if condition.parts:
        first, *rest = (_rule(table, part) for part in condition.parts)
        for part in rest:
            first = first & part if condition.kind == "all" else first | part
        return first
    if condition.names:
        needed = set(condition.names)
        return weighted({name: int(name in needed) for name in table.members}, len(needed))
    weights = table.weights.get(condition.kind, dict.fromkeys(table.members, Fraction(1)))
    return weighted(weights, condition.quota, share=condition.share)

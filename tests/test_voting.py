"""Voting power against published answers, a count of all coalitions, and what must always hold."""

import doctest
import json
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain, combinations
from math import comb, factorial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.cli import main
from bactrian.errors import SolveError
from bactrian.formats import read_vote
from bactrian.games import Game, allocate
from bactrian.report.games import with_councils
from bactrian.voting import (
    EXAMPLES,
    Rule,
    body,
    body_of,
    consent_rules,
    eu_council,
    heads,
    minimal_blocking,
    minimal_winning,
    power,
    security_council,
    unanimity,
    weighted,
)
from bactrian.voting.counting import by_classes, by_halves, by_totals

BENCH = Path(__file__).parents[2] / "shared" / "bench" / "games" / "games.json"
COUNCILS = [name for name in EXAMPLES if name.startswith("unsc")]


def votes(quota: int, *weights: int) -> Rule:
    return weighted({f"m{i}": weight for i, weight in enumerate(weights)}, quota)


def rounded(figures: Iterable[Fraction], places: int = 4) -> list[float]:
    return [round(float(one), places) for one in figures]


# Published answers


def test_the_security_council() -> None:
    """0.19627 and 0.00186: Roth (1988), The Shapley Value. 0.1669 and 0.0165: Felsenthal and Machover (1998)."""
    found = power(security_council())
    assert rounded(found.shapley_shubik, 5) == [0.19627] * 5 + [0.00186] * 10
    assert rounded(found.banzhaf_normalised) == [0.1669] * 5 + [0.0165] * 10
    assert (found.winning, found.swings[0], found.swings[-1]) == (848, 848, 84)
    assert len(found.vetoes) == 5


def test_the_security_council_as_weights() -> None:
    """[39; 7 x 5, 1 x 10] is the same rule."""
    one, other = power(security_council()), power(votes(39, *[7] * 5, *[1] * 10))
    assert (one.swings, one.shapley_shubik) == (other.swings, other.shapley_shubik)


def test_the_first_security_council() -> None:
    """Shapley and Shubik (1954) on 11 members, 7 votes: the five have 98.7 %, the six the rest (76/77 and 1/77)."""
    found = power(security_council(5, 6, 7))
    assert sum(found.shapley_shubik[:5]) == Fraction(76, 77)


def test_the_six_of_1958() -> None:
    """Council of the Six, [12; 4, 4, 4, 2, 2, 1]: Luxembourg has no say (Felsenthal and Machover 1998)."""
    found = power(votes(12, 4, 4, 4, 2, 2, 1))
    assert found.banzhaf_normalised == (*[Fraction(5, 21)] * 3, *[Fraction(3, 21)] * 2, 0)
    assert found.shapley_shubik == (*[Fraction(14, 60)] * 3, *[Fraction(9, 60)] * 2, 0)
    assert found.dummies == ("m5",)


def test_nassau_county() -> None:
    """[58; 31, 31, 28, 21, 2, 2] of 1964: three have all the say, three none (Banzhaf 1965)."""
    found = power(votes(58, 31, 31, 28, 21, 2, 2))
    assert found.banzhaf_normalised == (*[Fraction(1, 3)] * 3, 0, 0, 0)
    assert found.dummies == ("m3", "m4", "m5")


def test_the_fifteen_of_1995() -> None:
    """[62; 10 x 4, 8, 5 x 4, 4 x 2, 3 x 3, 2], the Council before Nice (Felsenthal and Machover 1998)."""
    found = power(votes(62, 10, 10, 10, 10, 8, 5, 5, 5, 5, 4, 4, 3, 3, 3, 2))
    one_of_each = [0, 4, 5, 9, 11, 14]
    assert rounded(found.banzhaf_normalised[i] for i in one_of_each) == [0.1116, 0.0924, 0.0587, 0.0479, 0.0359, 0.0226]
    assert rounded(found.shapley_shubik[i] for i in one_of_each) == [0.1167, 0.0955, 0.0552, 0.0454, 0.0353, 0.0207]


@pytest.mark.parametrize("name", COUNCILS)
def test_councils_by_a_formula(name: str) -> None:
    """A member without a veto decides when all v with one and just q - v - 1 others have joined before."""
    rule = body(name).rule
    found, members = power(rule), len(rule.members)
    vetoes, quota = len(found.vetoes), max(part.quota for part in rule.test.parts)  # type: ignore[union-attr]
    others = members - vetoes
    ways = comb(others - 1, quota - vetoes - 1)
    expected = Fraction(ways * factorial(quota - 1) * factorial(members - quota), factorial(members))
    assert found.shapley_shubik[-1] == expected
    assert found.shapley_shubik[0] == (1 - others * expected) / vetoes
    assert found.swings[-1] == ways
    assert found.winning == found.swings[0] == sum(comb(others, some) for some in range(quota - vetoes, others + 1))


def test_the_general_assembly() -> None:
    """Two thirds of 193 is 129; each has 1/193 by symmetry, and swings C(192, 128)."""
    found = power(body("general-assembly").rule)
    assert set(found.shapley_shubik) == {Fraction(1, 193)}
    assert set(found.swings) == {comb(192, 128)}
    assert found.winning == sum(comb(193, some) for some in range(129, 194))


def test_the_council_of_the_union() -> None:
    """Two ways to count agree; larger states have more say; a minority that blocks has four members."""
    rule = body("eu-council").rule
    assert by_totals(rule) == by_halves(rule)
    found = power(rule)
    assert sum(found.shapley_shubik) == 1
    assert list(found.shapley_shubik) == sorted(found.shapley_shubik, reverse=True)
    assert rule.passes(rule.members[3:])
    assert not rule.passes(rule.members[4:])
    assert not rule.passes(rule.members[:14])


def test_the_council_by_people_of_eight_digits() -> None:
    draw = np.random.default_rng(7)
    people = {f"s{i}": int(one) for i, one in enumerate(draw.integers(500_000, 84_000_000, 27))}
    found = power(eu_council(people))
    assert sum(found.shapley_shubik) == 1
    order = sorted(people, key=lambda name: people[name])
    by = dict(zip(people, found.swings, strict=True))
    assert [by[name] for name in order] == sorted(by.values())


@pytest.mark.skipif(not BENCH.is_file(), reason="the public games are not beside this folder")
def test_the_security_council_of_the_bench() -> None:
    told = next(one for one in json.loads(BENCH.read_text(encoding="utf-8"))["games"] if one["type"] == "voting")
    found = power(security_council())
    assert float(found.shapley_shubik[0]) == pytest.approx(told["shapley_shubik"]["permanent"], abs=1e-12)
    assert float(found.shapley_shubik[-1]) == pytest.approx(told["shapley_shubik"]["other"], abs=1e-12)
    form = told["weighted_form"]
    assert power(votes(form["quota"], *form["weights"])).shapley_shubik == found.shapley_shubik


# All coalitions, one by one


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    members = [f"m{i}" for i in range(draw(st.integers(1, 6)))]
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        weights = draw(st.lists(st.integers(0, 5), min_size=len(members), max_size=len(members)))
        weights[0] += not any(weights)
        quota = draw(st.integers(1, sum(weights)))
        parts.append(weighted(dict(zip(members, weights, strict=True)), quota))
    rule = parts[0]
    for part in parts[1:]:
        rule = rule & part if draw(st.booleans()) else rule | part
    return rule


def groups(members: tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(members, size) for size in range(len(members) + 1)))


@settings(deadline=None, max_examples=150)
@given(rules())
def test_power_by_all_coalitions(rule: Rule) -> None:
    found, count = power(rule), len(rule.members)
    wins = {frozenset(group): rule.passes(group) for group in groups(rule.members)}
    assert found.winning == sum(wins.values())
    for i, name in enumerate(rule.members):
        swung = [group for group in wins if name not in group and not wins[group] and wins[group | {name}]]
        assert found.swings[i] == len(swung)
        chances = (Fraction(factorial(len(s)) * factorial(count - 1 - len(s)), factorial(count)) for s in swung)
        assert found.shapley_shubik[i] == sum(chances)
        assert (name in found.vetoes) == (not any(won for group, won in wins.items() if name not in group))
    least = {group for group, won in wins.items() if won and not any(wins[group - {name}] for name in group)}
    assert set(map(frozenset, minimal_winning(rule))) == least
    everyone = frozenset(rule.members)
    blocks = {group: not wins[everyone - group] for group in wins}
    fewest = {group for group, so in blocks.items() if so and not any(blocks[group - {name}] for name in group)}
    assert set(map(frozenset, minimal_blocking(rule))) == fewest


@settings(deadline=None, max_examples=150)
@given(rules())
def test_ways_to_count_agree_and_indices_add_up(rule: Rule) -> None:
    assert by_classes(rule) == by_totals(rule) == by_halves(rule)
    found = power(rule)
    assert sum(found.shapley_shubik) == sum(found.banzhaf_normalised) == 1
    for i, swings in enumerate(found.swings):  # Dubey and Shapley (1979): the harmonic mean of both is half of Banzhaf
        if swings:
            assert found.banzhaf[i] == 2 / (1 / found.prevent[i] + 1 / found.initiate[i])


@settings(deadline=None, max_examples=50)
@given(rules())
def test_shapley_shubik_is_the_shapley_value(rule: Rule) -> None:
    game = Game.of(rule.members, lambda group: float(rule.passes(group)))
    assert allocate(game, "shapley").shares.tolist() == pytest.approx(
        [float(one) for one in power(rule).shapley_shubik]
    )


def test_the_dual_rule_has_the_same_power() -> None:
    """To block what needs 12 of 17 takes 6: swings and indices are the same."""
    one, other = power(votes(12, 4, 4, 4, 2, 2, 1)), power(votes(6, 4, 4, 4, 2, 2, 1))
    assert (one.swings, one.shapley_shubik) == (other.swings, other.shapley_shubik)
    assert one.winning + other.winning == 2**6


def test_many_members_beyond_64_bits() -> None:
    draw = np.random.default_rng(1)
    found = power(votes(140, *draw.integers(1, 8, 70).tolist()))
    assert sum(found.shapley_shubik) == 1
    rule = weighted({f"m{i}": 1 + i % 3 for i in range(66)}, 90)
    assert by_totals(rule) == by_classes(rule)


# What may be asked


def test_consent_rules_of_a_corridor() -> None:
    """Tonnes 60, 25, 15: whoever has 65 % needs the first and one more, the first alone can stop it."""
    rules = consent_rules({"KAZ": 60, "AZE": 25, "GEO": 15})
    by = {name: rounded(power(rule).shapley_shubik) for name, rule in rules.items()}
    assert by["unanimity"] == by["one state one vote"] == by["two thirds of states"] == [0.3333] * 3
    assert by["65 % of tonnes"] == by["55 % of states with 65 % of tonnes"] == [0.6667, 0.1667, 0.1667]


def test_shares_and_digits_are_exact() -> None:
    assert weighted({"a": 0.1, "b": 0.2}, 0.3).passes(["a", "b"])
    assert heads("abc", share="2/3").passes(["a", "b"])
    assert not heads("abcd", share="more than 1/2").passes(["a", "b"])
    assert heads("abcd", share=0.5).passes(["a", "b"])


def test_rules_that_are_none() -> None:
    for make, words in (
        (lambda: heads("abc", 0), "above 0"),
        (lambda: heads("abc", 4), "at most 3"),
        (lambda: heads("abc"), "quota or a share"),
        (lambda: heads("abc", share="most"), "is not a share"),
        (lambda: heads("abc", share="1/0"), "is not a share"),
        (lambda: weighted({"a": -1, "b": 2}, 1), "below 0"),
        (lambda: weighted({"a": float("nan"), "b": 2}, 1), "is not a number"),
        (lambda: weighted({"a": 1, "b": 2.0**70}, 1), "fewer digits"),
        (lambda: heads("abc", 2).passes("d"), "no member 'd'"),
        (lambda: body("unicef"), "there is no example"),
        (lambda: minimal_winning(heads(map(str, range(21)), 2)), "too many to list"),
        (lambda: power(votes(10**8, *range(10**7, 10**7 + 40))), "cannot be counted"),
    ):
        with pytest.raises(SolveError, match=words):
            make()


def test_coleman() -> None:
    """Three of three: one coalition of eight wins; each prevents for sure, and initiates one of seven that lose."""
    found = power(unanimity("abc"))
    assert (found.act, found.prevent[0], found.initiate[0]) == (Fraction(1, 8), 1, Fraction(1, 7))
    assert found.table().loc["a", "banzhaf"] == 0.25


def vote(*words: str) -> Result:
    return CliRunner().invoke(main, ["vote", *words])


COUNCIL = """{"title": "A corridor council",
 "members": {"KAZ": {"tonnes": 60}, "AZE": {"tonnes": 25.5}, "GEO": {"tonnes": 15}, "UZB": {"tonnes": 0}},
 "rule": {"any": [{"all": [{"members": "2/3"}, {"tonnes": "65 %"}]}, {"veto": ["KAZ", "AZE"]}]}}"""


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "council.json"
    path.write_text(COUNCIL, encoding="utf-8")
    rule = body_of(read_vote(path)).rule
    assert rule.members == ("KAZ", "AZE", "GEO", "UZB")
    assert set(minimal_winning(rule)) == {("KAZ", "AZE"), ("KAZ", "GEO", "UZB")}
    told = json.loads(vote(str(path), "--json").output)
    assert (told["title"], told["vetoes"], told["winning"]) == ("A corridor council", ["KAZ"], 5)
    assert "minimal winning coalitions: 2, the first: KAZ, AZE" in vote(str(path)).output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "must hold members and rule"),
        ('{"members": ["a"], "rule": {"members": 1}, "quota": 3}', "must hold members and rule"),
        ('{"members": 3, "rule": {"members": 1}}', "1 to 1000 names"),
        ('{"members": [], "rule": {"members": 1}}', "1 to 1000 names"),
        ('{"members": ["a", "a"], "rule": {"members": 1}}', "names a member twice"),
        ('{"members": {"a": {}, "a": {}}, "rule": {"members": 1}}', "is given twice"),
        ('{"members": {"a": {"kt": 1}, "b": {}}, "rule": {"kt": 1}}', "of 'b' is missing"),
        ('{"members": {"a": {"kt": -1}}, "rule": {"kt": 1}}', "at least 0, found '-1'"),
        ('{"members": {"a": {"kt": 1e999999999}}, "rule": {"kt": 1}}', "must be a number"),
        ('{"members": {"a": {"kt": NaN}}, "rule": {"kt": 1}}', "must be a number"),
        ('{"members": {"a": {"veto": 1}}, "rule": {"veto": ["a"]}}', "cannot be the name of a weight"),
        ('{"members": ["a"], "rule": {"kt": 1}}', "knows no 'kt'"),
        ('{"members": ["a"], "rule": {"members": 1, "veto": ["a"]}}', "must be one condition"),
        ('{"members": ["a"], "rule": {"all": []}}', "a list of conditions"),
        ('{"members": ["a"], "rule": {"all": [{"veto": ["b"]}]}}', "a list of members for veto"),
        ('{"members": ["a"], "rule": {"members": 0}}', "not above 0"),
        ('{"members": ["a"], "rule": {"members": 2}}', "at most 1"),
        ('{"members": ["a"], "rule": {"members": "0 %"}}', "a share of members"),
        ('{"members": ["a"], "rule": {"members": "101 %"}}', "a share of members"),
        ('{"members": ["a"], "rule": {"members": "more than 1"}}', "a share of members"),
        ('{"members": ["a"], "rule": {"members": "1/0"}}', "a share of members"),
        ('{"members": ["a"], "rule": {"members": true}}', "a share of members"),
        ('{"members": {"a": {"kt": 0}}, "rule": {"kt": "65 %"}}', "above 0"),
    ],
)
def test_bad_files_are_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "council.json"
    path.write_text(text, encoding="utf-8")
    told = vote(str(path), "--json")
    assert told.exit_code == 2
    assert any(words in one["rule"] for one in json.loads(told.output)["findings"]), told.output


def test_the_command_tells_a_council() -> None:
    told = vote("--example", "unsc")
    assert told.exit_code == 0
    for words in ("19.6270", "16.6929", "China and 4 more", "veto", "848 coalitions win", "article 27"):
        assert words in told.output
    assert vote("--example", "unicef").exit_code == vote().exit_code == vote("no/such.json").exit_code == 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_names_its_source(name: str) -> None:
    told = json.loads(vote("--example", name, "--json").output)
    assert told["source"]
    assert sum(one["shapley_shubik"] for one in told["power"]) == pytest.approx(1)


def test_the_page_works_out_its_figures() -> None:
    page = Path(__file__).parents[1] / "docs" / "voting.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0
    text = page.read_text(encoding="utf-8")
    assert with_councils(text) == text, "run scripts/voting_docs.py"

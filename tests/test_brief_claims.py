"""Claims of briefs: figures looked up and written, words that follow from them, and what is refused."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import bactrian as ba
from bactrian.briefing.language import LANGUAGES, language
from bactrian.briefing.results import read_results
from bactrian.briefing.template import read_template
from bactrian.briefing.terms import read_terms
from bactrian.briefing.words import against, part, trend
from bactrian.errors import BriefError
from bactrian.planning import Terms
from bactrian.report import deal_summary
from bactrian.sharing import share
from briefs import TODAY, corridor, results_of, written

TERMS = read_terms()


def made(place: Path, results: Any, **asked: Any) -> ba.Brief:
    given = results.values() if isinstance(results, dict) else results
    return ba.brief(given, **{"case": loaded(place / "case"), "today": TODAY, **asked})


@cache
def loaded(folder: Path) -> ba.Case:
    return ba.load(folder)


def changed(results: dict[str, Path], to: Path, name: str, path: str, cell: Any) -> dict[str, Path]:
    """The results with one cell of one of them set anew."""
    told = json.loads((results[name] / "result.json").read_text())
    steps = path.split("/")
    here = told
    for step in steps[:-1]:
        here = _step(here, step)
    here[steps[-1]] = cell(here[steps[-1]]) if callable(cell) else cell
    return {**results, name: written(to / name / "result.json", told)}


def _step(here: Any, step: str) -> Any:
    if isinstance(here, dict):
        return here[step]
    if step in ("first", "last"):
        return here[0 if step == "first" else -1]
    keys = ("id", "corridor", "country", "commodity", "event", "rule", "link", "row", "year", "budget_musd", "chance")
    for one in here:
        if {"one", "other"} <= set(one) and f"{one['one']}-{one['other']}" == step:
            return one
        if next((str(one[key]) for key in keys if one.get(key) is not None), None) == step:
            return one
    raise KeyError(step)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (10, 30, "triples"), (10, 20.1, "doubles"), (10, 19.2, "nearly doubles"), (10, 25, "more than doubles"),
        (10, 13.4, "grows by about a third"), (10, 14.6, "grows by more than two fifths"), (10, 10.1, "hardly changes"),
        (10, 6.66, "falls by about a third"), (10, 5.05, "falls to about half"), (10, 0, "all but disappears"),
        (10, 170, "grows more than tenfold"), (10, 10.3, "grows by less than a twentieth"),
    ],
)  # fmt: skip
def test_the_verb_follows_from_the_figures(before: float, after: float, words: str) -> None:
    assert trend(TERMS, "en", before, after) == words


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (2, 3, "about a third less"), (6, 3, "about twice as much"), (7, 3, "more than twice as much"),
        (81, 10, "about eight times as much"), (3.05, 3, "about as much"), (0, 3, "next to nothing"),
        (200, 3, "more than ten times as much"), (29, 30, "less than a twentieth less"),
    ],
)  # fmt: skip
def test_a_comparison_follows_from_the_figures(one: float, other: float, words: str) -> None:
    found = against(TERMS, "en", one, other)
    assert found == words or (words.startswith("less than") and found == "slightly less")


def test_words_of_parts_are_true_whatever_the_part() -> None:
    names = {"a twentieth": 0.05, "a tenth": 0.1, "a fifth": 0.2, "a quarter": 0.25, "a third": 1 / 3, "half": 0.5}
    names |= {"two fifths": 0.4, "three fifths": 0.6, "two thirds": 2 / 3, "three quarters": 0.75}
    names |= {"four fifths": 0.8, "nine tenths": 0.9}
    for some in [one / 500 for one in range(1, 493)]:
        how, _, name = part(TERMS, "en", some, 1.0).partition(" ")
        bound = names[name.removeprefix("than ")]
        assert {"about": abs(some - bound) < 0.0121, "more": some > bound, "less": some < bound}[how], some
    for wrong in ((-1.0, 2.0), (3.0, 2.0), (0.0, 0.0)):
        with pytest.raises(BriefError, match="no part"):
            part(TERMS, "en", *wrong)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_of_comparison_can_be_written(code: str) -> None:
    ratios = [10 ** (one / 40) for one in range(-120, 121)]
    assert all("{" not in trend(TERMS, code, 1.0, one) + against(TERMS, code, one, 1.0) for one in [0.0, *ratios])


def test_numbers_are_written_as_each_language_writes_them() -> None:
    told = {code: language(code) for code in LANGUAGES}
    assert [one.money(1_234_567_890) for one in told.values()] == [
        "1.23\xa0billion US dollars", "1,23\xa0Milliarden US-Dollar", "1,23\xa0миллиарда долларов США",
    ]  # fmt: skip
    assert [one.money(1e9) for one in told.values()] == [
        "1\xa0billion US dollars", "1\xa0Milliarde US-Dollar", "1\xa0миллиард долларов США",
    ]  # fmt: skip
    assert [one.unit(791_084, "mass-tonne") for one in told.values()] == [
        "791,000\xa0tonnes", "791.000\xa0Tonnen", "791\xa0000\xa0тонн",
    ]  # fmt: skip
    assert [one.percent(0.2367) for one in told.values()] == ["23.7%", "23,7\xa0%", "23,7\xa0%"]
    assert told["ru"].plural(21, ["проект", "проекта", "проектов"]) == "проект"
    assert told["ru"].plural(1.5, ["рубль", "рубля", "рублей"]) == "рубля"
    with pytest.raises(BriefError, match="3 forms"):
        told["ru"].plural(2, ["проект", "проекта"])


def test_templates_hold_no_figures() -> None:
    for text, complaint in {
        "== lead\nIt costs 5 dollars.": "line 2: '5' is a figure that nobody looked up",
        "== lead\n{value: in 2030 | after}": "'2030' is a figure",
        "== lead\nIt costs {value.": "curly bracket",
        "It costs": "begin a part first",
        "== lead\n\n== lead": "already",
        "== Lead (": "write a part as",
    }.items():
        with pytest.raises(BriefError, match=complaint):
            read_template(text, "news.en.txt")


def own_template(tmp_path: Path, text: str) -> Path:
    (tmp_path / "news.en.txt").write_text(text, encoding="utf-8")
    return tmp_path


def test_words_that_contradict_the_figures_are_refused(place: Path, results: Any, tmp_path: Path) -> None:
    grows = "== headline\nIt {year > base_year: grows}\n== lead\n== body\n"
    assert made(place, results, templates=own_template(tmp_path, grows)).headline == "It grows"
    shrinks = "== headline\nIt {main_kt < main_base_kt: shrinks}\n== lead\n== body\n"
    with pytest.raises(BriefError, match=r"news.en.txt, line 2: .*'shrinks' contradict .* main_kt is .* main_base_kt"):
        made(place, results, templates=own_template(tmp_path, shrinks))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{no_such}", "no value 'no_such'"),
        ("{=unit/none}", "no term 'unit/none'.*terms.csv.*--templates"),
        ("{year > nothing}", "says no words"),
        ("[has no_such] It", "no value 'no_such'"),
        ("* each no_such: {year}", "no list 'no_such'"),
        ("@ no_such", "no picture 'no_such'"),
    ],
)
def test_what_a_template_asks_for_has_to_be_there(
    place: Path, results: Any, tmp_path: Path, text: str, complaint: str
) -> None:
    template = own_template(tmp_path, f"== headline\nTitle\n== lead\n== body\n{text}\n")
    with pytest.raises(BriefError, match=complaint):
        made(place, results, templates=template)


def test_a_missing_result_is_named(place: Path, results: dict[str, Path]) -> None:
    with pytest.raises(BriefError, match="part 'headline' says nothing"):
        made(place, {name: one for name, one in results.items() if name != "plan"})
    told = made(place, {name: one for name, one in results.items() if name not in ("stress", "share", "base")})
    assert not any(path.startswith(("stress", "share", "base")) for one in told.claims for value in one.values
                   for path in value.looked_up)  # fmt: skip


@pytest.mark.parametrize("name", ["run", "plan", "stress", "share"])
def test_a_result_whose_certificate_fails_is_refused(
    place: Path, results: dict[str, Path], tmp_path: Path, name: str
) -> None:
    spoilt = changed(results, tmp_path, name, "certificate/holds", False)
    with pytest.raises(BriefError, match=f"certificate of the result {name} .*does not hold"):
        made(place, spoilt)


def test_results_of_different_cases_are_refused(place: Path, results: dict[str, Path], tmp_path: Path) -> None:
    other = changed(results, tmp_path, "plan", "provenance/case_hash", "0" * 64)
    with pytest.raises(BriefError, match=r"different cases: .*plan"):
        made(place, other)
    case = corridor(tmp_path / "other", corridors=[])
    assert case.hash != ba.load(place / "case").hash
    with pytest.raises(BriefError, match="the results are of a case with content"):
        made(place, results, case=tmp_path / "other")
    with pytest.raises(BriefError, match="'case' of the results is not at hand"):
        made(place, results, case=None)


def test_swapped_results_are_refused(place: Path, results: dict[str, Path]) -> None:
    pairs = [("base", "run"), ("plan", "run"), ("plan", "stress"), ("stress", "share"), ("share", "base")]
    for one, other in pairs:
        swapped = {**results, one: results[other], other: results[one]}
        with pytest.raises(BriefError, match=r"cannot go by the name|not before the run"):
            made(place, [f"{name}={folder}" for name, folder in swapped.items()])
    with pytest.raises(BriefError, match="two results 'plan'"):
        made(place, [*results.values(), results["plan"]])


def test_results_are_found_in_any_order_and_by_the_folder_above(place: Path, results: dict[str, Path]) -> None:
    first = made(place, results)
    assert [one.text for one in made(place, list(results.values())[::-1]).claims] == [one.text for one in first.claims]
    assert set(read_results([place / "results"]).by_name) == {"base", "run", "plan", "stress", "share"}
    for nothing in (place / "case", place / "no_such"):
        with pytest.raises(BriefError, match="no results in"):
            read_results([nothing])


def numeric(brief: ba.Brief) -> Iterator[tuple[str, str]]:
    """Result and path of each figure that a brief rests on, years and counts of rows aside."""
    seen = set()
    for claim in brief.claims:
        for value in claim.values:
            for path, raw in value.looked_up.items():
                name, _, rest = path.partition("/")
                plain = not rest.startswith("provenance") and not rest.endswith(("/@", "/chance", "/budget_musd"))
                if isinstance(raw, float) and path not in seen and plain:
                    seen.add(path)
                    yield name, rest


@pytest.mark.parametrize(
    ("kind", "every", "least"),
    [
        ("news", 1, 20), ("policy", 1, 25), ("technical", 3, 30),
        pytest.param("technical", 1, 60, marks=pytest.mark.nightly),
    ],
)  # fmt: skip
def test_changing_a_figure_changes_the_sentences_that_rest_on_it_and_no_others(
    place: Path, results: dict[str, Path], tmp_path: Path, kind: str, every: int, least: int
) -> None:
    before = made(place, results, kind=kind)
    named = [(one.template, one.path) for one in before.claims]
    assert len(before.claims) >= 30
    met: set[int] = set()
    for at, (name, path) in enumerate(list(numeric(before))[::every]):
        full = f"{name}/{path}"
        spoilt = changed(results, tmp_path / str(at), name, path, lambda cell: cell * 1.031 or 1.0)
        mine = {one.number for one in before.claims if any(full in value.looked_up for value in one.values)}
        try:
            after = made(place, spoilt, kind=kind)
        except BriefError as error:
            if "no part of" in str(error):
                continue  # what is left of a whole cannot be more than it
            raise
        assert [(one.template, one.path) for one in after.claims] == named
        differ = {old.number for old, new in zip(before.claims, after.claims, strict=True) if old.text != new.text}
        shown = set()
        for old, new in zip(before.claims, after.claims, strict=True):
            for one, other in zip(old.values, new.values, strict=True):
                if full in one.looked_up:
                    assert one.value != other.value, f"{full} did not reach {one.name}"
                    if one.piece.kind == "number" and f"{one.value:.2e}" != f"{other.value:.2e}":
                        shown.add(old.number)
        assert differ <= mine, f"{full} changed what does not rest on it"
        assert shown <= differ, f"{full} left {[before.claims[one - 1].text for one in shown - differ]}"
        met |= differ
    assert len(met) >= least


def test_an_input_of_the_case_changes_what_rests_on_it(place: Path, results: dict[str, Path], tmp_path: Path) -> None:
    rows = ba.load(place / "case").table("projects")
    assert rows.loc[rows["id"] == "P01", "capex_musd"].tolist() == [4.0]
    dearer = ba.load(place / "case").with_({"projects": {"P01": {"capex_musd": 6.5}}})
    with pytest.raises(BriefError, match="different cases"):
        made(place, {**results, **{"plan": results_of(dearer, tmp_path / "dear")["plan"]}})
    before, after = made(place, results), made(place, results_of(dearer, tmp_path / "all"))
    told = [(old.text, new.text) for old, new in zip(before.claims, after.claims, strict=True)]
    capital = [two for two in told if "at 4\xa0million" in two[0] or "5.5\xa0million" in two[0]]
    assert capital
    assert all("6.5\xa0million" in new or "8\xa0million" in new for _, new in capital)
    still = [two for two in told if "of freight" in two[0] or "simulated futures" in two[0]]
    assert still
    assert all(old == new for old, new in still)


def test_a_plan_that_builds_nothing_is_told_as_such(place: Path, results: dict[str, Path], tmp_path: Path) -> None:
    told = json.loads((results["plan"] / "result.json").read_text())
    empty = {**told, "projects": [], "value_musd": 0, "countries": [], "commodities": [], "frontier": None}
    nothing = {**results, "plan": written(tmp_path / "plan" / "result.json", empty)}
    for kind in ("news", "policy", "technical"):
        for code in LANGUAGES:
            brief = made(place, nothing, kind=kind, language=code)
            assert brief.claims
            assert "programme" not in brief.page.pictures
    assert "no programme was found that pays" in made(place, nothing).headline


def test_what_countries_share_on_a_case_is_told_like_a_table(
    place: Path, results: dict[str, Path], tmp_path: Path
) -> None:
    deal = share(loaded(place / "case"), {"P01": 2026, "P08": 2026}, ["KAZ", "AZE", "GEO"], terms=Terms(2026, 2035))
    brief = made(place, {**results, "share": written(tmp_path / "deal" / "result.json", deal_summary(deal))})
    claim = next(one for one in brief.claims if "partners gain together" in one.text)
    looked = {path: raw for value in claim.values for path, raw in value.looked_up.items()}
    assert looked["share/players"] == 3
    assert looked["share/total"] == pytest.approx(deal.game.total)
    assert {row.id for row in brief.page.rows[claim.number]} >= {"P01"}
    assert "a table of their own" not in brief.html
    other = changed({**results, "share": tmp_path / "deal"}, tmp_path, "share", "provenance/case_hash", "0" * 64)
    with pytest.raises(BriefError, match="different cases"):
        made(place, other)

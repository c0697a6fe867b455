"""A press text read against the case: which of its statements agree, which are contradicted, which cannot be told.

Rules and lists of words, no guessing: where a sentence leaves open what is meant, nothing is said of it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any

import pandas as pd

from bactrian.briefing.language import language
from bactrian.briefing.said import Amount, Day, amounts, anniversaries, days, language_of, sentences
from bactrian.briefing.terms import read_terms
from bactrian.case import Case
from bactrian.errors import BriefError

__all__ = ["Verdict", "read_text", "verdict_lines", "verdict_records"]

NEAR = 0.05  # relative difference that words such as "about" may hide
_PART_OF_YEAR = re.compile(
    r"month|quarter|half of|first half|monat|quartal|halbjahr|месяц|квартал|полугоди|growth|wachs|рост|вырос|grew|rose"
)
_BETWEEN = {"en": r"(?: in | \()(?:the )?", "de": r"(?: in | \()(?:der |die |dem )?", "ru": r"(?: в | \()"}
_LONGEST = 4  # letters of a name that may also be a word


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a statement in a sentence: `agrees`, `contradicts` or `cannot tell`, and why."""

    sentence: str
    about: str
    verdict: str
    said: str
    known: str
    source: str
    address: str


@dataclass(frozen=True, slots=True)
class _Fact:
    id: str
    kind: str
    looks_in: str
    value: str
    unit: str
    source: str
    address: str
    words: dict[str, str]
    vetoes: str

    def met(self, said: str, code: str) -> bool:
        """Whether each group of words has one that begins a word of the sentence, and no veto has."""

        def begins(words: str) -> bool:
            return any(re.search(rf"(?<!\w){re.escape(one)}", said) for one in words.split("/"))

        return all(map(begins, self.words[code].split(";"))) and not (self.vetoes and begins(self.vetoes))


@cache
def _facts() -> tuple[_Fact, ...]:
    text = (files("bactrian.briefing") / "facts.csv").read_text(encoding="utf-8")
    plain = ("id", "kind", "looks_in", "value", "unit", "source", "address")
    found = []
    for row in csv.DictReader(StringIO(text)):
        words = {code: row[code] for code in ("en", "de", "ru")}
        found.append(_Fact(**{name: row[name] for name in plain}, words=words, vetoes=row["not"]))
    return tuple(found)


def read_text(text: str, case: Case, code: str = "") -> list[Verdict]:
    """Check the statements of a text, in its language `code`, or the one it seems to be in.

    Raises BriefError for a language that is not read.

    >>> from bactrian.case import load
    >>> said = "The forum on the thirtieth anniversary of Turkmenistan's neutrality was held on 12 December 2023."
    >>> [(one.verdict, one.said, one.known) for one in read_text(said, load("transcaspian"))]
    [('contradicts', 'anniversary 30 in 2023', '1995-12-12, so in 2025')]
    """
    tongue = code or language_of(text)
    language(tongue)
    found: list[Verdict] = []
    for sentence in sentences(text):
        said = re.sub(r"\s*[–—−‑-]\s*", "-", sentence.lower())
        met = [fact for fact in _facts() if fact.met(said, tongue)]
        found += _of_dates(sentence, [one for one in met if one.kind in ("jubilee", "date")], case, tongue)
        found += _of_amounts(sentence, [one for one in met if one.kind in ("volume", "target")], case, tongue)
        found += _of_places(sentence, case, tongue)
    return found


def _of_dates(sentence: str, facts: list[_Fact], case: Case, code: str) -> Iterator[Verdict]:
    """Dates and anniversaries, where a sentence speaks of one event and of one date that is not the event's own."""
    told, jubilees = days(sentence, code), anniversaries(sentence, code)
    meant = {_known(one, case): one for one in facts if jubilees or one.kind == "date"}
    if len(meant) != 1:
        return
    (iso, source, address), fact = next(iter(meant.items()))
    others = [one for one in told if not one.fits(iso)]
    base = (sentence, fact.id)
    if jubilees:
        due = int(iso[:4]) + jubilees[0]
        if len(jubilees) > 1 or len(others) > 1:
            yield Verdict(*base, "cannot tell", f"anniversary {jubilees[0]}", "", source, address)
        elif others:
            right = "agrees" if others[0].year == due else "contradicts"
            said = f"anniversary {jubilees[0]} in {others[0].year}"
            yield Verdict(*base, right, said, f"{iso}, so in {due}", source, address)
        return
    if len(told) == 1:
        yield Verdict(*base, "contradicts" if others else "agrees", _written(told[0]), iso, source, address)
    elif told:
        yield Verdict(*base, "cannot tell", ", ".join(map(_written, told)), iso, source, address)


def _of_amounts(sentence: str, facts: list[_Fact], case: Case, code: str) -> Iterator[Verdict]:
    """Volumes of a year and targets, where a sentence states one quantity of the unit and one year."""
    found = list(amounts(sentence, code))
    years = [one for one in days(sentence, code) if one.month is None]
    targets = [one for one in facts if one.kind == "target"]
    for fact in targets or facts:
        mine = [one for one in found if one.unit == fact.unit]
        if not mine:
            continue
        known = _value(fact, case, years[0].year if len(years) == 1 else None)
        said = ", ".join(f"{one.value:,.6g} {one.unit}" for one in mine)
        if len(mine) > 1 or len(years) != 1 or known is None or _PART_OF_YEAR.search(sentence.lower()):
            yield Verdict(sentence, fact.id, "cannot tell", said, "", "", "")
            continue
        value, source, address = known
        verdict = "agrees" if _same(mine[0], value) else "contradicts"
        yield Verdict(sentence, fact.id, verdict, said, f"{value:,.6g} {fact.unit}", source, address)


def _same(said: Amount, value: float) -> bool:
    return abs(said.value - value) <= max(said.half * 1.001, NEAR * abs(value))


def _of_places(sentence: str, case: Case, code: str) -> Iterator[Verdict]:
    """Places that a sentence puts in a country: "Aktau in Kazakhstan", "Alat (Azerbaijan)"."""
    lands = _countries(case, code)
    names = "|".join(sorted(map(re.escape, lands), key=len, reverse=True))
    for place, (row, country) in _places(case, code).items():
        for met in re.finditer(rf"(?<!\w){re.escape(place)}{_BETWEEN[code]}({names})", sentence):
            said = lands[met[1]]
            source = case.source("places", row)
            verdict = "agrees" if said == country else "contradicts"
            yield Verdict(
                sentence,
                f"places/{row}",
                verdict,
                f"{place}: {said}",
                country,
                str(source["title"]),
                str(source["address"]),
            )


def _countries(case: Case, code: str) -> dict[str, str]:
    """Stems of the names of countries, and their ids: names bend at their ends."""
    tongue = language(code)
    found = {}
    for one in case.table("countries")["id"]:
        name = tongue.territory(str(one))
        if name and len(name) > _LONGEST:
            found[name[:-1] if code == "ru" and name[-1] in "аяь" else name] = str(one)
    return found


def _places(case: Case, code: str) -> dict[str, tuple[str, str]]:
    """Names of places with row and country, but for those that two places share and those that are words."""
    terms = read_terms()
    found: dict[str, tuple[str, str]] = {}
    twice = set()
    for row, country in zip(case.table("places")["id"], case.table("places")["country"], strict=True):
        name = terms.get(f"place/{row}", code) if terms.has(f"place/{row}") else ""
        twice |= {name} if name in found else set()
        if len(name) >= _LONGEST and name not in ("Mary", "Мары"):
            found[name] = (str(row), str(country))
    return {name: one for name, one in found.items() if name not in twice}


def _known(fact: _Fact, case: Case) -> tuple[str, str, str]:
    """The date of a fact with its source."""
    if not fact.looks_in:
        return fact.value, fact.source, fact.address
    table, row, column = fact.looks_in.split("/")
    source = case.source(table, row)
    return str(_cell(case, table, row, column)), str(source["title"]), str(source["address"])


def _value(fact: _Fact, case: Case, year: int | None) -> tuple[float, str, str] | None:
    """The value of a series in a year, or of a target; None where the case has none."""
    table, _, rest = fact.looks_in.partition("/")
    if fact.kind == "target":
        row, _, column = rest.partition("/")
    else:
        rows = case.table(table)
        ids = rows.loc[(rows["series"] == rest) & (rows["year"] == year), "id"].tolist()
        if len(ids) != 1:
            return None
        row, column = str(ids[0]), "value"
    source = case.source(table, row)
    return float(_cell(case, table, row, column)), str(source["title"]), str(source["address"])


def _cell(case: Case, table: str, row: str, column: str) -> Any:
    rows: pd.DataFrame = case.table(table).set_index("id")
    if row not in rows.index:
        raise BriefError(f"{case.name} has no {table}/{row}, which this text could be checked against")
    return rows.loc[row, column]


def _written(one: Day) -> str:
    return "-".join(f"{part:02d}" for part in (one.year, one.month, one.day) if part is not None)


def verdict_lines(found: list[Verdict]) -> str:
    """What `read_text` found, for a person."""
    if not found:
        return "nothing in this text can be checked"
    lines = []
    for one in found:
        known = f"; known: {one.known} ({one.source})" if one.known else ""
        lines += [one.sentence, f"    {one.verdict}: {one.about}: {one.said}{known}"]
    return "\n".join(lines)


def verdict_records(found: list[Verdict]) -> list[dict[str, str]]:
    """The verdicts as plain types."""
    return [asdict(one) for one in found]

"""The reviewed list of terms, and the names of what is in a case.

A word of the list stands in the language of the page. The name of a thing of the case that the list does not know, or
knows under another name, is a proper name: it stays as the case has it, and the page marks it as such.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path

from bactrian.briefing.language import LANGUAGES, Language, language
from bactrian.case import Case
from bactrian.errors import BriefError
from bactrian.text import visible

__all__ = ["Names", "Terms", "Word", "read_terms"]

NAMED = {kind: f"{kind}s" for kind in ("corridor", "project", "event", "place", "zone", "scenario")}
"""Kinds whose things have names of their own, and the table they stand in."""

OWN = "en"  # language of the names in a case


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is shown; `proper` where it is a name that no list translates."""

    text: str
    proper: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms by key, each by language."""

    rows: Mapping[str, Mapping[str, str]]

    def get(self, key: str, code: str) -> str:
        """The term in a language. Raises BriefError when the list has none.

        >>> read_terms().get("commodity/crude_oil", "de")
        'Rohöl'
        """
        if key not in self.rows:
            raise BriefError(
                f"no term {key!r}: add a line to terms.csv in a folder of your own, and name it with --templates"
            )
        return self.rows[key][code]

    def has(self, key: str) -> bool:
        """Whether the list has a term."""
        return key in self.rows


@cache
def _built_in() -> str:
    return (files("bactrian.briefing") / "terms.csv").read_text(encoding="utf-8")


def read_terms(folder: Path | None = None) -> Terms:
    """The terms that come with Bactrian, and over them those of `terms.csv` in a folder.

    Raises BriefError for a line without a cell for each language, or a key that stands twice.
    """
    rows = _rows(_built_in(), "terms.csv")
    own = folder / "terms.csv" if folder else None
    if own and own.exists():
        rows |= _rows(own.read_text(encoding="utf-8"), str(own))
    return Terms(rows)


def _rows(text: str, named: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line, row in enumerate(csv.DictReader(StringIO(text)), start=2):
        key = row.get("key") or ""
        if not key or key in found or not all(row.get(code) for code in LANGUAGES):
            raise BriefError(
                f"{named}, line {line}: give a key of its own and a word in each of {', '.join(LANGUAGES)}"
            )
        found[key] = {code: str(row[code]) for code in LANGUAGES}
    return found


@dataclass(frozen=True, slots=True)
class Names:
    """How the things of a case are called in the language of a page."""

    terms: Terms
    case: Case
    language: Language
    _known: dict[str, dict[str, str]] = field(default_factory=dict)

    def term(self, key: str) -> Word:
        """A word of the list. Raises BriefError when there is none."""
        return Word(self.terms.get(key, self.language.code))

    def of(self, kind: str, name: str) -> Word:
        """What a thing of some kind is called: a country, or a row of the case, or a word of the list.

        Raises BriefError for a kind of word, such as a commodity, that the list lacks.
        """
        if kind in ("country", "land"):
            return self._country(name, in_text=kind == "country")
        if kind == "case" and not self.terms.has(f"case/{name}"):
            return Word(visible(name), proper=True)
        if kind not in NAMED:
            return self.term(f"{kind}/{name}")
        key, own = f"{kind}/{name or 'other'}", self._own(NAMED[kind], name)
        if own is None and not self.terms.has(key):
            return Word(visible(name), proper=True)
        known = self.terms.has(key) and (own is None or own.startswith(self.terms.get(key, OWN)))
        if own is not None and self.language.code == OWN:
            return Word(visible(self.terms.get(key, OWN) if known and kind == "place" else own), proper=not known)
        return self.term(key) if known else Word(visible(own or name), proper=True)

    def row(self, name: str) -> Word:
        """What a link or a terminal of the case is called: by the places at its ends, or that it stands at."""
        for table, ends in (("links", ("from", "to")), ("terminals", ("place",)), ("access", ("place",))):
            rows = self.case.table(table).set_index("id")
            if name in rows.index:
                words = [self.of("place", str(rows.loc[name, end])) for end in ends]
                return Word(" - ".join(one.text for one in words), any(one.proper for one in words))
        return Word(visible(name), proper=True)

    def _own(self, table: str, name: str) -> str | None:
        if table not in self._known:
            rows = self.case.table(table)
            self._known[table] = dict(zip(rows["id"], rows["name"], strict=True))
        return self._known[table].get(name)

    def _country(self, code: str, in_text: bool) -> Word:
        """A country by its ISO code, in running text with its article; the case must call it by the same name."""
        own = self._own("countries", code)
        if in_text and self.terms.has(f"country/{code}/text"):
            return self.term(f"country/{code}/text")
        if self.terms.has(f"country/{code}"):
            return self.term(f"country/{code}")
        told = self.language.territory(code)
        if told is None:
            return Word(visible(own or code), proper=True)
        english = language(OWN).territory(code)
        if own is not None and own != english:
            raise BriefError(
                f"the case calls the country {code} {own!r}, which is {english!r}: mend its name or its id"
            )
        return Word(told)

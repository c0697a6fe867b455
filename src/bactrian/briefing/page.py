"""A brief put together: parts of a template with their claims, pictures, sources, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bactrian.briefing.claims import Block, Claim, Writer
from bactrian.briefing.folder import KINDS, Folder
from bactrian.briefing.house import House, read_house
from bactrian.briefing.language import language as tongue
from bactrian.briefing.map import corridor_map
from bactrian.briefing.pictures import CHARTS, Studio
from bactrian.briefing.results import Results, read_results
from bactrian.briefing.sources import Grounds, Row, about
from bactrian.briefing.template import Part
from bactrian.briefing.terms import Names, read_terms
from bactrian.briefing.values import Sheet
from bactrian.case import Case, load
from bactrian.errors import BriefError

__all__ = ["Page", "Picture", "make", "picture"]

_PICTURES = {"map": corridor_map, **CHARTS}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page: SVG, its caption, and what it shows in words for those who cannot see it."""

    name: str
    svg: str
    caption: Claim
    alt: Claim


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page ready to be written: claims and pictures in one language, with the chain from each to its sources."""

    kind: str
    language: str
    today: date
    headline: Claim
    lead: tuple[Block, ...]
    body: tuple[Block, ...]
    pictures: Mapping[str, Picture]
    labels: Mapping[str, tuple[Block, ...]]
    results: Results
    house: House
    address: str
    rows: Mapping[int, tuple[Row, ...]]
    about: Mapping[str, tuple[str, ...]]
    keywords: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """The name of its files: case, kind and year, and the language."""
        years = [one.provenance.get("year") or one.provenance["terms"]["last"] for one in self.results.by_name.values()
                 if one.case_hash]  # fmt: skip
        case = re.sub(r"[^a-z0-9]+", "-", str(self.results.case).lower()).strip("-") or "case"
        return f"{case}-{self.kind}-{max(years, default=self.today.year)}.{self.language}"

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim of the page in the order of their numbers: of its text, then of its pictures."""
        blocks = [claim for block in (*self.lead, *self.body) for claim in block.all]
        drawn = [claim for one in self.pictures.values() for claim in (one.caption, one.alt)]
        return tuple(sorted((self.headline, *blocks, *drawn), key=lambda one: one.number))

    def label(self, name: str) -> str:
        """Words of the page itself. Raises BriefError where the labels have none of that name."""
        if name not in self.labels:
            raise BriefError(f"labels.{self.language}.txt has no part {name!r}")
        return " ".join(claim.text for block in self.labels[name] for claim in block.all)

    @property
    def sources(self) -> tuple[Row, ...]:
        """A row for each source that the claims rest on, in the order in which they come up."""
        found: dict[str, Row] = {}
        for claim in self.claims:
            for row in self.rows[claim.number]:
                found.setdefault(row.source.id, row)
        return tuple(found.values())

    def notes(self, claim: Claim, most: int = 3) -> tuple[int, ...]:
        """Numbers of the sources of a claim, those that most of its rows name first."""
        order = {one.source.id: at for at, one in enumerate(self.sources, start=1)}
        count: dict[str, int] = {}
        for row in self.rows[claim.number]:
            count[row.source.id] = count.get(row.source.id, 0) + 1
        first = sorted(count, key=lambda one: (-count[one], order[one]))[:most]
        return tuple(sorted(order[one] for one in first))


def make(
    given: Iterable[str | Path],
    *,
    kind: str = "news",
    code: str = "en",
    case: str | Path | Case | None = None,
    style: Path | None = None,
    templates: Path | None = None,
    address: str = "",
    today: date | None = None,
) -> Page:
    """Make a brief of results; see `bactrian.briefing.brief` for the arguments.

    Raises BriefError where a result is missing, failed or contradicts the words.
    """
    results, folder, terms = read_results(given), Folder(templates), read_terms(templates)
    if kind not in KINDS:
        raise BriefError(f"no kind of brief {kind!r}; use one of {', '.join(KINDS)}")
    names = Names(terms, _case_of(results, case), tongue(code))
    specs, lists = folder.values()
    sheet = Sheet(results, names, today or date.today(), specs, lists)
    words, drawn, labels = (folder.template(f"{name}.{code}.txt") for name in (kind, "pictures", "labels"))
    writer = Writer(sheet)
    headline = writer.one(_part(words, "headline", kind), f"{kind}.{code}.txt")
    lead, body = (tuple(writer.part(_part(words, one, kind), f"{kind}.{code}.txt")) for one in ("lead", "body"))
    house = read_house(style)
    pictures, shown = _drawn(writer, drawn, body, house, code)
    said = {name: tuple(Writer(sheet).part(part, f"labels.{code}.txt")) for name, part in labels.items()}
    claims = [headline, *(claim for block in (*lead, *shown) for claim in block.all)]
    claims += [claim for one in pictures.values() for claim in (one.caption, one.alt)]
    grounds = Grounds(results, names.case)
    topics = about((path for claim in claims for value in claim.values for path in value.looked_up), names.case)
    kinds = {"corridors": "corridor", "countries": "land", "commodities": "commodity", "projects": "project"}
    keys = {name: tuple(names.of(kinds.get(name, "place"), one).text for one in ids) for name, ids in topics.items()}
    return Page(
        kind, code, sheet.today, headline, lead, shown, pictures, said, results, house, _checked(address),
        {one.number: grounds.of(path for value in one.values for path in value.looked_up) for one in claims},
        {name: tuple(ids) for name, ids in topics.items()}, keys,
    )  # fmt: skip


def picture(
    given: Iterable[str | Path], name: str, *, language: str = "en", case: str | Path | Case | None = None
) -> str:
    """One picture of results as SVG, apart from any page: programme, frontier, exceedance, shares or map.

    `given`, `language` and `case` are as `bactrian.briefing.brief` takes them. Raises BriefError as it does, and where
    the results do not bear the picture.

    >>> picture(["plan"], "programme", language="de")  # doctest: +SKIP
    """
    if name not in _PICTURES:
        raise BriefError(f"no picture {name!r}; use one of {', '.join(_PICTURES)}")
    results, folder = read_results(given), Folder(None)
    names = Names(read_terms(None), _case_of(results, case), tongue(language))
    writer = Writer(Sheet(results, names, date.today(), *folder.values()))
    parts = folder.template(f"pictures.{language}.txt")
    if lacks := _lacks(writer, parts, name):
        raise BriefError(f"the picture {name} needs what the results do not hold: {lacks}")
    return _picture(writer, parts, name, read_house(None), language).svg


def _case_of(results: Results, case: str | Path | Case | None) -> Case:
    """The case of the results: their sources and names are looked up in it, so it must be the very same."""
    if results.case is None:
        raise BriefError("none of the results is of a case: add what run, plan or stress wrote")
    try:
        found = case if isinstance(case, Case) else load(case if case is not None else results.case)
    except BaseException as error:
        if case is not None or not isinstance(error, Exception):
            raise
        raise BriefError(
            f"the case {results.case!r} of the results is not at hand: name its folder with --case"
        ) from None
    known = {one.provenance.get(key) for one in results.by_name.values() for key in ("case_hash", "original_hash")}
    if found.hash not in known:
        told = str(results.case_hash)[:12]
        raise BriefError(f"the results are of a case with content {told}, and {found.name} has {found.hash[:12]}: "
                         "name the folder of the right one with --case, or make the results again")  # fmt: skip
    return found


def _part(parts: Mapping[str, Part], name: str, kind: str) -> Part:
    if name not in parts:
        raise BriefError(f"the template for {kind} has no part {name!r}")
    return parts[name]


def _drawn(
    writer: Writer, parts: Mapping[str, Part], body: tuple[Block, ...], house: House, code: str
) -> tuple[dict[str, Picture], tuple[Block, ...]]:
    """The pictures that a body asks for, and the body without those that there is no result for."""
    pictures, shown = dict[str, Picture](), []
    for block in body:
        if block.kind == "picture":
            name = block.heads[0]
            if name not in _PICTURES:
                raise BriefError(f"no picture {name!r}; use one of {', '.join(_PICTURES)}")
            if _lacks(writer, parts, name):
                continue
            pictures[name] = _picture(writer, parts, name, house, code)
        shown.append(block)
    return pictures, tuple(shown)


def _lacks(writer: Writer, parts: Mapping[str, Part], name: str) -> str:
    """What the results lack for a picture; nothing where it can be drawn."""
    results = writer.sheet.results
    lacking = [one for one in _part(parts, f"{name}-caption", "pictures").needs if one not in results]
    if not lacking and name == "frontier" and results.by_name["plan"].told.get("frontier") is None:
        lacking = ["a frontier"]
    return ", ".join(lacking)


def _picture(writer: Writer, parts: Mapping[str, Part], name: str, house: House, code: str) -> Picture:
    named = f"pictures.{code}.txt"
    studio = Studio(
        writer.sheet, lambda word: Writer(writer.sheet).one(_part(parts, word, "pictures"), named).text, house
    )
    caption, alt = (writer.one(_part(parts, f"{name}-{one}", "pictures"), named) for one in ("caption", "alt"))
    return Picture(name, _PICTURES[name](studio).svg(name, caption.text, alt.text, code), caption, alt)


def _checked(address: str) -> str:
    if address and not re.fullmatch(r"https?://[^\s<>\"'`]+", address):
        raise BriefError(f"the address {address!r} is none: write it as https://example.org/briefs")
    return address.rstrip("/")

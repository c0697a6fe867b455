"""The front door: results in, a brief out, and its files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bactrian.briefing.claims import Claim
from bactrian.briefing.folder import Folder
from bactrian.briefing.html import html_of
from bactrian.briefing.index import atom_of, index_of, with_related
from bactrian.briefing.ledger import SUFFIX, ledger_of, ledgers_in
from bactrian.briefing.markdown import markdown_of
from bactrian.briefing.ninjs import ninjs_of
from bactrian.briefing.page import Page, make
from bactrian.briefing.pdf import pdf_of
from bactrian.case import Case
from bactrian.files import write, write_text

__all__ = ["Brief", "brief"]

FEED = "feed.xml"


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief in one language; each form is made when it is asked for."""

    page: Page
    templates: Folder

    @property
    def headline(self) -> str:
        """What stands over it."""
        return self.page.headline.text

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Its sentences, each with its values and where they were looked up."""
        return self.page.claims

    @property
    def html(self) -> str:
        """A page that needs no network."""
        return html_of(self.page, self.templates)

    @property
    def markdown(self) -> str:
        """The text as Markdown."""
        return markdown_of(self.page)

    @property
    def ninjs(self) -> dict[str, Any]:
        """An item for newsrooms (IPTC ninjs)."""
        return ninjs_of(self.page)

    @property
    def pdf(self) -> bytes:
        """The page as PDF. Raises LibraryError where WeasyPrint is not installed."""
        return pdf_of(self.html)

    def save(self, folder: str | Path, pdf: bool = False) -> list[Path]:
        """Write the page, its Markdown, pictures, ninjs item and ledger, and the index and feed of the folder.

        Files are whole or not there; same results, same bytes. Raises CaseError when the folder cannot be written,
        LibraryError for PDF without WeasyPrint.
        """
        place, name = Path(folder), self.page.name
        printed = self.pdf if pdf else b""
        written = [
            write_text(place / f"{name}.html", html_of(self.page, self.templates, FEED)),
            write_text(place / f"{name}.md", self.markdown),
            write_text(place / f"{name}.ninjs.json", _json(self.ninjs)),
            write_text(place / f"{name}{SUFFIX}", _json(ledger_of(self.page))),
        ]
        written += [write_text(place / f"{name}.{one.name}.svg", one.svg) for one in self.page.pictures.values()]
        if pdf:
            written.append(write(place / f"{name}.pdf", lambda draft: draft.write_bytes(printed)))
        return [*written, *self._index(place)]

    def _index(self, place: Path) -> list[Path]:
        """Write index and feed of a folder, and into each of its pages which others are related."""
        briefs = ledgers_in(place)
        for one in briefs:
            file = place / f"{one['name']}.html"
            if file.exists():
                page = file.read_text(encoding="utf-8")
                if (linked := with_related(page, one, briefs)) != page:
                    write_text(file, linked)
        colours = self.page.house.colours
        return [
            write_text(place / "index.html", index_of(briefs, self.templates, colours)),
            write_text(place / FEED, atom_of(briefs)),
        ]


def brief(
    results: Iterable[str | Path],
    *,
    kind: str = "news",
    language: str = "en",
    case: str | Path | Case | None = None,
    style: str | Path | None = None,
    templates: str | Path | None = None,
    address: str = "",
    today: date | None = None,
) -> Brief:
    """Make a brief of results that verbs have written: folders, files, or `name=FOLDER` for one of a name of its own.

    `kind` is news, policy or technical; `language` is en, de or ru. `case` is the case of the results, as loaded or by
    its folder, if it is not built in; `style` a house style (TOML), `templates` a folder of templates of your own,
    `address` the public address that the folder of briefs will have, for links to share by. `today` dates the page.

    Raises BriefError when a result is missing, its certificate does not hold, results are of different cases, or the
    words of a template contradict their figures.

    >>> brief(["plan"], language="de").save("briefs")  # doctest: +SKIP
    """
    own = Path(templates) if templates is not None else None
    page = make(
        results,
        kind=kind,
        code=language,
        case=case,
        style=Path(style) if style is not None else None,
        templates=own,
        address=address,
        today=today,
    )
    return Brief(page, Folder(own))


def _json(told: object) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

"""A brief as one HTML page that asks no host for anything: style and pictures stand in it, scripts there are none."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from bactrian.briefing.folder import Folder
from bactrian.briefing.page import Page
from bactrian.briefing.terms import OWN, read_terms
from bactrian.briefing.values import Piece
from bactrian.case import BUILT_IN
from bactrian.errors import BriefError
from bactrian.text import visible

__all__ = ["environment", "filled", "html_of", "share_links", "uri", "web"]

OPEN = "CC-BY-4.0"  # licence of the tables of built-in cases


def html_of(brief: Page, folder: Folder, feed: str = "") -> str:
    """The page of a brief; `feed` is the file name of a feed to announce.

    Whatever names hold is escaped, and what a template of the user's adds runs in Jinja's sandbox. Raises BriefError
    where the labels lack a word.
    """
    terms = read_terms(folder.own)
    style = folder.text("page.css")
    colours = brief.house.colours
    style = style.replace("ACCENT", colours["accent"]).replace("NIGHT", colours["accent_dark"])
    data = OPEN if brief.results.case in BUILT_IN else brief.house.data_licence

    def licence(name: str) -> str:
        return terms.get(f"licence/{name}", brief.language) if terms.has(f"licence/{name}") else name

    return filled(
        folder,
        "page.html",
        brief=brief,
        house=brief.house,
        label=brief.label,
        piece_of=piece_of,
        notes=brief.notes,
        css=Markup(style),
        description=" ".join(claim.text for block in brief.lead for claim in block.all),
        version=version("bactrian"),
        day=brief.label("day"),
        links=share_links(brief),
        feed=feed,
        web=web,
        uri=uri,
        host=lambda address: visible(urlsplit(address).netloc),
        case_licence=licence(data) if data else brief.label("licence-own"),
        page_licence=licence(brief.house.licence),
        free=any(one.case_hash is None for one in brief.results.by_name.values()),
        chain=list(_chain(brief)),
    )


def filled(folder: Folder, name: str, **told: Any) -> str:
    """A template of a page filled in. Raises BriefError where it asks for what is not there, or is not allowed."""
    try:
        return environment().from_string(folder.text(name)).render(told) + "\n"
    except TemplateError as error:
        raise BriefError(f"the template {name} cannot be filled in: {error}") from None


def environment() -> Environment:
    """Jinja as pages are made with it: everything escaped, nothing undefined passed over, in a sandbox."""
    made = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    made.filters["visible"] = visible
    return made


def piece_of(piece: Piece) -> Markup:
    """A piece of a sentence: a figure with its value, a proper name marked as such, else plain text."""
    if piece.kind == "number":
        return Markup('<data value="{}">{}</data>').format(piece.raw if piece.raw is not None else "", piece.text)
    if piece.kind == "name":
        return Markup('<bdi lang="{}">{}</bdi>').format(OWN, visible(piece.text))
    return escape(piece.text)


def uri(address: str) -> str:
    """An address in the letters that addresses may have (RFC 3986)."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")


def web(address: str) -> bool:
    """Whether an address is one that a page may link to."""
    return urlsplit(address).scheme in ("http", "https") and "\\" not in address


def share_links(brief: Page) -> list[tuple[str, str]]:
    """Plain links to share a page by; none where it has no public address."""
    if not brief.address:
        return []
    address, title = f"{brief.address}/{brief.name}.html", brief.headline.text
    page, told = quote(address, safe=""), quote(title, safe="")
    both = quote(f"{title} {address}", safe="")
    return [
        ("LinkedIn", f"https://www.linkedin.com/sharing/share-offsite/?url={page}"),
        ("WhatsApp", f"https://wa.me/?text={both}"),
        ("Threads", f"https://www.threads.net/intent/post?text={both}"),
        ("X", f"https://x.com/intent/post?text={told}&url={page}"),
        ("Facebook", f"https://www.facebook.com/sharer/sharer.php?u={page}"),
        (brief.label("mail"), f"mailto:?subject={told}&body={page}"),
    ]


def _chain(brief: Page) -> Iterator[tuple[int, Piece, str, str]]:
    for claim in brief.claims:
        for value in claim.values:
            if len(value.looked_up) > 12:
                some = list(value.looked_up)
                yield claim.number, value.piece, f"{some[0]} … {some[-1]}", f"{value.value}"
                continue
            for path, raw in value.looked_up.items():
                yield claim.number, value.piece, path, str(raw)

"""A brief as an item of ninjs 3.1, the JSON of the International Press Telecommunications Council for newsrooms.

https://iptc.org/std/ninjs/ninjs-schema_3.1.json
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from babel.core import get_global
from markupsafe import escape

from bactrian.briefing.claims import Block
from bactrian.briefing.html import uri, web
from bactrian.briefing.page import Page, Picture
from bactrian.text import visible

__all__ = ["ninjs_of"]

Record = dict[str, Any]

SCHEMA = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"
_LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
_DATA_DRIVEN = "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia"
_COUNTRY = "http://cvx.iptc.org/iso3166-1a2/"
_PLACES, _SOURCES = 20, 40


def ninjs_of(brief: Page) -> Record:
    """The item: headline, lead and body, rights, captions, keywords, language, places and sources."""
    when = f"{brief.today.isoformat()}T00:00:00Z"
    plain = "\n\n".join(_plain(brief))
    rights = f"© {brief.house.rights}"
    item: Record = {
        "uri": _uri(brief),
        "standard": {"name": "ninjs", "version": "3.1", "schema": SCHEMA},
        "type": "text",
        "representationType": "full",
        "profile": brief.kind,
        "version": "1",
        "versionCreated": when,
        "contentCreated": when,
        "pubStatus": "usable",
        "language": brief.language,
        "copyrightHolder": brief.house.rights,
        "copyrightNotice": rights,
        "usageTerms": brief.house.licence,
        "title": brief.headline.text,
        "headlines": [{"role": "main", "contentType": "text/plain", "value": brief.headline.text}],
        "descriptions": [{"role": "lead", "contentType": "text/plain", "value": _words(brief.lead)}],
        "bodies": [
            {
                "role": "main",
                "contentType": "text/plain",
                "charCount": len(plain),
                "wordCount": len(plain.split()),
                "value": plain,
            },
            {"role": "richtext", "contentType": "application/xhtml+xml", "value": "".join(_rich(brief))},
        ],
        "by": brief.house.name,
        "genres": [{"name": brief.label(brief.kind)}],
        "subjects": [{"name": name, "rel": "about"} for name in _subjects(brief)],
        "places": list(_places(brief)),
        "infoSources": [
            {"name": visible(row.source.title), **({"uri": uri(row.source.address)} if web(row.source.address) else {})}
            for row in brief.sources[:_SOURCES]
        ],
        "digitalSourceType": {"name": "data-driven media", "uri": _DATA_DRIVEN},
        "associations": [_picture(brief, one, when, rights) for one in brief.pictures.values()],
    }
    if link := _LICENCES.get(brief.house.licence):
        item["rightsInfo"] = {"linkedRights": link}
    if brief.house.contact:
        item["organisations"] = [
            {
                "name": brief.house.name,
                "rel": "publisher",
                "contactInfo": [{"role": "contact", "value": brief.house.contact}],
            }
        ]
    if brief.address:
        page = f"{brief.address}/{brief.name}.html"
        item["renditions"] = [{"name": "web", "href": page, "contentType": "text/html"}]
    return item


def _uri(brief: Page, more: str = "") -> str:
    """Where the page is, or a name made of what it says."""
    if brief.address:
        return f"{brief.address}/{brief.name}{more or '.html'}"
    said = "\n".join([brief.name + more, *(one.text for one in brief.claims)])
    return f"urn:uuid:{uuid5(NAMESPACE_URL, said)}"


def _words(blocks: tuple[Block, ...]) -> str:
    return " ".join(claim.text for block in blocks for claim in block.claims)


def _plain(brief: Page) -> Iterator[str]:
    for block in (*brief.lead, *brief.body):
        if block.kind in ("heading", "paragraph", "list"):
            yield "\n".join(one.text for one in block.claims) if block.kind == "list" else _words((block,))


def _rich(brief: Page) -> Iterator[str]:
    for block in (*brief.lead, *brief.body):
        told = [str(escape(one.text)) for one in block.claims]
        if block.kind == "heading":
            yield f"<h2>{told[0]}</h2>"
        elif block.kind == "paragraph":
            yield f"<p>{' '.join(told)}</p>"
        elif block.kind == "list":
            yield f"<ul>{''.join(f'<li>{one}</li>' for one in told)}</ul>"
        elif block.kind == "table":
            heads = "".join(f"<th>{escape(one)}</th>" for one in block.heads)
            rows = ("".join(f"<td>{escape(one.text)}</td>" for one in row) for row in block.rows)
            yield f"<table><tr>{heads}</tr>{''.join(f'<tr>{one}</tr>' for one in rows)}</table>"


def _subjects(brief: Page) -> list[str]:
    kinds = ("corridors", "commodities", "projects")
    return list(dict.fromkeys(word for kind in kinds for word in brief.keywords[kind]))[:_PLACES]


def _places(brief: Page) -> Iterator[Record]:
    short = get_global("territory_aliases")
    for code, name in zip(brief.about["countries"], brief.keywords["countries"], strict=True):
        place: Record = {"name": name, "rel": "mentions"}
        if len(two := short.get(code, [])) == 1 and len(code) == 3:
            place["uri"] = _COUNTRY + two[0].lower()
        yield place
    for name in brief.keywords["places"][:_PLACES]:
        yield {"name": name, "rel": "mentions"}


def _picture(brief: Page, picture: Picture, when: str, rights: str) -> Record:
    item: Record = {
        "name": picture.name,
        "rel": "illustration",
        "uri": _uri(brief, f".{picture.name}.svg"),
        "type": "graphic",
        "versionCreated": when,
        "language": brief.language,
        "copyrightHolder": brief.house.rights,
        "copyrightNotice": rights,
        "descriptions": [
            {"role": "caption", "contentType": "text/plain", "value": picture.caption.text},
            {"role": "alternative", "contentType": "text/plain", "value": picture.alt.text},
        ],
    }
    if brief.address:
        item["renditions"] = [{"name": "main", "href": item["uri"], "contentType": "image/svg+xml"}]
    return item

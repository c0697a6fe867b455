"""A folder of briefs: its index page, its Atom feed, and which briefs are related.

Two briefs are related by the places, commodities and corridors that both are about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from bactrian.briefing.folder import Folder
from bactrian.briefing.html import environment, filled
from bactrian.briefing.language import language

__all__ = ["atom_of", "index_of", "related", "with_related"]

Record = Mapping[str, Any]

SHARED = ("places", "commodities", "corridors")
_MOST = 6
_MARK = re.compile(r"(<!-- related -->\n).*?(<!-- end of related -->)", re.S)


def related(one: Record, others: Sequence[Record]) -> list[Record]:
    """The briefs that share most with one, translations of it aside: those in its language first."""

    def common(other: Record) -> int:
        return sum(len(set(one["about"][kind]) & set(other["about"][kind])) for kind in SHARED)

    found = [other for other in others if _stem(other) != _stem(one) and common(other)]
    found.sort(key=lambda other: (other["language"] != one["language"], -common(other), other["name"]))
    return found[:_MOST]


def _stem(one: Record) -> str:
    """The name of a brief without its language."""
    return str(one["name"]).removesuffix(f".{one['language']}")


def with_related(page: str, one: Record, others: Sequence[Record]) -> str:
    """The page with its links to translations and related briefs written anew between their marks."""
    same = [other for other in others if _stem(other) == _stem(one) and other["name"] != one["name"]]
    own = [{**other, "own": str(language(str(other["language"])).locale.language_name)} for other in same]
    told = (
        environment()
        .from_string(_RELATED)
        .render(
            heading=one["words"]["related"],
            languages=one["words"]["languages"],
            translations=sorted(own, key=lambda other: str(other["language"])),
            briefs=related(one, others),
        )
    )
    return _MARK.sub(lambda met: met[1] + told + met[2], page)


def index_of(briefs: Sequence[Record], folder: Folder, colours: Mapping[str, str]) -> str:
    """An index page of the briefs of a folder, newest first, in all their languages."""
    style = folder.text("page.css").replace("ACCENT", colours["accent"]).replace("NIGHT", colours["accent_dark"])
    order = sorted(briefs, key=lambda one: one["name"])
    order.sort(key=lambda one: one["date"], reverse=True)
    first = order[0]
    near = {one["name"]: related(one, briefs) for one in order}
    return filled(folder, "index.html", briefs=order, first=first, css=Markup(style), related=near)


def atom_of(briefs: Sequence[Record]) -> str:
    """An Atom feed (RFC 4287) of the briefs of a folder, newest first."""
    order = sorted(briefs, key=lambda one: one["name"])
    order.sort(key=lambda one: one["date"], reverse=True)
    first = order[0]
    base = next((one["address"] for one in order if one["address"]), "")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{escape(_id(base or str(first['case']), 'feed.xml'))}</id>",
        f"<title>{escape(str(first['publisher']))}: {escape(str(first['words']['index']))}</title>",
        f"<updated>{first['date']}T00:00:00Z</updated>",
        f"<author><name>{escape(str(first['publisher']))}</name></author>",
        f"<rights>© {escape(str(first['rights']))}</rights>",
    ]
    if base:
        lines += [f'<link rel="self" type="application/atom+xml" href={quoteattr(base + "/feed.xml")}/>']
    for one in order:
        file = f"{one['name']}.html"
        href = f"{one['address']}/{file}" if one["address"] else file
        tongue = quoteattr(str(one["language"]))
        lines += [
            f"<entry xml:lang={tongue}>",
            f"<id>{escape(_id(one['address'] or str(one['case_hash']), file))}</id>",
            f"<title>{escape(str(one['title']))}</title>",
            f'<link rel="alternate" type="text/html" hreflang={tongue} href={quoteattr(href)}/>',
            f"<updated>{one['date']}T00:00:00Z</updated>",
            f"<summary>{escape(str(one['lead']))}</summary>",
            *(f"<category term={quoteattr(term)}/>" for term in one["about"]["corridors"]),
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>"]) + "\n"


def _id(place: str, file: str) -> str:
    return f"{place}/{file}" if place.startswith("http") else f"urn:uuid:{uuid5(NAMESPACE_URL, f'{place}/{file}')}"


_RELATED = """{% if translations %}<nav class="languages" aria-label="{{ languages }}"><ul>{% for one in translations %}
<li><a href="{{ one.name }}.html" hreflang="{{ one.language }}" lang="{{ one.language }}">{{ one.own }}</a></li>
{%- endfor %}
</ul></nav>
{% endif %}{% if briefs %}<nav class="related" aria-label="{{ heading }}"><h2>{{ heading }}</h2>
<ul>{% for one in briefs %}
<li><a href="{{ one.name }}.html" hreflang="{{ one.language }}" lang="{{ one.language }}">{{ one.title }}</a></li>
{%- endfor %}
</ul></nav>
{% endif %}"""

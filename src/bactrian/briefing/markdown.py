"""A brief as Markdown, its pictures as files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bactrian.briefing.claims import Block, Claim
from bactrian.briefing.html import uri, web
from bactrian.briefing.page import Page
from bactrian.text import visible

__all__ = ["markdown_of"]

_SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


def markdown_of(brief: Page) -> str:
    """The text of a brief as Markdown, in which nothing from a name is a mark."""
    lines = [f"# {_plain(brief.headline.text)}", ""]
    for block in (*brief.lead, *brief.body):
        lines += [*_block(brief, block), ""]
    lines += [f"## {_plain(brief.label('sources'))}", "", _plain(brief.label("sources-say")), ""]
    for at, row in enumerate(brief.sources, start=1):
        address = f" <{uri(row.source.address)}>" if web(row.source.address) else ""
        lines.append(f"{at}. {_plain(row.source.title)}{address}")
    lines += ["", f"{_plain(brief.label('made'))} © {_plain(brief.house.rights)}"]
    return "\n".join(lines) + "\n"


def _block(brief: Page, block: Block) -> Iterator[str]:
    if block.kind == "heading":
        yield f"## {_plain(block.claims[0].text)}"
    elif block.kind == "paragraph":
        yield " ".join(_sentence(brief, one) for one in block.claims)
    elif block.kind == "list":
        yield from (f"- {_sentence(brief, one)}" for one in block.claims)
    elif block.kind == "table":
        yield f"| {' | '.join(map(_plain, block.heads))} |"
        yield f"| --- {'| ---: ' * (len(block.heads) - 1)}|"
        yield from (f"| {' | '.join(_plain(one.text) for one in row)} |" for row in block.rows)
    elif picture := brief.pictures.get(block.heads[0]):
        yield f"![{_plain(picture.alt.text)}]({brief.name}.{picture.name}.svg)"
        yield ""
        rights = f"{brief.label('picture')}: © {brief.house.rights}"
        yield f"*{_plain(picture.caption.text)}* {_plain(rights)}"


def _sentence(brief: Page, claim: Claim) -> str:
    notes = ", ".join(str(one) for one in brief.notes(claim))
    return _plain(claim.text) + (f" \\[{notes}\\]" if notes else "")


def _plain(text: str) -> str:
    """The text with every sign that Markdown knows taken as it stands."""
    shown = visible(text, 4000).replace("\n", " ")
    return _SIGNS.sub(r"\\\1", shown).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

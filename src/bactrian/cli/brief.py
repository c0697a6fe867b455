"""Verbs about texts for people: brief, read."""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from bactrian.cli.verb import Answer, guard, verb, wrote
from bactrian.errors import CaseError, Finding

__all__ = ["brief", "read"]


@verb
@click.argument("results", nargs=-1, required=True)
@click.option("--kind", default="news", show_default=True, help="news, policy or technical.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=["en"],
    show_default=True,
    help="en, de or ru; may be given again.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for page, Markdown, pictures, ninjs, index and feed."
)
@click.option("--pdf", is_flag=True, help="Write PDF too; needs the extra bactrian[pdf].")
@click.option("--case", help="Case of the results, a built-in name or a folder.  [default: as the results name it]")
@click.option(
    "--style", type=click.Path(path_type=Path), help="House style (TOML): name, logo, colours, rights, contact."
)
@click.option("--templates", type=click.Path(path_type=Path), help="Folder of templates of your own.")
@click.option("--address", default="", metavar="URL", help="Public address of the folder, for links to share by.")
@click.option("--date", "today", type=click.DateTime(["%Y-%m-%d"]), help="Date of the page.  [default: today]")
def brief(
    results: tuple[str, ...],
    languages: tuple[str, ...],
    out: Path | None,
    pdf: bool,
    today: datetime | None,
    **asked: Any,
) -> Answer:
    """Make a page for people of RESULTS: folders that other verbs wrote with --out, or files.

    Every figure in it is looked up in them; what they do not bear out is refused.
    """
    if out:
        guard(out)
    make = import_module("bactrian.briefing").brief
    day: date | None = today.date() if today else None
    briefs = [make(results, language=one, today=day, **asked) for one in languages]
    written: dict[Path, None] = {}
    if out:
        for one in briefs:
            written.update(dict.fromkeys(one.save(out, pdf=pdf)))
    told = {
        "briefs": [
            {"name": one.page.name, "language": one.page.language, "headline": one.headline, "claims": len(one.claims)}
            for one in briefs
        ],
        "written": [path.name for path in written],
    }
    return Answer(told, "\n\n".join(one.markdown.rstrip() for one in briefs) if not out else "\n".join(
        f"{one.page.name}: {one.headline}" for one in briefs), wrote(written, out))  # fmt: skip


@verb
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--case", default="transcaspian", show_default=True, help="Built-in name or folder.")
@click.option("--language", default="", help="en, de or ru.  [default: as the text seems to be]")
def read(file: Path, case: str, language: str) -> Answer:
    """Check the statements of a press text in FILE against CASE: dates, volumes, targets, and countries of places.

    Exit code 1 where one is contradicted.
    """
    briefing = import_module("bactrian.briefing")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError([Finding(str(file), 0, "", f"cannot be read: {error}", "name a text in UTF-8")]) from None
    found = briefing.read_text(text, import_module("bactrian.case").load(case), language)
    right = all(one.verdict != "contradicts" for one in found)
    told = {"statements": briefing.verdict_records(found)}
    return Answer(told, briefing.verdict_lines(found), holds=right, fault="the case contradicts this text")

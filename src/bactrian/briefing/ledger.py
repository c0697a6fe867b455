"""The ledger of a brief: every sentence with the values, results, rows and sources it rests on, as a file for machines.

`bactrian explain PAGE#7` reads it; index, feed and related briefs are made of the ledgers of a folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bactrian.briefing.claims import Claim
from bactrian.briefing.page import Page
from bactrian.errors import BriefError

__all__ = ["claim_lines", "explain_claim", "ledger_of", "ledgers_in"]

Record = dict[str, Any]

SHOWN = 12  # paths and rows told to a person

SUFFIX = ".claims.json"


def ledger_of(brief: Page) -> Record:
    """Everything that a brief says and rests on, as plain types."""
    return {
        "result": "brief",
        "name": brief.name,
        "kind": brief.kind,
        "language": brief.language,
        "date": brief.today.isoformat(),
        "day": brief.label("day"),
        "label": brief.label(brief.kind),
        "title": brief.headline.text,
        "lead": " ".join(claim.text for block in brief.lead for claim in block.claims),
        "publisher": brief.house.name,
        "rights": brief.house.rights,
        "address": brief.address,
        "case": brief.results.case,
        "case_hash": brief.results.case_hash,
        "about": {name: list(ids) for name, ids in brief.about.items()},
        "words": {name: brief.label(name) for name in ("related", "index", "languages")},
        "results": [
            {"name": one.name, "kind": one.kind, "file": one.file, "sha256": one.digest, "case_hash": one.case_hash}
            for one in brief.results.by_name.values()
        ],
        "claims": [_claim(brief, one) for one in brief.claims],
    }


def _claim(brief: Page, claim: Claim) -> Record:
    return {
        "number": claim.number,
        "text": claim.text,
        "template": claim.template,
        "values": [
            {
                "name": one.name,
                "looked_up_by": one.spec,
                "written": one.piece.text,
                "value": one.value,
                "looked_up": dict(one.looked_up),
            }
            for one in claim.values
        ],
        "rows": [
            {
                "row": f"{row.table}/{row.id}",
                "quality": row.quality,
                "source": row.source.title,
                "address": row.source.address,
            }
            for row in brief.rows[claim.number]
        ],
    }


def ledgers_in(folder: Path) -> list[Record]:
    """The ledgers of a folder in the order of their names. Raises BriefError for one that cannot be read."""
    found = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            found.append({**told, "name": file.name.removesuffix(SUFFIX)})
        except (OSError, ValueError, TypeError) as error:
            raise BriefError(f"{file} cannot be read: {error}") from None
    return found


def explain_claim(asked: str) -> Record:
    """The chain of a sentence, asked for as `FOLDER/PAGE#7`, or `FOLDER#7` where that holds one page.

    Raises BriefError when there is no such page or sentence.
    """
    place, _, number = asked.rpartition("#")
    told = _ledger(Path(place))
    wanted = number.removeprefix("claim-")
    claim = next((one for one in told["claims"] if str(one["number"]) == wanted), None)
    if claim is None:
        raise BriefError(f"{place} has no sentence {number!r}; it has 1 to {len(told['claims'])}")
    named = {str(one["name"]): one for one in told["results"]}
    used = {path.partition("/")[0] for value in claim["values"] for path in value["looked_up"]}
    return {
        "figure": asked,
        **claim,
        "results": [named[one] for one in sorted(used) if one in named],
        "case": told["case"],
        "case_hash": told["case_hash"],
    }


def _ledger(place: Path) -> Record:
    if place.is_dir():
        found = ledgers_in(place)
        if len(found) != 1:
            names = ", ".join(f"{place / str(one['name'])}" for one in found) or "none"
            raise BriefError(f"{place} holds {len(found)} pages: name one of {names}")
        return found[0]
    stem = place.name
    for end in (SUFFIX, ".html", ".md", ".pdf", ".ninjs.json"):
        stem = stem.removesuffix(end)
    found = [one for one in ledgers_in(place.parent) if one["name"] == stem]
    if not found:
        raise BriefError(f"there is no page {place}: name one that bactrian brief has written")
    return found[0]


def claim_lines(told: Record) -> str:
    """What `explain_claim` tells, for a person: sentence, values, results, rows and sources."""
    lines = [f"{told['number']}: {told['text']}", f"template: {told['template']}"]
    for value in told["values"]:
        lines.append(f"{value['written']}  =  {value['name']}: {value['looked_up_by']}")
        looked = list(value["looked_up"].items())
        lines += [f"    {path} = {raw}" for path, raw in looked[:SHOWN]]
        lines += [f"    and {len(looked) - SHOWN} more"] if len(looked) > SHOWN else []
    for one in told["results"]:
        case = f"case {one['case_hash'][:12]}" if one["case_hash"] else "no case"
        lines.append(f"result {one['name']}: {one['file']}, {case}, content {one['sha256'][:12]}")
    rows = told["rows"]
    lines += [f"row {one['row']} ({one['quality']}): {one['source']} {one['address']}".rstrip() for one in rows[:SHOWN]]
    lines += [f"and {len(rows) - SHOWN} more rows"] if len(rows) > SHOWN else []
    return "\n".join(lines)

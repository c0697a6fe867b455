"""Write again the results in docs/stress.md, some three minutes. Run it after editing what a run or event rests on."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bactrian as ba
from bactrian.report import (
    course_sections,
    course_summary,
    critical_sections,
    critical_summary,
    risk_sections,
    risk_summary,
)
from bactrian.report.plan_words import Section
from bactrian.stressing import Scene, course_of, criticality, spans_of
from bactrian.stressing.words import spells_of

PAGE = Path(__file__).parents[1] / "docs" / "stress.md"

CASE, YEAR, EVENT, DAYS, PROJECT = "transcaspian", 2030, "closed:northern", 90.0, "P55"
DRAWS, TOP, SHOWN = 1000, 10, 10  # rows of a table
MARKED = re.compile(r"<!-- (?!end of)([a-z ]+) -->\n(?:.*\n)*?<!-- end of \1 -->")

Sections = Sequence[Section]


def with_results(text: str, case: ba.Case, event: str = EVENT, project: str = PROJECT, draws: int = DRAWS) -> str:
    """The page with what is between its marks written anew. Raises ValueError for a mark that means nothing."""
    known: dict[str, Callable[[], Sections]] = {
        "event": lambda: _event(case, event),
        "futures": lambda: _futures(case, project, draws),
        "ranking": lambda: critical_sections(critical_summary(criticality(case, YEAR, TOP, tell=_tell), case)),
    }
    if wrong := [one for one in MARKED.findall(text) if one not in known]:
        raise ValueError(f"no results are called {wrong[0]!r}: use {', '.join(known)}")

    def written(found: re.Match[str]) -> str:
        name = found[1]
        return "\n".join([f"<!-- {name} -->", *_lines(known[name]()), f"<!-- end of {name} -->"])

    return MARKED.sub(written, text)


def _event(case: ba.Case, event: str) -> Sections:
    changed, spells = spells_of(case, [event], DAYS)
    scene = Scene(changed, YEAR, {one.event.id: one.event for one in spells}, tell=_tell)
    course = course_of(scene, spans_of(spells, 5), alone=True)
    return course_sections(course_summary(course))[:4]


def _futures(case: ba.Case, project: str, draws: int) -> Sections:
    risk = ba.stress(case, YEAR, draws, projects=[project], tell=_tell)
    return risk_sections(risk_summary(risk, case))


def _lines(sections: Sections) -> list[str]:
    """Sections as Markdown, their titles in bold, tables cut to their first rows."""
    lines: list[str] = []
    for section in sections:
        lines += [f"**{section.title}**", ""] if section.title else []
        lines += [part for line in section.before for part in (line, "")]
        if section.rows:
            heads = [*section.texts, *section.numbers]
            rule = ["---"] * len(section.texts) + ["---:"] * len(section.numbers)
            rows = [[cell.replace("|", "\\|") for cell in row] for row in section.rows[:SHOWN]]
            lines += [f"| {' | '.join(row)} |" for row in (heads, rule, *rows)] + [""]
    return lines[:-1] if lines and not lines[-1] else lines


def _tell(said: Any) -> None:
    print(said, file=sys.stderr)


if __name__ == "__main__":
    PAGE.write_text(with_results(PAGE.read_text(encoding="utf-8"), ba.load(CASE)), encoding="utf-8")

"""The command line that gives the same as the page: what is shown, and what a job runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

__all__ = ["file_of", "number", "run_words", "shown"]


def file_of(name: str) -> str:
    """The name of a file for a scenario of that name.

    >>> file_of("Low sea, -30.5 m"), file_of("Низкое море")
    ('low-sea-30-5-m.json', 'scenario.json')
    """
    return (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or "scenario") + ".json"


def shown(words: Iterable[str]) -> str:
    """The words of a command as somebody types them.

    >>> shown(["plan", "transcaspian", "--budget", "8 bn USD"])
    "bactrian plan transcaspian --budget '8 bn USD'"
    """
    return shlex.join(["bactrian", *words])


def number(value: float) -> str:
    """A number as it is typed, with nothing lost.

    >>> number(5.0), number(0.05)
    ('5', '0.05')
    """
    return str(int(value)) if value == int(value) else repr(value)


def run_words(case: str, year: int, carbon: float, scenario: str | None) -> list[str]:
    """The words of a run of a case as a scenario has it, given by the name of its file."""
    words = ["run", case, "--year", str(year)]
    if scenario is not None:
        words += ["--with", scenario]
    if carbon:
        words += ["--carbon", number(carbon)]
    return [*words, "--out", "out"]

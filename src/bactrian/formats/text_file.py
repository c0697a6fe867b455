"""What readers of text files share: the text itself, and findings that are gathered up to a few."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import NoReturn

from bactrian.errors import CaseError, Finding

__all__ = ["TextFile"]

MOST = 10  # findings of one file before reading stops


class TextFile:
    """The `numbered` lines of a text file, plain or gzip by its name, and what was found wrong with it.

    Raises CaseError for what cannot be read or is no text; `kind` names the format in the remedy.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self.name = path.name
        self.findings: list[Finding] = []
        try:
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
        except (OSError, EOFError, zlib.error) as error:
            self.stop(0, "", f"cannot be read ({getattr(error, 'strerror', None) or error})", "name an existing file")
        text = content.decode("utf-8", errors="replace").lstrip("\ufeff")
        if "\0" in text:
            self.stop(0, "", "is not a text file", f"export the file as text in {kind} format")
        self.numbered = list(enumerate(re.split(r"\r\n|\n|\r", text), 1))

    def find(self, line: int, column: str, rule: str, remedy: str) -> None:
        """Take down a finding; raise CaseError once there are many."""
        self.findings.append(Finding(self.name, line, column, rule, remedy))
        if len(self.findings) >= MOST:
            self.refuse()

    def stop(self, line: int, column: str, rule: str, remedy: str) -> NoReturn:
        """Raise CaseError with a finding that nothing can be read after."""
        raise CaseError([*self.findings, Finding(self.name, line, column, rule, remedy)])

    def refuse(self) -> None:
        """Raise CaseError if anything was found."""
        if self.findings:
            raise CaseError(self.findings)

    def whole(self, line: int, column: str, word: str, largest: int, remedy: str) -> int:
        """A count written in digits; raise CaseError for anything else."""
        if not (word.isascii() and word.isdigit() and len(word) < 20 and int(word) <= largest):
            self.stop(line, column, f"must be a whole number up to {largest:,}, found {word[:40]!r}", remedy)
        return int(word)

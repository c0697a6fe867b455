"""Pages as a reader follows them: their blocks of code, and their links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

import bactrian
from bactrian.cli import main

ROOT = Path(bactrian.__file__).parents[2]
KINDS = {"", "sh", "console"}  # languages of a block of commands
FENCE = re.compile(
    r"^(?:<!-- (?P<mark>.*?) -->\n)?```(?P<language>[\w+-]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\((?P<to>[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code. `mark` is the remark above it: shown, nightly, file: PATH, exit: CODE or nothing."""

    language: str
    text: str
    mark: str
    line: int

    @property
    def commands(self) -> list[list[str]]:
        """The words of the lines that call bactrian, without remarks."""
        lines = self.text.splitlines() if self.language in KINDS else []
        return [shlex.split(re.sub(r"\s#.*", "", line))[1:] for line in lines if line.startswith("bactrian ")]


def blocks(page: str) -> list[Block]:
    """The blocks of a page. Raises AssertionError for a mark that means nothing."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [
        Block(one["language"], one["text"], one["mark"] or "", text.count("\n", 0, one.start()) + 1)
        for one in FENCE.finditer(text)
    ]
    for block in found:
        assert re.fullmatch(r"|shown|nightly|file: \S+|exit: \d", block.mark), f"{page}:{block.line}: {block.mark}"
    return found


def follow(page: str, nightly: bool) -> int:
    """Do what the page says, in the present folder and in order, and count the blocks done.

    Blocks marked nightly are done only at night, those marked shown never.
    """
    done, names = 0, {"__name__": "page"}
    for block in blocks(page):
        path = block.mark.removeprefix("file: ")
        where = f"{page}, line {block.line}"
        if path != block.mark:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(block.text, encoding="utf-8")
        if block.mark == "shown" or (block.mark == "nightly" and not nightly):
            continue
        if block.language == "python":
            exec(compile(block.text, where, "exec"), names)
        for words in block.commands:
            told = CliRunner().invoke(main, words)
            expected = int(block.mark.removeprefix("exit: ")) if block.mark.startswith("exit") else 0
            trouble = told.exception if not isinstance(told.exception, SystemExit) else ""
            assert told.exit_code == expected, f"{where}: bactrian {shlex.join(words)}\n{told.output}{trouble!r}"
        done += block.language == "python" or bool(block.commands)
    return done


def links(page: str) -> Iterator[tuple[str, str]]:
    """The links of a page to other files of the repository: path and anchor."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for one in LINK.finditer(re.sub(r"`[^`\n]*`", "", text)):
        if not re.match(r"[a-z]+:", one["to"]):
            path, _, anchor = one["to"].partition("#")
            yield path, anchor


def anchors(path: Path) -> set[str]:
    """The anchors of the headings of a Markdown file, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} (.+)$", text, flags=re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"</?su[bp]>|[*`$]", "", heading)).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return set(found)

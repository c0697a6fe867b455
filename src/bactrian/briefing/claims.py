"""Claims: sentences of a template with their values looked up, each with the chain from its words to the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bactrian.briefing.template import HOLE, Condition, Line, Part, read_condition
from bactrian.briefing.values import Bound, Piece, Sheet
from bactrian.errors import BriefError

__all__ = ["Block", "Claim", "Writer"]

NOTHING = "nothing"
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as written: its number on the page, its pieces, the values it rests on, its place in a template."""

    number: int
    pieces: tuple[Piece, ...]
    values: tuple[Bound, ...]
    template: str
    path: str = ""

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return "".join(one.text for one in self.pieces)


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together on a page: a `heading`, a `paragraph` or a `list` of claims, a `table` of rows of claims,
    or a `picture` named by its only head."""

    kind: str
    claims: tuple[Claim, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Claim, ...], ...] = ()

    @property
    def all(self) -> tuple[Claim, ...]:
        """Every claim of it."""
        return self.claims + tuple(one for row in self.rows for one in row)


class Writer:
    """Writes the parts of a template with the values of a sheet, numbering claims as it goes."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.count = 0

    def part(self, part: Part, named: str) -> list[Block]:
        """The blocks of a part, without headings over nothing; none where a result that it needs is lacking.

        Raises BriefError, with file and line, for a value that is missing or words that contradict it.
        """
        if any(one not in self.sheet.results for one in part.needs):
            return []
        blocks: list[Block] = []
        last: tuple[str, int] = ("", -1)
        for line in part.lines:
            try:
                found = list(self._blocks(line, f"{named}:{line.number}"))
            except BriefError as error:
                raise BriefError(f"{named}, line {line.number}: {error}") from None
            for block in found:
                if block.kind in ("paragraph", "list") and last == (block.kind, line.paragraph):
                    blocks[-1] = Block(block.kind, blocks[-1].claims + block.claims)
                else:
                    blocks.append(block)
                last = (block.kind, line.paragraph)
        ends = [*(one.kind for one in blocks[1:]), "heading"]
        return [one for one, after in zip(blocks, ends, strict=False) if (one.kind, after) != ("heading", "heading")]

    def one(self, part: Part, named: str) -> Claim:
        """The only claim of a part, such as a headline. Raises BriefError where there is none."""
        found = [claim for block in self.part(part, named) for claim in block.all]
        if not found:
            remedy = "name more results (a plan, a risk, shares, a second run), or take another kind, such as technical"
            raise BriefError(f"{named}: the part {part.name!r} says nothing of these results; {remedy}")
        return found[0]

    def _blocks(self, line: Line, named: str) -> Iterator[Block]:
        if line.list:
            if not all(self._true(one) for one in line.guards if not _of_row(one, self.sheet)):
                return
            rows = [row for row in self.sheet.rows(line.list) if all(self._true(one, row) for one in line.guards)]
            if line.kind == "table":
                yield self._table(line, rows, named)
            elif rows:
                yield Block("list", tuple(self._claim(line.text, named, row) for row in rows))
        elif not all(self._true(one) for one in line.guards):
            return
        elif line.kind == "picture":
            yield Block("picture", heads=(line.text,))
        else:
            kind = "heading" if line.kind == "heading" else "paragraph"
            yield Block(kind, (self._claim(line.text, named),))

    def _table(self, line: Line, rows: list[str], named: str) -> Block:
        columns = [cell.strip() for cell in _cells(line.text)]
        heads = [cell.partition("{")[0].strip() for cell in columns]
        cells = ["{" + cell.partition("{")[2] for cell in columns]
        told = tuple(tuple(self._claim(cell, named, row) for cell in cells) for row in rows)
        return Block("table", (), tuple(heads), told)

    def _claim(self, text: str, named: str, row: str = "") -> Claim:
        pieces: list[Piece] = []
        values: dict[str, Bound] = {}
        at = 0
        for hole in HOLE.finditer(text):
            if hole.start() > at:
                pieces.append(Piece("text", text[at : hole.start()]))
            pieces.append(self._fill(hole[1].strip(), row, values))
            at = hole.end()
        if at < len(text):
            pieces.append(Piece("text", text[at:]))
        self.count += 1
        return Claim(self.count, tuple(_capital(pieces)), tuple(values.values()), named, row)

    def _fill(self, said: str, row: str, values: dict[str, Bound]) -> Piece:
        if said.startswith("="):
            return Piece("term", self.sheet.names.term(said[1:].strip()).text)
        asked, colon, words = (one.strip() for one in said.partition(":"))
        if condition := read_condition(asked):
            if not colon:
                raise BriefError(f"{{{said}}} says no words: write {{{asked}: words}}")
            self._assert(condition, row, words, values)
            return Piece("text", words)
        values[asked] = bound = self.sheet.bound(asked, row)
        if not colon:
            return bound.piece
        forms = [one.strip() for one in words.split("|")]
        return Piece("text", self.sheet.names.language.plural(float(bound.value), forms))

    def _assert(self, condition: Condition, row: str, words: str, values: dict[str, Bound]) -> None:
        for name in (condition.one, condition.other):
            if name != NOTHING:
                values[name] = self.sheet.bound(name, row)
        if not self._holds(condition, row):
            one, other = (self._value(name, row) for name in (condition.one, condition.other))
            told = f"{condition.one} is {one:g} and {condition.other} {other:g}"
            raise BriefError(f"the words {words!r} contradict the figures: {told}")

    def _true(self, guard: str, row: str = "") -> bool:
        """Whether a guard lets a line pass: a condition, or a result that has to be there, or to be lacking (`no`)."""
        if condition := read_condition(guard):
            return self._holds(condition, row)
        word, _, name = guard.partition(" ")
        if word in ("has", "lacks"):
            return self._has(name.strip(), row) == (word == "has")
        if guard.startswith("no "):
            return guard.removeprefix("no ").strip() not in self.sheet.results
        return guard in self.sheet.results

    def _has(self, name: str, row: str) -> bool:
        if name not in self.sheet.specs:
            raise BriefError(f"no value {name!r}: add it to values.toml")
        try:
            self.sheet.bound(name, row)
        except BriefError:
            return False
        return True

    def _holds(self, condition: Condition, row: str) -> bool:
        one, other = (self._value(name, row) for name in (condition.one, condition.other))
        close = abs(one - other) <= CLOSE * max(abs(one), abs(other), 1.0)
        if condition.sign == "=":
            return close
        return not close and (one > other if condition.sign == ">" else one < other)

    def _value(self, name: str, row: str) -> float:
        if name == NOTHING:
            return 0.0
        return float(self.sheet.bound(name, row).value)


def _of_row(guard: str, sheet: Sheet) -> bool:
    """Whether a guard speaks of a row of a list."""
    condition = read_condition(guard)
    specs: Mapping[str, str] = sheet.specs
    return condition is not None and any(
        specs.get(one, "").removeprefix("sum ").startswith("<") for one in (condition.one, condition.other)
    )


def _cells(text: str) -> list[str]:
    """Cells between strokes that stand in no bracket."""
    kept = HOLE.sub(lambda met: met[0].replace("|", "\0"), text)
    return [one.replace("\0", "|") for one in kept.split("|")]


def _capital(pieces: list[Piece]) -> list[Piece]:
    """The pieces with a capital letter first, where a term begins them."""
    if pieces and pieces[0].kind == "term" and pieces[0].text:
        first = pieces[0]
        return [Piece(first.kind, first.text[0].upper() + first.text[1:], first.raw), *pieces[1:]]
    return pieces

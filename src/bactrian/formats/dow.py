"""DOW files: capacitated network design of the Canad families (Crainic, Frangioni and Gendron 2001).

A title line; then nodes, arcs and commodities; then a line per arc (from, to, unit cost, capacity, fixed cost, and two
fields that are not used) and a line per commodity (origin, destination, demand).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bactrian.formats.text_file import TextFile

__all__ = ["Dow", "read_dow"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COUNTS = ("nodes", "arcs", "commodities")
ARC = ("from", "to", "cost", "capacity", "fixed")  # two more may follow
COMMODITY = ("origin", "destination", "demand")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LARGEST_COUNT, LARGEST = 10**7, 1e15  # beyond these a file is not about a network


@dataclass(frozen=True, slots=True, eq=False)
class Dow:
    """A network of `nodes` nodes, A arcs and K commodities, in file order; nodes count from 0.

    Per arc: `tail`, `head`, `cost` of a unit of flow, `capacity`, and `fixed`, the cost of opening it. Per commodity:
    `origin`, `destination`, `demand`.
    """

    nodes: int
    tail: Ints
    head: Ints
    cost: Floats
    capacity: Floats
    fixed: Floats
    origin: Ints
    destination: Ints
    demand: Floats


def read_dow(file: str | Path) -> Dow:
    """Read one file; raise CaseError with findings that name file, line, column, rule and remedy.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.dow")
    ...     _ = path.write_text("MULTIGEN.DAT:\\n 2 1 1\\n 1 2 6 638 905 1 13\\n 1 2 7.5\\n")
    ...     read = read_dow(path)
    >>> read.nodes, read.cost.tolist(), read.capacity.tolist(), read.fixed.tolist(), read.demand.tolist()
    (2, [6.0], [638.0], [905.0], [7.5])
    """
    reader = _Reader(Path(file))
    nodes, arcs, commodities = reader.counts()
    if nodes < 2:
        reader.stop(reader.line, "nodes", f"must be at least 2, found {nodes}", "correct the counts")
    wanted = reader.line_count - reader.at
    if wanted < arcs + commodities:
        rule = f"says {arcs} arcs and {commodities} commodities, but {wanted} lines follow"
        reader.stop(reader.line, "", rule, "correct the counts, or add the lines that are missing")
    table = reader.table("arc", ARC, arcs, nodes)
    trade = reader.table("commodity", COMMODITY, commodities, nodes)
    if reader.at < reader.line_count:
        line, text = reader.lines[reader.at]
        rule = f"text after the last of {commodities} commodities, {text[:40]!r}"
        reader.find(line, "", rule, "correct the counts, or remove the line")
    reader.refuse()
    ends, pairs = table[:, :2].astype(np.int64) - 1, trade[:, :2].astype(np.int64) - 1
    return Dow(
        nodes=nodes,
        tail=ends[:, 0].copy(),
        head=ends[:, 1].copy(),
        cost=table[:, 2].copy(),
        capacity=table[:, 3].copy(),
        fixed=table[:, 4].copy(),
        origin=pairs[:, 0].copy(),
        destination=pairs[:, 1].copy(),
        demand=trade[:, 2].copy(),
    )


class _Reader(TextFile):
    """The numbered lines of one file that hold anything, the next to read, and what was found wrong."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "DOW")
        self.lines = [(number, line.strip()) for number, line in self.numbered if line.strip()]
        self.line_count = len(self.lines)
        self.at = 1  # the title is read by nobody
        if self.line_count < 2:
            self.stop(0, "", "has no counts of nodes, arcs and commodities", "put a title, then the counts, on top")

    @property
    def line(self) -> int:
        """The number of the line read last."""
        return self.lines[self.at - 1][0]

    def counts(self) -> tuple[int, int, int]:
        line, text = self.lines[self.at]
        self.at += 1
        words = text.split()
        if len(words) != len(COUNTS):
            rule = f"must hold the numbers of nodes, arcs and commodities, found {text[:40]!r}"
            self.stop(line, "", rule, "put the three counts on the line after the title")
        nodes, arcs, commodities = (
            self.whole(line, name, word, LARGEST_COUNT, "correct the counts")
            for name, word in zip(COUNTS, words, strict=True)
        )
        return nodes, arcs, commodities

    def table(self, kind: str, columns: tuple[str, ...], count: int, nodes: int) -> Floats:
        """The next `count` lines by `columns`, the first two of which are nodes."""
        rows = np.zeros((count, len(columns)))
        for place in range(count):
            line, text = self.lines[self.at]
            self.at += 1
            words = text.split()
            if len(words) < len(columns) or (kind == "commodity" and len(words) > len(columns)):
                rule = f"must hold {len(columns)} numbers for {kind} {place + 1}, found {len(words)}"
                self.find(line, "", rule, "give " + ", ".join(columns))
                continue
            for spot, (column, word) in enumerate(zip(columns, words, strict=False)):
                value = float(word) if NUMBER.fullmatch(word) else -1.0
                if spot < 2 and not (value.is_integer() and 1 <= value <= nodes):
                    self.find(line, column, f"must be a node from 1 to {nodes}, found {word[:40]!r}", "correct it")
                elif not 0 <= value <= LARGEST:
                    rule = f"must be a number from 0 to {LARGEST:g}, found {word[:40]!r}"
                    self.find(line, column, rule, "correct the number")
                rows[place, spot] = value
        return rows

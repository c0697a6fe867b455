"""TNTP files: road networks and trip tables of "Transportation Networks for Research" (github.com/bstabler).

A folder holds `*_net.tntp` (links) and `*_trips.tntp` (demand). Each starts with lines `<NAME> value` up to
`<END OF METADATA>`; `~` starts a comment. A link is tail, head, capacity, length, free-flow time, B, power, and
perhaps speed, toll, type and more, ended by `;`. Trips are `Origin 3` followed by `destination : amount;` pairs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import CaseError, Finding
from bactrian.formats.text_file import TextFile

__all__ = ["Tntp", "read_tntp"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = ("init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll")
NEEDED = 7  # columns; speed and toll may be missing
TAG = re.compile(r"<([^>]*)>\s*(.*)")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?", re.ASCII)
ORIGIN = re.compile(r"origin[\s:]*(\S*?)(?=[\s;]|$)", re.IGNORECASE)
LARGEST_COUNT, LARGEST_AMOUNT = 10**8, 1e15  # beyond these a file is not about a network


@dataclass(frozen=True, slots=True, eq=False)
class Tntp:
    """A network of `nodes` nodes, `zones` of them zones, with A links in file order, and D trips above 0.

    Node numbers are those of the files less 1, so that they count from 0. `first_through`: nodes below it may start or
    end a path, not be passed. Per link: `tail`, `head`, `capacity`, `length`, `free` (free-flow time), `b`, `power`,
    `toll`, in the units of the file. `distance_factor` and `toll_factor`: time per unit of length and toll that the
    header declares, else 0. Per trip: `origin`, `destination`, `amount`; trips within a zone are kept.
    """

    nodes: int
    zones: int
    first_through: int
    tail: Ints
    head: Ints
    capacity: Floats
    length: Floats
    free: Floats
    b: Floats
    power: Floats
    toll: Floats
    distance_factor: float
    toll_factor: float
    origin: Ints
    destination: Ints
    amount: Floats


def read_tntp(network: str | Path, trips: str | Path | None = None) -> Tntp:
    """Read a folder with one `*_net.tntp` and one `*_trips.tntp`, or the two files themselves.

    Raises CaseError with findings that name file, line and column.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     net = "<NUMBER OF ZONES> 2\\n<NUMBER OF NODES> 2\\n<END OF METADATA>\\n1 2 10 5 3 0.15 4 ;"
    ...     _ = Path(folder, "a_net.tntp").write_text(net)
    ...     _ = Path(folder, "a_trips.tntp").write_text("<END OF METADATA>\\nOrigin 1\\n 2 : 7.5;")
    ...     read = read_tntp(folder)
    >>> read.free.tolist(), read.origin.tolist(), read.destination.tolist(), read.amount.tolist()
    ([3.0], [0], [1], [7.5])
    """
    net = Path(network)
    if trips is None:
        net, trips = _one(net, "net"), _one(net, "trips")
    links = _File(net)
    zones = links.count("NUMBER OF ZONES")
    nodes = links.count("NUMBER OF NODES")
    through = max(links.count("FIRST THRU NODE", 1), 1)
    factors = [links.factor("DISTANCE FACTOR"), links.factor("TOLL FACTOR")]
    if zones > nodes:
        links.find(0, "", f"{zones} zones are more than {nodes} nodes", "correct the counts in the header")
    if through > nodes + 1:
        links.find(0, "", f"first through node {through} is above the {nodes} nodes", "correct <FIRST THRU NODE>")
    table, lines = _links(links, nodes)
    _check_links(links, table, lines)
    declared = links.count("NUMBER OF LINKS", len(table))
    if declared != len(table) and not links.findings:
        line, _ = links.header["NUMBER OF LINKS"]
        links.find(line, "", f"the header says {declared} links, found {len(table)}", "correct the header or the links")
    links.refuse()
    demand = _File(Path(trips))
    if demand.count("NUMBER OF ZONES", zones) != zones:
        demand.find(0, "", f"the header does not say {zones} zones as the network does", "use files that match")
    origin, destination, amount = _trips(demand, zones)
    demand.refuse()
    return Tntp(
        nodes=nodes,
        zones=zones,
        first_through=through - 1,
        tail=table[:, 0].astype(np.int64) - 1,
        head=table[:, 1].astype(np.int64) - 1,
        capacity=table[:, 2].copy(),
        length=table[:, 3].copy(),
        free=table[:, 4].copy(),
        b=table[:, 5].copy(),
        power=table[:, 6].copy(),
        toll=table[:, 8].copy(),
        distance_factor=factors[0],
        toll_factor=factors[1],
        origin=origin,
        destination=destination,
        amount=amount,
    )


def _one(folder: Path, kind: str) -> Path:
    found = [*folder.glob(f"*_{kind}.tntp"), *folder.glob(f"*_{kind}.tntp.gz")] if folder.is_dir() else []
    if len(found) == 1:
        return found[0]
    rule = f"must hold one file *_{kind}.tntp, found {len(found)}" if folder.is_dir() else "is not a folder"
    raise CaseError([Finding(str(folder), 0, "", rule, f"name a folder with one *_{kind}.tntp, or the two files")])


class _File(TextFile):
    """Header and numbered lines of one file, and what was found wrong with it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "TNTP")
        self.header: dict[str, tuple[int, str]] = {}
        self.body: list[tuple[int, str]] = []
        ended = False
        for number, raw in self.numbered:
            line = raw.partition("~")[0].strip()
            tag = TAG.match(line) if not ended else None
            if tag:
                name = " ".join(tag[1].upper().split())
                ended = name == "END OF METADATA"
                self.header.setdefault(name, (number, tag[2].strip()))
            elif line and ended:
                self.body.append((number, line))
        if not ended:
            self.stop(0, "", "has no line <END OF METADATA>", "end the header with <END OF METADATA>")

    def count(self, name: str, default: int | None = None) -> int:
        if name not in self.header:
            if default is None:
                self.stop(0, "", f"has no line <{name}>", f"add <{name}> to the header")
            return default
        line, text = self.header[name]
        return self.whole(line, name, text, LARGEST_COUNT, "correct the header")

    def factor(self, name: str) -> float:
        line, text = self.header.get(name, (0, ""))
        value = _number(text or "0")
        if value is None:
            self.find(line, name, f"must be a number of at least 0, found {text!r}", "correct the header")
        return value or 0.0


def _number(text: str) -> float | None:
    """A finite number of at least 0, or None; exponents may be written with d."""
    if not NUMBER.fullmatch(text.strip()):
        return None
    value = float(text.strip().lower().replace("d", "e"))
    return value if 0 <= value < float("inf") else None


def _links(file: _File, nodes: int) -> tuple[Floats, Ints]:
    """Links by COLUMNS and their line numbers."""
    table: list[list[float]] = []
    lines: list[int] = []
    for number, line in file.body:
        before, _, after = line.partition(";")
        words = before.split()
        if after.strip(" \t;"):
            file.find(number, "", f"text after the end of the link, {after.strip()[:40]!r}", "give each link its line")
        if not words:
            continue
        if len(words) < NEEDED:
            rule = f"must have at least {NEEDED} numbers, found {len(words)}"
            file.find(number, "", rule, "give " + ", ".join(COLUMNS[:NEEDED]))
            continue
        values = []
        for column, word in zip(COLUMNS, words, strict=False):
            value = 0.0 if column == "speed" else _number(word)  # the speed limit is never used
            if value is None:
                file.find(number, column, f"must be a number of at least 0, found {word!r}", "correct the number")
                break
            if column.endswith("node") and not (value.is_integer() and 1 <= value <= nodes):
                file.find(number, column, f"must be a node from 1 to {nodes}, found {word}", "correct the number")
                break
            values.append(value)
        else:
            table.append(values + [0.0] * (len(COLUMNS) - len(values)))
            lines.append(number)
    if not table:
        file.refuse()
        file.stop(0, "", "has no links", "add the links after the header")
    return np.array(table), np.array(lines, dtype=np.int64)


def _check_links(file: _File, table: Floats, lines: Ints) -> None:
    capacity, free, b, power = table[:, 2], table[:, 4], table[:, 5], table[:, 6]
    for place in np.flatnonzero((capacity == 0) & (b > 0) & (power > 0) & (free > 0)):
        rule = "must be above 0 where B and power are above 0"
        file.find(int(lines[place]), "capacity", rule, "enter the capacity, or B 0 for a constant time")
    for place in np.flatnonzero((power > 0) & (power < 1) & (b > 0)):
        file.find(int(lines[place]), "power", f"must be 0 or at least 1, found {power[place]:g}", "enter another power")


def _trips(file: _File, zones: int) -> tuple[Ints, Ints, Floats]:
    """Origins, destinations and amounts above 0, repeated pairs summed."""
    amounts: dict[tuple[int, int], float] = {}
    origin = 0
    for number, line in file.body:
        if named := ORIGIN.match(line):
            origin, line = _zone(file, number, "origin", named[1], zones), line[named.end() :]
        for pair in line.split(";"):
            if not pair.strip():
                continue
            word, mark, text = pair.partition(":")
            if not mark or ":" in text:
                found = pair.strip()[:40]
                file.find(number, "", f"must be pairs 'destination : amount;', found {found!r}", "correct the line")
                break
            if origin == 0:
                file.find(number, "origin", "must be named before the first amount", "add a line 'Origin number'")
                break
            destination = _zone(file, number, "destination", word.strip(), zones)
            value = _number(text)
            if value is None:
                rule = f"must be a number of at least 0, found {text.strip()!r}"
                file.find(number, "amount", rule, "correct the number")
            elif value > LARGEST_AMOUNT:
                file.find(number, "amount", f"must be at most {LARGEST_AMOUNT:g}, found {text.strip()}", "correct it")
            elif value > 0:
                key = (origin, destination)
                amounts[key] = amounts.get(key, 0.0) + value
    pairs = np.array(list(amounts), dtype=np.int64).reshape(-1, 2) - 1
    return pairs[:, 0].copy(), pairs[:, 1].copy(), np.array(list(amounts.values()), dtype=np.float64)


def _zone(file: _File, line: int, column: str, word: str, zones: int) -> int:
    """The zone that `word` names; 1 in its place, with a finding, if none."""
    if word.isascii() and word.isdigit() and len(word) < 20 and 1 <= int(word) <= zones:
        return int(word)
    file.find(line, column, f"must be a zone from 1 to {zones}, found {word[:40]!r}", "correct the number")
    return 1

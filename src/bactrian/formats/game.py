"""Tables of coalition games: what each group of players is worth, as CSV or JSON.

CSV has two columns, `coalition` and `worth` or `cost`, which may carry a unit after an underscore (`cost_musd`); the
players of a coalition are joined by +. JSON is {"cost": {"A": 3, "B": 4, "A+B": 5}, "unit": "MUSD"}, or "worth". The
rows of single players tell who plays; every coalition has its row.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from bactrian.formats.text_file import TextFile

__all__ = ["GameTable", "read_game"]

MOST = 20  # players
KINDS = ("worth", "cost")
Rows = list[tuple[int, str, Any]]  # line (0 in JSON), coalition as written, number as written


@dataclass(frozen=True, slots=True, eq=False)
class GameTable:
    """`players` in order of their rows, and the `worth` of all 2**n coalitions by bit mask; `cost` if they pay it."""

    players: tuple[str, ...]
    worth: tuple[float, ...]
    cost: bool
    unit: str


def read_game(file: str | Path) -> GameTable:
    """Read one file; raise CaseError with findings that name file, line or coalition, rule and remedy.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "towns.csv")
    ...     _ = path.write_text("coalition,cost_musd\\neast,11\\nwest,7\\neast+west,15\\n")
    ...     table = read_game(path)
    >>> table.players, table.worth, table.cost, table.unit
    (('east', 'west'), (0.0, 11.0, 7.0, 15.0), True, 'musd')
    """
    reader = _Reader(Path(file))
    kind, unit, rows = reader.json() if Path(file).name.endswith((".json", ".json.gz")) else reader.csv()
    players, worth = reader.worth(kind, rows)
    return GameTable(players, worth, kind == "cost", unit)


class _Reader(TextFile):
    def __init__(self, path: Path) -> None:
        super().__init__(path, "CSV or JSON")
        self.text = "\n".join(line for _, line in self.numbered)

    def csv(self) -> tuple[str, str, Rows]:
        lines = csv.reader(StringIO(self.text))
        header = [cell.strip() for cell in next(lines, [])]
        kind, _, unit = header[1].partition("_") if len(header) == 2 else ("", "", "")
        if header[:1] != ["coalition"] or kind not in KINDS:
            remedy = "head two columns coalition and worth, or coalition and cost"
            self.stop(1, "", f"must begin with the columns coalition and worth or cost, found {header}", remedy)
        rows: Rows = []
        try:
            for cells in lines:
                if len(cells) == 2:
                    rows.append((lines.line_num, cells[0], cells[1]))
                elif any(cell.strip() for cell in cells):
                    self.find(lines.line_num, "", f"has {len(cells)} cells, not 2", "give a coalition and a number")
        except csv.Error as error:
            self.stop(lines.line_num, "", f"cannot be read as CSV ({error})", "correct the line")
        return kind, unit, rows

    def json(self) -> tuple[str, str, Rows]:
        """Pairs are kept as they are, since a coalition given twice would else be lost."""
        example = 'write {"cost": {"A": 3, "B": 4, "A+B": 5}}, or "worth" for gains'
        try:
            told = json.loads(self.text, object_pairs_hook=list)
        except (ValueError, RecursionError) as error:
            self.stop(getattr(error, "lineno", 0), "", f"is not JSON ({error})", example)
        given = dict(told) if _pairs(told) else {}
        kinds = [kind for kind in KINDS if kind in given]
        if len(kinds) != 1 or not _pairs(given[kinds[0]]) or not isinstance(given.get("unit", ""), str):
            self.stop(0, "", "must hold one object named cost or worth", example)
        return kinds[0], given.get("unit", ""), [(0, *pair) for pair in given[kinds[0]]]

    def worth(self, kind: str, rows: Rows) -> tuple[tuple[str, ...], tuple[float, ...]]:
        groups = [(line, [name.strip() for name in text.split("+")], text) for line, text, _ in rows]
        places: dict[str, int] = {}
        for _, names, _ in groups:
            if len(names) == 1 and names[0]:
                places.setdefault(names[0], len(places))
        if not 1 <= len(places) <= MOST:
            self.stop(0, "coalition", f"names {len(places)} players alone, not 1 to {MOST}", "give each a row alone")
        known: dict[int, float] = {}
        for (line, names, text), (_, _, cell) in zip(groups, rows, strict=True):
            mask = self.mask(line, names, text, places)
            value = self.number(line, kind, text, cell)
            if mask is None or value is None:
                continue
            if mask in known:
                self.find(line, "coalition", f"{text.strip()!r} is given twice", "keep one row of each coalition")
            if mask == 0 and value != 0:
                self.find(line, kind, f"the empty coalition must be 0, found {value:g}", "set it to 0, or drop the row")
            known[mask] = value
        self.refuse()
        self.complete(known, tuple(places))
        return tuple(places), tuple(known[mask] for mask in range(2 ** len(places)))

    def mask(self, line: int, names: list[str], text: str, places: dict[str, int]) -> int | None:
        if names == [""]:
            return 0
        unknown = [name for name in names if name not in places]
        for name in unknown:
            rule = f"{name!r} in {text.strip()!r} has no row alone" if name else f"{text.strip()!r} lacks a name"
            self.find(line, "coalition", rule, "correct the name, or give the player a row alone")
        if not unknown and len(set(names)) < len(names):
            self.find(line, "coalition", f"{text.strip()!r} names a player twice", "name each player once")
            return None
        return None if unknown else sum(1 << places[name] for name in names)

    def number(self, line: int, kind: str, text: str, cell: Any) -> float | None:
        try:
            value = math.nan if isinstance(cell, bool) or "_" in str(cell) else float(cell)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if math.isfinite(value):
            return value
        self.find(line, kind, f"of {text.strip()!r} must be a number, found {str(cell)[:40]!r}", "enter a number")
        return None

    def complete(self, known: dict[int, float], players: Iterable[str]) -> None:
        names = list(players)
        known.setdefault(0, 0.0)
        for mask in range(2 ** len(names)):
            if mask not in known:
                group = "+".join(name for i, name in enumerate(names) if mask >> i & 1)
                self.find(0, "coalition", f"{group!r} has no row", "give every coalition a row")
        self.refuse()


def _pairs(value: Any) -> bool:
    """Whether it was an object in JSON, rather than a list or a plain value."""
    return isinstance(value, list) and all(isinstance(one, tuple) for one in value)

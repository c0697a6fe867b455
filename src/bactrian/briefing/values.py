"""Named values of templates: where each is looked up in the results, how it is worked out, and how it is written.

A value is one line: a path, perhaps a sign and a second path, and a format with the significant digits it is given to:
`plan/value_musd money`, `base/demand/kt -> run/demand/kt trend`, `sum plan/countries/*/net money:2`. `<gainers>/net`
looks in a row of the list `gainers`: the row a line is written for, else the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bactrian.briefing.results import Results, row_id
from bactrian.briefing.terms import Names, Word
from bactrian.briefing.words import against, part, trend
from bactrian.case import TABLES
from bactrian.errors import BriefError

__all__ = ["Bound", "List", "Piece", "Sheet"]

Raw = float | str

SIGNS = ("->", "of", "against", "-", "+", "/")
_SPEC = re.compile(
    r"(?P<one>(?:sum |rows )?\S+)(?: (?P<sign>->|of|against|-|\+|/) (?P<other>(?:sum )?\S+))?"
    r" (?P<form>[a-z_]+)(?::(?P<digits>\d))?"
)
_ROW = re.compile(r"<([a-z_]+)>")
_WORDS = {"trend": trend, "part": part, "comparison": against}
_KINDS = (
    "case",
    "country",
    "land",
    "corridor",
    "commodity",
    "project",
    "event",
    "place",
    "zone",
    "scenario",
    "rule",
    "mode",
    "kind",
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence: `text` of the template, a `number`, a `term` of the list, or a proper `name`."""

    kind: str
    text: str
    raw: Raw | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A value as looked up: its name and line, the paths it rests on with what stands there, and what it comes to."""

    name: str
    spec: str
    looked_up: Mapping[str, Raw]
    value: Raw
    piece: Piece


@dataclass(frozen=True, slots=True)
class List:
    """Rows that lines are written for: those at `path`, where a column is above nought, most (`-column`) or least
    first, at most `first` of them after those before `skip`; `main` for the row of the first corridor of the case.
    """

    path: str
    by: str = ""
    above: str = ""
    below: str = ""
    skip: int = 0
    first: int | None = None
    main: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """All values and lists of a brief, looked up in `results` and in the case, written in the language of `names`."""

    results: Results
    names: Names
    today: date
    specs: Mapping[str, str]
    lists: Mapping[str, List]
    _known: dict[tuple[str, str], Bound] = field(default_factory=dict)

    def rows(self, name: str) -> list[str]:
        """The paths of the rows of a list. Raises BriefError when there is no such list or nothing at its path."""
        if name not in self.lists:
            raise BriefError(f"no list {name!r}; use one of {', '.join(self.lists)}")
        asked = self.lists[name]
        found = self.look(asked.path)
        if isinstance(found, Mapping):
            rows = [(f"{asked.path}/{key}", {"value": value}) for key, value in found.items()]
        else:
            rows = [(f"{asked.path}/{row_id(one)}", one) for one in found]
        if asked.main:
            first = self.names.case.table("corridors")["id"].head(1).tolist()
            rows = [one for one in rows if one[0].rpartition("/")[2] in first]
        if asked.above:
            rows = [one for one in rows if (one[1][asked.above] or 0) > 0]
        if asked.below:
            rows = [one for one in rows if (one[1][asked.below] or 0) < 0]
        if asked.by:
            sign, column = (-1 if asked.by[0] == "-" else 1), asked.by.lstrip("-")
            rows = sorted(rows, key=lambda one: sign * (one[1][column] or 0))
        end = None if asked.first is None else asked.skip + asked.first
        return [path for path, _ in rows[asked.skip : end]]

    def look(self, path: str) -> Any:
        """What stands at a path: of a result, of the calendar, or a cell of the case. Raises BriefError for nothing."""
        if path == "calendar/today":
            return self.today.isoformat()
        if path.startswith("case/"):
            return self._cell(path)
        return self.results.look(path)

    def bound(self, name: str, row: str = "") -> Bound:
        """The value of a name, for a row of a list if it is one of its own.

        Raises BriefError when there is no such value, or nothing can be told of it.
        """
        if (name, row) not in self._known:
            if name not in self.specs:
                raise BriefError(f"no value {name!r}: add it to values.toml")
            try:
                self._known[name, row] = self._bind(name, self.specs[name], row)
            except BriefError as error:
                raise BriefError(f"value {name!r} ({self.specs[name]}): {error}") from None
        return self._known[name, row]

    def needs(self, name: str) -> set[str]:
        """The names of the results that a value is looked up in."""
        said = _ROW.sub(lambda met: self._list(met[1]).path, self.specs.get(name, ""))
        heads = {word.partition("/")[0] for word in said.split() if "/" in word and word != "/"}
        return heads - {"case", "calendar"}

    def _list(self, name: str) -> List:
        if name not in self.lists:
            raise BriefError(f"no list {name!r}; use one of {', '.join(self.lists)}")
        return self.lists[name]

    def _bind(self, name: str, spec: str, row: str) -> Bound:
        met = _SPEC.fullmatch(spec)
        if met is None:
            raise BriefError("cannot be read: write PATH FORMAT, such as plan/value_musd money")
        looked: dict[str, Raw] = {}
        value = self._operand(met["one"], row, looked)
        other = self._operand(met["other"], row, looked) if met["sign"] else None
        self._same_unit(met["form"], looked)
        digits = int(met["digits"] or 3)
        if met["form"] in _WORDS:
            told = _WORDS[met["form"]](self.names.terms, self.names.language.code, float(value), float(other or 0))
            raw = float(other or 0) / float(value) if value else 0.0
            return Bound(name, spec, looked, raw, Piece("term", told))
        if other is not None:
            value = _worked_out(str(met["sign"]), float(value), float(other))
        return Bound(name, spec, looked, value, self._written(met["form"], value, digits))

    def _operand(self, said: str, row: str, looked: dict[str, Raw]) -> Any:
        what, _, path = said.rpartition(" ")
        if what == "sum":
            return sum(float(self._raw(each, looked)) for each in self._all(path, row))
        if what == "rows":
            asked = _ROW.fullmatch(path)
            rows = self.rows(asked[1] if asked else path)
            looked.update({f"{each}/@": each.rpartition("/")[2] for each in rows})
            return len(rows)
        return self._raw(self._path(path, row), looked)

    def _path(self, said: str, row: str) -> str:
        """The path with the row of its list in it: the row given if it is of that list, else the first; behind a
        beginning of its own, the id of that row alone."""
        met = _ROW.search(said)
        if not met:
            return said
        if met.start():
            return said[: met.start()] + self._path(met[0], row).rpartition("/")[2] + said[met.end() :]
        mine = self._list(met[1]).path
        if not row.startswith(f"{mine}/"):
            rows = self.rows(met[1])
            if not rows:
                raise BriefError(f"the list {met[1]!r} is empty")
            row = rows[0]
        return row + said[met.end() :]

    def _all(self, said: str, row: str) -> list[str]:
        """The paths that `*` stands for, or of a column of a list."""
        if met := _ROW.match(said):
            return [each + said[met.end() :] for each in self.rows(met[1])]
        before, star, after = self._path(said, row).partition("/*")
        if not star:
            raise BriefError(f"{said} sums nothing: write * for the rows, such as plan/countries/*/net")
        found = self.look(before)
        keys = list(found) if isinstance(found, Mapping) else [row_id(one) for one in found]
        return [f"{before}/{key}{after}" for key in keys]

    def _raw(self, path: str, looked: dict[str, Raw]) -> Any:
        before, _, step = path.rpartition("/")
        found: Any = before.rpartition("/")[2] if step == "@" else self.look(path)
        if isinstance(found, list | Mapping):
            found = len(found)
        looked[path] = found
        return found

    def _cell(self, path: str) -> Any:
        table, _, rest = path.removeprefix("case/").partition("/")
        row, _, column = rest.rpartition("/")
        rows = self.names.case.table(table).set_index("id", drop=False) if table in TABLES else None
        if rows is None or row not in rows.index or column not in rows:
            raise BriefError(f"the case has no {path.removeprefix('case/')}")
        cell: Any = rows.loc[row, column]
        if cell == "" or cell != cell:
            raise BriefError(f"{path.removeprefix('case/')} is empty")
        return cell if isinstance(cell, str) else float(cell)

    def _same_unit(self, form: str, looked: Mapping[str, Raw]) -> None:
        if form in ("money", "musd") and any(path.startswith("share/") for path in looked):
            unit = str(self.results.look("share/unit")).lower()
            if unit not in ("musd", "musd/yr"):
                raise BriefError(f"the shares are in {unit or 'no unit'}, not in mUSD")

    def _written(self, form: str, value: Raw, digits: int) -> Piece:
        if form in _KINDS:
            return _piece(self.names.of(form, str(value)))
        if form == "row":
            return _piece(self.names.row(str(value)))
        if form == "player":
            known = set(self.names.case.table("countries")["id"])
            return _piece(self.names.of("country", str(value)) if value in known else Word(str(value), proper=True))
        if form in _PLAIN:
            return Piece("number", _PLAIN[form](value), value)
        if form == "date":
            return Piece("number", self.names.language.date(date.fromisoformat(str(value))), value)
        if form == "text":
            return Piece("name", str(value), value)
        return Piece("number", self._number(form, float(value), digits), value)

    def _number(self, form: str, value: float, digits: int) -> str:
        tongue = self.names.language
        writers: dict[str, Callable[[], str]] = {
            "money": lambda: tongue.money(value * 1e6, digits),
            "usd": lambda: tongue.money(value, digits),
            "tonnes": lambda: tongue.unit(value * 1e3, "mass-tonne", digits),
            "t": lambda: tongue.unit(value, "mass-tonne", digits),
            "hours_as_days": lambda: tongue.unit(value / 24, "duration-day", digits),
            "days_of_hours": lambda: tongue.number(value / 24, digits),
            "days": lambda: tongue.unit(value, "duration-day", digits),
            "km": lambda: tongue.unit(value, "length-kilometer", digits),
            "percent": lambda: tongue.percent(value, digits),
            "large": lambda: tongue.large(value, digits),
            **{name: lambda: tongue.number(value, digits) for name in ("number", "musd", "kt")},
        }
        if form not in writers:
            known = ", ".join([*writers, *_PLAIN, *_WORDS, *_KINDS, "row", "player", "date", "text"])
            raise BriefError(f"no format {form!r}; use one of {known}")
        return writers[form]()


def _whole(value: Raw) -> str:
    return str(round(float(value)))


_PLAIN: Mapping[str, Callable[[Raw], str]] = {
    "year": _whole,
    "count": _whole,
    "hash": lambda value: str(value)[:12],
    "version": str,
}


def _piece(word: Word) -> Piece:
    return Piece("name" if word.proper else "term", word.text)


def _worked_out(sign: str, one: float, other: float) -> float:
    if sign == "/":
        if not other:
            raise BriefError("divides by nought")
        return one / other
    return one - other if sign == "-" else one + other

"""Files of voting rules, in JSON: who votes, with which weights, and what must be met.

    {"title": "A corridor council",
     "members": {"KAZ": {"tonnes": 60}, "AZE": {"tonnes": 25.5}, "GEO": {"tonnes": 15}},
     "rule": {"any": [{"all": [{"members": "2/3"}, {"tonnes": "65 %"}]}, {"veto": ["KAZ", "AZE"]}]}}

`members` may be a list where heads alone are counted. A condition is one pair: "all" or "any" of a list, "veto" of some
members (each must be in favour), "members" (heads) or the name of a weight with a quota: a number, or a share of the
whole such as "65 %", "2/3" or "more than 1/2". Numbers are kept as they are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from bactrian.formats.text_file import TextFile

__all__ = ["Condition", "VoteTable", "read_share", "read_vote"]

MOST = 1000  # members
LARGEST_EXPONENT = 30
SHARE = re.compile(
    r"(?P<more>more than )?\s*(?P<number>\d{1,9}(\.\d{1,9}|/(?P<parts>\d{1,9}))?)\s*(?P<percent>%)?", re.ASCII
)
HEADS = "members"
EXAMPLE = 'such as {"members": ["A", "B", "C"], "rule": {"members": "2/3"}}'


@dataclass(frozen=True, slots=True)
class Condition:
    """`kind` all or any, of `parts`; veto, of `names`; members or a weight's name, with a `quota` or a `share`."""

    kind: str
    parts: tuple[Condition, ...] = ()
    names: tuple[str, ...] = ()
    quota: Fraction | None = None
    share: str | None = None


@dataclass(frozen=True, slots=True)
class VoteTable:
    """`members` in order, their `weights` by the name of the weight, and the `rule`."""

    title: str
    members: tuple[str, ...]
    weights: Mapping[str, Mapping[str, Fraction]]
    rule: Condition


def read_vote(file: str | Path) -> VoteTable:
    """Read one file; raise CaseError with findings that name file, place, rule and remedy.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "council.json")
    ...     _ = path.write_text('{"members": {"A": {"kt": 3.5}, "B": {"kt": 1}}, "rule": {"kt": "more than 1/2"}}')
    ...     table = read_vote(path)
    >>> table.members, table.weights["kt"]["A"], table.rule.kind, table.rule.share
    (('A', 'B'), Fraction(7, 2), 'kt', 'more than 1/2')
    """
    return _Reader(Path(file)).table()


class _Reader(TextFile):
    def __init__(self, path: Path) -> None:
        super().__init__(path, "JSON")
        self.members: tuple[str, ...] = ()
        self.weights: dict[str, dict[str, Fraction]] = {}
        try:
            text = "\n".join(line for _, line in self.numbered)
            self.told = json.loads(text, parse_float=_number, parse_int=_number, object_pairs_hook=self.once)
        except (ValueError, RecursionError) as error:
            self.stop(getattr(error, "lineno", 0), "", f"is not JSON ({error})", EXAMPLE)
        self.refuse()

    def once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                self.find(0, name, "is given twice", "keep one of them")
            found[name] = value
        return found

    def table(self) -> VoteTable:
        told = self.told if isinstance(self.told, dict) else {}
        if not {"members", "rule"} <= set(told) <= {"title", "members", "rule"}:
            self.stop(0, "", "must hold members and rule, and perhaps a title", EXAMPLE)
        self.read_members(told["members"])
        self.refuse()
        rule = self.condition(told["rule"], "rule")
        self.refuse()
        return VoteTable(str(told.get("title", "")), self.members, self.weights, rule)

    def read_members(self, told: Any) -> None:
        given = told if isinstance(told, dict) else {}
        if isinstance(told, list) and all(isinstance(name, str) for name in told):
            given = {name: {} for name in told}
            if len(given) < len(told):
                self.find(0, HEADS, "names a member twice", "name each member once")
        if not 1 <= len(given) <= MOST or not all(isinstance(one, dict) for one in given.values()):
            self.stop(0, HEADS, f"must be 1 to {MOST} names, or names with their weights", EXAMPLE)
        self.members = tuple(given)
        kinds = list(dict.fromkeys(kind for one in given.values() for kind in one))
        for kind in kinds:
            if kind in (HEADS, "all", "any", "veto"):
                self.find(0, kind, "cannot be the name of a weight", "give the weight another name")
            self.weights[kind] = {name: self.weight(kind, name, one.get(kind)) for name, one in given.items()}

    def weight(self, kind: str, name: str, value: Any) -> Fraction:
        if isinstance(value, Fraction) and value >= 0:
            return value
        said = "is missing" if value is None else f"must be a number of at least 0, found {str(value)[:40]!r}"
        self.find(0, kind, f"of {name!r} {said}", "enter a number")
        return Fraction(0)

    def condition(self, told: Any, where: str) -> Condition:
        if not isinstance(told, dict) or len(told) != 1:
            self.stop(0, where, "must be one condition", 'write one pair, such as {"members": "2/3"}')
        kind, value = next(iter(told.items()))
        if kind in ("all", "any"):
            if not isinstance(value, list) or not value:
                self.stop(0, where, f"must hold a list of conditions for {kind}", f'write {{"{kind}": [...]}}')
            parts = (self.condition(one, f"{where}, {kind} {i}") for i, one in enumerate(value, 1))
            return Condition(kind, parts=tuple(parts))
        if kind == "veto":
            names = value if isinstance(value, list) else []
            if not names or not all(isinstance(name, str) and name in self.members for name in names):
                self.find(0, where, "must hold a list of members for veto", f"choose from {', '.join(self.members)}")
            return Condition(kind, names=tuple(map(str, names)))
        if kind != HEADS and kind not in self.weights:
            known = ", ".join(["all", "any", "veto", HEADS, *self.weights])
            self.find(0, where, f"knows no {kind!r}", f"use one of {known}")
        return self.quota(kind, value, where)

    def quota(self, kind: str, value: Any, where: str) -> Condition:
        weights = self.weights.get(kind, dict.fromkeys(self.members, Fraction(1)))
        total = sum(weights.values(), Fraction(0))
        if isinstance(value, Fraction):
            if not 0 < value <= total:
                rule = f"needs {float(value):g} of {kind}, not above 0 and at most {float(total):g}"
                self.find(0, where, rule, "correct the quota")
            return Condition(kind, quota=value)
        try:
            share, more = read_share(str(value))
        except ValueError:
            share, more = Fraction(0), False
        if not 0 < share <= 1 or (share == 1 and more):
            self.find(0, where, f"must be a number or a share of {kind}, found {str(value)[:40]!r}", 'such as "65 %"')
        return Condition(kind, share=str(value))


def read_share(text: str) -> tuple[Fraction, bool]:
    """A share of a whole, and whether more than it is needed; raises ValueError for anything else.

    >>> read_share("65 %"), read_share("more than 1/2")
    ((Fraction(13, 20), False), (Fraction(1, 2), True))
    """
    found = SHARE.fullmatch(text.strip())
    if not found or int(found["parts"] or 1) == 0:
        raise ValueError(f"{text[:40]!r} is not a share, such as 65 %, 2/3 or more than 1/2")
    return Fraction(found["number"]) / (100 if found["percent"] else 1), bool(found["more"])


def _number(text: str) -> Fraction | str:
    """A number as written; one with a large exponent stays text, and is refused as such."""
    exponent = text.lower().partition("e")[2]
    return Fraction(text) if not exponent or abs(int(exponent)) <= LARGEST_EXPONENT else text

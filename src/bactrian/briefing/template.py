"""Templates of text: a file for each language that anyone can edit, one claim a line.

```
; a remark
== lead (plan)                       a part of the page, left out where there is no result of that name
For {spent} the plan builds {built} {built: project | projects}.
[loss > nothing] Of them {losers} {losers: loses | lose}.          used only where that is so
{gain > cost: It pays}.                                            refused where that is not so
* each projects: {project}, from {start} on                        a line for each row of a list
| each projects: Project {project} | Cost {capex}                  a table, heads before values
@ map                                                              a picture
```

A guard may also be `stress` or `no stress`, for a result, or `has ceiling` or `lacks ceiling`, for a
value that may be lacking.

A template holds no digits: figures are looked up. An empty line begins a new paragraph, a line with `#` is a heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bactrian.errors import BriefError

__all__ = ["HOLE", "Condition", "Line", "Part", "read_condition", "read_template"]

HOLE = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r"== *(?P<name>[a-z_-]+)(?: *\((?P<needs>[a-z_ ]+)\))?")
_EACH = re.compile(r"(?P<kind>[*|]) *each (?P<list>[a-z_]+): *(?P<rest>.*)")
_GUARD = re.compile(r"\[(?P<says>[^\]]*)\] *(?P<rest>.*)")
_CONDITION = re.compile(r"(?P<one>[a-z_]+) *(?P<sign>[<>=]) *(?P<other>[a-z_]+)")


@dataclass(frozen=True, slots=True)
class Condition:
    """That one value is greater, less or the same as another; `nothing` stands for nought."""

    one: str
    sign: str
    other: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a template: a `sentence`, a `heading`, a `picture`, an `item` or a `table`, the last two for
    each row of `list`."""

    kind: str
    text: str
    number: int
    paragraph: int
    list: str = ""
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: its name, the results without which it is left out, and its lines."""

    name: str
    needs: tuple[str, ...]
    lines: list[Line] = field(default_factory=list)


def read_template(text: str, named: str) -> dict[str, Part]:
    """The parts of a template by name.

    Raises BriefError with file and line for a digit outside a value, a bracket without its fellow, text before the
    first part, or a part that stands twice.

    >>> read_template("== lead\\nIt costs 5 dollars.", "news.en.txt")
    Traceback (most recent call last):
    ...
    bactrian.errors.BriefError: news.en.txt, line 2: '5' is a figure that nobody looked up: name a value in its place
    """
    parts: dict[str, Part] = {}
    here: Part | None = None
    paragraph = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        said = raw.strip()
        where = f"{named}, line {number}"
        if said.startswith(";"):
            continue
        if not said:
            paragraph += 1
        elif said.startswith("=="):
            here = _part(said, where)
            if here.name in parts:
                raise BriefError(f"{where}: there is a part {here.name!r} already")
            parts[here.name] = here
        elif here is None:
            raise BriefError(f"{where}: begin a part first, such as == lead")
        else:
            here.lines.append(_line(said, number, paragraph, where))
    return parts


def read_condition(said: str) -> Condition | None:
    """The condition that a text states; None where it is the name of something that may be there.

    >>> read_condition("gain > nothing")
    Condition(one='gain', sign='>', other='nothing')
    """
    met = _CONDITION.fullmatch(said.strip())
    return Condition(met["one"], met["sign"], met["other"]) if met else None


def _part(said: str, where: str) -> Part:
    met = _PART.fullmatch(said)
    if not met:
        raise BriefError(f"{where}: write a part as == name, or == name (plan) where it needs a plan")
    return Part(met["name"], tuple((met["needs"] or "").split()))


def _line(said: str, number: int, paragraph: int, where: str) -> Line:
    guards: tuple[str, ...] = ()
    if met := _GUARD.match(said):
        guards, said = tuple(one.strip() for one in met["says"].split(",")), met["rest"]
    kind, rows = "sentence", ""
    if said.startswith("#"):
        kind, said = "heading", said.lstrip("# ")
    elif said.startswith("@"):
        return Line("picture", said.lstrip("@ "), number, paragraph, rows, guards)
    elif met := _EACH.fullmatch(said):
        kind, rows, said = ("item" if met["kind"] == "*" else "table"), met["list"], met["rest"]
    _check(said, where)
    return Line(kind, said, number, paragraph, rows, guards)


def _check(said: str, where: str) -> None:
    plain = HOLE.sub(lambda met: met[1].partition(":")[2] if ":" in met[1] else "", said)
    if digits := re.search(r"\d+", plain):
        raise BriefError(f"{where}: {digits[0]!r} is a figure that nobody looked up: name a value in its place")
    if "{" in plain or "}" in plain:
        raise BriefError(f"{where}: a curly bracket without its fellow")

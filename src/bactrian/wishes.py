"""What a planner asks for in words, "8 bn USD" or "2 of P02 P08 P13", as the years and rules of a plan."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from bactrian.case import Case
from bactrian.errors import SolveError, UnitError
from bactrian.planning import Rules
from bactrian.units import parse

__all__ = ["read_ids", "read_money", "read_number", "read_rules", "read_sums", "read_years"]

SHOWN = 12  # ids named in a message

_YEARS = re.compile(r"\s*(\d{4})(?:\s*[-\u2013]\s*(\d{4}))?\s*")
_BUILD = re.compile(r"\s*([^\s:]+)\s*(?::\s*(\d{4})\s*)?")
_GROUP = re.compile(r"\s*(\d{1,4})\s+of\s+(\S.*?)\s*")


def read_years(text: str, option: str = "--years") -> tuple[int, int]:
    """The first and last year of "2026-2040", or of one year alone.

    Raises SolveError for what cannot be read.

    >>> read_years("2026-2040"), read_years("2030")
    ((2026, 2040), (2030, 2030))
    """
    match = _YEARS.fullmatch(text)
    if match is None:
        raise _unread(option, text, "2026-2040")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise SolveError(f"{option} {text!r} ends before it begins: write the first year first, such as 2026-2040")
    return first, last


def read_number(value: float, option: str, low: float, high: float = math.inf) -> float:
    """The number, if it is at least `low` and below `high`. Raises SolveError for any other.

    >>> read_number(0.05, "--discount", 0, 1)
    0.05
    """
    if not low <= value < high:
        most = f" and below {high:g}" if math.isfinite(high) else ""
        raise SolveError(f"{option} {value:g} makes no sense: give a number of at least {low:g}{most}")
    return value


def read_ids(case: Case, table: str, ids: Sequence[str], option: str) -> list[str]:
    """The ids, if they are rows of a table of the case. Raises SolveError for any other."""
    known = list(case.table(table)["id"])
    for one in ids:
        if one not in known:
            some = ", ".join(known[:SHOWN]) + (f" and {len(known) - SHOWN} more" if len(known) > SHOWN else "")
            raise SolveError(f"{option} {one!r} is not in the table {table}: name one of {some or 'none, it is empty'}")
    return list(ids)


def read_rules(
    budget: str | None = None,
    periods: Sequence[str] = (),
    countries: Sequence[str] = (),
    build: Sequence[str] = (),
    never: Sequence[str] = (),
    at_most: Sequence[str] = (),
    at_least: Sequence[str] = (),
) -> Rules:
    """The rules of a plan from the options of the command line.

    Raises SolveError for what cannot be read or is said twice, and UnitError for sums of money; both name the option.

    >>> read_rules("8 bn USD", ["2026-2030: 3 bn USD"], build=["P26:2028"], at_most=["1 of P02 P08"])
    ... # doctest: +NORMALIZE_WHITESPACE
    Rules(budget_musd=8000.0, periods=((2026, 2030, 3000.0),), countries={}, build={'P26': 2028}, never=frozenset(),
          at_most=((1, ('P02', 'P08')),), at_least=())
    """
    spans, begun = [], dict[str, int | None]()
    for text in periods:
        span, sum_ = _parted("--period", text, "2026-2030: 3 bn USD")
        spans.append((*read_years(span, "--period"), read_money("--period", sum_)))
    for text in build:
        match = _BUILD.fullmatch(text)
        if match is None:
            raise _unread("--build", text, "P26 or P26:2028")
        _once("--build", match[1], begun)
        begun[match[1]] = int(match[2]) if match[2] else None
    return Rules(
        budget_musd=math.inf if budget is None else read_money("--budget", budget),
        periods=tuple(spans),
        countries=read_sums(countries, "--country"),
        build=begun,
        never=frozenset(one.strip() for one in never),
        at_most=tuple(_group("--at-most", text) for text in at_most),
        at_least=tuple(_group("--at-least", text) for text in at_least),
    )


def read_sums(texts: Sequence[str], option: str) -> dict[str, float]:
    """Sums in mUSD by name, of texts such as "KAZ: 2 bn USD".

    Raises SolveError for what cannot be read or is said twice, and UnitError for sums of money; both name the option.

    >>> read_sums(["KAZ: 2 bn USD", "TKM: 300 m USD"], "--money")
    {'KAZ': 2000.0, 'TKM': 300.0}
    """
    found: dict[str, float] = {}
    for text in texts:
        name, sum_ = _parted(option, text, "KAZ: 2 bn USD")
        _once(option, name, found)
        found[name] = read_money(option, sum_)
    return found


def _parted(option: str, text: str, example: str) -> tuple[str, str]:
    """What stands before and behind a colon."""
    before, colon, behind = (part.strip() for part in text.partition(":"))
    if not (before and colon and behind):
        raise _unread(option, text, example)
    return before, behind


def read_money(option: str, text: str) -> float:
    """A sum in mUSD, such as "150 m USD". Raises UnitError for what is no sum of money, SolveError for one below 0.

    >>> read_money("--fails-below", "150 m USD")
    150.0
    """
    try:
        sum_ = parse(text).to("mUSD")
    except UnitError as error:
        raise UnitError(f"{option}: {error}; a sum of money is written as 8 bn USD") from None
    if sum_ < 0:
        raise SolveError(f"{option} {text!r} is below 0: give a sum of at least 0, such as 8 bn USD")
    return sum_


def _group(option: str, text: str) -> tuple[int, tuple[str, ...]]:
    match = _GROUP.fullmatch(text)
    if match is None:
        raise _unread(option, text, "2 of P02 P08 P13")
    return int(match[1]), tuple(dict.fromkeys(match[2].replace(",", " ").split()))


def _once(option: str, name: str, known: dict[str, float] | dict[str, int | None]) -> None:
    if name in known:
        raise SolveError(f"{option} says two things of {name}: leave one out")


def _unread(option: str, text: str, example: str) -> SolveError:
    return SolveError(f"{option} {text!r} cannot be read: write it as {example}")

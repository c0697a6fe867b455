"""A scenario with a name, as a file that can be sent: what somebody asks of a case, small enough to read.

    {"format": "bactrian-scenario-1", "name": "Low sea and half the wait", "case": "transcaspian",
     "level_m": -30.5,
     "causes": {"suez_blocked": 1.0},
     "steps": [{"table": "terminals", "column": "time_h", "where": {"handling": "border"}, "multiply": 0.5}],
     "cells": {"links": {"KZAAU-AZALA-caspian_feeder": {"capacity_kt": "4 Mt/yr"}}}}

All but format and name may be left out. Cells are set first, as `Case.with_` sets them (null in place of a row removes
it); then the sea goes to its level; then what the causes bring, ids of events, projects and scenarios with the share of
the year in which each is in force; then steps change a column of all rows `where` other columns hold a word, or any of
a list. With `case_hash` it is for that content of the case alone. It has no year.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from bactrian.case import Case, schema
from bactrian.case.columns import TABLES, Column
from bactrian.errors import CaseError, Finding
from bactrian.water import at_level

__all__ = ["Scenario", "Step", "read_scenario"]

FORMAT = "bactrian-scenario-1"
LARGEST_FILE = 8 * 2**20  # bytes
LONGEST_NAME = 120
ANY_YEAR = 2000  # what shares of a year are given of does not depend on the year
_KEYS = ("format", "name", "case", "case_hash", "level_m", "causes", "steps", "cells")
_OPERATIONS = ("multiply", "add", "set")

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Multiply, add to or set `column` in the rows of `table` in which each column of `where` holds one of its words.

    Cells that are empty stay empty but where they are set.
    """

    table: str
    column: str
    operation: str
    value: float | str
    where: Mapping[str, Words] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The step as its file writes it."""
        where = {name: words[0] if len(words) == 1 else list(words) for name, words in self.where.items()}
        told: dict[str, Any] = {"table": self.table, "column": self.column}
        return {**told, **({"where": where} if where else {}), self.operation: self.value}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What somebody asks of a case (see the module), checked as far as can be without the case."""

    name: str
    case: str = ""
    case_hash: str = ""
    level_m: float | None = None
    causes: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    cells: Mapping[str, Mapping[str, Mapping[str, Any] | None]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The scenario as its file holds it; the same scenario gives the same text."""
        told: dict[str, Any] = {"format": FORMAT, "name": self.name}
        for key in ("case", "case_hash"):
            if getattr(self, key):
                told[key] = getattr(self, key)
        if self.level_m is not None:
            told["level_m"] = self.level_m
        if self.causes:
            told["causes"] = dict(sorted(self.causes.items()))
        if self.steps:
            told["steps"] = [step.record() for step in self.steps]
        if self.cells:
            told["cells"] = self.cells
        return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def apply(self, case: Case) -> Case:
        """The case as the scenario has it.

        Raises CaseError when the scenario is for other data, asks for what the case does not have, a step meets no row,
        or a cell would break the schema.

        >>> from bactrian.case import load
        >>> cheaper = Step("links", "usd_per_t", "multiply", 0.9, {"mode": ("rail",)})
        >>> low = Scenario("Low sea, cheaper rail", level_m=-30.5, steps=(cheaper,)).apply(load("transcaspian"))
        >>> len(low.changes) > 100
        True
        """
        if self.case_hash and case.hash != self.case_hash:
            rule = f"is for other data than the case {case.name}: its case_hash is {self.case_hash[:12]}"
            raise _wrong(f"the case has {case.hash[:12]}; take case_hash out to use the scenario all the same", rule)
        if self.cells:
            case = case.with_(self.cells)
        if self.level_m is not None:
            case = at_level(case, self.level_m)
        if self.causes:
            case = case.with_effects(self.causes, ANY_YEAR)
        for step in self.steps:
            case = case.with_({step.table: _cells_of(step, case.table(step.table))})
        return case


def read_scenario(told: str | Path) -> Scenario:
    """The scenario of a file, by its path, or of the text of one.

    Raises CaseError with all findings when it cannot be read or is not a scenario.

    >>> read_scenario('{"format": "bactrian-scenario-1", "name": "Low sea", "level_m": -30.5}').level_m
    -30.5
    """
    try:
        record = json.loads(_text_of(told) if isinstance(told, Path) else told, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _wrong("write it as JSON", f"is no JSON: {error}") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise _wrong(f'write an object that begins with "format": "{FORMAT}"', "is not a scenario")
    findings = [
        _finding(key, "unknown key", f"use {', '.join(_KEYS)}") for key in record if key not in _KEYS
    ]  # a word misspelt would else change nothing, without a sign
    scenario = Scenario(
        name=_name(record, findings),
        case=_word(record, "case", findings),
        case_hash=_word(record, "case_hash", findings),
        level_m=_level(record, findings),
        causes=_causes(record, findings),
        steps=_steps(record, findings),
        cells=_cells(record, findings),
    )
    if findings:
        raise CaseError(findings)
    return scenario


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _wrong("change fewer cells", f"{path.name} is larger than {LARGEST_FILE // 2**20} MB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong("save the file as UTF-8", f"{path.name} is not UTF-8 text") from None
    except OSError as error:
        raise _wrong("name a file that can be read", f"cannot read {path}: {error.strerror}") from None


def _finding(column: str, rule: str, remedy: str, row: str = "") -> Finding:
    return Finding("scenario", 0, column, rule, remedy, row)


def _wrong(remedy: str, rule: str) -> CaseError:
    return CaseError([_finding("", rule, remedy)])


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _name(record: Mapping[str, Any], findings: list[Finding]) -> str:
    name = record.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        findings.append(_finding("name", "no name", f"give it one of at most {LONGEST_NAME} letters, on one line"))
        return ""
    return name.strip()


def _word(record: Mapping[str, Any], key: str, findings: list[Finding]) -> str:
    word = record.get(key, "")
    if not isinstance(word, str) or len(word) > LONGEST_NAME:
        findings.append(_finding(key, "not a word", "write it in quotes, or leave it out"))
        return ""
    return word


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and isfinite(value)


def _level(record: Mapping[str, Any], findings: list[Finding]) -> float | None:
    level = record.get("level_m")
    if level is not None and not _is_number(level):
        findings.append(_finding("level_m", "not a number", "write metres above the Baltic datum, such as -30.5"))
        return None
    return None if level is None else float(level)


def _causes(record: Mapping[str, Any], findings: list[Finding]) -> dict[str, float]:
    causes = record.get("causes", {})
    if not isinstance(causes, dict):
        findings.append(_finding("causes", "not causes", 'write {"suez_blocked": 1}'))
        return {}
    for cause, share in causes.items():
        if not _is_number(share) or not 0 < share <= 1:
            remedy = "write the share of the year in which it is in force, above 0 and at most 1"
            findings.append(_finding("causes", "not a share", remedy, cause))
            return {}
    return {cause: float(share) for cause, share in causes.items()}


def _steps(record: Mapping[str, Any], findings: list[Finding]) -> tuple[Step, ...]:
    steps = record.get("steps", [])
    if not isinstance(steps, list):
        findings.append(_finding("steps", "not a list", 'write [{"table": ..., "column": ..., "multiply": 1.2}]'))
        return ()
    found = [_step(step, str(number), findings) for number, step in enumerate(steps, 1)]
    return tuple(step for step in found if step)


def _step(told: object, number: str, findings: list[Finding]) -> Step | None:
    """The step of that number; None, with a finding, where it is none."""
    before = len(findings)

    def report(column: str, rule: str, remedy: str) -> None:
        findings.append(_finding(column, rule, remedy, f"step {number}"))

    known = ("table", "column", "where", *_OPERATIONS)
    if not isinstance(told, dict) or any(key not in known for key in told):
        report("steps", "not a step", f"use the keys {', '.join(known)}")
        return None
    table, column, where = told.get("table"), told.get("column"), told.get("where", {})
    operations = [name for name in _OPERATIONS if name in told]
    if not isinstance(table, str) or table not in TABLES:
        report("table", f"no such table: {table}", f"use {', '.join(TABLES)}")
        return None
    columns = {one.column: one for one in schema(table)}
    if not isinstance(column, str) or column not in columns or columns[column].type == "key":
        report("column", f"no such column of {table} that can change: {column}", f"use {', '.join(list(columns)[1:])}")
    if len(operations) != 1:
        report("steps", "not one operation", f"give one of {', '.join(_OPERATIONS)}")
    words = _where(where, columns, report)
    if len(findings) > before:
        return None
    value = told[operations[0]]
    numeric = columns[str(column)].type in ("number", "whole")
    if not _is_number(value) and (operations[0] != "set" or not isinstance(value, str)):
        report("steps", f"{operations[0]} needs a number", "write a number")
    elif operations[0] != "set" and not numeric:
        report("column", f"{column} holds no numbers", "set it, or name a column of numbers")
    return None if len(findings) > before else Step(table, str(column), operations[0], value, words)


def _where(where: object, columns: Mapping[str, Column], report: Any) -> dict[str, Words]:
    if not isinstance(where, dict):
        report("where", "not conditions", 'write {"mode": "rail"}')
        return {}
    found: dict[str, Words] = {}
    for column, words in where.items():
        listed = words if isinstance(words, list) else [words]
        if column not in columns or columns[column].type in ("number", "whole"):
            report("where", f"no such column of words: {column}", f"use {', '.join(columns)}")
        elif not listed or not all(isinstance(word, str) for word in listed):
            report("where", f"{column} is compared with no word", "write a word or a list of words")
        else:
            found[column] = tuple(listed)
    return found


def _cells(record: Mapping[str, Any], findings: list[Finding]) -> dict[str, Any]:
    """The cells, whose content `Case.with_` checks."""
    cells = record.get("cells", {})
    rows = list(cells.values()) if isinstance(cells, dict) else [None]
    if any(not isinstance(each, dict) for each in rows):
        findings.append(
            _finding("cells", "not cells", "write {table: {id: {column: value}}}, or null for a row to remove")
        )
        return {}
    return dict(cells)


def _cells_of(step: Step, table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The cells that a step sets in its table."""
    types = {one.column: one.type for one in schema(step.table)}
    meant = pd.Series(True, index=table.index)
    for column, words in step.where.items():
        if types[column] == "words":
            meant &= table[column].map(lambda cell, words=words: bool(set(str(cell).split()) & set(words)))
        else:
            meant &= table[column].isin(words)
    rows = table[meant]
    if rows.empty:
        told = ", ".join(f"{column} {' or '.join(words)}" for column, words in step.where.items()) or "nothing"
        rule = f"a step on {step.table} meets no row: no row with {told}"
        raise _wrong("name words that rows of the case hold, or leave the step out", rule)
    if step.operation == "set":
        return {str(key): {step.column: step.value} for key in rows["id"]}
    old, value = rows.set_index("id")[step.column].dropna(), float(step.value)
    new = old * value if step.operation == "multiply" else old + value
    if types[step.column] == "whole":
        new = new.round()
    return {str(key): {step.column: float(cell)} for key, cell in new.items()}

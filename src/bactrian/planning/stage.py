"""One year of one future, in which any set of open projects can be tried within milliseconds.

The ways that shippers consider are found once, without any candidate, with all of them, and with as many as go
together of those that do not; then kept. A set is the network with the cells that its effects change, its gain what
shippers gain against the empty set when flows have settled (see `bactrian.assign.prepared`): for each pair the area
under its demand between the composite costs. A tonne that cannot move at all is taken to lose the value of its goods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign import Flows
from bactrian.assign.prepared import Prepared, Settled, prepare
from bactrian.assign.response import Response
from bactrian.assign.routes import pairs_of, response_of
from bactrian.case import Case, schema
from bactrian.case.effects import combined
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.measure.emissions import grams_of_ways
from bactrian.network import Network, Revision, build
from bactrian.verbs import asked

__all__ = ["NOTHING", "Effects", "Gain", "Key", "Set", "Stage", "all_open", "effects_of", "subsets"]

Floats = NDArray[np.float64]
Key = tuple[str, str]  # table and row
Set = frozenset[str]

TABLES = ("links", "terminals", "access")  # whose rows candidates may change
COLUMNS = ("capacity_kt", "time_h", "spread_h", "usd_per_t", "usd_per_teu", "opens", "closes")
FREE = 1e12  # kt/yr, a capacity where there is none
MOST = 12  # candidates that may act on one row
NOTHING: Set = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Gain:
    """What a set of open projects brings in a year against none: `shippers` by pair and what carriers and ports
    `forgo` by row (table, row), both in mUSD, tonnes of `co2e` well to wheel, and kt carried by pair."""

    shippers: Floats
    forgone: Mapping[Key, float]
    co2e_t: float
    kt: Floats

    def total(self, carbon_usd_per_t: float = 0.0) -> float:
        """All of it in mUSD, with CO2e at a price."""
        return float(self.shippers.sum()) - sum(self.forgone.values()) - self.co2e_t * carbon_usd_per_t / 1e6


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cause does to a cell: a row of the table `effects`."""

    id: str
    cause: str
    operation: str
    value: float
    forgone: str


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """What candidates do to rows: `acting` lists the effects by row and column, `touching` the candidates by row."""

    acting: Mapping[Key, Mapping[str, tuple[Effect, ...]]]
    touching: Mapping[Key, tuple[str, ...]]

    def of_row(self, row: Mapping[str, Any], key: Key, year: int, shares: Mapping[str, float]) -> dict[str, Any]:
        """The cells of a `row` that candidates touch, with those in force in `year` that `shares` has.

        A share of 1 counts whole. What opens or closes a row does so where it counts whole, and not otherwise.
        """
        found: dict[str, Any] = {}
        for column, effects in self.acting[key].items():
            here = [one for one in effects if shares.get(one.cause, 0.0) > 0]
            if column in ("opens", "closes"):
                found[column] = year if any(shares[one.cause] >= 1 for one in here) else row[column]
                continue
            old = float(row[column])
            value = combined(old, here, [shares[one.cause] for one in here])
            found[column] = FREE if column == "capacity_kt" and np.isnan(value) else value
        if "opens" in found or "closes" in found:
            found = {"opens": row["opens"], "closes": row["closes"], **found}
        return found

    def on_nothing(self, known: Mapping[str, pd.DataFrame]) -> list[Finding]:
        """Findings for effects that add to or multiply an empty cell of the tables `known`."""
        findings = []
        for (table, row), columns in self.acting.items():
            for column, effects in columns.items():
                kept = column in ("opens", "closes") or not pd.isna(known[table][column][row])
                if not kept and all(one.operation != "set" for one in effects):
                    rule = f"empty, so {' and '.join(one.id for one in effects)} cannot change it"
                    findings.append(Finding(table, 0, column, rule, "enter one there, or set it", row))
        return findings

    def forgoes(self, key: Key) -> Set:
        """The candidates that lower a price of a row which is only given up."""
        return frozenset(one.cause for effects in self.acting[key].values() for one in effects if one.forgone == "yes")

    def conflicts(self) -> set[tuple[str, str]]:
        """Pairs of candidates that set one and the same cell, so that they cannot both be open."""
        found: set[tuple[str, str]] = set()
        for columns in self.acting.values():
            for column, effects in columns.items():
                causes = sorted({one.cause for one in effects if one.operation == "set"})
                if column not in ("opens", "closes"):
                    found.update(combinations(causes, 2))
        return found


def effects_of(case: Case, candidates: Iterable[str], but: Collection[str] = ()) -> Effects:
    """The effects of `candidates` by the row they act on; those on tables in `but` are left out.

    Raises SolveError for an effect on a cell that a plan cannot change, or when more than 12 act on one row.
    """
    wanted = set(candidates)
    acting: dict[Key, dict[str, list[Effect]]] = defaultdict(lambda: defaultdict(list))
    touching: dict[Key, set[str]] = defaultdict(set)
    rows: list[Any] = list(case.table("effects").itertuples())
    for effect in sorted(rows, key=lambda one: str(one.id)):
        if effect.cause not in wanted or effect.table in but:
            continue
        if effect.table not in TABLES or effect.column not in COLUMNS:
            raise SolveError(
                f"effects, row {effect.id!r}: a plan cannot value a change of {effect.column} in {effect.table}; "
                f"leave the project {effect.cause!r} out, or change {', '.join(COLUMNS)} of {', '.join(TABLES)}"
            )
        for row in dict.fromkeys(effect.rows.split()):
            one = Effect(effect.id, effect.cause, effect.operation, float(effect.value), effect.forgone)
            acting[effect.table, row][effect.column].append(one)
            touching[effect.table, row].add(effect.cause)
    for (table, row), causes in touching.items():
        if len(causes) > MOST:
            raise SolveError(f"{len(causes)} candidates act on {table}/{row}; a plan can weigh up to {MOST} there")
    return Effects(
        {key: {column: tuple(each) for column, each in columns.items()} for key, columns in acting.items()},
        {key: tuple(sorted(causes)) for key, causes in touching.items()},
    )


class Stage:
    """A `year` of the case `base`, which holds none of the candidates' effects; demand answers as to `reference`."""

    def __init__(
        self, base: Case, year: int, effects: Effects, reference: Flows | None, together: Sequence[Set]
    ) -> None:
        self.base, self.year, self.effects, self.reference = base, year, effects, reference
        self.network = build(all_open(base, effects), year)
        self.revision = Revision(self.network)
        table = asked(base, year, reference)
        self.pairs = pairs_of(self.network, table)
        self._known = {name: base.table(name).set_index("id") for name in {key[0] for key in effects.acting}}
        self._real = _without_forgone(effects)
        self._cells: dict[tuple[Key, Set, bool], dict[str, Any]] = {}
        sets = [NOTHING, *together]
        self._check(together)
        self.prepared: Prepared = prepare(self.network, self.pairs, [self.variant(each) for each in sets])
        self.response = response_of(self.pairs)
        goods = base.table("commodities").set_index("id")["value_usd_per_t"]
        self.value = np.maximum(self.pairs["commodity"].map(goods).to_numpy(dtype=np.float64), 1.0)
        of_zone = base.table("zones").set_index("id")["country"]
        ends = {"from": "origin", "to": "destination"}
        self.country = {end: self.pairs[column].map(of_zone).to_numpy() for end, column in ends.items()}
        self.commodity = base.counted_as(self.pairs["commodity"]).to_numpy()
        k = self.pairs["k"].to_numpy(dtype=np.int64)[self.prepared.routes.pair]
        self._k = k[self.prepared.routes.owner]
        self.grams = np.nan_to_num(grams_of_ways(self.network, self.prepared.routes, k)["wtw"])
        self.nothing: Settled = self.prepared.settled(self.variant(NOTHING))
        self._gains: dict[Set, Gain] = {}
        self._near: dict[Set, tuple[Floats, Floats]] = {NOTHING: (self.nothing.load, self.nothing.slope)}

    def variant(self, open_: Set, forgone: bool = True) -> Network:
        """The network with the projects `open_`; without the prices that they only forgo unless `forgone`."""
        rows = {}
        for key, causes in self.effects.touching.items():
            here = (key, open_.intersection(causes), forgone)
            if here not in self._cells:
                effects = self.effects if forgone else self._real
                self._cells[here] = effects.of_row(_row(self._known, key), key, self.year, dict.fromkeys(here[1], 1.0))
            rows[key] = self._cells[here]
        return self.revision.of(rows)

    def settled(self, open_: Set) -> Settled:
        """The equilibrium with the projects `open_`, sought from the one known for the set most like it."""
        near = min(self._near, key=lambda one: len(one ^ open_))
        found = self.prepared.settled(self.variant(open_), near=self._near[near])
        self._near[open_] = found.load, found.slope
        return found

    def gain(self, open_: Set) -> Gain:
        """What the projects `open_` bring in this year against none of them."""
        if open_ not in self._gains:
            self._gains[open_] = self._gain(open_)
        return self._gains[open_]

    @property
    def known(self) -> Collection[Set]:
        """The sets that have been tried."""
        return self._gains.keys()

    def countries_of(self, key: Key) -> list[str]:
        """The countries that a row lies in."""
        table, row = key
        cells = self.base.table(table).set_index("id").loc[row]
        country = self.base.table("places").set_index("id")["country"]
        places = [cells["from"], cells["to"]] if table == "links" else [cells["place"]]
        return [str(country[place]) for place in places]

    def _gain(self, open_: Set) -> Gain:
        found = self.settled(open_) if open_ else self.nothing
        shippers = shipper_gain(self.response, self.nothing.composite, found.composite, self.value)
        more = float((found.flow - self.nothing.flow) @ self.grams) / 1000
        return Gain(shippers, self._forgone(open_, found), more, found.demand)

    def _forgone(self, open_: Set, found: Settled) -> dict[Key, float]:
        """What is given up by row, mUSD/yr."""
        if not any(self.effects.forgoes(key) & open_ for key in self.effects.acting):
            return {}
        lower = np.nan_to_num(self.variant(open_, forgone=False).price - found.network.price)
        routes = self.prepared.routes
        each = lower[self._k, routes.arcs] * found.flow[routes.owner] / 1000
        arcs = found.network.arcs
        sums = np.bincount(routes.arcs, weights=each, minlength=len(arcs))
        told: dict[Key, float] = defaultdict(float)
        for arc in np.flatnonzero(np.abs(sums) > 0).tolist():
            told[arcs["table"].iloc[arc], arcs["row"].iloc[arc]] += float(sums[arc])
        return dict(told)

    def _check(self, together: Iterable[Set]) -> None:
        """Raise CaseError when effects change an empty cell, or those that can be in force together break what the
        schema demands of one."""
        findings = self.effects.on_nothing(self._known)
        for (table, row), causes in self.effects.touching.items():
            rules = {one.column: one.rule for one in schema(table)}
            known = _row(self._known, (table, row))
            for here in {some for each in together for some in subsets(each.intersection(causes))}:
                cells = self.effects.of_row(known, (table, row), self.year, dict.fromkeys(here, 1.0))
                for column, value in cells.items():
                    if {"at least 0": value < 0, "above 0": value <= 0}.get(rules[column], False):
                        rule = f"becomes {value:g} with {', '.join(sorted(here))} open, must be {rules[column]}"
                        remedy = "let them exclude one another" if len(here) > 1 else "change its effect"
                        findings.append(Finding(table, 0, column, rule, remedy, row))
        if findings:
            raise CaseError(sorted(set(findings), key=str))


def subsets(some: Iterable[str]) -> Iterator[Set]:
    """All sets of `some`, the empty one first."""
    ordered = sorted(some)
    return (frozenset(each) for size in range(len(ordered) + 1) for each in combinations(ordered, size))


def shipper_gain(response: Response, before: Floats, after: Floats, value: Floats) -> Floats:
    """What the shippers of each pair gain when composite costs go from `before` to `after` (USD/t): mUSD/yr.

    nan is a pair that no way leads for: a tonne then loses `value` (USD/t) on top of what it costs in the other state.
    """
    first = np.where(np.isnan(before), after + value, before)
    last = np.where(np.isnan(after), before + value, after)
    first, last = np.nan_to_num(first), np.nan_to_num(last)
    gain: Floats = (response.area(first) - response.area(last)) / 1000
    return gain


def _row(tables: Mapping[str, pd.DataFrame], key: Key) -> dict[str, Any]:
    return {str(column): value for column, value in tables[key[0]].loc[key[1]].items()}


def _without_forgone(effects: Effects) -> Effects:
    acting = {
        key: {column: tuple(one for one in each if one.forgone == "no") for column, each in columns.items()}
        for key, columns in effects.acting.items()
    }
    return replace(effects, acting=acting)


def all_open(base: Case, effects: Effects) -> Case:
    """The case with all rows open that a candidate may open, and a capacity wherever one may be set."""
    changes: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    known = {table: base.table(table).set_index("id") for table in {key[0] for key in effects.acting}}
    for (table, row), columns in effects.acting.items():
        for column in columns:
            if column in ("opens", "closes"):
                changes[table][row] |= {"opens": None, "closes": None}
            elif column == "capacity_kt" and pd.isna(known[table][column][row]):
                changes[table][row][column] = FREE
            elif column.startswith("usd") and pd.isna(known[table][column][row]):
                changes[table][row][column] = 0.0
    return base.with_({table: dict(rows) for table, rows in changes.items()}) if changes else base

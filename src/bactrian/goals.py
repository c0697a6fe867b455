"""What must change for a goal to be reached: a factor on some rows of a case, sought with runs.

A lever multiplies the prices, the times or the capacities of some links, terminals and accesses, for all who use them;
or, where no rows are named, the generalised cost from door to door of the goal's trade alone, whoever bears the rest.
The factor that reaches the goal is found by Brent's (1973) method on its logarithm, each try a full run in which demand
answers to cost; the answer is the last run, with its certificate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from bactrian.assign import Flows, assign
from bactrian.case import Case, Changes
from bactrian.demand import demand
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.measure import COST, trade_gravity
from bactrian.network import build
from bactrian.units import parse
from bactrian.verbs import asked, check_year, reference_of, run

__all__ = ["LEVERS", "Goal", "Lever", "Target", "read_elasticity", "read_goal", "target"]

Lever = Literal["cost", "price", "time", "capacity"]
LEVERS: dict[Lever, tuple[str, ...]] = {
    "cost": ("usd_per_t", "usd_per_teu", "time_h", "spread_h"),
    "price": ("usd_per_t", "usd_per_teu"),
    "time": ("time_h", "spread_h"),
    "capacity": ("capacity_kt",),
}
LEAST, MOST = 0.05, 20.0  # factors tried
NEAR = 1e-4  # relative error of the goal that is near enough without a change
MET = 1e-3  # and that an answer may have: flows jump where ways come and go
LOWEST = -5.0  # elasticity, as the table commodities has it
TABLES = ("links", "terminals", "access")


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to be reached by the trade between two zones or countries, or on a corridor.

    - `between`: two zones or countries, or one corridor.
    - `measure`: `value` in mUSD/yr, `tonnes` in kt/yr, or `time`, hours from door to door on average.
    - `amount` in that unit.
    """

    between: tuple[str, ...]
    measure: Literal["value", "tonnes", "time"]
    amount: float

    def ways(self, flows: Flows) -> pd.DataFrame:
        """The ways of the trade or corridor, with origin, destination and commodity; raise SolveError for neither."""
        table = flows.table()
        if len(self.between) == 1:
            known = set(flows.network.case.table("corridors")["id"])
            if self.between[0] not in known:
                raise SolveError(f"no corridor {self.between[0]!r}; use one of {', '.join(sorted(known))}")
            return table[table["corridor"] == self.between[0]]
        own = flows.between(*(flows.network.case.zones_of(name) for name in self.between))
        return table[own.to_numpy()[flows.ways["pair"]]]

    def measured(self, flows: Flows) -> float:
        """What the flows reach, in the unit of the goal; nan for the time of nothing."""
        ways = self.ways(flows)
        kt = ways["kt"]
        if self.measure == "tonnes":
            return float(kt.sum())
        if self.measure == "time":
            return float((kt * ways["time_h"]).sum() / kt.sum()) if kt.sum() > 0 else math.nan
        value = flows.network.case.table("commodities").set_index("id")["value_usd_per_t"]
        return float((kt * ways["commodity"].map(value)).sum() / 1000)  # kt times USD/t is thousand USD


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The answer to a goal.

    - `reached`, to a thousandth, by a `factor` on the columns of `lever` in `rows`, or on what the trade costs if there
      are none; if not, `factor` is the one that comes nearest and `after` what it brings.
    - `before`, `after`: the measure without and with the factor. `flows_before`, `flows`: the runs.
    - `cost_before`, `cost`: what the trade costs from door to door on average, USD/t; `cost` times the factor where the
      lever is on the trade alone.
    """

    goal: Goal
    lever: Lever
    rows: tuple[str, ...]
    elasticity: float | None
    reached: bool
    factor: float
    before: float
    after: float
    cost_before: float
    cost: float
    flows_before: Flows
    flows: Flows


def target(
    case: Case,
    goal: Goal,
    lever: Lever = "cost",
    rows: Iterable[str] = (),
    year: int = 2030,
    elasticity: float | None = None,
    tell: Callable[[str], object] | None = None,
) -> Target:
    """Find the factor on a lever with which `goal` is reached in `year`, by the tables alone, without events.

    `rows` are ids of links, terminals or accesses. Without any, `cost` is the cost of the goal's trade alone, and other
    levers, or the cost of a corridor, act on the rows that one tonne in a hundred of it uses. `elasticity`, at
    most 0, stands in place of the cost elasticities of the commodities. `tell` hears of progress. Raises CaseError for
    rows there are not and SolveError for an unknown lever, zone or corridor, or a goal or year that means nothing.

    >>> import bactrian as ba
    >>> goal = Goal(("KAZ", "TKM"), "tonnes", 700)
    >>> target(ba.load("transcaspian"), goal, year=2022).reached  # doctest: +SKIP
    True
    """
    _check_asked(goal, lever, year)
    if elasticity is not None:
        case = _with_elasticity(case, elasticity)
    reference = reference_of(case, year)
    table = asked(case, year, reference)
    first = assign(build(case, year), table, "logit", reference)
    alone = lever == "cost" and not rows and len(goal.between) == 2
    used = () if alone else tuple(rows) or _used(goal, first)
    if not alone:
        _check(case, used)
    tried: dict[float, Flows] = {0.0: first}

    def short(log: float) -> float:
        """How far the logarithm of the measure is from the goal; above 0 beyond it."""
        if log not in tried:
            changed = case if alone else case.with_(_scaled(case, lever, used, math.exp(log)))
            drawn = _drawn(goal, case, table, math.exp(log)) if alone else table
            tried[log] = assign(build(changed, year), drawn, "logit", reference)
            if tell:
                tell(f"{lever} x {math.exp(log):.4f}: {goal.measured(tried[log]):,.6g}")
        reached = goal.measured(tried[log])
        return math.log(reached / goal.amount) if reached > 0 else -math.inf

    best = _sought(short)
    factor = math.exp(best)
    return Target(
        goal=goal,
        lever=lever,
        rows=used,
        elasticity=elasticity,
        reached=abs(short(best)) <= MET,
        factor=factor,
        before=goal.measured(first),
        after=goal.measured(tried[best]),
        cost_before=_mean_cost(goal, first),
        cost=_mean_cost(goal, tried[best]) * (factor if alone else 1.0),
        flows_before=first,
        flows=tried[best],
    )


def _check_asked(goal: Goal, lever: str, year: int) -> None:
    if lever not in LEVERS:
        raise SolveError(f"no lever {lever!r}; use one of {', '.join(LEVERS)}")
    if not (goal.amount > 0 and math.isfinite(goal.amount)):
        raise SolveError(f"a goal of {goal.amount:g} means nothing: name an amount above 0")
    check_year(year)


def _drawn(goal: Goal, case: Case, table: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Demand when the goal's trade alone bears its cost times a factor: D0 (f S / S0)^-e is f^-e times as much."""
    one, other = (case.zones_of(name) for name in goal.between)
    there = table["origin"].isin(one) & table["destination"].isin(other)
    own = there | (table["origin"].isin(other) & table["destination"].isin(one))
    elasticity = table.get("elasticity", 0.0)
    return table.assign(kt=table["kt"] * np.where(own, factor ** -np.asarray(elasticity), 1.0))


def _mean_cost(goal: Goal, flows: Flows) -> float:
    """Generalised cost of the goal's trade per tonne, USD/t; nan where nothing moves."""
    ways = goal.ways(flows)
    total = float(ways["kt"].sum())
    return float((ways["kt"] * ways["cost_usd"]).sum()) / total if total > 0 else math.nan


def _sought(short: Callable[[float], float]) -> float:
    """The logarithm of the factor at which `short` is 0, or jumps over it; without any, the better end."""
    here = short(0.0)
    if abs(here) <= NEAR:
        return 0.0
    ends = [math.log(LEAST), math.log(MOST)]
    for end in ends:
        there = short(end)
        if there == 0 or (there > 0) != (here > 0):
            low, high = sorted((0.0, end))
            at_low = short(low)
            if math.isinf(at_low):  # nothing moves there: bisect until something does
                low = _moving(short, low, high)
            return float(brentq(short, low, high, xtol=NEAR / 10, rtol=1e-12))
    return min([0.0, *ends], key=lambda end: abs(short(end)))


def _moving(short: Callable[[float], float], nothing: float, something: float) -> float:
    """A factor between the two at which something moves, though less than the goal."""
    for _ in range(30):
        middle = (nothing + something) / 2
        there = short(middle)
        if math.isinf(there):
            nothing = middle
        elif there > 0:
            something = middle
        else:
            return middle
    return nothing


def _with_elasticity(case: Case, elasticity: float) -> Case:
    if not LOWEST <= elasticity <= 0:
        raise SolveError(f"an elasticity of {elasticity:g}: name one from {LOWEST:g} to 0")
    return case.with_(
        {"commodities": {name: {"cost_elasticity": elasticity} for name in case.table("commodities")["id"]}}
    )


def _used(goal: Goal, flows: Flows) -> tuple[str, ...]:
    """Rows that at least one tonne in a hundred of the goal's trade uses, by id."""
    ways = goal.ways(flows)
    kt = np.zeros(len(flows.ways))
    kt[ways.index] = ways["kt"]
    arcs = flows.network.arcs["row"].to_numpy()[flows.routes.arcs]
    loads = pd.Series(kt[flows.routes.owner]).groupby(arcs).sum()
    return tuple(sorted(loads.index[loads >= 0.01 * kt.sum()]))


def _check(case: Case, rows: tuple[str, ...]) -> None:
    known = {row for table in TABLES for row in case.table(table)["id"]}
    findings = [
        Finding("links", 0, "id", f"no link, terminal or access {row!r}", "name rows of these tables", row)
        for row in rows
        if row not in known
    ]
    if findings:
        raise CaseError(findings)
    if not rows:
        raise SolveError("nothing moves that the lever could act on: name rows")


def _scaled(case: Case, lever: Lever, rows: tuple[str, ...], factor: float) -> Changes:
    """The changes that multiply the columns of a lever in the rows by a factor."""
    changes: dict[str, dict[str, dict[str, str | float | None]]] = {}
    for table in TABLES:
        held = case.table(table)
        held = held[held["id"].isin(rows)]
        columns = [column for column in LEVERS[lever] if column in held]
        for row in held[["id", *columns]].to_dict("records"):
            cells = {str(name): factor * float(row[name]) for name in columns if not math.isnan(float(row[name]))}
            if cells:
                changes.setdefault(table, {})[str(row["id"])] = dict(cells)
    return changes


def read_goal(
    case: Case, trade: str | None, corridor: str | None, value: str | None, tonnage: str | None, hours: str | None
) -> Goal:
    """A goal from words: a trade "KAZ-TKM" or a corridor, and one of "1 bn USD", "2 Mt/yr" and "15 d".

    Raises SolveError when it is not just one of each, or names neither zone nor country, and UnitError for a quantity.
    """
    if (trade is None) == (corridor is None):
        raise SolveError("name either a trade, such as KAZ-TKM, or a corridor, such as titr")
    given = [text for text in (value, tonnage, hours) if text is not None]
    if len(given) != 1:
        raise SolveError('name one goal: a value ("1 bn USD"), a tonnage ("2 Mt/yr") or a time ("15 d")')
    between = (corridor,) if corridor is not None else _both(case, str(trade))
    if value is not None:
        return Goal(between, "value", parse(value.removesuffix("/yr")).to("mUSD"))
    if tonnage is not None:
        return Goal(between, "tonnes", parse(tonnage if tonnage.endswith("/yr") else f"{tonnage}/yr").to("kt/yr"))
    return Goal(between, "time", parse(str(hours)).to("h"))


def _both(case: Case, trade: str) -> tuple[str, str]:
    """The two ends of a trade; ids may hold hyphens, so every cut is tried."""
    parts = trade.split("-")
    known = set(case.table("zones")["id"]) | set(case.table("zones")["country"])
    for cut in range(1, len(parts)):
        one, other = "-".join(parts[:cut]), "-".join(parts[cut:])
        if {one, other} <= known:
            return one, other
    raise SolveError(f"no trade {trade!r}: join two zones or countries by a hyphen, of {', '.join(sorted(known))}")


def read_elasticity(case: Case, text: str | None) -> float | None:
    """An elasticity from words: a number, or "gravity" for what `bactrian.measure.trade_gravity` finds in the case.

    Raises SolveError for anything else, or when gravity finds trade to rise with cost; LibraryError without the extra.
    """
    if text is None:
        return None
    if text == "gravity":
        found = float(trade_gravity(run(case, demand(case, 2021).base_year)).coefficients[COST])
        if found > 0:
            raise SolveError(f"gravity finds trade to rise with cost here ({found:.2f}); name an elasticity")
        return found
    try:
        return float(text)
    except ValueError:
        raise SolveError(f"no elasticity {text!r}: write a number at most 0, or gravity") from None

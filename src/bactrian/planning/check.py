"""The certificate of a plan: its value worked out anew, from the tables.

For every model year and every set of open projects that the plan counts, the case with and without them is built as
`Case.with_effects` has it, rather than by the shortcuts of the search; the ways kept are taken over by the names of
their arcs, and flows are settled from nothing. The case in which no candidate is built is that of the plan. With the
last set of each model year, ways are sought anew as well, as `run` does: how far that moves the value is told apart,
since the search keeps to ways that it found at the start.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.logit import choice_of, settle
from bactrian.assign.routes import Routes, response_of
from bactrian.assign.start import names_of_arcs
from bactrian.assign.waiting import delays, waiting
from bactrian.case import Case
from bactrian.measure.emissions import grams_of_ways
from bactrian.network import Network, build
from bactrian.planning.stage import NOTHING, Set, Stage
from bactrian.planning.terms import Terms
from bactrian.planning.worth import Starts, Worth
from bactrian.verbs import run

__all__ = ["PlanCertificate", "case_with", "certify_plan"]

Floats = NDArray[np.float64]
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class PlanCertificate:
    """`value` is the net present value in mUSD worked out anew, `claimed` what the plan says; `difference` relative to
    the larger of value and benefit. `sets` equilibria were found for it. `ways_anew` is how much the benefit of the
    last set of the model years changes, as a share, when ways are sought anew (nan if that was not asked)."""

    claimed: float
    value: float
    difference: float
    sets: int
    ways_anew: float

    @property
    def holds(self) -> bool:
        """Whether the values agree to 1e-6."""
        return self.difference <= 1e-6


def certify_plan(
    worth: Worth, starts: Starts, claimed: float, anew: bool = True, tell: Callable[[str], None] | None = None
) -> PlanCertificate:
    """Work out the value of a programme from the tables. Raises as `run` does."""
    terms = worth.terms
    gains: dict[tuple[int, Set], float] = {}
    moved, counted = 0.0, 0.0
    for model in terms.model_years:
        needed = {worth.open_in(starts, year) for year in terms.years if _share(terms, model, year)} - {NOTHING}
        stage = worth.stages[model]
        if tell:
            tell(f"checking {model} from the tables")
        nothing = _settled(stage, NOTHING, terms)
        for open_ in sorted(needed, key=sorted):
            found = _settled(stage, open_, terms)
            gains[model, open_] = _between(stage, found, nothing) - _forgone(stage, open_, found)
        last = worth.open_in(starts, model)
        if anew and last:
            fresh = _gain_anew(stage, last, terms)
            moved += fresh - gains.get((model, last), 0.0)
            counted += abs(gains.get((model, last), 0.0))
    benefit = math.fsum(
        _factor(terms, year) * share * gains[model, open_]
        for year in terms.years
        if (open_ := worth.open_in(starts, year))
        for model in terms.model_years
        if (share := _share(terms, model, year))
    )
    cost = math.fsum(_cost(worth, terms, one, start) for one, start in starts.items())
    value = benefit - cost
    scale = max(abs(value), abs(benefit), 1e-9)
    share = (moved / counted if counted else 0.0) if anew else math.nan
    return PlanCertificate(claimed, value, abs(value - claimed) / scale, len(gains), share)


def _factor(terms: Terms, year: int) -> float:
    """What a sum of `year` counts in the first year of the plan."""
    return float(1 / (1 + terms.discount) ** (year - terms.first))


def _share(terms: Terms, model: int, year: int) -> float:
    """What a model year counts in `year`, straight lines between model years."""
    return float(np.interp(year, terms.model_years, [float(one == model) for one in terms.model_years]))


def _cost(worth: Worth, terms: Terms, name: str, start: int) -> float:
    """Present value of what a project costs, written out year by year."""
    one = worth.field.candidates[name]
    opens, last = start + one.build_years, terms.last
    total = math.fsum(one.operating_musd * _factor(terms, year) for year in range(opens, last + 1))
    works = max(one.build_years, 1)
    total += math.fsum(
        one.capex_musd / works * _factor(terms, year) for year in range(start, start + works) if year <= last
    )
    bought = [opens + one.life_years * times for times in range(1 + (last - opens) // one.life_years)]
    total += math.fsum(one.capex_musd * _factor(terms, year) for year in bought[1:])
    if terms.residual:
        left = max(0.0, 1 - (last + 1 - bought[-1]) / one.life_years)
        total -= one.capex_musd * left * _factor(terms, last)
    return total


def case_with(stage: Stage, open_: Set, forgone: bool = True) -> Case:
    """The case of a stage with projects in force: rows they open are open, those they close shut."""
    case, year = stage.base, stage.year
    effects = case.table("effects")
    mine = effects[effects["cause"].isin(open_)]
    if not forgone:
        dropped = mine.loc[mine["forgone"] == "yes", "id"]
        case = case.with_({"effects": dict.fromkeys(dropped)})
    when = mine["column"].isin(["opens", "closes"])
    told: dict[str, dict[str, str | float | None]] = {
        one: {"opens": year, "status": "planned"} for one in sorted(open_)
    }
    case = case.with_({"projects": told, "effects": dict.fromkeys(mine.loc[when, "id"])})
    case = case.with_effects(open_, year)
    cells: dict[str, dict[str, dict[str, str | float | None]]] = {}
    for one in mine[when].sort_values("column", ascending=False, kind="stable").itertuples():  # what closes comes last
        cell = {"opens": year} if one.column == "opens" else {"opens": None, "closes": year}
        for row in str(one.rows).split():
            cells.setdefault(str(one.table), {}).setdefault(row, {}).update(cell)
    return case.with_(cells) if cells else case


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    network: Network
    routes: Routes
    flow: Floats
    composite: Floats
    carbon: float  # mUSD


def _between(stage: Stage, with_: _State, without: _State) -> float:
    """What shippers gain from one state to the other, less what CO2e costs more, mUSD."""
    response = response_of(stage.pairs)
    gains = 0.0
    for pair, (before, after) in enumerate(zip(without.composite, with_.composite, strict=True)):
        value = float(stage.value[pair])
        first = after + value if math.isnan(before) else before
        last = before + value if math.isnan(after) else after
        if not math.isnan(first):
            one = response.of(np.array([pair]))
            gains += float((one.area(np.array([first])) - one.area(np.array([last])))[0]) / 1000
    return gains - (with_.carbon - without.carbon)


def _settled(stage: Stage, open_: Set, terms: Terms) -> _State:
    """Flows on the kept ways that are open, from nothing."""
    network = build(case_with(stage, open_), stage.year)
    place = dict(zip(names_of_arcs(network), range(len(network.arcs)), strict=True))
    names = names_of_arcs(stage.network)
    arcs = np.array([place.get(name, -1) for name in names], dtype=np.int64)
    k = stage.pairs["k"].to_numpy()
    kept = set()
    for pair, way in stage.prepared.routes:
        here = arcs[list(way)]
        if (here >= 0).all() and network.allowed[k[pair], here].all():
            kept.add((pair, tuple(here.tolist())))
    return _state(stage, network, Routes.of(kept), terms)


def _state(stage: Stage, network: Network, routes: Routes, terms: Terms) -> _State:
    choice, laws = choice_of(network, stage.pairs, routes), delays(network)
    flow, load = settle(network, laws, choice, np.zeros(len(network.resources)), TOLERANCE)
    composite = np.full(len(stage.pairs), np.nan)
    composite[np.unique(routes.pair)] = choice.composite(waiting(laws, load)[0])
    return _State(network, routes, flow, composite, _carbon(stage, network, routes, flow, terms))


def _carbon(stage: Stage, network: Network, routes: Routes, flow: Floats, terms: Terms) -> float:
    if not terms.carbon_usd_per_t:
        return 0.0
    k = stage.pairs["k"].to_numpy(dtype=np.int64)[routes.pair]
    grams = np.nan_to_num(grams_of_ways(network, routes, k)["wtw"])
    return float(flow @ grams) / 1000 * terms.carbon_usd_per_t / 1e6


def _forgone(stage: Stage, open_: Set, found: _State) -> float:
    """Lower prices that are given up, times what moves at them, mUSD."""
    effects = stage.base.table("effects")
    if not (effects["cause"].isin(open_) & (effects["forgone"] == "yes")).any():
        return 0.0
    full = build(case_with(stage, open_, forgone=False), stage.year)
    k = stage.pairs["k"].to_numpy(dtype=np.int64)
    total = 0.0
    for (pair, way), kt in zip(found.routes, found.flow.tolist(), strict=True):
        at = list(way)
        total += float(np.nan_to_num(full.price[k[pair], at] - found.network.price[k[pair], at]).sum()) * kt
    return total / 1000


def _gain_anew(stage: Stage, open_: Set, terms: Terms) -> float:
    """The gain when ways are sought anew in both states."""
    states: dict[Set, _State] = {}
    for each in (NOTHING, open_):
        case = case_with(stage, each)
        flows = run(case, stage.year, reference=stage.reference)
        composite = flows.pairs["composite_usd"].to_numpy(dtype=np.float64)
        routes, flow = flows.routes, flows.ways["kt"].to_numpy(dtype=np.float64)
        carbon = _carbon(stage, flows.network, routes, flow, terms)
        states[each] = _State(flows.network, routes, flow, composite, carbon)
    return _between(stage, states[open_], states[NOTHING]) - _forgone(stage, open_, states[open_])

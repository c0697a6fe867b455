"""A year of a case in which any of its events may be in force: which ways there are then, and where flows settle.

The ways that shippers consider are found once, with no event, with each alone, and with all that open something; then
kept (see `bactrian.assign.prepared`). What is in force is a number by cause: 1 wholly, less while it dies away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.prepared import Prepared, Settled, prepare
from bactrian.assign.response import Patient, Response
from bactrian.assign.routes import pairs_of, response_of
from bactrian.calibration.hindcast import happened
from bactrian.case import Case
from bactrian.case.effects import NEVER
from bactrian.errors import CaseError, SolveError
from bactrian.measure.emissions import grams_of_ways
from bactrian.network import Network, Revision, build
from bactrian.planning import field_of, reference_of_plan
from bactrian.planning.stage import Key, all_open, effects_of
from bactrian.planning.worth import base_of
from bactrian.stressing.events import Event, weights_of
from bactrian.stressing.sea import Sea
from bactrian.stressing.trade import CHANGED, LEAST, Trade
from bactrian.verbs import asked, check_year

__all__ = ["HOURS", "Calm", "Scene", "State"]

Floats = NDArray[np.float64]
STATES = 20_000  # that are kept before all are forgotten, so that memory stays bounded

Weights: TypeAlias = Mapping[str, float]
Degrees: TypeAlias = tuple[tuple[str, float], ...]

SHUT: dict[str, Any] = {"opens": NEVER, "closes": None}  # cells of what may not be used
HOURS = 24.0
FULL = 0.98  # utilisation up to which a queue is cleared
QUEUE = 20.0  # days that a queue of a day takes to clear at most
TOLERANCE = 1e-7  # largest error of a load, as a share of all demand
NOTHING = 1e-9  # kt/yr of capacity at which a row is shut


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What holds while the same is in force: `asked`, how demand answers to cost; the `composite` cost of going by pair
    in USD/t (nan without a way); tonnes of CO2e a year."""

    asked: Response
    composite: Floats
    co2e_t: float


@dataclass(frozen=True, slots=True, eq=False)
class Calm(State):
    """The state with no event, and by pair what follows from it: what tonnes face that are carried as `usual` and what
    a `day` of waiting costs them, queues counted, in USD/t; kg of CO2e per tonne carried (`kg_per_t`)."""

    usual: Floats
    day: Floats
    kg_per_t: Floats


class Scene:
    """A `year` of `case` as things stand, with the projects `built`, under any of `events`.

    As things stand, events without an end go on; projects that are completed, or under way and open by the year, are
    there, and no others. Between the two `levels` (m above the Baltic datum) any level of the Caspian may be asked for.

    Raises CaseError and SolveError for projects that there are not, and for effects that cannot be followed.
    """

    def __init__(
        self,
        case: Case,
        year: int,
        events: Mapping[str, Event],
        built: Iterable[str] = (),
        levels: tuple[float, float] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        check_year(year)
        tell = tell or (lambda _: None)
        self.case, self.year, self.events, self.built = case, year, dict(events), tuple(sorted(set(built)))
        self.reference = reference_of_plan(case, year)
        _check_built(case, self.built)
        base, causes = self._standing()
        self.trade = Trade(base, year, causes, self.reference)
        self.effects = effects_of(base, causes, but=CHANGED)
        self.sea = Sea(base, *levels) if levels else None
        self._known = self._rows_of(base)
        self._cells: dict[tuple[Key, Degrees], dict[str, Any]] = {}
        self._amounts: dict[Degrees, Floats] = {}
        laid = all_open(self.trade.union, self.effects)
        self.network = build(laid, year)
        self.revision = Revision(self.network)
        self.pairs = pairs_of(self.network, asked(self.trade.union, year, self.reference))
        self.prepared = self._prepared(laid, tell)
        self.barred = self.trade.barred(self.network, self.pairs, self.prepared.routes)
        self.felt = self._felt()
        """The events that change anything here; one that brings what is there already does not."""
        zones = case.table("zones").set_index("id")["country"]
        self.origins: list[str] = zones[self.pairs["origin"]].tolist()
        self.destinations: list[str] = zones[self.pairs["destination"]].tolist()
        k = self.pairs["k"].to_numpy(dtype=np.int64)
        self.k_of_ways = k[self.prepared.routes.pair]
        self.hour: Floats = self.network.wait_cost[k]
        goods = self.network.case.table("commodities")["value_usd_per_t"].to_numpy(dtype=np.float64)
        self.worth: Floats = np.maximum(goods, 1.0)[k]
        self.grams: Floats = np.nan_to_num(grams_of_ways(self.network, self.prepared.routes, self.k_of_ways)["wtw"])
        self.response = response_of(self.pairs)
        self._calm: dict[tuple[float | None, float], Calm] = {}
        self._states: dict[tuple[Degrees, float | None, float, bool], State] = {}

    def _standing(self) -> tuple[Case, set[str]]:
        """The case as things stand without what events may end or bring, and the causes that may be in force in it.
        Those that are anyway are kept as `standing`."""
        events, field = self.events.values(), field_of(self.case, self.year)
        ends = {one for event in events for one in event.undoes}
        now = {one: share for one, share in happened(self.case, self.year).items() if one in ends}
        there = {one for one, opens in field.committed.items() if opens <= self.year}
        there |= {one for one, why in field.left_out.items() if why == "completed"}
        brought = {one for event in events for one in event.brings}
        built_anew = set(self.built) - there
        self.standing: dict[str, float] = {**now, **dict.fromkeys(sorted(built_anew), 1.0)}
        base = base_of(self.case, field, self.year, but=ends)
        return base, {*self.events, *brought - there, *built_anew, *now}

    def _rows_of(self, base: Case) -> dict[Key, dict[str, Any]]:
        """The cells of all rows that may change. Raises CaseError for effects that change what is empty."""
        keys = [*self.effects.acting, *(self.sea.rows if self.sea else ())]
        known = {name: base.table(name).set_index("id") for name in sorted({table for table, _ in keys})}
        if findings := self.effects.on_nothing(known):
            raise CaseError(findings)
        return {
            (table, row): {str(column): cell for column, cell in known[table].loc[row].items()} for table, row in keys
        }

    def _prepared(self, laid: Case, tell: Callable[[str], None]) -> Prepared:
        """The ways that shippers consider, found on the case `laid`, in which all is open that may be."""
        variants = self._variants(tell)
        around = self.trade.ways_around(self.pairs, laid, self.rows(self.standing))
        judged = [variants[0], self.network]
        return prepare(self.network, self.pairs, variants, around, LEAST, judged, TOLERANCE)

    def _felt(self) -> frozenset[str]:
        """The events that change which of the causes are in force that act here."""
        calm, acting = self.weights({}), {one for causes in self.effects.touching.values() for one in causes}
        acting |= {*self.trade.causes, *self.barred}
        return frozenset(
            name for name in self.events if acting.intersection(set(self.weights({name: 1.0})) ^ set(calm))
        )

    def weights(self, active: Mapping[str, float]) -> dict[str, float]:
        """How far each cause is in force when events are `active` to some degree."""
        return weights_of(active, self.events, self.standing)

    def under(self, weights: Weights, level: float | None = None) -> Network:
        """The network with causes in force by `weights`, at a `level` of the sea or that of the tables."""
        return self.revision.of(self.rows(weights, level))

    def amounts(self, weights: Weights) -> Floats:
        """What is to be carried between the pairs in kt/yr at the reference cost."""
        of_trade = tuple((one, weights[one]) for one in self.trade.causes if weights.get(one, 0.0) > 0)
        if of_trade not in self._amounts:
            self._amounts[of_trade] = self.trade.amounts(self.pairs, weights)
        return self._amounts[of_trade]

    def asked(self, weights: Weights, demand: float = 1.0) -> Response:
        """How demand answers to cost, `demand` times as much as the year has."""
        return replace(self.response, amount=self.amounts(weights) * demand)

    def valued(self, response: Response, usual: Floats) -> Patient:
        """The same response of shippers who give up where going costs as much more than `usual` as a tonne is worth:
        half to one and a half times the value of the goods, evenly."""
        return Patient(response, usual + self.worth / 2, self.worth)

    def settled(
        self, weights: Weights, level: float | None, response: Response | Patient, near: Settled | None = None
    ) -> Settled:
        """Where flows settle with causes in force by `weights`, sought from the equilibrium `near` or the calm one."""
        start = None if near is None else (near.load, near.slope)
        barred = [self.barred[one] for one, weight in weights.items() if weight >= 1 and one in self.barred]
        shut = np.logical_or.reduce(barred) if barred else None
        return self.prepared.settled(self.under(weights, level), start, response, shut)

    def calm(self, level: float | None = None, demand: float = 1.0) -> Calm:
        """The state with no event, at a `level` of the sea and with `demand` times as much as the year has to carry."""
        if (level, demand) not in self._calm:
            weights = self.weights({})
            plain = self.asked(weights, demand)
            usual = plain.level
            if (plain.reference <= 0).any():  # what has no reference is taken to be usual as it is now
                here = self.settled(weights, level, plain).composite
                usual = np.where(plain.reference > 0, usual, np.nan_to_num(here))
            settled = self.settled(weights, level, self.valued(plain, usual))
            self._calm[level, demand] = Calm(
                asked=plain,
                composite=settled.composite,
                co2e_t=float(settled.flow @ self.grams) / 1000,
                usual=usual,
                day=self.hour * HOURS * (1 + self._queue(settled)),
                kg_per_t=self.mean_of_ways(settled.flow, self.grams / 1000),
            )
        return self._calm[level, demand]

    def state(
        self, active: Mapping[str, float], level: float | None = None, demand: float = 1.0, patient: bool = True
    ) -> State:
        """The state with events `active` to some degree, as it is if they last as long as they usually do.

        It is worked out once, whatever was before; nobody waits unless `patient`.
        """
        if not active:
            return self.calm(level, demand)
        key = tuple(sorted(active.items())), level, demand, patient
        if key not in self._states:
            if len(self._states) >= STATES:
                self._states.clear()
            calm, weights = self.calm(level, demand), self.weights(active)
            plain = self.asked(weights, demand)
            response = self.valued(plain, calm.usual)
            passing = {name: self.events[name] for name in active if self.events[name].days < inf}
            if passing and patient:
                later = self.state({one: degree for one, degree in active.items() if one not in passing}, level, demand)
                longest = max(event.mean_days + event.passing_days for event in passing.values())
                response = Patient(response, np.fmin(later.composite, calm.usual + self.worth), calm.day * longest)
            settled = self.settled(weights, level, response)
            self._states[key] = State(plain, settled.composite, float(settled.flow @ self.grams) / 1000)
        return self._states[key]

    def _queue(self, settled: Settled) -> Floats:
        """Days by pair that a queue of one day takes to clear, x/(c - x) of the busiest resource on its ways."""
        routes, index = self.prepared.routes, self.network.resource
        capacity = settled.network.resources["capacity_kt"].to_numpy()
        days = settled.load / np.maximum(FULL * capacity - settled.load, settled.load / QUEUE + 1e-300)
        used = index[routes.arcs]
        of_way = np.zeros(len(routes))
        np.maximum.at(of_way, routes.owner[used >= 0], days[used[used >= 0]])
        return self.mean_of_ways(settled.flow, of_way)

    def mean_of_ways(self, flow: Floats, values: Floats) -> Floats:
        """Mean by pair of `values` of ways, weighted by their flow; 0 where there is none."""
        pair, pairs = self.prepared.routes.pair, len(self.pairs)
        total = np.bincount(pair, weights=flow, minlength=pairs)
        summed = np.bincount(pair, weights=flow * values, minlength=pairs)
        mean: Floats = np.divide(summed, total, out=np.zeros(pairs), where=total > 0)
        return mean

    def rows(self, weights: Weights, level: float | None = None) -> dict[Key, dict[str, Any]]:
        """The cells of all rows that may change."""
        sea = self.sea.cells(level) if self.sea and level is not None else {}
        return {key: self._row(key, weights, sea.get(key)) for key in self._known}

    def _row(self, key: Key, weights: Weights, sea: Mapping[str, float] | None) -> dict[str, Any]:
        """The cells of a row under causes in force by `weights`; `sea` are those that follow from its level."""
        causes = self.effects.touching.get(key, ())
        degrees = tuple((one, weights[one]) for one in causes if weights.get(one, 0.0) > 0)
        if sea is None and (key, degrees) in self._cells:
            return self._cells[key, degrees]
        row, cells = {**self._known[key], **(sea or {})}, dict(sea or {})
        if causes:
            cells |= self.effects.of_row(row, key, self.year, dict(degrees))
        if cells.get("capacity_kt", 1.0) <= NOTHING:
            cells = SHUT
        if sea is None:
            self._cells[key, degrees] = cells
        return cells

    def _variants(self, tell: Callable[[str], None]) -> list[Network]:
        """The networks on which ways are sought: calm, under each event, and with all that open something."""
        calm: dict[str, float] = {}
        openings = {name: 1.0 for name, event in self.events.items() if event.kind == "opening"}
        touching = list(self.effects.touching.values())
        found: dict[Degrees, Network] = {}
        for active in [calm, *({name: 1.0} for name in self.events), openings]:
            weights = self.weights(active)
            cells = tuple(one for one in weights.items() if any(one[0] in each for each in touching))
            if cells not in found:
                tell(f"finding the ways of {self.year}" + (f" under {', '.join(active)}" if active else ""))
                found[cells] = self.under(weights)
        return list(found.values())


def _check_built(case: Case, built: Iterable[str]) -> None:
    known = case.table("projects")["id"].tolist()
    if missing := [one for one in built if one not in known]:
        raise SolveError(f"no project {missing[0]!r}; name ids of the table projects: {', '.join(known)}")

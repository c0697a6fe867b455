"""A year of a case in which any of its events may be in force: which ways there are then, and where flows settle.

The ways that shippers consider are found once, with no event, with each alone, and with all that open something; then
kept (see `bactrian.assign.prepared`). What is in force is a number by cause: 1 wholly, less while it dies away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
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
from bactrian.stress.events import Event, weights_of
from bactrian.stress.sea import Sea
from bactrian.stress.trade import CHANGED, LEAST, Trade
from bactrian.verbs import asked, check_year

__all__ = ["Scene"]

Floats = NDArray[np.float64]
Weights: TypeAlias = Mapping[str, float]
Degrees: TypeAlias = tuple[tuple[str, float], ...]

SHUT: dict[str, Any] = {"opens": NEVER, "closes": None}  # cells of what may not be used
NOTHING = 1e-9  # kt/yr of capacity at which a row is shut


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
        field = field_of(case, year)
        _check_built(case, self.built)
        ends = {one for event in events.values() for one in event.undoes}
        now = {one: share for one, share in happened(case, year).items() if one in ends}
        base = base_of(case, field, year, but=ends)
        there = {one for one, opens in field.committed.items() if opens <= year}
        there |= {one for one, why in field.left_out.items() if why == "completed"}
        brought = {one for event in events.values() for one in event.brings}
        built_anew = set(self.built) - there
        causes = {*events, *brought - there, *built_anew, *now}
        self.standing: dict[str, float] = {**now, **dict.fromkeys(sorted(built_anew), 1.0)}
        self.trade = Trade(base, year, causes, self.reference)
        self.effects = effects_of(base, causes, but=CHANGED)
        self.sea = Sea(base, *levels) if levels else None
        tables = {key[0] for key in [*self.effects.acting, *(self.sea.rows if self.sea else ())]}
        known = {name: base.table(name).set_index("id") for name in sorted(tables)}
        if findings := self.effects.on_nothing(known):
            raise CaseError(findings)
        self._known = {
            (table, row): {str(column): cell for column, cell in known[table].loc[row].items()}
            for table, row in [*self.effects.acting, *(self.sea.rows if self.sea else ())]
        }
        self._cells: dict[tuple[Key, Degrees], dict[str, Any]] = {}
        self._amounts: dict[Degrees, Floats] = {}
        laid = all_open(self.trade.union, self.effects)
        self.network = build(laid, year)
        self.revision = Revision(self.network)
        self.pairs = pairs_of(self.network, asked(self.trade.union, year, self.reference))
        variants = self._variants(tell)
        around = self.trade.ways_around(self.pairs, laid, self._rows(self.standing))
        self.prepared: Prepared = prepare(
            self.network, self.pairs, variants, around, LEAST, judged=[variants[0], self.network]
        )
        self.barred = self.trade.barred(self.network, self.pairs, self.prepared.routes)
        k = self.pairs["k"].to_numpy(dtype=np.int64)
        self.k_of_ways = k[self.prepared.routes.pair]
        self.hour: Floats = self.network.wait_cost[k]
        goods = self.network.case.table("commodities")["value_usd_per_t"].to_numpy(dtype=np.float64)
        self.worth: Floats = np.maximum(goods, 1.0)[k]
        self.grams: Floats = np.nan_to_num(grams_of_ways(self.network, self.prepared.routes, self.k_of_ways)["wtw"])
        self.response = response_of(self.pairs)

    def weights(self, active: Mapping[str, float]) -> dict[str, float]:
        """How far each cause is in force when events are `active` to some degree."""
        return weights_of(active, self.events, self.standing)

    def under(self, weights: Weights, level: float | None = None) -> Network:
        """The network with causes in force by `weights`, at a `level` of the sea or that of the tables."""
        return self.revision.of(self._rows(weights, level))

    def amounts(self, weights: Weights) -> Floats:
        """What is to be carried between the pairs in kt/yr at the reference cost."""
        of_trade = tuple((one, weights[one]) for one in self.trade.causes if weights.get(one, 0.0) > 0)
        if of_trade not in self._amounts:
            self._amounts[of_trade] = self.trade.amounts(self.pairs, weights)
        return self._amounts[of_trade]

    def asked(self, weights: Weights, demand: float = 1.0) -> Response:
        """How demand answers to cost, `demand` times as much as the year has."""
        return replace(self.response, amount=self.amounts(weights) * demand)

    def settled(
        self, weights: Weights, level: float | None, response: Response | Patient, near: Settled | None = None
    ) -> Settled:
        """Where flows settle with causes in force by `weights`, sought from the equilibrium `near` or the calm one."""
        start = None if near is None else (near.load, near.slope)
        barred = [self.barred[one] for one, weight in weights.items() if weight >= 1 and one in self.barred]
        shut = np.logical_or.reduce(barred) if barred else None
        return self.prepared.settled(self.under(weights, level), start, response, shut)

    def _rows(self, weights: Weights, level: float | None = None) -> dict[Key, dict[str, Any]]:
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

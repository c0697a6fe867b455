"""The certificate of a course: what it claims, recomputed by the formulas of `bactrian.stressing.anew`.

In each span flows are held against what the formulas call for under the loads; what becomes of tonnes is followed from
the last span to the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.threads import one_thread
from bactrian.errors import SolveError
from bactrian.stressing.anew import Anew, Laid, Met, area, demand, met, worst
from bactrian.stressing.course import Course, Moment

__all__ = ["CourseCertificate", "certify_course"]

Floats = NDArray[np.float64]

YEAR = 365.0
HOURS = 24.0


@dataclass(frozen=True, slots=True)
class CourseCertificate:
    """How far a course is from what it claims to be; `holds` if it is near enough. Each is the worst of all spans.

    - `conservation`: of a pair, |going + waiting + given up - asked|, |what its ways carry - going| or an amount below
      0, as a share of what it asks for.
    - `broken_ways`: ways that carry something though they are shut or barred to those they lead for, or do not lead
      from origin to destination.
    - `loads`: error of a load against the sum of the flows, as a share of all demand.
    - `choice`: error of a flow against what shippers choose under the waits that the loads leave, as a share of all
      demand.
    - `faced`: relative error of what going costs and of what tonnes face, and error of what waits and what is given up
      as a share of all demand.
    - `cost`: relative error of what the course costs shippers.
    """

    conservation: float
    broken_ways: int
    loads: float
    choice: float
    faced: float
    cost: float

    @property
    def holds(self) -> bool:
        """Conservation to 1e-9, all else to 1e-6, no broken way."""
        near = max(self.loads, self.choice, self.faced, self.cost) <= 1e-6
        return near and self.conservation <= 1e-9 and self.broken_ways == 0

    def told(self) -> dict[str, Any]:
        """All of it as plain types."""
        return {"holds": self.holds, **asdict(self)}


def certify_course(course: Course, cost_musd: float, horizon: float = inf) -> CourseCertificate:
    """Work out anew what a course claims, and that it costs shippers `cost_musd` up to the day `horizon`.

    Raises SolveError for one that was not worked out with `alone=True`.
    """
    scene, demanded = course.scene, course.demand
    found: list[tuple[float, int, float, float, float]] = []
    with one_thread():
        anew = Anew(scene)
        pairs, worth = scene.pairs, scene.worth
        calm = anew.laid({}, course.level)
        usual, day = _usual(anew, calm, course.calm, course.usual.usual)
        nothing = np.full(len(pairs), inf)

        def lost_at(active: Mapping[str, float], faced: Floats) -> float:
            return float(area(pairs, scene.amounts(scene.weights(active)) * demanded, faced).sum())

        def follow(moment: Moment, active: Mapping[str, float], later: Floats, whole: Floats) -> tuple[Met, Floats]:
            laid = anew.laid(active, course.level)
            amount = scene.amounts(scene.weights(active)) * demanded
            composite = anew.answer(laid, _load(moment, laid)).composite
            all_met = met(pairs, amount, composite, later, whole, usual, worth)
            found.append(_errors(anew, laid, moment, amount, composite, all_met))
            return all_met, composite

        all_met, going = follow(course.calm, {}, nothing, nothing)
        before = lost_at({}, all_met.faced)
        lost = usual + worth
        later, calm_going, cost = lost, going, 0.0
        for span, moment in reversed(list(zip(course.spans, course.moments, strict=True))):
            whole = day * span.days
            going = calm_going
            if span.active:
                all_met, going = follow(moment, span.active, later, whole)
                cost += (lost_at(span.active, all_met.faced) - before) * span.within(horizon) / YEAR / 1000
            later = np.minimum(np.minimum(going, later + whole), lost)
    most = [max(column) for column in zip(*found, strict=True)]
    off = abs(cost - cost_musd) / max(abs(cost), 1e-6)
    return CourseCertificate(most[0], sum(one[1] for one in found), most[2], most[3], most[4], off)


def _flows(moment: Moment) -> tuple[Floats, Floats]:
    if moment.settled is None:
        raise SolveError("the course has no flows: work it out with alone=True")
    return moment.settled.flow, moment.settled.load


def _load(moment: Moment, laid: Laid) -> Floats:
    """The loads that a moment claims, by the resources of `laid`; 0 on what no way uses."""
    return np.where(laid.kept >= 0, np.append(_flows(moment)[1], 0.0)[laid.kept], 0.0)


def _usual(anew: Anew, laid: Laid, calm: Moment, claimed: Floats) -> tuple[Floats, Floats]:
    """What tonnes face that are carried as usual, in USD/t: L0, or where there is none what going costs in calm, which
    is taken over as `claimed` if some give up then; and what a day of waiting costs them, queues counted."""
    first = anew.scene.pairs["reference_usd"].to_numpy()
    level = anew.scene.pairs["reference_composite_usd"].to_numpy()
    flow, load = _flows(calm)[0], _load(calm, laid)
    going = anew.answer(laid, load).composite
    now = claimed if calm.lost[~np.isinf(going)].any() else np.where(np.isinf(going), 0.0, going)
    hour = laid.network.wait_cost[anew.k]
    return np.where(first > 0, level, now), hour * HOURS * (1 + anew.queue(laid, load, flow))


def _errors(
    anew: Anew, laid: Laid, moment: Moment, amount: Floats, composite: Floats, all_met: Met
) -> tuple[float, int, float, float, float]:
    """What is wrong with a moment, in the order of CourseCertificate."""
    pairs, (flow, _), load = anew.scene.pairs, _flows(moment), _load(moment, laid)
    total = max(float(amount.sum()), 1e-300)
    asked = np.maximum(demand(pairs, amount, moment.faced), 1e-300)
    carried = np.bincount(anew.pair, weights=flow, minlength=len(pairs))
    parts = [moment.carried, moment.waiting, moment.lost]
    least = np.full(len(pairs), inf)
    np.minimum.at(least, anew.pair, flow)
    amiss = [np.abs(sum(parts) - asked), np.abs(carried - moment.carried), -least, *(-one for one in parts)]
    told = np.where(np.isnan(moment.state.composite), inf, moment.state.composite)
    chosen = anew.answer(laid, load).share * all_met.going[anew.pair]
    unmet = [moment.waiting - all_met.waiting, moment.lost - all_met.lost]
    return (
        max(worst(one / asked) for one in amiss),
        int(((flow != 0) & ~(laid.open & anew.leads)).sum()),
        worst(np.abs(anew.load(laid, flow) - load)) / total,
        worst(np.abs(flow - chosen)) / total,
        max(
            _apart(told, composite),
            _apart(moment.faced, all_met.faced),
            *(worst(np.abs(one)) / total for one in unmet),
        ),
    )


def _apart(one: Floats, other: Floats) -> float:
    """Largest relative difference of costs in USD/t, those below 1 as if they were 1."""
    both = np.isfinite(one) & np.isfinite(other)
    if (both != (np.isfinite(one) | np.isfinite(other))).any():
        return inf
    return worst(np.abs(one[both] - other[both]) / np.maximum(np.abs(other[both]), 1.0))

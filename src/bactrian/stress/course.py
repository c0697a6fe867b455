"""The course of events: spans of days in which the same is in force, what shippers do in each, and what that costs.

Time runs in spans. In each, flows settle as if it lasted; tonnes come at an even rate, and each goes now or waits for
the next span, whichever costs less. So spans are worked out from the last to the first: at the start of span m a tonne
that has waited faces E_m = min(C_m, E_{m+1} + w τ_m, what the goods are worth on top of the usual cost), with C the
composite cost of going, τ the hours of the span and w what an hour of waiting costs. After the last span things stay.

What has waited is carried on top of what comes when the waiting is over, and clears at the capacity that is free.
Where tonnes come at a rate x and c can pass, a time τ without passage makes them lose x τ²/2 until it ends and
x τ²/2 x/(c - x) until the queue is gone. So w is h (1 + x/(c - x)), h being an hour of a tonne, x/(c - x) that of the
busiest resource on the calm ways of the pair, at most 20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.prepared import Settled
from bactrian.assign.response import Patient, Response
from bactrian.stress.events import Spell
from bactrian.stress.scene import Scene

__all__ = ["Course", "Span", "course_of", "spans_of"]

Floats = NDArray[np.float64]

HOURS = 24.0
YEAR = 365.0
FULL = 0.98  # utilisation up to which a backlog is cleared
QUEUE = 20.0  # days that a queue of a day takes to clear at most


@dataclass(frozen=True, slots=True)
class Span:
    """Days `begins` to `ends` (inf: for good) in which events are `active` to the same degrees."""

    begins: float
    ends: float
    active: Mapping[str, float]

    @property
    def days(self) -> float:
        """How long it lasts."""
        return self.ends - self.begins

    def within(self, horizon: float) -> float:
        """The days of it before the day `horizon`."""
        return max(0.0, min(self.ends, horizon) - self.begins)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a span is like, by pair: where flows are `settled`, what is `faced` on average in USD/t, and in kt/yr what
    goes now (`carried`), what waits (`waiting`), and what has no way in it (`stranded`, which waits or is given up)."""

    settled: Settled
    response: Response
    faced: Floats
    carried: Floats
    waiting: Floats
    stranded: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What happens in `scene` from day 0: the `calm` before, and a moment for each of the `spans`."""

    scene: Scene
    calm: Moment
    spans: tuple[Span, ...]
    moments: tuple[Moment, ...]

    def loss(self, horizon: float = inf) -> Floats:
        """What shippers lose against calm by pair up to the day `horizon`, in mUSD: waiting, detours, goods lost."""
        lost = np.zeros(len(self.scene.pairs))
        before = self.calm.response.area(self.calm.faced)
        for span, moment in zip(self.spans, self.moments, strict=True):
            if days := span.within(horizon) if span.active else 0.0:
                lost += (moment.response.area(moment.faced) - before) * days / YEAR / 1000
        return lost

    def kt(self, what: str, horizon: float = inf) -> Floats:
        """kt by pair up to the day `horizon`, while events last, of one field of `Moment`, such as "waiting"."""
        total = np.zeros(len(self.scene.pairs))
        for span, moment in zip(self.spans, self.moments, strict=True):
            if days := span.within(horizon) if span.active else 0.0:
                total += getattr(moment, what) * days / YEAR
        return total

    def co2e_t(self, horizon: float = inf) -> float:
        """Tonnes of CO2e well to wheel more than in calm, those of what is carried later with them."""
        grams, calm = self.scene.grams, self.calm.settled.flow @ self.scene.grams
        kg = 0.0
        for span, moment in zip(self.spans, self.moments, strict=True):
            if days := span.within(horizon) if span.active else 0.0:
                kg += float(moment.settled.flow @ grams - calm) * days / YEAR
                if span.ends < inf:  # what waits is carried in the end, by the calm ways
                    kg += float(moment.waiting @ mean_of_ways(self.scene, self.calm.settled.flow, grams)) * days / YEAR
        return kg / 1000


def spans_of(spells: Sequence[Spell], steps: int = 1) -> list[Span]:
    """The spans of some spells from day 0, each recovery in `steps` of equal length; the last lasts for good.

    >>> from bactrian.stress.events import Event
    >>> shut = Event("e", "", "closure", 1, 10, 1, 4, False)
    >>> [(span.begins, span.ends, dict(span.active)) for span in spans_of([Spell(shut, 0, 10)])]
    [(0.0, 10, {'e': 1.0}), (10, 14, {'e': 0.5}), (14, inf, {})]
    """
    parts: list[tuple[float, float, str, float]] = []
    for spell in spells:
        event, end = spell.event, spell.ends
        parts.append((max(spell.begins, 0.0), end, event.id, 1.0))
        if end < inf and event.recovery_days > 0:
            each = event.recovery_days / steps
            for step in range(steps):
                degree = event.left(step * each, (step + 1) * each)
                parts.append((max(end + step * each, 0.0), end + (step + 1) * each, event.id, degree))
    parts = [part for part in parts if part[1] > part[0]]
    times = sorted({0.0, *(part[0] for part in parts), *(part[1] for part in parts)} - {inf})
    spans: list[Span] = []
    for begins, ends in zip(times, [*times[1:], inf], strict=True):
        active: dict[str, float] = {}
        for first, last, name, degree in parts:
            if first <= begins < last:
                active[name] = max(active.get(name, 0.0), degree)
        if spans and spans[-1].active == active:
            spans[-1] = Span(spans[-1].begins, ends, active)
        else:
            spans.append(Span(begins, ends, active))
    return spans


def course_of(scene: Scene, spans: Sequence[Span], level: float | None = None, demand: float = 1.0) -> Course:
    """Work out what happens in `scene` over `spans` (see `spans_of`), at a `level` of the sea, with `demand` times as
    much to be carried as the year has."""
    weights = scene.weights({})
    response = scene.asked(weights, demand)
    settled = scene.settled(weights, level, response)
    usual = np.where(response.reference > 0, response.level, np.nan_to_num(settled.composite))
    lost = usual + scene.worth  # what a tonne faces that is never carried
    hour = scene.hour * HOURS * (1 + _queues(scene, settled))
    calm = _moment(scene, settled, response, lost, np.full(len(scene.pairs), inf), lost)
    moments: list[Moment] = []
    later = lost
    for span in reversed(spans):
        hours = hour * span.days
        if span.active:
            weights = scene.weights(span.active)
            response = scene.asked(weights, demand)
            patient: Response | Patient = Patient(response, later, hours) if span.ends < inf else response
            found = scene.settled(weights, level, patient, settled)
            moment = _moment(scene, found, response, later, hours, lost)
        else:
            moment = calm
        moments.append(moment)
        now = np.where(np.isnan(moment.settled.composite), inf, moment.settled.composite)
        later = np.minimum(np.minimum(now, later + hours), lost)
    moments.reverse()
    return Course(scene, calm, tuple(spans), tuple(moments))


def _moment(scene: Scene, settled: Settled, response: Response, later: Floats, hours: Floats, lost: Floats) -> Moment:
    """What a span is like in which waiting it out costs `hours` USD/t and leads to `later`; `lost` is giving up."""
    closed = np.isnan(settled.composite)
    now = np.where(closed, lost, settled.composite)
    patient = Patient(response, np.minimum(later, now), hours)
    faced, waiting = patient.faced(now), patient.waiting(now)
    asked = response.demand(faced)
    return Moment(
        settled, response, faced, np.where(closed, 0.0, asked - waiting), waiting, np.where(closed, asked, 0.0)
    )


def _queues(scene: Scene, settled: Settled) -> Floats:
    """Days by pair that a queue of one day takes to clear, x/(c - x) of the busiest resource on its ways."""
    routes, index = scene.prepared.routes, scene.network.resource
    capacity = settled.network.resources["capacity_kt"].to_numpy()
    days = settled.load / np.maximum(FULL * capacity - settled.load, settled.load / QUEUE + 1e-300)
    used = index[routes.arcs]
    of_way = np.zeros(len(routes))
    np.maximum.at(of_way, routes.owner[used >= 0], days[used[used >= 0]])
    return mean_of_ways(scene, settled.flow, of_way)


def mean_of_ways(scene: Scene, flow: Floats, values: Floats) -> Floats:
    """Mean by pair of `values` of ways, weighted by their flow; 0 where there is none."""
    routes, pairs = scene.prepared.routes, len(scene.pairs)
    total = np.bincount(routes.pair, weights=flow, minlength=pairs)
    summed = np.bincount(routes.pair, weights=flow * values, minlength=pairs)
    mean: Floats = np.divide(summed, total, out=np.zeros(pairs), where=total > 0)
    return mean

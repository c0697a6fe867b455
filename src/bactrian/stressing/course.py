"""The course of events: spans of days in which the same is in force, what shippers do in each, and what that costs.

Time runs in spans. In each, flows settle as if it lasted; tonnes come at an even rate, and each goes now or waits for
the next span, whichever costs less. So spans are worked out from the last to the first: at the start of span m a tonne
that has waited faces E_m = min(C_m, E_{m+1} + w τ_m, what the goods are worth on top of the usual cost), with C the
composite cost of going, τ the hours of the span and w what an hour of waiting costs. After the last span things stay.

What has waited is carried on top of what comes when the waiting is over, and clears at the capacity that is free.
Where tonnes come at a rate x and c can pass, a time τ without passage makes them lose x τ²/2 until it ends and
x τ²/2 x/(c - x) until the queue is gone. So w is h (1 + x/(c - x)), h being an hour of a tonne, x/(c - x) that of the
busiest resource on the calm ways of the pair, at most 20.

Those who wait leave room on the ways round. Where one course alone is followed, spans settle with that. Where thousands
are, what going costs is that of a state in which those wait who would if its events last as long as they usually do,
worked out once for all courses that it is part of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.prepared import Settled
from bactrian.assign.response import Patient
from bactrian.stressing.events import Spell
from bactrian.stressing.scene import Calm, Scene, State

__all__ = ["Course", "Span", "course_of", "spans_of"]

Floats = NDArray[np.float64]

YEAR = 365.0


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
    """What a span is like: its `state`, and by pair what is `faced` on average in USD/t, and in kt/yr what goes now
    (`carried`), what waits (`waiting`), what is given up as it is worth less than going costs (`lost`), and what of
    these has no way at all (`stranded`). `settled` holds the flows where one course alone is followed."""

    state: State
    faced: Floats
    carried: Floats
    waiting: Floats
    lost: Floats
    stranded: Floats
    settled: Settled | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What happens in `scene` from day 0: the `calm` before, and a moment for each of the `spans`; at a `level` of the
    sea (None: that of the tables) and with `demand` times as much to be carried as the year has."""

    scene: Scene
    usual: Calm
    calm: Moment
    spans: tuple[Span, ...]
    moments: tuple[Moment, ...]
    level: float | None = None
    demand: float = 1.0

    def loss(self, horizon: float = inf) -> Floats:
        """What shippers lose against calm by pair up to the day `horizon`, in mUSD: waiting, detours, goods lost."""
        lost = np.zeros(len(self.scene.pairs))
        before = self.calm.state.asked.area(self.calm.faced)
        for days, _, moment in self._until(horizon):
            lost += (moment.state.asked.area(moment.faced) - before) * days / YEAR / 1000
        return lost

    def surplus(self, horizon: float) -> float:
        """What shippers have of all days up to the day `horizon`, in mUSD, less a constant of the demand."""
        lost = 0.0
        for days, _, moment in self._until(horizon, calm=True):
            lost += float(moment.state.asked.area(moment.faced).sum()) * days / YEAR / 1000
        return -lost

    def kt(self, what: str, horizon: float = inf) -> Floats:
        """kt by pair up to the day `horizon`, while events last, of one field of `Moment`, such as "waiting"."""
        total = np.zeros(len(self.scene.pairs))
        for days, _, moment in self._until(horizon):
            total += getattr(moment, what) * days / YEAR
        return total

    def co2e_t(self, horizon: float = inf) -> float:
        """Tonnes of CO2e well to wheel more than in calm, those of what is carried later with them."""
        calm, more = self.usual, 0.0
        for days, span, moment in self._until(horizon):
            more += (moment.state.co2e_t - calm.co2e_t) * days / YEAR
            if span.ends < inf:  # what waits is carried in the end, by the calm ways
                more += float(moment.waiting @ calm.kg_per_t) * days / YEAR
        return more

    def _until(self, horizon: float, calm: bool = False) -> Iterator[tuple[float, Span, Moment]]:
        """The spans up to the day `horizon` with their days before it; those of calm only if asked for."""
        for span, moment in zip(self.spans, self.moments, strict=True):
            days = span.within(horizon)
            if days and (calm or span.active):
                yield days, span, moment


def spans_of(spells: Sequence[Spell], steps: int = 1) -> list[Span]:
    """The spans of some spells from day 0, each recovery in `steps` of equal length; the last lasts for good.

    Without steps a recovery counts as so many whole days more.

    >>> from bactrian.stressing.events import Event
    >>> shut = Event("e", "", "closure", 1, 10, 1, 4, False)
    >>> [(span.begins, span.ends, dict(span.active)) for span in spans_of([Spell(shut, 0.0, 10.0)])]
    [(0.0, 10.0, {'e': 1.0}), (10.0, 14.0, {'e': 0.5}), (14.0, inf, {})]
    """
    parts: list[tuple[float, float, str, float]] = []
    for spell in spells:
        event, end = spell.event, spell.ends + (0.0 if steps else spell.event.passing_days)
        parts.append((max(spell.begins, 0.0), end, event.id, 1.0))
        if steps and end < inf and event.recovery_days > 0:
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


def course_of(
    scene: Scene, spans: Sequence[Span], level: float | None = None, demand: float = 1.0, alone: bool = False
) -> Course:
    """Work out what happens in `scene` over `spans` (see `spans_of`), at a `level` of the sea, with `demand` times as
    much to be carried as the year has. `alone`: spans settle with those who wait taken off, and flows are kept.
    """
    usual = scene.calm(level, demand)
    lost = usual.usual + scene.worth  # what a tonne faces on average that is never carried
    first = None
    if alone:
        first = scene.settled(scene.weights({}), level, scene.valued(usual.asked, usual.usual))
    calm = _moment(scene, usual, usual, lost, np.full(len(scene.pairs), inf), first)
    moments: list[Moment] = []
    later = lost
    for span in reversed(spans):
        whole = usual.day * span.days
        if not span.active:
            moment = calm
        elif alone:
            weights = scene.weights(span.active)
            asked = scene.asked(weights, demand)
            patient = scene.valued(asked, usual.usual)
            if span.ends < inf:
                patient = Patient(patient, later, whole)
            settled = scene.settled(weights, level, patient, moments[-1].settled if moments else first)
            state = State(asked, settled.composite, float(settled.flow @ scene.grams) / 1000)
            moment = _moment(scene, usual, state, later, whole, settled)
        else:
            moment = _moment(scene, usual, scene.state(span.active, level, demand), later, whole)
        moments.append(moment)
        now = np.where(np.isnan(moment.state.composite), inf, moment.state.composite)
        later = np.minimum(np.minimum(now, later + whole), lost)
    return Course(scene, usual, calm, tuple(spans), tuple(reversed(moments)), level, demand)


def _moment(
    scene: Scene, usual: Calm, state: State, later: Floats, whole: Floats, settled: Settled | None = None
) -> Moment:
    """What a span is like in which waiting it out costs `whole` USD/t and leads to `later`."""
    closed = np.isnan(state.composite)
    now = np.where(closed, usual.usual + scene.worth, state.composite)
    valued = scene.valued(state.asked, usual.usual)
    patient = Patient(valued, np.minimum(later, now), whole)
    waits, on_average = patient.share(now), patient.faced(now)
    # where no way leads, what does not wait is given up; where one does, both is weighed against the worth of a tonne
    gives_up = np.where(closed, 1 - waits, valued.share(on_average))
    faced = np.where(closed, on_average, valued.faced(on_average))
    asked = state.asked.demand(faced)
    waiting = asked * np.where(closed, waits, waits * (1 - gives_up))
    lost = asked * gives_up
    return Moment(state, faced, asked - waiting - lost, waiting, lost, np.where(closed, asked, 0.0), settled)

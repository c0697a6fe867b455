"""The certificate of a risk: all draws drawn again, all sums summed again, and a few draws worked out from nothing.

For these each state is built from the tables and settled with no state that was kept and no start, as
`bactrian.planning.check` does, and held against the formulas of `bactrian.stressing.anew`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from bactrian.assign.logit import choice_of, settle
from bactrian.assign.prepared import Prepared
from bactrian.assign.response import Patient, Response
from bactrian.assign.routes import Routes, response_of
from bactrian.assign.threads import one_thread
from bactrian.assign.waiting import delays
from bactrian.stressing.anew import Anew, Laid, area, demand, met, worst
from bactrian.stressing.course import Span, spans_of
from bactrian.stressing.draws import Draw, Sampler
from bactrian.stressing.ensemble import Ensemble
from bactrian.stressing.risk import Risk, RiskCertificate
from bactrian.stressing.scene import Scene

__all__ = ["Checked", "certify_risk", "checked", "closure", "transit_closure"]

Floats = NDArray[np.float64]

YEAR = 365.0
HOURS = 24.0
TOLERANCE = 1e-10  # largest error of a load in a state from nothing, as a share of all demand
SAMPLE = 3  # draws that are worked out from nothing
STATES = 5  # that each of these has at most, if there are such draws
TRIED = 200  # draws that are looked at for that


class Checked(NamedTuple):
    """Draws worked out anew: their numbers, of how many states, and the errors `difference` and `choice` as in
    RiskCertificate."""

    draws: tuple[int, ...]
    states: int
    difference: float
    choice: float


def checked(ensemble: Ensemble, draws: pd.DataFrame) -> Checked:
    """Work out a few of the `draws` of an ensemble from nothing: chosen by the seed, of few states where there are."""
    horizon, least = ensemble.sampler.horizon, max(abs(float(draws["cost_musd"].mean())), 1e-6)
    with one_thread():
        scenes = [_States(one) for one in (ensemble.scene, ensemble.planned) if one is not None]
        numbers, off = [], 0.0
        for draw, spans in _sample(ensemble, len(draws)):
            row = draws.iloc[draw.number]
            costs, wholes = zip(*(one.cost(spans, draw, horizon) for one in scenes), strict=True)
            claims = list(zip(("cost_musd", "planned_cost_musd"), costs, strict=False))
            if ensemble.planned is not None:
                claims.append(("gain_musd", wholes[0] - wholes[1]))
            off = max(off, *(abs(float(row[column]) - one) / max(abs(one), least) for column, one in claims))
            numbers.append(draw.number)
    return Checked(tuple(numbers), sum(one.settled for one in scenes), off, max(one.choice for one in scenes))


def _sample(ensemble: Ensemble, size: int) -> Iterator[tuple[Draw, list[Span]]]:
    sampler, taken = ensemble.sampler, 0
    order = np.random.default_rng([sampler.seed, size]).permutation(size).tolist()
    left: list[tuple[Draw, list[Span]]] = []
    for number in order[:TRIED]:
        draw = next(one for one in sampler.block(number // sampler.size) if one.number == number)
        felt = [one for one in draw.spells if one.event.id in ensemble.scene.felt]
        spans = spans_of(felt, ensemble.steps)
        some = sum(1 for span in spans if span.active and span.begins < sampler.horizon)
        if 1 <= some <= STATES:
            yield draw, spans
            taken += 1
        else:
            left.append((draw, spans))
        if taken == SAMPLE:
            return
    yield from sorted(left, key=lambda each: len(each[1]))[: SAMPLE - taken]


class _Known(NamedTuple):
    """A state from nothing: what going costs by pair in USD/t, inf without a way, and what is to be carried."""

    going: Floats
    amount: Floats


class _States:
    """The states of a scene from nothing, each settled once for a demand and a level."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.anew = scene, Anew(scene)
        self.settled, self.choice = 0, 0.0
        self._known: dict[Any, _Known] = {}
        self._calm: dict[Any, tuple[Floats, Floats]] = {}

    def cost(self, spans: list[Span], draw: Draw, horizon: float) -> tuple[float, float]:
        """What a draw costs shippers against calm up to the day `horizon`, and what they lose in all, but for a
        constant of the demand, in mUSD."""
        pairs, worth, at = self.scene.pairs, self.scene.worth, (draw.level, draw.demand)
        usual, day = self.calm(*at)
        calm, nothing = self.state({}, *at), np.full(len(pairs), inf)
        in_calm = met(pairs, calm.amount, calm.going, nothing, nothing, usual, worth)
        before = float(area(pairs, calm.amount, in_calm.faced).sum())
        lost = usual + worth
        later, cost, whole_cost = lost, 0.0, 0.0
        for span in reversed(spans):
            state, whole, after = self.state(span.active, *at), day * span.days, before
            if span.active:
                faced = met(pairs, state.amount, state.going, later, whole, usual, worth).faced
                after = float(area(pairs, state.amount, faced).sum())
            share = span.within(horizon) / YEAR / 1000
            cost += (after - before) * share
            whole_cost += after * share
            later = np.minimum(np.minimum(state.going, later + whole), lost)
        return cost, whole_cost

    def calm(self, level: float | None, times: float) -> tuple[Floats, Floats]:
        """What is usual, and what a day of waiting costs, by pair in USD/t."""
        if (level, times) not in self._calm:
            scene, pairs = self.scene, self.scene.pairs
            laid, amount = self.anew.laid({}, level), scene.amounts(scene.weights({})) * times
            plain = replace(response_of(pairs), amount=amount)
            usual = plain.level
            if (plain.reference <= 0).any():
                going = self._settle(laid, plain, lambda going: demand(pairs, amount, going))[0]
                usual = np.where(plain.reference > 0, usual, np.where(np.isinf(going), 0.0, going))
            going, flow, load = self._met(laid, amount, usual, None, None)
            day = laid.network.wait_cost[self.anew.k] * HOURS * (1 + self.anew.queue(laid, load, flow))
            self._calm[level, times] = usual, day
            self._known[(), level, times] = _Known(going, amount)
        return self._calm[level, times]

    def state(self, active: Mapping[str, float], level: float | None, times: float) -> _Known:
        """The state with events `active`, as it is if its events last as long as they usually do."""
        key = tuple(sorted(active.items())), level, times
        if key not in self._known:
            scene, events = self.scene, self.scene.events
            usual, day = self.calm(level, times)
            laid, amount = self.anew.laid(active, level), scene.amounts(scene.weights(active)) * times
            passing = [events[name] for name in active if events[name].days < inf]
            later = whole = None
            if passing:
                lasting = {name: degree for name, degree in active.items() if events[name].days == inf}
                later = np.minimum(self.state(lasting, level, times).going, usual + scene.worth)
                whole = day * max(one.mean_days + one.passing_days for one in passing)
            self._known[key] = _Known(self._met(laid, amount, usual, later, whole)[0], amount)
        return self._known[key]

    def _met(
        self, laid: Laid, amount: Floats, usual: Floats, later: Floats | None, whole: Floats | None
    ) -> tuple[Floats, Floats, Floats]:
        """Settle with those who give up, and those who wait where there is something to wait for."""
        pairs, worth, nothing = self.scene.pairs, self.scene.worth, np.full(len(self.scene.pairs), inf)
        response = Patient(replace(response_of(pairs), amount=amount), usual + worth / 2, worth)
        if later is not None and whole is not None:
            response = Patient(response, later, whole)
        late, long = (nothing if one is None else one for one in (later, whole))
        return self._settle(laid, response, lambda going: met(pairs, amount, going, late, long, usual, worth).going)

    def _settle(
        self, laid: Laid, response: Response | Patient, goes: Callable[[Floats], Floats]
    ) -> tuple[Floats, Floats, Floats]:
        """What going costs, flows and loads from nothing, the flows held against the formulas; `goes` is what goes at
        what going costs."""
        anew = self.anew
        here, network = laid.open, laid.network
        kept = here[anew.owner]
        start = np.concatenate([[0], np.cumsum(np.bincount(anew.owner)[here])])
        routes = Routes(anew.pair[here], start, laid.at[kept])
        choice = choice_of(network, self.scene.pairs, routes)
        choice = replace(choice, size=anew.size[here], response=response.of(np.unique(routes.pair)))
        some, load = settle(network, delays(network), choice, np.zeros(len(network.resources)), TOLERANCE)
        flow = np.zeros(here.size)
        flow[here] = some
        answer = anew.answer(laid, load)
        chosen = answer.share * goes(answer.composite)[anew.pair]
        total = max(float(response.amount.sum()), 1e-300)
        self.choice = max(self.choice, worst(np.abs(flow - chosen)) / total)
        self.settled += 1
        return answer.composite, flow, load

    def lost(self, usual: Floats, before: Floats, after: Floats, amount: Floats) -> float:
        """What shippers lose in a year when going costs `after` instead of `before` and nobody waits, in mUSD."""
        pairs, nothing = self.scene.pairs, np.full(len(self.scene.pairs), inf)
        faced = [
            met(pairs, amount, going, nothing, nothing, usual, self.scene.worth).faced for going in (after, before)
        ]
        return float((area(pairs, amount, faced[0]) - area(pairs, amount, faced[1])).sum()) / 1000

    def closed(self, usual: Floats, row: tuple[str, str]) -> float:
        """What shippers lose in a year without a row, in mUSD."""
        amount = self.scene.amounts(self.scene.weights({}))
        laid = (self.anew.laid({}, None, shut) for shut in (None, row))
        before, after = (self._met(one, amount, usual, None, None)[0] for one in laid)
        return self.lost(usual, before, after, amount)


def closure(scene: Scene, prepared: Prepared, row: tuple[str, str]) -> tuple[float, float]:
    """What it costs shippers in a year, in mUSD, that a row (table, row) is shut, on the ways of `prepared`, worked out
    from nothing; and the largest error of a flow against the formulas, as a share of all demand."""
    with one_thread():
        usual, _ = _States(scene).calm(None, 1.0)
        wider = copy(scene)
        wider.prepared = prepared
        states = _States(wider)
        return states.closed(usual, row), states.choice


def transit_closure(scene: Scene, event: str) -> tuple[float, float]:
    """The same of an event without an end, on the ways of `scene`."""
    with one_thread():
        states = _States(scene)
        usual, _ = states.calm(None, 1.0)
        calm, then = (states.state(active, None, 1.0) for active in ({}, {event: 1.0}))
        return states.lost(usual, calm.going, then.going, calm.amount), states.choice


def certify_risk(risk: Risk, sampler: Sampler, some: Checked) -> RiskCertificate:
    """Hold a risk against its settings and the sums of its draws; `some` of these were worked out anew."""
    return RiskCertificate(_amiss(risk, sampler), _figures(risk), *some)


def _amiss(risk: Risk, sampler: Sampler) -> int:
    """Draws that are not there, or not those of the sampler."""
    names = sorted(sampler.events)
    columns = ["draw", "demand", "level_m", *(f"days_{name}" for name in names)]
    told = risk.draws[columns].to_numpy(dtype=np.float64)
    wanted = int(risk.settings["draws"])
    right = 0
    for block in range(wanted // sampler.size):
        rows = [
            (
                one.number,
                one.demand,
                math.nan if one.level is None else one.level,
                *(one.days(name, sampler.horizon) for name in names),
            )
            for one in sampler.block(block)
        ]
        drawn = np.array(rows, dtype=np.float64)
        here = told[block * sampler.size : (block + 1) * sampler.size]
        right += int(np.isclose(here, drawn[: len(here)], rtol=1e-8, atol=1e-8, equal_nan=True).all(axis=1).sum())
    return max(wanted, len(told)) - right


def _figures(risk: Risk) -> float:
    """Largest relative error of what is told of the cost."""
    cost: list[float] = risk.draws["cost_musd"].tolist()
    count, blocks = len(cost), len(cost) // risk.size
    means = [math.fsum(cost[at * risk.size : (at + 1) * risk.size]) / risk.size for at in range(blocks)]
    mean = math.fsum(means) / blocks
    told = risk.expected
    claims = [(told.mean, mean)]
    if blocks > 1:
        spread = math.sqrt(math.fsum((one - mean) ** 2 for one in means) / (blocks - 1) / blocks)
        half = float(stdtrit(blocks - 1, 0.975)) * spread
        claims += [(told.low, mean - half), (told.high, mean + half)]
    falling = sorted(cost, reverse=True)
    dearest = falling[: max(1, round(0.05 * count))]
    claims.append((risk.worst(0.05), math.fsum(dearest) / len(dearest)))
    rows: list[tuple[float, ...]] = list(risk.tails().itertuples(index=False, name=None))
    for chance, *values in rows:
        rank, half = (1 - chance) * count, 1.96 * math.sqrt(count * chance * (1 - chance))
        for value, at in zip(values, (rank, rank - half, rank + half), strict=True):
            claims.append((value, falling[-1 - min(max(round(at), 0), count - 1)]))
    of_countries = [one for one in risk.draws.columns if one.startswith("cost_") and one != "cost_musd"]
    shared: list[float] = risk.draws[of_countries].sum(axis=1).tolist()
    scale = max(*map(abs, cost), 1e-6)
    errors = [abs(value - right) / max(abs(right), 1e-3 * scale) for value, right in claims]
    errors += [abs(one - all_) / scale for one, all_ in zip(cost, shared, strict=True)]
    return worst(np.array(errors))

"""Ways found once and kept, so that the equilibria of thousands of variants of one network take milliseconds each.

A variant changes costs, capacities, and which arcs are open (see `bactrian.network.Revision`). Its flows are those of
`bactrian.assign.logit` on the kept ways that are open in it: loads x with x = A f(y), waits y = d(x). Far from capacity
waits hardly answer to loads, near it loads hardly answer to waits, so neither is a good unknown for all resources. With
S = -dAf/dy, the unknown is instead the place z = x + s y of each resource, s the diagonal of S. In it the slope of
x - Af is (I + S d') (I + s d')^-1: bounded, with a diagonal of ones, and much the same wherever it is taken. So Newton
steps with a slope that is kept for a while, mixed after Anderson (1965), settle in some fifteen steps. Where they do
not, the whole method of `logit` takes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import lu_factor, lu_solve

from bactrian.assign.logit import Choice, choice_of, logit, settle
from bactrian.assign.response import Patient, Response
from bactrian.assign.routes import Routes
from bactrian.assign.start import Start
from bactrian.assign.threads import one_thread
from bactrian.assign.waiting import delays, load_at, waiting
from bactrian.network import Network

__all__ = ["Prepared", "Settled", "Way", "prepare", "ways_on"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Way = tuple[int, tuple[int, ...]]

TOLERANCE = 1e-11  # largest error of a load, as a share of all demand
CHORDS = 60  # steps without a line search before the whole method takes over
FINER = 1000  # by which the whole method is more exact, so that flows are what its loads call for
RENEWED = 10  # of them after which the slope is worked out anew
MEMORY = 8  # guesses that the next one is made from
FULL = 0.97  # utilisation that a first guess does not raise a load above
LEAST = 1e-9  # kt/yr/h by which the load of a resource is taken to fall with its own wait at least
SHUT = 1e9  # USD/t that a way costs which is not open: chosen by nobody


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """The equilibrium of a variant on kept ways: `flow` (ways, kt/yr; 0 on ways that are shut), `load` and `wait` of
    the resources (kt/yr, h), and per pair its `composite` cost (USD/t) and `demand` (kt/yr), nan and 0 where no kept
    way is open. `network` is the variant, `slope` how loads fall with waits there or nearby."""

    network: Network
    flow: Floats
    load: Floats
    wait: Floats
    composite: Floats
    demand: Floats
    slope: Floats


class Prepared:
    """Pairs (as from `pairs_of`) with their ways on a network in which all is open that may be open in a variant.

    Equilibria are sought from that of the variant `base`, or from another that is near. Overlap of ways is judged in
    each variant among those open in it; or once, where they are open first, in one of `judged`: then fewer ways never
    are worth more. `tolerance` is the largest error of a load, as a share of all demand.
    """

    def __init__(
        self,
        network: Network,
        pairs: pd.DataFrame,
        routes: Routes,
        base: Network,
        judged: Sequence[Network] = (),
        tolerance: float = TOLERANCE,
    ) -> None:
        self.tolerance = tolerance
        self.network, self.pairs, self.routes = network, pairs, routes
        self.joined: Ints = np.unique(routes.pair)
        self._k: Ints = pairs["k"].to_numpy(dtype=np.int64)[routes.pair]
        self._choice = choice_of(network, pairs, routes)
        self._by_nest: Ints = np.argsort(self._choice.nest, kind="stable").astype(np.int64)
        self._pair = np.repeat(np.arange(self.joined.size), self._choice.ways)
        self._size: Floats | None = None
        for variant in reversed(judged):
            size: Floats | None = self._size
            self._size = None
            judge = self.choice(variant)
            self._size = judge.size if size is None else np.where(judge.fixed < SHUT, judge.size, size)
        choice, laws = self.choice(base), delays(base)
        flow, self._load = settle(base, laws, choice, np.zeros(len(base.resources)), TOLERANCE)
        self._full = self._load / laws.capacity
        wait, rise, _ = waiting(laws, self._load)
        self._slope = choice.slope(flow, choice.composite(wait), rise)

    def choice(self, network: Network, response: Response | Patient | None = None, shut: Bools | None = None) -> Choice:
        """What shippers choose between in a variant, with another `response` of all pairs if it is given.

        `shut` says of each way whether it is closed to those it leads for, open as its arcs may be to others.
        """
        barred = np.zeros(len(self.routes), dtype=np.bool_) if shut is None else shut
        fixed, size = _ways(
            self.routes.start, self.routes.arcs, self._k, network.cost, network.plain_cost, self._by_nest,
            self._choice.nest, barred,
        )  # fmt: skip
        response = self._choice.response if response is None else response.of(self.joined)
        closed = np.bincount(self._pair, weights=fixed < SHUT, minlength=self.joined.size) == 0
        size = size if self._size is None else self._size
        return replace(self._choice, fixed=fixed, size=size, response=response.without(closed))

    def settled(
        self,
        network: Network,
        near: tuple[Floats, Floats] | None = None,
        response: Response | Patient | None = None,
        shut: Bools | None = None,
    ) -> Settled:
        """The equilibrium of a variant; `near` are load and slope of one that is like it.

        `response` is how the demand of all pairs answers to cost in it, if not as the pairs say, `shut` are ways that
        those they lead for may not use. Raises SolveError when there is none.
        """
        with one_thread():
            return self._settled(network, self.choice(network, response, shut), near)

    def _settled(self, network: Network, choice: Choice, near: tuple[Floats, Floats] | None) -> Settled:
        laws = delays(network)
        enough = self.tolerance * max(choice.response.amount.sum(), 1e-300)
        first, slope = (self._load, self._slope) if near is None else near
        first = np.minimum(first, np.maximum(FULL, self._full) * laws.capacity)
        own = np.diag(slope) + LEAST
        load, factor = first, None
        wait, rise, _ = waiting(laws, load)
        place = load + own * wait
        tried: list[Floats] = []
        steps: list[Floats] = []
        for step in range(1, CHORDS + 1):
            flow, composite = choice.respond(wait)
            excess = load - choice.use @ flow
            if np.abs(excess).max(initial=0.0) <= enough:
                break
            if step % RENEWED == 0:
                slope = choice.slope(flow, composite, rise)
                own = np.diag(slope) + LEAST
                place, factor, tried, steps = load + own * wait, None, [], []
            if factor is None:
                bent = 1 / (1 + own * rise)
                factor = lu_factor(np.diag(bent) + slope * (rise * bent)[None, :], check_finite=False)
            tried, steps = [*tried, place][-MEMORY:], [*steps, -lu_solve(factor, excess, check_finite=False)][-MEMORY:]
            place = np.maximum(_mixed(tried, steps), 0.0)
            load = load_at(laws, own, place, load)
            wait, rise, _ = waiting(laws, load)
        else:
            # near capacity, flows that answer to the loads of flows are further off than these
            _, load = settle(network, laws, choice, first, max(self.tolerance / FINER, TOLERANCE))
            wait, rise, _ = waiting(laws, load)
            flow, composite = choice.respond(wait)
            slope = choice.slope(flow, composite, rise)
        return self._told(network, choice, flow, load, wait, composite, slope)

    def _told(
        self, network: Network, choice: Choice, flow: Floats, load: Floats, wait: Floats, composite: Floats,
        slope: Floats,
    ) -> Settled:  # fmt: skip
        of_pairs, demand = np.full(len(self.pairs), np.nan), np.zeros(len(self.pairs))
        shut = composite >= 0.5 * SHUT
        of_pairs[self.joined] = np.where(shut, np.nan, composite)
        demand[self.joined] = np.where(shut, 0.0, choice.response.demand(composite))
        open_ = np.where(choice.fixed < SHUT, flow, 0.0)
        return Settled(network, open_, load, wait, of_pairs, demand, slope)


def _mixed(tried: list[Floats], steps: list[Floats]) -> Floats:
    """The next guess from those `tried` and the chord `steps` from them (Anderson 1965)."""
    if len(tried) == 1:
        return tried[0] + steps[0]
    moves, changes = np.diff(tried, axis=0).T, np.diff(steps, axis=0).T
    mix = np.linalg.lstsq(changes, steps[-1], rcond=1e-10)[0]
    mixed: Floats = tried[-1] + steps[-1] - (moves + changes) @ mix
    return mixed


def prepare(
    network: Network,
    pairs: pd.DataFrame,
    variants: Iterable[Network],
    more: Iterable[Way] = (),
    least: float = 0.0,
    judged: Sequence[Network] = (),
    tolerance: float = TOLERANCE,
) -> Prepared:
    """Keep the ways that `ways_on` finds on each of the `variants` of `network` for `pairs` (as from `pairs_of`).

    Equilibria are sought from that of the first variant. `more` are ways to be kept as well; for `judged` and
    `tolerance` see `Prepared`.
    """
    variants = list(variants)
    ways = set(more)
    for one in variants:
        ways |= ways_on(one, pairs, least)
    return Prepared(network, pairs, Routes.of(ways), variants[0], judged, tolerance)


def ways_on(network: Network, pairs: pd.DataFrame, least: float = 0.0) -> set[Way]:
    """The ways that `logit` finds on a network and at least a share `least` of a pair takes: its row, and the arcs."""
    found = logit(network, pairs, Start((), np.zeros(0), np.zeros(len(network.resources))))
    carried = np.bincount(found.routes.pair, weights=found.flow, minlength=len(pairs))[found.routes.pair]
    return {way for way, kept in zip(found.routes, (found.flow >= least * carried).tolist(), strict=True) if kept}


@numba.njit(cache=True, error_model="numpy")
def _ways(start, arcs, k, cost, length, by_nest, nest, barred):  # type: ignore[no-untyped-def]
    """Fixed cost and path size of each way; SHUT and 1 where it is barred or an arc may not be used."""
    fixed, size = np.zeros(k.size), np.ones(k.size)
    for way in range(k.size):
        total = 0.0
        for at in range(start[way], start[way + 1]):
            total += cost[k[way], arcs[at]]
        fixed[way] = SHUT if barred[way] or np.isnan(total) else total
    users = np.zeros(cost.shape[1])
    first = 0
    while first < k.size:
        last = first
        while last < k.size and nest[by_nest[last]] == nest[by_nest[first]]:
            last += 1
        for change in (1.0, -1.0):
            for place in range(first, last):
                way = by_nest[place]
                if fixed[way] < SHUT:
                    for at in range(start[way], start[way + 1]):
                        users[arcs[at]] += change
            if change > 0:
                for place in range(first, last):
                    way = by_nest[place]
                    if fixed[way] < SHUT:
                        size[way] = _size(arcs[start[way] : start[way + 1]], length[k[way]], users)
        first = last
    return fixed, size


@numba.njit(cache=True, error_model="numpy")
def _size(way, length, users):  # type: ignore[no-untyped-def]
    whole, own, even = 0.0, 0.0, 0.0
    for arc in way:
        whole += length[arc]
        own += length[arc] / users[arc]
        even += 1 / users[arc]
    return own / whole if whole > 0 else even / way.size

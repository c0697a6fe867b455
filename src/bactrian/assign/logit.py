"""Stochastic user equilibrium: a path-size logit choice of ways whose waiting times depend on all choices.

Way r of a pair with demand q costs g_r = fixed_r + w_k Σ y_e over the resources e it uses, y_e = d_e(x_e) in hours. The
choice is f_r = D P_r exp(-s_k g_r) / Σ P exp(-s_k g), with P the path size (Ben-Akiva and Bierlaire 1999), and demand
answers to the composite cost, D = D(L) with L = -ln(Σ P exp(-s_k g)) / s_k. In units of hours (divided by w_k) that
solves Fisk's (1980) convex programme with elastic demand. Its dual in the waiting times, written in loads x, is

    φ(x) = Σ_e (x_e d_e(x_e) - ∫ d_e) - Σ_pairs ∫^L D(l) dl / w_k,

with gradient d'(x) (x - A f(d(x))). It is minimised by Newton steps on x - A f(d(x)) = 0 with a line search on φ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, solve
from scipy.sparse import csr_array

from bactrian.assign.equilibrium import Delays
from bactrian.assign.response import Response
from bactrian.assign.routes import Routes, find_routes, response_of
from bactrian.assign.solution import Solution
from bactrian.assign.start import Start
from bactrian.assign.waiting import delays, waiting
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["Choice", "choice_of", "logit", "path_size", "settle"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-9  # largest error of a load, as a share of all demand
ROUNDS = 12  # of finding ways anew at the costs that the last equilibrium left


def logit(network: Network, pairs: pd.DataFrame, start: Start) -> Solution:
    """Settle, find ways anew at the costs under load, and settle again until no new way turns up, 12 times at most.

    `pairs` as from `pairs_of`. Raises SolveError when there is no equilibrium.
    """
    laws, known, load = delays(network), set(start.ways), start.load
    routes, flow, rounds = Routes.of(known), np.zeros(0), 0
    choice = choice_of(network, pairs, routes)
    if known:
        flow, load = settle(network, laws, choice, load, TOLERANCE)
    while rounds < ROUNDS:
        rounds += 1
        wait = network.on_arcs(waiting(laws, load)[0])
        found = find_routes(network, pairs, network.cost + network.wait_cost[:, None] * wait, network.scale) - known
        if not found:
            break
        known |= found
        routes = Routes.of(known)
        choice = choice_of(network, pairs, routes)
        flow, load = settle(network, laws, choice, load, TOLERANCE)
    wait, rise, _ = waiting(laws, load)
    joined = np.unique(routes.pair)
    composite = np.full(len(pairs), np.nan)
    composite[joined] = choice.composite(wait)
    asked = pairs["kt"].to_numpy(dtype=np.float64).copy()
    stranded = asked.copy()
    asked[joined], stranded[joined] = choice.response.demand(composite[joined]), 0.0
    return Solution(
        routes=routes,
        flow=flow,
        asked=asked,
        composite=composite,
        stranded=stranded,
        loss=np.zeros(len(pairs)),
        wait=wait,
        worth=_worth(network, choice, wait, load, rise),
        dual=np.zeros(load.size),
        settings={"tolerance": TOLERANCE, "rounds": rounds},
    )


def choice_of(network: Network, pairs: pd.DataFrame, routes: Routes) -> Choice:
    """What the shippers of `pairs` (as from `pairs_of`) choose between on `routes`."""
    k: Ints = pairs["k"].to_numpy()[routes.pair]
    arc_cost = network.cost[k[routes.owner], routes.arcs]
    of_pair, first = np.unique(routes.pair, return_index=True)
    return Choice(
        fixed=routes.total(arc_cost),
        size=path_size(routes, network.plain_cost[k[routes.owner], routes.arcs], len(network.arcs)),
        scale=network.scale[k],
        wait_cost=network.wait_cost[k],
        response=response_of(pairs).of(of_pair),
        first=first,
        use=routes.use(network.resource, len(network.resources)),
    )


def _worth(network: Network, choice: Choice, wait: Floats, load: Floats, rise: Floats) -> Floats:
    """What all users gain in a year by one more tonne of yearly capacity, when flows have settled again (USD/t).

    Waits solve y = d(x, c), x = A f(y). With D = ∂d/∂x, ∂d/∂c = -D x/c and S = -∂Af/∂y, dy = -(I + D S)^-1 D x/c dc,
    and an hour more at a resource costs its users Σ w f, the derivative of the logsum.
    """
    if not choice.fixed.size or not load.size:
        return np.zeros(load.size)
    flow, composite = choice.respond(wait)
    hour = choice.use @ (flow * choice.wait_cost)
    settled = np.eye(load.size) + rise[:, None] * choice.slope(flow, composite)
    worth: Floats = solve(settled.T, hour) * rise * load / network.resources["capacity_kt"].to_numpy()
    return worth


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What the shippers choose between. Per way: `fixed` cost in USD/t, `size` (path size), `scale` in t/USD and
    `wait_cost` in USD/t/h of its commodity. Per pair that has ways: its `response`, and `first`, its first way.
    `use` (resources, ways) says how often a way uses a resource."""

    fixed: Floats
    size: Floats
    scale: Floats
    wait_cost: Floats
    response: Response
    first: Ints
    use: csr_array

    def respond(self, wait: Floats) -> tuple[Floats, Floats]:
        """Flow of each way in kt/yr and composite cost of each pair in USD/t at the waiting times `wait` (h)."""
        weight = np.log(self.size) - self.scale * (self.fixed + self.wait_cost * (self.use.T @ wait))
        ways = np.diff(np.append(self.first, weight.size))
        top = np.maximum.reduceat(weight, self.first)
        share = np.exp(weight - np.repeat(top, ways))
        total = np.add.reduceat(share, self.first)
        composite = -(np.log(total) + top) / self.scale[self.first]
        return share * np.repeat(self.response.demand(composite) / total, ways), composite

    def composite(self, wait: Floats) -> Floats:
        """Composite cost of each pair in USD/t at the waiting times `wait` (h)."""
        return self.respond(wait)[1]

    def area(self, composite: Floats) -> float:
        """Σ of the integrals of demand over the composite cost, each in hours of its commodity (kt h/yr)."""
        return float((self.response.area(composite) / self.wait_cost[self.first]).sum())

    def slope(self, flow: Floats, composite: Floats) -> Floats:
        """How the loads A f fall with the waiting times: -dAf/dy, (resources, resources), positive semidefinite."""
        rate = self.scale * self.wait_cost
        pair = np.repeat(np.arange(self.first.size), np.diff(np.append(self.first, flow.size)))
        to_pair = csr_array((flow, (np.arange(flow.size), pair)), shape=(flow.size, self.first.size))
        by_pair = self.use @ to_pair
        demand = np.maximum(self.response.demand(composite), 1e-300)
        # what one way gains others lose, but for what demand itself gives way
        given = rate[self.first] - self.wait_cost[self.first] * self.response.slope(composite) / demand
        own = self.use @ (self.use * (flow * rate)[None, :]).T
        between = by_pair @ (by_pair * (given / demand)[None, :]).T
        slope: Floats = (own - between).toarray()
        return slope


def path_size(routes: Routes, length: Floats, arcs: int) -> Floats:
    """Path size of each way: Σ (l_a / L) / n_a over its arcs, n_a the ways of its pair that use the arc.

    `length` (ways' arcs) is what overlap is measured by. Two ways with nothing in common have size 1 each; two that
    are one and the same would have 1/2.

    >>> routes = Routes.of([(0, (0, 1)), (0, (0, 2))])
    >>> path_size(routes, np.ones(4), arcs=3).tolist()
    [0.75, 0.75]
    """
    key = routes.pair[routes.owner] * arcs + routes.arcs
    _, back, users = np.unique(key, return_inverse=True, return_counts=True)
    total = routes.total(length)
    even = total <= 0  # ways that cost nothing: every arc counts the same
    weight = np.where(even[routes.owner], 1.0, length)
    return routes.total(weight / users[back]) / routes.total(weight)


def settle(
    network: Network, laws: Delays, choice: Choice, load: Floats, tolerance: float, steps: int = 200
) -> tuple[Floats, Floats]:
    """Return flows (kt/yr per way) and loads in equilibrium, from a first guess `load` of the loads.

    `laws` are the delays of the network. Ends when no load differs from what the shippers choose under it by more than
    `tolerance` of all demand. Raises SolveError if that takes more than `steps` steps.
    """
    enough = tolerance * max(choice.response.amount.sum(), 1e-300)
    for _ in range(steps):
        wait, rise, _ = waiting(laws, load)
        flow, composite = choice.respond(wait)
        excess = load - choice.use @ flow
        if np.abs(excess).max(initial=0.0) <= enough:
            return flow, choice.use @ flow
        try:
            newton = solve(np.eye(load.size) + choice.slope(flow, composite) * rise[None, :], -excess)
        except LinAlgError:  # waits beyond all measure
            newton = -excess
        load = _search(laws, choice, load, newton, -excess, rise * excess)
    worst = int(np.argmax(np.abs(excess)))
    row, capacity = network.resources.loc[worst, ["row", "capacity_kt"]]
    raise SolveError(
        f"no equilibrium after {steps} steps: at {row!r} {load[worst]:,.6g} kt meet a capacity of "
        f"{capacity:,.6g} kt/yr; check both, and the choice scales of the commodities"
    )


def _search(laws: Delays, choice: Choice, load: Floats, newton: Floats, plain: Floats, slope: Floats) -> Floats:
    """Go along the Newton step, or along the plain one if that fails, as far as φ falls enough (Armijo)."""
    here = _merit(laws, choice, load)
    for step in (newton, plain):
        for halving in range(30):
            there = np.maximum(load + step * 0.5**halving, 0.0)
            fall = 1e-4 * float(slope @ (there - load))
            if fall <= 0 and _merit(laws, choice, there) <= here + fall + 1e-13 * abs(here):
                return there
    return np.maximum(load + 0.5 * plain, 0.0)


def _merit(laws: Delays, choice: Choice, load: Floats) -> float:
    wait, _, area = waiting(laws, load)
    return float((load * wait - area).sum() - choice.area(choice.composite(wait)))

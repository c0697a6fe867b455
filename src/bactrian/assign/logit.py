"""Stochastic user equilibrium: a nested path-size logit choice of ways whose waiting times depend on all choices.

Way r of a pair with demand D costs g_r = fixed_r + w_k Σ y_e over the resources e it uses, y_e = d_e(x_e) in hours.
Shippers first choose a corridor n, with scale s, then a way on it, with the sharper scale t = s / m (Williams 1977):

    L_n = -ln(Σ_{r in n} P_r exp(-t g_r)) / t,   L = -ln(Σ_n exp(-s L_n)) / s,
    f_r = D(L) exp(-s (L_n - L)) P_r exp(-t (g_r - L_n)),

with P the path size (Ben-Akiva and Bierlaire 1999) among the ways of one corridor. Variants of a way thus take from one
another rather than from other corridors. m is NEST, but 1 for ways on no named corridor, which need not be alike. s is
the commodity's, at least its relative scale over what the cheapest way costs. In units of hours (divided by w_k) this
solves Fisk's (1980) convex programme, with the entropy of nests (Oppenheim 1995) and elastic demand. Its dual in the
waiting times, written in loads x, is

    φ(x) = Σ_e (x_e d_e(x_e) - ∫ d_e) - Σ_pairs ∫^L D(l) dl / w_k,

with gradient d'(x) (x - A f(d(x))). It is minimised by Newton steps on x - A f(d(x)) = 0 with a line search on φ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, solve
from scipy.sparse import csr_array

from bactrian.assign.equilibrium import Delays
from bactrian.assign.response import Patient, Response
from bactrian.assign.routes import Routes, corridor_of_ways, find_routes, response_of
from bactrian.assign.solution import Solution
from bactrian.assign.start import Start
from bactrian.assign.threads import one_thread
from bactrian.assign.waiting import delays, waiting
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["NEST", "Choice", "choice_of", "logit", "path_size", "scale_of", "settle"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-9  # largest error of a load, as a share of all demand
NEST = 0.3  # scale between corridors over that between ways on a named one (assumption)
RARE = 1e-4  # of a pair's demand, below which a way is left out of a Newton step
IDLE = 1e-4  # of a load, that a wait may answer by and be left out of a Newton step
LEAST = 1.0  # USD/t that the cheapest way is taken to cost at least, where the scale goes by it
ROUNDS = 12  # of finding ways anew at the costs that the last equilibrium left


def logit(network: Network, pairs: pd.DataFrame, start: Start) -> Solution:
    """Settle, find ways anew at the costs under load, and settle again until no new way turns up, 12 times at most.

    `pairs` as from `pairs_of`. Raises SolveError when there is no equilibrium.
    """
    laws, known, load = delays(network), set(start.ways), start.load
    scale = scale_of(network, pairs)
    routes, flow, rounds = Routes.of(known), np.zeros(0), 0
    choice = choice_of(network, pairs, routes)
    if known:
        flow, load = settle(network, laws, choice, load, TOLERANCE)
    while rounds < ROUNDS:
        rounds += 1
        wait = network.on_arcs(waiting(laws, load)[0])
        found = find_routes(network, pairs, network.cost + network.wait_cost[:, None] * wait, scale) - known
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


def scale_of(network: Network, pairs: pd.DataFrame) -> Floats:
    """How sharply the shippers of each pair (as from `pairs_of`) choose the cheaper corridor, in t/USD."""
    least, k = np.fmax(pairs["least_usd"].to_numpy(dtype=np.float64), LEAST), pairs["k"].to_numpy()
    scale: Floats = network.sharper[k] * np.maximum(network.scale[k], network.relative_scale[k] / least)
    return scale


def choice_of(network: Network, pairs: pd.DataFrame, routes: Routes) -> Choice:
    """What the shippers of `pairs` (as from `pairs_of`) choose between on `routes`."""
    k: Ints = pairs["k"].to_numpy()[routes.pair]
    own = k[routes.owner], routes.arcs
    of_pair, first = np.unique(routes.pair, return_index=True)
    corridors = len(network.case.table("corridors")) + 1
    use = routes.use(network.resource, len(network.resources))
    nests, nest = np.unique(routes.pair * corridors + corridor_of_ways(network, routes), return_inverse=True)
    return Choice(
        fixed=routes.total(network.cost[own]),
        size=path_size(routes, nest, network.plain_cost[own], len(network.arcs)),
        scale=scale_of(network, pairs)[of_pair],
        wait_cost=network.wait_cost[pairs["k"].to_numpy()[of_pair]],
        response=response_of(pairs).of(of_pair),
        nest=nest.astype(np.int64),
        likeness=np.where(nests % corridors < corridors - 1, NEST, 1.0),
        pair_of_nest=np.searchsorted(of_pair, nests // corridors),
        ways=np.diff(np.append(first, len(routes))),
        use=use,
        used=use.T.tocsr(),
    )


def _worth(network: Network, choice: Choice, wait: Floats, load: Floats, rise: Floats) -> Floats:
    """What all users gain in a year by one more tonne of yearly capacity, when flows have settled again (USD/t).

    Waits solve y = d(x, c), x = A f(y). With D = ∂d/∂x, ∂d/∂c = -D x/c and S = -∂Af/∂y, dy = -(I + D S)^-1 D x/c dc,
    and an hour more at a resource costs its users Σ w f, the derivative of the logsum.
    """
    if not choice.fixed.size or not load.size:
        return np.zeros(load.size)
    flow, composite = choice.respond(wait)
    hour = choice.use @ (flow * choice.of_ways(choice.wait_cost))
    settled = np.eye(load.size) + rise[:, None] * choice.slope(flow, composite)
    with one_thread():
        worth: Floats = solve(settled.T, hour) * rise * load / network.resources["capacity_kt"].to_numpy()
    return worth


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What the shippers choose between.

    Per way, sorted by pair: `fixed` cost in USD/t, `size` (path size) and `nest`, its corridor and pair. Per nest:
    `pair_of_nest`, ascending, and `likeness`, the scale between nests over that within. Per pair that has ways: `scale`
    in t/USD, `wait_cost` in USD/t/h, its `response`, and how many `ways` it has. `use` (resources, ways) says how often
    a way uses a resource, `used` is the same the other way round.
    """

    fixed: Floats
    size: Floats
    scale: Floats
    wait_cost: Floats
    response: Response | Patient
    nest: Ints
    likeness: Floats
    pair_of_nest: Ints
    ways: Ints
    use: csr_array
    used: csr_array

    @property
    def first(self) -> Ints:
        """The first way of each pair."""
        return np.cumsum(self.ways) - self.ways

    def of_ways(self, values: Floats) -> Floats:
        """What each way has of `values`, one per pair."""
        spread: Floats = np.repeat(values, self.ways)
        return spread

    def respond(self, wait: Floats) -> tuple[Floats, Floats]:
        """Flow of each way in kt/yr and composite cost of each pair in USD/t at the waiting times `wait` (h)."""
        inner = self.of_ways(self.scale) / self.likeness[self.nest]
        cost = self.fixed + self.of_ways(self.wait_cost) * (self.used @ wait)
        within, of_nest = _shares(np.log(self.size) - inner * cost, self.nest, self.pair_of_nest.size)
        between, of_pair = _shares(self.likeness * of_nest, self.pair_of_nest, self.scale.size)
        composite = -of_pair / self.scale
        return self.of_ways(self.response.demand(composite)) * between[self.nest] * within, composite

    def composite(self, wait: Floats) -> Floats:
        """Composite cost of each pair in USD/t at the waiting times `wait` (h)."""
        return self.respond(wait)[1]

    def area(self, composite: Floats) -> float:
        """Σ of the integrals of demand over the composite cost, each in hours of its commodity (kt h/yr)."""
        return float((self.response.area(composite) / self.wait_cost).sum())

    def shifted(self, flow: Floats, change: Floats) -> Floats:
        """How flows move with a cost: the derivative of f at `flow` where ways get dearer by `change` (USD/t each)."""
        pair = np.repeat(np.arange(self.ways.size), self.ways)
        of_nest, of_pair = (
            _mean(change, flow, *one) for one in ((self.nest, self.pair_of_nest.size), (pair, self.ways.size))
        )
        outer = self.of_ways(self.scale)
        moved: Floats = -flow * (
            outer / self.likeness[self.nest] * (change - of_nest[self.nest])
            + outer * (of_nest[self.nest] - of_pair[pair])
        )
        return moved

    def slope(self, flow: Floats, composite: Floats, rise: Floats | None = None) -> Floats:
        """How the loads A f fall with the waiting times: -dAf/dy, (resources, resources), positive semidefinite.

        Given how waits `rise` with loads, resources whose wait hardly answers to any load are left at 0, and ways that
        hardly anybody takes are left out.
        """
        outer = self.scale * self.wait_cost
        demand = np.maximum(self.response.demand(composite), 1e-300)
        # what one way gains the others of its corridor lose, then other corridors, but for what demand gives way
        taken = outer[self.pair_of_nest] * (1 / self.likeness - 1)
        given = outer - self.wait_cost * self.response.slope(composite) / demand
        of_nest = np.maximum(np.bincount(self.nest, weights=flow, minlength=self.pair_of_nest.size), 1e-300)
        own = flow * self.of_ways(outer) / self.likeness[self.nest]
        busy = np.ones(self.use.shape[0], dtype=bool) if rise is None else rise * (self.use @ own) > IDLE
        used = self.used
        least = (0.0 if rise is None else RARE) * demand
        slope, load = _slope(
            used.indptr, used.indices, used.data, self.nest, self.first, self.ways, flow, own, taken / of_nest, busy,
            least,
        )  # fmt: skip
        slope -= load.T @ (load * (given / demand)[:, None])
        whole: Floats = np.triu(slope) + np.triu(slope, 1).T
        return whole


@numba.njit(cache=True, error_model="numpy")
def _slope(indptr, indices, data, nest, first, ways, flow, own, of_nest, busy, least):  # type: ignore[no-untyped-def]
    """Σ own_w u_w u_wᵀ - Σ of_nest_n l_n l_nᵀ, l the load that a nest makes: the upper half; and the loads of pairs."""
    slope, of_pair = np.zeros((busy.size, busy.size)), np.zeros((first.size, busy.size))
    load, touched = np.zeros(busy.size), np.empty(busy.size, np.int64)
    for pair in range(first.size):
        begin, end = first[pair], first[pair] + ways[pair]
        order = begin + np.argsort(nest[begin:end], kind="mergesort")
        place = 0
        while place < order.size:
            group, count = nest[order[place]], 0
            while place < order.size and nest[order[place]] == group:
                way = order[place]
                place += 1
                if flow[way] <= least[pair]:
                    continue
                for at in range(indptr[way], indptr[way + 1]):
                    here = indices[at]
                    if not busy[here]:
                        continue
                    if load[here] == 0:
                        touched[count] = here
                        count += 1
                    load[here] += flow[way] * data[at]
                    part = own[way] * data[at]
                    for more in range(at, indptr[way + 1]):
                        slope[here, indices[more]] += part * data[more]
            among = np.sort(touched[:count])
            for one in range(count):
                here = among[one]
                part = of_nest[group] * load[here]
                for other in range(one, count):
                    slope[here, among[other]] -= part * load[among[other]]
                of_pair[pair, here] += load[here]
            for one in range(count):
                load[touched[one]] = 0.0
    return slope, of_pair


@numba.njit(cache=True, error_model="numpy")
def _shares(weight, group, groups):  # type: ignore[no-untyped-def]
    """exp(weight) as a share of its group's sum, and the logarithm of that sum."""
    top, total, share = np.full(groups, -np.inf), np.zeros(groups), np.empty(weight.size)
    for one in range(weight.size):
        top[group[one]] = max(top[group[one]], weight[one])
    for one in range(weight.size):
        share[one] = np.exp(weight[one] - top[group[one]])
        total[group[one]] += share[one]
    for one in range(weight.size):
        share[one] /= total[group[one]]
    return share, np.log(total) + top


def _mean(values: Floats, weight: Floats, group: Ints, groups: int) -> Floats:
    total = np.maximum(np.bincount(group, weights=weight, minlength=groups), 1e-300)
    mean: Floats = np.bincount(group, weights=weight * values, minlength=groups) / total
    return mean


def path_size(routes: Routes, group: Ints, length: Floats, arcs: int) -> Floats:
    """Path size of each way: Σ (l_a / L) / n_a over its arcs, n_a the ways of its group that use the arc.

    `group` (ways) are those a way is compared with, `length` (ways' arcs) is what overlap is measured by. Two ways with
    nothing in common have size 1 each; two that are one and the same would have 1/2.

    >>> routes = Routes.of([(0, (0, 1)), (0, (0, 2))])
    >>> path_size(routes, np.zeros(2, np.int64), np.ones(4), arcs=3).tolist()
    [0.75, 0.75]
    """
    key = group[routes.owner] * arcs + routes.arcs
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
    with one_thread():
        return _settled(network, laws, choice, load, tolerance, steps)


def _settled(
    network: Network, laws: Delays, choice: Choice, load: Floats, tolerance: float, steps: int
) -> tuple[Floats, Floats]:
    enough = tolerance * max(choice.response.amount.sum(), 1e-300)
    for _ in range(steps):
        wait, rise, _ = waiting(laws, load)
        flow, composite = choice.respond(wait)
        excess = load - choice.use @ flow
        if np.abs(excess).max(initial=0.0) <= enough:
            return flow, choice.use @ flow
        try:
            newton = solve(np.eye(load.size) + choice.slope(flow, composite, rise) * rise[None, :], -excess)
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

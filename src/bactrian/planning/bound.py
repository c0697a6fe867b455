"""A bound that no programme can beat: the system optimum, priced.

At equilibrium everybody minds his own costs. A planner who could also steer all flows, the system optimum, can only do
better, and what he can do is bounded from above at any prices: let each user of resource r pay t_ir = w_ir y_r + z_r
per tonne, y hours of waiting at the value of time of his pair and a toll z, in place of the wait that there is. With
V_p(S, t) the surplus of pair p at these prices when the set S is open,

    welfare(S) <= Σ_p V_p(S, t) + Σ_r max_x [Σ_i t_ir x_i - d_r(Σ_i x_i) Σ_i w_i x_i],

the Lagrangian of the programme that sets loads apart from flows (weak duality; Shapiro 1979). The last term is
max_x x (w (y - d_r(x)) + z) at the highest or the lowest value of time. All prices are
valid. Those that make it small are sought by L-BFGS (Liu and Nocedal 1989) among waits d_r(x) and tolls x d_r'(x) w, w
the mean value of time, over the utilisation x.

A pair that projects may cut off keeps at least the surplus that is counted then, when its goods lose their value.

The right side grows with S, so cuts at a set T hold for all sets: gain(S) <= U(T) + Σ_{j in S, not in T} most_j, with
most_j what project j adds at most in any company: to surplus, with the ways through it at their cheapest and all others
at their dearest, either what it saves there times what they carry, or what is lost where they are shut; to the last
term, the largest rise among the sets that act on one resource. This takes ways to be substitutes, as they are in a
logit with demand less elastic than its choice; elsewhere a project is taken to carry all demand of a pair. Nothing adds
more than lies between the best and the worst of a pair. The best programme under all cuts, found by HiGHS under all
rules, bounds every programme; the sets it opens give new cuts.

Welfare is counted from the equilibrium without any project, so the bound holds what the system optimum would bring
without any, which is told apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, hstack, vstack

from bactrian.assign.equilibrium import Delays
from bactrian.assign.prepared import SHUT
from bactrian.assign.waiting import delays, waiting
from bactrian.design.programme import Programme
from bactrian.planning.rules import Menu
from bactrian.planning.stage import NOTHING, Set, Stage, subsets
from bactrian.planning.worth import Starts, Worth

__all__ = ["Bound", "Cut", "Priced", "bound_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STEPS = 100  # of L-BFGS
STEP = 1e-6  # of capacity, to find how a delay law bends
LEAST, MOST = 1e-4, 0.97  # utilisation that prices start from
HALVINGS = 50
ROUNDS = 60  # of new cuts
GAP = 1e-4  # of the programme of cuts; its bound is what counts
ENOUGH = 1e-3  # a rise by this share of the bound that a new round of cuts may leave


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Waits (h) and tolls (USD/t) by resource."""

    wait: Floats
    toll: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """gain(S) <= `value` + Σ_{j in S, not in `at`} `most`[j], in mUSD."""

    at: Set
    value: float
    most: Mapping[str, float]

    def allows(self, open_: Set) -> float:
        """What the cut allows a set."""
        return self.value + sum(self.most.get(one, 0.0) for one in sorted(open_ - self.at))


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """No programme has a net present value above `value` (mUSD). Of it, `tolls` is what the system optimum brings at
    most without any project. `starts` is a programme to which the cuts allow that much, `cuts` how many there are."""

    value: float
    tolls: float
    starts: dict[str, int]
    cuts: int


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """What candidates do to one row: costs of its arcs and the law of its resource, by the set of those open."""

    causes: Set
    arcs: Ints
    cost: Mapping[Set, Floats]
    resource: int
    law: Mapping[Set, Delays | None]

    def least(self, open_: Set) -> Floats:
        """The least that its arcs cost with some of the open projects."""
        least: Floats = np.min([self.cost[some] for some in subsets(self.causes & open_)], axis=0)
        return least


class Priced:
    """A stage at prices."""

    def __init__(self, stage: Stage, carbon_usd_per_t: float = 0.0) -> None:
        self.stage = stage
        network = stage.variant(NOTHING, forgone=False)
        prepared = stage.prepared
        self.routes = prepared.routes
        self.choice = prepared.choice(network)
        self.carbon = stage.grams * carbon_usd_per_t / 1e6
        self.k = stage.pairs["k"].to_numpy(dtype=np.int64)[self.routes.pair][self.routes.owner]
        self.pair: Ints = np.repeat(np.arange(self.choice.ways.size), self.choice.ways)
        self.laws, self.cost = delays(network), _shut(network.cost)
        self.rows, plain = self._rows()
        names = sorted({one for row in self.rows for one in row.causes})
        self.everything: Set = frozenset(names)
        self.low = self.fixed(self.everything)
        worst = self.cost.copy()
        for row in self.rows:
            worst[:, row.arcs] = np.max(list(row.cost.values()), axis=0)
        self.high = self._total(worst)
        self.size = self._sizes(*plain)
        self.saved = {name: self._saved(name) for name in names}
        self.cheap, self.dear = self._values_of_time()
        found = stage.nothing
        before = np.nan_to_num(found.composite[prepared.joined])
        self.nothing = float(-self.choice.response.area(before).sum() - found.flow @ self.carbon) / 1000
        lost = -self.choice.response.area(before + stage.value[prepared.joined]) / 1000
        self.cut_off = np.where(self._of_pairs(self.high < SHUT) == 0, lost, -np.inf)
        self.new = self._newly_joined()

    def _rows(self) -> tuple[list[_Row], tuple[Floats, Floats]]:
        """All rows that candidates act on, and the least and largest lengths of arcs by which overlap is measured."""
        stage, base = self.stage, self.stage.variant(NOTHING, forgone=False)
        known = {NOTHING: base}
        short, long = base.plain_cost.copy(), base.plain_cost.copy()
        revision = stage.revision
        rows = []
        for key, causes in stage.effects.touching.items():
            at, resource = revision.uses(key)
            cost: dict[Set, Floats] = {}
            law: dict[Set, Delays | None] = {}
            for some in subsets(frozenset(causes)):
                if some not in known:
                    known[some] = stage.variant(some, forgone=False)
                one = known[some]
                cost[some] = _shut(one.cost)[:, at]
                for each in (one, stage.variant(some)) if stage.effects.forgoes(key) else (one,):
                    short[:, at] = np.fmin(short[:, at], each.plain_cost[:, at])
                    long[:, at] = np.fmax(long[:, at], each.plain_cost[:, at])
                if resource >= 0:
                    law[some] = _only(delays(one), resource) if (cost[some] < SHUT).any() else None
            rows.append(_Row(frozenset(causes), at, cost, resource, law))
        return rows, (short, long)

    def _total(self, cost: Floats) -> Floats:
        """What each way costs with CO2e at its price; SHUT where an arc may not be used."""
        total = self.routes.total(cost[self.k, self.routes.arcs])
        return np.where(total < SHUT, total + self.carbon, SHUT)

    def fixed(self, open_: Set) -> Floats:
        """The least that each way costs with some of the projects `open_`."""
        cost = self.cost.copy()
        for row in self.rows:
            cost[:, row.arcs] = row.least(open_)
        return self._total(cost)

    def _saved(self, name: str) -> Floats:
        """What a project saves on each way at most; SHUT where it may open it."""
        saving = np.zeros_like(self.cost)
        for row in self.rows:
            if name in row.causes:
                with_ = [some for some in row.cost if name in some]
                saving[:, row.arcs] = np.max([_less(row.cost[some - {name}], row.cost[some]) for some in with_], axis=0)
        return np.minimum(self.routes.total(np.maximum(saving, 0.0)[self.k, self.routes.arcs]), SHUT)

    def _sizes(self, short: Floats, long: Floats) -> Floats:
        """Path sizes at their largest: with the fewest other ways open, and lengths that suit a way best."""
        owner = self.routes.owner
        key = self.choice.nest[owner] * self.cost.shape[1] + self.routes.arcs
        _, back = np.unique(key, return_inverse=True)
        always = (self.high < SHUT)[owner]
        part = 1 / (np.bincount(back, weights=always)[back] + ~always)
        least, most = (np.nan_to_num(one[self.k, self.routes.arcs]) for one in (short, long))
        size = np.zeros(len(self.routes))
        for _ in range(50):  # the largest ratio of Σ l part to Σ l (Dinkelbach 1967)
            length = np.where(part > size[owner], most, least)
            whole = self.routes.total(length)
            even = self.routes.total(part) / np.diff(self.routes.start)
            ratio = np.where(whole > 0, self.routes.total(length * part) / np.where(whole > 0, whole, 1.0), even)
            if np.all(ratio <= size * (1 + 1e-12)):
                break
            size = np.maximum(size, ratio)
        return size

    def _values_of_time(self) -> tuple[Floats, Floats]:
        """The lowest and highest value of time among the users of each resource; 0 where there is none."""
        used = self.choice.use.tocoo()
        worth = self.choice.of_ways(self.choice.wait_cost)[used.coords[1]]
        low, high = np.full(used.shape[0], np.inf), np.zeros(used.shape[0])
        np.minimum.at(low, used.coords[0], worth)
        np.maximum.at(high, used.coords[0], worth)
        return np.minimum(low, high), high

    def _newly_joined(self) -> dict[str, float]:
        """By project, what pairs may gain that have no way without it: at most the value of the goods on all demand."""
        prepared = self.stage.prepared
        lonely = self._of_pairs(self.fixed(NOTHING) < SHUT) == 0
        if not lonely.any():
            return {}
        response = self.stage.response.of(prepared.joined)
        composite = self.surplus(self.low, np.zeros(len(self.laws.law)), np.zeros(len(self.laws.law)))[2]
        composite = np.where(lonely, np.nan_to_num(composite), 0.0)
        worth = response.area(composite + self.stage.value[prepared.joined]) - response.area(composite)
        gain = np.where(lonely, worth, 0.0) / 1000
        return {name: float(gain[self._of_pairs(saved >= SHUT) > 0].sum()) for name, saved in self.saved.items()}

    def _of_pairs(self, values: NDArray[np.generic]) -> Floats:
        return np.bincount(self.pair, weights=values, minlength=self.choice.ways.size).astype(np.float64)

    def surplus(self, fixed: Floats, wait: Floats, toll: Floats) -> tuple[Floats, Floats, Floats]:
        """Surplus of each pair in mUSD at prices, but for a constant, and flows and composite costs that go with it."""
        priced = np.minimum(fixed + self.choice.use.T @ toll, SHUT)
        flow, composite = replace(self.choice, fixed=priced, size=self.size).respond(wait)
        return -self.choice.response.area(composite) / 1000, flow, composite

    def at_best(self, fixed: Floats, prices: Prices) -> tuple[Floats, Floats]:
        """Surplus of each pair at prices or cut off, where a project may do that, and the flows that go with it."""
        surplus, flow, _ = self.surplus(fixed, prices.wait, prices.toll)
        stays = surplus >= self.cut_off
        return np.where(stays, surplus, self.cut_off), np.where(stays[self.pair], flow, 0.0)

    def rent(self, laws: Delays, worth: Floats, prices: Prices) -> tuple[Floats, Floats]:
        """max_x x (w (y - d(x)) + z) of each resource in mUSD, never too little, and the x where it is."""
        margin = worth * prices.wait + prices.toll
        low, high = np.zeros(margin.size), np.maximum(laws.capacity, 1e-9)

        def slope(load: Floats) -> Floats:
            delay, rise, _ = waiting(laws, load)
            left: Floats = margin - worth * (delay + load * rise)
            return left

        for _ in range(HALVINGS):
            more = slope(high) > 0
            if not more.any():
                break
            high = np.where(more, 2 * high, high)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            more = slope(middle) > 0
            low, high = np.where(more, middle, low), np.where(more, high, middle)
        at_low = low * (margin - worth * waiting(laws, low)[0])
        return np.where(worth > 0, at_low + np.maximum(slope(low), 0.0) * (high - low), 0.0) / 1000, low

    def rents(self, laws: Delays, prices: Prices) -> tuple[Floats, Floats, Floats]:
        """The larger rent of both extremes of the value of time, with the load and the value where it is."""
        one, at_one = self.rent(laws, self.cheap, prices)
        two, at_two = self.rent(laws, self.dear, prices)
        high = two > one
        return np.where(high, two, one), np.where(high, at_two, at_one), np.where(high, self.dear, self.cheap)

    def prices(self, open_: Set) -> Prices:
        """Prices that make what is allowed to a set small."""
        network, found = self.stage.variant(open_, forgone=False), self.stage.settled(open_)
        fixed, laws, size = self.fixed(open_), delays(network), len(self.laws.law)
        shut = np.zeros(size, dtype=bool)
        for row in self.rows:
            if row.resource >= 0:
                shut[row.resource] = row.law[row.causes & open_] is None
        worth = self.choice.of_ways(self.choice.wait_cost)
        capacity = np.maximum(laws.capacity, 1e-9)
        mean = self.choice.use @ (found.flow * worth) / np.maximum(self.choice.use @ found.flow, 1e-12)

        def at(odds: Floats) -> tuple[Prices, Floats, Floats, Floats]:
            load = capacity / (1 + np.exp(-odds))
            step = STEP * capacity
            (wait, rise, _), (_, later, _) = waiting(laws, load), waiting(laws, load + step)
            return Prices(wait, rise * load * mean), load, rise, mean * (rise + load * (later - rise) / step)

        def allowed(odds: Floats) -> tuple[float, Floats]:
            prices, load, rise, toll_rise = at(odds)
            surplus, flow = self.at_best(fixed, prices)
            rent, taken, value = self.rents(laws, prices)
            taken = np.where(shut | (self.dear == 0), 0.0, taken)
            by_wait = taken * value - self.choice.use @ (flow * worth)
            by_toll = taken - self.choice.use @ flow
            slope = (by_wait * rise + by_toll * toll_rise) * load * (1 - load / capacity) / 1000
            return float(surplus.sum() + rent[~shut].sum()) / 1000, slope / 1000

        ratio = np.clip(found.load / capacity, LEAST, MOST)
        best = minimize(allowed, np.log(ratio / (1 - ratio)), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
        return at(best.x)[0]

    def cuts(self, prices: Prices) -> Callable[[Set], Cut]:
        """Cuts at any set, at given prices."""
        touched = [row.resource for row in self.rows if row.resource >= 0]
        plain = np.delete(self.rents(self.laws, prices)[0], touched).sum() - self.nothing
        rents = [self._rents(row, prices) for row in self.rows]
        most = {name: self._most(name, prices) + self.new.get(name, 0.0) for name in self.saved}
        for row, rent in zip(self.rows, rents, strict=True):
            for name in row.causes:
                most[name] += max(0.0, max(rent[some] - rent[some - {name}] for some in rent if name in some))

        def at(open_: Set) -> Cut:
            surplus = self.at_best(self.fixed(open_), prices)[0].sum()
            rise = sum(
                max(rent[some] for some in subsets(row.causes & open_))
                for row, rent in zip(self.rows, rents, strict=True)
            )
            joined = sum(self.new.get(one, 0.0) for one in sorted(open_))
            return Cut(open_, float(surplus + plain + rise) + joined, most)

        return at

    def _rents(self, row: _Row, prices: Prices) -> dict[Set, float]:
        """Rent of a row's resource by the candidates that are open."""
        found = dict.fromkeys(row.cost, 0.0)
        for some, law in row.law.items():
            if law is not None:
                at = [row.resource]
                here = Prices(prices.wait[at], prices.toll[at])
                rents = [self.rent(law, worth[at], here)[0] for worth in (self.cheap, self.dear)]
                found[some] = float(np.max(rents))
        return found

    def _most(self, name: str, prices: Prices) -> float:
        """What a project adds to surplus at most in any company, mUSD."""
        saved, through = self.saved[name], self.saved[name] > 0
        if not through.any():
            return 0.0
        fixed = np.where(through, self.low, self.high)
        after, flow, _ = self.surplus(fixed, prices.wait, prices.toll)
        without = np.where(through, SHUT, self.high)
        shut = self.surplus(without, prices.wait, prices.toll)[0]
        top = np.zeros(self.choice.ways.size)
        np.maximum.at(top, self.pair, saved)
        finite = top < SHUT
        by_flow = np.where(finite, top * self._of_pairs(np.where(through, flow, 0.0)) / 1000, np.inf)
        by_shutting = np.where(self._of_pairs(without < SHUT) > 0, after - shut, np.inf)
        at_lowest = self.surplus(self.low, prices.wait, prices.toll)[2]
        by_all = np.where(finite, top * self.choice.response.demand(at_lowest) / 1000, np.inf)
        by_range = self.at_best(self.low, prices)[0] - self.at_best(self.high, prices)[0]
        gain = np.where(self._substitutes(at_lowest), np.minimum(by_flow, by_shutting), by_all)
        gain = np.minimum(gain, by_range)
        lonely = self.choice.response.amount == 0
        return float(np.where(lonely | (top == 0), 0.0, gain).sum())

    def _substitutes(self, composite: Floats) -> Bools:
        """Whether demand is less elastic than the choice of ways at all composite costs from `composite` up."""
        response = self.stage.response.of(self.stage.prepared.joined)
        level = np.maximum(response.reference + composite - response.level, 0.0)
        return (response.reference <= 0) | (self.choice.scale * level >= response.elasticity)


def bound_of(
    worth: Worth, menu: Menu, starts: Starts, until: float = float("inf"), tell: Callable[[str], None] | None = None
) -> Bound:
    """Bound all programmes that keep to `menu`, with cuts at and around the programme `starts`, until a time is up.

    `until` is of time.monotonic; two prices per model year are found whatever it says.
    """
    terms = worth.terms
    at: dict[int, list[Callable[[Set], Cut]]] = {}
    cuts: dict[int, dict[Set, Cut]] = {}
    for year in terms.model_years:
        priced = Priced(worth.stages[year], terms.carbon_usd_per_t)
        chosen = worth.open_in(starts, year)
        at[year] = [priced.cuts(priced.prices(each)) for each in dict.fromkeys((NOTHING, chosen))]
        everything = priced.everything | set(worth.field.candidates)
        first = {NOTHING, chosen, everything, *(everything - {one} for one in everything)}
        cuts[year] = {each: _best(at[year], each) for each in sorted(first, key=sorted)}
        if tell:
            tell(f"priced {year}")
    spread = terms.spread
    tolls = sum(weight * cuts[model][NOTHING].value for (_, model), weight in spread.items())
    value, best = np.inf, dict(starts)
    for _ in range(ROUNDS):
        found, best = _master(worth, menu, cuts, until)
        fell, value = value - found, min(value, found)
        opened = ((model, worth.open_in(best, year)) for year, model in spread)
        new = {(model, open_) for model, open_ in opened if open_ not in cuts[model]}
        if tell:
            tell(f"no programme above {value:,.0f} mUSD")
        if not new or time.monotonic() > until or fell < 0:
            break
        for model, open_ in sorted(new, key=lambda one: (one[0], sorted(one[1]))):
            cuts[model][open_] = _best(at[model], open_)
    return Bound(float(value), float(tolls), best, sum(map(len, cuts.values())))


def _best(cuts: Sequence[Callable[[Set], Cut]], open_: Set) -> Cut:
    return min((cut(open_) for cut in cuts), key=lambda one: one.value)


def _master(
    worth: Worth, menu: Menu, cuts: Mapping[int, Mapping[Set, Cut]], until: float
) -> tuple[float, dict[str, int]]:
    """The most that the cuts allow, and a programme that they allow it to."""
    terms, candidates = worth.terms, worth.field.candidates
    opens = [terms.opening(candidates[name], start) for name, start in menu.choices]
    size = len(menu.choices)
    cost = [worth.cost({name: start}) for name, start in menu.choices]
    gains: list[float] = []
    entries: list[tuple[int, int, float]] = []
    most: list[float] = []
    for (year, model), share in terms.spread.items():
        column = size + len(gains)
        gains.append(-share)
        for cut in cuts[model].values():
            entries.append((len(most), column, 1.0))
            entries += [
                (len(most), at, -cut.most.get(name, 0.0))
                for at, (name, _) in enumerate(menu.choices)
                if name not in cut.at and opens[at] <= year
            ]
            most.append(cut.value)
    row, column_, weight = zip(*entries, strict=True)
    matrix, low, high = menu.rows()
    extra = csr_array((np.array(weight), (row, column_)), shape=(len(most), size + len(gains)))
    wide = csr_array(hstack([matrix, csr_array((matrix.shape[0], len(gains)))]))
    top = max((abs(cut.value) + sum(cut.most.values()) for each in cuts.values() for cut in each.values()), default=0.0)
    solved = Programme(
        cost=np.array([*cost, *gains]),
        lower=np.concatenate([np.zeros(size), np.full(len(gains), -top)]),
        upper=np.concatenate([np.ones(size), np.full(len(gains), top)]),
        whole=np.arange(size + len(gains)) < size,
        rows=csr_array(vstack([wide, extra])),
        row_lower=np.concatenate([low, np.full(len(most), -np.inf)]),
        row_upper=np.concatenate([high, most]),
    ).solve(time_limit_s=max(1.0, until - time.monotonic()), gap=GAP)
    return -solved.bound, {} if solved.values is None else menu.programme(solved.values[:size])


def _only(laws: Delays, at: int) -> Delays:
    here = [at]
    return Delays(laws.law[here], laws.free[here], laws.capacity[here], laws.shape[here], laws.power[here])


def _less(before: Floats, after: Floats) -> Floats:
    """What is saved; SHUT where an arc may be used only after."""
    return np.where((before >= SHUT) & (after < SHUT), SHUT, before - after)


def _shut(cost: Floats) -> Floats:
    return np.where(np.isnan(cost), SHUT, cost)

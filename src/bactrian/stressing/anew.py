"""States of a scene worked out anew, by the formulas of docs/methods.md and docs/stress.md as they are written there.

What is taken over is the bookkeeping: pairs and ways by the names of their arcs, what is to be carried at the reference
cost, which causes events bring and undo. The network of a state is built from tables whose cells are changed here; how
far ways overlap, waits, shares, who waits and who gives up, and the area under demand are worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, log
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.certificate import corridors_anew, hours_anew
from bactrian.assign.start import names_of_arcs
from bactrian.case import Case
from bactrian.case.avoidances import concerns
from bactrian.case.effects import NEVER
from bactrian.network import Network, build
from bactrian.stressing.scene import Scene, Weights

__all__ = ["Anew", "Answer", "Laid", "Met", "area", "demand", "met", "worst"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Row: TypeAlias = tuple[str, str]  # of a table

MOVED = ("links", "terminals", "access")  # tables whose rows events change
FLOOR = 0.05  # of S0, below which demand grows no further
NOTHING = 1e-9  # kt/yr of capacity at which a row is shut
LEAST_USD = 1.0
NAMED = 0.3  # scale between corridors over that between ways of a named one
LOAD, LONGEST = 0.98, 20.0  # utilisation up to which a queue clears; days that one of a day takes at most
NODES, SHARES = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A network with causes in force, and what the ways of a scene are on it: whether `open` to those they lead for,
    what they cost without waiting (`fixed`, USD/t; inf where shut), and by entry of `Routes.arcs` the arc `at` which it
    is here, its `length` (USD/t) and the `resource` that it uses, -1 for none. `kept` is where each resource stands in
    the network of the scene."""

    network: Network
    at: Ints
    open: Bools
    fixed: Floats
    length: Floats
    resource: Ints
    kept: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """How shippers choose at given loads: the `share` of its pair that each way takes, and the `composite` cost by pair
    in USD/t, inf where no way is open."""

    share: Floats
    composite: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """What becomes of tonnes by pair: what they face on average in USD/t, and in kt/yr what is `asked` for, and of that
    what is `going` now, `waiting` and `lost`, given up as not worth going."""

    faced: Floats
    asked: Floats
    going: Floats
    waiting: Floats
    lost: Floats


class Anew:
    """The states of a scene, each from the tables."""

    def __init__(self, scene: Scene) -> None:
        self.scene, routes, network = scene, scene.prepared.routes, scene.network
        pairs = scene.pairs
        self.pair: Ints = routes.pair
        self.arcs: Ints = routes.arcs
        self.owner: Ints = np.repeat(np.arange(self.pair.size), np.diff(routes.start))
        self.k: Ints = pairs["k"].to_numpy(dtype=np.int64)
        self.names = names_of_arcs(network)
        named = len(network.case.table("corridors"))
        first = np.full(self.pair.size, named)
        np.minimum.at(first, self.owner, np.array(corridors_anew(network), dtype=np.int64)[self.arcs])
        nests = pd.Series(list(zip(self.pair.tolist(), first.tolist(), strict=True)))
        self.nest: Ints = pd.factorize(nests)[0].astype(np.int64)
        self.likeness = np.where(first < named, NAMED, 1.0)  # by way, the same within a nest
        least = np.fmax(pairs["least_usd"].to_numpy(dtype=np.float64), LEAST_USD)
        self.scale: Floats = network.sharper[self.k] * np.maximum(
            network.scale[self.k], network.relative_scale[self.k] / least
        )
        self.leads: Bools = self._leads()
        calm, all_there = self.laid({}), self._placed(network, np.ones(self.pair.size, dtype=np.bool_))
        # overlap is judged once: in calm, and for what is not open then where everything is
        self.size = np.where(calm.open, self._sizes(calm), self._sizes(all_there))

    def laid(self, active: Mapping[str, float], level: float | None = None, shut: Row | None = None) -> Laid:
        """The network with events `active` to some degree, at a `level` of the sea or that of the tables, without the
        row `shut` (table, row)."""
        weights = self.scene.weights(active)
        network = build(self._case(weights, level, shut), self.scene.year)
        return self._placed(network, ~self._barred(weights))

    def _case(self, weights: Weights, level: float | None, shut: Row | None) -> Case:
        """The tables with causes in force by `weights`, without the row `shut` and what has no capacity left."""
        scene, case = self.scene, self.scene.trade.union
        known = {table: case.table(table).set_index("id") for table in MOVED}
        cells: dict[Row, dict[str, Any]] = {}
        if scene.sea and level is not None:
            cells = {key: dict(values) for key, values in scene.sea.cells(level).items()}
        effects = case.table("effects")
        effects = effects[effects["cause"].isin(weights) & effects["table"].isin(MOVED)]
        order = {"set": 0, "multiply": 1, "add": 2}
        effects = effects.assign(order=effects["operation"].map(order)).sort_values(["order", "id"], kind="stable")
        one: Any
        for one in effects.itertuples():
            share = weights[one.cause]
            for row in dict.fromkeys(one.rows.split()):
                told = cells.setdefault((one.table, row), {})
                now = told.get(one.column, known[one.table][one.column][row])
                if one.column in ("opens", "closes"):
                    told[one.column] = scene.year if share >= 1 else now
                    continue
                told[one.column] = {
                    "set": one.value if share >= 1 else now + share * (one.value - now),
                    "multiply": now * (1 + share * (one.value - 1)),
                    "add": now + share * one.value,
                }[one.operation]
        if shut:
            cells.setdefault(shut, {})["capacity_kt"] = 0.0
        changes: dict[str, dict[str, dict[str, Any]]] = {}
        for table, rows in known.items():  # in the network of the scene all is open that ever opens
            for row, opens, closes in rows.reindex(columns=["opens", "closes"]).itertuples(name=None):
                told = cells.get((table, row), {})
                opens, closes = told.pop("opens", opens), told.pop("closes", closes)
                given = {column: cell for column, cell in told.items() if not pd.isna(cell)}
                if opens > scene.year or closes <= scene.year or given.get("capacity_kt", inf) <= NOTHING:
                    given = {"opens": NEVER, "closes": None}
                if given:
                    changes.setdefault(table, {})[row] = given
        laid = scene.network.case
        return laid.with_(changes) if changes else laid

    def _placed(self, network: Network, allowed: Bools) -> Laid:
        place = {name: at for at, name in enumerate(names_of_arcs(network))}
        at = np.array([place.get(name, -1) for name in self.names], dtype=np.int64)[self.arcs]
        k = self.k[self.pair][self.owner]
        there = at >= 0
        there[there] = network.allowed[k[there], at[there]]
        open_ = allowed & (np.bincount(self.owner, weights=~there, minlength=self.pair.size) == 0)
        cost, length = (np.zeros(at.size) for _ in range(2))
        cost[there], length[there] = network.cost[k[there], at[there]], network.plain_cost[k[there], at[there]]
        fixed = np.where(open_, np.bincount(self.owner, weights=cost, minlength=self.pair.size), inf)
        resource = np.where(there, network.resource[at], -1)
        kept = np.full(len(network.resources), -1)
        used = resource >= 0
        kept[resource[used]] = self.scene.network.resource[self.arcs][used]
        return Laid(network, at, open_, fixed, length, resource, kept)

    def _sizes(self, laid: Laid) -> Floats:
        """Path sizes among the open ways of each corridor of a pair: Σ (length / users) / Σ length."""
        entries = pd.DataFrame({"way": self.owner, "arc": self.arcs, "length": laid.length})
        entries = entries[laid.open[self.owner]]
        entries["nest"] = self.nest[entries["way"]]
        entries["one"] = 1.0 / entries.groupby(["nest", "arc"])["arc"].transform("size")
        entries["own"] = entries["length"] * entries["one"]
        of_way = entries.groupby("way")
        whole, own, even = of_way["length"].sum(), of_way["own"].sum(), of_way["one"].mean()
        size = np.ones(self.pair.size)
        size[whole.index] = np.where(whole > 0, own / whole.where(whole > 0, 1.0), even)
        return size

    def _barred(self, weights: Weights) -> Bools:
        """Ways through countries that those they lead for keep clear of, for causes that are wholly in force."""
        scene, case = self.scene, self.scene.trade.union
        country = dict(case.table("places")[["id", "country"]].to_numpy().tolist())
        zone = dict(case.table("zones")[["id", "country"]].to_numpy().tolist())
        pairs = scene.pairs.assign(commodity=case.counted_as(scene.pairs["commodity"]))
        ends = pairs[["origin", "destination", "commodity"]].to_numpy().tolist()
        avoidances = case.table("avoidances")
        nodes = scene.network.nodes[["place", "medium"]].to_numpy().tolist()
        inland = [None if medium in ("origin", "destination") else country[place] for place, medium in nodes]
        barred = np.zeros(self.pair.size, dtype=np.bool_)
        one: Any
        for one in avoidances.itertuples():
            of_cause = avoidances[avoidances["cause"] == one.cause]
            if weights.get(one.cause, 0.0) < 1 or of_cause["share"].min() < 1:
                continue
            avoids = set(one.avoids.split())
            meant = [
                not avoids & {zone[origin], zone[destination]}
                and concerns(one, {"origin": origin, "destination": destination}, goods)
                for origin, destination, goods in ends
            ]
            inside = np.array([here in avoids for here in inland])
            touched = np.zeros(self.pair.size, dtype=np.bool_)
            for end in ("tail", "head"):
                np.logical_or.at(touched, self.owner, inside[scene.network.arcs[end].to_numpy()[self.arcs]])
            barred |= touched & np.array(meant)[self.pair]
        return barred

    def _leads(self) -> Bools:
        """Whether each way leads without a gap from the origin of its pair to the destination."""
        pairs, arcs = self.scene.pairs, self.scene.network.arcs
        tail, head = arcs["tail"].to_numpy()[self.arcs], arcs["head"].to_numpy()[self.arcs]
        first = np.flatnonzero(np.diff(self.owner, prepend=-1))
        last = np.append(first[1:], self.arcs.size) - 1
        broken = np.zeros(self.pair.size, dtype=np.bool_)
        gap = (head[:-1] != tail[1:]) & (self.owner[:-1] == self.owner[1:])
        broken[self.owner[:-1][gap]] = True
        source, target = (pairs[end].to_numpy()[self.pair] for end in ("source", "target"))
        leads: Bools = ~broken & (tail[first] == source) & (head[last] == target)
        return leads

    def load(self, laid: Laid, flow: Floats) -> Floats:
        """What the resources of `laid` carry when ways carry `flow`, kt/yr."""
        used = laid.resource >= 0
        weights = flow[self.owner[used]]
        return np.bincount(laid.resource[used], weights=weights, minlength=laid.kept.size).astype(np.float64)

    def answer(self, laid: Laid, load: Floats) -> Answer:
        """How shippers choose where the resources of `laid` carry `load`: first a corridor, then a way on it."""
        hours = np.append(hours_anew(laid.network.resources, load), 0.0)
        waits = np.bincount(self.owner, weights=hours[laid.resource], minlength=self.pair.size)
        cost = laid.fixed + laid.network.wait_cost[self.k[self.pair]] * waits
        outer, pairs, here = self.scale[self.pair], len(self.k), laid.open
        weight = np.full(self.pair.size, -inf)
        weight[here] = np.log(self.size[here]) - (outer / self.likeness * cost)[here]
        within = np.full(int(self.nest.max(initial=-1)) + 1, -inf)
        np.logaddexp.at(within, self.nest[here], weight[here])
        of_nest = pd.DataFrame({"nest": self.nest, "pair": self.pair, "likeness": self.likeness})[here]
        of_nest = of_nest.drop_duplicates("nest")
        whole = np.full(pairs, -inf)
        raised = of_nest["likeness"].to_numpy() * within[of_nest["nest"]]
        np.logaddexp.at(whole, of_nest["pair"].to_numpy(), raised)
        share = np.zeros(self.pair.size)
        among = self.likeness[here] * within[self.nest[here]] - whole[self.pair[here]]
        share[here] = np.exp(weight[here] - within[self.nest[here]] + among)
        composite = np.where(np.isinf(whole), inf, -whole / self.scale)
        return Answer(share, composite)

    def queue(self, laid: Laid, load: Floats, flow: Floats) -> Floats:
        """Days by pair in which a queue of one day clears, x/(c - x) of the busiest resource on the ways it takes."""
        capacity = laid.network.resources["capacity_kt"].to_numpy(dtype=np.float64)
        days = [
            min(x / (LOAD * c - x), LONGEST) if x < LOAD * c else LONGEST for x, c in zip(load, capacity, strict=True)
        ]
        used = laid.resource >= 0
        of_way = np.zeros(self.pair.size)
        np.maximum.at(of_way, self.owner[used], np.append(days, 0.0)[laid.resource[used]])
        carried = np.bincount(self.pair, weights=flow, minlength=len(self.k))
        summed = np.bincount(self.pair, weights=flow * of_way, minlength=len(self.k))
        return summed / np.where(carried > 0, carried, 1.0)


def demand(pairs: pd.DataFrame, amount: Floats, faced: Floats) -> Floats:
    """kt/yr asked for at what tonnes face in USD/t: D = D0 (S/S0)^-e, S = S0 + L - L0, at least S0/20."""
    first, level, power = (pairs[one].to_numpy() for one in ("reference_usd", "reference_composite_usd", "elasticity"))
    answers = (first > 0) & (power > 0)
    ratio = np.maximum(1 + (faced - level) / np.where(answers, first, 1.0), FLOOR)
    return amount * np.where(answers, ratio ** -np.where(answers, power, 0.0), 1.0)


def area(pairs: pd.DataFrame, amount: Floats, faced: Floats) -> Floats:
    """The integral of `demand` up to `faced`, in kt/yr USD/t, from S0/20 on, by Gauss's rule over the logarithm of S;
    from nothing on where demand does not answer to cost."""
    first, level, power = (pairs[one].to_numpy() for one in ("reference_usd", "reference_composite_usd", "elasticity"))
    answers = (first > 0) & (power > 0)
    ratio = 1 + (faced - level) / np.where(answers, first, 1.0)
    half = (np.log(np.maximum(ratio, FLOOR)) - log(FLOOR)) / 2
    at = log(FLOOR) + half[:, None] * (1 + NODES)
    curved = half * (np.exp((1 - power[:, None]) * at) @ SHARES)
    straight = FLOOR**-power * np.minimum(ratio - FLOOR, 0.0)
    return amount * np.where(answers, first * (curved + straight), faced)


def met(
    pairs: pd.DataFrame, amount: Floats, composite: Floats, later: Floats, whole: Floats, usual: Floats, worth: Floats
) -> Met:
    """What becomes of tonnes when going costs `composite` (inf: no way), after which they face `later`, to wait for
    which through the whole span costs `whole`, all in USD/t. Worths lie evenly between half and one and a half times
    `worth` on top of what is `usual`."""
    shut = np.isinf(composite)
    now = np.where(shut, usual + worth, composite)
    then = np.minimum(later, now)
    waits = np.clip((now - then) / whole, 0.0, 1.0)
    # those that come just before the end wait next to nothing, those that come first in vain
    mean = np.where(waits < 1, now - waits * (now - then) / 2, then + np.where(np.isfinite(whole), whole, 0.0) / 2)
    least = usual + worth / 2
    gives_up = np.clip((mean - least) / worth, 0.0, 1.0)
    with_ends = np.where(gives_up < 1, mean - gives_up * (mean - least) / 2, least + worth / 2)
    faced = np.where(shut, mean, with_ends)
    gives_up = np.where(shut, 0.0, gives_up)
    asked = demand(pairs, amount, faced)
    stays = asked * (1 - gives_up)
    going = np.where(shut, 0.0, stays * (1 - waits))
    waiting = stays * waits
    return Met(faced, asked, going, waiting, asked - going - waiting)


def worst(values: Floats) -> float:
    """The largest of some errors, at least 0; inf for what is not a number."""
    return inf if np.isnan(values).any() else max(0.0, float(values.max(initial=0.0)))

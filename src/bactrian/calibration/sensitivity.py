"""How counts answer to the adjustments, on a fixed set of ways: the equilibrium differentiated.

Loads solve x = A f(θ, y) with waits y = d(x, θ). With D = ∂d/∂x and S = -∂(A f)/∂y,

    (I + S D) dx/dθ = A ∂f/∂θ - S ∂y/∂θ,    dm/dθ = C (∂f/∂θ + ∂f/∂y (D dx/dθ + ∂y/∂θ)),

where C f are the counts. A cost moves flows as `Choice.shifted` says, c_r of it on way r; the logarithm of a factor on
the scale as if each way had got dearer by its cost g_r; and that of a factor on a capacity moves the wait, a function
of x/c, by -x ∂d/∂x.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import solve

from bactrian.assign import Flows
from bactrian.assign.equilibrium import Delays
from bactrian.assign.logit import Choice, choice_of, settle
from bactrian.assign.threads import one_thread
from bactrian.assign.waiting import delays, waiting
from bactrian.measure import count_weights
from bactrian.network import Network, held_by, uses_of

__all__ = ["Answer", "Model"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TOLERANCE = 1e-10  # of the loads, as a share of all demand


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The `counts` (C) at some values of the adjustments (P), and their derivatives `slope` (C, P)."""

    counts: Floats
    slope: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Counts as a function of the adjustments, on the ways of one run.

    The vector θ has a cost in USD/t for each adjustment of kind cost, and the logarithm of the factor for the others.

    - `kinds` (P), `uses` (P, ways): how often a way uses the rows of a cost, for the goods it holds for;
      `on_scale` (P, ways), `on_capacity` (P, resources): what a scale or a capacity holds for.
    - `at`: θ of the network as it was built. `weights` (C, ways): from tonnes on ways to counts.
    """

    network: Network
    laws: Delays
    choice: Choice
    load: Floats
    kinds: tuple[str, ...]
    uses: Floats
    on_scale: Bools
    on_capacity: Bools
    at: Floats
    weights: Floats

    @classmethod
    def of(cls, flows: Flows, adjustments: pd.DataFrame, series: list[str]) -> Model:
        """The model of `series` on the ways of `flows`, a result of the method logit, as `adjustments` move it."""
        network, routes = flows.network, flows.routes
        goods = network.case.table("commodities")["id"]
        k = flows.commodity_of_ways()
        resources = network.resources["row"]
        uses, on_scale, on_capacity, at = [], [], [], []
        one: Any
        for one in adjustments.itertuples():
            held = held_by(one.commodities, goods)[k]
            times = routes.total(uses_of(one.rows, network.arcs)[routes.arcs].astype(np.float64))
            uses.append(np.where(held & (one.kind == "cost"), times, 0.0))
            on_scale.append(held & (one.kind == "scale"))
            on_capacity.append(resources.isin(one.rows.split()).to_numpy() & (one.kind == "capacity"))
            at.append(one.value if one.kind == "cost" else np.log(one.value))
        pairs = flows.pairs.assign(k=flows.pairs["commodity"].map(network.commodities.index))
        pairs = pairs.assign(reference_usd=0.0, reference_composite_usd=0.0, elasticity=0.0)
        return cls(
            network=network,
            laws=delays(network),
            choice=choice_of(network, pairs, routes),
            load=flows.resources["load_kt"].to_numpy(dtype=np.float64),
            kinds=tuple(adjustments["kind"]),
            uses=np.array(uses),
            on_scale=np.array(on_scale),
            on_capacity=np.array(on_capacity),
            at=np.array(at, dtype=np.float64),
            weights=count_weights(flows).loc[series].to_numpy(),
        )

    def answer(self, theta: Floats) -> Answer:
        """Counts and their derivatives at `theta` (P). Raises SolveError when flows do not settle."""
        change = theta - self.at
        choice = replace(
            self.choice,
            fixed=self.choice.fixed + np.where(np.array(self.kinds) == "cost", change, 0.0) @ self.uses,
            scale=self.choice.scale * np.exp(change @ self.on_scale[:, self.choice.first]),
        )
        laws = replace(self.laws, capacity=self.laws.capacity * np.exp(change @ self.on_capacity))
        flow, load = settle(self.network, laws, choice, self.load, TOLERANCE)
        wait, rise, _ = waiting(laws, load)
        cost = choice.fixed + choice.of_ways(choice.wait_cost) * (choice.use.T @ wait)
        changes = np.where((np.array(self.kinds) == "cost")[:, None], self.uses, self.on_scale * cost)
        direct = _columns([choice.shifted(flow, change) for change in changes], flow.size)
        waits = -(rise * load)[:, None] * self.on_capacity.T
        slope = choice.slope(flow, choice.composite(wait))
        with one_thread():
            moved = solve(np.eye(load.size) + slope * rise[None, :], choice.use @ direct - slope @ waits)
        waits = waits + rise[:, None] * moved
        felt = choice.of_ways(choice.wait_cost)[:, None] * (choice.use.T @ waits)
        by_wait = _columns([choice.shifted(flow, change) for change in felt.T], flow.size)
        return Answer(self.weights @ flow, self.weights @ (direct + by_wait))


def _columns(columns: list[Floats], rows: int) -> Floats:
    table: Floats = np.array(columns).reshape(len(columns), rows).T
    return table

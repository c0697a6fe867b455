"""System optimum under hard capacities: the cheapest way to carry all, as a linear programme over ways.

Minimise Σ fixed_r f_r + Σ worth_k s_p over flows f and stranded tonnes s, with each pair carried or stranded and each
resource within its capacity. Ways are added by column generation until no cheaper one is left, so that the optimum is
over all ways. HiGHS solves each programme; the dual of a capacity is what one more tonne of it is worth.

A tonne is stranded when no way has room, or when the room would be worth more to others than the tonne is: the value of
the goods, at least a dollar, on top of what the cheapest way costs. Where the optimum has several duals, one is told:
more capacity may then be worth less. Demand is taken as it is and does not answer to what ways cost.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, vstack

from bactrian.assign.routes import Routes, cheapest
from bactrian.assign.solution import Solution
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["system_optimum"]

Floats = NDArray[np.float64]


def system_optimum(network: Network, pairs: pd.DataFrame, rounds: int = 200) -> Solution:
    """Carry `pairs` (as from `pairs_of`) at least cost; raise SolveError if ways are missing after `rounds`."""
    known, best = cheapest(network, pairs, network.cost)
    value = network.case.table("commodities")["value_usd_per_t"].to_numpy(dtype=np.float64)
    loss = np.maximum(value, 1.0)[pairs["k"]] + np.where(np.isfinite(best), best, 0.0)
    for count in range(rounds):
        routes = Routes.of(known)
        flow, stranded, dual, price = _solve(network, pairs, routes, loss)
        toll = network.on_arcs(dual)
        found, cost = cheapest(network, pairs, network.cost + toll[None, :])
        better = cost < price - 1e-7 * (1 + np.abs(price))
        new = {way for way in found if better[way[0]]} - known
        if not new:
            settings = {"rounds": count + 1}
            asked, waits = pairs["kt"].to_numpy(dtype=np.float64), np.zeros(dual.size)
            composite = np.where(np.isfinite(cost), cost, np.nan)
            return Solution(routes, flow, asked, composite, stranded, loss, waits, dual, dual, settings)
        known |= new
    raise SolveError(f"the ways are not complete after {rounds} rounds; allow more")


def _solve(
    network: Network, pairs: pd.DataFrame, routes: Routes, loss: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Flow of each way, what is stranded of each pair, dual of each resource, and the price of each pair in USD/t."""
    size = len(pairs)
    if size == 0:
        return np.zeros(0), np.zeros(0), np.zeros(len(network.resources)), np.zeros(0)
    fixed = routes.total(network.cost[pairs["k"].to_numpy()[routes.pair][routes.owner], routes.arcs])
    belongs = csr_array((np.ones(len(routes)), (routes.pair, np.arange(len(routes)))), shape=(size, len(routes)))
    use = routes.use(network.resource, len(network.resources))
    solved = linprog(
        np.concatenate([fixed, loss]),
        A_ub=hstack([use, csr_array((len(network.resources), size))]),
        b_ub=network.resources["capacity_kt"].to_numpy(),
        A_eq=vstack([hstack([belongs, eye_array(size)])]),
        b_eq=pairs["kt"].to_numpy(),
        method="highs",
    )
    if solved.status != 0:
        raise SolveError(f"the linear programme was not solved: {solved.message}")
    flow, stranded = np.split(np.maximum(solved.x, 0.0), [len(routes)])
    return flow, stranded, np.maximum(-solved.ineqlin.marginals, 0.0), solved.eqlin.marginals

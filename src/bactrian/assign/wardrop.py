"""The user equilibrium of a corridor: nobody has a cheaper way under the waits that all leave (Wardrop 1952).

Class k counts in hours of waiting: its cost on an arc is g_ka / w_k + y_e(x_e), the generalised cost without waits over
what an hour of waiting costs it, and the wait at the arc's resource. `bactrian.assign.equilibrium` solves it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.equilibrium import Equilibrium, Problem, user_equilibrium
from bactrian.assign.response import Response
from bactrian.assign.routes import Routes, response_of
from bactrian.assign.solution import Solution
from bactrian.assign.start import Start
from bactrian.assign.waiting import delays, waiting
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["problem_of", "wardrop"]

Floats = NDArray[np.float64]

GAP = 1e-10  # relative gap asked for
ENOUGH = 1e-4  # relative gap that an answer must have
ROUNDS = 100  # of settling flows anew for the demand that their costs call for
MEETS = 1e-9  # largest error of a demand, as a share of all demand
MEMORY = 8  # guesses that the next one is made from


def wardrop(network: Network, pairs: pd.DataFrame, start: Start) -> Solution:
    """Carry `pairs` (as from `pairs_of`) so that nobody can change to a cheaper way.

    Raises SolveError when the relative gap stays above 1e-4.
    """
    rows = np.flatnonzero((pairs["stranded"] == "").to_numpy())
    problem = problem_of(network, pairs.iloc[rows])
    solved = _solved(problem, _start(problem, rows, start))
    composite, asked = np.full(len(pairs), np.nan), pairs["kt"].to_numpy(dtype=np.float64).copy()
    composite[rows] = _cheapest(network, pairs.iloc[rows], solved)
    response = response_of(pairs).of(rows)
    if (response.elasticity > 0).any():
        solved, composite[rows] = _answered(network, pairs.iloc[rows], solved, composite[rows], response)
        asked[rows] = solved.problem.amount
    pair = rows[solved.owner]
    routes = Routes(pair.astype(np.int64), solved.start, solved.arcs)
    wait, rise, _ = waiting(problem.delays, solved.load)
    stranded = pairs["kt"].to_numpy(dtype=np.float64).copy()
    stranded[rows[~solved.unreachable]] = 0.0
    k = pairs["k"].to_numpy()[pair]
    give = np.zeros(len(pairs))
    give[rows] = np.nan_to_num(response.slope(composite[rows])) * network.wait_cost[pairs["k"].to_numpy()[rows]]
    return Solution(
        routes=routes,
        flow=solved.flow,
        asked=asked,
        composite=composite,
        stranded=stranded,
        loss=np.zeros(len(pairs)),
        wait=wait,
        worth=_worth(network, routes, solved.flow * network.wait_cost[k], solved.load, rise, give),
        dual=np.zeros(wait.size),
        settings={"gap": GAP, "iterations": solved.iterations},
    )


def _solved(problem: Problem, start: Equilibrium | None) -> Equilibrium:
    solved = user_equilibrium(problem, GAP, start)
    if not solved.gap <= ENOUGH:
        raise SolveError(
            f"no equilibrium: the relative gap is still {solved.gap:.1e} after {solved.iterations} searches"
        )
    return solved


def _cheapest(network: Network, pairs: pd.DataFrame, solved: Equilibrium) -> Floats:
    """What the cheapest used way of each pair costs in USD/t; nan for a pair without one."""
    wait = network.on_arcs(waiting(solved.problem.delays, solved.load)[0])
    k = pairs["k"].to_numpy()[solved.owner]
    of_arc = np.repeat(k, np.diff(solved.start))
    cost = network.cost[of_arc, solved.arcs] + network.wait_cost[of_arc] * wait[solved.arcs]
    of_way = np.add.reduceat(cost, solved.start[:-1]) if k.size else np.zeros(0)
    least = np.full(len(pairs), np.inf)
    np.minimum.at(least, solved.owner, of_way)
    return np.where(np.isfinite(least), least, np.nan)


def _answered(
    network: Network, pairs: pd.DataFrame, solved: Equilibrium, composite: Floats, response: Response
) -> tuple[Equilibrium, Floats]:
    """Settle demand and flows together: log demand is sought by Anderson's (1965) acceleration of ln D <- ln D(S(D)).

    Raises SolveError when demand and cost have not met after ROUNDS rounds.
    """
    open_ = np.isfinite(composite)
    log_amount: Floats = np.log(response.amount[open_])
    tried: list[Floats] = []
    wrong: list[Floats] = []
    for _ in range(ROUNDS):
        answer = np.log(response.demand(np.where(open_, composite, 1.0))[open_])
        residual = answer - log_amount
        amount = np.exp(log_amount)
        if np.abs(amount * np.expm1(residual)).max(initial=0.0) <= MEETS * response.amount.sum():
            return solved, composite
        tried, wrong = [*tried, log_amount][-MEMORY:], [*wrong, residual][-MEMORY:]
        log_amount = _accelerated(np.array(tried), np.array(wrong))
        amounts = solved.problem.amount.copy()
        amounts[open_] = np.exp(log_amount)
        solved = _solved(replace(solved.problem, amount=amounts), solved)
        composite = _cheapest(network, pairs, solved)
    raise SolveError(
        f"demand and its cost have not met after {ROUNDS} rounds; check the elasticities of the commodities"
    )


def _accelerated(tried: Floats, wrong: Floats) -> Floats:
    """The next guess from the last ones, rows of `tried`, and how far each was off, rows of `wrong`."""
    if len(tried) == 1:
        half: Floats = tried[-1] + 0.5 * wrong[-1]
        return half
    steps, changes = np.diff(tried, axis=0).T, np.diff(wrong, axis=0).T
    mix = np.linalg.lstsq(changes, wrong[-1], rcond=1e-12)[0]
    near = np.clip(wrong[-1] - (steps + changes) @ mix, -1.0, 1.0)  # never more than a factor of e at once
    guess: Floats = tried[-1] + near
    return guess


def problem_of(network: Network, pairs: pd.DataFrame) -> Problem:
    """The problem that `bactrian.assign.equilibrium` solves for `pairs` (as from `pairs_of`), all of them joined."""
    fixed = np.where(network.allowed, network.cost / network.wait_cost[:, None], np.inf)
    return Problem(
        nodes=len(network.nodes),
        first_through=0,
        tail=network.arcs["tail"].to_numpy(dtype=np.int64),
        head=network.arcs["head"].to_numpy(dtype=np.int64),
        resource=network.resource,
        fixed=fixed,
        delays=delays(network),
        origin=pairs["source"].to_numpy(dtype=np.int64),
        destination=pairs["target"].to_numpy(dtype=np.int64),
        klass=pairs["k"].to_numpy(dtype=np.int64),
        amount=pairs["kt"].to_numpy(dtype=np.float64),
    )


def _start(problem: Problem, rows: NDArray[np.int64], start: Start) -> Equilibrium | None:
    """The ways of `start` as if they were a solution of the problem."""
    row = {pair: place for place, pair in enumerate(rows.tolist())}
    kept = [
        (row[pair], way, kt) for (pair, way), kt in zip(start.ways, start.flow, strict=True) if kt > 0 and pair in row
    ]
    if not kept:
        return None
    kept.sort(key=lambda one: one[0])
    owner, ways, flow = zip(*kept, strict=True)
    return Equilibrium(
        problem=problem,
        load=np.zeros(problem.delays.law.size),
        start=np.concatenate([[0], np.cumsum([len(way) for way in ways])]).astype(np.int64),
        arcs=np.array([arc for way in ways for arc in way], dtype=np.int64),
        owner=np.array(owner, dtype=np.int64),
        flow=np.array(flow, dtype=np.float64),
        gap=np.inf,
        objective=np.inf,
        iterations=0,
        cpu_s=0.0,
        unreachable=np.zeros(problem.amount.size, dtype=np.bool_),
        log=np.zeros((0, 3)),
    )


def _worth(network: Network, routes: Routes, valued: Floats, load: Floats, rise: Floats, give: Floats) -> Floats:
    """What all users gain in a year by one more tonne of yearly capacity, when flows have settled again (USD/t).

    `valued` is the flow of each way times what an hour costs it, u = A valued. More capacity changes waits by
    h = -D x/c, D = ∂y/∂x. Flows move along N, differences of the used ways of a pair, until these cost the same again;
    what users gain is -(u - N z) h with z the least squares solution of N z = u weighted by D. A pair whose demand
    falls by `give` (kt/yr) with an hour more also moves along one of its ways, at a further z²/give.
    """
    if not valued.size or not load.size:
        return np.zeros(load.size)
    use = routes.use(network.resource, load.size)
    first = np.flatnonzero(np.r_[True, routes.pair[1:] != routes.pair[:-1]])
    base = np.repeat(first, np.diff(np.append(first, len(routes))))
    elastic = first[give[routes.pair[first]] > 0]
    differ = (use - use[:, base])[:, np.setdiff1d(np.arange(len(routes)), first)].toarray()
    moves = np.hstack([differ, use[:, elastic].toarray()])
    stiff = np.zeros((elastic.size, moves.shape[1]))
    stiff[:, differ.shape[1] :] = np.diag(give[routes.pair[elastic]] ** -0.5)
    hour = use @ valued
    root = np.sqrt(rise)
    answer = np.linalg.lstsq(
        np.vstack([moves * root[:, None], stiff]), np.append(hour * root, np.zeros(elastic.size)), rcond=None
    )[0]
    worth: Floats = (hour - moves @ answer) * rise * load / network.resources["capacity_kt"].to_numpy()
    return worth

"""What a network design problem is, and its statement as a mixed-integer programme.

Open arcs y and flows x minimise Σ_a (f_a y_a + Σ_k c_ak x_ak) where each commodity k leaves its origin and reaches its
destination with d_k, Σ_k x_ak ≤ u_a y_a (capacity), and x_ak ≤ min(d_k, u_a) y_a (strong inequalities).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from bactrian.design.programme import Programme
from bactrian.errors import SolveError
from bactrian.formats import Dow

__all__ = ["Problem", "Statement", "problem_of", "state"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """`nodes` nodes, A arcs and K commodities: which arcs to open, and how to carry every demand over them.

    Per arc: `tail`, `head` (from 0), `capacity`, `fixed`. `cost` is that of a unit of flow by arc and commodity, of
    shape (A, K). Per commodity: `origin`, `destination`, `demand`. Raises SolveError for shapes that do not agree,
    unknown nodes, and numbers below 0 or not finite.
    """

    nodes: int
    tail: Ints
    head: Ints
    cost: Floats
    capacity: Floats
    fixed: Floats
    origin: Ints
    destination: Ints
    demand: Floats

    def __post_init__(self) -> None:
        arcs, commodities = self.tail.size, self.demand.size
        shapes: dict[str, tuple[int, ...]] = {"cost": (arcs, commodities)}
        shapes |= dict.fromkeys(("tail", "head", "capacity", "fixed"), (arcs,))
        shapes |= dict.fromkeys(("origin", "destination", "demand"), (commodities,))
        for name, shape in shapes.items():
            values = getattr(self, name)
            if values.shape != shape:
                raise SolveError(f"{name} must have the shape {shape}, found {values.shape}")
            top = self.nodes if name in ("tail", "head", "origin", "destination") else np.inf
            wrong = ~((values >= 0) & (values < top))
            if wrong.any():
                what = f"a node below {self.nodes}" if top < np.inf else "at least 0 and finite"
                at = np.argwhere(wrong)[0].tolist()
                raise SolveError(f"{name} must be {what}, found {values[tuple(at)]} at {at}")


def problem_of(dow: Dow) -> Problem:
    """The problem a file states; all commodities cost the same on an arc."""
    cost = np.repeat(dow.cost[:, None], dow.demand.size, axis=1)
    ends = (dow.origin, dow.destination, dow.demand)
    return Problem(dow.nodes, dow.tail, dow.head, cost, dow.capacity, dow.fixed, *ends)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A problem as a programme: a column per flow that is allowed, of `arc` and commodity `k`, then one per arc."""

    programme: Programme
    arc: Ints
    k: Ints
    shape: tuple[int, int]

    def start(self, flow: Floats) -> Floats:
        """The columns of a flow (A, K): arcs that carry something are open."""
        return np.concatenate([flow[self.arc, self.k], (flow.sum(axis=1) > 0).astype(np.float64)])

    def flow(self, values: Floats) -> Floats:
        """The flow (A, K) in the columns."""
        full = np.zeros(self.shape)
        full[self.arc, self.k] = np.maximum(values[: self.arc.size], 0.0)
        return full


def state(
    problem: Problem,
    allowed: Bools | None = None,
    strong: Bools | None = None,
    least: Floats | None = None,
    most: Floats | None = None,
) -> Statement:
    """The problem as a programme, in full or in part.

    Commodities may use only what `allowed` (A, K) lets them, and only the strong inequalities in `strong` (A, K) are
    written: all of them if not given. `least` and `most` (A) bound what is open, 0 and 1 if not given.
    """
    arcs, commodities = problem.cost.shape
    arc, k = np.nonzero(np.ones(problem.cost.shape, dtype=bool) if allowed is None else allowed)
    flows, here, every = arc.size, np.arange(arc.size), np.arange(arcs)
    amount = np.minimum(problem.demand[k], problem.capacity[arc])
    tied = here if strong is None else np.flatnonzero(strong[arc, k])
    one, first = np.ones(flows), commodities * problem.nodes
    extra = first + arcs + np.arange(tied.size)
    rows = [k * problem.nodes + problem.tail[arc], k * problem.nodes + problem.head[arc]]
    rows += [first + arc, first + every, extra, extra]
    columns = [here, here, here, flows + every, tied, flows + arc[tied]]
    values = [one, -one, one, -problem.capacity, np.ones(tied.size), -amount[tied]]
    balance, trade = np.zeros(first), np.arange(commodities) * problem.nodes
    np.add.at(balance, trade + problem.origin, problem.demand)
    np.add.at(balance, trade + problem.destination, -problem.demand)
    shape, loose = (first + arcs + tied.size, flows + arcs), arcs + tied.size
    matrix = csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    programme = Programme(
        cost=np.concatenate([problem.cost[arc, k], problem.fixed]),
        lower=np.concatenate([np.zeros(flows), np.zeros(arcs) if least is None else least]),
        upper=np.concatenate([amount, np.ones(arcs) if most is None else most]),
        whole=np.arange(flows + arcs) >= flows,
        rows=matrix,
        row_lower=np.concatenate([balance, np.full(loose, -np.inf)]),
        row_upper=np.concatenate([balance, np.zeros(loose)]),
    )
    return Statement(programme, arc, k, (arcs, commodities))

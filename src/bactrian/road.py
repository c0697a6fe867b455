"""User equilibrium of a road network as the field's test collection keeps them (TNTP)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.equilibrium import BPR, Delays, Equilibrium, Problem, user_equilibrium
from bactrian.errors import SolveError
from bactrian.formats import Tntp, read_tntp

__all__ = ["Road", "problem_of", "road_equilibrium"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Road:
    """A solved network: the equilibrium and `links` (init_node, term_node, flow, time) in the order of the file.

    The time of a link includes distance and toll at their factors.
    """

    network: Tntp
    solved: Equilibrium
    links: pd.DataFrame
    asked_gap: float

    def summary(self) -> dict[str, Any]:
        """What was solved and how well, as plain types."""
        demand = self.solved.problem.amount
        lost = float(demand[self.solved.unreachable].sum())
        return {
            "nodes": self.network.nodes,
            "links": len(self.links),
            "trips": float(demand.sum()),
            "unreachable_trips": lost,
            "relative_gap": self.solved.gap,
            "objective": self.solved.objective,
            "total_time": float((self.links["flow"] * self.links["time"]).sum()),
            "iterations": self.solved.iterations,
            "cpu_s": round(self.solved.cpu_s, 4),
            "reached": bool(self.solved.gap <= self.asked_gap),
            "version": version("bactrian"),
        }


def problem_of(network: Tntp, distance_factor: float | None = None, toll_factor: float | None = None) -> Problem:
    """The equilibrium problem of a TNTP network; factors in time per unit, those of the file's header if not given."""
    distance = network.distance_factor if distance_factor is None else distance_factor
    toll = network.toll_factor if toll_factor is None else toll_factor
    links = np.arange(network.tail.size)
    return Problem(
        nodes=network.nodes,
        first_through=network.first_through,
        tail=network.tail,
        head=network.head,
        resource=links,
        fixed=(distance * network.length + toll * network.toll)[None, :],
        delays=Delays(np.full(links.size, BPR), network.free, network.capacity, network.b, network.power),
        origin=network.origin,
        destination=network.destination,
        klass=np.zeros(network.amount.size, dtype=np.int64),
        amount=network.amount,
    )


def road_equilibrium(
    folder: Path,
    gap: float = 1e-6,
    distance_factor: float | None = None,
    toll_factor: float | None = None,
    threads: int = 1,
) -> Road:
    """Read the network and trips in `folder` and solve them to a relative gap.

    Raises CaseError for faulty files, and SolveError for a gap that is not above 0, factors below 0 or no threads.
    """
    if not gap > 0:
        raise SolveError(f"cannot reach a relative gap of {gap:g}: ask for one above 0, such as 1e-6")
    if threads < 1:
        raise SolveError(f"cannot work with {threads} threads: ask for one or more")
    for name, factor in (("distance", distance_factor), ("toll", toll_factor)):
        if factor is not None and not 0 <= factor < np.inf:
            raise SolveError(f"the {name} factor must be a number of at least 0, not {factor:g}")
    network = read_tntp(folder)
    solved = user_equilibrium(problem_of(network, distance_factor, toll_factor), gap, threads=min(threads, 2))
    links = pd.DataFrame(
        {
            "init_node": network.tail + 1,
            "term_node": network.head + 1,
            "flow": solved.arc_flow[0],
            "time": solved.time + solved.problem.fixed[0],
        }
    )
    return Road(network, solved, links, gap)

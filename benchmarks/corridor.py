"""Time the user equilibrium of the built-in case, cold and from a warm start: python benchmarks/corridor.py

For every resource used to more than 30 % its capacity changes by 30 %, down and up; CPU seconds to a relative gap of
1e-8, medians of five runs each. Writes corridor_warm.csv beside this file.
"""

import csv
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import bactrian as ba
from bactrian.assign.equilibrium import Equilibrium, user_equilibrium
from bactrian.assign.routes import pairs_of
from bactrian.assign.wardrop import problem_of
from bactrian.demand import demand
from bactrian.network import build

GAP, RUNS, YEAR = 1e-8, 5, 2021


def timed(solve: Callable[[], Equilibrium]) -> float:
    times = []
    for _ in range(RUNS):
        begun = time.process_time()
        solved = solve()
        times.append(time.process_time() - begun)
        assert solved.gap <= GAP
    return statistics.median(times)


def main() -> None:
    case = ba.load("transcaspian")
    network = build(case, YEAR)
    problem = problem_of(network, pairs_of(network, demand(case, YEAR).table))
    first = user_equilibrium(problem, GAP)
    first = user_equilibrium(problem, GAP, start=first)
    rows = []
    for resource in np.flatnonzero(first.load > 0.3 * problem.delays.capacity):
        for factor in (0.7, 1.3):
            capacity = problem.delays.capacity.copy()
            capacity[resource] *= factor
            changed = replace(problem, delays=replace(problem.delays, capacity=capacity))
            cold = timed(lambda changed=changed: user_equilibrium(changed, GAP))  # type: ignore[misc]
            warm = timed(lambda changed=changed: user_equilibrium(changed, GAP, start=first))  # type: ignore[misc]
            rows.append(
                [network.resources["row"][resource], factor, f"{cold:.6f}", f"{warm:.6f}", f"{cold / warm:.2f}"]
            )
    with Path(__file__).with_name("corridor_warm.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["resource", "capacity_factor", "cold_cpu_s", "warm_cpu_s", "ratio"])
        table.writerows(sorted(rows, key=lambda row: float(row[-1])))
    ratios = [float(row[-1]) for row in rows]
    enough = sum(ratio >= 5 for ratio in ratios) / len(ratios)
    print(f"cold over warm: median {statistics.median(ratios):.1f}, {min(ratios):.1f} to {max(ratios):.1f}")
    print(f"at least 5 in {enough:.0%} of {len(ratios)}; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

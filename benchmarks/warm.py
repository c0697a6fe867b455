"""Warm restarts of the equilibrium: CPU seconds after one link's capacity changes, from the old solution and cold."""

import os
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from peers import only, problem_of

from bactrian.assign.equilibrium import user_equilibrium

GAP = 1e-8
CHANGES = (0.7, 1.3)  # factors on the capacity of one link
BUSIEST, OTHERS = 5, 25
REPEAT, ENOUGH = 3, 0.3  # most runs of each start, and CPU seconds after which they end; the median counts


def warm_table(checker: Any, folders: list[Path]) -> list[dict[str, Any]]:
    """A row per network, group of links and change: ratios of cold to warm CPU seconds over the links."""
    rows = []
    for folder in folders:
        problem = problem_of(str(folder))
        net = checker.read_net(str(only(str(folder), "net")))
        demand = checker.read_trips(str(only(str(folder), "trips")), net["n_zones"])
        base = user_equilibrium(problem, GAP)
        spent = base.load * checker.Costs(net).t(base.load)
        delayed = np.flatnonzero((problem.delays.shape > 0) & (problem.delays.power > 0) & (problem.delays.free > 0))
        busiest = delayed[np.argsort(-spent[delayed], kind="stable")][:BUSIEST]
        others = np.setdiff1d(delayed, busiest)
        drawn = np.random.default_rng(0).choice(others, min(OTHERS, others.size), replace=False)
        for name, links in (("most time x load", busiest), ("drawn at random", drawn)):
            for change in CHANGES:
                found = [one_link(checker, problem, net, demand, base, link, change) for link in links]
                ratios = [cold / warm for cold, warm, _ in found]
                row = {"network": folder.name, "links": f"{len(links)} {name}", "capacity_factor": change, "gap": GAP}
                row |= {"ratio_median": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios)}
                row |= {"cold_cpu_s": statistics.median(one[0] for one in found)}
                row |= {"warm_cpu_s": statistics.median(one[1] for one in found)}
                row |= {"gap_max": max(one[2] for one in found), "load_average": os.getloadavg()[0]}
                rows.append({key: f"{one:.4g}" if isinstance(one, float) else one for key, one in row.items()})
                print(*(f"{key} {one}" for key, one in rows[-1].items()), flush=True)
    return rows


def one_link(
    checker: Any, problem: Any, net: Any, demand: Any, base: Any, link: int, change: float
) -> tuple[float, float, float]:
    """CPU seconds cold and warm, and the larger gap of the two by the checker."""
    capacity = problem.delays.capacity.copy()
    capacity[link] *= change
    changed = replace(problem, delays=replace(problem.delays, capacity=capacity))
    times, gap = [], 0.0
    for start in (None, base):
        spent = []
        for _ in range(REPEAT):
            begun = time.process_time()
            answer = user_equilibrium(changed, GAP, start=start)
            spent.append(time.process_time() - begun)
            if sum(spent) > ENOUGH:
                break
        times.append(statistics.median(spent))
        gap = max(gap, checker.evaluate(net | {"cap": capacity}, demand, answer.arc_flow[0])["relative_gap"])
    return times[0], times[1], gap

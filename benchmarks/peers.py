"""The solvers of the equilibrium benchmark, each run in a process of its own: python benchmarks/peers.py JOB.

JOB is JSON: `solver`, `folder` (one TNTP network, its cost factors in the header), `gaps` (targets), `runs`, `limit`
(CPU seconds of one run), `flows` (folder for the link flows found), `checker` (the script that measures gaps), and for
an external solver its `command`. The answer is JSON on the last line of output: per target a `Timing`. Reading the
network is never part of the time; all times are CPU seconds of the whole process. Linux only, for peak memory.
"""

import importlib.util
import json
import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

BROKEN = 1e-7  # largest conservation error, as a share of all trips, of flows that count
NO_TIME = 1e-9  # free-flow time instead of 0 for a solver that rejects 0
SLOW = 20.0  # CPU seconds of a run above which it is not repeated


@dataclass
class Timing:
    """CPU seconds of each run to one target, and what is known of the last run."""

    target: float
    cpu_s: list[float] = field(default_factory=list)
    iterations: int | None = None
    flows: str = ""  # file of link flows in the order of the network file, none if empty
    peak_mb: float = 0.0
    version: str = ""
    log: list[tuple[float, float]] = field(default_factory=list)  # CPU seconds and gap, where the solver keeps one


def load_checker(path: str) -> Any:
    """The independent checker as a module."""
    spec = importlib.util.spec_from_file_location("checker", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def only(folder: str, kind: str) -> Path:
    (one,) = Path(folder).glob(f"*_{kind}.tntp")
    return one


def peak_mb() -> float:
    """Peak resident memory of this process. `ru_maxrss` would count that of the process that started it."""
    words = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()
    return int(words[0]) / 1024


def repeat(solve: Callable[[], Any], runs: int) -> tuple[list[float], Any]:
    """CPU seconds of each run after a warm-up, which is the only run if it is slow; and the last answer."""
    spent: list[float] = []
    for count in range(runs + 1):
        begun = time.process_time()
        answer = solve()
        spent.append(time.process_time() - begun)
        if count == 0 and spent[0] > SLOW:
            return spent, answer
    return spent[1:], answer


def save(job: dict[str, Any], target: float, flow: Any) -> str:
    import numpy as np

    path = Path(job["flows"], f"{target:g}.npy")
    np.save(path, np.asarray(flow, dtype=float))
    return str(path)


def bactrian(job: dict[str, Any]) -> list[Timing]:
    from importlib.metadata import version

    from bactrian.assign.equilibrium import user_equilibrium

    problem = problem_of(job["folder"])
    found = []
    for gap in job["gaps"]:
        user_equilibrium(problem, 1e-2)
        spent, answer = repeat(partial(user_equilibrium, problem, gap), job["runs"])
        peak = peak_mb()
        log = [(float(cpu), float(ratio)) for ratio, _, cpu in answer.log]
        file = save(job, gap, answer.arc_flow[0])
        found.append(Timing(gap, spent, answer.iterations, file, peak, version("bactrian"), log))
    return found


def problem_of(folder: str) -> Any:
    """The network and trips of a folder as a problem of one class."""
    import numpy as np

    from bactrian.assign.equilibrium import BPR, Delays, Problem
    from bactrian.formats.tntp import read_tntp

    net = read_tntp(folder)
    links = net.tail.size
    fixed = net.distance_factor * net.length + net.toll_factor * net.toll
    delays = Delays(np.full(links, BPR), net.free, net.capacity, net.b, net.power)
    klass = np.zeros(net.origin.size, np.int64)
    trips = net.origin, net.destination, klass, net.amount
    resource_ = np.arange(links)
    return Problem(net.nodes, net.first_through, net.tail, net.head, resource_, fixed[None, :], delays, *trips)


def plain(job: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """The checker, its network and demand, and links for solvers that reject power 0 and capacity 0.

    Links of constant cost become links of B 0 and power 1 with all of it as free-flow time.
    """
    import numpy as np

    checker = load_checker(job["checker"])
    net = checker.read_net(str(only(job["folder"], "net")))
    demand = checker.read_trips(str(only(job["folder"], "trips")), net["n_zones"])
    np.fill_diagonal(demand, 0.0)
    cost = checker.Costs(net)
    links = {
        "free": np.where(cost.const, cost.t(np.zeros(net["i"].size)) - cost.fix, net["fft"]),
        "b": np.where(cost.const, 0.0, net["b"]),
        "power": np.where(cost.const, 1.0, net["p"]),
        "capacity": np.where(net["cap"] > 0, net["cap"], 1.0),
        "fixed": cost.fix,
    }
    return checker, net, demand, links


def pytraf(job: dict[str, Any]) -> list[Timing]:
    from importlib.metadata import version

    import numpy as np
    import pytraf as peer

    _, net, demand, links = plain(job)
    nodes = net["n_nodes"]
    network = peer.Network(
        nodes,
        net["i"].astype(np.int64) - 1,
        net["j"].astype(np.int64) - 1,
        links["free"],
        links["capacity"],
        b=links["b"],
        power=links["power"],
        is_centroid=np.arange(1, nodes + 1) < net["ftn"],
        allow_u_turns=True,
    )
    origin, destination = np.nonzero(demand)
    trips = peer.Demand(nodes, origin, destination, demand[origin, destination])
    classes = [peer.TrafficClass(trips, extra_link_cost=links["fixed"]) if links["fixed"].any() else trips]
    found = []
    for gap in job["gaps"]:
        network.assign(classes, gap=1e-2, threads=1)
        spent, answer = repeat(partial(network.assign, classes, gap=gap, max_iter=100_000, threads=1), job["runs"])
        peak = peak_mb()
        flow = np.asarray(answer.links.flow).reshape(-1, net["i"].size).sum(axis=0)
        found.append(Timing(gap, spent, int(answer.iterations), save(job, gap, flow), peak, version("pytraf")))
    return found


def aequilibrae(job: dict[str, Any]) -> list[Timing]:
    """Biconjugate Frank-Wolfe, stopped by the checker.

    Its own gap mixes flows after a step with costs before it, so the checker measures its flows as it runs, with the
    clock stopped: whenever its own gap has come near the next target and fallen by a twentieth since the last look.
    One run thus gives the times to all targets.
    """
    from importlib.metadata import version

    import numpy as np
    import pandas as pd
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    checker, net, demand, links = plain(job)
    count = net["i"].size
    zones = np.arange(1, net["n_zones"] + 1)
    table = {"link_id": np.arange(1, count + 1), "a_node": net["i"], "b_node": net["j"], "direction": 1, **links}
    table["free"] = np.maximum(links["free"], NO_TIME)
    graph = Graph()
    graph.network = pd.DataFrame(table)
    graph.prepare_graph(zones, remove_dead_ends=False)
    graph.set_graph("free")
    graph.set_blocked_centroid_flows(net["ftn"] > 1)
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=zones.size, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = zones
    matrix.matrices[:, :, 0] = demand
    matrix.computational_view(["trips"])

    def run(targets: list[float], limit: float) -> list[Timing]:
        group = TrafficClass("trips", graph, matrix)
        if links["fixed"].any():
            group.set_fixed_cost("fixed")
        model = TrafficAssignment()
        model.set_classes([group])
        model.set_vdf("BPR")
        model.set_vdf_parameters({"alpha": "b", "beta": "power"})
        model.set_capacity_field("capacity")
        model.set_time_field("free")
        model.set_algorithm("bfw")
        model.set_cores(1)
        model.max_iter = 1_000_000
        model.rgap_target = 0.0
        engine = model.assignment
        engine.steps_below_needed_to_terminate = 1
        found: list[Timing] = []
        usual = engine.check_convergence
        begun, idle, seen = time.process_time(), 0.0, np.inf

        def check() -> bool:
            nonlocal idle, seen
            usual()
            spent = time.process_time() - begun - idle
            late = spent > limit
            if late or (engine.rgap < 2.5 * targets[len(found)] and engine.rgap < 0.95 * seen):
                paused = time.process_time()
                seen = engine.rgap
                measured = checker.evaluate(net, demand, np.array(engine.fw_total_flow))
                gap = measured["relative_gap"]
                late = late or measured["max_node_imbalance"] > BROKEN * demand.sum()
                while len(found) < len(targets) and (gap <= targets[len(found)] or late):
                    target = targets[len(found)]
                    file = save(job, target, engine.fw_total_flow)
                    found.append(Timing(target, [spent], engine.iter, file, version=version("aequilibrae")))
                    seen = np.inf
                    if late:
                        break
                idle += time.process_time() - paused
            return late or len(found) == len(targets)

        engine.check_convergence = check
        model.execute(log_specification=False)
        return found

    run([0.5], 1.0)
    found = run(job["gaps"], job["limit"])
    short = [one for one in found if one.cpu_s[0] <= SLOW]
    for _ in range(job["runs"] - 1):
        if short:
            for one, again in zip(short, run([one.target for one in short], job["limit"]), strict=False):
                one.cpu_s += again.cpu_s
    for one in found:
        one.peak_mb = peak_mb()
    return found


def external(job: dict[str, Any]) -> list[Timing]:
    """A command with {net}, {trips}, {gap} and {flows} in it, the last a CSV it writes: init_node, term_node, flow.

    A line `cpu_s SECONDS` that it prints is taken as its time without reading, else all its CPU time counts.
    """
    found = []
    for gap in job["gaps"]:
        file = Path(job["flows"], f"{gap:g}.csv")
        place = {"net": only(job["folder"], "net"), "trips": only(job["folder"], "trips"), "gap": gap, "flows": file}
        words = [word.format(**place) for word in shlex.split(job["command"])]
        timing = Timing(gap)
        for count in range(job["runs"] + 1):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=job["flows"])
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            said = dict(line.split()[:2] for line in done.stdout.splitlines() if len(line.split()) == 2)
            timing.cpu_s.append(float(said.get("cpu_s", spent)))
            timing.iterations = int(said["iterations"]) if "iterations" in said else None
            timing.version = said.get("version", "")
            if count == 0 and spent > SLOW:
                break
        else:
            timing.cpu_s = timing.cpu_s[1:]
        timing.peak_mb = after.ru_maxrss / 1024
        timing.flows = str(file) if file.exists() else ""
        found.append(timing)
    return found


SOLVERS = {"bactrian": bactrian, "aequilibrae": aequilibrae, "pytraf": pytraf, "external": external}

if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")):
        raise SystemExit("start it through benchmarks/equilibrium.py, which allows one thread")
    given = json.loads(sys.argv[1])
    print(json.dumps([asdict(one) for one in SOLVERS[given["solver"]](given)]))

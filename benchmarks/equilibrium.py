"""Time user equilibrium solvers side by side: python benchmarks/equilibrium.py [--warm] [--growth]

Networks x solvers x gaps in one run. Each solver runs in a process of its own on one thread: a warm-up, then five
runs, of which the median CPU seconds count, without reading the network; one run only where it takes over 20 s. The
gap is measured from the link flows by the independent checker beside the instances, and flows that break conservation
make a time void. Peak memory is that of the whole process. Solvers that are not installed are skipped with a line.

    --binary 'NAME=COMMAND {net} {trips} {gap} {flows}'   time an external program as well (see peers.external)
    --warm      warm against cold starts to 1e-8 after one link's capacity changes by 30 %, instead
    --growth    CPU seconds to 1e-6 against links x origins, up to a grid of 100,000 links, instead

Results go to equilibrium.csv and equilibrium_log.csv, equilibrium_warm.csv or equilibrium_growth.csv beside this file;
draw_equilibrium.py draws them.
"""

import argparse
import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from grid import write_grid
from peers import BROKEN, Timing, load_checker, only

HERE = Path(__file__).parent
INSTANCES = HERE.parents[1] / "shared" / "bench" / "tntp"
NETWORKS = ("SiouxFalls", "Anaheim", "Barcelona", "Winnipeg", "ChicagoSketch")
FACTORS = {"ChicagoSketch": (0.04, 0.02)}  # minutes per mile and per unit of toll
GAPS = (1e-4, 1e-6, 1e-8, 1e-10)
CLOSER = (1.0, 0.5, 0.2, 0.05)  # shares of the gap asked of a solver until the checker finds the gap
GRIDS = ((16, 20), (28, 30), (50, 50), (87, 70), (158, 100))  # side and zones: about 1,000 to 100,000 links
RUNS = 5
ONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
QUIET = {"AEQ_SHOW_PROGRESS": "FALSE"}

Row = dict[str, Any]


@dataclass
class Bench:
    """What all runs share."""

    checker: Any
    checker_path: Path
    work: Path
    limit: float
    binaries: dict[str, str]

    def call(self, solver: str, folder: Path, gaps: list[float], runs: int = RUNS) -> list[Timing]:
        """Run a solver in a process of its own; an empty list if it is stopped or fails."""
        job: dict[str, Any] = {
            "solver": "external" if solver in self.binaries else solver,
            "command": self.binaries.get(solver),
        }
        job |= {"folder": str(folder), "gaps": gaps, "runs": runs, "limit": self.limit}
        job |= {"flows": str(self.work), "checker": str(self.checker_path)}
        words = [sys.executable, str(HERE / "peers.py"), json.dumps(job)]
        longest = 60 + max(self.limit, 20.0 * (runs + 1)) * (len(gaps) if len(gaps) > 1 else 1)
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=longest, env=os.environ | ONE | QUIET)
        except subprocess.TimeoutExpired:
            return []
        if done.returncode:
            print(f"{solver} on {folder.name}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
            return []
        return [Timing(**one) for one in json.loads(done.stdout.strip().splitlines()[-1])]


def prepare(instances: Path, name: str, work: Path) -> Path:
    """A copy of a network whose header states the cost factors."""
    folder = work / name
    folder.mkdir()
    (folder / f"{name}_trips.tntp").write_bytes(only(str(instances / name), "trips").read_bytes())
    text = only(str(instances / name), "net").read_text(errors="replace")
    distance, toll = FACTORS.get(name, (0.0, 0.0))
    text = re.sub(r"<(DISTANCE|TOLL) FACTOR>.*\n", "", text)
    stated = f"<TOLL FACTOR> {toll}\n<DISTANCE FACTOR> {distance}\n<END OF METADATA>"
    (folder / f"{name}_net.tntp").write_text(text.replace("<END OF METADATA>", stated, 1))
    return folder


def compare(
    bench: Bench, solver: str, folder: Path, gaps: tuple[float, ...]
) -> Iterator[tuple[dict[str, Any], Timing]]:
    """A row per gap. A solver that cannot be stopped by the checker is asked for less until the checker is content."""
    net = bench.checker.read_net(str(only(str(folder), "net")))
    demand = bench.checker.read_trips(str(only(str(folder), "trips")), net["n_zones"])
    np.fill_diagonal(demand, 0.0)
    size = {"network": folder.name, "links": net["i"].size, "origins": int((demand.sum(axis=1) > 0).sum())}
    given_up = ""
    known: dict[float, Timing] = {}
    load = os.getloadavg()[0]
    if solver == "aequilibrae":
        known = {one.target: one for one in bench.call(solver, folder, list(gaps))}
    for gap in gaps:
        row: dict[str, Any] = size | {"solver": solver, "gap": gap, "status": given_up or "stopped"}
        timing = Timing(gap)
        if solver != "aequilibrae":
            load = os.getloadavg()[0]
        for share in CLOSER if not given_up else ():
            tried = [known[gap]] if gap in known else []
            if solver != "aequilibrae":
                tried = bench.call(solver, folder, [gap * share])
            if not tried:
                break
            timing = tried[0]
            row |= judge(bench, net, demand, timing, gap) | {"asked": gap * share}
            if row["status"] != "not reached" or solver == "aequilibrae":
                break
        if timing.cpu_s:
            row |= {"version": timing.version, "runs": len(timing.cpu_s), "iterations": timing.iterations}
            row |= {"peak_mb": round(timing.peak_mb, 1), "load_average": round(load, 2)}
        if timing.cpu_s and row["status"] != "flows broken":
            figures = {"cpu_s": statistics.median(timing.cpu_s), "cpu_s_min": min(timing.cpu_s)}
            row |= {name: float(f"{one:.4g}") for name, one in (figures | {"cpu_s_max": max(timing.cpu_s)}).items()}
        if row["status"] in ("not reached", "flows broken", "stopped"):
            given_up = "not tried"
        yield row, timing


def judge(bench: Bench, net: Any, demand: Any, timing: Timing, gap: float) -> dict[str, Any]:
    """What the checker says of the flows found."""
    if not timing.flows:
        return {"status": "unverified"}
    missing = 0
    if timing.flows.endswith(".csv"):
        flow, missing, extra = bench.checker.read_flows(timing.flows, net)
        missing += extra
    else:
        flow = np.load(timing.flows)
    found = bench.checker.evaluate(net, demand, flow)
    error = max(found["max_node_imbalance"], found["max_zone_through_flow"])
    broken = missing > 0 or error > BROKEN * demand.sum() or found["min_flow"] < -BROKEN * demand.sum()
    status = "flows broken" if broken else "ok" if found["relative_gap"] <= gap else "not reached"
    measured = {"reached": float(f"{found['relative_gap']:.4g}"), "conservation_error": float(f"{error:.3g}")}
    return {"status": status, **measured, "objective": found["objective"]}


COLUMNS = "network links origins solver version gap status cpu_s cpu_s_min cpu_s_max runs iterations asked reached"
COLUMNS += " objective conservation_error peak_mb load_average"


def write(name: str, rows: list[dict[str, Any]], columns: list[str]) -> None:
    with Path(HERE, name).open("w", newline="") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def main_table(bench: Bench, folders: list[Path], solvers: list[str]) -> None:
    rows, curves = [], []
    for folder in folders:
        for solver in solvers:
            for row, timing in compare(bench, solver, folder, GAPS):
                print(*(f"{name} {one}" for name, one in row.items() if name in COLUMNS.split()), flush=True)
                rows.append(row)
                point = {"network": folder.name, "solver": solver}
                if row["status"] == "ok":
                    curves.append(point | {"cpu_s": row["cpu_s"], "gap": row["reached"], "by": "checker"})
                if row["gap"] == GAPS[-1]:
                    curves += [
                        point | {"cpu_s": f"{cpu:.4g}", "gap": f"{gap:.4g}", "by": "log"} for cpu, gap in timing.log
                    ]
    write("equilibrium.csv", rows, COLUMNS.split())
    write("equilibrium_log.csv", curves, ["network", "solver", "by", "cpu_s", "gap"])


def growth_table(bench: Bench, folders: list[Path], solvers: list[str]) -> None:
    for side, zones in GRIDS:
        folder = bench.work / f"grid {side}x{side}"
        write_grid(folder, side, zones)
        folders.append(folder)
    rows = []
    for solver in solvers:
        for folder in folders:
            for row, _ in compare(bench, solver, folder, (1e-6,)):
                print(*(f"{name} {one}" for name, one in row.items()), flush=True)
                rows.append(row)
                write("equilibrium_growth.csv", rows, COLUMNS.split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=Path, default=INSTANCES, help="folder with one folder per network")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--solvers", nargs="+", default=["bactrian", "pytraf", "aequilibrae"])
    parser.add_argument("--binary", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--limit", type=float, default=120.0, help="CPU seconds of one run (300 is usual for --growth)")
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--growth", action="store_true")
    given = parser.parse_args()
    checker = given.instances.parent / "check_ue.py"
    if not checker.is_file():
        raise SystemExit(f"no checker {checker}: name the folder of the networks with --instances")
    binaries = dict(one.split("=", 1) for one in given.binary)
    solvers = []
    for name in [*given.solvers, *binaries]:
        if name in binaries or find_spec(name):
            solvers.append(name)
        else:
            print(f"{name} is not installed: skipped", flush=True)
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(load_checker(str(checker)), checker.resolve(), Path(work), given.limit, binaries)
        folders = [prepare(given.instances, name, Path(work)) for name in given.networks]
        if given.warm:
            from warm import warm_table

            rows = warm_table(bench.checker, folders)
            write("equilibrium_warm.csv", rows, list(rows[0]))
        elif given.growth:
            growth_table(bench, folders, solvers)
        else:
            main_table(bench, folders, solvers)


if __name__ == "__main__":
    main()

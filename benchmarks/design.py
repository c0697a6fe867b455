"""Network design on the public instances of the Canad families: Bactrian beside plain HiGHS on the strong formulation.

    python benchmarks/design.py [--instances FOLDER] [--limit 300] [--only c37 c49 ...]

Writes benchmarks/design.csv, a row per instance and solver, as soon as each is done, and docs/design_results.md.
Rows that are there already, by the same limit, are kept: a stopped run goes on where it ended. One thread, one solve at
a time.
"""

import argparse
import csv
import os
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bactrian.design import Design, Problem, check_design, design_network, problem_of
from bactrian.design.problem import state
from bactrian.formats import read_dow

HERE = Path(__file__).parent
FIRST = ("c37", "c40", "c45", "c49")  # those that plain HiGHS does not close
GAP = 1e-4
COLUMNS = ("instance", "nodes", "arcs", "commodities", "solver", "version", "limit_s", "value", "bound", "gap")
COLUMNS += ("seconds", "certificate", "load_average", "cores", "log")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=Path, default=HERE.parent.parent / "shared" / "bench" / "mcnd")
    parser.add_argument("--limit", type=float, default=300.0)
    parser.add_argument("--only", nargs="*", help="Instances; all if not given, the hard ones first.")
    parser.add_argument("--solvers", nargs="*", default=["HiGHS", "bactrian"])
    parser.add_argument("--out", type=Path, default=HERE / "design.csv")
    asked = parser.parse_args()
    found = sorted(asked.instances.glob("*.dow"), key=lambda path: (path.stem not in FIRST, path.stem))
    rows = list(csv.DictReader(asked.out.open(encoding="utf-8"))) if asked.out.exists() else []
    known = {(row["instance"], row["solver"], float(row["limit_s"])) for row in rows}
    design_network(problem_of(read_dow(found[-1])), time_limit_s=1.0)  # compiled code is loaded before the clock starts
    for path in found:
        for solver in asked.solvers:
            if (asked.only and path.stem not in asked.only) or (path.stem, solver, asked.limit) in known:
                continue
            rows.append(one_row(path, solver, asked.limit))
            with asked.out.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            print({key: one for key, one in rows[-1].items() if key != "log"}, flush=True)
    (HERE.parent / "docs" / "design_results.md").write_text(page(rows), encoding="utf-8")


def one_row(path: Path, solver: str, limit: float) -> dict[str, Any]:
    problem = problem_of(read_dow(path))
    log: list[tuple[float, float, float]] = []
    begun = time.perf_counter()
    certificate = ""
    if solver == "HiGHS":
        programme = state(problem).programme
        solved = programme.solve(time_limit_s=limit, gap=GAP, tell=lambda *one: log.append(one))
        value, bound, gap = solved.objective, solved.bound, solved.gap
        seconds = time.perf_counter() - begun
    else:
        design = design_network(problem, time_limit_s=limit, gap=GAP, tell=lambda *one: log.append(one))
        value, bound, gap = design.value, design.bound, design.gap
        seconds = time.perf_counter() - begun
        certificate = _certificate(problem, design)
    row = {"instance": path.stem, "nodes": problem.nodes, "arcs": problem.tail.size, "commodities": problem.demand.size}
    row |= {"solver": solver, "version": version("highspy" if solver == "HiGHS" else "bactrian"), "limit_s": limit}
    row |= {"value": f"{value:.3f}", "bound": f"{bound:.3f}", "gap": f"{gap:.3g}", "seconds": f"{seconds:.1f}"}
    row |= {"certificate": certificate, "load_average": f"{os.getloadavg()[0]:.2f}", "cores": os.cpu_count()}
    return row | {"log": " ".join(f"{at:.1f}:{value:.0f}:{bound:.0f}" for value, bound, at in log)}


def _certificate(problem: Problem, design: Design) -> str:
    return "holds" if check_design(problem, design).holds else "fails"


def page(rows: list[dict[str, Any]]) -> str:
    """The rows of both solvers side by side, as Markdown."""
    lines = [
        "# Measured results of network design",
        "",
        "Written by `benchmarks/design.py` from `benchmarks/design.csv`; not edited by hand. HiGHS is given the",
        "formulation with all strong inequalities. One thread, a relative gap of 1e-4 asked, wall seconds; the load",
        "average is that of the machine, other work included. Every certificate of Bactrian's designs "
        + ("holds." if all(row["certificate"] != "fails" for row in rows) else "does NOT hold."),
        "",
        "| instance | nodes, arcs, commodities | limit s | HiGHS value | bound | gap % | s | load "
        "| Bactrian value | bound | gap % | s | load |",
        "| --- | --- " + "| ---: " * 11 + "|",
    ]
    by = {(row["instance"], row["solver"], float(row["limit_s"])): row for row in rows}
    for name, limit in sorted({(name, limit) for name, _, limit in by}, key=lambda one: (one[0] not in FIRST, one)):
        both = [by.get((name, solver, limit)) for solver in ("HiGHS", "bactrian")]
        size = next(row for row in both if row)
        cells = [name, f"{size['nodes']}, {size['arcs']}, {size['commodities']}", f"{limit:g}"]
        for row in both:
            cells += [""] * 5 if row is None else _cells(row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _cells(row: dict[str, Any]) -> list[str]:
    numbers = [f"{float(row['value']):.0f}", f"{float(row['bound']):.0f}", f"{100 * float(row['gap']):.3f}"]
    return [*numbers, str(row["seconds"]), str(row["load_average"])]


if __name__ == "__main__":
    main()

"""Time the commands a user types, each as a process of its own: python benchmarks/commands.py > benchmarks/commands.csv

Per command the median of five runs after one warm-up: wall seconds, CPU seconds (user and system); the
load average of the machine at the start of each is noted beside.
"""

import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = Path(sys.executable).with_name("bactrian")
COMMANDS = {
    "help": ["--help"],
    "check": ["check"],
    "run": ["run"],
    "run with files and map": ["run", "--out", "OUT"],
    "run, capacity": ["run", "--method", "capacity"],
}
RUNS = 5


def measure(words: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of one run."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        named = [out if word == "OUT" else word for word in words]
        subprocess.run([str(COMMAND), *named], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["command", "wall_s", "wall_s_max", "cpu_s", "cpu_s_max", "runs", "load_average", "cores"])
    for name, words in COMMANDS.items():
        measure(words)
        load = os.getloadavg()[0]
        walls, cpus = zip(*(measure(words) for _ in range(RUNS)), strict=True)
        figures = [statistics.median(walls), max(walls), statistics.median(cpus), max(cpus)]
        table.writerow([name, *(f"{one:.2f}" for one in figures), RUNS, f"{load:.2f}", os.cpu_count()])


if __name__ == "__main__":
    main()

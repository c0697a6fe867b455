"""Time the nucleolus of random games and its certificate, and voting power: python benchmarks/games.py

Writes benchmarks/games.csv, a row per kind and size: median and largest wall seconds over the seeds, the load average
of the machine at the start, and how many certificates hold. One thread.
"""

import csv
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bactrian.games import Game, allocate, certify_nucleolus
from bactrian.voting import eu_council, heads, power, security_council

SEEDS = {6: 200, 8: 200, 10: 200, 12: 50, 14: 20, 16: 5}
COLUMNS = (
    "what",
    "players",
    "runs",
    "median_s",
    "largest_s",
    "certified",
    "certificate_median_s",
    "load_average",
    "cores",
)


def random_game(players: int, seed: int) -> Game:
    """Uniform worth times size to a random power; odd seeds are costs."""
    draw = np.random.default_rng(seed)
    sizes = np.array([mask.bit_count() for mask in range(2**players)])
    worth = draw.uniform(0.0, 1.0, 2**players) * sizes ** draw.uniform(0.5, 2.0)
    worth[0] = 0.0
    return Game(tuple(f"p{i}" for i in range(players)), worth, cost=bool(seed % 2))


def timed(run: Callable[[], object]) -> tuple[float, object]:
    begun = time.perf_counter()
    found = run()
    return time.perf_counter() - begun, found


def nucleoli(players: int, runs: int) -> dict[str, object]:
    load, seconds, checks, held = os.getloadavg()[0], [], [], 0
    for seed in range(runs):
        game = random_game(players, seed)
        took, found = timed(lambda game=game: allocate(game, "prenucleolus"))
        checked, certificate = timed(lambda game=game, x=found.shares: certify_nucleolus(game, x, individual=False))
        seconds.append(took)
        checks.append(checked)
        held += certificate.holds
    return row("prenucleolus", players, seconds, load) | {
        "certified": held,
        "certificate_median_s": f"{statistics.median(checks):.4f}",
    }


def row(what: str, players: int, seconds: list[float], load: float) -> dict[str, object]:
    figures = {"median_s": f"{statistics.median(seconds):.4f}", "largest_s": f"{max(seconds):.4f}"}
    return {"what": what, "players": players, "runs": len(seconds), **figures} | {
        "load_average": f"{load:.2f}",
        "cores": os.cpu_count(),
    }


def main() -> None:
    allocate(random_game(3, 0), "prenucleolus")  # libraries are loaded before the clock starts
    rows = [nucleoli(players, runs) for players, runs in SEEDS.items()]
    draw = np.random.default_rng(1)
    people = {f"s{i}": int(one) for i, one in enumerate(draw.integers(500_000, 84_000_000, 27))}
    kinds = {
        "power, Security Council": security_council(),
        "power, two thirds of 193": heads(map(str, range(193)), share="2/3"),
        "power, 27 states by people": eu_council(people),
    }
    for what, rule in kinds.items():
        load = os.getloadavg()[0]
        rows.append(row(what, len(rule.members), [timed(lambda rule=rule: power(rule))[0] for _ in range(3)], load))
    with Path(__file__).with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()

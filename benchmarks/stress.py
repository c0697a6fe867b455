"""Draws per second on one core against the number of draws, with the memory in use: built-in case, 2030, all events.

    python benchmarks/stress.py [DRAWS]

Writes benchmarks/stress.csv and docs/stress_draws.svg. The ways are found first, and are not counted in the rate.
"""

import os
import resource
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from bactrian.case import load
from bactrian.stressing import Ensemble, Sampler, Scene, events_of

HERE = Path(__file__).parent
EVERY = 10  # blocks


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    case = load("transcaspian")
    start = time.monotonic()
    scene = Scene(case, 2030, events_of(case))
    ready = time.monotonic() - start
    sampler = Sampler(scene.events, seed=7)
    ensemble = Ensemble(scene, sampler)
    rows = []
    start = last = time.monotonic()
    for block in range(draws // sampler.size):
        ensemble.block(block)
        if (block + 1) % EVERY == 0:
            now = time.monotonic()
            done = (block + 1) * sampler.size
            rows.append(
                {
                    "draws": done,
                    "per_second": round(EVERY * sampler.size / (now - last), 1),
                    "per_second_so_far": round(done / (now - start), 1),
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                    "load": round(os.getloadavg()[0], 2),
                    "ways_s": round(ready, 1),
                }
            )
            last = now
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    table.to_csv(HERE / "stress.csv", index=False, lineterminator="\n")
    picture(table)


def picture(table: pd.DataFrame) -> None:
    plt.rcParams.update({"svg.hashsalt": "bactrian", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 5), sharex=True, height_ratios=[2, 1])
    above.plot(table["draws"], table["per_second"], color="#0072b2", label="the last 500")
    above.plot(table["draws"], table["per_second_so_far"], color="#d55e00", label="all so far")
    above.axhline(20, color="#777777", linestyle=":", label="20")
    above.set_ylabel("draws per second, one core")
    above.set_ylim(0)
    above.legend(frameon=False)
    below.plot(table["draws"], table["peak_mb"], color="#009e73")
    below.set_ylabel("peak MB")
    below.set_ylim(0)
    below.set_xlabel("draws")
    figure.tight_layout()
    figure.savefig(HERE.parent / "docs" / "stress_draws.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()

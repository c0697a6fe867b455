"""Twenty users of a studio at once for a minute: python benchmarks/studio.py > benchmarks/studio.csv

Each is simulated over HTTP, does one thing after another as the page does, and looks at the answer for two to ten
seconds. Per thing done: how often, errors, median, 95th percentile and longest, in seconds until the whole answer is
there; the load average of the machine before and after is noted beside. A first argument sets the users, a second one
the seconds.
"""

import asyncio
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from typing import Any

import httpx

PROGRAM = "from bactrian.cli import start; start()"
CASE = "transcaspian"
ROWS = ("KZAAU-port", "KZAAU-AZALA-caspian_feeder", "dostyk-alashankou-rail")
WEIGHTS = {
    "open the page": 1,
    "run a slider": 3,
    "flows of a commodity": 3,
    "click a link": 3,
    "compare with the base": 1,
    "read a table": 1,
    "keep a scenario": 1,
    "list jobs": 2,
}


class User:
    """Somebody with a browser."""

    def __init__(self, address: str, number: int, took: dict[str, list[float]], wrong: dict[str, list[str]]) -> None:
        self.client = httpx.AsyncClient(base_url=address, headers={"X-Bactrian": "1"}, timeout=120)
        self.chance, self.took, self.wrong = random.Random(number), took, wrong
        self.scenario: dict[str, Any] | None = None
        self.base = self.key = ""
        self.told: dict[str, Any] = {}

    async def live(self, until: float) -> None:
        await asyncio.sleep(self.chance.uniform(0, 3))
        await self.do("open the page")
        while time.monotonic() < until:
            await asyncio.sleep(self.chance.uniform(2, 10))
            await self.do(self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])
        await self.client.aclose()

    async def do(self, what: str) -> None:
        begun = time.perf_counter()
        try:
            await getattr(self, what.replace(" ", "_"))()
        except (httpx.HTTPError, KeyError, ValueError) as error:
            self.wrong[what].append(repr(error))
        self.took[what].append(time.perf_counter() - begun)

    async def get(self, path: str, **query: str) -> Any:
        return (await self.client.get(path, params=query)).raise_for_status()

    async def post(self, path: str, body: Any) -> Any:
        return (await self.client.post(path, json=body)).raise_for_status().json()

    async def open_the_page(self) -> None:
        await self.get("/")
        await self.get("/api/cases")
        told, _ = await asyncio.gather(self.get("/api/case", case=CASE, language="de"), self.get("/api/ground"))
        self.told = told.json()
        run = await self.post("/api/runs", {"case": CASE, "scenario": None, "year": 2030})
        self.base, self.key = run["key"], self.key or run["key"]

    async def run_a_slider(self) -> None:
        level, factor = self.chance.randrange(-620, -560) / 20, self.chance.randrange(10, 31) / 20
        step = {"table": "links", "column": "usd_per_t", "where": {"mode": "rail"}, "multiply": factor}
        self.scenario = {"format": "bactrian-scenario-1", "name": "Slider", "level_m": level, "steps": [step]}
        told = await self.post("/api/runs", {"case": CASE, "scenario": self.scenario, "year": 2030})
        self.key = told["key"]

    async def flows_of_a_commodity(self) -> None:
        one = self.chance.choice(self.told["commodities"])["id"]
        answer = await self.client.get(f"/api/runs/{self.key}/links", params={"commodity": one})
        if answer.status_code != 422:  # a commodity of which nothing moves
            answer.raise_for_status()

    async def click_a_link(self) -> None:
        row = self.chance.choice(self.told["links"])["id"]
        await self.get(f"/api/runs/{self.key}/through/{row}")

    async def compare_with_the_base(self) -> None:
        await self.get(f"/api/runs/{self.key}/compare/{self.base}")

    async def read_a_table(self) -> None:
        await self.get(f"/api/tables/{self.chance.choice(['links', 'terminals', 'projects'])}", case=CASE)

    async def keep_a_scenario(self) -> None:
        plain = {"format": "bactrian-scenario-1", "name": "Plain"}
        await self.post("/api/scenarios", {"scenario": self.scenario or plain})

    async def list_jobs(self) -> None:
        await self.get("/api/jobs")


async def crowd(address: str, users: int, seconds: float) -> tuple[dict[str, list[float]], dict[str, list[str]]]:
    took: dict[str, list[float]] = defaultdict(list)
    wrong: dict[str, list[str]] = defaultdict(list)
    until = time.monotonic() + seconds
    await asyncio.gather(*(User(address, number, took, wrong).live(until) for number in range(users)))
    return took, wrong


def main() -> None:
    users, seconds = (
        (int(one) for one in [*sys.argv[1:], "20", "60"][:2]) if len(sys.argv) != 2 else (int(sys.argv[1]), 60)
    )
    with tempfile.TemporaryDirectory() as store:
        command = [sys.executable, "-c", PROGRAM, "studio", "--store", store, "--no-browser", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio:
            assert studio.stdout is not None
            address = json.loads(studio.stdout.readline())["address"]
            time.sleep(20)  # a studio that has been open for a while
            before = os.getloadavg()[0]
            took, wrong = asyncio.run(crowd(address, users, seconds))
            after = os.getloadavg()[0]
            studio.terminate()
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(
        ["what", "times", "errors", "median_s", "p95_s", "longest_s", "users", "load_before", "load_after", "cores"]
    )
    took["all"] = [one for each in took.values() for one in each]
    wrong["all"] = [one for each in wrong.values() for one in each]
    for what, each in took.items():
        each.sort()
        figures = [statistics.median(each), each[int(0.95 * (len(each) - 1))], each[-1]]
        shown = [f"{one:.3f}" for one in figures]
        table.writerow(
            [what, len(each), len(wrong[what]), *shown, users, f"{before:.2f}", f"{after:.2f}", os.cpu_count()]
        )
    for one in wrong["all"][:5]:
        print(one, file=sys.stderr)


if __name__ == "__main__":
    main()

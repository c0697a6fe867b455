"""Make the screenshots of docs/studio.md: each view of the studio with a result of the built-in case.

    python scripts/studio_docs.py [FOLDER]

Needs chromium and playwright. Prints how long the first useful map took from opening the address, and the load.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browsing import Reader, browser  # noqa: E402
from studios import program  # noqa: E402

LOW = {
    "format": "bactrian-scenario-1",
    "name": "Low sea, northern corridor shut",
    "level_m": -30.5,
    "causes": {"northern_shut": 1.0},
}
WAITED_MS = 480_000


def main(folder: Path) -> None:
    """Take the screenshots one after the other, with one studio and one reader."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as store, program("transcaspian", Path(store)) as (_, where), browser() as made:
        first_maps(made, where)
        reader = Reader(made, where)
        reader.page.set_default_timeout(WAITED_MS)
        for name, hash_, act in VIEWS:
            page = reader.open(hash_)
            act(page)
            page.wait_for_timeout(1500)
            page.screenshot(path=folder / f"{name}.png")
        assert not reader.wrong, reader.wrong


def first_maps(made: Any, where: str, times: int = 5) -> None:
    """Print seconds from opening the address until ground and links are drawn, and until the flows are."""
    told = []
    for _ in range(times):
        reader = Reader(made, where)
        began = time.perf_counter()
        reader.page.goto(where)
        reader.page.wait_for_selector(".name.place", state="attached")
        drawn = time.perf_counter() - began
        reader.page.wait_for_selector(".stage[data-shows=flows]", timeout=WAITED_MS)
        told.append((drawn, time.perf_counter() - began))
        reader.close()
    for name, seconds in zip(("ground and links", "flows"), zip(*told, strict=True), strict=True):
        print(f"{name} after {', '.join(f'{one:.2f}' for one in seconds)} s; load {os.getloadavg()[0]:.1f}", flush=True)


def choose_link(page: Any) -> None:
    page.wait_for_selector(".stage[data-shows=flows]")
    page.wait_for_selector(".facts .figures")


def compared(page: Any) -> None:
    page.wait_for_selector(".stage[data-shows=changes]")


def worked(page: Any) -> None:
    page.locator(".side button.strong").click()
    page.wait_for_selector(".facts[data-result]", timeout=WAITED_MS)


def edited(page: Any) -> None:
    page.locator("td.cell button").nth(6).click()
    page.keyboard.press("Control+A")
    page.keyboard.type("1500")
    page.keyboard.press("Enter")


def asked(view: str, settings: dict[str, Any]) -> str:
    return f"{view}?{view}.with={quote(json.dumps(settings))}"


VIEWS = (
    ("map", "map?row=link:TMKRW-AZALA-caspian_ro_ro", choose_link),
    ("scenario", f"scenario?scenario={quote(json.dumps(LOW))}", compared),
    ("data", "data?table=links&cell=caspian_ro", edited),
    ("stress", asked("stress", {"draws": 300}), worked),
    ("plan", asked("plan", {"budget": 3, "last": 2035}), worked),
    ("share", asked("share", {"players": ["KAZ", "TKM"]}), worked),
    ("brief", "brief", worked),
)

if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "studio")

"""The ensemble from a case to its risk: drawn in blocks, kept as they come, gone on with where it was stopped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from bactrian.assign.threads import one_thread
from bactrian.blocks import Kept, make, noting
from bactrian.case import Case, load
from bactrian.errors import CaseError, SolveError
from bactrian.files import write_text
from bactrian.planning import field_of
from bactrian.stressing.check import Checked, certify_risk, checked
from bactrian.stressing.course import YEAR
from bactrian.stressing.draws import Sampler
from bactrian.stressing.ensemble import Ensemble, columns
from bactrian.stressing.events import events_of
from bactrian.stressing.risk import Risk
from bactrian.stressing.scene import Scene
from bactrian.water import level, scenarios

__all__ = ["stress", "yearly_cost"]

SIZE = 50  # draws of a block
FEW = 20  # blocks that a small ensemble is made of


def stress(
    case: Case | str | Path = "transcaspian",
    year: int = 2030,
    draws: int = 1000,
    seed: int = 7,
    *,
    events: Iterable[str] | None = None,
    projects: Iterable[str] = (),
    demand_spread: float = 1.0,
    sea: bool = False,
    days: float = YEAR,
    workers: int = 1,
    dask: str | None = None,
    out: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> Risk:
    """Draw futures of `year` in which `events` may take place (all that have a chance), and say what they cost.

    With `projects` each future is worked out with these built too. `demand_spread` is the geometric standard deviation
    of all trade, `sea` draws the level of the Caspian between the scenarios of the table `levels`; `days` is the time
    that is drawn. The number of `draws` is rounded up to whole blocks. Blocks are made in `workers` processes, or on
    the Dask cluster whose scheduler has the address `dask`: the same seed gives the same draws anywhere. With `out`
    they are kept in that folder, and a run that was stopped goes on where it was.

    Raises CaseError for a faulty case and a folder that holds another run, and SolveError for what makes no sense.

    >>> risk = stress("transcaspian", draws=20, events=["dostyk_queue"])  # doctest: +SKIP
    """
    loaded = case if isinstance(case, Case) else load(case)
    if draws < 1 or seed < 0 or workers < 1 or not days > 0 or not demand_spread >= 1:
        raise SolveError(
            "draws, workers and days must be at least 1, the seed at least 0 and the spread of demand at least 1"
        )
    chosen = events_of(loaded, events)
    if never := [name for name, event in chosen.items() if event.rate <= 0]:
        raise SolveError(f"the event {never[0]!r} has no chance_per_year in the table events, so it is never drawn")
    if not chosen and demand_spread == 1 and not sea:
        raise SolveError("there is nothing to draw: give an event a chance_per_year in the table events")
    size = max(1, min(SIZE, -(-draws // FEW)))
    levels = _levels(loaded, year) if sea else None
    sampler = Sampler(chosen, seed, size, days, demand_spread, levels)
    settings: dict[str, Any] = {
        "case": loaded.name,
        "hash": loaded.hash,
        "changes": [list(change) for change in loaded.changes],
        "version": version("bactrian"),
        "year": year,
        "seed": seed,
        "draws": -(-draws // size) * size,
        "block": size,
        "days": days,
        "events": sorted(chosen),
        "projects": sorted(set(projects)),
        "demand_spread": demand_spread,
        "levels": levels,
    }
    kept = _Draws(out, "blocks", "{:06d}.csv", settings, range(settings["draws"] // size))
    some = None if kept.left() or not kept.more else kept.checked()
    if some is None:
        with noting(kept, kept.told):
            with one_thread():  # what is found here goes into every draw
                scene = Scene(loaded, year, chosen, (), levels, tell)
                built = settings["projects"]
                planned = Scene(loaded, year, chosen, built, levels, tell) if built else None
            ensemble = Ensemble(scene, sampler, planned)
            kept.begin(columns=columns(ensemble))
            make(ensemble, kept, workers, dask, None if tell is None else partial(_tell, tell, kept))
            some = checked(ensemble, kept.table())
            kept.check(some)
    risk = Risk(settings, kept.table(), size)
    return replace(risk, certificate=certify_risk(risk, sampler, some))


def _levels(case: Case, year: int) -> tuple[float, float]:
    """The lowest and highest level of the sea in a year that the scenarios of the case have."""
    known = []
    for name in scenarios(case):
        try:
            known.append(level(case, name, year))
        except CaseError:
            continue  # it says nothing of that year
    if not known:
        raise SolveError(f"no scenario of the table levels says where the sea stands in {year}")
    return min(known), max(known)


class _Draws(Kept):
    """Blocks of draws, and what came of checking them."""

    def told(self) -> str:
        """How much there is."""
        return f"{len(self.done) * self.settings['block']} of {self.settings['draws']} draws"

    def table(self) -> pd.DataFrame:
        """All draws in the order of their numbers."""
        rows: list[list[float]] = []
        for number in self.numbers:
            rows += [[float(cell) for cell in row] for row in csv.reader(io.StringIO(self.text(number)))]
        return pd.DataFrame(rows, columns=self.more["columns"]).astype({"draw": int})

    def checked(self) -> Checked | None:
        """What came of working out some of these very draws anew, if that was done."""
        path = self.folder / "checked.json" if self.folder else None
        if path is None or not path.exists():
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.pop("draws_sha256", None) != self._digest():
            return None
        return Checked(**{**told, "draws": tuple(told["draws"])})

    def check(self, some: Checked) -> None:
        """Keep that with the draws it is of."""
        if self.folder:
            told = {"draws_sha256": self._digest(), **some._asdict()}
            write_text(self.folder / "checked.json", json.dumps(told, indent=1) + "\n")

    def _digest(self) -> str:
        told = sha256()
        for number in self.numbers:
            told.update(self.path(number).read_bytes())
        return told.hexdigest()


def _tell(tell: Callable[[str], None], kept: _Draws) -> None:
    tell(kept.told())


def yearly_cost(case: Case, projects: Iterable[str], discount: float = 0.05) -> float:
    """What projects cost in a year in mUSD: running costs, and capital costs as an annuity over their lives.

    Raises SolveError for a project without a cost, or that there is not.

    >>> round(yearly_cost(load("transcaspian"), ["P01"]), 3)
    2.975
    """
    if discount <= 0:
        raise SolveError("the discount rate must be above 0")
    candidates = field_of(case, 0, projects).candidates.values()
    return sum(
        one.capex_musd * discount / (1 - (1 + discount) ** -one.life_years) + one.operating_musd for one in candidates
    )

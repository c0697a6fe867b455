"""Which link, terminal or country would be missed most: each shut for a year, and what that costs shippers.

Each row is first shut among the ways that were found while all are open. What that costs is rather too much, as there
may be ways round that nobody takes now. So the rows at the top are worked out anew with ways found without them, the
dearest first, until those at the top are all worked out: no row below comes to more than what it was first put at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.prepared import Prepared, Settled, ways_on
from bactrian.assign.routes import Routes
from bactrian.case import Case
from bactrian.case.effects import NEVER
from bactrian.network import Network
from bactrian.stressing.scene import TOLERANCE, Scene, State
from bactrian.stressing.trade import LEAST, passing
from bactrian.stressing.words import spells_of

__all__ = ["Criticality", "criticality"]

Floats = NDArray[np.float64]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Criticality:
    """What is missed most in `year`.

    - `rows`: table, row, what it carries (`kt`), what its loss costs shippers in a year (`cost_musd`), `stranded_kt`
      that then have no way, and whether ways were found anew without it (`anew`); dearest first.
    - `countries`: country, `transit_kt` through it of trade that neither begins nor ends there, `cost_musd` and
      `stranded_kt` if it is shut to that trade; dearest first.
    """

    year: int
    rows: pd.DataFrame
    countries: pd.DataFrame


def criticality(case: Case, year: int = 2030, top: int = 10, tell: Callable[[str], None] | None = None) -> Criticality:
    """Shut each link and terminal that is used, and each country to transit, for `year`; the `top` rows anew.

    Raises CaseError and SolveError as `bactrian.run` does.

    >>> from bactrian.case import load
    >>> criticality(load("transcaspian"), 2030).rows.iloc[0]["row"]  # doctest: +SKIP
    'KZTGZ-RUNVS-pipeline_oil'
    """
    tell = tell or (lambda _: None)
    scene = Scene(case, year, {})
    calm = scene.calm()
    settled = scene.settled(scene.weights({}), None, scene.valued(calm.asked, calm.usual))
    loads = _loads(scene, settled.flow)
    found: dict[Key, tuple[float, float]] = {}
    for at, key in enumerate(loads):
        tell(f"shutting {key[1]}, {at + 1} of {len(loads)}")
        found[key] = _cost(scene, scene.prepared, _shut(scene, key), calm, settled)
    anew: set[Key] = set()
    while True:
        order = sorted(found, key=lambda key: (-found[key][0], key))
        left = [key for key in order[:top] if key not in anew]
        if not left:
            break
        tell(f"finding ways without {left[0][1]}")
        found[left[0]] = _anew(scene, _shut(scene, left[0]))
        anew.add(left[0])
    rows = pd.DataFrame(
        [(*key, loads[key], *found[key], key in anew) for key in order],
        columns=["table", "row", "kt", "cost_musd", "stranded_kt", "anew"],
    )
    return Criticality(year, rows, _countries(case, scene, settled, tell))


def _loads(scene: Scene, flow: Floats) -> dict[Key, float]:
    """What each link and terminal in use carries, kt/yr."""
    routes, arcs = scene.prepared.routes, scene.network.arcs
    used = pd.DataFrame({"way": routes.owner, "arc": routes.arcs})
    used["table"], used["row"] = (arcs[one].to_numpy()[routes.arcs] for one in ("table", "row"))
    used = used[used["table"].isin(["links", "terminals"])].drop_duplicates(["way", "table", "row"])
    kt = used.assign(kt=flow[used["way"]]).groupby(["table", "row"])["kt"].sum()
    told = kt[kt > 0].reset_index()
    return dict(zip(zip(told["table"], told["row"], strict=True), told["kt"].tolist(), strict=True))


def _shut(scene: Scene, key: Key) -> Network:
    """The network without a row."""
    calm = scene.rows(scene.standing)
    return scene.revision.of({**calm, key: {"opens": NEVER, "closes": None}})


def _cost(scene: Scene, prepared: Prepared, network: Network, calm: State, near: Settled) -> tuple[float, float]:
    """What it costs shippers in a year that only `network` is there, mUSD, and kt that have no way in it."""
    response = scene.valued(calm.asked, scene.calm().usual)
    found = prepared.settled(network, (near.load, near.slope), response)
    return lost_in(scene, calm, State(calm.asked, found.composite, 0.0))


def _anew(scene: Scene, network: Network) -> tuple[float, float]:
    """The same with ways found on `network` as well; the calm is taken on the same ways."""
    ways, calm = {*scene.prepared.routes, *ways_on(network, scene.pairs, LEAST)}, scene.calm()
    open_ = scene.under(scene.weights({}))
    prepared = Prepared(scene.network, scene.pairs, Routes.of(ways), open_, [open_, scene.network], TOLERANCE)
    settled = prepared.settled(open_, None, scene.valued(calm.asked, calm.usual))
    return _cost(scene, prepared, network, State(calm.asked, settled.composite, 0.0), settled)


def lost_in(scene: Scene, before: State, after: State) -> tuple[float, float]:
    """What shippers lose in a year from one state to another in which nobody waits, mUSD, and kt without a way then."""
    faced = []
    for state in (before, after):
        going = np.where(np.isnan(state.composite), np.inf, state.composite)
        faced.append(scene.valued(state.asked, scene.calm().usual).faced(going))
    cost = float((after.asked.area(faced[1]) - before.asked.area(faced[0])).sum()) / 1000
    more = np.isnan(after.composite) & ~np.isnan(before.composite)
    return cost, float(before.asked.demand(faced[0])[more].sum())


def _countries(case: Case, scene: Scene, settled: Settled, tell: Callable[[str], None]) -> pd.DataFrame:
    """Each country that others pass, shut to them."""
    zones = case.table("zones").set_index("id")["country"]
    ends = [scene.pairs[end].map(zones).to_numpy() for end in ("origin", "destination")]
    pair = scene.prepared.routes.pair
    transit: dict[str, float] = {}
    for country in sorted(set(case.table("places")["country"])):
        through = passing(scene.network, scene.prepared.routes, [country])
        through &= (ends[0][pair] != country) & (ends[1][pair] != country)
        if (kt := float(settled.flow[through].sum())) > 0:
            transit[country] = kt
    tell(f"shutting {len(transit)} countries to transit")
    changed, spells = spells_of(case, [f"closed:{country}" for country in transit])
    closed = Scene(changed, scene.year, {one.event.id: one.event for one in spells})
    rows = []
    for country, kt in transit.items():
        state = closed.state({f"closed:{country}": 1.0}, patient=False)
        rows.append((country, kt, *lost_in(closed, closed.calm(), state)))
    table = pd.DataFrame(rows, columns=["country", "transit_kt", "cost_musd", "stranded_kt"])
    return table.sort_values("cost_musd", ascending=False, kind="stable").reset_index(drop=True)

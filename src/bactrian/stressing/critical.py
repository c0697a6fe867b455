"""Which link, terminal or country would be missed most: each shut for a year, and what that costs shippers.

Each row is first shut among the ways that were found while all are open. What that costs is rather too much, as there
may be ways round that nobody takes now. So the rows at the top are worked out anew with ways found without them, the
dearest first, until those at the top are all worked out: no row below comes to more than what it was first put at.

The certificate works out the dearest row and the dearest country anew, from tables in which they are shut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.prepared import Prepared, Settled, ways_on
from bactrian.assign.routes import Routes
from bactrian.case import Case
from bactrian.case.effects import NEVER
from bactrian.errors import SolveError
from bactrian.network import Network
from bactrian.stressing.check import closure, transit_closure
from bactrian.stressing.scene import TOLERANCE, Scene, State
from bactrian.stressing.trade import LEAST, passing
from bactrian.stressing.words import spells_of

__all__ = ["CriticalCertificate", "Criticality", "criticality"]

Floats = NDArray[np.float64]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CriticalCertificate:
    """How far a ranking is from what it claims to be; `holds` if it is near enough.

    `anew` names the row and the country that come first: `difference` is the largest relative error of what their
    closure costs, `choice` that of a flow against what shippers choose, as a share of all demand. `unsettled` rows
    among the top were not worked out with ways found without them, or stand below cheaper ones.
    """

    anew: tuple[str, ...]
    difference: float
    choice: float
    unsettled: int

    @property
    def holds(self) -> bool:
        """Costs to 1e-4, as loads are settled to 1e-7 of all demand, choice to 1e-6, and the top in order."""
        return self.difference <= 1e-4 and self.choice <= 1e-6 and self.unsettled == 0

    def told(self) -> dict[str, Any]:
        """All of it as plain types."""
        return {"holds": self.holds, **asdict(self)}


@dataclass(frozen=True, slots=True, eq=False)
class Criticality:
    """What is missed most in `year`, with the `projects` built; the `top` rows were worked out anew.

    - `rows`: table, row, what it carries (`kt`), what its loss costs shippers in a year (`cost_musd`), `stranded_kt`
      that then have no way, and whether ways were found anew without it (`anew`); dearest first.
    - `countries`: country, `transit_kt` through it of trade that neither begins nor ends there, `cost_musd` and
      `stranded_kt` if it is shut to that trade; dearest first.
    """

    year: int
    rows: pd.DataFrame
    countries: pd.DataFrame
    certificate: CriticalCertificate
    top: int = 10
    projects: tuple[str, ...] = ()


def criticality(
    case: Case,
    year: int = 2030,
    top: int = 10,
    projects: Iterable[str] = (),
    tell: Callable[[str], None] | None = None,
) -> Criticality:
    """Shut each link and terminal that is used, and each country to transit, for `year`; the `top` rows anew.

    Raises CaseError and SolveError as `bactrian.run` does, for projects that there are not, and SolveError for a `top`
    below 1.

    >>> from bactrian.case import load
    >>> criticality(load("transcaspian"), 2030).rows.iloc[0]["row"]  # doctest: +SKIP
    'KZTGZ-RUNVS-pipeline_oil'
    """
    if top < 1:
        raise SolveError("the top must be at least 1 row")
    tell = tell or (lambda _: None)
    scene = Scene(case, year, {}, projects)
    calm = scene.calm()
    settled = scene.settled(scene.weights({}), None, scene.valued(calm.asked, calm.usual))
    loads = _loads(scene, settled.flow)
    found: dict[Key, tuple[float, float]] = {}
    for at, key in enumerate(loads):
        tell(f"shutting {key[1]}, {at + 1} of {len(loads)}")
        found[key] = _cost(scene, scene.prepared, _shut(scene, key), calm, settled)
    anew: dict[Key, Prepared] = {}
    while True:
        order = sorted(found, key=lambda key: (-found[key][0], key))
        left = [key for key in order[:top] if key not in anew]
        if not left:
            break
        tell(f"finding ways without {left[0][1]}")
        found[left[0]], anew[left[0]] = _anew(scene, _shut(scene, left[0]))
    rows = pd.DataFrame(
        [(*key, loads[key], *found[key], key in anew) for key in order],
        columns=["table", "row", "kt", "cost_musd", "stranded_kt", "anew"],
    )
    countries, closed = _countries(case, scene, settled, tell)
    tell("working out the first row and country anew")
    claims: list[tuple[str, float, tuple[float, float]]] = []
    if order:
        claims.append((order[0][1], found[order[0]][0], closure(scene, anew[order[0]], order[0])))
    if closed is not None:
        country, cost = str(countries["country"][0]), float(countries["cost_musd"][0])
        claims.append((country, cost, transit_closure(closed, f"closed:{country}")))
    falls = rows["cost_musd"].diff().iloc[1:top] > 0
    sure = CriticalCertificate(
        tuple(name for name, _, _ in claims),
        max((abs(told - cost) / max(abs(cost), 1e-6) for _, told, (cost, _) in claims), default=0.0),
        max((choice for _, _, (_, choice) in claims), default=0.0),
        int((~rows["anew"].head(top)).sum() + falls.sum()),
    )
    return Criticality(year, rows, countries, sure, top, scene.built)


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


def _anew(scene: Scene, network: Network) -> tuple[tuple[float, float], Prepared]:
    """The same with ways found on `network` as well, and these ways; the calm is taken on them too."""
    ways, calm = {*scene.prepared.routes, *ways_on(network, scene.pairs, LEAST)}, scene.calm()
    open_ = scene.under(scene.weights({}))
    prepared = Prepared(scene.network, scene.pairs, Routes.of(ways), open_, [open_, scene.network], TOLERANCE)
    settled = prepared.settled(open_, None, scene.valued(calm.asked, calm.usual))
    return _cost(scene, prepared, network, State(calm.asked, settled.composite, 0.0), settled), prepared


def lost_in(scene: Scene, before: State, after: State) -> tuple[float, float]:
    """What shippers lose in a year from one state to another in which nobody waits, mUSD, and kt without a way then."""
    faced = []
    for state in (before, after):
        going = np.where(np.isnan(state.composite), np.inf, state.composite)
        faced.append(scene.valued(state.asked, scene.calm().usual).faced(going))
    cost = float((after.asked.area(faced[1]) - before.asked.area(faced[0])).sum()) / 1000
    more = np.isnan(after.composite) & ~np.isnan(before.composite)
    return cost, float(before.asked.demand(faced[0])[more].sum())


def _countries(
    case: Case, scene: Scene, settled: Settled, tell: Callable[[str], None]
) -> tuple[pd.DataFrame, Scene | None]:
    """Each country that others pass, shut to them, and the scene of that if there is one."""
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
    rows, closed = [], None
    if transit:
        changed, spells = spells_of(case, [f"closed:{country}" for country in transit])
        closed = Scene(changed, scene.year, {one.event.id: one.event for one in spells}, scene.built)
        for country, kt in transit.items():
            state = closed.state({f"closed:{country}": 1.0}, patient=False)
            rows.append((country, kt, *lost_in(closed, closed.calm(), state)))
    table = pd.DataFrame(rows, columns=["country", "transit_kt", "cost_musd", "stranded_kt"])
    return table.sort_values("cost_musd", ascending=False, kind="stable").reset_index(drop=True), closed

"""Lines over shallow water: their capacity and price at another level of the sea, as a scenario of the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from bactrian.case import Case
from bactrian.errors import CaseError, Finding
from bactrian.water.levels import ASKED, OBSERVED, check_level, level
from bactrian.water.ports import Harbour, harbours
from bactrian.water.ships import Vessel, vessels

__all__ = ["Laden", "at_level", "dredged", "laden", "lines"]

Record: TypeAlias = dict[str, Any]
Cells: TypeAlias = dict[str, str | float | None]

SHUT: Cells = {"opens": 2500, "closes": None}  # never open: the last year the schema takes


@dataclass(frozen=True, slots=True)
class Laden:
    """A fleet at a level: `share` of its full cargo that it carries, and `cost` per tonne against a full fleet."""

    share: float
    cost: float


def laden(fleet: Sequence[Vessel], ends: Sequence[Harbour], level_m: float) -> Laden:
    """How full the ships of a line sail between the harbours `ends`, each class by the tighter of them.

    With w the part of a class in the full capacity, s the part of its cargo it may load and f what of a sailing costs
    the same whatever is loaded, share = sum w s / sum w and cost = sum w (f + (1 - f) s) / sum w s, over the classes
    that can sail at all; the others are laid up. The cost is infinite where none can.
    """
    whole = sum(one.share for one in fleet)
    carried = spent = 0.0
    for one in fleet:
        part = min((one.payload(end.draught(one, level_m)) / one.cargo_t for end in ends), default=1.0)
        if part > 0:
            carried += one.share * part
            spent += one.share * (one.fixed_cost_share + (1 - one.fixed_cost_share) * part)
    return Laden(carried / whole, spent / carried if carried else np.inf)


def lines(case: Case, level_m: float) -> pd.DataFrame:
    """What the links that ships of the table `vessels` serve can carry, and at what price, at a level of the sea.

    The figures of the case are taken to hold at the level observed in the year of its demand, or in the year in which
    a link opens if that is later, with the beds that the case was loaded with: dredging since then counts.

    Columns: link, from, to, stands_m (level of the figures), was_share and share (of full cargo), capacity_was_kt and
    capacity_kt, cost_factor, and usd_per_t and usd_per_teu, was and now; prices are nan where nothing sails.
    """
    check_level(level_m)
    fleets, now, then = _fleets(case), harbours(case), harbours(case.original)
    rows = [
        _line(case, link, fleets[str(link["mode"])], now, then, level_m) for link in _served(case, fleets, list(now))
    ]
    columns = ["link", "from", "to", "stands_m", "was_share", "share", "capacity_was_kt", "capacity_kt", "cost_factor"]
    columns += ["usd_per_t_was", "usd_per_t", "usd_per_teu_was", "usd_per_teu"]
    return pd.DataFrame(rows, columns=columns)


def _fleets(case: Case) -> dict[str, list[Vessel]]:
    """The ships in service by means of transport."""
    fleets: dict[str, list[Vessel]] = {}
    for vessel in vessels(case):
        for mode in vessel.modes if vessel.share > 0 else ():
            fleets.setdefault(mode, []).append(vessel)
    return fleets


def _served(case: Case, fleets: Mapping[str, object], places: list[str]) -> list[Record]:
    """The links that one of the fleets serves and that end in one of the places."""
    table = case.table("links")
    there = table["from"].isin(places) | table["to"].isin(places)
    rows: list[Record] = table[table["mode"].isin(list(fleets)) & there].to_dict("records")  # type: ignore[assignment]
    return rows


def _line(
    case: Case,
    link: Record,
    fleet: list[Vessel],
    now: Mapping[str, Harbour],
    then: Mapping[str, Harbour],
    level_m: float,
) -> Record:
    """One row of `lines`."""
    stands = _stands(case, link["opens"])
    ends = [link["from"], link["to"]]
    was = laden(fleet, _known(then, ends), stands)
    new = laden(fleet, _known(now, ends), level_m)
    if was.share <= 0:
        rule = f"no ship of the table vessels can sail at the {stands:g} m for which {link['id']} was told"
        raise CaseError([Finding("links", 0, "mode", rule, "check bed_m of its ports and the vessels", link["id"])])
    factor = new.cost / was.cost if new.share > 0 else np.nan
    return {
        "link": link["id"],
        "from": link["from"],
        "to": link["to"],
        "stands_m": stands,
        "was_share": was.share,
        "share": new.share,
        "capacity_was_kt": link["capacity_kt"],
        "capacity_kt": link["capacity_kt"] * new.share / was.share,
        "cost_factor": factor,
        "usd_per_t_was": link["usd_per_t"],
        "usd_per_t": link["usd_per_t"] * factor,
        "usd_per_teu_was": link["usd_per_teu"],
        "usd_per_teu": link["usd_per_teu"] * factor,
    }


def _stands(case: Case, opens: float) -> float:
    """The level for which figures of the case were told: that of the year of its demand, or of opening if later."""
    table = case.table("levels")
    seen = table.loc[table["scenario"] == OBSERVED, "year"]
    if seen.empty:
        rule = f"no row of the scenario {OBSERVED}, so that nobody knows for which level the case stands"
        raise CaseError([Finding("levels", 0, "scenario", rule, "enter the level of the year of the demand")])
    year = np.nanmax([case.table("demand")["year"].min(), opens])
    return level(case, OBSERVED, min(float(year), float(seen.max())))


def at_level(case: Case, level_m: float, *, name: str | None = None) -> Case:
    """Return the case as it is when the sea stands at `level_m` metres above the Baltic datum.

    Lines of ships carry less, or more, and ask more per tonne, or less (see `lines`); those that no ship can serve
    stay shut. Ports handle less in the proportion of what their lines carry, as many ships call, each with less; they
    never handle more than the case says, as berths and sidings stay. The level is kept as the row "asked" of the table
    `levels`; CaseError for a case that has one, and for a level that is none of the Caspian.

    >>> from bactrian.case import load
    >>> low = at_level(load("transcaspian"), -30.5)
    >>> capacity = low.table("links").set_index("id")["capacity_kt"]
    >>> round(float(capacity["KZAAU-AZSAN-caspian_tanker"]))
    5027
    """
    table = case.table("levels")
    if (table["scenario"] == ASKED).any():
        rule = "the case stands at a level that was asked for before"
        raise CaseError([Finding("levels", 0, "scenario", rule, "ask of the case as it was before that", ASKED)])
    year = float(case.table("demand")["year"].min())
    levels: dict[str, Cells] = {ASKED: {"scenario": ASKED, "year": year, "level_m": level_m}}
    links: dict[str, Cells] = {}
    terminals: dict[str, Cells] = {}
    row: Any
    for row in lines(case, level_m).to_dict("records"):
        cells = {column: row[column] for column in ("capacity_kt", "usd_per_t", "usd_per_teu")}
        told = {column: cell for column, cell in cells.items() if not np.isnan(cell)}
        links[row["link"]] = {**told} if row["share"] > 0 else {**SHUT}
    known = case.table("terminals").set_index("id")["capacity_kt"].to_dict()
    for terminal, ratio in _handled(case, level_m).items():
        capacity = known[terminal]
        if ratio < 1 and not np.isnan(capacity):
            terminals[terminal] = {"capacity_kt": capacity * ratio} if ratio > 0 else {**SHUT}
    return case.with_({"levels": levels, "links": links, "terminals": terminals}, name=name)


def _handled(case: Case, level_m: float) -> dict[str, float]:
    """What the lines of each port whose bed is known carry, against the level for which its capacity was told."""
    fleets, now, then = _fleets(case), harbours(case), harbours(case.original)
    told: dict[Any, Any] = case.table("terminals").set_index("id").to_dict("index")
    links = [link for link in _served(case, fleets, list(now)) if np.isnan(link["closes"])]
    found: dict[str, float] = {}
    for place, harbour in now.items():
        row = told[harbour.terminal]
        stands = _stands(case, row["opens"]) if np.isnan(row["level_m"]) else row["level_m"]
        was = new = 0.0
        for link in links:
            ends = [link["from"], link["to"]]
            if place not in ends or np.isnan(link["capacity_kt"]):
                continue
            fleet = fleets[str(link["mode"])]
            full = link["capacity_kt"] / laden(fleet, _known(then, ends), _stands(case, link["opens"])).share
            was += full * laden(fleet, _known(then, ends), stands).share
            new += full * laden(fleet, _known(now, ends), level_m).share
        if was > 0:
            found[harbour.terminal] = float(new / was)
    return found


def _known(ports: Mapping[str, Harbour], places: Sequence[str]) -> list[Harbour]:
    return [ports[place] for place in places if place in ports]


def dredged(case: Case, metres: Mapping[str, float], *, name: str | None = None) -> Case:
    """Return the case with ports deepened by `metres`, by place: all their beds lie lower by so much.

    Raises CaseError for a place without a port whose bed is known, and for a depth that is not above 0.

    >>> from bactrian.case import load
    >>> deeper = at_level(dredged(load("transcaspian"), {"KZAAU": 1.5}), -30.5)
    >>> round(float(deeper.table("links").set_index("id")["capacity_kt"]["KZAAU-AZSAN-caspian_tanker"]))
    6403
    """
    known = harbours(case)
    changes: dict[str, Cells] = {}
    table: dict[Any, Any] = case.table("terminals").set_index("id").to_dict("index")
    for place, more in metres.items():
        if place not in known:
            rule = f"no port in use at {place!r} has a bed_m"
            raise CaseError([Finding("terminals", 0, "bed_m", rule, f"use one of {', '.join(known)}")])
        if not more > 0:
            rule = f"{place} is deepened by {more:g} m"
            raise CaseError([Finding("terminals", 0, "bed_m", rule, "write metres above 0, such as 1.5")])
        row = table[known[place].terminal]
        beds = {column: row[column] - more for column in ("bed_m", "oil_bed_m") if not np.isnan(row[column])}
        changes[known[place].terminal] = beds
    return case.with_({"terminals": changes}, name=name)

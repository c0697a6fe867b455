"""Virtual network: each place appears once for every medium that calls there, joined by handling arcs.

Jourquin and Beuthe (1996). A medium is a means of transport, for rail one per gauge. Arcs are typed:

- `move`: along a link, both ways (pipelines only from `from` to `to`); a link of two gauges carries both media;
- `load`, `unload`: between a zone and a medium at one of its places;
- `tranship`: between media of different modes, where a port or transfer serves both;
- `gauge_change`: between rail gauges, where a gauge break is;
- `border`: between a place and the links to another country, where a border is, once for each transit;
- `passage`: through a canal or strait, once per transit.

What is shut is not laid; of a border or passage that is shut both sides are, with no way between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import pandas as pd

from bactrian.case import Case

__all__ = ["ARC_COLUMNS", "Expansion", "expand"]

ARC_COLUMNS = (
    *("kind", "tail", "head", "mode", "other_mode", "table", "row", "km", "time_h", "spread_h"),
    *("usd_per_t", "usd_per_teu", "capacity_kt", "commodities"),
)
Row = Any  # a row of a table, as itertuples yields it


@dataclass(slots=True)
class Expansion:
    """Nodes (place or zone, medium) and arcs (ARC_COLUMNS) as they are laid."""

    nodes: dict[tuple[str, str], int] = field(default_factory=dict)
    arcs: list[tuple[Any, ...]] = field(default_factory=list)
    yards: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def node(self, place: str, medium: str) -> int:
        return self.nodes.setdefault((place, medium), len(self.nodes))

    def arc(self, kind: str, tail: int, head: int, modes: tuple[str, str], table: str, row: Row) -> None:
        km = row.length_km if kind == "move" else 0.0
        capacity = getattr(row, "capacity_kt", float("nan"))
        commodities = getattr(row, "commodities", "")
        prices = (row.usd_per_t, row.usd_per_teu)
        spread = getattr(row, "spread_h", 0.0)
        self.arcs.append(
            (kind, tail, head, *modes, table, row.id, km, row.time_h, spread, *prices, capacity, commodities)
        )


def expand(case: Case, year: int) -> Expansion:
    """Lay the virtual network of `case` as it is open in `year`.

    >>> from bactrian.case import load
    >>> laid = expand(load("transcaspian"), 2021)
    >>> sorted({arc[0] for arc in laid.arcs})
    ['border', 'gauge_change', 'load', 'move', 'passage', 'tranship', 'unload']
    """
    country: dict[str, str] = dict(case.table("places")[["id", "country"]].to_numpy().tolist())
    means: dict[str, str] = dict(case.table("modes")[["id", "kind"]].to_numpy().tolist())
    terminals: dict[tuple[str, str], list[Row]] = defaultdict(list)
    at_work = case.table("terminals")
    for terminal in _rows(at_work[at_work["in_use"] == "yes"].assign(open=lambda table: _is_open(table, year))):
        terminals[terminal.place, terminal.handling].append(terminal)
    laid = Expansion()
    media: dict[str, dict[str, str]] = defaultdict(dict)  # place -> medium -> mode
    links = case.table("links").rename(columns={"from": "from_"})
    for link in _rows(links[_is_open(links, year)]):
        for medium in _media(link, means[link.mode]):
            _lay_link(laid, link, medium, means[link.mode], terminals, country)
            for end in (link.from_, link.to):
                media[end][medium] = link.mode
    accesses = _rows(case.table("access"))
    for access in accesses:  # a port may be reached by lorry though no road of the case ends there
        for mode in set(access.modes.split()) - set(media[access.place].values()):
            media[access.place][mode] = mode
    # passages first: what is reloaded there goes on from their far side
    for (place, handling), rows in sorted(terminals.items(), key=lambda one: one[0][1] != "passage"):
        for terminal in (one for one in rows if one.open):
            _lay_terminal(laid, terminal, handling, media[place])
    for access in accesses:
        for medium, mode in media[access.place].items():
            if mode in access.modes.split():
                inward, outward = _gates(laid, access.place, medium, mode, terminals)
                modes = (mode, mode)
                laid.arc("load", laid.node(access.zone, "origin"), outward, modes, "access", access)
                laid.arc("unload", inward, laid.node(access.zone, "destination"), modes, "access", access)
    return laid


def _rows(table: pd.DataFrame) -> list[Row]:
    """The rows by id, so that the order in which a file lists them cannot matter, not even between equal ways."""
    return list(table.sort_values("id", kind="stable").itertuples())


def _is_open(table: pd.DataFrame, year: int) -> pd.Series:
    opens, closes = table["opens"].fillna(year), table["closes"].fillna(year + 1)
    return (opens <= year) & (year < closes)


def _media(link: Row, means: str) -> list[str]:
    gauges = link.gauge_mm.split("/") if means == "rail" and link.gauge_mm else []
    return [f"{link.mode}_{gauge}" for gauge in gauges] or [link.mode]


Terminals = dict[tuple[str, str], list[Row]]  # those in use, open or shut: who may not cross a border cannot pass it


def _serving(terminals: Terminals, place: str, handling: str, mode: str) -> Iterator[Row]:
    return (one for one in terminals.get((place, handling), []) if _serves(one, mode))


def _serves(terminal: Row, mode: str) -> bool:
    return not terminal.modes or mode in terminal.modes.split()


def _gates(laid: Expansion, place: str, medium: str, mode: str, terminals: Terminals) -> tuple[int, int]:
    """Nodes where a medium arrives and leaves: one and the same but at a passage."""
    inward = laid.node(place, medium)
    narrow = any(_serving(terminals, place, "passage", mode))
    return inward, laid.node(place, f"{medium}, past") if narrow else inward


def _lay_link(
    laid: Expansion, link: Row, medium: str, means: str, terminals: Terminals, country: dict[str, str]
) -> None:
    modes = (link.mode, link.mode)
    ends = []
    for place, far in ((link.from_, link.to), (link.to, link.from_)):
        ends.append(_gates(laid, place, medium, link.mode, terminals))
        borders = list(_serving(terminals, place, "border", link.mode))
        if borders and country[far] != country[place]:
            ends[-1] = (_yard(laid, place, medium, country[far], ends[-1], modes, borders),) * 2
    (from_in, from_out), (to_in, to_out) = ends
    laid.arc("move", from_out, to_in, modes, "links", link)
    if means != "pipeline":
        laid.arc("move", to_out, from_in, modes, "links", link)


def _yard(
    laid: Expansion,
    place: str,
    medium: str,
    far: str,
    gates: tuple[int, int],
    modes: tuple[str, str],
    borders: list[Row],
) -> int:
    """Node for what comes from or goes to the country `far`, one border away from the place and other countries."""
    yards = laid.yards[place, medium]
    yard = laid.node(place, f"{medium}, side of {far}")
    if far not in yards:
        for border in (one for one in borders if one.open):
            for inward, outward in [gates, *((other, other) for other in yards.values())]:
                laid.arc("border", outward, yard, modes, "terminals", border)
                laid.arc("border", yard, inward, modes, "terminals", border)
        yards[far] = yard
    return yard


def _lay_terminal(laid: Expansion, terminal: Row, handling: str, media: dict[str, str]) -> None:
    served = {medium: mode for medium, mode in media.items() if _serves(terminal, mode)}
    if handling == "passage":
        for medium, mode in served.items():
            ends = laid.node(terminal.place, medium), laid.node(terminal.place, f"{medium}, past")
            laid.arc("passage", *ends, (mode, mode), "terminals", terminal)
    elif handling != "border":
        kind = "gauge_change" if handling == "gauge_break" else "tranship"
        for (one, mode), (other, other_mode) in permutations(served.items(), 2):
            if (mode == other_mode) == (kind == "gauge_change"):
                # what is handled at a passage has arrived and leaves on its far side
                head = laid.nodes.get((terminal.place, f"{other}, past"), laid.node(terminal.place, other))
                ends = laid.node(terminal.place, one), head
                laid.arc(kind, *ends, (mode, other_mode), "terminals", terminal)

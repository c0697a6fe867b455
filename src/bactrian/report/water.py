"""Water on the terminal and for machines: what ships may load by port, what lines carry, and where ports fail."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.text import Text

from bactrian.case import Case
from bactrian.report.screen import new_console, new_table, numbers
from bactrian.water import break_even, lines, ports

__all__ = ["show_water", "water_summary", "with_tables"]

_MARK = re.compile(
    r"<!-- ports at (-[\d.]+) m -->\n.*?<!-- end of ports -->|<!-- limits of ports -->\n.*?<!-- end of limits -->", re.S
)

Record = dict[str, Any]


def water_summary(case: Case, level_m: float, asked: Mapping[str, Any]) -> Record:
    """What `bactrian water` tells, for machines; `asked` is what the level came from.

    Shares are of full cargo; break-even levels are in m above the Baltic datum: below `full_m` a class of ships loads
    less than full, below `half_m` less than half, below `none_m` nothing. Numbers there are not are None.
    """
    names = case.table("places").set_index("id")["name"]
    told = ports(case, level_m)
    places = list(dict.fromkeys(told["place"]))
    return {
        "case": case.name,
        "hash": case.hash,
        "level_m": level_m,
        "asked": dict(asked),
        "names": {place: str(names[place]) for place in places},
        "ports": _records(told),
        "lines": _records(lines(case, level_m)),
        "break_even": [{"place": place, **one} for place in places for one in _records(break_even(case, place))],
    }


def _records(table: Any) -> list[Record]:
    return [
        {str(name): None if isinstance(cell, float) and math.isnan(cell) else cell for name, cell in row.items()}
        for row in table.to_dict("records")
    ]


def show_water(summary: Record) -> None:
    """Print what `water_summary` tells."""
    console = new_console()
    classes = list(dict.fromkeys(one["vessel"] for one in summary["ports"]))
    asked = {name: value for name, value in summary["asked"].items() if name != "dredged"}
    told = ", ".join(
        [
            *(f"{name} {value}" for name, value in asked.items()),
            *(f"{place} dredged by {metres:g} m" for place, metres in summary["asked"].get("dredged", {}).items()),
        ]
    )
    heading = f"{summary['case']}, Caspian at {summary['level_m']:.2f} m"
    console.print(Text(heading, "bold"), escape(f"({told})") if told else "")
    console.print("tonnes that a ship may load, part of her full cargo, allowed draught")
    loads = {(one["place"], one["vessel"]): one for one in summary["ports"]}
    by_port = new_table("Ports", ["port"], classes)
    for place in summary["names"]:
        by_port.add_row(escape(place), *(_load(loads[place, vessel]) for vessel in classes))
    console.print(by_port)
    limits = {(one["place"], one["vessel"]): one for one in summary["break_even"]}
    failing = new_table("Levels in m below which ships load less than full, than half, nothing", ["port"], classes)
    for place in summary["names"]:
        failing.add_row(escape(place), *(_limits(limits[place, vessel]) for vessel in classes))
    console.print(failing)
    heads = ["figures at m", "share %", "now %", "capacity kt", "now kt", "USD/t", "now", "USD/TEU", "now"]
    by_line = new_table("Lines", ["line"], heads)
    for one in summary["lines"]:
        cells = [one["stands_m"], 100 * one["was_share"], 100 * one["share"]]
        cells += [one["capacity_was_kt"], one["capacity_kt"], one["usd_per_t_was"], one["usd_per_t"]]
        cells += [one["usd_per_teu_was"], one["usd_per_teu"]]
        by_line.add_row(escape(one["link"]), *numbers(cells, [2, 0, 0, 0, 0, 1, 1, 0, 0]))
    console.print(by_line)


def _load(one: Record) -> str:
    if not one["payload_t"]:
        return "-"
    return f"{one['payload_t']:,.0f} {one['share']:4.0%} {one['draught_m']:.2f} m"


def _limits(one: Record) -> str:
    return f"{one['full_m']:.1f} {one['half_m']:.1f} {one['none_m']:.1f}"


def with_tables(text: str, case: Case) -> str:
    """Return a page with the tables between its marks written anew: ports at a level, and where ports fail.

    >>> from bactrian.case import load
    >>> page = "<!-- ports at -30.5 m --><!-- end of ports -->".replace("><", ">" + chr(10) + "<")
    >>> "| KZKUR | 9,845 (82 %) | 6,800 (100 %) |" in with_tables(page, load("transcaspian"))
    True
    """
    return _MARK.sub(lambda found: _marked(found, case), text)


def _marked(found: re.Match[str], case: Case) -> str:
    first, last = found.group().splitlines()[0], found.group().splitlines()[-1]
    level_m = float(found.group(1) or -30)
    told = water_summary(case, level_m, {})
    rows = told["ports"] if found.group(1) else told["break_even"]
    cell = _written_load if found.group(1) else _written_limits
    classes = list(dict.fromkeys(one["vessel"] for one in rows))
    cells = {(one["place"], one["vessel"]): cell(one) for one in rows}
    lines = [["port", *classes], ["---", *["---:"] * len(classes)]]
    lines += [[place, *(cells[place, vessel] for vessel in classes)] for place in told["names"]]
    return "\n".join([first, *(f"| {' | '.join(line)} |" for line in lines), last])


def _written_load(one: Record) -> str:
    return f"{one['payload_t']:,.0f} ({100 * one['share']:.0f} %)" if one["payload_t"] else "none"


def _written_limits(one: Record) -> str:
    return f"{one['full_m']:.1f} / {one['half_m']:.1f} / {one['none_m']:.1f}"

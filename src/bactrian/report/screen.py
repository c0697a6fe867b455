"""Results on the terminal: a run by corridors, bottlenecks and trade between two, one figure explained, a plan."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bactrian.report.plan_words import Section, plan_sections

__all__ = ["new_console", "new_table", "numbers", "show", "show_figure", "show_plan", "show_sections"]

Record = dict[str, Any]


def show(summary: Record) -> None:
    """Print what `bactrian.report.summary` tells."""
    console = new_console()
    provenance, certificate, demand = summary["provenance"], summary["certificate"], summary["demand"]
    console.print(Text(f"{provenance['case']} {provenance['year']}", "bold"), f"by {provenance['method']}")
    console.print(_corridors(summary["corridors"]))
    console.print(_bottlenecks(summary["bottlenecks"][:8]))
    for trade in summary["between"]:
        console.print(_trade(trade))
    told = f"{demand['carried_kt']:,.0f} of {demand['kt']:,.0f} kt carried, {demand['stranded_kt']:,.0f} kt stranded"
    console.print(
        f"{told}; gap {certificate['gap']:.1e}, conservation error {certificate['conservation']:.1e} of demand"
    )
    if summary["carbon"]["wtw_t"] is not None:
        console.print(_carbon(summary["carbon"]))
    for one in summary["stranded"][:10]:
        way = f"{one['origin']} to {one['destination']}"
        said = f"stranded: {one['commodity']} {way}, {one['stranded_kt']:,.1f} kt: {one['stranded']}"
        console.print(said, markup=False)
    if over := summary["beyond_capacity"]:
        named = ", ".join(f"{one['row']} {one['utilisation']:.0%}" for one in over[:5])
        rest = f" and {len(over) - 5} more" if len(over) > 5 else ""
        console.print(f"beyond capacity, so that waits mean little there: {named}{rest}", markup=False)
    if missing := summary["without_emission_factor"]:
        console.print(f"no emission factor for {', '.join(missing)}", markup=False)


def show_figure(told: Record) -> None:
    """Print what `bactrian.report.explain` tells of one figure."""
    console = new_console()
    value = told["value"]
    written = "empty" if value is None else value if isinstance(value, str) else f"{value:,.6g}"
    console.print(Text(f"{told['figure']}", "bold"), f"= {escape(written)} {told['unit']}")
    for name in ("meaning", "quality", "source", "address", "assumed", "notes", "changed_from"):
        if told.get(name):
            console.print(f"{name.replace('_', ' ')}: {told[name]}", markup=False)
    if told.get("made_of"):
        console.print(_made_of(told["made_of"]))
    if told.get("rests_on"):
        console.print(_rests_on(told["rests_on"]))
    if told.get("demand_by_quality"):
        shares = ", ".join(f"{mark} {share:.0%}" for mark, share in told["demand_by_quality"].items())
        console.print(f"tonnes by the quality of their demand rows: {shares}")
    if not told.get("certificate_holds", True):
        console.print("the certificate of the run does not hold")


def show_plan(told: Record) -> None:
    """Print what `bactrian.report.plan_summary` tells."""
    show_sections(plan_sections(told))


def show_sections(sections: Sequence[Section]) -> None:
    """Print sections, the first line of one without a title as a heading."""
    console = new_console()
    for section in sections:
        if section.title:
            console.print(Text(section.title, "bold"))
        for place, line in enumerate(section.before):
            console.print(Text(line, "" if section.title or place else "bold"))
        if section.rows:
            table = new_table(None, list(section.texts), list(section.numbers))
            for column, name in zip(table.columns, section.texts, strict=False):
                column.no_wrap, column.overflow = name in ("", "works"), "fold"
            for row in section.rows:
                table.add_row(*map(escape, row))
            console.print(table)
        for line in section.after:
            console.print(Text(line))
        console.print()


def new_console() -> Console:
    """A console that gives tables room where the output goes to a file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=140)


def _made_of(rows: list[Record]) -> Table:
    table = new_table("Made of", ["from", "to", "goods"], ["kt", "prior kt"], ["quality", "source of the demand"])
    for one in rows:
        names = [escape(one["origin"]), escape(one["destination"]), escape(one["commodity"])]
        said = [str(one["prior_quality"]), _short(f"{one['prior_year']}: {one['prior_source']}")]
        table.add_row(*names, *numbers([one["kt"], one["prior_kt"]], [1, 1]), *map(escape, said))
    return table


def _rests_on(rows: list[Record]) -> Table:
    table = new_table("Rests on", ["row"], ["share %"], ["quality", "source"])
    for one in rows:
        table.add_row(
            escape(one["row"]), *numbers([100 * one["share"]], [1]), one["quality"], escape(_short(one["source"]))
        )
    return table


def _short(text: str) -> str:
    return shorten(text, 56, placeholder=" …")


def _corridors(rows: list[Record]) -> Table:
    table = new_table("Corridors", ["corridor"], ["kt", "share %", "TEU", "km", "days", "± days", "USD/t", "kt CO2e"])
    for one in rows:
        cells = [
            one["kt"],
            100 * one["share"],
            one["teu"],
            one["km"],
            one["time_h"] / 24,
            one["spread_h"] / 24,
            one["usd"],
            None if one["wtw_t"] is None else one["wtw_t"] / 1000,
        ]
        digits = [0, 1, 0, 0, 1, 1, 0, 0]
        table.add_row(escape(one["name"]), *numbers(cells, digits))
    return table


def _carbon(told: Record) -> str:
    emitted = f"{told['wtw_t'] / 1000:,.0f} kt CO2e well to wheel, {told['ttw_t'] / 1000:,.0f} kt tank to wheel"
    paid = f"; at {told['usd_per_t']:g} USD a tonne, {told['payments_musd']:,.0f} million USD are paid for it"
    return emitted + (paid if told["usd_per_t"] else "")


def _bottlenecks(rows: list[Record]) -> Table:
    table = new_table("Bottlenecks", ["where", "what"], ["load kt", "capacity kt", "use %", "wait h", "worth USD/t"])
    for one in rows:
        cells = [one["load_kt"], one["capacity_kt"], 100 * one["utilisation"], one["wait_h"], one["worth_usd_per_t"]]
        table.add_row(escape(one["row"]), one["kind"].replace("_", " "), *numbers(cells, [0, 0, 0, 1, 1]))
    return table


def _trade(trade: Record) -> Table:
    sums = f"{trade['kt']:,.0f} kt, {trade['value_musd']:,.0f} million USD"
    title = f"{escape(trade['one'])} and {escape(trade['other'])}: {sums}"
    table = new_table(title, ["from", "to", "goods", "corridor", "by"], ["kt", "days", "USD/t"])
    for one in trade["main_ways"][:6]:
        names = [one["origin"], one["destination"], one["commodity"], one["corridor"], one["modes"]]
        table.add_row(*map(escape, names), *numbers([one["kt"], one["time_h"] / 24, one["usd"]], [1, 1, 0]))
    return table


def new_table(title: str | None, texts: list[str], figures: list[str], after: list[str] | None = None) -> Table:
    """An empty table: columns of text, of figures to the right, and of text after them."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for name in texts:
        table.add_column(name, no_wrap=True)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    for name in after or []:
        table.add_column(name, no_wrap=True)
    return table


def numbers(cells: list[float | None], digits: list[int]) -> list[str]:
    """Numbers as written in a table, each with its decimal places, empty for none."""
    return ["" if cell is None else f"{cell:,.{places}f}" for cell, places in zip(cells, digits, strict=True)]

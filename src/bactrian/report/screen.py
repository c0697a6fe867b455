"""A run on the terminal: corridors, bottlenecks and trade between two, as tables."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["show"]

Record = dict[str, Any]


def show(summary: Record) -> None:
    """Print what `bactrian.report.summary` tells."""
    console = Console(highlight=False)
    provenance, certificate, demand = summary["provenance"], summary["certificate"], summary["demand"]
    console.print(f"[bold]{provenance['case']} {provenance['year']}[/bold], {provenance['method']}")
    console.print(_corridors(summary["corridors"]))
    console.print(_bottlenecks(summary["bottlenecks"][:8]))
    for trade in summary["between"]:
        console.print(_trade(trade))
    told = f"{demand['carried_kt']:,.0f} of {demand['kt']:,.0f} kt carried, {demand['stranded_kt']:,.0f} kt stranded"
    console.print(
        f"{told}; gap {certificate['gap']:.1e}, conservation error {certificate['conservation']:.1e} of demand"
    )
    for one in summary["stranded"][:10]:
        way = f"{one['origin']} to {one['destination']}"
        console.print(f"stranded: {one['commodity']} {way}, {one['stranded_kt']:,.1f} kt: {one['stranded']}")


def _corridors(rows: list[Record]) -> Table:
    table = _table("Corridors", ["corridor"], ["kt", "share %", "TEU", "km", "days", "USD/t", "kt CO2e"])
    for one in rows:
        cells = [
            one["kt"],
            100 * one["share"],
            one["teu"],
            one["km"],
            one["time_h"] / 24,
            one["usd"],
            one["wtw_t"] / 1000,
        ]
        digits = [0, 1, 0, 0, 1, 0, 0]
        table.add_row(one["name"], *_numbers(cells, digits))
    return table


def _bottlenecks(rows: list[Record]) -> Table:
    table = _table("Bottlenecks", ["where", "what"], ["load kt", "capacity kt", "use %", "wait h", "worth USD/t"])
    for one in rows:
        cells = [one["load_kt"], one["capacity_kt"], 100 * one["utilisation"], one["wait_h"], one["worth_usd_per_t"]]
        table.add_row(one["row"], one["kind"].replace("_", " "), *_numbers(cells, [0, 0, 0, 1, 1]))
    return table


def _trade(trade: Record) -> Table:
    title = f"{trade['one']} and {trade['other']}: {trade['kt']:,.0f} kt, {trade['value_musd']:,.0f} million USD"
    table = _table(title, ["from", "to", "goods", "corridor", "by"], ["kt", "days", "USD/t"])
    for one in trade["main_ways"][:6]:
        names = [one["origin"], one["destination"], one["commodity"], one["corridor"], one["modes"]]
        table.add_row(*names, *_numbers([one["kt"], one["time_h"] / 24, one["usd"]], [1, 1, 0]))
    return table


def _table(title: str, texts: list[str], numbers: list[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in texts:
        table.add_column(name)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _numbers(cells: list[float | None], digits: list[int]) -> list[str]:
    return ["" if cell is None else f"{cell:,.{places}f}" for cell, places in zip(cells, digits, strict=True)]

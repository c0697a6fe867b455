"""Verbs that choose what to build: plan, design."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from bactrian.cli.verb import (
    Answer,
    case_of,
    for_machines,
    guard,
    lines_of,
    scenario_option,
    sparingly,
    verb,
    wrote,
)

__all__ = ["design", "plan"]


@verb
@click.argument("case", default="transcaspian")
@click.option("--budget", help='For all capital costs of the plan, such as "8 bn USD".  [default: no limit]')
@click.option("--years", default="2026-2040", show_default=True, help="First and last year of the plan.")
@click.option("--discount", default=0.05, show_default=True, help="Yearly rate at which money is discounted.")
@click.option("--carbon", default=0.0, show_default=True, help="What a tonne of CO2e counts, in USD.")
@click.option("--no-residual", is_flag=True, help="Count nothing for what outlives the plan.")
@click.option("--step", default=5, show_default=True, help="Years between those that flows are found for.")
@click.option("--project", multiple=True, metavar="ID", help="Choose among these projects alone.")
@click.option("--scenario", metavar="ID", help="Plan in a future of the table scenarios.")
@click.option("--period", multiple=True, metavar="SUM", help='Limit for some years: "2026-2030: 3 bn USD".')
@click.option("--country", multiple=True, metavar="SUM", help='Limit for what a country pays: "KAZ: 2 bn USD".')
@click.option("--build", multiple=True, metavar="ID", help="Build P26 for sure, or P26:2028 from that year.")
@click.option("--never", multiple=True, metavar="ID", help="Do not build this project.")
@click.option("--at-most", multiple=True, metavar="GROUP", help='Such as "2 of P02 P08 P13".')
@click.option("--at-least", multiple=True, metavar="GROUP", help='Such as "1 of P26 P41".')
@click.option("--within", default=0.02, show_default=True, help="Share of the value that other programmes may lack.")
@click.option("--frontier", is_flag=True, help="Find the best programmes at other budgets too; takes longer.")
@click.option("--robust", is_flag=True, help="Compare programmes over all futures of the case; takes longer.")
@click.option("--time-limit", default=200.0, show_default=True, help="Seconds for the plan itself.")
@scenario_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, page, tables and pictures.")
def plan(case: str, frontier: bool, robust: bool, scenario_file: Path | None, out: Path | None, **asked: Any) -> Answer:
    """Choose which projects of CASE to build and when, and say what they bring and how good the choice is.

    Options that name a project, a sum or a group may be given again.
    """
    if out:
        guard(out)
    wishes, report = import_module("bactrian.wishes"), import_module("bactrian.report")
    first, last = wishes.read_years(asked["years"])
    scenario = [asked["scenario"]] if asked["scenario"] else []
    rules = ("budget", "period", "country", "build", "never", "at_most", "at_least")
    corridor = case_of(case, scenario_file)
    found = import_module("bactrian.planning").plan(
        corridor,
        first,
        last,
        rules=wishes.read_rules(*(asked[name] for name in rules)),
        discount=wishes.read_number(asked["discount"], "--discount", 0, 1),
        carbon_usd_per_t=wishes.read_number(asked["carbon"], "--carbon", 0, 1e6),
        residual=not asked["no_residual"],
        step=wishes.read_number(asked["step"], "--step", 1),
        projects=wishes.read_ids(corridor, "projects", asked["project"], "--project") or None,
        scenario=next(iter(wishes.read_ids(corridor, "scenarios", scenario, "--scenario")), None),
        within=wishes.read_number(asked["within"], "--within", 0, 1),
        time_limit_s=wishes.read_number(asked["time_limit"], "--time-limit", 1, 1e6),
        frontier=frontier,
        robust=robust,
        tell=sparingly(),
    )
    told = report.plan_summary(found)
    written = _save(found, out, told) if out else []
    return Answer(told, lambda: report.show_plan(told), wrote(written, out), told["certificate"]["holds"])


@verb
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--time-limit", default=300.0, show_default=True, help="Seconds the search may take.")
@click.option("--gap", default=1e-4, show_default=True, help="Relative gap between value and bound to reach.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for design.json, arcs.csv and flows.csv.")
def design(file: Path, time_limit: float, gap: float, out: Path | None) -> Answer:
    """Choose which arcs of the network in FILE (.dow) to open, so that all demand is carried at least cost."""
    if out:
        guard(out)
    room, shown = import_module("bactrian.design"), import_module("bactrian.design.summary")
    problem = room.problem_of(import_module("bactrian.formats").read_dow(file))
    told_as = "value {:.7g}, bound {:.7g}, {:.1f} s"
    tell = None if for_machines() else lambda *known: click.echo(told_as.format(*known), err=True)
    found = room.design_network(problem, time_limit_s=time_limit, gap=gap, tell=tell)
    told = shown.summary(problem, found)
    if out:
        files = import_module("bactrian.report.files")
        files.write_text(out / "design.json", json.dumps(told, indent=1, allow_nan=False) + "\n")
        files.write_csv(out / "arcs.csv", shown.arcs(problem, found))
        files.write_csv(out / "flows.csv", shown.flows(problem, found))
    sure = told["certificate"]["holds"]
    return Answer(
        told,
        lines_of({**told, "certificate": "holds" if sure else "does not hold"}),
        f"wrote design.json, arcs.csv and flows.csv to {out}" if out else "",
        told["reached"] and sure,
        f"the gap of {gap:g} was not reached, or the certificate does not hold",
    )


def _save(found: Any, out: Path, told: Any) -> list[Path]:
    """Write result, page, tables and pictures of a plan."""
    written: list[Path] = import_module("bactrian.report").save_plan(found, out, told)
    draw = import_module("bactrian.draw")
    written += draw.save_map(draw.programme_picture(found), out, "programme")
    written += draw.save_map(draw.built_map(found), out, "built")
    if found.frontier:
        written += draw.save_map(draw.frontier_picture(found), out, "frontier")
    return written

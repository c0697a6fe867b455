"""Verbs that look at a case: check, new, explain, water."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from bactrian.cli.verb import Answer, case_of, scenario_option, verb

__all__ = ["check", "explain", "new", "water"]


@verb
@click.argument("case", default="transcaspian")
@scenario_option
def check(case: str, scenario_file: Path | None) -> Answer:
    """Check the tables of CASE, a built-in name or a folder."""
    found = case_of(case, scenario_file)
    counts = found.quality()
    return Answer(
        {"findings": [], "hash": found.hash, "rows": counts.T.to_dict()},
        f"{counts.to_string()}\n\nno findings in {case}, content {found.hash[:12]}",
    )


@verb
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--case", default="transcaspian", show_default=True, help="Case to copy: built in, or with --with any.")
@scenario_option
def new(folder: Path, case: str, scenario_file: Path | None) -> Answer:
    """Copy a built-in case to FOLDER, to edit and check; or write a case as a scenario has it."""
    if scenario_file is None:
        import_module("bactrian.case").copy_built_in(case, folder)
    else:
        case_of(case, scenario_file).save(folder)
    said = f"copied {case} to {folder}; edit its tables, then: bactrian check {folder}"
    return Answer(json.dumps({"case": case, "folder": str(folder)}), said)


@verb
@click.argument("figure")
@click.option("--case", default="transcaspian", show_default=True, help="Built-in name or folder.")
@click.option("--year", default=2021, show_default=True, help="Year of the run, for a result.")
@click.option("--method", default="logit", show_default=True, help="Method of the run, for a result.")
def explain(figure: str, case: str, year: int, method: str) -> Answer:
    """Tell where FIGURE comes from.

    A cell of the case, links/ID/capacity_kt; a result: corridors/titr/kt, between/KAZ-TKM/kt, resources/ID/wait_h; or a
    sentence of a brief by its number: FOLDER/PAGE#7.
    """
    if "#" in figure:
        briefing = import_module("bactrian.briefing")
        claim = briefing.explain_claim(figure)
        return Answer(claim, briefing.claim_lines(claim))
    report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
    if report.is_cell(loaded, figure):
        told = report.explain_cell(loaded, figure)
    else:
        told = report.explain_result(import_module("bactrian.verbs").run(loaded, year, method), figure)
    return Answer(json.dumps(told, indent=1, default=str), lambda: report.show_figure(told))


@verb
@click.argument("case", default="transcaspian")
@click.option("--level", "height", metavar="METRES", help="Level of the sea above the Baltic datum, such as -30.5.")
@click.option("--scenario", help="Or a future of the table levels, with --year.")
@click.option("--year", type=int, help="Year of the scenario.  [default: the last year observed]")
@click.option(
    "--dredge", multiple=True, nargs=2, metavar="PLACE METRES", help="Deepen a port first; may be given again."
)
def water(
    case: str, height: str | None, scenario: str | None, year: int | None, dredge: tuple[tuple[str, str], ...]
) -> Answer:
    """Tell what ships may load in the ports of CASE at a level of the Caspian, and what its lines then carry."""
    report, sea = import_module("bactrian.report"), import_module("bactrian.water")
    loaded = import_module("bactrian.case").load(case)
    level_m, asked = sea.read_level(loaded, height, scenario, year)
    deeper = sea.read_dredging(dredge)
    if deeper:
        loaded = sea.dredged(loaded, deeper)
    told = report.water_summary(loaded, level_m, {**asked, "dredged": deeper})
    return Answer(told, lambda: report.show_water(told))

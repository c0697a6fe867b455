"""Verbs that look at a case: check, new, explain, water."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from bactrian.cli.verb import Answer, case_of, scenario_option, verb
from bactrian.errors import CaseError, Finding, SolveError

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
@click.option("--case", help="Case to copy: built in, or with --with any.  [default: transcaspian]")
@scenario_option
@click.option("--from", "first", metavar="PLACE", help='Or draft a new corridor from here, such as "Mombasa, Kenya",')
@click.option("--to", "last", metavar="PLACE", help="to here; ways and distances are looked up, the rest is assumed.")
@click.option("--via", multiple=True, metavar="PLACE", help="A place on the way; may be given again, in order.")
@click.option("--year", default=2025, show_default=True, help="Year of the placeholder of demand in a draft.")
def new(
    folder: Path,
    case: str | None,
    scenario_file: Path | None,
    first: str | None,
    last: str | None,
    via: tuple[str, ...],
    year: int,
) -> Answer:
    """Make a case in FOLDER, to edit and check: a copy, a case as a scenario has it, or a draft of a corridor."""
    if first or last or via:
        return _drafted(folder, case, scenario_file, (first, *via, last), year)
    named = case or "transcaspian"
    if scenario_file is None:
        import_module("bactrian.case").copy_built_in(named, folder)
    else:
        case_of(named, scenario_file).save(folder)
    said = f"copied {named} to {folder}; edit its tables, then: bactrian check {folder}"
    return Answer(json.dumps({"case": named, "folder": str(folder)}), said)


def _drafted(
    folder: Path, case: str | None, scenario_file: Path | None, places: tuple[str | None, ...], year: int
) -> Answer:
    """Draft a corridor, once it is sure that one is meant."""
    named = [place for place in places if place]
    if len(named) < len(places):
        raise SolveError("a draft needs both --from and --to")
    if case or scenario_file:
        raise SolveError("a draft is no copy: leave out --case and --with")
    import_module("bactrian.verbs").check_year(year)
    if folder.exists():
        raise CaseError([Finding(str(folder), 0, "", "exists already", "name a folder that does not exist yet")])
    found = import_module("bactrian.drafting").draft(named, year)
    found.save(folder, folder.name)
    told = {"folder": str(folder), "found": found.lines()}
    head = f"drafted {folder}; all but places and distances is assumed: edit its tables, then: bactrian check {folder}"
    last = f"and: bactrian run {folder} --year {year} --out out"
    return Answer(told, "\n".join([*found.lines(), "", head, last]))


@verb
@click.argument("figure")
@click.option("--case", default="transcaspian", show_default=True, help="Built-in name or folder.")
@click.option("--year", type=int, help="Year of the run, for a result.  [default: that of the table demand]")
@click.option("--method", default="logit", show_default=True, help="Method of the run, for a result.")
def explain(figure: str, case: str, year: int | None, method: str) -> Answer:
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

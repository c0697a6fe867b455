"""The verb about disruptions, by hand or drawn: stress."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from bactrian.cli.verb import Answer, case_of, guard, scenario_option, sparingly, verb, wrote
from bactrian.errors import SolveError

__all__ = ["stress"]

_STEPS = 5  # spans that a recovery is followed in
_NOT_CRITICAL = ("event", "days", "draws")  # options that mean nothing to a ranking
_OF_DRAWS = ("fails_below", "seed", "demand_spread", "sea", "workers", "dask")  # options that mean nothing by hand


@verb
@click.argument("case", default="transcaspian")
@click.option(
    "--event",
    multiple=True,
    metavar="EVENT",
    help="A row of events, closed:WHAT or half:WHAT, perhaps with @DAYS; with --draws, draw among these alone.",
)
@click.option("--days", type=float, help="Days that events last; with --draws, days that are drawn.")
@click.option(
    "--critical", is_flag=True, help="Rank what would be missed most: each link, terminal, country shut in turn."
)
@click.option("--top", default=10, show_default=True, help="With --critical, rows worked out with ways found anew.")
@click.option("--year", default=2030, show_default=True, help="Year of demand and network.")
@click.option("--project", multiple=True, metavar="ID", help="Have this project built; with --draws, compare with it.")
@click.option("--draws", type=int, help="Draw so many futures, in place of one by hand.")
@click.option("--fails-below", metavar="MONEY", help="Say when projects bring less than this; else than they cost.")
@click.option("--seed", default=7, show_default=True, help="Seed of the draws.")
@click.option("--demand-spread", default=1.0, show_default=True, help="Geometric standard deviation of all trade.")
@click.option("--sea", is_flag=True, help="Draw the level of the Caspian too.")
@click.option("--workers", default=1, show_default=True, help="Processes that work on the draws.")
@click.option("--dask", metavar="ADDRESS", help="Or a Dask cluster, by the address of its scheduler.")
@scenario_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, page, tables and pictures.")
@click.pass_context
def stress(
    context: click.Context, /, case: str, draws: int | None, scenario_file: Path | None, out: Path | None, **asked: Any
) -> Answer:
    """Tell what EVENTs on CASE would do, before and after; with --draws, what thousands of futures cost; or with
    --critical, what would be missed most.

    Options that name an event or a project may be given again.
    """
    if out:
        guard(out)
    given = {one for one in context.params if context.get_parameter_source(one) is ParameterSource.COMMANDLINE}
    critical, top = asked.pop("critical"), asked.pop("top")
    for option, others in (("critical", (*_NOT_CRITICAL, *_OF_DRAWS)), ("draws", ("top",)), ("event", ("top",))):
        if option in given and (wrong := [one for one in others if one in given]):
            raise SolveError(f"--{wrong[0].replace('_', '-')} does not go with --{option}")
    if draws is None and not asked["event"] and not critical:
        raise SolveError("say what happens with --event, how many futures to draw with --draws, or --critical")
    corridor, wishes = case_of(case, scenario_file), import_module("bactrian.wishes")
    wishes.read_ids(corridor, "projects", asked["project"], "--project")
    if asked["days"] is not None:
        wishes.read_number(asked["days"], "--days", 1, 1e5)
    if critical:
        return _ranked(corridor, top, out, asked)
    if draws is not None:
        return _drawn(corridor, draws, out, asked)
    if wrong := [one for one in _OF_DRAWS if one in given]:
        raise SolveError(f"--{wrong[0].replace('_', '-')} goes with --draws")
    return _by_hand(corridor, out, asked)


def _by_hand(case: Any, out: Path | None, asked: dict[str, Any]) -> Answer:
    """Follow the events asked for from span to span."""
    report, room = import_module("bactrian.report"), import_module("bactrian.stressing")
    case, spells = import_module("bactrian.stressing.words").spells_of(case, asked["event"], asked["days"])
    events = {one.event.id: one.event for one in spells}
    scene = room.Scene(case, asked["year"], events, asked["project"], tell=sparingly())
    course = room.course_of(scene, room.spans_of(spells, _STEPS), alone=True)
    told = report.course_summary(course)
    sections = report.course_sections(told)
    written: list[Path] = []
    if out:
        written += report.save_course(course, out, told)
        draw = import_module("bactrian.draw")
        written += draw.save_map(draw.change_map(course), out, "change")
        written += draw.save_map(draw.time_picture(course), out, "time")
    return Answer(told, lambda: report.show_sections(sections), wrote(written, out), told["certificate"]["holds"])


def _drawn(case: Any, draws: int, out: Path | None, asked: dict[str, Any]) -> Answer:
    """Draw futures in which events take place."""
    report, room = import_module("bactrian.report"), import_module("bactrian.stressing")
    below = asked.pop("fails_below")
    if below is not None:
        below = import_module("bactrian.wishes").read_money("--fails-below", below)
        if not asked["project"]:
            raise SolveError("--fails-below goes with --project")
    more = {name: asked[name] for name in ("year", *_OF_DRAWS[1:])}
    if asked["days"] is not None:
        more["days"] = asked["days"]
    events, projects = asked["event"] or None, asked["project"]
    found = room.stress(case, draws=draws, events=events, projects=projects, out=out, tell=sparingly(), **more)
    told = report.risk_summary(found, case, below)
    sections = report.risk_sections(told)
    written: list[Path] = []
    if out:
        written += report.save_risk(found, out, told)
        draw = import_module("bactrian.draw")
        written += draw.save_map(draw.exceedance_picture(found), out, "exceedance")
    return Answer(told, lambda: report.show_sections(sections), wrote(written, out), told["certificate"]["holds"])


def _ranked(case: Any, top: int, out: Path | None, asked: dict[str, Any]) -> Answer:
    """Shut each link, terminal and country in turn."""
    report, room = import_module("bactrian.report"), import_module("bactrian.stressing")
    found = room.criticality(case, asked["year"], top, asked["project"], tell=sparingly())
    told = report.critical_summary(found, case)
    sections = report.critical_sections(told)
    written: list[Path] = []
    if out:
        written += report.save_critical(out, told)
        draw = import_module("bactrian.draw")
        written += draw.save_map(draw.critical_map(found, case), out, "critical")
    return Answer(told, lambda: report.show_sections(sections), wrote(written, out), told["certificate"]["holds"])

"""The command line: one verb per question."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from bactrian.errors import BactrianError, CaseError, Finding, SolveError

__all__ = ["main", "start"]

_SHOWN = 40  # findings printed to a person; --json gives all
_INTERRUPTED = 130
_STEPS = 5  # spans that a recovery is followed in
_OF_DRAWS = ("seed", "demand_spread", "sea", "workers", "dask")  # options of stress that mean nothing by hand


def start() -> None:
    """Run the command line as a program: exit code 2 for what is wrong, 130 for an interrupt, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = main.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except SystemError as error:  # an interrupt while compiled code loads
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        code = _INTERRUPTED
    except OSError as error:
        with suppress(OSError):
            click.echo(f"cannot write: {error.strerror}", err=True)
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  what is left in the buffer has nowhere to go
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


@click.group()
@click.version_option(version("bactrian"), prog_name="bactrian")
def main() -> None:
    """Plan international freight corridors."""


@main.command()
@click.argument("case", default="transcaspian")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def check(context: click.Context, case: str, as_json: bool) -> None:
    """Check the tables of CASE, a built-in name or a folder."""
    try:
        loaded = import_module("bactrian.case").load(case)
    except BactrianError as error:
        _fail(context, error, as_json)
    counts = loaded.quality()
    if as_json:
        click.echo(json.dumps({"findings": [], "hash": loaded.hash, "rows": counts.T.to_dict()}, indent=1))
    else:
        click.echo(f"{counts.to_string()}\n\nno findings in {case}, content {loaded.hash[:12]}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--case", default="transcaspian", help="Built-in case to copy.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def new(context: click.Context, folder: Path, case: str, as_json: bool) -> None:
    """Copy a built-in case to FOLDER, to edit and check."""
    try:
        import_module("bactrian.case").copy_built_in(case, folder)
    except BactrianError as error:
        _fail(context, error, as_json)
    said = f"copied {case} to {folder}; edit its tables, then: bactrian check {folder}"
    click.echo(json.dumps({"case": case, "folder": str(folder)}) if as_json else said)


@main.command()
@click.argument("case", default="transcaspian")
@click.option("--year", default=2021, show_default=True, help="Year of demand and network.")
@click.option(
    "--method", default="logit", show_default=True, help="How demand finds its way: logit, equilibrium or capacity."
)
@click.option(
    "--between",
    multiple=True,
    nargs=2,
    metavar="ONE OTHER",
    help="Zones or countries whose trade gets a line of its own; may be given again.  [default: KAZ TKM if there]",
)
@click.option("--carbon", default=0.0, show_default=True, help="Price of a tonne of CO2e that shippers pay, in USD.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, tables and map.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def run(
    context: click.Context,
    case: str,
    year: int,
    method: str,
    between: tuple[tuple[str, str], ...],
    carbon: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find what moves on CASE, a built-in name or a folder, by which way, and where it is stuck."""
    try:
        flows = import_module("bactrian.verbs").run(case, year, method, carbon_usd_per_t=carbon)
        pairs = between or _default_pair(flows)
        summary = import_module("bactrian.report").summary(flows, pairs)
        written = _save(flows, out, pairs) if out else []
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(summary, indent=1, allow_nan=False))
    else:
        import_module("bactrian.report").show(summary)
        if out:
            click.echo(f"wrote {', '.join(path.name for path in written)} to {out}")
    if not summary["certificate"]["holds"]:
        click.echo("the certificate does not hold: see the result", err=True)
        context.exit(1)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--gap", default=1e-6, show_default=True, help="Relative gap to reach.")
@click.option(
    "--distance-factor", type=float, help="Time per unit of length.  [default: that of the network file, or 0]"
)
@click.option("--toll-factor", type=float, help="Time per unit of toll.  [default: that of the network file, or 0]")
@click.option("--threads", default=1, show_default=True, help="Threads that search for paths: 1 or 2.")
@click.option("--flows", type=click.Path(path_type=Path), help="CSV file for the flow and time of each link.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def assign(
    context: click.Context,
    folder: Path,
    gap: float,
    distance_factor: float | None,
    toll_factor: float | None,
    threads: int,
    flows: Path | None,
    as_json: bool,
) -> None:
    """Find the user equilibrium of a road network in FOLDER, with *_net.tntp and *_trips.tntp."""
    try:
        road = import_module("bactrian.road")
        if flows and flows.name.endswith((".tntp", ".tntp.gz")):
            raise CaseError([Finding(str(flows), 0, "", "is the name of a network", "name a CSV file for the flows")])
        solved = road.road_equilibrium(folder, gap, distance_factor, toll_factor, threads)
        if flows:
            import_module("bactrian.report.files").write_csv(flows, solved.links)
    except BactrianError as error:
        _fail(context, error, as_json)
    told = solved.summary()
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        click.echo("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in told.items()))
        if flows:
            click.echo(f"wrote {flows}")
    if not told["reached"]:
        click.echo(f"the gap of {gap:g} was not reached", err=True)
        context.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--time-limit", default=300.0, show_default=True, help="Seconds the search may take.")
@click.option("--gap", default=1e-4, show_default=True, help="Relative gap between value and bound to reach.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for design.json, arcs.csv and flows.csv.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def design(context: click.Context, file: Path, time_limit: float, gap: float, out: Path | None, as_json: bool) -> None:
    """Choose which arcs of the network in FILE (.dow) to open, so that all demand is carried at least cost."""
    try:
        if out:
            _guard(out)
        problem = import_module("bactrian.design").problem_of(import_module("bactrian.formats").read_dow(file))
        told_as = "value {:.7g}, bound {:.7g}, {:.1f} s"
        tell = None if as_json else lambda *known: click.echo(told_as.format(*known), err=True)
        found = import_module("bactrian.design").design_network(problem, time_limit_s=time_limit, gap=gap, tell=tell)
        shown = import_module("bactrian.design.summary")
        told = shown.summary(problem, found)
        if out:
            files = import_module("bactrian.report.files")
            files.write_text(out / "design.json", json.dumps(told, indent=1, allow_nan=False) + "\n")
            files.write_csv(out / "arcs.csv", shown.arcs(problem, found))
            files.write_csv(out / "flows.csv", shown.flows(problem, found))
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        lines = {**told, "certificate": "holds" if told["certificate"]["holds"] else "does not hold"}
        click.echo("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in lines.items()))
        if out:
            click.echo(f"wrote design.json, arcs.csv and flows.csv to {out}")
    if not (told["reached"] and told["certificate"]["holds"]):
        click.echo(f"the gap of {gap:g} was not reached, or the certificate does not hold", err=True)
        context.exit(1)


@main.command()
@click.argument("figure")
@click.option("--case", default="transcaspian", show_default=True, help="Built-in name or folder.")
@click.option("--year", default=2021, show_default=True, help="Year of the run, for a result.")
@click.option("--method", default="logit", show_default=True, help="Method of the run, for a result.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def explain(context: click.Context, figure: str, case: str, year: int, method: str, as_json: bool) -> None:
    """Tell where FIGURE comes from.

    A cell of the case, links/ID/capacity_kt, or a result: corridors/titr/kt, between/KAZ-TKM/kt, resources/ID/wait_h.
    """
    try:
        report = import_module("bactrian.report")
        loaded = import_module("bactrian.case").load(case)
        if report.is_cell(loaded, figure):
            told = report.explain_cell(loaded, figure)
        else:
            told = report.explain_result(import_module("bactrian.verbs").run(loaded, year, method), figure)
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, default=str))
    else:
        report.show_figure(told)


@main.command()
@click.argument("case", default="transcaspian")
@click.option(
    "--observed",
    type=click.Path(path_type=Path),
    help="CSV file of your own observations (series, year, value, unit): their years are predicted and scored.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Markdown file to write; printed if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def validate(context: click.Context, case: str, observed: Path | None, out: Path | None, as_json: bool) -> None:
    """Set what was published and counted beside what the model says; a year unseen is predicted first."""
    try:
        if out and out.suffix == ".csv":
            _guard(out.parent)
        report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
        own = import_module("bactrian.calibration").read_observations(observed) if observed else None
        if as_json:
            told = json.dumps(report.validation_summary(loaded, own), indent=1, allow_nan=False)
        else:
            told = report.validation(loaded) if own is None else report.scored(loaded, own)
        if out:
            import_module("bactrian.report.files").write_text(out, told)
    except BactrianError as error:
        _fail(context, error, as_json)
    click.echo(f"wrote {out}" if out and not as_json else told)


@main.command()
@click.argument("case", default="transcaspian")
@click.option("--year", default=2030, show_default=True, help="Year to come.")
@click.option("--scenario", help="A row of the table scenarios, in place of the projects known.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def forecast(context: click.Context, case: str, year: int, scenario: str | None, as_json: bool) -> None:
    """Run a year to come without and with the projects that CASE knows, public forecasts beside it."""
    try:
        report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
        told = import_module("bactrian.calibration").forecast(loaded, year, scenario)
    except BactrianError as error:
        _fail(context, error, as_json)
    lines = report.forecast_lines(loaded, told)
    click.echo(json.dumps(report.forecast_summary(told), indent=1, allow_nan=False) if as_json else "\n".join(lines))
    if not (told.without.certificate.holds and told.with_projects.certificate.holds):
        click.echo("a certificate does not hold", err=True)
        context.exit(1)


@main.command()
@click.argument("case", default="transcaspian")
@click.option("--trade", metavar="ONE-OTHER", help="Two zones or countries whose trade is meant, such as KAZ-TKM.")
@click.option("--corridor", help="Or a corridor.")
@click.option("--value", help='Goal on the value of the trade, such as "1 bn USD" (a year).')
@click.option("--tonnage", help='Goal on tonnes, such as "2 Mt/yr".')
@click.option("--time", "hours", help='Goal on the time from door to door, such as "15 d".')
@click.option("--lever", default="cost", show_default=True, help="What may change: cost, price, time or capacity.")
@click.option(
    "--on", multiple=True, metavar="ROW", help="Link, terminal or access that the lever acts on; may be given again."
)
@click.option("--elasticity", help="A number at most 0, or gravity, in place of the elasticities of the case.")
@click.option("--year", default=2030, show_default=True, help="Year of the goal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def target(
    context: click.Context, /, case: str, lever: str, on: tuple[str, ...], year: int, as_json: bool, **asked: Any
) -> None:
    """Find what must change for a goal on trade, tonnage or time to be reached, or say that it cannot."""
    try:
        report, goals = import_module("bactrian.report"), import_module("bactrian.goals")
        loaded = import_module("bactrian.case").load(case)
        goal = goals.read_goal(
            loaded, **{key: asked[key] for key in ("trade", "corridor", "value", "tonnage", "hours")}
        )
        elasticity = goals.read_elasticity(loaded, asked["elasticity"])
        tell = None if as_json else lambda said: click.echo(said, err=True)
        told = goals.target(loaded, goal, lever, on, year, elasticity, tell)
    except BactrianError as error:
        _fail(context, error, as_json)
    summary = json.dumps(report.target_summary(told), indent=1, allow_nan=False)
    click.echo(summary if as_json else "\n".join(report.target_lines(told)))
    if not told.flows.certificate.holds:
        context.exit(1)


@main.command()
@click.argument("case", default="transcaspian")
@click.option("--year", default=2021, show_default=True, help="Year whose counts are fitted.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the fitted adjustments, the card and its picture."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def calibrate(context: click.Context, case: str, year: int, out: Path | None, as_json: bool) -> None:
    """Fit the adjustments of CASE to what was counted in a year, and say how well it fits.

    The file adjustments.csv in the folder OUT takes the place of the one in the case.
    """
    try:
        if out:
            _guard(out)
        report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
        tell = None if as_json else lambda said: click.echo(said, err=True)
        found = import_module("bactrian.calibration").calibrate(loaded, year, tell=tell)
        told = json.dumps(report.calibration_summary(found), indent=1, allow_nan=False)
        if out:
            files, draw = import_module("bactrian.report.files"), import_module("bactrian.draw")
            files.write_csv(out / "adjustments.csv", found.case.table("adjustments"))
            files.write_csv(out / "card.csv", found.card)
            files.write_text(out / "calibration.json", told + "\n")
            files.write_text(out / "calibration.md", report.calibration_page(found))
            draw.save_map(draw.card_picture(found.card, f"{found.case.name} {year}"), out, "card")
    except BactrianError as error:
        _fail(context, error, as_json)
    click.echo(told if as_json else report.calibration_page(found))
    if not (found.flows.certificate.holds and found.settled):
        click.echo("the fit has not settled, or the certificate of its run does not hold", err=True)
        context.exit(1)


@main.command()
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
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, page, tables and pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def plan(
    context: click.Context, /, case: str, frontier: bool, robust: bool, out: Path | None, as_json: bool, **asked: Any
) -> None:
    """Choose which projects of CASE to build and when, and say what they bring and how good the choice is.

    Options that name a project, a sum or a group may be given again.
    """
    written: list[Path] = []
    try:
        if out:
            _guard(out)
        wishes, report = import_module("bactrian.wishes"), import_module("bactrian.report")
        first, last = wishes.read_years(asked["years"])
        scenario = [asked["scenario"]] if asked["scenario"] else []
        rules = ("budget", "period", "country", "build", "never", "at_most", "at_least")
        loaded = import_module("bactrian.case").load(case)
        found = import_module("bactrian.planning").plan(
            loaded,
            first,
            last,
            rules=wishes.read_rules(*(asked[name] for name in rules)),
            discount=wishes.read_number(asked["discount"], "--discount", 0, 1),
            carbon_usd_per_t=wishes.read_number(asked["carbon"], "--carbon", 0, 1e6),
            residual=not asked["no_residual"],
            step=wishes.read_number(asked["step"], "--step", 1),
            projects=wishes.read_ids(loaded, "projects", asked["project"], "--project") or None,
            scenario=next(iter(wishes.read_ids(loaded, "scenarios", scenario, "--scenario")), None),
            within=wishes.read_number(asked["within"], "--within", 0, 1),
            time_limit_s=wishes.read_number(asked["time_limit"], "--time-limit", 1, 1e6),
            frontier=frontier,
            robust=robust,
            tell=None if as_json else _sparingly(),
        )
        told = report.plan_summary(found)
        if out:
            written = _save_plan(found, out, told)
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        report.show_plan(told)
        if out:
            click.echo(f"wrote {', '.join(path.name for path in written)} to {out}")
    if not told["certificate"]["holds"]:
        click.echo("the certificate does not hold: see the result", err=True)
        context.exit(1)


@main.command()
@click.argument("case", default="transcaspian")
@click.option("--level", "height", metavar="METRES", help="Level of the sea above the Baltic datum, such as -30.5.")
@click.option("--scenario", help="Or a future of the table levels, with --year.")
@click.option("--year", type=int, help="Year of the scenario.  [default: the last year observed]")
@click.option(
    "--dredge", multiple=True, nargs=2, metavar="PLACE METRES", help="Deepen a port first; may be given again."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def water(
    context: click.Context,
    case: str,
    height: str | None,
    scenario: str | None,
    year: int | None,
    dredge: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Tell what ships may load in the ports of CASE at a level of the Caspian, and what its lines then carry."""
    try:
        sea, loaded = import_module("bactrian.water"), import_module("bactrian.case").load(case)
        level_m, asked = sea.read_level(loaded, height, scenario, year)
        deeper = sea.read_dredging(dredge)
        if deeper:
            loaded = sea.dredged(loaded, deeper)
        told = import_module("bactrian.report").water_summary(loaded, level_m, {**asked, "dredged": deeper})
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        import_module("bactrian.report").show_water(told)


@main.command()
@click.argument("case", default="transcaspian")
@click.option(
    "--from", "one", metavar="PLACE", help="Where the cargo comes from: a zone, or a place with access to one."
)
@click.option("--to", "other", metavar="PLACE", help="Where it goes.")
@click.option("--year", default=2021, show_default=True, help="Year of demand and network.")
@click.option(
    "--commodity", default="", metavar="ID", help="What is carried.  [default: most of what is in containers]"
)
@click.option("--t-per-teu", type=float, help="Tonnes in a container of 20 feet.  [default: those of the commodity]")
@click.option("--avoid", multiple=True, metavar="COUNTRY", help="Pass no place of this country; may be given again.")
@click.option("--cap", metavar="AMOUNT", help='Or find the price of carbon for a cap on all CO2e, such as "12 Mt/yr".')
@click.option("--most", default=1000.0, show_default=True, help="Highest price tried, in USD per tonne of CO2e.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def emissions(
    context: click.Context,
    case: str,
    one: str | None,
    other: str | None,
    year: int,
    commodity: str,
    t_per_teu: float | None,
    avoid: tuple[str, ...],
    cap: str | None,
    most: float,
    as_json: bool,
) -> None:
    """Compare the CO2e of corridors of CASE between two places, by transport chain elements; or cap that of a year."""
    try:
        report = import_module("bactrian.report")
        if (cap is None) == (one is None or other is None):
            raise SolveError("name either two ends, --from CNSIA --to DEDUI, or a cap on CO2e, --cap '12 Mt/yr'")
        if cap is not None:
            cap_t = import_module("bactrian.units").parse(cap).to("t/yr")
            tell = None if as_json else lambda said: click.echo(said, err=True)
            found = import_module("bactrian.carbon").carbon_cap(case, year, cap_t=cap_t, most_usd_per_t=most, tell=tell)
            told, lines, certificate = report.cap_summary(found), report.cap_lines(found), found.flows.certificate
        else:
            flows = import_module("bactrian.verbs").run(case, year)
            told = report.emissions_summary(flows, one, other, commodity, t_per_teu, avoid)
            lines, certificate = [], flows.certificate
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    elif lines:
        click.echo("\n".join(lines))
    else:
        report.show_emissions(told)
    if not certificate.holds:
        click.echo("the certificate does not hold: see the result", err=True)
        context.exit(1)


@main.command()
@click.argument("case", default="transcaspian")
@click.option(
    "--event",
    multiple=True,
    metavar="EVENT",
    help="A row of events, closed:WHAT or half:WHAT, perhaps with @DAYS; with --draws, draw among these alone.",
)
@click.option("--days", type=float, help="Days that events last; with --draws, days that are drawn.")
@click.option("--year", default=2030, show_default=True, help="Year of demand and network.")
@click.option("--project", multiple=True, metavar="ID", help="Have this project built; with --draws, compare with it.")
@click.option("--draws", type=int, help="Draw so many futures, in place of one by hand.")
@click.option("--seed", default=7, show_default=True, help="Seed of the draws.")
@click.option("--demand-spread", default=1.0, show_default=True, help="Geometric standard deviation of all trade.")
@click.option("--sea", is_flag=True, help="Draw the level of the Caspian too.")
@click.option("--workers", default=1, show_default=True, help="Processes that work on the draws.")
@click.option("--dask", metavar="ADDRESS", help="Or a Dask cluster, by the address of its scheduler.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, page, tables and pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def stress(
    context: click.Context, /, case: str, draws: int | None, out: Path | None, as_json: bool, **asked: Any
) -> None:
    """Tell what EVENTs on CASE would do, before and after; or with --draws, what thousands of futures cost.

    Options that name an event or a project may be given again.
    """
    written: list[Path] = []
    try:
        if out:
            _guard(out)
        if draws is None and not asked["event"]:
            raise SolveError("say what happens with --event, or how many futures to draw with --draws")
        report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
        wishes = import_module("bactrian.wishes")
        wishes.read_ids(loaded, "projects", asked["project"], "--project")
        if asked["days"] is not None:
            wishes.read_number(asked["days"], "--days", 1, 1e5)
        if draws is None:
            given = [one for one in _OF_DRAWS if context.get_parameter_source(one) is ParameterSource.COMMANDLINE]
            if given:
                raise SolveError(f"--{given[0].replace('_', '-')} goes with --draws")
            course = _course(loaded, asked, None if as_json else _sparingly())
            told = report.course_summary(course)
            sections = report.course_sections(told)
            if out:
                written = _save_course(course, out, told)
        else:
            more = {name: asked[name] for name in ("year", "seed", "demand_spread", "sea", "workers", "dask")}
            if asked["days"] is not None:
                more["days"] = asked["days"]
            tell = None if as_json else _sparingly()
            found = import_module("bactrian.stressing").stress(
                loaded,
                draws=draws,
                events=asked["event"] or None,
                projects=asked["project"],
                out=out,
                tell=tell,
                **more,
            )
            told = report.risk_summary(found, loaded)
            sections = report.risk_sections(told)
            if out:
                written = report.save_risk(found, out, told)
                draw = import_module("bactrian.draw")
                written += draw.save_map(draw.exceedance_picture(found), out, "exceedance")
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        report.show_sections(sections)
        if out:
            click.echo(f"wrote {', '.join(path.name for path in written)} to {out}")


@main.command()
@click.option("--game", type=click.Path(path_type=Path), required=True, help="Table of coalitions, CSV or JSON.")
@click.option("--rule", help="One rule, such as nucleolus or shapley.  [default: all that fit, side by side]")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    type=(str, float),
    metavar="PLAYER NUMBER",
    help="Weights for the rule proportional: use, capital cost; given for each player.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def share(
    context: click.Context, game: Path, rule: str | None, weights: tuple[tuple[str, float], ...], as_json: bool
) -> None:
    """Share what players gain or pay together, and say who would be better off without the others."""
    try:
        report, games = import_module("bactrian.report"), import_module("bactrian.games")
        table = import_module("bactrian.formats").read_game(game)
        told = report.share_summary(games.game_of(table), rule, dict(weights) or None)
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        report.show_share(told)
    if not all(one.get("certificate", {"holds": True})["holds"] for one in told["allocations"]):
        click.echo("a certificate does not hold: see the result", err=True)
        context.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--example", help="A body known well in place of a file: unsc, unsc-g4, eu-council, and more.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def vote(context: click.Context, file: Path | None, example: str | None, as_json: bool) -> None:
    """Tell how much say each member has under the rule of voting in FILE (JSON)."""
    if (file is None) == (example is None):
        raise click.UsageError("name a file, or an example with --example")
    try:
        report, voting = import_module("bactrian.report"), import_module("bactrian.voting")
        read = import_module("bactrian.formats").read_vote
        body = voting.body_of(read(file)) if file else voting.body(example)
        told = report.vote_summary(body)
    except BactrianError as error:
        _fail(context, error, as_json)
    if as_json:
        click.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        report.show_vote(told)


def _course(case: Any, asked: Any, tell: Callable[[str], None] | None) -> Any:
    """What events asked for by hand do, followed from span to span."""
    room = import_module("bactrian.stressing")
    case, spells = import_module("bactrian.stressing.words").spells_of(case, asked["event"], asked["days"])
    events = {one.event.id: one.event for one in spells}
    scene = room.Scene(case, asked["year"], events, asked["project"], tell=tell)
    return room.course_of(scene, room.spans_of(spells, _STEPS), alone=True)


def _save_course(course: Any, out: Path, told: Any) -> list[Path]:
    """Write result, page, tables and pictures of a course of events."""
    written: list[Path] = import_module("bactrian.report").save_course(course, out, told)
    draw = import_module("bactrian.draw")
    written += draw.save_map(draw.change_map(course), out, "change")
    return written + list(draw.save_map(draw.time_picture(course), out, "time"))


def _save_plan(found: Any, out: Path, told: Any) -> list[Path]:
    """Write result, page, tables and pictures of a plan."""
    written: list[Path] = import_module("bactrian.report").save_plan(found, out, told)
    draw = import_module("bactrian.draw")
    written += draw.save_map(draw.programme_picture(found), out, "programme")
    written += draw.save_map(draw.built_map(found), out, "built")
    if found.frontier:
        written += draw.save_map(draw.frontier_picture(found), out, "frontier")
    return written


def _sparingly(pause_s: float = 5.0) -> Callable[[str], None]:
    """Tell a person how far things are on standard error, a line every few seconds at most."""
    start = last = time.monotonic()

    def tell(said: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= pause_s:
            last = now
            click.echo(f"{now - start:5.0f} s  {said}", err=True)

    return tell


def _guard(out: Path) -> None:
    """Raise CaseError when `out` is the folder of a case, whose tables would be overwritten, or no folder."""
    if out.exists() and not out.is_dir():
        raise CaseError([Finding(str(out), 0, "", "is not a folder", "name a folder that may be written")])
    if (out / "sources.csv").exists():
        rule, remedy = "is the folder of a case, whose tables would be overwritten", "name another folder"
        raise CaseError([Finding(str(out), 0, "", rule, remedy)])


def _default_pair(flows: Any) -> list[tuple[str, str]]:
    countries = set(flows.network.case.table("zones")["country"])
    return [("KAZ", "TKM")] if {"KAZ", "TKM"} <= countries else []


def _save(flows: Any, out: Path, pairs: Any) -> list[Path]:
    """Write tables and maps: the whole, and the surroundings of the case's first corridor."""
    _guard(out)
    written: list[Path] = import_module("bactrian.report").save(flows, out, pairs)
    draw = import_module("bactrian.draw")
    written += draw.save_map(draw.corridor_map(flows), out)
    if extent := draw.detail_extent(flows.network.case):
        written += draw.save_map(draw.corridor_map(flows, extent=extent), out, "map-detail")
    return written


def _fail(context: click.Context, error: BactrianError, as_json: bool) -> NoReturn:
    """Tell what is wrong and end with exit code 2."""
    findings = error.findings if isinstance(error, CaseError) else ()
    if as_json:
        told = [asdict(one) for one in findings] or [{"rule": str(error)}]
        click.echo(json.dumps({"findings": told}, indent=1))
    else:
        click.echo("\n".join(map(str, findings[:_SHOWN])) or str(error), err=True)
        if len(findings) > _SHOWN:
            click.echo(f"{len(findings)} findings, {len(findings) - _SHOWN} not shown", err=True)
    context.exit(2)
    raise AssertionError  # exit does not return

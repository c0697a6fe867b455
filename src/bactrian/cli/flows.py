"""Verbs that find flows and what they emit: run, compare, assign, emissions."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from bactrian.cli.verb import Answer, case_of, guard, lines_of, progress, scenario_option, verb, wrote
from bactrian.errors import CaseError, Finding, SolveError

__all__ = ["assign", "compare", "emissions", "run"]


@verb
@click.argument("case", default="transcaspian")
@click.option("--year", type=int, help="Year of demand and network.  [default: that of the table demand]")
@click.option(
    "--method", default="logit", show_default=True, help="How demand finds its way: logit, equilibrium or capacity."
)
@click.option(
    "--between",
    multiple=True,
    nargs=2,
    metavar="ONE OTHER",
    help="Zones or countries whose trade gets a line of its own; may be given again.  [default: first two countries]",
)
@click.option("--carbon", default=0.0, show_default=True, help="Price of a tonne of CO2e that shippers pay, in USD.")
@scenario_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, tables and map.")
def run(
    case: str,
    year: int | None,
    method: str,
    between: tuple[tuple[str, str], ...],
    carbon: float,
    scenario_file: Path | None,
    out: Path | None,
) -> Answer:
    """Find what moves on CASE, a built-in name or a folder, by which way, and where it is stuck."""
    if out:
        guard(out)
    report = import_module("bactrian.report")
    flows = import_module("bactrian.verbs").run(case_of(case, scenario_file), year, method, carbon_usd_per_t=carbon)
    pairs = between or report.usual_pairs(flows)
    told = report.summary(flows, pairs)
    written = import_module("bactrian.draw").save_run(flows, out, pairs) if out else []
    return Answer(told, lambda: report.show(told), wrote(written, out), told["certificate"]["holds"])


@verb
@click.argument("case", default="transcaspian")
@scenario_option
@click.option("--year", type=int, help="Year of demand and network.  [default: that of the table demand]")
@click.option(
    "--method", default="logit", show_default=True, help="How demand finds its way: logit, equilibrium or capacity."
)
@click.option("--carbon", default=0.0, show_default=True, help="Price of a tonne of CO2e in the scenario, in USD.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result and tables.")
def compare(
    case: str, scenario_file: Path | None, year: int | None, method: str, carbon: float, out: Path | None
) -> Answer:
    """Set CASE as a scenario has it, by --with or --carbon, beside the case as it stands."""
    if scenario_file is None and not carbon:
        raise SolveError(
            "say what is compared with the case as it stands: a scenario by --with, or a price by --carbon"
        )
    if out:
        guard(out)
    report, verbs = import_module("bactrian.report"), import_module("bactrian.verbs")
    stands, scenario = case_of(case), case_of(case, scenario_file)
    year = verbs.usual_year(stands) if year is None else year
    reference = verbs.reference_of(stands, year, method) if method != "capacity" else None
    base = verbs.run(stands, year, method, reference)
    other = verbs.run(scenario, year, method, reference, carbon)
    found = import_module("bactrian.measure").compare(base, other)
    told = report.comparison_summary(found)
    written = report.save_comparison(found, out) if out else []
    sections = report.comparison_sections(told)
    return Answer(told, lambda: report.show_sections(sections), wrote(written, out), told["certificate"]["holds"])


@verb
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--gap", default=1e-6, show_default=True, help="Relative gap to reach.")
@click.option(
    "--distance-factor", type=float, help="Time per unit of length.  [default: that of the network file, or 0]"
)
@click.option("--toll-factor", type=float, help="Time per unit of toll.  [default: that of the network file, or 0]")
@click.option("--threads", default=1, show_default=True, help="Threads that search for paths: 1 or 2.")
@click.option("--flows", type=click.Path(path_type=Path), help="CSV file for the flow and time of each link.")
def assign(
    folder: Path,
    gap: float,
    distance_factor: float | None,
    toll_factor: float | None,
    threads: int,
    flows: Path | None,
) -> Answer:
    """Find the user equilibrium of a road network in FOLDER, with *_net.tntp and *_trips.tntp."""
    road = import_module("bactrian.road")
    if flows and flows.name.endswith((".tntp", ".tntp.gz")):
        raise CaseError([Finding(str(flows), 0, "", "is the name of a network", "name a CSV file for the flows")])
    solved = road.road_equilibrium(folder, gap, distance_factor, toll_factor, threads)
    if flows:
        import_module("bactrian.report.files").write_csv(flows, solved.links)
    told = solved.summary()
    said = f"wrote {flows}" if flows else ""
    return Answer(told, lines_of(told), said, told["reached"], f"the gap of {gap:g} was not reached")


@verb
@click.argument("case", default="transcaspian")
@click.option(
    "--from", "one", metavar="PLACE", help="Where the cargo comes from: a zone, or a place with access to one."
)
@click.option("--to", "other", metavar="PLACE", help="Where it goes.")
@click.option("--year", type=int, help="Year of demand and network.  [default: that of the table demand]")
@click.option(
    "--commodity", default="", metavar="ID", help="What is carried.  [default: most of what is in containers]"
)
@click.option("--t-per-teu", type=float, help="Tonnes in a container of 20 feet.  [default: those of the commodity]")
@click.option("--avoid", multiple=True, metavar="COUNTRY", help="Pass no place of this country; may be given again.")
@click.option("--cap", metavar="AMOUNT", help='Or find the price of carbon for a cap on all CO2e, such as "12 Mt/yr".')
@click.option("--most", default=1000.0, show_default=True, help="Highest price tried, in USD per tonne of CO2e.")
def emissions(
    case: str,
    one: str | None,
    other: str | None,
    year: int | None,
    commodity: str,
    t_per_teu: float | None,
    avoid: tuple[str, ...],
    cap: str | None,
    most: float,
) -> Answer:
    """Compare the CO2e of corridors of CASE between two places, by transport chain elements; or cap that of a year."""
    report = import_module("bactrian.report")
    if (cap is None) == (one is None or other is None):
        raise SolveError("name either two ends, --from CNSIA --to DEDUI, or a cap on CO2e, --cap '12 Mt/yr'")
    verbs = import_module("bactrian.verbs")
    year = verbs.usual_year(case) if year is None else year
    if cap is not None:
        cap_t = import_module("bactrian.units").parse(cap).to("t/yr")
        carbon = import_module("bactrian.carbon")
        found = carbon.carbon_cap(case, year, cap_t=cap_t, most_usd_per_t=most, tell=progress())
        lines = "\n".join(report.cap_lines(found))
        return Answer(report.cap_summary(found), lines, holds=found.flows.certificate.holds)
    flows = verbs.run(case, year)
    told = report.emissions_summary(flows, one, other, commodity, t_per_teu, avoid)
    return Answer(told, lambda: report.show_emissions(told), holds=flows.certificate.holds)

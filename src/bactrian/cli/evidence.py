"""Verbs that set a case beside what was counted, published or wished for: validate, calibrate, forecast, target."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from bactrian.cli.verb import Answer, for_machines, guard, progress, verb

__all__ = ["calibrate", "forecast", "target", "validate"]


@verb
@click.argument("case", default="transcaspian")
@click.option(
    "--observed",
    type=click.Path(path_type=Path),
    help="CSV file of your own observations (series, year, value, unit): their years are predicted and scored.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Markdown file to write; printed if not given.")
def validate(case: str, observed: Path | None, out: Path | None) -> Answer:
    """Set what was published and counted beside what the model says; a year unseen is predicted first."""
    if out and out.suffix == ".csv":
        guard(out.parent)
    report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
    own = import_module("bactrian.calibration").read_observations(observed) if observed else None
    if for_machines():
        told = json.dumps(report.validation_summary(loaded, own), indent=1, allow_nan=False)
    else:
        told = report.validation(loaded) if own is None else report.scored(loaded, own)
    if out:
        import_module("bactrian.report.files").write_text(out, told)
    return Answer(told, f"wrote {out}" if out else told)


@verb
@click.argument("case", default="transcaspian")
@click.option("--year", type=int, help="Year whose counts are fitted.  [default: that of the table demand]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the fitted adjustments, the card and its picture."
)
def calibrate(case: str, year: int | None, out: Path | None) -> Answer:
    """Fit the adjustments of CASE to what was counted in a year, and say how well it fits.

    The file adjustments.csv in the folder OUT takes the place of the one in the case.
    """
    if out:
        guard(out)
    report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
    year = import_module("bactrian.verbs").usual_year(loaded) if year is None else year
    found = import_module("bactrian.calibration").calibrate(loaded, year, tell=progress())
    told = json.dumps(report.calibration_summary(found), indent=1, allow_nan=False)
    page = report.calibration_page(found)
    if out:
        files, draw = import_module("bactrian.report.files"), import_module("bactrian.draw")
        files.write_csv(out / "adjustments.csv", found.case.table("adjustments"))
        files.write_csv(out / "card.csv", found.card)
        files.write_text(out / "calibration.json", told + "\n")
        files.write_text(out / "calibration.md", page)
        draw.save_map(draw.card_picture(found.card, f"{found.case.name} {year}"), out, "card")
    fault = "the fit has not settled, or the certificate of its run does not hold"
    return Answer(told, page, holds=found.flows.certificate.holds and found.settled, fault=fault)


@verb
@click.argument("case", default="transcaspian")
@click.option("--year", default=2030, show_default=True, help="Year to come.")
@click.option("--scenario", help="A row of the table scenarios, in place of the projects known.")
def forecast(case: str, year: int, scenario: str | None) -> Answer:
    """Run a year to come without and with the projects that CASE knows, public forecasts beside it."""
    report, loaded = import_module("bactrian.report"), import_module("bactrian.case").load(case)
    found = import_module("bactrian.calibration").forecast(loaded, year, scenario)
    lines = "\n".join(report.forecast_lines(loaded, found))
    holds = found.without.certificate.holds and found.with_projects.certificate.holds
    return Answer(report.forecast_summary(found), lines, holds=holds, fault="a certificate does not hold")


@verb
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
def target(case: str, lever: str, on: tuple[str, ...], elasticity: str | None, year: int, **wished: Any) -> Answer:
    """Find what must change for a goal on trade, tonnage or time to be reached, or say that it cannot."""
    report, goals = import_module("bactrian.report"), import_module("bactrian.goals")
    loaded = import_module("bactrian.case").load(case)
    goal = goals.read_goal(loaded, **wished)
    asked = goals.read_elasticity(loaded, elasticity)
    found = goals.target(loaded, goal, lever, on, year, asked, progress())
    lines = "\n".join(report.target_lines(found))
    return Answer(report.target_summary(found), lines, holds=found.flows.certificate.holds, fault="")

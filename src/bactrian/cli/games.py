"""Verbs about acting together: share, vote."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from bactrian.cli.verb import Answer, case_of, guard, scenario_option, sparingly, verb, wrote
from bactrian.errors import SolveError

__all__ = ["share", "vote"]

_FAULT = "a certificate does not hold: see the result"
_OF_TABLES = ("weights",)  # options that go with --game alone
_OF_TERMS = ("years", "discount", "carbon")  # that a plan brings itself
_OF_CASES = (
    *("case", "plan", "players", "money", "years", "discount", "carbon"),
    *("workers", "dask", "scenario_file", "out"),
)
_NAMED = {"case": "CASE", "scenario_file": "--with"}


@verb
@click.argument("case", default="transcaspian")
@click.option(
    "--plan", type=click.Path(path_type=Path), help="Folder of a plan to share.  [default: all there is to decide on]"
)
@click.option("--players", metavar="NAMES", help='Who may act together: countries or regions, such as "KAZ TKM EU27".')
@click.option("--money", multiple=True, metavar="SUM", help='What a player can spend at most: "KAZ: 2 bn USD".')
@click.option("--years", default="2026-2040", show_default=True, help="First and last year, without --plan.")
@click.option("--discount", default=0.05, show_default=True, help="Yearly rate of discount, without --plan.")
@click.option("--carbon", default=0.0, show_default=True, help="What a tonne of CO2e counts in USD, without --plan.")
@click.option("--game", type=click.Path(path_type=Path), help="Or a table of coalitions in a file, CSV or JSON.")
@click.option("--rule", help="Such as nucleolus or shapley.  [default: all side by side, transfers by nucleolus]")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    type=(str, float),
    metavar="PLAYER NUMBER",
    help="With --game, weights for the rule proportional: use, capital cost; given for each player.",
)
@click.option("--workers", default=1, show_default=True, help="Processes that work on the coalitions.")
@click.option("--dask", metavar="ADDRESS", help="Or a Dask cluster, by the address of its scheduler.")
@scenario_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, page, tables and picture.")
@click.pass_context
def share(context: click.Context, /, game: Path | None, rule: str | None, **asked: Any) -> Answer:
    """Say who gains and pays when countries of CASE build together, how to share that, and who would walk away.

    With --game, the same of any game given as a table of what each coalition gains or pays.
    """
    strangers = _OF_TABLES if game is None else _OF_CASES
    given = [one for one in strangers if context.get_parameter_source(one) is ParameterSource.COMMANDLINE]
    if given and game is None:
        raise SolveError("--weight goes with --game; of a case the rules proportional-use and proportional-capital do")
    if given:
        raise SolveError(f"--game stands by itself: leave out {_NAMED.get(given[0], f'--{given[0]}')}")
    terms = [one for one in _OF_TERMS if context.get_parameter_source(one) is ParameterSource.COMMANDLINE]
    if terms and asked["plan"] is not None:
        raise SolveError(f"--{terms[0]} goes without --plan, which brings its own terms")
    return _of_case(rule or "nucleolus", asked) if game is None else _of_table(game, rule, dict(asked["weights"]))


def _of_table(file: Path, rule: str | None, weights: dict[str, float]) -> Answer:
    """Share a game that is given."""
    report, games = import_module("bactrian.report"), import_module("bactrian.games")
    table = import_module("bactrian.formats").read_game(file)
    told = report.share_summary(games.game_of(table), rule, weights or None)
    holds = all(one.get("certificate", {"holds": True})["holds"] for one in told["allocations"])
    return Answer(told, lambda: report.show_share(told), holds=holds, fault=_FAULT)


def _of_case(rule: str, asked: dict[str, Any]) -> Answer:
    """Share what countries gain by building together."""
    out = asked["out"]
    if out:
        guard(out)
    if asked["plan"] is not None and out and out.resolve() in (asked["plan"].resolve(), asked["plan"].resolve().parent):
        raise SolveError(f"--out {str(out)!r} is the folder of the plan, which would be overwritten: name another one")
    wishes, room, report = (import_module(f"bactrian.{name}") for name in ("wishes", "sharing", "report"))
    room.check_rule(rule)
    corridor = case_of(asked["case"], asked["scenario_file"])
    players = asked["players"].replace(",", " ").split() if asked["players"] is not None else None
    if asked["plan"] is not None:
        programme, terms, scenario = room.read_plan(asked["plan"], corridor)
    else:
        first, last = wishes.read_years(asked["years"])
        discount = wishes.read_number(asked["discount"], "--discount", 0, 1)
        carbon = wishes.read_number(asked["carbon"], "--carbon", 0, 1e6)
        terms = import_module("bactrian.planning").Terms(first, last, discount=discount, carbon_usd_per_t=carbon)
        programme = scenario = None
    deal = room.share(
        corridor,
        programme,
        players,
        terms=terms,
        money=wishes.read_sums(asked["money"], "--money") or None,
        scenario=scenario,
        workers=int(wishes.read_number(asked["workers"], "--workers", 1)),
        dask=asked["dask"],
        out=out,
        tell=sparingly(),
    )
    told = report.deal_summary(deal, rule)
    written: list[Path] = []
    if out:
        draw = import_module("bactrian.draw")
        written += report.save_deal(told, out)
        written += draw.save_map(draw.deal_picture(told), out, "share")
    sections = report.deal_sections(told)
    return Answer(
        told, lambda: report.show_sections(sections), wrote(written, out), told["certificate"]["holds"], _FAULT
    )


@verb
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--example", help="A body known well in place of a file: unsc, unsc-g4, eu-council, and more.")
def vote(file: Path | None, example: str | None) -> Answer:
    """Tell how much say each member has under the rule of voting in FILE (JSON)."""
    if (file is None) == (example is None):
        raise click.UsageError("name a file, or an example with --example")
    report, voting = import_module("bactrian.report"), import_module("bactrian.voting")
    read = import_module("bactrian.formats").read_vote
    told = report.vote_summary(voting.body_of(read(file)) if file else voting.body(example))
    return Answer(told, lambda: report.show_vote(told))

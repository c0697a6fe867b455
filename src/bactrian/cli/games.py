"""Verbs about acting together: share, vote."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from bactrian.cli.verb import Answer, verb

__all__ = ["share", "vote"]


@verb
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
def share(game: Path, rule: str | None, weights: tuple[tuple[str, float], ...]) -> Answer:
    """Share what players gain or pay together, and say who would be better off without the others."""
    report, games = import_module("bactrian.report"), import_module("bactrian.games")
    table = import_module("bactrian.formats").read_game(game)
    told = report.share_summary(games.game_of(table), rule, dict(weights) or None)
    holds = all(one.get("certificate", {"holds": True})["holds"] for one in told["allocations"])
    fault = "a certificate does not hold: see the result"
    return Answer(told, lambda: report.show_share(told), holds=holds, fault=fault)


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

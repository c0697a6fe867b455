"""The command line: one verb per question."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

from bactrian.errors import CaseError

__all__ = ["main"]

_SHOWN = 40  # findings printed to a person; --json gives all


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
    load = import_module("bactrian.case").load
    try:
        loaded = load(case)
    except CaseError as error:
        if as_json:
            click.echo(json.dumps({"findings": [asdict(one) for one in error.findings]}, indent=1))
        else:
            for one in error.findings[:_SHOWN]:
                click.echo(str(one), err=True)
            more = max(len(error.findings) - _SHOWN, 0)
            click.echo(f"{len(error.findings)} findings in {case}" + (f", {more} not shown" if more else ""), err=True)
        context.exit(2)
    counts = loaded.quality()
    if as_json:
        click.echo(json.dumps({"findings": [], "hash": loaded.hash, "rows": counts.T.to_dict()}, indent=1))
    else:
        click.echo(f"{counts.to_string()}\n\nno findings in {case}, content {loaded.hash[:12]}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--case", default="transcaspian", help="Built-in case to copy.")
@click.pass_context
def new(context: click.Context, folder: Path, case: str) -> None:
    """Copy a built-in case to FOLDER, to edit and check."""
    copy_built_in = import_module("bactrian.case").copy_built_in
    try:
        copy_built_in(case, folder)
    except CaseError as error:
        click.echo(str(error), err=True)
        context.exit(2)
    click.echo(f"copied {case} to {folder}; edit its tables, then: bactrian check {folder}")

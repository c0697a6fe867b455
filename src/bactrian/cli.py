"""The command line: one verb per question."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from bactrian.errors import BactrianError, CaseError

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


@main.command()
@click.argument("case", default="transcaspian")
@click.option("--year", default=2021, show_default=True, help="Year of demand and network.")
@click.option("--method", default="logit", show_default=True, help="How demand finds its way: logit or capacity.")
@click.option(
    "--between",
    multiple=True,
    nargs=2,
    metavar="ONE OTHER",
    help="Zones or countries whose trade gets a line of its own; may be given again.  [default: KAZ TKM if there]",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result, tables and map.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def run(
    context: click.Context,
    case: str,
    year: int,
    method: str,
    between: tuple[tuple[str, str], ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Find what moves on CASE, a built-in name or a folder, by which way, and where it is stuck."""
    try:
        flows = import_module("bactrian.run").run(case, year, method)
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


def _default_pair(flows: Any) -> list[tuple[str, str]]:
    countries = set(flows.network.case.table("zones")["country"])
    return [("KAZ", "TKM")] if {"KAZ", "TKM"} <= countries else []


def _save(flows: Any, out: Path, pairs: Any) -> list[Path]:
    written: list[Path] = import_module("bactrian.report").save(flows, out, pairs)
    return written


def _fail(context: click.Context, error: BactrianError, as_json: bool) -> None:
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

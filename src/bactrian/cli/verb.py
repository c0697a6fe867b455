"""What all verbs of the command line share: --json, how an answer is told, and how what is wrong is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from bactrian.errors import BactrianError, CaseError, Finding

__all__ = [
    "Answer",
    "Verb",
    "case_of",
    "for_machines",
    "guard",
    "lines_of",
    "progress",
    "scenario_option",
    "sparingly",
    "verb",
    "wrote",
]

_SHOWN = 40  # findings printed to a person; --json gives all
_JSON = "bactrian.json"
_OF_CASES = ("sources.csv", "sources.parquet", "node.csv")  # files by which the folder of a case is known


@dataclass(frozen=True)
class Answer:
    """What a verb found.

    `told` is for machines, a text as it stands and anything else as JSON; `shown` is for a person, a text or what
    prints one; `wrote` says which files were written; `fault` is told where `holds` is false, and the exit code is 1.
    """

    told: Any
    shown: str | Callable[[], object]
    wrote: str = ""
    holds: bool = True
    fault: str = "the certificate does not hold: see the result"

    def tell(self, as_json: bool) -> None:
        """Print the answer for a machine or for a person."""
        if as_json:
            click.echo(self.told if isinstance(self.told, str) else json.dumps(self.told, indent=1, allow_nan=False))
        else:
            if callable(self.shown):
                self.shown()
            else:
                click.echo(self.shown)
            if self.wrote:
                click.echo(self.wrote)
        if self.fault and not self.holds:
            click.echo(self.fault, err=True)


class Verb(click.Command):
    """A command with --json last; exit code 1 for an answer that does not hold, 2 for what was asked wrongly."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Print JSON for machines."))

    def invoke(self, ctx: click.Context) -> None:
        """Run the verb and tell its answer."""
        as_json = ctx.meta[_JSON] = ctx.params.pop("as_json")
        try:
            answer: Answer = super().invoke(ctx)
            answer.tell(as_json)
        except BactrianError as error:
            _tell_error(error, as_json)
            ctx.exit(2)
        if not answer.holds:
            ctx.exit(1)


def verb(answer: Callable[..., Answer]) -> Verb:
    """Make a command of a function that returns its answer."""
    return click.command(cls=Verb)(answer)


scenario_option = click.option(
    "--with", "scenario_file", type=click.Path(path_type=Path), metavar="FILE", help="Scenario of CASE, from a file."
)


def case_of(case: str, scenario_file: Path | None = None) -> Any:
    """The case of that name or folder, as a scenario has it."""
    found = import_module("bactrian.case").load(case)
    if scenario_file is None:
        return found
    return import_module("bactrian.scenarios").read_scenario(scenario_file).apply(found)


def for_machines() -> bool:
    """Tell whether the verb that runs was asked for JSON."""
    return bool(click.get_current_context().meta[_JSON])


def progress() -> Callable[[str], None] | None:
    """Tell a person how far things are on standard error; None for machines."""
    return None if for_machines() else lambda said: click.echo(said, err=True)


def sparingly(pause_s: float = 2.0) -> Callable[[str], None] | None:
    """Tell the same, a line every few seconds at most."""
    if for_machines():
        return None
    start = last = time.monotonic()

    def tell(said: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= pause_s:
            last = now
            click.echo(f"{now - start:5.0f} s  {said}", err=True)

    return tell


def guard(out: Path) -> None:
    """Raise CaseError when `out` is the folder of a case, whose tables would be overwritten, or no folder."""
    if out.exists() and not out.is_dir():
        raise CaseError([Finding(str(out), 0, "", "is not a folder", "name a folder that may be written")])
    if any((out / name).exists() for name in _OF_CASES):
        rule, remedy = "is the folder of a case, whose tables would be overwritten", "name another folder"
        raise CaseError([Finding(str(out), 0, "", rule, remedy)])


def wrote(written: Iterable[Path], out: Path | None) -> str:
    """Say which files were written to the folder `out`; nothing when none was named."""
    return f"wrote {', '.join(path.name for path in written)} to {out}" if out else ""


def lines_of(told: dict[str, Any]) -> str:
    """Return a summary as lines of name and value."""
    return "\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in told.items())


def _tell_error(error: BactrianError, as_json: bool) -> None:
    findings = error.findings if isinstance(error, CaseError) else ()
    if as_json:
        told = [asdict(one) for one in findings] or [{"rule": str(error)}]
        click.echo(json.dumps({"findings": told}, indent=1))
    else:
        click.echo("\n".join(map(str, findings[:_SHOWN])) or str(error), err=True)
        if len(findings) > _SHOWN:
            click.echo(f"{len(findings)} findings, {len(findings) - _SHOWN} not shown", err=True)

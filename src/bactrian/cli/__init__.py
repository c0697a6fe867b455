"""The command line: one verb per question, one module per family of verbs.

A verb loads the rooms it needs when it runs, so that `bactrian --help` stays quick.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.metadata import version
from io import TextIOWrapper

import click

from bactrian.cli.brief import brief, read
from bactrian.cli.building import design, plan
from bactrian.cli.case import check, explain, new, water
from bactrian.cli.convert import convert
from bactrian.cli.events import stress
from bactrian.cli.evidence import calibrate, forecast, target, validate
from bactrian.cli.flows import assign, compare, emissions, run
from bactrian.cli.games import share, vote
from bactrian.cli.studio import studio

__all__ = ["main", "start"]

_INTERRUPTED = 130


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
    except (click.Abort, KeyboardInterrupt) as stop:
        for note in getattr(stop.__cause__ or stop, "__notes__", ()):
            click.echo(note, err=True)
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


@click.group(
    commands=[
        *(check, new, convert, explain, water),
        *(run, compare, assign, emissions),
        *(validate, calibrate, forecast, target),
        *(plan, design, stress),
        *(share, vote),
        *(brief, read, studio),
    ]
)
@click.version_option(version("bactrian"), prog_name="bactrian")
def main() -> None:
    """Plan international freight corridors."""

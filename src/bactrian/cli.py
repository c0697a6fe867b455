"""The command line: one verb per question."""

from __future__ import annotations

from importlib.metadata import version

import click

__all__ = ["main"]


@click.group()
@click.version_option(version("bactrian"), prog_name="bactrian")
def main() -> None:
    """Plan international freight corridors."""

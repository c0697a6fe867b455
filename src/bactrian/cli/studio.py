"""The verb that opens the web studio: studio."""

from __future__ import annotations

import json
import webbrowser
from importlib import import_module
from pathlib import Path
from threading import Thread

import click

from bactrian.cli.verb import Answer, for_machines, verb
from bactrian.errors import LibraryError

__all__ = ["studio"]


@verb
@click.argument("case", default="transcaspian")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: 8765, or any that is free]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 lets others in.")
@click.option("--token", help="What others must know to be let in.  [default: made up where --host lets others in]")
@click.option("--store", type=click.Path(path_type=Path), help="Folder for scenarios and results.  [default: your own]")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
def studio(case: str, port: int | None, host: str, token: str | None, store: Path | None, no_browser: bool) -> Answer:
    """See CASE, a built-in name or a folder, change it and ask of it in a browser. Ctrl-C ends."""
    try:
        serve = import_module("bactrian.studio.serve").serve
    except ImportError as error:
        raise LibraryError(f"the studio needs {error.name}: pip install 'bactrian[studio]'") from None
    as_json = for_machines()

    def ready(address: str) -> None:
        click.echo(json.dumps({"address": address}) if as_json else f"the studio is open at {address}  (Ctrl-C ends)")
        if not no_browser:
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve(case, host=host, port=port, token=token, store=store, ready=ready)
    return Answer("", lambda: None)

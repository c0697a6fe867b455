"""A job: the command line in a process of its own, which ends when the studio that started it does.

`python -m bactrian.studio.job plan transcaspian --out out` runs the program `bactrian` with the same words. As long as
it runs, its standard input must stay open.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from importlib.metadata import entry_points
from threading import Thread

__all__ = ["main"]

_LOST = 3
_YIELDS = 10  # how far a job steps back behind what people wait for


def main() -> None:
    """Run the program as installed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been ignored where the studio was started
    with suppress(AttributeError, OSError):
        os.nice(_YIELDS)
    Thread(target=_watch, daemon=True).start()
    sys.argv[0] = "bactrian"
    (program,) = entry_points(group="console_scripts", name="bactrian")
    program.load()()


def _watch() -> None:
    """End when nobody holds the other end of standard input any more."""
    while os.read(0, 1024):
        pass
    os._exit(_LOST)


if __name__ == "__main__":
    main()

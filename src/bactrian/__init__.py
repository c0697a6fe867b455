"""Bactrian: an open planner for international freight corridors.

The public names load the rooms they come from when they are first used, so that `bactrian --help` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bactrian.errors import BactrianError, CaseError, Finding, LibraryError, SolveError, UnitError

if TYPE_CHECKING:
    from bactrian.assign import Certificate, Flows
    from bactrian.case import Case, load
    from bactrian.verbs import run

__all__ = [
    "BactrianError",
    "Case",
    "CaseError",
    "Certificate",
    "Finding",
    "Flows",
    "LibraryError",
    "SolveError",
    "UnitError",
    "load",
    "run",
]

_HOMES = {
    "Case": "bactrian.case",
    "Certificate": "bactrian.assign",
    "Flows": "bactrian.assign",
    "load": "bactrian.case",
    "run": "bactrian.verbs",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

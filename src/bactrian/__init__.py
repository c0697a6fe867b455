"""Bactrian: an open planner for international freight corridors."""

from bactrian.assign import Certificate, Flows
from bactrian.case import Case, load
from bactrian.errors import BactrianError, CaseError, Finding, SolveError, UnitError
from bactrian.run import run

__all__ = [
    "BactrianError",
    "Case",
    "CaseError",
    "Certificate",
    "Finding",
    "Flows",
    "SolveError",
    "UnitError",
    "load",
    "run",
]

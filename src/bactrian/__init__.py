"""Bactrian: an open planner for international freight corridors."""

from bactrian.case import Case, load
from bactrian.errors import BactrianError, CaseError, Finding, SolveError, UnitError

__all__ = ["BactrianError", "Case", "CaseError", "Finding", "SolveError", "UnitError", "load"]

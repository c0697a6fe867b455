"""Bactrian: an open planner for international freight corridors."""

from bactrian.errors import BactrianError, CaseError, Finding, SolveError, UnitError

__all__ = ["BactrianError", "CaseError", "Finding", "SolveError", "UnitError"]

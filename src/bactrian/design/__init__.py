"""Network design: which arcs to open, so that all commodities are carried at least fixed and running cost."""

from bactrian.design.programme import Programme, Solved

__all__ = ["Programme", "Solved"]

"""Demand: what is to be carried between zones in a year."""

from bactrian.demand.balance import balance
from bactrian.demand.matrix import Demand, demand, grow

__all__ = ["Demand", "balance", "demand", "grow"]

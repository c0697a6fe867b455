"""Demand: what is to be carried between zones in a year."""

from bactrian.demand.balance import balance
from bactrian.demand.bilateral import bilateral_trade, why_unused
from bactrian.demand.gravity import Gravity, fit_gravity
from bactrian.demand.matrix import Demand, demand, grow

__all__ = ["Demand", "Gravity", "balance", "bilateral_trade", "demand", "fit_gravity", "grow", "why_unused"]

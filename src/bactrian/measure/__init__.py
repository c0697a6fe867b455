"""Measures: what flows mean for people and climate."""

from bactrian.measure.accounts import Accounts, accounts
from bactrian.measure.chains import Chain, Element, Hub, Movement
from bactrian.measure.comparison import Comparison, compare
from bactrian.measure.corridor_chains import CorridorChain, corridor_chains
from bactrian.measure.corridor_costs import corridor_costs
from bactrian.measure.counts import against_counts, count_weights, counted
from bactrian.measure.earnings import Earned, Earnings, earnings_of
from bactrian.measure.emissions import carbon, emissions, missing_factors
from bactrian.measure.indicators import indicators
from bactrian.measure.quotes import against_quotes
from bactrian.measure.trade_gravity import COST, SPECIFICATIONS, compare_gravity, trade_gravity, trade_observations

__all__ = [
    "COST",
    "SPECIFICATIONS",
    "Accounts",
    "Chain",
    "Comparison",
    "CorridorChain",
    "Earned",
    "Earnings",
    "Element",
    "Hub",
    "Movement",
    "accounts",
    "against_counts",
    "against_quotes",
    "carbon",
    "compare",
    "compare_gravity",
    "corridor_chains",
    "corridor_costs",
    "count_weights",
    "counted",
    "earnings_of",
    "emissions",
    "indicators",
    "missing_factors",
    "trade_gravity",
    "trade_observations",
]

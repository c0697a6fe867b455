"""Measures: what flows mean for people and climate."""

from bactrian.measure.counts import against_counts, count_weights, counted
from bactrian.measure.emissions import emissions, missing_factors
from bactrian.measure.indicators import indicators
from bactrian.measure.quotes import against_quotes

__all__ = [
    "against_counts",
    "against_quotes",
    "count_weights",
    "counted",
    "emissions",
    "indicators",
    "missing_factors",
]

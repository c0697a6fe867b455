"""Measures: what flows mean for people and climate."""

from bactrian.measure.emissions import emissions

__all__ = ["emissions"]

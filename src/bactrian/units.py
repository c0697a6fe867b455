"""Quantities with units: "12 bn USD", "4.5 Mt/yr", "36 h".

Parsed at the wall (command line, scenario changes); inside, columns carry their unit in the schema and
plain floats are used. Tonnes and TEU are different dimensions on purpose: they are never added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bactrian.errors import UnitError

__all__ = ["Quantity", "parse"]

# unit -> (dimension, factor to the dimension's base unit)
_UNITS: dict[str, tuple[str, float]] = {
    "t": ("mass", 1.0),
    "kt": ("mass", 1e3),
    "Mt": ("mass", 1e6),
    "t/yr": ("mass per year", 1.0),
    "kt/yr": ("mass per year", 1e3),
    "Mt/yr": ("mass per year", 1e6),
    "TEU": ("containers", 1.0),
    "TEU/yr": ("containers per year", 1.0),
    "USD": ("money", 1.0),
    "kUSD": ("money", 1e3),
    "mUSD": ("money", 1e6),
    "mUSD/yr": ("money per year", 1e6),
    "USD/t": ("money per mass", 1.0),
    "USD/TEU": ("money per container", 1.0),
    "t/TEU": ("mass per container", 1.0),
    "h": ("time", 1.0),
    "d": ("time", 24.0),
    "day": ("time", 24.0),
    "days": ("time", 24.0),
    "km": ("length", 1e3),
    "m": ("length", 1.0),
    "mm": ("length", 1e-3),
}
_SCALES = {"thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_PATTERN = re.compile(rf"\s*({_NUMBER})\s*(?:({'|'.join(_SCALES)})\s+)?(\S+)\s*")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in the base unit of its dimension.

    >>> parse("1 kt") + parse("500 t")
    Quantity(value=1500.0, dimension='mass')
    """

    value: float
    dimension: str

    def __add__(self, other: Quantity) -> Quantity:
        if self.dimension != other.dimension:
            raise UnitError(f"cannot add {other.dimension} to {self.dimension}")
        return Quantity(self.value + other.value, self.dimension)

    def to(self, unit: str) -> float:
        """Return the value in `unit`; raise UnitError if the dimension differs.

        >>> parse("36 h").to("d")
        1.5
        """
        dimension, factor = _look_up(unit)
        if dimension != self.dimension:
            raise UnitError(f"cannot express {self.dimension} in {unit!r} ({dimension})")
        return self.value / factor


def parse(text: str) -> Quantity:
    """Read a quantity such as "8 bn USD" or "-30.5 m".

    Raises UnitError for a missing number, an unknown unit, or a number that is not finite.

    >>> parse("8 bn USD").to("mUSD")
    8000.0
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise UnitError(f"cannot read the quantity {text!r}: write a number and a unit, such as '4.5 Mt/yr'")
    number, scale, unit = match.groups()
    dimension, factor = _look_up(unit)
    value = float(number) * _SCALES.get(scale, 1.0) * factor
    if value in (float("inf"), float("-inf")):
        raise UnitError(f"the quantity {text!r} is too large")
    return Quantity(value, dimension)


def _look_up(unit: str) -> tuple[str, float]:
    scale, _, base = unit.rpartition(" ")
    try:
        dimension, factor = _UNITS[base]
        return dimension, factor * (_SCALES[scale] if scale else 1.0)
    except KeyError:
        raise UnitError(f"unknown unit {unit!r}: use one of {', '.join(_UNITS)}") from None

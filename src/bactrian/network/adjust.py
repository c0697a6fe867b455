"""What calibration adds to the tables of a case: costs that nobody pays, factors on choice scales and on capacities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.errors import CaseError, Finding

__all__ = ["Adjustments", "adjustments", "held_by", "uses_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Adjustments:
    """`cost` (K, A) to be added in USD/t, `scale` (K) factors on the choice scales, and `capacity` factors by row."""

    cost: Floats
    scale: Floats
    capacity: Mapping[str, float]
    _culprits: tuple[tuple[Finding, Bools, Bools], ...]

    def capacity_of(self, rows: pd.Series) -> Floats:
        """The factor on the capacity of each of `rows`."""
        return rows.map(lambda row: self.capacity.get(row, 1.0)).to_numpy(dtype=np.float64)

    def check(self, plain: Floats) -> None:
        """Raise CaseError where costs become less than nothing, which no way of finding routes can do with."""
        lowest = np.nanmin(plain + self.cost, initial=0.0)
        if lowest < -1e-9:
            raise CaseError(
                [
                    one
                    for one, held, at in self._culprits
                    if np.nanmin((plain + self.cost)[np.ix_(held, at)], initial=0.0) < -1e-9
                ]
            )


def adjustments(case: Case, arcs: pd.DataFrame) -> Adjustments:
    """The adjustments of `case` on `arcs`, a table with the column row."""
    table, goods = case.table("adjustments"), case.table("commodities")["id"]
    cost, scale = np.zeros((len(goods), len(arcs))), np.ones(len(goods))
    capacity: dict[str, float] = {}
    culprits = []
    one: Any
    for line, one in enumerate(table.itertuples()):
        held, at = held_by(one.commodities, goods), uses_of(one.rows, arcs)
        if one.kind == "cost":
            cost[np.ix_(held, at)] += one.value
            rule, remedy = f"{one.value:g} USD/t leaves a cost below nothing", "raise it, or name dearer rows"
            if one.value < 0:
                culprits.append((Finding("adjustments", line + 2, "value", rule, remedy, one.id), held, at))
        elif one.kind == "scale":
            scale[held] *= one.value
        else:
            capacity |= {row: capacity.get(row, 1.0) * one.value for row in one.rows.split()}
    return Adjustments(cost, scale, capacity, tuple(culprits))


def held_by(commodities: str, goods: pd.Series) -> Bools:
    """Which of `goods` an adjustment holds for; all if it names none."""
    held: Bools = goods.isin(commodities.split()).to_numpy() if commodities else np.ones(len(goods), dtype=np.bool_)
    return held


def uses_of(rows: str, arcs: pd.DataFrame) -> Bools:
    """Which arcs are uses of the `rows`."""
    uses: Bools = arcs["row"].isin(rows.split()).to_numpy()
    return uses

"""Balancing: bring sums over sets of cells to given totals and change the cells as little as can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["balance"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def balance(
    seed: Floats, members: Sequence[Bools], totals: Floats, tolerance: float = 1e-10, sweeps: int = 10_000
) -> tuple[Floats, Floats]:
    """Iterative proportional fitting on sets that may overlap; return the cells and each set's relative error.

    `seed` (n) at least 0, `members` m masks of n cells, `totals` (m) at least 0. Each set in turn is scaled to its
    total (Deming and Stephan 1940); the limit is the nearest to the seed in relative entropy (Csiszár 1975). Ends when
    no error is above `tolerance`, or after `sweeps`: an error left over means that the totals contradict each other,
    or ask for tonnes where the seed has none. Cells in no set, and cells of 0, stay.

    >>> rows_and_columns = [np.array(mask, dtype=bool) for mask in ([1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0])]
    >>> cells, error = balance(np.ones(4), rows_and_columns, np.array([10.0, 30.0, 20.0]))
    >>> cells.round(6).tolist()
    [5.0, 5.0, 15.0, 15.0]
    """
    cells = np.array(seed, dtype=np.float64)
    error = np.zeros(len(members))
    for _ in range(sweeps):
        for mask, total in zip(members, totals, strict=True):
            present = cells[mask].sum()
            if present > 0:
                cells[mask] *= total / present
        present = np.array([cells[mask].sum() for mask in members])
        error = np.abs(present - totals) / np.maximum(totals, 1e-300) if len(members) else error
        if error.max(initial=0.0) <= tolerance:
            break
    return cells, error

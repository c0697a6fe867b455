"""What lines and ports carry at any level of the Caspian, on straight lines between levels that were worked out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.case.effects import NEVER
from bactrian.planning.stage import Key
from bactrian.water import at_level

__all__ = ["Sea"]

Floats = NDArray[np.float64]

APART = 0.25  # m between the levels that are worked out
COLUMNS = ("capacity_kt", "usd_per_t", "usd_per_teu")


class Sea:
    """Cells of `case` by level of the sea, from `low` to `high` in m above the Baltic datum.

    A row that nothing can sail at a level has no capacity there. Raises CaseError as `at_level` does.
    """

    def __init__(self, case: Case, low: float, high: float) -> None:
        self.grid: Floats = np.linspace(low, high, max(2, int(np.ceil((high - low) / APART)) + 1))
        standing = [_figures(case)] + [_figures(at_level(case, level)) for level in self.grid.tolist()]
        self.rows: dict[Key, dict[str, Floats]] = {}
        for name, before in standing[0].items():
            values = np.stack([each[name].to_numpy(dtype=np.float64) for each in standing[1:]])
            moves = ~np.isclose(values, before.to_numpy(dtype=np.float64), rtol=1e-12, atol=0, equal_nan=True)
            for row in np.flatnonzero(moves.any(axis=(0, 2))).tolist():
                columns = [at for at in range(len(COLUMNS)) if not np.isnan(values[:, row, at]).any()]
                self.rows[name, str(before.index[row])] = {COLUMNS[at]: values[:, row, at] for at in columns}

    def cells(self, level: float) -> dict[Key, dict[str, float]]:
        """The cells that hold at `level`."""
        return {
            key: {column: float(np.interp(level, self.grid, values)) for column, values in columns.items()}
            for key, columns in self.rows.items()
        }


def _figures(case: Case) -> dict[str, pd.DataFrame]:
    """Capacity and prices of links and terminals; no capacity where a row is never open."""
    tables = {name: case.table(name).set_index("id") for name in ("links", "terminals")}
    return {
        name: table[list(COLUMNS)].assign(capacity_kt=table["capacity_kt"].where(table["opens"] != NEVER, 0.0))
        for name, table in tables.items()
    }

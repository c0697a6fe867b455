"""Cells as they are written: the text of a number, and a checked table as text."""

from __future__ import annotations

import pandas as pd

__all__ = ["digits", "texts"]


def digits(number: float) -> str:
    """The shortest text that reads as the same number; whole ones without a point.

    >>> digits(2500.0), digits(0.1)
    ('2500', '0.1')
    """
    return repr(float(number)).removesuffix(".0")


def texts(table: pd.DataFrame) -> dict[str, list[str]]:
    """The columns of a checked table, each cell as written in a CSV file, empty for none.

    >>> texts(pd.DataFrame({"id": ["a", "b"], "kt": [2500.0, float("nan")]}))
    {'id': ['a', 'b'], 'kt': ['2500', '']}
    """
    return {
        str(name): ["" if cell != cell else digits(cell) for cell in table[name]]
        if table[name].dtype == "float64"
        else list(table[name])
        for name in table
    }

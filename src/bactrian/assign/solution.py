"""What every engine of assignment hands to the front door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bactrian.assign.routes import Routes

__all__ = ["Solution"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Ways with `flow` (kt/yr each); per pair what is `asked` (kt/yr) at its `composite` cost (USD/t, nan where no way
    leads), `stranded` (kt/yr) and `loss` (USD per tonne stranded); per resource the
    `wait` (h), what one more tonne of capacity is `worth` and the toll `dual` that holds loads within capacity (both
    USD/t); and the `settings` that the engine worked with."""

    routes: Routes
    flow: Floats
    asked: Floats
    composite: Floats
    stranded: Floats
    loss: Floats
    wait: Floats
    worth: Floats
    dual: Floats
    settings: Mapping[str, float]

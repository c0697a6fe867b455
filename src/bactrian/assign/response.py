"""How demand answers to what it costs to get there: D = D0 (S / S0)^-e, S = S0 + L - L0.

L is the composite cost of a pair of zones in USD/t: the logsum of its ways, or the cost of its cheapest way. A logsum
has no natural zero (more ways, or vaguer choices, lower it below nothing), but its differences are what users lose. So
S counts them from S0, the mean generalised cost at which D0 is carried: should all costs rise by 1 %, demand falls by
e %. Below a twentieth of S0 demand grows no further.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLOOR", "Response"]

Floats = NDArray[np.float64]

FLOOR = 0.05  # of the reference cost, below which a still lower cost attracts nothing more


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Per pair: `amount` (D0, kt/yr), `reference` (S0, USD/t), `level` (L0, USD/t) and `elasticity` (e, at least 0).

    Where there is no S0 above 0, demand stays as it is.

    >>> one = Response(*(np.array([each]) for each in (100.0, 50.0, -20.0, 2.0)))
    >>> one.demand(np.array([30.0])).tolist(), one.slope(np.array([30.0])).tolist()
    ([25.0], [0.5])
    """

    amount: Floats
    reference: Floats
    level: Floats
    elasticity: Floats

    def of(self, rows: NDArray[np.int64]) -> Response:
        """The response of some of the pairs."""
        return Response(self.amount[rows], self.reference[rows], self.level[rows], self.elasticity[rows])

    def demand(self, composite: Floats) -> Floats:
        """Demand in kt/yr at the composite costs `composite` (USD/t)."""
        demand: Floats = self.amount * self._ratio(composite) ** -self._power()
        return demand

    def slope(self, composite: Floats) -> Floats:
        """How demand falls with the composite cost, -dD/dS in kt/yr per USD/t; at least 0."""
        ratio = self._ratio(composite)
        safe = np.where(self.reference > 0, self.reference, 1.0)
        slope: Floats = np.where(ratio > FLOOR, self._power() * self.demand(composite) / (ratio * safe), 0.0)
        return slope

    def area(self, composite: Floats) -> Floats:
        """Integral of the demand over the composite cost up to `composite`, less a constant per pair (kt/yr USD/t)."""
        power, ratio, cost = self._power(), self._ratio(composite), self.reference + composite - self.level
        safe = np.where(power > 0, self.reference, 1.0)
        one = 1 - power
        near = np.abs(one) < 1e-9
        curved = np.where(near, np.log(ratio / FLOOR), (ratio**one - FLOOR**one) / np.where(near, 1.0, one))
        straight = FLOOR**-power * (np.minimum(cost / safe, FLOOR) - FLOOR)
        area: Floats = self.amount * np.where(power > 0, safe * (curved + straight), composite)
        return area

    def _power(self) -> Floats:
        return np.where(self.reference > 0, self.elasticity, 0.0)

    def _ratio(self, composite: Floats) -> Floats:
        safe = np.where(self.reference > 0, self.reference, 1.0)
        cost = safe + composite - self.level
        ratio: Floats = np.where(self.reference > 0, np.maximum(cost / safe, FLOOR), 1.0)
        return ratio

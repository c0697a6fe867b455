"""How demand answers to what it costs to get there: D = D0 (S / S0)^-e, S = S0 + L - L0.

L is the composite cost of a pair of zones in USD/t: the logsum of its ways, or the cost of its cheapest way. A logsum
has no natural zero (more ways, or vaguer choices, lower it below nothing), but its differences are what users lose. So
S counts them from S0, the mean generalised cost at which D0 is carried: should all costs rise by 1 %, demand falls by
e %. Below a twentieth of S0 demand grows no further.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLOOR", "Patient", "Response"]

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

    def without(self, rows: NDArray[np.bool_]) -> Response:
        """The same with nothing to carry for some pairs."""
        return replace(self, amount=np.where(rows, 0.0, self.amount))

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


@dataclass(frozen=True, slots=True, eq=False)
class Patient:
    """The response `plain` of shippers who may also wait for better times, or give up.

    Tonnes come at an even rate during a spell in which going now costs L; when it is over they will face `later`, both
    in USD/t. To wait for that through the whole spell costs `span` in USD/t (inf: nobody waits), so a share of up to
    q = (L - later) / span, those that come shortly before its end, waits. What the tonnes of the spell face on average
    is L - q (L - later) / 2. `demand` is of those who go now. In the same way tonnes give up at costs that lie evenly
    between `later` and `later` + `span`.

    >>> plain = Response(*(np.array([each]) for each in (100.0, 0.0, 0.0, 0.0)))
    >>> one = Patient(plain, later=np.array([20.0]), span=np.array([40.0]))
    >>> going_costs = np.array([30.0])
    >>> [float(each[0]) for each in (one.demand(going_costs), one.waiting(going_costs), one.faced(going_costs))]
    [75.0, 25.0, 28.75]
    """

    plain: Response | Patient
    later: Floats
    span: Floats

    @property
    def amount(self) -> Floats:
        """Demand in kt/yr at the reference cost, waiting or not."""
        return self.plain.amount

    def of(self, rows: NDArray[np.int64]) -> Patient:
        """The response of some of the pairs."""
        return Patient(self.plain.of(rows), self.later[rows], self.span[rows])

    def without(self, rows: NDArray[np.bool_]) -> Patient:
        """The same with nothing to carry for some pairs."""
        return replace(self, plain=self.plain.without(rows))

    def share(self, composite: Floats) -> Floats:
        """Which share of the tonnes waits when going now costs `composite` (inf where there is no way)."""
        share: Floats = np.clip((composite - self.later) / self.span, 0.0, 1.0)
        return share

    def faced(self, composite: Floats) -> Floats:
        """What tonnes face on average in USD/t when going now costs `composite`."""
        share = self.share(composite)
        now = np.where(share < 1, composite, 0.0)
        faced: Floats = self.later + np.where(
            share < 1, (now - self.later) * (1 - share / 2), np.where(np.isinf(self.span), 0.0, self.span) / 2
        )
        return faced

    def demand(self, composite: Floats) -> Floats:
        """Demand in kt/yr of those who go now."""
        demand: Floats = self.plain.demand(self.faced(composite)) * (1 - self.share(composite))
        return demand

    def waiting(self, composite: Floats) -> Floats:
        """Demand in kt/yr of those who wait."""
        waiting: Floats = self.plain.demand(self.faced(composite)) * self.share(composite)
        return waiting

    def slope(self, composite: Floats) -> Floats:
        """How the demand of those who go now falls with the composite cost, in kt/yr per USD/t; at least 0."""
        faced, share = self.faced(composite), self.share(composite)
        turned = np.where((share > 0) & (share < 1), self.plain.demand(faced) / self.span, 0.0)
        slope: Floats = self.plain.slope(faced) * (1 - share) ** 2 + turned
        return slope

    def area(self, composite: Floats) -> Floats:
        """Integral of `demand` over the composite cost up to `composite`, less a constant per pair (kt/yr USD/t)."""
        return self.plain.area(self.faced(composite))

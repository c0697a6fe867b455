"""The terms of an appraisal: years, discounting, price base, residual value; and what a project costs under them.

All money is in constant USD of the price year: nothing is inflated. A sum of year t counts (1 + r)^-(t - t0) in the
first year t0. Benefits count from the year a project opens to the last year, which is all that is looked at, but for
the residual value: what is left then of each asset, by straight-line depreciation over its life. An asset whose life
ends before is bought anew. Flows are found for model years, `step` apart; gains in between are interpolated for one
and the same set of open projects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from bactrian.errors import SolveError
from bactrian.planning.candidates import Candidate

__all__ = ["Cash", "Terms", "internal_rate"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """How money and years count. `discount` is a yearly rate; `carbon_usd_per_t` what a tonne of CO2e is taken to cost
    (0: it is told, not counted). Raises SolveError for years or rates that make no sense.

    >>> terms = Terms(2026, 2040)
    >>> terms.model_years, round(terms.factor(2027), 4)
    ((2026, 2031, 2036, 2040), 0.9524)
    """

    first: int
    last: int
    discount: float = 0.05
    price_year: int = 2025
    residual: bool = True
    carbon_usd_per_t: float = 0.0
    step: int = 5
    model_years: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not all(isinstance(one, (int, np.integer)) for one in (self.first, self.last, self.step)):
            raise SolveError("years are whole numbers such as 2026, and so are those between model years")
        if not 1990 <= self.first <= self.last <= 2100:
            raise SolveError(f"cannot plan {self.first} to {self.last}: give a first and a last year within 1990-2100")
        if not 0 <= self.discount < 1:
            raise SolveError(f"a discount rate of {self.discount:g} makes no sense: give one such as 0.05")
        if not self.step >= 1:
            raise SolveError("model years must be at least 1 year apart")
        if not 0 <= self.carbon_usd_per_t < np.inf:
            raise SolveError("the price of carbon must be a sum of money of at least 0, in USD/t")
        years = [*range(self.first, self.last, self.step), self.last]
        object.__setattr__(self, "model_years", tuple(years))

    def told(self) -> dict[str, Any]:
        """The terms as plain types."""
        return {
            "first": self.first,
            "last": self.last,
            "model_years": list(self.model_years),
            "discount": self.discount,
            "price_year": self.price_year,
            "residual": self.residual,
            "carbon_usd_per_t": self.carbon_usd_per_t,
        }

    @property
    def years(self) -> range:
        """The years of the plan."""
        return range(self.first, self.last + 1)

    def factor(self, year: int) -> float:
        """What a sum of `year` counts in the first year."""
        return float((1 + self.discount) ** -(year - self.first))

    def weights(self, year: int) -> dict[int, float]:
        """The model years that gains of `year` are interpolated from, with their weights.

        >>> Terms(2026, 2040).weights(2032)
        {2031: 0.8, 2036: 0.2}
        """
        if year in self.model_years:
            return {year: 1.0}
        before = max(one for one in self.model_years if one < year)
        after = min(one for one in self.model_years if one > year)
        share = (year - before) / (after - before)
        return {before: 1 - share, after: share}

    @property
    def spread(self) -> dict[tuple[int, int], float]:
        """What a gain of a model year counts in a year of the plan, by both: the factor times the weight.

        >>> Terms(2026, 2028, step=2, discount=0).spread
        {(2026, 2026): 1.0, (2027, 2026): 0.5, (2027, 2028): 0.5, (2028, 2028): 1.0}
        """
        return {
            (year, model): self.factor(year) * share
            for year in self.years
            for model, share in self.weights(year).items()
        }

    def opening(self, candidate: Candidate, start: int) -> int:
        """The year in which a project begun in `start` opens."""
        return start + candidate.build_years

    def starts(self, candidate: Candidate) -> range:
        """The years in which the project can be begun so that it opens within the plan."""
        return range(candidate.earliest, self.last - candidate.build_years + 1)

    def cash(self, candidate: Candidate, start: int) -> Cash:
        """What the project costs, year by year, if begun in `start`."""
        capex, operating = np.zeros(len(self.years)), np.zeros(len(self.years))
        opens = self.opening(candidate, start)
        works = max(candidate.build_years, 1)
        for year in range(start, start + works):
            if year <= self.last:
                capex[year - self.first] += candidate.capex_musd / works
        operating[opens - self.first :] = candidate.operating_musd
        bought = opens
        while bought + candidate.life_years <= self.last:
            bought += candidate.life_years
            capex[bought - self.first] += candidate.capex_musd
        left = max(0.0, 1 - (self.last + 1 - bought) / candidate.life_years)
        return Cash(capex, operating, candidate.capex_musd * left if self.residual else 0.0)

    def present(self, yearly: Floats) -> float:
        """Present value of sums by year of the plan."""
        return float(yearly @ np.array([self.factor(year) for year in self.years]))

    def cost(self, candidate: Candidate, start: int) -> float:
        """Present value of all costs less the residual value, mUSD."""
        cash = self.cash(candidate, start)
        return self.present(cash.capex + cash.operating) - cash.residual * self.factor(self.last)


@dataclass(frozen=True, slots=True, eq=False)
class Cash:
    """Sums in mUSD by year of the plan: `capex` with what is bought anew, `operating`; and the `residual` value at the
    end of the last year."""

    capex: Floats
    operating: Floats
    residual: float


def internal_rate(net: Floats) -> float:
    """The rate at which yearly sums are worth nothing; nan where there is none, or where their sign changes twice.

    >>> round(internal_rate(np.array([-100.0, 60.0, 60.0])), 4)
    0.1307
    """
    known = net[np.abs(net) > 1e-12]
    if known.size < 2 or np.count_nonzero(np.diff(np.sign(known))) != 1:
        return float("nan")
    power = np.arange(net.size)

    def worth(rate: float) -> float:
        return float((net * (1 + rate) ** -power).sum())

    low, high = -0.99, 100.0
    if worth(low) * worth(high) > 0:
        return float("nan")
    return float(brentq(worth, low, high, xtol=1e-12))

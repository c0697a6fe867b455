"""What thousands of futures say: the expected cost of disruptions, how often it is exceeded, by what and for whom.

Blocks of draws are independent and alike, so their means give the interval of any mean by Student's t (a Latin
hypercube inside a block only narrows it; Owen 1992).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from bactrian.errors import SolveError
from bactrian.stressing.rules import Rule, rule_of

__all__ = ["Estimate", "Risk", "RiskCertificate", "estimate"]

Floats = NDArray[np.float64]

SURE = 0.95
TAILS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)


class Estimate(NamedTuple):
    """A mean over all draws and its interval of 95 %."""

    mean: float
    low: float
    high: float


def estimate(values: Floats, size: int) -> Estimate:
    """The mean of `values` of draws in blocks of `size`, and its interval by the means of blocks.

    One block alone has no interval: it reaches from -inf to inf.

    >>> [round(one, 2) for one in estimate(np.array([1.0, 2.0, 3.0, 4.0]), 2)]
    [2.5, -10.21, 15.21]
    """
    means = values.reshape(-1, size).mean(axis=1)
    mean = float(means.mean())
    if means.size < 2:
        return Estimate(mean, -np.inf, np.inf)
    half = float(student.ppf((1 + SURE) / 2, means.size - 1) * means.std(ddof=1) / np.sqrt(means.size))
    return Estimate(mean, mean - half, mean + half)


@dataclass(frozen=True, slots=True)
class RiskCertificate:
    """How far a risk is from what it claims to be; `holds` if it is near enough.

    - `amiss`: draws that are missing, or are not those of the seed and the settings.
    - `figures`: largest relative error of the expected cost, its interval, the tails and the mean of the worst, against
      plain formulas, and of a cost against the sum of what countries bear.
    - `draws`: numbers of the draws that were worked out anew, each of the `states` they are made of from nothing.
    - `difference`: largest error of what these draws cost, and are worth with projects built, as a share of the larger
      of that and the expected cost.
    - `choice`: largest error of a flow in these states, against what shippers choose there by the formulas, as a share
      of all demand.
    """

    amiss: int
    figures: float
    draws: tuple[int, ...]
    states: int
    difference: float
    choice: float

    @property
    def holds(self) -> bool:
        """All draws are there; figures to 1e-7, as draws are kept to ten digits; choice to 1e-6; costs to 1e-4: near
        capacity waits are so steep that loads off by 1e-7 of all demand make so much of a difference."""
        right = self.figures <= 1e-7 and self.choice <= 1e-6 and self.difference <= 1e-4
        return right and self.amiss == 0

    def told(self) -> dict[str, Any]:
        """All of it as plain types."""
        return {"holds": self.holds, **asdict(self)}


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """`draws` has a line for each future (see `bactrian.stressing.ensemble.columns`), in blocks of `size`; `settings`
    say what was drawn, by which seed, from which case. Without a `certificate` nobody has checked it."""

    settings: Mapping[str, Any]
    draws: pd.DataFrame
    size: int
    certificate: RiskCertificate | None = None

    @property
    def expected(self) -> Estimate:
        """What disruptions cost shippers in the time drawn, in mUSD."""
        return self.of("cost_musd")

    def of(self, column: str) -> Estimate:
        """The mean of a column of `draws` and its interval."""
        return estimate(self.draws[column].to_numpy(dtype=np.float64), self.size)

    @property
    def protection(self) -> Estimate:
        """By how much less disruptions cost with the projects asked for: what they are worth as an insurance, in mUSD.

        Raises SolveError when none were asked for.
        """
        saved = self._planned("cost_musd") - self._planned("planned_cost_musd")
        return estimate(saved, self.size)

    @property
    def gain(self) -> Estimate:
        """What the projects asked for bring shippers in the time drawn, disrupted or not, in mUSD."""
        return estimate(self._planned("gain_musd"), self.size)

    def failing(self, cost_musd: float, most: int = 3) -> Rule:
        """When the projects bring less than they cost in the time drawn (`cost_musd`), by what was drawn."""
        factors = self.draws[["demand", "level_m", *(one for one in self.draws.columns if one.startswith("days_"))]]
        return rule_of(factors.dropna(axis=1), self._planned("gain_musd") < cost_musd, most)

    def _planned(self, column: str) -> Floats:
        if "gain_musd" not in self.draws:
            raise SolveError("no projects were asked for, so there is nothing to hold against what comes without them")
        return self.draws[column].to_numpy(dtype=np.float64)

    def worst(self, share: float = 0.05) -> float:
        """The mean cost in mUSD of the worst `share` of all draws (conditional value at risk)."""
        cost = np.sort(self.draws["cost_musd"].to_numpy(dtype=np.float64))
        return float(cost[-max(1, round(share * cost.size)) :].mean())

    def tails(self) -> pd.DataFrame:
        """`cost_musd` that is exceeded with a `chance`, with an interval from the ranks of the draws (binomial)."""
        cost = np.sort(self.draws["cost_musd"].to_numpy(dtype=np.float64))
        rows = []
        for chance in TAILS:
            rank = (1 - chance) * cost.size
            half = 1.96 * np.sqrt(cost.size * chance * (1 - chance))
            at = [min(max(round(one), 0), cost.size - 1) for one in (rank, rank - half, rank + half)]
            rows.append((chance, *(float(cost[one]) for one in at)))
        return pd.DataFrame(rows, columns=["chance", "cost_musd", "low", "high"])

    def exceedance(self, points: int = 60) -> pd.DataFrame:
        """How often a cost of `cost_musd` is exceeded: `chance` with `low` and `high`, at so many costs."""
        cost = self.draws["cost_musd"].to_numpy(dtype=np.float64)
        levels = np.unique(np.quantile(cost, 1 - np.geomspace(1, 1 / cost.size, points)))
        told = [estimate((cost > level).astype(np.float64), self.size) for level in levels.tolist()]
        table = pd.DataFrame(told, columns=["chance", "low", "high"]).clip(0, 1)
        table.insert(0, "cost_musd", levels)
        return table

    def by_event(self) -> pd.DataFrame:
        """For each event in how many draws it is (`share`), for how many `days` then, and what a draw costs on average
        `with_musd` and `without_musd`; what is dearest with it first."""
        cost = self.draws["cost_musd"].to_numpy(dtype=np.float64)
        rows = []
        for column in [one for one in self.draws.columns if one.startswith("days_")]:
            days = self.draws[column].to_numpy(dtype=np.float64)
            there = days > 0
            means = [float(cost[each].mean()) if each.any() else np.nan for each in (there, ~there)]
            length = float(days[there].mean()) if there.any() else 0.0
            rows.append((column.removeprefix("days_"), float(there.mean()), length, *means))
        table = pd.DataFrame(rows, columns=["event", "share", "days", "with_musd", "without_musd"])
        more = (table["with_musd"] - table["without_musd"]).fillna(-np.inf)
        return table.iloc[np.argsort(-more.to_numpy(), kind="stable")].reset_index(drop=True)

    def by_country(self) -> pd.DataFrame:
        """Expected cost by country of origin and destination, half each, with intervals, in mUSD; dearest first."""
        named = [one for one in self.draws.columns if one.startswith("cost_") and one != "cost_musd"]
        rows = [(one.removeprefix("cost_").removesuffix("_musd"), *self.of(one)) for one in named]
        table = pd.DataFrame(rows, columns=["country", "cost_musd", "low", "high"])
        return table.sort_values("cost_musd", ascending=False, kind="stable").reset_index(drop=True)

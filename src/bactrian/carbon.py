"""The price of carbon at which the CO2e of a year falls to a cap.

Shippers pay the price for each tonne of CO2e, well to wheel: they choose other ways, and demand that answers to cost
shrinks. The price is bracketed from below, then found by Brent's (1973) method, each try a full run. CO2e does not
rise with the price where all goods wait at the same cost and ways stay the same: flows then are the optimum of a convex
programme in which the price multiplies CO2e. Where goods differ, a queue that empties may draw in others, so that it is
no theorem; the answer is the lowest price tried at which the cap is met, with the run and its certificate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from bactrian.assign import Flows, Method
from bactrian.case import Case, load
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.measure import carbon, missing_factors
from bactrian.network.build import DEAREST
from bactrian.verbs import check_year, reference_of, run

__all__ = ["CarbonCap", "carbon_cap"]

FIRST = 50.0  # USD/t, the first price tried; then four times that, and so on
NEAR = 1e-3  # part of the cap by which CO2e may be below it
FINE = 0.01  # USD/t between a price that meets the cap and one that does not, where CO2e jumps


@dataclass(frozen=True, slots=True, eq=False)
class CarbonCap:
    """The answer to a cap of `cap_t` t CO2e a year, well to wheel.

    - `reached` at the price `usd_per_t`; if not, not at any price tried up to that one, the highest allowed.
    - `before_t`, `after_t`: CO2e at no price and at that one; `payments_musd` for it.
    - `before`, `flows`: the runs.
    """

    cap_t: float
    reached: bool
    usd_per_t: float
    before_t: float
    after_t: float
    payments_musd: float
    before: Flows
    flows: Flows


def carbon_cap(
    case: Case | str | Path,
    year: int = 2021,
    *,
    cap_t: float,
    most_usd_per_t: float = 1000.0,
    method: Method = "logit",
    tell: Callable[[str], object] | None = None,
) -> CarbonCap:
    """Find the price of carbon at which the CO2e of `year` is at most `cap_t` t, and at least 99.9 % of that.

    Where CO2e jumps over the cap, the price is within 0.01 USD of the jump. No price above `most_usd_per_t` is tried.
    Demand answers to the price as to any cost, against the run of its base year without one. `tell` hears of progress.
    Raises CaseError and SolveError as `run` does, for a cap or a highest price that means nothing, and for means of
    transport without a factor.

    >>> import bactrian as ba
    >>> found = ba.carbon_cap("transcaspian", 2021, cap_t=13.4e6)
    >>> found.reached, 0.999 <= found.after_t / 13.4e6 <= 1
    (True, True)
    """
    if not 0 < cap_t < np.inf:
        raise SolveError(f"a cap of {cap_t:g} t CO2e means nothing: name an amount above 0")
    if not 0 < most_usd_per_t <= DEAREST:
        raise SolveError(f"a highest price of {most_usd_per_t:g}: name one above 0 and up to {DEAREST:g} USD/t")
    check_year(year)
    loaded = case if isinstance(case, Case) else load(case)
    reference = None if method == "capacity" else reference_of(loaded, year, method)
    tried: dict[float, Flows] = {}

    def above(price: float) -> float:
        """By how much CO2e is above the cap, in parts of it; 0 where it is met closely enough."""
        if price not in tried:
            tried[price] = run(loaded, year, method, reference, price)
            if tell:
                tell(f"{price:,.2f} USD/t: {carbon(tried[price])['wtw_t'] / 1e6:,.4f} Mt CO2e")
        over = carbon(tried[price])["wtw_t"] / cap_t - 1
        return 0.0 if -NEAR <= over <= 0 else over

    above(0.0)
    if missing := missing_factors(tried[0.0]):
        remedy = "add a row for it, or a cap cannot count what it emits"
        raise CaseError([Finding("emissions", 0, "applies", f"has no factor for {mode!r}", remedy) for mode in missing])
    low, high = 0.0, 0.0
    while above(high) > 0 and high < most_usd_per_t:
        low, high = high, min(max(FIRST, 4 * high), most_usd_per_t)
    if above(high) < 0 < above(low):
        brentq(above, low, high, xtol=FINE, rtol=1e-12)
    met = [price for price in tried if above(price) <= 0]
    price = min(met, default=high)
    before, after = carbon(tried[0.0]), carbon(tried[price])
    return CarbonCap(
        cap_t=cap_t,
        reached=bool(met),
        usd_per_t=price,
        before_t=before["wtw_t"],
        after_t=after["wtw_t"],
        payments_musd=after["payments_musd"],
        before=tried[0.0],
        flows=tried[price],
    )

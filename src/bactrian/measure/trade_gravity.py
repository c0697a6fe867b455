"""How trade between countries goes with distance and with the model's own cost of carriage: a gravity equation.

PPML of yearly trade with effects of origin, destination and year, and errors clustered by the pair of countries in
either direction, so that the two halves of a turnover count as one. The cost is that of one year of the model: effects
of pairs would leave nothing of it to explain.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from bactrian.assign import Flows
from bactrian.case import Case
from bactrian.demand import Gravity, bilateral_trade, fit_gravity
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.measure.corridor_costs import corridor_costs

__all__ = ["COST", "SPECIFICATIONS", "compare_gravity", "trade_gravity", "trade_observations"]

COST, DISTANCE = "log_usd_per_t", "log_km"
SPECIFICATIONS = {
    "distance": (DISTANCE, "contiguous"),
    "cost": (COST, "contiguous"),
    "both": (DISTANCE, COST, "contiguous"),
}
"""Regressors by the name of a specification."""
EFFECTS = ("origin", "destination", "year")


def trade_observations(flows: Flows, commodity: str = "") -> pd.DataFrame:
    """Yearly trade of the case with what may explain it.

    Columns of `bilateral_trade`, and `pair` (both countries, the same in either direction), `log_km`, `contiguous` (1
    or 0) and `log_usd_per_t`, the logarithm of `corridor_costs` for `commodity`; nan where the case has no distance, or
    the model no way.

    >>> import bactrian as ba
    >>> len(trade_observations(ba.run("transcaspian"))) > 100
    True
    """
    trade = bilateral_trade(flows.network.case)
    ends = trade[["origin", "destination"]].to_numpy(dtype=object)
    trade["pair"] = ["-".join(sorted(map(str, pair))) for pair in ends]
    distances = _by_pair(flows.network.case)
    trade[DISTANCE] = np.log(trade["pair"].map(distances["km"]).astype(np.float64))
    trade["contiguous"] = trade["pair"].map(distances["contiguous"].map({"yes": 1.0, "no": 0.0})).astype(np.float64)
    costs = corridor_costs(flows, commodity).set_index(["origin", "destination"])["usd_per_t"]
    usd = costs.reindex(pd.MultiIndex.from_arrays([trade["origin"], trade["destination"]])).to_numpy(dtype=np.float64)
    trade[COST] = np.log(np.where(usd > 0, usd, np.nan))
    return trade


def _by_pair(case: Case) -> pd.DataFrame:
    table = case.table("distances")
    pairs = zip(table["from"], table["to"], strict=True)
    return table.assign(pair=["-".join(sorted(pair)) for pair in pairs]).set_index("pair")


def trade_gravity(flows: Flows, specification: str = "cost", observations: pd.DataFrame | None = None) -> Gravity:
    """Fit the trade of the case by PPML (see `fit_gravity`) on the regressors of one of SPECIFICATIONS.

    `coefficients[COST]` is the elasticity of trade to the cost of carriage between two countries at the waits of
    `flows`, `standard_errors[COST]` its standard error. `warnings` tells when trade seems to rise with cost or
    distance, when an interval holds 0, and how many observations are halves of a turnover or lack a distance or cost.
    `observations` are rows of `trade_observations` to use in place of all; those that lack a distance or a cost are
    left out in every specification, so that all are fitted to the same.

    Raises SolveError for an unknown specification or where `fit_gravity` does, CaseError when the case has no trade
    that bears on it, and LibraryError without pyfixest.

    >>> import bactrian as ba
    >>> fitted = trade_gravity(ba.run("transcaspian"), "distance")
    >>> bool(fitted.coefficients["log_km"] < 0)
    True
    """
    if specification not in SPECIFICATIONS:
        raise SolveError(f"no specification {specification!r}; use one of {', '.join(SPECIFICATIONS)}")
    trade = trade_observations(flows) if observations is None else observations
    told = trade.dropna(subset=[DISTANCE, "contiguous", COST])
    if told.empty:
        remedy = "add total trade of whole years, distances, and zones in both countries"
        raise CaseError([Finding("trade", 0, "", "no row has a distance and a corridor cost", remedy)])
    fitted = fit_gravity(told, SPECIFICATIONS[specification], EFFECTS, cluster="pair")
    halves = int((told["kind"] == "half of turnover").sum())
    notes = [_note(fitted, name) for name in SPECIFICATIONS[specification] if name in (DISTANCE, COST)]
    if halves:
        notes.append(f"{halves} of {len(told)} observations are halves of a turnover")
    if len(told) < len(trade):
        notes.append(f"{len(trade) - len(told)} observations have no distance or corridor cost")
    return replace(fitted, warnings=tuple(note for note in notes if note))


def _note(fitted: Gravity, name: str) -> str:
    """What is wrong with a coefficient that theory holds to be below 0; "" if nothing."""
    low, high = (float(fitted.intervals[end][name]) for end in ("low", "high"))
    wrong = f"trade seems to rise with {name.removeprefix('log_')}: the coefficient has the wrong sign"
    if fitted.coefficients[name] >= 0:
        return wrong
    return f"the 95 % interval of {name}, {low:.2f} to {high:.2f}, holds 0" if high >= 0 else ""


def compare_gravity(flows: Flows, observations: pd.DataFrame | None = None) -> pd.DataFrame:
    """All specifications side by side, one row per specification and regressor.

    Columns specification, regressor, coefficient, standard_error, low, high (95 %), observations, clusters, pseudo_r2.
    Raises what `trade_gravity` raises.
    """
    trade = trade_observations(flows) if observations is None else observations
    tables = []
    for specification in SPECIFICATIONS:
        fitted = trade_gravity(flows, specification, trade)
        tables.append(
            pd.DataFrame(
                {
                    "specification": specification,
                    "regressor": fitted.coefficients.index,
                    "coefficient": fitted.coefficients.to_numpy(),
                    "standard_error": fitted.standard_errors.to_numpy(),
                    "low": fitted.intervals["low"].to_numpy(),
                    "high": fitted.intervals["high"].to_numpy(),
                    "observations": fitted.observations,
                    "clusters": fitted.clusters,
                    "pseudo_r2": fitted.pseudo_r2,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)

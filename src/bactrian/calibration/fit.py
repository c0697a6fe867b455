"""Fit the adjustments of a case to what was counted in a year, and say how sure they are.

Least squares in logarithms with what is thought beforehand (maximum a posteriori): minimise over θ within its bounds

    Σ_i ((ln m_i(θ) - ln o_i) / σ_i)² + Σ_j (θ_j / τ_j)²,

m_i the count of the model, o_i the observed one, σ_i its relative standard error, and τ_j the spread of an adjustment
around nothing (a cost of 0 USD/t, a factor of 1). Each round runs the case and minimises on the ways of that run by
SciPy's bounded trust region with exact derivatives, until a run changes nothing any more, 12 times at most. The
covariance is the inverse of the curvature there, times the squared misfit per count beyond the number of adjustments
where that is above 1 (Birge 1932); that what is thought beforehand also informs is not counted there, which widens
intervals. They hold for all adjustments at once with 95 % (Bonferroni). An adjustment that ends at a bound has no
standard error, and an interval to one side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import norm

from bactrian.assign import Flows
from bactrian.calibration.hindcast import happened
from bactrian.calibration.sensitivity import Answer, Model
from bactrian.case import Case
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.measure import against_counts
from bactrian.verbs import check_year, run

__all__ = ["Calibration", "calibrate"]

Floats = NDArray[np.float64]

ROUNDS = 12
ENOUGH = 1e-3  # largest change of an adjustment in the last round, as a share of its spread
DIGITS = 6  # of a value, as written
COVERAGE = 0.95  # of all intervals at once


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What a fit to the counts of `year` found.

    - `case`: the case with the fitted adjustments; `flows`: its run of the year, events and all.
    - `adjustments`: id, kind, before, value, std_error (USD/t, or of the logarithm of a factor; nan at a bound), from
      and to (which hold all true values at once with 95 %, if the model is right), at_bound.
    - `card`: what was counted, fitted or not, beside the run (see `against_counts`).
    - `misfit`: mean squared residual of the counts in standard errors, per degree of freedom (nan if there is none).
    - `rounds` it took, and whether it `settled` within those allowed.
    """

    case: Case
    year: int
    flows: Flows
    adjustments: pd.DataFrame
    card: pd.DataFrame
    misfit: float
    rounds: int
    settled: bool


def calibrate(
    case: Case, year: int = 2021, observed: pd.DataFrame | None = None, tell: Callable[[str], object] | None = None
) -> Calibration:
    """Fit the adjustments marked `fit` to the yearly counts of `year` whose series is for fitting.

    The year is run with the events in force in it. `observed` (series, year, value, unit) takes the place of the
    case's observations; `tell` hears of progress.
    Raises CaseError when there is nothing to fit or to fit to, and SolveError when no fit is found.

    >>> import bactrian as ba
    >>> fitted = calibrate(ba.load("transcaspian"), 2021)  # doctest: +SKIP
    """
    check_year(year)
    table = case.table("adjustments")
    fitted = table[table["fit"] == "yes"].reset_index(drop=True)
    if fitted.empty:
        remedy = "mark the adjustments to be fitted, with low, high and spread"
        raise CaseError([Finding("adjustments", 0, "fit", "no row has yes", remedy)])
    observed = case.table("observations") if observed is None else observed
    past = happened(case, year)

    def as_it_was(now: Case) -> Case:
        return now.with_effects(past, year).rebased()

    theta, rounds, last = _theta(fitted), 0, np.inf
    while last > ENOUGH and rounds < ROUNDS:
        rounds += 1
        flows = run(as_it_was(case), year)
        data = _data(case, year, against_counts(flows, observed))
        model = Model.of(flows, fitted, data["series"].tolist())
        before, (theta, curvature, misfit) = theta, _fitted(model, fitted, data, theta)
        last = float(np.abs((theta - before) / fitted["spread"]).max())
        if rounds > 2:  # ways found anew pull back, so that whole steps would go to and fro
            theta = (theta + before) / 2
        case = _with_values(case, fitted, theta)
        fitted = fitted.assign(value=_values(fitted, theta))
        if tell:
            tell(f"round {rounds}: adjustments moved by up to {last:.2g} of their spread")
    flows = run(as_it_was(case), year)
    told = _told(table, fitted, theta, curvature, misfit)
    known = told.dropna(subset="std_error")
    errors: dict[str, dict[str, str | float | None]] = {
        name: {"std_error": round(float(error), DIGITS), "quality": "estimate"}
        for name, error in zip(known["id"].astype(str), known["std_error"], strict=True)
    }
    return Calibration(
        case=case.with_({"adjustments": errors}),
        year=year,
        flows=flows,
        adjustments=told,
        card=against_counts(flows, observed),
        misfit=misfit,
        rounds=rounds,
        settled=last <= ENOUGH,
    )


def _data(case: Case, year: int, card: pd.DataFrame) -> pd.DataFrame:
    data = card[(card["use"] == "fit") & (card["observed"] > 0)].reset_index(drop=True)
    if data.empty:
        remedy = f"add yearly observations of {year} to series that counts marks for fitting"
        raise CaseError([Finding("observations", 0, "year", f"nothing of {year} to fit to", remedy)])
    return data


def _theta(fitted: pd.DataFrame) -> Floats:
    value = fitted["value"].to_numpy(dtype=np.float64)
    theta: Floats = np.where(fitted["kind"] == "cost", value, np.log(np.where(value > 0, value, 1.0)))
    return theta


def _values(fitted: pd.DataFrame, theta: Floats) -> Floats:
    values: Floats = np.where(fitted["kind"] == "cost", theta, np.exp(np.minimum(theta, 50.0)))
    low, high = fitted[["low", "high"]].to_numpy(dtype=np.float64).T
    within: Floats = np.clip(np.round(values, DIGITS), low, high)
    return within


def _fitted(model: Model, fitted: pd.DataFrame, data: pd.DataFrame, theta: Floats) -> tuple[Floats, Floats, float]:
    """The best θ on the ways of the model, the curvature there, and the mean squared misfit of the counts."""
    counted, sigma = np.log(data["observed"].to_numpy(dtype=np.float64)), data["spread"].to_numpy(dtype=np.float64)
    spread = fitted["spread"].to_numpy(dtype=np.float64)
    bounds = tuple(_theta(fitted.assign(value=fitted[end])) for end in ("low", "high"))
    tiny = 1e-12 * data["observed"].to_numpy(dtype=np.float64)

    last: list[tuple[bytes, Answer]] = [(b"", model.answer(theta))]

    def answered(at: Floats) -> Answer:  # the solver asks for counts and slopes one after the other
        if last[0][0] != at.tobytes():
            last[0] = (at.tobytes(), model.answer(at))
        return last[0][1]

    def residuals(at: Floats) -> Floats:
        counts = np.maximum(answered(at).counts, tiny)
        return np.concatenate([(np.log(counts) - counted) / sigma, at / spread])

    def slopes(at: Floats) -> Floats:
        answer = answered(at)
        of_data = answer.slope / np.maximum(answer.counts, tiny)[:, None] / sigma[:, None]
        return np.concatenate([of_data, np.diag(1 / spread)])

    inside = np.clip(theta, bounds[0], bounds[1])
    found = least_squares(
        residuals, inside, jac=slopes, bounds=bounds, x_scale=spread, xtol=1e-12, ftol=1e-12, gtol=1e-9
    )
    if not found.success:
        raise SolveError(f"no fit found: {found.message}")
    best: Floats = np.asarray(found.x)
    free = int((found.active_mask == 0).sum())
    degrees = len(data) - free
    misfit = float((residuals(best)[: len(data)] ** 2).sum() / degrees) if degrees > 0 else float("nan")
    jacobian = slopes(best)
    curvature: Floats = jacobian.T @ jacobian
    return best, curvature, misfit


def _with_values(case: Case, fitted: pd.DataFrame, theta: Floats) -> Case:
    values = zip(fitted["id"], _values(fitted, theta).tolist(), strict=True)
    return case.with_({"adjustments": {name: {"value": value, "std_error": None} for name, value in values}})


def _told(before: pd.DataFrame, fitted: pd.DataFrame, theta: Floats, curvature: Floats, misfit: float) -> pd.DataFrame:
    """What Calibration.adjustments holds."""
    low, high = (_theta(fitted.assign(value=fitted[end])) for end in ("low", "high"))
    near = 1e-6 * (high - low)
    at_bound = (theta <= low + near) | (theta >= high - near)
    birge = np.sqrt(np.fmax(1.0, misfit))
    spread = birge * np.sqrt(np.diag(np.linalg.inv(curvature)))  # at a bound: as if there were none
    free = np.flatnonzero(~at_bound)
    spread[free] = birge * np.sqrt(np.diag(np.linalg.inv(curvature[np.ix_(free, free)])))
    error = np.where(at_bound, np.nan, spread)
    reach = float(norm.ppf(1 - (1 - COVERAGE) / (2 * theta.size))) * spread
    return pd.DataFrame(
        {
            "id": fitted["id"],
            "kind": fitted["kind"],
            "before": before.set_index("id").loc[fitted["id"], "value"].to_numpy(),
            "value": _values(fitted, theta),
            "std_error": error,
            "from": _values(fitted, np.maximum(theta - reach, low)),
            "to": _values(fitted, np.minimum(theta + reach, high)),
            "at_bound": at_bound,
        }
    )

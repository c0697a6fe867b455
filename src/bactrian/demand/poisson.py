"""Poisson regressions by pyfixest: what it is given, and what is read from its answer.

The library is optional and its import takes a second, so it is loaded where a regression is fitted.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.errors import LibraryError, SolveError

__all__ = ["effects_of", "estimate", "informative", "load_pyfixest"]

Bools = NDArray[np.bool_]

STEPS = 200  # of iterated least squares; a fit that exists takes about ten
TOLERANCES = (1e-12, 1e-8)  # of the deviance, relative; a fit without any errors never gets to the first
NOTHING = 1e-8  # of mean trade: what an estimate that runs off to infinity leaves of the zeros it predicts


def load_pyfixest() -> Any:
    """Return the module pyfixest; raise LibraryError where it is not installed.

    >>> callable(load_pyfixest().fepois)
    True
    """
    try:
        return import_module("pyfixest")
    except ImportError as error:
        raise LibraryError(f"gravity needs pyfixest ({error}); add it with: pip install 'bactrian[gravity]'") from error


def informative(frame: pd.DataFrame, effects: list[str]) -> tuple[Bools, dict[str, int]]:
    """Rows of `frame` that say something about the regressors, and how many others there are by reason.

    A row says nothing when it is alone with a level of a fixed effect (`singleton`), or `value` is 0 in all rows of the
    level (`separated`). pyfixest drops such rows too, but ends the process where it drops all of them.

    >>> one_zero = pd.DataFrame({"value": [1.0, 2.0, 0.0, 0.0, 3.0], "level": [0, 0, 1, 1, 2]})
    >>> kept, dropped = informative(one_zero, ["level"])
    >>> kept.tolist(), dropped
    ([True, True, False, False, False], {'singleton': 1, 'separated': 2})
    """
    kept = np.ones(len(frame), dtype=np.bool_)
    dropped = {"singleton": 0, "separated": 0}
    before = -1
    while before != kept.sum():
        before = int(kept.sum())
        for column in effects:
            for reason in dropped:
                rows = np.flatnonzero(kept)
                groups = frame.iloc[rows].groupby(column)["value"]
                lost = groups.transform("sum") == 0 if reason == "separated" else groups.transform("size") == 1
                kept[rows[lost.to_numpy(dtype=np.bool_)]] = False
                dropped[reason] += int(lost.sum())
    return kept, dropped


def estimate(data: pd.DataFrame, regressors: list[str], effects: list[str]) -> Any:
    """Fit the column `value` on x0, x1, ... with fixed effects; clustered where there is a column `cluster`, else HC1.

    `value` should be around 1: a deviance has no more digits than its largest terms leave it.
    `regressors` are what messages call the columns x0, x1, ... Raises SolveError where there is no fit, or a regressor
    would have to be left out, and LibraryError without pyfixest.
    """
    flat = [name for i, name in enumerate(regressors) if data[f"x{i}"].nunique() < 2]
    if flat:
        raise SolveError(f"{', '.join(flat)} does not vary in the rows left; leave it out")
    formula = "value ~ " + " + ".join(f"x{i}" for i in range(len(regressors)))
    for tolerance in TOLERANCES:
        model = _fitted(data, formula + (" | " + " + ".join(effects) if effects else ""), tolerance, bool(effects))
        if model.convergence:
            break
    else:
        raise SolveError(f"no gravity was found in {STEPS} steps; are regressors of very different size?")
    if model._collin_vars:
        same = [regressors[int(name.removeprefix("x"))] for name in model._collin_vars if name != "Intercept"]
        raise SolveError(f"{', '.join(same)} follows from the other regressors and fixed effects; leave it out")
    if not effects:
        expected = np.asarray(model.predict(type="response"), dtype=np.float64)
        sure = int(((data["value"] == 0).to_numpy() & (expected < NOTHING * data["value"].mean())).sum())
        if sure:
            raise SolveError(
                f"{sure} zeros are predicted without fail, so that no estimate exists; leave those rows out"
            )
    return model


def _fitted(data: pd.DataFrame, formula: str, tolerance: float, effects: bool) -> Any:
    """What pyfixest makes of the formula; it looks for separation by regressors only where there are fixed effects."""
    pyfixest = load_pyfixest()
    with warnings.catch_warnings():  # of pandas about pyfixest's ways, and of rows dropped, which are counted anyhow
        warnings.simplefilter("ignore")
        try:
            return pyfixest.fepois(
                formula,
                data,
                vcov={"CRV1": "cluster"} if "cluster" in data else "hetero",
                fixef_rm="none",
                fixef_tol=1e-10,
                iwls_tol=tolerance,
                iwls_maxiter=STEPS,
                separation_check=["fe", "ir"] if effects else None,
            )
        except (ValueError, np.linalg.LinAlgError) as error:
            cause = " ".join(str(error).split())
            hint = "does every regressor vary within the fixed effects?"
            raise SolveError(f"no gravity could be fitted: {cause} {hint}") from error


def effects_of(model: Any, column: str) -> dict[int, float]:
    """Effect of each level of `column`, in logarithms: all but the first column lack a level, whose effect is 0."""
    with warnings.catch_warnings():  # of pandas about pyfixest's ways
        warnings.simplefilter("ignore")
        found = model.fixef(atol=1e-14, btol=1e-14)
    return {int(level): float(effect) for level, effect in found[f"C({column})"].items()}

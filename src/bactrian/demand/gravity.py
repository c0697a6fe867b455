"""Gravity of trade by Poisson pseudo maximum likelihood (PPML) with fixed effects.

E[trade] = exp(sum of fixed effects + sum of coefficient x regressor) (Santos Silva and Tenreyro 2006). The coefficient
of a regressor in logarithms is an elasticity. Fixed effects of origin and destination stand for the multilateral
resistance of Anderson and van Wincoop (2003). pyfixest estimates; here its input is checked and its answer labelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from bactrian.demand.poisson import effects_of, estimate, informative
from bactrian.errors import SolveError

__all__ = ["Gravity", "fit_gravity"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CONSTANT = "constant"


@dataclass(frozen=True, slots=True, eq=False)
class Gravity:
    """A fitted gravity equation of P regressors on N rows.

    - `coefficients` (P), `standard_errors` (P) and `intervals` (P; low and high, 95 %), by regressor. Without fixed
      effects there is one more, the `constant`.
    - `errors`: how the standard errors were found, in words; `clusters`: how many there are, or None.
    - `observations`: rows used, `used` (N) marks them. `dropped`: rows that say nothing, by reason: `singleton`, alone
      with a fixed effect; `separated`, zeros that a fixed effect or regressor predicts without fail.
    - `fixed_effects`: by column, the effect of each level in logarithms; only their sums have a meaning.
    - `pseudo_r2`: share of the deviance explained (Cameron and Windmeijer 1996), which unlike McFadden's pseudo R2 does
      not depend on the unit of trade.
    - `warnings`: what a reader must know before using the coefficients.
    """

    coefficients: pd.Series
    standard_errors: pd.Series
    intervals: pd.DataFrame
    errors: str
    clusters: int | None
    observations: int
    used: Bools
    dropped: Mapping[str, int]
    fixed_effects: Mapping[str, pd.Series]
    pseudo_r2: float
    warnings: tuple[str, ...] = ()

    def predict(self, table: pd.DataFrame) -> Floats:
        """Trade expected in each row of `table`, in the unit of the trade fitted; nan for a level that was not fitted.

        `table` needs the columns of the regressors and fixed effects; raises SolveError when it lacks one.
        """
        regressors = [name for name in self.coefficients.index if name != CONSTANT]
        _need(table, [*regressors, *self.fixed_effects])
        log = table[regressors].to_numpy(dtype=np.float64) @ self.coefficients[regressors].to_numpy(dtype=np.float64)
        log = log + float(self.coefficients.get(CONSTANT, 0.0))
        for column, effects in self.fixed_effects.items():
            log = log + table[column].map(effects).to_numpy(dtype=np.float64)
        expected: Floats = np.exp(log)
        return expected


def fit_gravity(
    trade: pd.DataFrame,
    regressors: Sequence[str],
    fixed_effects: Sequence[str] = (),
    cluster: str | None = None,
    value: str = "value_musd",
) -> Gravity:
    """Fit the column `value` (at least 0, any unit) of `trade` (N rows) on columns of regressors and fixed effects.

    Regressors are taken as they are: take logarithms first. Standard errors are robust to heteroskedasticity (HC1), or
    clustered by the column `cluster` with intervals by the t distribution of one degree of freedom less than clusters
    (Cameron and Miller 2015); both with the small-sample factors of R's fixest. Zeros that leave no estimate are
    dropped (Correia, Guimarães and Zylkin 2020).

    Raises SolveError for a missing column, a value or regressor that is not a finite number, a value below 0, a
    regressor that does not vary within the fixed effects, fewer than two clusters, or when nothing is left to fit, and
    LibraryError without pyfixest.

    >>> halves = pd.DataFrame({"value_musd": [1.0, 3.0, 6.0, 10.0], "far": [1.0, 1.0, 0.0, 0.0]})
    >>> fit_gravity(halves, ["far"]).coefficients.round(4).to_dict()  # ln 8 and ln(2 / 8), the means being 8 and 2
    {'constant': 2.0794, 'far': -1.3863}
    """
    frame = _checked(trade, regressors, fixed_effects, cluster, value)
    effects = [f"effect{i}" for i in range(len(fixed_effects))]
    kept, dropped = informative(frame, effects)
    data = frame[kept].reset_index(drop=True)
    if not (data["value"] > 0).any():
        what = f"no {value} above 0 is left that shares its fixed effects with another row"
        raise SolveError(f"no trade to fit: {what}; add trade or take fewer fixed effects")
    if cluster and data["cluster"].nunique() < 2:
        raise SolveError(f"all rows left are of one {cluster}; clustered errors need two or more")
    unit = float(data["value"].mean())  # PPML does not mind the unit, arithmetic does
    model = estimate(data.assign(value=data["value"] / unit), list(regressors), effects)
    used = np.zeros(len(trade), dtype=np.bool_)
    used[np.flatnonzero(kept)[model._data.index]] = True
    dropped["separated"] += int(kept.sum() - used.sum())
    clusters = int(frame.loc[used, "cluster"].nunique()) if cluster else None
    names = {"Intercept": CONSTANT} | {f"x{i}": name for i, name in enumerate(regressors)}
    coefficients, errors = (each.rename(names).rename_axis(None).rename(None) for each in (model.coef(), model.se()))
    if not effects:
        coefficients[CONSTANT] += np.log(unit)
    half = errors * (stdtrit(clusters - 1, 0.975) if clusters else ndtri(0.975))
    return Gravity(
        coefficients=coefficients,
        standard_errors=errors,
        intervals=pd.DataFrame({"low": coefficients - half, "high": coefficients + half}),
        errors=f"clustered by {cluster}, {clusters} clusters" if cluster else "robust to heteroskedasticity (HC1)",
        clusters=clusters,
        observations=int(used.sum()),
        used=used,
        dropped=dropped,
        fixed_effects=_effects(model, trade[used], frame[used], fixed_effects, unit),
        pseudo_r2=_explained(frame.loc[used, "value"].to_numpy() / unit, float(model.deviance)),
    )


def _need(table: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in table]
    if missing:
        raise SolveError(f"the table lacks the columns {', '.join(missing)}; it has {', '.join(map(str, table))}")


def _checked(
    trade: pd.DataFrame, regressors: Sequence[str], fixed_effects: Sequence[str], cluster: str | None, value: str
) -> pd.DataFrame:
    """The columns asked for under names that no formula can misread, numbers checked and levels coded from 0."""
    groups = {f"effect{i}": name for i, name in enumerate(fixed_effects)} | ({"cluster": cluster} if cluster else {})
    _need(trade, [value, *regressors, *groups.values()])
    if not regressors or len({*regressors, *fixed_effects}) < len(regressors) + len(fixed_effects):
        raise SolveError("name at least one regressor, and each regressor and fixed effect once")
    columns: dict[str, Floats] = {}
    for new, old in {"value": value, **{f"x{i}": name for i, name in enumerate(regressors)}}.items():
        columns[new] = pd.to_numeric(trade[old], errors="coerce").to_numpy(dtype=np.float64)
        _refuse(~np.isfinite(columns[new]), f"{old} is not a finite number", "leave them out")
    _refuse(columns["value"] < 0, f"{value} is below 0", "trade is 0 or more")
    levels = {}
    for new, old in groups.items():
        levels[new] = pd.factorize(trade[old])[0]
        _refuse(levels[new] < 0, f"{old} is empty", "fill it or leave them out")
    return pd.DataFrame({**columns, **levels})


def _refuse(bad: Bools, problem: str, remedy: str) -> None:
    rows = np.flatnonzero(bad)
    if rows.size:
        raise SolveError(f"{problem} in {rows.size} of {bad.size} rows, first in row {rows[0]}; {remedy}")


def _effects(
    model: Any, trade: pd.DataFrame, frame: pd.DataFrame, columns: Sequence[str], unit: float
) -> dict[str, pd.Series]:
    """Fixed effects by column and level of `trade`; `frame` holds the same rows with the levels coded.

    The model is one of trade in `unit`; the effects of the first column bring it back.
    """
    found = {}
    for i, column in enumerate(columns):
        levels = pd.Series(trade[column].to_numpy(), index=frame[f"effect{i}"].to_numpy()).groupby(level=0).first()
        effects = pd.Series(effects_of(model, f"effect{i}"), dtype=np.float64).reindex(levels.index, fill_value=0.0)
        found[column] = (effects + (0.0 if i else np.log(unit))).set_axis(levels.to_numpy())
    return found


def _explained(value: Floats, deviance: float) -> float:
    """1 - deviance / deviance of a constant; nan where trade does not vary."""
    positive = value[value > 0]
    null = 2 * float(positive @ np.log(positive / value.mean()))
    return 1 - deviance / null if null > 0 else float("nan")

"""Gravity by PPML against published coefficients, cases solved by hand, and properties of the estimator."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.demand import Gravity, fit_gravity

KNOWN = Path(__file__).parent / "known"


def test_coefficients_equal_the_published_ones_of_the_trade_policy_guide() -> None:
    # R package capybara 2.0.0, vignettes/intro.Rmd (https://github.com/pachadotdev/capybara), the table printed for
    # fepoisson(trade ~ log_dist + cntg + lang + clny + rta | exp_year + imp_year), 28,152 observations. The vignette
    # replicates table 3 of Yotov and others (2016), which Stata made.
    published = {"log_dist": -0.8216, "cntg": 0.4155, "lang": 0.2499, "clny": -0.2054, "rta": 0.1907}
    table = pd.read_csv(KNOWN / "yotov2016.csv.xz")
    fitted = fit_gravity(table, list(published), ["exp_year", "imp_year"], cluster="pair", value="trade")
    assert fitted.coefficients.round(4).to_dict() == published
    assert fitted.observations == 28152
    assert fitted.dropped == {"singleton": 0, "separated": 0}
    assert fitted.errors == "clustered by pair, 4692 clusters"  # 69 x 68 ordered pairs
    assert (fitted.standard_errors > 0).all()


def test_two_groups_are_solved_by_hand() -> None:
    # near sends 10 and 30, far 3 and 7: means 20 and 5, so the constant is ln 20 and the coefficient ln(5 / 20).
    # HC1: the variance of ln of a mean is sum of squared residuals / (n mean)^2, times N / (N - 2) = 2
    table = pd.DataFrame({"value_musd": [10.0, 30.0, 3.0, 7.0], "far": [0, 0, 1, 1]})
    fitted = fit_gravity(table, ["far"])
    assert fitted.coefficients.to_dict() == pytest.approx({"constant": np.log(20), "far": np.log(0.25)})
    variances = np.array([200 / 40**2, 8 / 10**2])
    assert fitted.standard_errors.to_dict() == pytest.approx(
        {"constant": np.sqrt(2 * variances[0]), "far": np.sqrt(2 * variances.sum())}
    )
    assert fitted.errors == "robust to heteroskedasticity (HC1)"
    half = 1.959964 * np.sqrt(2 * variances.sum())
    assert fitted.intervals.loc["far"].tolist() == pytest.approx([np.log(0.25) - half, np.log(0.25) + half], rel=1e-6)
    assert fitted.predict(pd.DataFrame({"far": [1, 0]})).tolist() == pytest.approx([5, 20])
    # deviance 2 sum y ln(y / mean), of the fit over of a constant (mean 12.5)
    y, mean = table["value_musd"].to_numpy(), np.array([20, 20, 5, 5])
    assert fitted.pseudo_r2 == pytest.approx(1 - (y @ np.log(y / mean)) / (y @ np.log(y / 12.5)))


def test_clustered_errors_are_solved_by_hand() -> None:
    # near sends 10, 14 in cluster a and 30, 26 in b, mean 20; far 3, 4 in c and 7, 6 in d, mean 5. The variance of ln
    # of a mean is the sum over clusters of (sum of residuals / (n mean))^2, times 4/3 for G / (G - 1) and 7/6 for
    # (N - 1) / (N - 2)
    table = pd.DataFrame({"value_musd": [10.0, 14.0, 30.0, 26.0, 3.0, 4.0, 7.0, 6.0], "far": [0] * 4 + [1] * 4})
    fitted = fit_gravity(table.assign(group=list("aabbccdd")), ["far"], cluster="group")
    variance = (16**2 + 16**2) / 80**2 + (3**2 + 3**2) / 20**2
    error = np.sqrt(variance * 4 / 3 * 7 / 6)
    assert fitted.standard_errors["far"] == pytest.approx(error)
    assert fitted.clusters == 4
    # the t distribution of 3 degrees of freedom holds 95 % within 3.18244631
    half = 3.18244631 * error
    assert fitted.intervals.loc["far"].tolist() == pytest.approx([-np.log(4) - half, -np.log(4) + half])


def test_a_fixed_effect_takes_out_what_is_common() -> None:
    # within each origin trade falls by the same factor 4, though one origin is 100 times the other
    table = pd.DataFrame({"value_musd": [8.0, 2.0, 800.0, 200.0], "far": [0, 1, 0, 1], "origin": ["A", "A", "B", "B"]})
    fitted = fit_gravity(table, ["far"], ["origin"])
    assert fitted.coefficients.to_dict() == pytest.approx({"far": -np.log(4)})
    effects = fitted.fixed_effects["origin"]
    assert effects["B"] - effects["A"] == pytest.approx(np.log(100))
    unknown = pd.DataFrame({"far": [0, 0], "origin": ["B", "C"]})
    assert fitted.predict(unknown)[0] == pytest.approx(800)
    assert np.isnan(fitted.predict(unknown)[1])


def square(values: list[float], distances: list[float]) -> pd.DataFrame:
    """Trade of four countries with one another."""
    pairs = [(one, other) for one in "ABCD" for other in "ABCD" if one != other]
    table = pd.DataFrame(pairs, columns=["origin", "destination"])
    return table.assign(value_musd=values, log_km=distances)


SIZES = st.lists(st.floats(0.1, 1e4), min_size=12, max_size=12)
LENGTHS = st.lists(st.integers(-20, 20).map(lambda tenth: tenth / 10), min_size=12, max_size=12)


def fit(table: pd.DataFrame) -> Gravity | None:
    try:
        return fit_gravity(table, ["log_km"], ["origin", "destination"])
    except ba.SolveError:  # distances may happen to follow from the fixed effects
        return None


@settings(deadline=None, max_examples=30)
@given(SIZES, LENGTHS, st.floats(0.001, 1000))
def test_the_unit_of_trade_leaves_slopes_alone(values: list[float], lengths: list[float], factor: float) -> None:
    table = square(values, lengths)
    one, other = fit(table), fit(table.assign(value_musd=table["value_musd"] * factor))
    if one is not None and other is not None:
        assert other.coefficients["log_km"] == pytest.approx(one.coefficients["log_km"], rel=1e-4, abs=1e-5)
        assert other.pseudo_r2 == pytest.approx(one.pseudo_r2, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(SIZES, LENGTHS)
def test_sums_of_rows_and_columns_are_reproduced(values: list[float], lengths: list[float]) -> None:
    # the first-order conditions of Poisson regression with dummies (Fally 2015)
    table = square(values, lengths)
    fitted = fit(table)
    if fitted is not None:
        table["expected"] = fitted.predict(table)
        for side in ("origin", "destination"):
            sums = table.groupby(side)[["value_musd", "expected"]].sum()
            assert sums["expected"].tolist() == pytest.approx(sums["value_musd"].tolist(), rel=1e-5)


def test_rows_that_say_nothing_are_counted() -> None:
    table = square([5, 4, 3, 6, 2, 7, 0, 0, 0, 1, 2, 3], [1, 2, 3, 1, 1, 2, 2, 2, 1, 3, 1, 2])  # C sends nothing
    alone = {"origin": "E", "destination": "A", "value_musd": 9.0, "log_km": 1.0}
    fitted = fit_gravity(pd.concat([table, pd.DataFrame([alone])]), ["log_km"], ["origin", "destination"])
    assert fitted.dropped == {"singleton": 1, "separated": 3}
    assert fitted.observations == 9
    assert fitted.used.tolist() == [True] * 6 + [False] * 3 + [True] * 3 + [False]


def test_a_regressor_that_only_zeros_tell_of_is_refused() -> None:
    # the data set fe1 of Correia's benchmarks of separation, where x2 is 0 but for zeros of y
    # (https://github.com/sergiocorreia/correia2019): capybara's own test says that x2 has no estimate
    table = pd.DataFrame(
        {
            "y": [2, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2],
            "x1": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0],
            "x2": [0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0],
            "i": [2, 4, 1, 4, 2, 2, 5, 2, 1, 2, 1, 1, 2, 5, 2, 1, 1, 1],
            "j": [1, 2, 1, 3, 2, 2, 4, 3, 1, 2, 3, 3, 2, 2, 4, 2, 1, 2],
        }
    )
    with pytest.raises(ba.SolveError, match="x2 follows from"):
        fit_gravity(table, ["x1", "x2"], ["i", "j"], value="y")


def test_zeros_that_leave_no_estimate_are_refused_without_effects_too() -> None:
    table = pd.DataFrame({"value_musd": [1.0, 2.0, 0.0, 0.0], "far": [0, 0, 1, 1]})
    with pytest.raises(ba.SolveError, match="2 zeros are predicted without fail"):
        fit_gravity(table, ["far"])


GOOD = pd.DataFrame(
    {
        "value_musd": [1.0, 2.0, 4.0, 3.0],
        "log_km": [1.0, 2.0, 3.0, 5.0],
        "origin": list("AABB"),
        "flat": 1.0,
        "one": "x",
    }
)


@pytest.mark.parametrize(
    ("changes", "regressors", "message"),
    [
        ({"value_musd": [1.0, -2.0, 4.0, 3.0]}, ["log_km"], "value_musd is below 0 in 1 of 4 rows, first in row 1"),
        ({"value_musd": [1.0, np.nan, 4.0, 3.0]}, ["log_km"], "value_musd is not a finite number"),
        ({"log_km": [1.0, -np.inf, 3.0, 5.0]}, ["log_km"], "log_km is not a finite number"),
        ({"value_musd": 0.0}, ["log_km"], "no trade to fit"),
        ({"origin": list("ABCD")}, ["log_km"], "no trade to fit"),
        ({"origin": [None, "A", "B", "B"]}, ["log_km"], "origin is empty"),
        ({"log_km": [1.0, 1.0, 2.0, 2.0]}, ["log_km"], "does every regressor vary within the fixed effects"),
        ({}, ["flat"], "flat does not vary"),
        ({}, ["log_km", "sea_km"], "lacks the columns sea_km; it has value_musd, log_km"),
        ({}, [], "name at least one regressor"),
        ({}, ["log_km", "log_km"], "each regressor and fixed effect once"),
    ],
)
def test_bad_input_is_named(changes: dict[str, object], regressors: list[str], message: str) -> None:
    with pytest.raises(ba.SolveError, match=message):
        fit_gravity(GOOD.assign(**changes), regressors, ["origin"])


def test_one_cluster_is_too_few_and_prediction_needs_its_columns() -> None:
    with pytest.raises(ba.SolveError, match="clustered errors need two or more"):
        fit_gravity(GOOD, ["log_km"], ["origin"], cluster="one")
    fitted = fit_gravity(GOOD, ["log_km"], ["origin"])
    with pytest.raises(ba.SolveError, match="lacks the columns origin"):
        fitted.predict(GOOD[["log_km"]])


def test_a_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyfixest", None)
    with pytest.raises(ba.LibraryError, match=r"pip install 'bactrian\[gravity\]'"):
        fit_gravity(GOOD, ["log_km"], ["origin"])

"""Demand against sums done by hand, and what balancing must keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian import CaseError, load
from bactrian.demand import balance, demand

ROWS_AND_COLUMNS = [np.array(mask, dtype=bool) for mask in ([1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1])]


@given(st.lists(st.floats(0.1, 100), min_size=4, max_size=4), st.lists(st.floats(0.1, 100), min_size=4, max_size=4))
def test_balancing_reaches_margins_and_keeps_the_odds_ratio(seed: list[float], target: list[float]) -> None:
    first, wanted = np.array(seed), np.array(target)
    totals = np.array([wanted[mask].sum() for mask in ROWS_AND_COLUMNS])
    cells, error = balance(first, ROWS_AND_COLUMNS, totals)
    assert error.max() <= 1e-10
    assert np.allclose([cells[mask].sum() for mask in ROWS_AND_COLUMNS], totals, rtol=1e-8)
    assert cells[0] * cells[3] / (cells[1] * cells[2]) == pytest.approx(first[0] * first[3] / (first[1] * first[2]))


def test_contradicting_totals_are_told_and_cells_outside_stay() -> None:
    masks = [np.array([True, True, False]), np.array([True, True, False])]
    cells, error = balance(np.array([1.0, 3.0, 7.0]), masks, np.array([8.0, 16.0]), sweeps=50)
    assert error.max() > 0.1
    assert cells[2] == 7.0


def test_every_control_of_the_built_in_case_is_reached() -> None:
    case = load("transcaspian")
    table = demand(case, 2021).table
    kazakh, turkmen = table["origin"].str.startswith("KAZ"), table["origin"] == "TKM"
    to_kazakh, to_turkmen = table["destination"].str.startswith("KAZ"), table["destination"] == "TKM"
    both = table.loc[(kazakh & to_turkmen) | (turkmen & to_kazakh), "kt"].sum()
    assert both == pytest.approx(624, rel=1e-8)  # the control kazakhstan_turkmenistan


def test_growth_is_that_of_both_ends() -> None:
    case = load("transcaspian")
    now, later = demand(case, 2021).table, demand(case, 2031).table
    row = now.index[(now["origin"] == "KAZ-W") & (now["commodity"] == "crude_oil")][0]
    zones = case.table("zones").set_index("id")["gdp_growth_percent"]
    ends = (1 + zones["KAZ-W"] / 100) * (1 + zones[now.loc[row, "destination"]] / 100)
    assert later.loc[row, "kt"] / now.loc[row, "kt"] == pytest.approx(ends ** (0.5 * 10 / 2))  # elasticity 0.5


def test_a_control_over_nothing_is_a_finding() -> None:
    case = load("transcaspian")
    nothing = {"origins": "TKM", "destinations": "CHN-E", "commodities": "electronics", "year": 2021, "kt": 5}
    with pytest.raises(CaseError, match="cannot be reached"):
        demand(case.with_({"controls": {"nothing": {**nothing, "both_ways": "no"}}}), 2021)

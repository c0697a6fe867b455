"""Demand between zones by commodity: a base year balanced to counted totals, grown to other years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.demand.balance import balance
from bactrian.errors import CaseError, Finding

__all__ = ["Demand", "demand", "grow"]

Floats = NDArray[np.float64]

TOLERANCE = 1e-9  # relative error of a control total


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Demand of `year`, grown from `base_year`.

    - `table`: origin, destination, commodity, kt (kt/yr).
    - `controls`: id, year, kt, reached (kt in `base_year` or `year`, whichever the control is for), error (relative).
    """

    year: int
    base_year: int
    table: pd.DataFrame
    controls: pd.DataFrame


def demand(case: Case, year: int) -> Demand:
    """Balance the base year to its controls, grow it to `year`, and balance to the controls of that year if any.

    The base year is the latest year of the table `demand` up to `year`, or the earliest one. Raises CaseError when
    there is no demand, or a control cannot be reached.

    >>> from bactrian.case import load
    >>> of_2021 = demand(load("transcaspian"), 2021)
    >>> of_2021.controls.set_index("id")["reached"].round(3)["turkmen_gas_to_china"]
    np.float64(24480.0)
    """
    rows = case.table("demand")
    if rows.empty:
        raise CaseError([Finding("demand", 0, "", "has no rows", "add a row for what is to be carried")])
    base = int(max((one for one in rows["year"] if one <= year), default=rows["year"].min()))
    table = rows.loc[rows["year"] == base, ["origin", "destination", "commodity", "kt"]].reset_index(drop=True)
    table, controls = _balanced(case, table, base)
    if year != base:
        table["kt"] = table["kt"] * grow(case, table, year - base)
        table, later = _balanced(case, table, year)
        controls = pd.concat([controls, later], ignore_index=True)
    return Demand(year, base, table, controls)


def grow(case: Case, table: pd.DataFrame, years: int) -> Floats:
    """Factor by which each row grows in `years`: ((1 + g) (1 + h))^(e years / 2).

    g and h are the yearly GDP growth of origin and destination, e the income elasticity of the commodity.
    """
    growth = 1 + case.table("zones").set_index("id")["gdp_growth_percent"] / 100
    elasticity = case.table("commodities").set_index("id")["income_elasticity"]
    both = (table["origin"].map(growth) * table["destination"].map(growth)).to_numpy(dtype=np.float64)
    factor: Floats = both ** (table["commodity"].map(elasticity).to_numpy(dtype=np.float64) * years / 2)
    return factor


def _balanced(case: Case, table: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    controls = case.table("controls")
    controls = controls[controls["year"] == year]
    masks = [_members(table, one) for one in controls.itertuples()]
    totals = controls["kt"].to_numpy(dtype=np.float64)
    kt, error = balance(table["kt"].to_numpy(dtype=np.float64), masks, totals)
    findings = [
        Finding(
            "controls", int(line) + 2, "kt", f"cannot be reached: {total:g} kt asked, {kt[mask].sum():g} kt got", how
        )
        for line, total, mask, wrong in zip(controls.index, totals, masks, error, strict=True)
        if wrong > TOLERANCE
        for how in ["give the demand rows it covers tonnes above 0, or resolve its contradiction with other controls"]
    ]
    if findings:
        raise CaseError(findings)
    reached = [kt[mask].sum() for mask in masks]
    return table.assign(kt=kt), controls[["id", "year", "kt"]].assign(reached=reached, error=error)


def _members(table: pd.DataFrame, control: object) -> NDArray[np.bool_]:
    """Rows that a control counts; an empty list of zones or commodities means all."""
    sets = {name: set(str(getattr(control, name)).split()) for name in ("origins", "destinations", "commodities")}

    def within(column: str, name: str) -> NDArray[np.bool_]:
        return table[column].isin(sets[name]).to_numpy() | (not sets[name])

    there = within("origin", "origins") & within("destination", "destinations")
    back = within("destination", "origins") & within("origin", "destinations")
    counted: NDArray[np.bool_] = within("commodity", "commodities") & (
        there | (back & (getattr(control, "both_ways", "no") == "yes"))
    )
    return counted

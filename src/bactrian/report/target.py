"""The answer to a goal in words and as plain records."""

from __future__ import annotations

import math
from typing import Any

from bactrian.goals import LEVERS, Target
from bactrian.report.card import figure

__all__ = ["target_lines", "target_summary"]

Record = dict[str, Any]
UNITS = {"value": "mUSD/yr", "tonnes": "kt/yr", "time": "h"}
MEASURES = {"value": "trade", "tonnes": "tonnes", "time": "time from door to door"}


def target_lines(told: Target) -> list[str]:
    """What must change, in a few lines."""
    goal, year, certificate = told.goal, told.flows.network.year, told.flows.certificate
    whose = "-".join(goal.between)
    unit = UNITS[goal.measure]
    named = f"{MEASURES[goal.measure]} of {whose} in {year}"
    lines = [f"goal: {named} at {figure(goal.amount)} {unit}; without a change it is {figure(told.before)} {unit}"]
    on = f"on {_rows(told)}" if told.rows else "for this trade alone"
    if not told.reached:
        lines.append(
            f"not reached: {told.lever} {on} comes no nearer than {figure(told.after)} {unit},"
            f" at {told.factor:.3g} times what it is"
        )
    elif told.factor == 1:
        lines.append("reached without a change")
    else:
        lines.append(
            f"reached: {told.lever} {on} must become {told.factor:.3f} times what it is,"
            f" a change of {told.factor - 1:+.1%}"
        )
    if not math.isnan(told.cost_before):
        costs = f"from {told.cost_before:,.1f} to {told.cost:,.1f} USD/t"
        lines.append(f"generalised cost from door to door, mean of what moves: {costs}")
    by = "the elasticities of the case" if told.elasticity is None else f"an elasticity of {told.elasticity:g}"
    lines.append(f"demand answers to cost by {by}")
    state = "holds" if certificate.holds else "does NOT hold"
    lines.append(
        f"run again there: the certificate {state}, gap {certificate.gap:.1e}, response {certificate.response:.1e}"
    )
    return lines


def target_summary(told: Target) -> Record:
    """The answer as plain types."""
    certificate = told.flows.certificate
    case = told.flows.network.case
    return {
        "case": case.name,
        "hash": told.flows_before.network.case.hash,
        "year": told.flows.network.year,
        "goal": {"between": list(told.goal.between), "measure": told.goal.measure, "amount": told.goal.amount},
        "unit": UNITS[told.goal.measure],
        "lever": told.lever,
        "columns": list(LEVERS[told.lever]),
        "rows": list(told.rows),
        "elasticity": told.elasticity,
        "reached": told.reached,
        "factor": told.factor,
        "before": _plain(told.before),
        "after": _plain(told.after),
        "cost_before_usd_per_t": _plain(told.cost_before),
        "cost_usd_per_t": _plain(told.cost),
        "certificate": {
            "holds": certificate.holds,
            "gap": certificate.gap,
            "conservation": certificate.conservation,
            "response": certificate.response,
        },
    }


def _rows(told: Target) -> str:
    few = ", ".join(told.rows[:4])
    return few if len(told.rows) <= 4 else f"{few} and {len(told.rows) - 4} more"


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value

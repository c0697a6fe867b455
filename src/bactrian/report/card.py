"""Calibration cards: what was counted, what the model says, and what was fitted, as Markdown and as plain records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bactrian.calibration import Calibration

__all__ = [
    "as_plain",
    "calibration_page",
    "calibration_summary",
    "card_lines",
    "figure",
    "percent",
    "records",
    "scores",
]

Record = dict[str, Any]


def scores(card: pd.DataFrame) -> Record:
    """How near the compared series of a card are (see `bactrian.measure.against_counts`).

    `weighted` is the mean absolute relative error weighted by how sure a count is, 1 over its relative standard error;
    `mean` and `median` count every series alike; `within_10_percent` and `series` count them.
    """
    compared = card.dropna(subset="error")
    off = compared["error"].abs().to_numpy(dtype=np.float64)
    if not off.size:
        return {"series": 0, "weighted": None, "mean": None, "median": None, "within_10_percent": 0}
    weight = 1 / compared["spread"].to_numpy(dtype=np.float64)
    return {
        "series": len(off),
        "weighted": float((off * weight).sum() / weight.sum()),
        "mean": float(off.mean()),
        "median": float(np.median(off)),
        "within_10_percent": int((off <= 0.1).sum()),
    }


def card_lines(card: pd.DataFrame) -> list[str]:
    """The compared series of a card as a Markdown table, then why the others are not compared."""
    lines = [
        "| series | unit | counted | model | error | in standard errors | use |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for one in card.dropna(subset="modelled").to_dict("records"):
        cells = [one["series"], one["unit"], figure(one["observed"]), figure(one["modelled"])]
        residual = "" if math.isnan(one["residual"]) else f"{one['residual']:+.1f}"
        cells += [percent(one["error"]), residual, {"fit": "fitted", "compare": "only compared"}[str(one["use"])]]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    told = scores(card)
    if told["series"]:
        lines += [
            "",
            f"{told['series']} compared: mean absolute relative error {told['weighted']:.1%} weighted by how sure each",
            f"is, {told['mean']:.1%} unweighted, median {told['median']:.1%}; {told['within_10_percent']} within 10 %.",
        ]
    left = card[card["why"] != ""]
    for why in dict.fromkeys(map(str, left["why"])):
        series = dict.fromkeys(left.loc[left["why"] == why, "series"])
        lines += ["", f"Not compared ({why[0].lower() + why[1:]}): {', '.join(series)}."]
    return lines


def calibration_page(found: Calibration) -> str:
    """The card of a calibration as Markdown."""
    lines = [
        f"# Calibration: {found.case.name} {found.year}",
        "",
        "| adjustment | kind | before | fitted | standard error | from | to |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in found.adjustments.to_dict("records"):
        error = "at a bound" if one["at_bound"] else figure(one["std_error"])
        ends = [figure(one["from"]), figure(one["to"])]
        cells = [one["id"], one["kind"], figure(one["before"]), figure(one["value"]), error, *ends]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += [
        "",
        "Costs in USD/t, scales and capacities as factors; the standard error of a factor is that of its logarithm.",
        "From and to hold all true values at once with 95 %, if the model is right.",
    ]
    if not found.settled:
        lines.append(f"NOT SETTLED: adjustments still moved after {found.rounds} rounds.")
    if not math.isnan(found.misfit):
        lines.append(
            f"The fitted counts miss by {math.sqrt(found.misfit):.1f} of their standard errors per degree of freedom."
        )
    return "\n".join([*lines, "", *card_lines(found.card), ""])


def calibration_summary(found: Calibration) -> Record:
    """A calibration as plain types: provenance, adjustments, card, scores and certificate of the run."""
    return {
        "case": found.case.name,
        "hash": found.case.hash,
        "year": found.year,
        "rounds": found.rounds,
        "settled": found.settled,
        "misfit": None if math.isnan(found.misfit) else found.misfit,
        "adjustments": records(found.adjustments),
        "scores": scores(found.card),
        "card": records(found.card),
        "certificate": {"holds": found.flows.certificate.holds, "gap": found.flows.certificate.gap},
    }


def records(table: pd.DataFrame) -> list[Record]:
    """Rows as plain types, with None for what is not a number."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): cell for key, cell in row.items()} for row in rows]


def as_plain(value: Any) -> Any:
    """The value in plain types, None for numbers that are none or without end."""
    if isinstance(value, Mapping):
        return {str(key): as_plain(cell) for key, cell in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(cell) for cell in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def percent(value: float) -> str:
    """A relative error; nothing for what is not a number."""
    return "" if math.isnan(value) else f"{value:+.1%}"


def figure(value: float) -> str:
    """A number to three digits, whole from a thousand on; nothing for what is not a number."""
    if value == 0 or math.isnan(value):
        return "0" if value == 0 else ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

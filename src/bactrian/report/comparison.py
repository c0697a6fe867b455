"""Two runs side by side for machines and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from bactrian.files import write_text
from bactrian.measure import Comparison
from bactrian.report.files import write_csv
from bactrian.report.plan_words import Section
from bactrian.report.summary import certificate_of, provenance_of, records

__all__ = ["comparison_sections", "comparison_summary", "save_comparison"]

Record = dict[str, Any]

_SIDES = ("base", "other", "change")
_PURSES = ("shippers", "carriers", "public", "net")
_SHOWN = 12  # rows of a table for people
_LEAST = 0.5  # kt/yr or mUSD/yr that are told to people


def comparison_summary(told: Comparison) -> Record:
    """Everything a machine wants to know, as plain types: both provenances and certificates, and what differs."""
    certificates = {
        name: certificate_of(run, told.accounts) for name, run in (("base", told.base), ("other", told.other))
    }
    change = told.accounts.change
    assert change is not None  # there is another run
    return {
        "result": "compare",
        "provenance": provenance_of(told.other),
        "base_provenance": provenance_of(told.base),
        "certificate": {"holds": all(one["holds"] for one in certificates.values()), **certificates},
        "totals": records(told.totals.rename_axis("figure").reset_index()),
        "corridors": records(told.corridors.rename_axis("corridor").reset_index()),
        "links": records(told.links.rename_axis("link").reset_index()),
        "countries": records(change.rename_axis("country").reset_index()),
    }


def comparison_sections(summary: Record) -> list[Section]:
    """The comparison as sections for a terminal."""
    provenance = summary["provenance"]
    corridors = [one for one in summary["corridors"] if abs(one["kt_change"]) >= _LEAST][:_SHOWN]
    countries = sorted(summary["countries"], key=lambda one: -abs(one["net"]))
    countries = [one for one in countries if abs(one["net"]) >= _LEAST][:_SHOWN]
    changes = len(provenance["changes"])
    return [
        Section(
            f"{provenance['case']} {provenance['year']} with {changes} cells changed, beside the case as it stands",
            texts=("figure", "unit"),
            numbers=_SIDES,
            rows=tuple(
                (one["figure"], one["unit"], *(_number(one[name]) for name in _SIDES)) for one in summary["totals"]
            ),
        ),
        Section(
            "Corridors that change most, kt/yr",
            texts=("corridor",),
            numbers=_SIDES,
            rows=tuple((one["corridor"], *(_number(one[f"kt_{name}"]) for name in _SIDES)) for one in corridors),
        ),
        Section(
            "What countries gain, million USD a year",
            texts=("country",),
            numbers=_PURSES,
            rows=tuple((one["country"], *(_number(one[name]) for name in _PURSES)) for one in countries),
        ),
    ]


def save_comparison(told: Comparison, folder: Path) -> list[Path]:
    """Write result.json and the tables as CSV to `folder`; every file is whole or not there.

    Raises CaseError when the folder cannot be written.
    """
    told_all = comparison_summary(told)
    written = [write_text(folder / "result.json", json.dumps(told_all, indent=1, allow_nan=False) + "\n")]
    for name in ("totals", "corridors", "links", "countries"):
        written.append(write_csv(folder / f"{name}.csv", pd.DataFrame(told_all[name])))
    return written


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"

"""A plan as plain types, and its files: the result for machines, tables for spreadsheets, a page for people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bactrian.case import Case
from bactrian.planning import Appraisal, Ceiling, Frontier, Plan, Robust, Rules, in_company
from bactrian.report.card import as_plain, records
from bactrian.report.files import write_csv, write_parquet, write_text
from bactrian.report.plan_words import how_good, page_of, plan_sections
from bactrian.report.summary import content_of

__all__ = ["plan_page", "plan_summary", "save_plan"]

Record = dict[str, Any]


def plan_summary(plan: Plan) -> Record:
    """Everything a machine wants to know of a plan, as plain types; None stands for what is not a number.

    Money is in mUSD of the price year. What promoters claim of a project is in `claims`, apart from what the model
    says. `seconds` is all that differs from run to run.
    """
    whole, projects = plan.appraisal(), in_company(plan.worth, plan.starts)
    known = plan.case.table("projects").set_index("id")
    told: Record = as_plain(
        {
            "result": "plan",
            "provenance": _provenance(plan),
            "value_musd": plan.value,
            "appraisal": _appraisal(plan, whole),
            "bound": {
                "value_musd": plan.bound.value,
                "gap": plan.gap,
                "tolls_musd": plan.bound.tolls,
                "cuts": plan.bound.cuts,
            },
            "ceiling": plan.ceiling and _ceiling(plan.ceiling, plan.ceiling_gap),
            "certificate": {
                "holds": plan.certificate.holds,
                "value_musd": plan.certificate.value,
                "claimed_musd": plan.certificate.claimed,
                "difference": plan.certificate.difference,
                "sets": plan.certificate.sets,
                "ways_anew": plan.certificate.ways_anew,
            },
            "ended": plan.ended,
            "tried": plan.tried,
            "seconds": plan.seconds,
            "projects": [_built(plan, known, one) for one in projects.to_dict("records")],
            "not_chosen": [_not_chosen(plan, known, one) for one in plan.field.candidates if one not in plan.starts],
            "left_out": [
                {"id": one, "name": known["name"][one], "why": why} for one, why in plan.field.left_out.items()
            ],
            "committed": [
                {"id": one, "name": known["name"][one], "opens": opens} for one, opens in plan.field.committed.items()
            ],
            "years": records(whole.years.reset_index()),
            "countries": records(_named(plan.case, whole.countries)),
            "commodities": records(whole.commodities.reset_index()),
            "alternatives": _alternatives(plan),
            "frontier": plan.frontier and _frontier(plan.frontier),
            "robust": plan.robust and _robust(plan.robust),
        }
    )
    told["in_words"] = how_good(_lasting(told))
    return told


def plan_page(plan: Plan, told: Record | None = None) -> str:
    """A plan as Markdown, the same from run to run; `told` is its summary if that has been made."""
    return _page(_lasting(told or plan_summary(plan)))


def save_plan(plan: Plan, folder: Path, told: Record | None = None) -> list[Path]:
    """Write result.json, plan.md and the tables, each as CSV and Parquet, to `folder`; every file is whole or not
    there, and has the same bytes whenever the plan is the same. `told` is the summary of the plan if it has been made.

    Raises CaseError when the folder cannot be written.
    """
    told = _lasting(told or plan_summary(plan))
    written = [
        write_text(folder / "result.json", json.dumps(told, indent=1, allow_nan=False) + "\n"),
        write_text(folder / "plan.md", _page(told)),
    ]
    for name, table in _tables(told).items():
        written.append(write_csv(folder / f"{name}.csv", table))
        written.append(write_parquet(folder / f"{name}.parquet", table))
    return written


def _lasting(told: Record) -> Record:
    """The summary without what differs from run to run."""
    return {key: value for key, value in told.items() if key != "seconds"}


def _page(told: Record) -> str:
    asked, terms = told["provenance"], told["provenance"]["terms"]
    title = f"Plan: {asked['case']} {terms['first']}-{terms['last']}"
    return page_of(title, plan_sections(told, whole=True), asked)


def _provenance(plan: Plan) -> Record:
    return {
        **content_of(plan.case),
        "seed": None,
        "terms": plan.terms.told(),
        "rules": _rules(plan.rules),
        "scenario": plan.scenario,
        "settings": {
            "candidates": sorted(plan.field.candidates),
            "within": plan.alternatives.within,
            "tail": plan.robust.tail if plan.robust else None,
        },
    }


def _rules(rules: Rules) -> Record:
    return {
        "budget_musd": rules.budget_musd,
        "periods": [{"first": first, "last": last, "musd": most} for first, last, most in rules.periods],
        "countries_musd": dict(rules.countries),
        "build": dict(rules.build),
        "never": sorted(rules.never),
        "at_most": [{"count": count, "projects": list(group)} for count, group in rules.at_most],
        "at_least": [{"count": count, "projects": list(group)} for count, group in rules.at_least],
    }


def _appraisal(plan: Plan, whole: Appraisal) -> Record:
    return {
        "spent_musd": float(whole.years["capital"].sum()),
        "benefit_musd": whole.benefit,
        "capital_musd": whole.capital,
        "operating_musd": whole.operating,
        "residual_musd": whole.residual,
        "ratio": whole.ratio,
        "internal_rate": whole.internal_rate,
        "first_year_rate": whole.first_year_rate,
        "co2e_kt": whole.co2e_kt,
    }


def _ceiling(top: Ceiling, gap: float) -> Record:
    return {
        "value_musd": top.value,
        "gap": gap,
        "strayed_musd": top.strayed,
        "broken": top.broken,
        "nested": top.nested,
    }


def _built(plan: Plan, known: pd.DataFrame, one: Mapping[Any, Any]) -> Record:
    """A project of the programme: works, what the model says of it, and what its promoter claims."""
    name = str(one["id"])
    candidate = plan.field.candidates[name]
    last = int(one["start"]) + max(candidate.build_years, 1) - 1
    without = plan.alternatives.without.get(name, math.nan)
    return {
        **one,
        "works_end": last,
        "operating_musd": candidate.operating_musd,
        "owners": dict(candidate.owners),
        "best_without_musd": without,
        **_said(known, name),
    }


def _not_chosen(plan: Plan, known: pd.DataFrame, name: str) -> Record:
    candidate = plan.field.candidates[name]
    able = plan.terms.starts(candidate)
    return {
        "id": name,
        "name": candidate.name,
        "capex_musd": candidate.capex_musd,
        "opens_in_time": len(able) > 0,
        "best_with_musd": plan.alternatives.without.get(name, math.nan),
        **_said(known, name),
    }


def _said(known: pd.DataFrame, name: str) -> Record:
    return {"promoter": known["promoter"][name], "claims": known["claims"][name]}


def _named(case: Case, countries: pd.DataFrame) -> pd.DataFrame:
    """The table by country, with names."""
    names = case.table("countries").set_index("id")["name"]
    table = countries.reset_index()
    table.insert(1, "name", [str(names.get(country, country)) for country in table["country"]])
    return table


def _alternatives(plan: Plan) -> Record:
    found, chosen = plan.alternatives, set(plan.starts)
    return {
        "within": found.within,
        "always": list(found.always),
        "sometimes": list(found.sometimes),
        "never": list(found.never),
        "programmes": [
            {
                "value_musd": value,
                "starts": dict(starts),
                "more": sorted(set(starts) - chosen),
                "less": sorted(chosen - set(starts)),
            }
            for starts, value in found.programmes
        ],
    }


def _frontier(curve: Frontier) -> Record:
    return {
        "points": [
            {"budget_musd": one.budget, "value_musd": one.value, "spent_musd": one.capital, "starts": dict(one.starts)}
            for one in curve.points
        ],
        "enters_musd": dict(curve.enters),
    }


def _robust(stands: Robust) -> Record:
    return {
        "tail": stands.tail,
        "chances": {str(future): float(chance) for future, chance in stands.chances.items()},
        "best": stands.best,
        "programmes": [
            {
                "name": name,
                "starts": dict(starts),
                **stands.scores.loc[name].to_dict(),
                "values": stands.values.loc[name].to_dict(),
            }
            for name, starts in stands.programmes.items()
        ],
    }


def _tables(told: Record) -> dict[str, pd.DataFrame]:
    """The tables of a summary, cells of plain types."""
    alternatives = [
        {
            "value_musd": one["value_musd"],
            "more": " ".join(one["more"]),
            "less": " ".join(one["less"]),
            "starts": _starts(one["starts"]),
        }
        for one in told["alternatives"]["programmes"]
    ]
    projects = [
        {**one, "owners": " ".join(f"{country}:{share:g}" for country, share in one["owners"].items())}
        for one in told["projects"]
    ]
    found = {
        "projects": projects,
        "not_chosen": told["not_chosen"],
        "left_out": told["left_out"],
        "committed": told["committed"],
        "years": told["years"],
        "countries": told["countries"],
        "commodities": told["commodities"],
        "alternatives": alternatives,
    }
    if curve := told["frontier"]:
        found["frontier"] = [{**one, "starts": _starts(one["starts"])} for one in curve["points"]]
    if stands := told["robust"]:
        found["futures"] = [
            {"programme": one["name"], "future": future, "chance": stands["chances"][future], "value_musd": value}
            for one in stands["programmes"]
            for future, value in one["values"].items()
        ]
    return {name: pd.DataFrame(rows) for name, rows in found.items() if rows}


def _starts(starts: Mapping[str, int]) -> str:
    return " ".join(f"{one}:{year}" for one, year in starts.items())

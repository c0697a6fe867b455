"""Stress told for machines: one course of events before and after, or the risk of thousands, and their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.case import Case
from bactrian.errors import SolveError
from bactrian.report.card import as_plain, records
from bactrian.report.course import before_after, carried_in, horizon_of
from bactrian.report.files import write_csv, write_text
from bactrian.report.plan_words import page_of
from bactrian.report.stress_words import course_sections, risk_sections
from bactrian.report.summary import content_of
from bactrian.stressing import Course, Risk, certify_course, yearly_cost
from bactrian.stressing.course import YEAR
from bactrian.stressing.ensemble import loss_by_country

__all__ = ["course_summary", "risk_summary", "save_course", "save_risk"]


Record = dict[str, Any]
Floats = NDArray[np.float64]


def course_summary(course: Course) -> Record:
    """Everything a machine wants to know of a course worked out with `alone=True`, as plain types.

    Sums are up to the day `horizon_days`; None: to the end. `waiting_kt` goes later, `given_up_kt` has no way and is
    not worth waiting for, `forgone_kt` is no longer asked for at what going costs.
    """
    scene, horizon = course.scene, horizon_of(course)
    loss = course.loss(horizon)
    forgone, given_up = _less(course, horizon)
    told: Record = as_plain(
        {
            "result": "course",
            "provenance": {
                **content_of(scene.case),
                "year": scene.year,
                "seed": None,
                "events": sorted(scene.events),
                "projects": list(scene.built),
            },
            "unfelt": sorted(set(scene.events) - scene.felt),
            "horizon_days": horizon,
            "certificate": certify_course(course, float(loss.sum()), horizon).told(),
            "cost_musd": float(loss.sum()),
            "waiting_kt": float(course.kt("waiting", horizon).sum()),
            "stranded_kt": float(course.kt("stranded", horizon).sum()),
            "given_up_kt": given_up,
            "forgone_kt": forgone,
            "co2e_kt": course.co2e_t(horizon) / 1000,
            "corridors": records(before_after(course)),
            "countries": _countries(scene.case, loss_by_country(course, loss)),
            "commodities": _commodities(course, loss),
            "spans": list(carried_in(course)),
        }
    )
    return told


def risk_summary(risk: Risk, case: Case, fails_below_musd: float | None = None) -> Record:
    """Everything a machine wants to know of a risk of `case`, as plain types; sums are those of the days drawn.

    With projects, `fails` is the rule for when they bring shippers less than `fails_below_musd`; without that, less
    than they cost in that time (see `yearly_cost`), if all costs are known. Raises SolveError for a sum without
    projects.
    """
    if fails_below_musd is not None and "gain_musd" not in risk.draws:
        raise SolveError("without projects there is nothing that could fail: name some")
    settings = dict(risk.settings)
    names = dict(zip(case.table("events")["id"], case.table("events")["name"], strict=True))
    events, countries = risk.by_event(), risk.by_country()
    events.insert(1, "name", [str(names[one]) for one in events["event"]])
    countries.insert(1, "name", _names(case, countries["country"].tolist()))
    planned = "gain_musd" in risk.draws
    told: Record = as_plain(
        {
            "result": "risk",
            "provenance": {**settings, "case_hash": settings.pop("hash"), "original_hash": case.original.hash},
            "certificate": risk.certificate.told() if risk.certificate else None,
            "expected_musd": risk.expected._asdict(),
            "worst": {"share": 0.05, "cost_musd": risk.worst(0.05)},
            "tails": records(risk.tails()),
            "exceedance": records(risk.exceedance()),
            **{name: risk.of(name)._asdict() for name in ("waiting_kt", "stranded_kt", "co2e_kt")},
            "planned": {name: risk.of(name)._asdict() for name in ("planned_cost_musd", "gain_musd")}
            if planned
            else None,
            "fails": _fails(risk, case, fails_below_musd) if planned else None,
            "events": records(events),
            "countries": records(countries),
        }
    )
    del told["provenance"]["hash"]
    return told


def _fails(risk: Risk, case: Case, below_musd: float | None) -> Record | None:
    """When projects bring less than a sum, or than they cost; None where no cost is known."""
    told = below_musd
    if told is None:
        try:
            told = yearly_cost(case, risk.settings["projects"]) * risk.settings["days"] / YEAR
        except SolveError:
            return None
    rule = risk.failing(told)
    conditions = [one._asdict() for one in rule.conditions]
    figures = {name: getattr(rule, name) for name in ("share", "coverage", "density")}
    return {"below_musd": told, "is_cost": below_musd is None, **figures, "conditions": conditions}


def save_course(course: Course, folder: Path, told: Record) -> list[Path]:
    """Write stress.json, stress.md and the tables of a course to `folder`, each whole or not there.

    Raises CaseError when the folder cannot be written.
    """
    active = [" ".join(f"{name}:{degree:g}" for name, degree in one["active"].items()) for one in told["spans"]]
    title = f"Stress: {told['provenance']['case']} {told['provenance']['year']}"
    return [
        write_text(folder / "stress.json", json.dumps(told, indent=1, allow_nan=False) + "\n"),
        write_text(folder / "stress.md", page_of(title, course_sections(told), told["provenance"])),
        write_csv(folder / "before_after.csv", before_after(course)),
        write_csv(folder / "spans.csv", pd.DataFrame(told["spans"]).assign(active=active)),
        *(write_csv(folder / f"{name}.csv", pd.DataFrame(told[name])) for name in ("countries", "commodities")),
    ]


def save_risk(risk: Risk, folder: Path, told: Record) -> list[Path]:
    """Write stress.json, stress.md and the tables of a risk to `folder`, each whole or not there.

    Raises CaseError when the folder cannot be written.
    """
    title = f"Stress: {told['provenance']['case']} {told['provenance']['year']}"
    tables = {
        "draws": risk.draws,
        "exceedance": risk.exceedance(),
        "tails": risk.tails(),
        "by_event": pd.DataFrame(told["events"]),
        "by_country": pd.DataFrame(told["countries"]),
    }
    return [
        write_text(folder / "stress.json", json.dumps(told, indent=1, allow_nan=False) + "\n"),
        write_text(folder / "stress.md", page_of(title, risk_sections(told), told["provenance"])),
        *(write_csv(folder / f"{name}.csv", table) for name, table in tables.items()),
    ]


def _less(course: Course, horizon: float) -> tuple[float, float]:
    """kt that are not asked for because of what going costs, and kt that are given up for want of a way."""
    forgone = 0.0
    for span, moment in zip(course.spans, course.moments, strict=True):
        if span.active:
            asked = moment.state.asked
            less = asked.demand(course.calm.faced) - asked.demand(moment.faced)
            forgone += float(less.sum()) * span.within(horizon) / YEAR
    return forgone, float(course.kt("lost", horizon).sum())


def _countries(case: Case, cost: dict[str, float]) -> list[Record]:
    rows = zip(cost, _names(case, list(cost)), cost.values(), strict=True)
    found = [{"country": one, "name": name, "cost_musd": musd} for one, name, musd in rows]
    return sorted(found, key=lambda one: -float(str(one["cost_musd"])))


def _names(case: Case, countries: list[str]) -> list[str]:
    names = case.table("countries").set_index("id")["name"]
    return [str(names.get(one) or one) for one in countries]


def _commodities(course: Course, loss: Floats) -> list[Record]:
    scene = course.scene
    goods = scene.network.case.counted_as(scene.pairs["commodity"])
    cost = pd.Series(loss).groupby(goods.to_numpy()).sum().sort_values(ascending=False, kind="stable")
    return [{"commodity": str(one), "cost_musd": float(musd)} for one, musd in cost.items()]

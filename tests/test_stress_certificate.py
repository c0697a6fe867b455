"""Certificates of stress: they hold for what is worked out, and wrong results made by hand do not pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.assign import prepared
from bactrian.cli import main
from bactrian.stressing import (
    Course,
    Ensemble,
    Risk,
    Sampler,
    Scene,
    Spell,
    certify_course,
    course_of,
    criticality,
    events_of,
    spans_of,
    stress,
)
from bactrian.stressing.anew import area, demand, met
from bactrian.stressing.check import certify_risk, checked
from bactrian.stressing.words import spells_of
from small import small_case

SHUT: dict[str, Any] = {"begins": "", "kind": "closure", "days_spread": 1.5}
CLOSES = {"cause": "shut", "table": "links", "rows": "rail", "column": "closes", "operation": "set", "value": 2021}


def world(folder: Path) -> ba.Case:
    """A railway near its capacity and a second line on the same corridor, a road through a country Y, a branch that has
    no way round; a projected line; demand that answers to cost."""
    places: Any = [{"id": "A"}, {"id": "B", "lon": 5}, {"id": "C", "lon": 6}, {"id": "M", "country": "Y", "lon": 3}]
    return small_case(
        folder,
        places=places,
        links=[
            {"id": "rail", "from": "A", "to": "B", "capacity_kt": 130, "time_h": 30},
            {"id": "line", "from": "A", "to": "B", "capacity_kt": 60, "time_h": 45, "usd_per_t": 15},
            {"id": "in", "from": "A", "to": "M", "mode": "road", "usd_per_t": 20, "capacity_kt": 90},
            {"id": "out", "from": "M", "to": "B", "mode": "road", "usd_per_t": 20},
            {"id": "branch", "from": "B", "to": "C"},
            {"id": "new", "from": "A", "to": "B", "capacity_kt": 200, "usd_per_t": 5, "opens": 2500},
        ],
        zones=[{"id": "o"}, {"id": "d"}, {"id": "e"}],
        access=[
            {"id": "o-A", "zone": "o", "place": "A"},
            {"id": "d-B", "zone": "d", "place": "B"},
            {"id": "e-C", "zone": "e", "place": "C"},
        ],
        demand=[
            {"id": "o-d", "origin": "o", "destination": "d", "kt": 100},
            {"id": "o-e", "origin": "o", "destination": "e", "kt": 60},
        ],
        commodities=[{"id": "goods", "cost_elasticity": -0.7, "value_usd_per_t": 300}],
        corridors=[{"id": "main", "marks": "rail line"}],
        events=[
            {**SHUT, "id": "shut", "chance_per_year": 0.7, "days": 20, "recovery_days": 10, "recovery": "exponential"},
            {**SHUT, "id": "storm", "chance_per_year": 2, "days": 5},
            {**SHUT, "id": "more", "chance_per_year": 0.3, "days": 60},
            {**SHUT, "id": "bar", "kind": "policy", "chance_per_year": 0.4, "days": 40},
            {"id": "opens", "begins": "", "kind": "opening", "chance_per_year": 0.4},
        ],
        effects=[
            {**CLOSES, "id": "s"},
            {**CLOSES, "id": "t", "column": "time_h", "operation": "add", "value": 12},
            {**CLOSES, "id": "b", "cause": "storm", "rows": "branch", "column": "usd_per_t", "operation": "multiply",
             "value": 30},
            {**CLOSES, "id": "c", "cause": "storm", "rows": "rail line", "column": "capacity_kt",
             "operation": "multiply", "value": 0.4},
            {**CLOSES, "id": "d", "cause": "more", "table": "demand", "rows": "o-d", "column": "kt",
             "operation": "multiply", "value": 1.5},
            {**CLOSES, "id": "n", "cause": "opens", "rows": "new", "column": "opens", "value": 2500},
            {**CLOSES, "id": "p", "cause": "P", "rows": "new", "column": "opens", "value": 2500},
        ],
        avoidances=[{"id": "a", "cause": "bar", "share": 1, "avoids": "Y"}],
        projects=[{"id": "P", "capex_musd": 10, "operating_musd": 0.1, "life_years": 20}],
    )  # fmt: skip


@cache
def kept() -> ba.Case:
    with TemporaryDirectory() as folder:
        return world(Path(folder))


@cache
def course(*words: str, level: float | None = None, times: float = 1.0) -> Course:
    case, spells = spells_of(kept(), words)
    scene = Scene(case, 2030, {one.event.id: one.event for one in spells})
    return course_of(scene, spans_of(spells, 3), level, times, alone=True)


def certified(found: Course) -> Any:
    return certify_course(found, float(found.loss(365).sum()), 365)


@pytest.mark.parametrize(
    "words",
    [
        ("shut",),
        ("shut@3", "storm@30"),
        ("closed:branch", "half:line@10"),
        ("closed:Y", "more"),
        ("bar", "storm"),
        ("opens", "shut@50"),
        ("closed:rail", "closed:line", "closed:M@15"),
    ],
)
def test_courses_worked_out_anew_agree(words: tuple[str, ...]) -> None:
    found = certified(course(*words))
    assert found.holds, found
    assert max(found.choice, found.faced, found.cost) < 1e-8, found
    assert certified(course(*words, times=1.1)).holds


def test_a_canal_that_is_shut_is_not_passed_as_if_it_were_not_there(tmp_path: Path) -> None:
    case = small_case(
        tmp_path,
        places=[{"id": "A"}, {"id": "B", "lon": 5}, {"id": "M", "lon": 3}],
        links=[
            {"id": "one", "from": "A", "to": "M", "mode": "feeder"},
            {"id": "two", "from": "M", "to": "B", "mode": "feeder"},
            {"id": "road", "from": "A", "to": "B", "mode": "road", "usd_per_t": 60},
        ],
        terminals=[{"id": "canal", "place": "M", "handling": "passage", "modes": "feeder", "capacity_kt": 500,
                    "in_use": "yes", "time_h": 5, "usd_per_t": 1, "usd_per_teu": 10}],
        zones=[{"id": "o"}, {"id": "d"}, {"id": "e"}],
        access=[
            {"id": f"{zone}-{place}", "zone": zone, "place": place, "modes": "road feeder"}
            for zone, place in (("o", "A"), ("d", "B"), ("e", "M"))
        ],
        demand=[
            {"id": "o-d", "origin": "o", "destination": "d"}, {"id": "o-e", "origin": "o", "destination": "e"},
            {"id": "e-d", "origin": "e", "destination": "d"},
        ],
        events=[{**SHUT, "id": "shut", "chance_per_year": 1, "days": 20}],
        effects=[{**CLOSES, "id": "s", "table": "terminals", "rows": "canal", "column": "capacity_kt",
                  "operation": "multiply", "value": 0}],
    )  # fmt: skip
    events = events_of(case)
    scene = Scene(case, 2030, events)
    found = course_of(scene, spans_of([Spell(events["shut"], 0, 20)]), alone=True)
    assert certified(found).holds, certified(found)
    carried = dict(zip(scene.pairs["origin"] + scene.pairs["destination"], found.moments[0].carried, strict=True))
    assert carried["od"] > 90  # by road
    assert carried["oe"] + carried["ed"] > 90
    sure = stress(case, 2030, draws=20).certificate
    assert sure is not None
    assert sure.holds, sure
    assert criticality(case, 2030).certificate.holds


def first(found: Course, **changed: Any) -> Course:
    """A course whose first moment claims something else."""
    return replace(found, moments=(replace(found.moments[0], **changed), *found.moments[1:]))


def flows(found: Course, change: Callable[[Any, Any], None]) -> Course:
    settled = found.moments[0].settled
    assert settled is not None
    flow, load = settled.flow.copy(), settled.load.copy()
    change(flow, load)
    return first(found, settled=replace(settled, flow=flow, load=load))


def moved(flow: Any, load: Any) -> None:
    flow[np.argsort(flow)[-2:]] += [0.1, -0.1]


def more(flow: Any, load: Any) -> None:
    flow *= 1 + 1e-6


def below(flow: Any, load: Any) -> None:
    flow[np.argsort(flow)[-2:]] += [2e3, -2e3]


def heavier(flow: Any, load: Any) -> None:
    load[np.argmax(load)] *= 1.001


def test_flows_that_are_none_do_not_pass() -> None:
    found = course("storm@30")
    assert certified(found).holds
    for change, amiss in ((moved, "choice"), (more, "conservation"), (below, "conservation"), (heavier, "loads")):
        wrong = certified(flows(found, change))
        assert not wrong.holds, change
        assert getattr(wrong, amiss) > 1e-7, (change, wrong)

    def on_what_is_shut(flow: Any, load: Any) -> None:
        flow[np.flatnonzero(flow == 0)[0]] = 1e-9

    wrong = certified(flows(course("closed:rail"), on_what_is_shut))
    assert wrong.broken_ways == 1
    assert not wrong.holds


def test_tonnes_that_are_told_wrongly_do_not_pass() -> None:
    found = course("closed:branch")
    moment = found.moments[0]
    assert certified(found).holds
    wrong = {
        "conservation": {"carried": moment.carried * (1 + 1e-7)},
        "faced": {"waiting": moment.waiting + 0.01, "lost": moment.lost - 0.01},
    }
    for amiss, changed in wrong.items():
        told = certified(first(found, **changed))
        assert not told.holds, amiss
        assert getattr(told, amiss) > 1e-8
    dearer = certified(first(found, faced=moment.faced * 1.00001))
    assert dearer.faced > 1e-6
    assert dearer.cost > 1e-6
    assert not certified(first(found, state=replace(moment.state, composite=moment.state.composite * 1.00001))).holds
    claimed = float(found.loss(365).sum())
    assert certify_course(found, claimed, 365).holds
    assert not certify_course(found, claimed * 1.00001, 365).holds
    assert not certify_course(found, claimed, 20).holds


def test_a_law_of_waiting_a_bar_or_an_effect_that_is_forgotten_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    case, spells = spells_of(kept(), ["bar", "storm@20"])
    scene = Scene(case, 2030, {one.event.id: one.event for one in spells})
    spans = spans_of(spells)
    assert certified(course_of(scene, spans, alone=True)).holds
    barred, scene.barred = scene.barred, {}
    assert certified(course_of(scene, spans, alone=True)).broken_ways > 0
    scene.barred = barred
    whole, rows = Scene.rows, scene.rows(scene.weights({}))
    monkeypatch.setattr(Scene, "rows", lambda *_: rows)
    assert not certified(course_of(scene, spans, alone=True)).holds
    monkeypatch.setattr(Scene, "rows", whole)
    law = prepared.waiting
    monkeypatch.setattr(prepared, "waiting", lambda laws, load: (law(laws, load)[0] * 1.001, *law(laws, load)[1:]))
    assert certified(course_of(scene, spans, alone=True)).choice > 1e-6


def test_a_course_without_flows_has_no_certificate() -> None:
    case, spells = spells_of(kept(), ["shut"])
    scene = Scene(case, 2030, {one.event.id: one.event for one in spells})
    with pytest.raises(ba.SolveError, match="alone=True"):
        certified(course_of(scene, spans_of(spells)))


def test_formulas_by_hand() -> None:
    pairs = pd.DataFrame(
        {"reference_usd": [50.0, 0.0], "reference_composite_usd": [-20.0, 0.0], "elasticity": [2.0, 2.0]}
    )
    amount = np.array([100.0, 100.0])
    assert demand(pairs, amount, np.array([30.0, 30.0])).tolist() == [25, 100]
    # D0 S0^2 (1/S_low - 1/S_high) from S = 50 to S = 100
    there, here = (area(pairs, amount, np.array([at, at]))[0] for at in (30.0, -20.0))
    assert there - here == pytest.approx(100 * 2500 * (1 / 50 - 1 / 100), rel=1e-12)
    usual, worth, whole = (np.full(2, one) for one in (0.0, 1000.0, 40.0))
    found = met(pairs, amount, np.array([30.0, inf]), np.array([20.0, 20.0]), whole, usual, worth)
    assert found.faced.tolist() == [28.75, 40.0]  # of those without a way all wait, for half the span on average
    assert found.waiting[1] == 100
    assert found.going[1] == found.lost[1] == 0
    assert found.waiting[0] / found.asked[0] == pytest.approx(0.25)


@cache
def drawn() -> Risk:
    return stress(kept(), 2030, draws=60, seed=3, projects=["P"], demand_spread=1.1)


def test_draws_worked_out_from_nothing_agree() -> None:
    sure = drawn().certificate
    assert sure is not None
    assert sure.holds, sure
    assert len(sure.draws) == 3
    assert sure.states >= 2 * 2
    assert sure.choice < 1e-9


def ensemble() -> Ensemble:
    events = events_of(kept())
    return Ensemble(Scene(kept(), 2030, events), Sampler(events, 3, 3, 365, 1.1), Scene(kept(), 2030, events, ["P"]))


def test_draws_that_are_changed_or_missing_do_not_pass() -> None:
    risk, made = drawn(), ensemble()
    some = checked(made, risk.draws)
    assert certify_risk(risk, made.sampler, some).holds
    at = some.draws[0]
    for column in ("cost_musd", "planned_cost_musd", "gain_musd"):
        draws = risk.draws.copy()
        draws.loc[at, column] = draws.loc[at, column] * 1.001 + 0.001
        assert checked(made, draws).difference > 1e-4, column
    for change in (lambda each: each.iloc[:-3], lambda each: each.assign(days_shut=each["days_shut"] + 1e-3)):
        wrong = replace(risk, draws=change(risk.draws))
        assert certify_risk(wrong, made.sampler, some).amiss > 0
    assert certify_risk(risk, replace(made.sampler, seed=4), some).amiss == 60
    shifted = replace(risk, draws=risk.draws.assign(cost_musd=risk.draws["cost_musd"] * 1.001))
    assert certify_risk(shifted, made.sampler, some).figures > 1e-4


def test_figures_that_are_summed_wrongly_do_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    risk, sampler = drawn(), Sampler(events_of(kept()), 3, 3, 365, 1.1)
    some: Any = ((0,), 1, 0.0, 0.0)
    tails = risk.tails()
    worse = tails.assign(high=tails["high"] * 1.01)
    assert certify_risk(risk, sampler, some).figures < 1e-8
    monkeypatch.setattr(Risk, "tails", lambda _: worse)
    assert certify_risk(risk, sampler, some).figures > 1e-3
    monkeypatch.undo()
    monkeypatch.setattr(Risk, "worst", lambda *_: 1.0)
    assert certify_risk(risk, sampler, some).figures > 1e-3
    monkeypatch.undo()
    monkeypatch.setattr("bactrian.stressing.risk.SURE", 0.9)
    assert certify_risk(risk, sampler, some).figures > 1e-3


def test_states_that_are_wrong_do_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Scene.state

    def wrong(scene: Scene, active: Any, *more: Any, **named: Any) -> Any:
        found = right(scene, active, *more, **named)
        return replace(found, composite=found.composite + 0.01) if active else found

    monkeypatch.setattr(Scene, "state", wrong)
    sure = stress(kept(), 2030, draws=20, seed=3).certificate
    assert sure is not None
    assert sure.difference > 1e-4
    assert not sure.holds


def test_a_folder_that_was_changed_is_checked_again_and_told(tmp_path: Path) -> None:
    world(tmp_path / "case")
    out = tmp_path / "out"
    asked = ["stress", str(tmp_path / "case"), "--draws", "20", "--out", str(out), "--json"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    kept_as = (out / "blocks" / "checked.json").read_bytes()
    again = CliRunner().invoke(main, asked)
    assert again.stdout == done.stdout
    block = sorted((out / "blocks").glob("0*.csv"))[int(json.loads(done.stdout)["certificate"]["draws"][0])]
    cells = block.read_text(encoding="utf-8").strip().split(",")
    at = json.loads((out / "blocks" / "settings.json").read_text(encoding="utf-8"))["columns"].index("cost_musd")
    cells[at] = str(float(cells[at]) * 1.01)
    block.write_text(",".join(cells) + "\n", encoding="utf-8")
    wrong = CliRunner().invoke(main, asked)
    assert wrong.exit_code == 1
    assert not json.loads(wrong.stdout)["certificate"]["holds"]
    assert "DOES NOT HOLD" in (out / "stress.md").read_text(encoding="utf-8")
    assert (out / "blocks" / "checked.json").read_bytes() != kept_as
    assert "DOES NOT HOLD" in CliRunner().invoke(main, asked[:-1]).output


def test_a_course_that_does_not_hold_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world(tmp_path / "case")
    asked = ["stress", str(tmp_path / "case"), "--event", "shut", "--out", str(tmp_path / "out")]
    right = CliRunner().invoke(main, asked)
    assert right.exit_code == 0, right.output
    assert "the certificate holds" in right.output
    loss = Course.loss
    monkeypatch.setattr(Course, "loss", lambda *given: loss(*given) * 1.01)
    wrong = CliRunner().invoke(main, asked)
    assert wrong.exit_code == 1
    assert "DOES NOT HOLD" in wrong.output
    assert "DOES NOT HOLD" in (tmp_path / "out" / "stress.md").read_text(encoding="utf-8")
    assert not json.loads((tmp_path / "out" / "stress.json").read_text(encoding="utf-8"))["certificate"]["holds"]


@pytest.mark.nightly
@pytest.mark.parametrize(
    "words", [("closed:northern",), ("cpc_moorings", "closed:IRN"), ("dostyk_queue", "half:KZAAU")]
)
def test_courses_of_the_built_in_case_hold(words: tuple[str, ...]) -> None:
    case, spells = spells_of(ba.load("transcaspian"), words)
    scene = Scene(case, 2030, {one.event.id: one.event for one in spells})
    found = certified(course_of(scene, spans_of(spells, 5), alone=True))
    assert found.holds, found


@pytest.mark.nightly
def test_the_ensemble_of_the_built_in_case_holds_with_sea_and_project() -> None:
    sure = stress("transcaspian", draws=20, projects=["P26"], demand_spread=1.2, sea=True).certificate
    assert sure is not None
    assert sure.holds, sure

"""What may happen: courses of events solved by hand, ensembles against closed forms, the same bytes from anywhere."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.blocks import workers
from bactrian.stressing import Event, Sampler, Scene, Spell, course_of, estimate, events_of, spans_of, stress
from bactrian.stressing.words import spells_of
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10}
ROAD = {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20}
SHUT = {"id": "shut", "begins": "", "kind": "closure", "chance_per_year": 0.5, "days": 73}
CLOSES = {"id": "e", "cause": "shut", "table": "links", "rows": "rail", "column": "closes", "operation": "set"}
CHEAP = {"id": "goods", "standing_usd_per_t_h": 1e-8}  # an hour of waiting costs 1 USD
DEAR = {"id": "goods", "standing_usd_per_t_h": 1e6}  # nobody waits
# rail costs 10 + 10 h x 1 USD, road 20 + 5: with a scale of 0.1 the logsum of both, and road alone
BOTH, ALONE = -10 * math.log(math.exp(-2.0) + math.exp(-2.5)), 25.0


def two_routes(folder: Path, **tables: Any) -> ba.Case:
    return small_case(
        folder,
        **{
            "links": [RAIL, ROAD],
            "events": [SHUT],
            "effects": [{**CLOSES, "value": 2021}],
            "commodities": [DEAR],
            **tables,
        },
    )


@cache
def kept() -> ba.Case:
    with TemporaryDirectory() as folder:
        return two_routes(Path(folder))


def the_course(case: ba.Case, days: float, alone: bool = True, steps: int = 1) -> Any:
    events = events_of(case)
    scene = Scene(case, 2021, events)
    return course_of(scene, spans_of([Spell(events["shut"], 0, days)], steps), alone=alone)


@pytest.mark.parametrize("alone", [True, False])
def test_a_closure_costs_the_detour_for_as_long_as_it_lasts(tmp_path: Path, alone: bool) -> None:
    course = the_course(two_routes(tmp_path), 73, alone)
    # 100 kt a year, a fifth of it while the railway is shut
    assert course.loss().sum() == pytest.approx(100 * (ALONE - BOTH) / 5 / 1000, rel=1e-5)
    assert course.kt("carried").sum() == pytest.approx(20, rel=1e-5)
    # 100 km by rail or road, both 10 g per tonne-kilometre
    assert course.co2e_t() == pytest.approx(0, abs=1e-3)
    half = course.loss(36.5).sum()
    assert half == pytest.approx(course.loss().sum() / 2, rel=1e-9)


def test_tonnes_that_come_last_wait(tmp_path: Path) -> None:
    case = two_routes(tmp_path, commodities=[CHEAP])
    course = the_course(case, 1)
    # an hour costs 1 USD and the detour ALONE - BOTH = 9.74 USD, so those of the last 9.74 of 24 hours wait
    saved = ALONE - BOTH
    assert course.kt("waiting").sum() == pytest.approx(100 / 365 * saved / 24, rel=1e-5)
    assert course.loss().sum() == pytest.approx(100 / 365 * (saved - saved**2 / 48) / 1000, rel=1e-5)
    short = the_course(two_routes(tmp_path, commodities=[CHEAP]), saved / 24 / 2)
    assert short.kt("carried").sum() == pytest.approx(0, abs=1e-9)  # all wait where that is over soon


def test_what_has_no_way_waits_or_is_lost(tmp_path: Path) -> None:
    goods = {**CHEAP, "value_usd_per_t": 48}
    case = small_case(tmp_path, links=[RAIL], events=[SHUT], effects=[{**CLOSES, "value": 2021}], commodities=[goods])
    one = the_course(case, 1)
    assert one.kt("stranded").sum() == pytest.approx(100 / 365, rel=1e-6)
    assert one.kt("waiting").sum() == pytest.approx(100 / 365, rel=1e-6)
    assert one.loss().sum() == pytest.approx(100 / 365 * 12 / 1000, rel=1e-6)  # 12 h on average
    many = the_course(case, 20)
    # those of the last two days wait, at 24 USD on average; all others are lost, at 48
    assert many.kt("waiting").sum() == pytest.approx(100 * 2 / 365, rel=1e-6)
    assert many.loss().sum() == pytest.approx(100 / 365 * (2 * 24 + 18 * 48) / 1000, rel=1e-6)


def test_an_opening_lasts_for_good_and_a_recovery_dies_away(tmp_path: Path) -> None:
    more = {**RAIL, "id": "second", "usd_per_t": 5, "opens": 2500}
    opens = {**CLOSES, "cause": "new", "rows": "second", "column": "opens", "value": 2500}
    case = two_routes(
        tmp_path,
        links=[RAIL, ROAD, more],
        events=[{"id": "new", "begins": "", "kind": "opening", "chance_per_year": 1}],
        effects=[opens],
    )
    events = events_of(case)
    scene = Scene(case, 2021, events)
    course = course_of(scene, spans_of([Spell(events["new"], 146, math.inf)]))
    assert [(span.begins, span.ends) for span in course.spans] == [(0, 146), (146, math.inf)]
    assert course.loss(365).sum() < 0
    assert course.loss(730).sum() == pytest.approx(course.loss(365).sum() * (730 - 146) / (365 - 146), rel=1e-9)


def test_peace_takes_back_what_a_war_turned_away(tmp_path: Path) -> None:
    war = {"id": "war", "begins": "2000-01-01", "kind": "policy"}
    peace = {"id": "peace", "begins": "", "kind": "opening", "chance_per_year": 1, "undoes": "war"}
    avoids = {"id": "a", "cause": "war", "share": 0.4, "avoids": "Y"}
    places: Any = [{"id": "A"}, {"id": "B"}, {"id": "M", "country": "Y"}]
    links: Any = [{**ROAD}, {**RAIL, "id": "one", "to": "M"}, {**RAIL, "id": "two", "from": "M", "time_h": 0}]
    case = small_case(
        tmp_path, places=places, links=links, events=[war, peace], avoidances=[avoids], commodities=[DEAR]
    )
    events = events_of(case, ["peace"])
    scene = Scene(case, 2021, events)
    course = course_of(scene, spans_of([Spell(events["peace"], 0, math.inf)]))
    by_m, road = 10 + 10 + 10.0, 25.0
    both = -10 * math.log(math.exp(-by_m / 10) + math.exp(-road / 10))
    assert course.loss(365).sum() == pytest.approx(-100 * 0.4 * (road - both) / 1000, rel=1e-5)


def test_transit_closed_to_all_bars_the_ways_and_not_the_trade_of_the_country(tmp_path: Path) -> None:
    places: Any = [{"id": "A"}, {"id": "B"}, {"id": "M", "country": "Y"}]
    links: Any = [{**ROAD}, {**RAIL, "id": "one", "to": "M"}, {**RAIL, "id": "two", "from": "M", "time_h": 0}]
    case = small_case(tmp_path, places=places, links=links, commodities=[DEAR])
    case, spells = spells_of(case, ["closed:Y@73"])
    scene = Scene(case, 2021, {one.event.id: one.event for one in spells})
    course = course_of(scene, spans_of(spells), alone=True)
    both = -10 * math.log(math.exp(-3.0) + math.exp(-2.5))
    assert course.loss().sum() == pytest.approx(100 * (25 - both) / 5 / 1000, rel=1e-5)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(-50, 300), st.floats(0.5, 200), st.floats(0, 60)), max_size=4), st.integers(0, 3))
def test_spans_cover_all_days_and_count_every_day_of_an_event(
    spells: list[tuple[float, float, float]], steps: int
) -> None:
    made = [
        Spell(Event(f"e{at}", "", "closure", 1, 1, 1, recovery, False), begins, days)
        for at, (begins, days, recovery) in enumerate(spells)
    ]
    spans = spans_of(made, steps)
    assert spans[0].begins == 0
    assert spans[-1].ends == math.inf
    assert all(one.ends == after.begins for one, after in pairwise(spans))
    for spell in made:
        whole = sum(span.days * span.active.get(spell.event.id, 0.0) for span in spans[:-1])
        if spell.begins >= 0:
            assert whole == pytest.approx(spell.days + spell.event.recovery_days / 2, rel=1e-9)
        else:
            assert whole <= spell.days + spell.event.recovery_days / 2 + 1e-9


def test_expected_cost_covers_the_exact_value() -> None:
    # it reaches into the year with 1 - exp(-0.5 (73 + 365)/365), for 73 x 365/(73 + 365) of its days on average
    chance = 1 - math.exp(-0.5 * (73 + 365) / 365)
    days = 73 * 365 / (73 + 365)
    exact = chance * days / 365 * 100 * (ALONE - BOTH) / 1000
    risk = stress(kept(), 2021, draws=2000, seed=1)
    low, high = risk.expected.low, risk.expected.high
    assert low <= exact <= high
    assert high - low < 0.1 * exact
    assert (risk.draws["days_shut"] > 0).mean() == pytest.approx(chance, abs=0.02)
    tails = risk.tails().set_index("chance")
    whole = 100 * (ALONE - BOTH) / 5 / 1000  # a draw that holds all 73 days, of which there are 292 to begin on
    assert tails.loc[0.2, "cost_musd"] == pytest.approx(whole, rel=1e-4)
    curve = risk.exceedance()
    assert curve["chance"].is_monotonic_decreasing


def test_interval_covers_the_mean_as_often_as_it_says() -> None:
    """Over 400 seeds about 95 of 100 intervals hold the exact value."""
    chance = 1 - math.exp(-0.5 * (73 + 365) / 365)
    exact = chance * 73 * 365 / (73 + 365)
    events = events_of(kept())
    held = []
    for seed in range(400):
        sampler = Sampler(events, seed, size=10)
        days = [draw.days("shut", 365) for block in range(10) for draw in sampler.block(block)]
        told = estimate(np.array(days), 10)
        held.append(told.low <= exact <= told.high)
    assert 0.90 <= np.mean(held) <= 0.99


def test_the_same_seed_gives_the_same_bytes_on_one_and_two_workers_and_after_a_stop(tmp_path: Path) -> None:
    one = stress(kept(), 2021, draws=60, seed=3, out=tmp_path / "one")
    two = stress(kept(), 2021, draws=60, seed=3, out=tmp_path / "two", workers=2)
    names = sorted(path.name for path in (tmp_path / "one" / "blocks").iterdir())
    assert len(names) == 22
    for name in names:
        assert (tmp_path / "one" / "blocks" / name).read_bytes() == (tmp_path / "two" / "blocks" / name).read_bytes()
    assert one.draws.equals(two.draws)
    for name in names[3:11]:
        (tmp_path / "two" / "blocks" / name).unlink()
    again = stress(kept(), 2021, draws=60, seed=3, out=tmp_path / "two")
    assert again.draws.equals(one.draws)
    assert not stress(kept(), 2021, draws=60, seed=4).draws.equals(one.draws)
    with pytest.raises(ba.CaseError, match="holds the blocks of another run"):
        stress(kept(), 2021, draws=60, seed=4, out=tmp_path / "two")


def test_no_cluster_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "ANSWERS", "1s")
    with pytest.raises(ba.SolveError, match="no Dask scheduler answers"):
        stress(kept(), 2021, draws=20, dask="tcp://127.0.0.1:9")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["shutt"], "no event 'shutt'"),
        (["closed:nowhere"], "there is no 'nowhere' to be closed"),
        (["open:rail"], "'open' is nothing that can be done"),
        (["half:rail"], "nothing of 'rail' has a capacity"),
        (["closed:rail@soon"], "says no days"),
        (["closed:rail@-3"], "says no days"),
        (["shut", "shut"], "asked for twice"),
    ],
)
def test_words_that_say_nothing_are_named(words: list[str], rule: str) -> None:
    with pytest.raises(ba.CaseError) as caught:
        spells_of(kept(), words)
    assert rule in str(caught.value)
    assert all(found.remedy for found in caught.value.findings)


@pytest.mark.parametrize("days", [0.0, -3.0, math.nan, math.inf])
def test_days_that_are_none_are_named(days: float) -> None:
    with pytest.raises(ba.CaseError, match="days are none"):
        spells_of(kept(), ["shut"], days)


def test_changes_of_a_case_are_kept_with_its_draws() -> None:
    changed = kept().with_({"links": {"rail": {"usd_per_t": 12}}})
    risk = stress(changed, 2021, draws=20)
    assert [change[:3] for change in risk.settings["changes"]] == [["links", "rail", "usd_per_t"]]
    assert stress(kept(), 2021, draws=20).settings["changes"] == []


def test_words_close_rows_places_corridors_and_say_how_long(tmp_path: Path) -> None:
    case = two_routes(tmp_path, links=[{**RAIL, "capacity_kt": 1000}, ROAD])
    changed, spells = spells_of(case, ["closed:rail", "shut", "half:rail@10", "closed:A@5"], 30)
    assert [one.days for one in spells] == [30, 30, 10, 5]
    effects = changed.table("effects").set_index("cause")
    assert effects.loc["half:rail", "value"] == 0.5
    assert set(effects.loc[["closed:A"], "rows"]) == {"rail", "road"}
    scene = Scene(changed, 2021, {one.event.id: one.event for one in spells})
    assert np.isnan(scene.state({"closed:A": 1.0}).composite).all()
    assert spells_of(case, ["closed:rail"])[1][0].days == 90


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"draws": 0}, "must be at least 1"),
        ({"demand_spread": 0.5}, "must be at least 1"),
        ({"events": ["never"]}, "has no chance_per_year"),
        ({"events": ["nobody"]}, "no event 'nobody'"),
        ({"projects": ["P99"]}, "no project 'P99'"),
        ({"sea": True}, "says where the sea stands"),
        ({"events": []}, "nothing to draw"),
    ],
)
def test_what_makes_no_sense_is_said(tmp_path: Path, asked: dict[str, Any], rule: str) -> None:
    case = two_routes(tmp_path, events=[SHUT, {"id": "never", "begins": ""}])
    with pytest.raises(ba.BactrianError, match=rule):
        stress(case, 2021, **{"draws": 20, **asked})

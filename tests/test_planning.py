"""Plans: values solved by hand, programmes against all there are, bounds against every set, rules that conflict."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.design.programme import Programme
from bactrian.planning import Plan, Rules, Terms, Worth, appraise, field_of, in_company, plan, worth_of
from bactrian.planning.bound import Priced, bound_of
from bactrian.planning.ceiling import ceiling
from bactrian.planning.check import certify_plan
from bactrian.planning.robust import Futures, conditional_mean, robust_plan
from bactrian.planning.rules import menu_of
from bactrian.planning.search import Found, search
from bactrian.planning.stage import subsets
from bactrian.planning.terms import Cash
from bactrian.planning.worth import reference_of_plan
from small import Rows, small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10}
ROAD = {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20}
CUT = {"id": "cut", "cause": "cut", "table": "links", "rows": "rail", "column": "usd_per_t", "operation": "add"}
PROJECT = {"capex_musd": 1, "build_years": 1, "life_years": 40}


def one_project(folder: Path, **cells: Any) -> ba.Case:
    """A line that costs 20 USD/t in all and carries 100 kt; a project makes it 5 USD/t cheaper."""
    return small_case(
        folder,
        links=[RAIL],
        projects=[{"id": "cut", **PROJECT, **cells}],
        effects=[{**CUT, "value": -5}],
    )


def worth(case: ba.Case, first: int, last: int, **terms: Any) -> Worth:
    field = field_of(case, first)
    return worth_of(case, field, Terms(first, last, **terms), reference_of_plan(case, first))


def test_value_of_one_project_by_hand(tmp_path: Path) -> None:
    # works in 2021; 5 USD/t on 100 kt are 0.5 mUSD in each of 2022 to 2025; 36 of 40 years of the asset are left
    found = appraise(worth(one_project(tmp_path, operating_musd=0.1), 2021, 2025), {"cut": 2021})
    annuity = sum(1.05**-t for t in range(1, 5))
    assert found.benefit == pytest.approx(0.5 * annuity, rel=1e-9)
    assert found.capital == 1
    assert found.operating == pytest.approx(0.1 * annuity, rel=1e-12)
    assert found.residual == pytest.approx(0.9 * 1.05**-4, rel=1e-12)
    assert found.value == pytest.approx(0.4 * annuity - 1 + 0.9 * 1.05**-4, rel=1e-9)
    assert found.ratio == pytest.approx((0.5 * annuity + 0.9 * 1.05**-4) / (1 + 0.1 * annuity), rel=1e-9)
    rate = found.internal_rate
    assert -1 + 0.4 * sum((1 + rate) ** -t for t in range(1, 5)) + 0.9 * (1 + rate) ** -4 == pytest.approx(0, abs=1e-9)
    assert found.first_year_rate == pytest.approx(0.5 / 1.05, rel=1e-9)
    assert found.years["net"].tolist() == pytest.approx([-1, 0.4, 0.4, 0.4, 0.4 + 0.9], rel=1e-9)


def test_an_asset_whose_life_ends_is_bought_anew(tmp_path: Path) -> None:
    # open in 2022 for two years, bought anew in 2024, of which one year is left after 2024, none after 2025
    case = one_project(tmp_path, life_years=2)
    assert worth(case, 2021, 2024).cost({"cut": 2021}) == pytest.approx(1 + 1.05**-3 - 0.5 * 1.05**-3, rel=1e-12)
    assert worth(case, 2021, 2025).cost({"cut": 2021}) == pytest.approx(1 + 1.05**-3, rel=1e-12)


def test_gain_with_demand_that_answers_is_the_area_under_it(tmp_path: Path) -> None:
    # the cost falls from 20 to 15: demand grows to 100 (15/20)^-0.5, the area is 100 * 20 * 2 (1 - (3/4)^0.5)
    case = small_case(
        tmp_path, links=[RAIL], commodities=[{"id": "goods", "cost_elasticity": -0.5}],
        projects=[{"id": "cut", **PROJECT, "build_years": 0}], effects=[{**CUT, "value": -5}],
    )  # fmt: skip
    stage = worth(case, 2021, 2021).stages[2021]
    gain = stage.gain(frozenset(["cut"]))
    assert float(gain.shippers[0]) == pytest.approx(100 * 20 * 2 * (1 - 0.75**0.5) / 1000, rel=1e-9)
    assert float(gain.kt[0]) == pytest.approx(100 * 0.75**-0.5, rel=1e-9)


def test_a_lower_price_that_is_forgone_is_no_gain(tmp_path: Path) -> None:
    # 5 USD/t are given up on 100 kt: shippers gain 0.5 mUSD, the row's country bears it
    case = small_case(
        tmp_path, links=[RAIL], projects=[{"id": "cut", **PROJECT}], effects=[{**CUT, "value": -5, "forgone": "yes"}]
    )
    one = worth(case, 2021, 2025)
    found = appraise(one, {"cut": 2021})
    assert found.benefit == pytest.approx(0, abs=1e-9)
    assert found.countries.loc["X", "forgone"] == pytest.approx(0.5 * sum(1.05**-t for t in range(1, 5)), rel=1e-9)
    assert certify_plan(one, {"cut": 2021}, one.value({"cut": 2021})).holds


def test_goods_that_could_not_move_are_worth_their_value(tmp_path: Path) -> None:
    link = {**RAIL, "opens": 2500}
    effects = [{**CUT, "column": "opens", "operation": "set", "value": 2500}]
    case = small_case(tmp_path, links=[link], projects=[{"id": "cut", **PROJECT, "build_years": 0}], effects=effects)
    one = worth(case, 2021, 2021)
    assert one.at(2021, frozenset(["cut"])) == pytest.approx(100 * 1000 / 1000, rel=1e-9)  # kt USD/t, in mUSD
    assert certify_plan(one, {"cut": 2021}, one.value({"cut": 2021})).holds


def test_a_row_not_yet_open_that_a_project_closes_stays_shut(tmp_path: Path) -> None:
    links = [RAIL, {**RAIL, "id": "later", "usd_per_t": 1, "opens": 2030}]
    effects = [{**CUT, "value": -5}, {**CUT, "id": "end", "rows": "later", "column": "closes", "operation": "set",
                                      "value": 2500}]  # fmt: skip
    case = small_case(tmp_path, links=links, projects=[{"id": "cut", **PROJECT}], effects=effects)
    one = worth(case, 2021, 2025)
    assert one.at(2025, frozenset(["cut"])) == pytest.approx(0.5, rel=1e-9)
    assert certify_plan(one, {"cut": 2021}, one.value({"cut": 2021})).holds


def test_what_nobody_builds_opens_nothing(tmp_path: Path) -> None:
    links = [RAIL, {**RAIL, "id": "later", "usd_per_t": 1, "opens": 2023}]
    effects = [{**CUT, "value": -5}, {**CUT, "id": "open", "cause": "other", "rows": "later", "column": "opens",
                                      "operation": "set", "value": 2023}]  # fmt: skip
    projects = [{"id": "cut", **PROJECT}, {"id": "other", "status": "proposed", "opens": 2023}]
    case = small_case(tmp_path, links=links, projects=projects, effects=effects)
    assert worth(case, 2021, 2025).at(2025, frozenset(["cut"])) == pytest.approx(0.5, rel=1e-9)


def test_a_future_that_names_a_candidate_leaves_it_to_the_plan(tmp_path: Path) -> None:
    case = small_case(
        tmp_path, links=[RAIL], projects=[{"id": "cut", **PROJECT}], effects=[{**CUT, "value": -5}],
        scenarios=[{"id": "built", "causes": "cut"}],
    )  # fmt: skip
    one = worth_of(case, field_of(case, 2021), Terms(2021, 2025), None, "built")
    assert one.stages[2025].nothing.composite[0] == pytest.approx(20, rel=1e-9)
    assert one.at(2025, frozenset(["cut"])) == pytest.approx(0.5, rel=1e-9)


# -- a small world of several projects --------------------------------------------------------------

LINKS = [
    {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10, "capacity_kt": 130},
    {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 25, "capacity_kt": 90},
    {"id": "AC", "from": "A", "to": "C", "time_h": 4, "usd_per_t": 6, "capacity_kt": 60},
    {"id": "CB", "from": "C", "to": "B", "time_h": 7, "usd_per_t": 6, "capacity_kt": 70},
    {"id": "new", "from": "A", "to": "B", "time_h": 6, "usd_per_t": 9, "capacity_kt": 50, "opens": 2500},
]
GOODS: Rows = [
    {"id": "goods", "cost_elasticity": -0.6},
    {"id": "gold", "value_of_time_usd_per_t_h": 4, "scale_per_usd_t": 0.05, "cost_elasticity": -0.3},
]
DEMAND: Rows = [
    {"id": "o-d", "origin": "o", "destination": "d", "kt": 150},
    {"id": "gold", "origin": "o", "destination": "d", "commodity": "gold", "kt": 60},
]
KINDS = {
    "wider": {"rows": "rail", "column": "capacity_kt", "operation": "add", "value": 60},
    "faster": {"rows": "rail", "column": "time_h", "operation": "multiply", "value": 0.7},
    "first": {"rows": "AC", "column": "capacity_kt", "operation": "multiply", "value": 2.5},
    "second": {"rows": "CB", "column": "capacity_kt", "operation": "multiply", "value": 2.5},
    "new": {"rows": "new", "column": "opens", "operation": "set", "value": 2500},
    "cheaper": {"rows": "road AC", "column": "usd_per_t", "operation": "multiply", "value": 0.8},
    "more": {"rows": "rail new", "column": "capacity_kt", "operation": "multiply", "value": 1.5},
}


def world(folder: Path, names: list[str], capex: list[float], money: float = 1.0, **cells: Any) -> ba.Case:
    """Projects `names` of KINDS with their costs, in a world whose money is worth 1/`money`."""
    priced = ("usd_per_t", "usd_per_teu")
    links = [{**one, "usd_per_teu": 100} for one in LINKS]
    links = [{key: value * money if key in priced else value for key, value in one.items()} for one in links]
    goods = [
        {"value_of_time_usd_per_t_h": 1, "scale_per_usd_t": 0.1, "value_usd_per_t": 1000, "standing_usd_per_t_h": 0.05}
        | one
        for one in GOODS
    ]
    for one in goods:
        for column in ("value_of_time_usd_per_t_h", "standing_usd_per_t_h", "value_usd_per_t"):
            one[column] *= money
        one["scale_per_usd_t"] /= money
    places = [{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lat": 1}]
    projects = [
        {"id": name, "capex_musd": cost * money, "build_years": 1, "life_years": 20, **cells}
        for name, cost in zip(names, capex, strict=True)
    ]
    effects = [{"id": name, "cause": name, "table": "links", **KINDS[name]} for name in names if name in KINDS]
    return small_case(
        folder, links=links, places=places, commodities=goods, demand=DEMAND, projects=projects, effects=effects
    )


@pytest.fixture
def made() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


def programmes(menu: Any) -> Iterator[dict[str, int]]:
    """Every programme that keeps to the rules."""
    starts: dict[str, list[int | None]] = {}
    for name, start in menu.choices:
        starts.setdefault(name, [None]).append(start)
    for chosen in itertools.product(*starts.values()):
        one = {name: start for name, start in zip(starts, chosen, strict=True) if start is not None}
        if not menu.breaks(one):
            yield one


some_projects = st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=4, unique=True)
costs = st.lists(st.floats(0.05, 8), min_size=4, max_size=4)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=some_projects, capex=costs, share=st.floats(0.2, 1.2))
def test_the_programme_found_is_the_best_of_all(names: list[str], capex: list[float], share: float) -> None:
    with TemporaryDirectory() as folder:
        one = worth(world(Path(folder), names, capex[: len(names)]), 2021, 2024, step=1)
        budget = share * sum(capex[: len(names)])
        menu = menu_of(one.field, one.terms, Rules(budget))
        found = search(one, menu)
        best = max(one.value(each) for each in programmes(menu))
        assert found.value == pytest.approx(best, rel=1e-9, abs=1e-9)
        assert found.value == pytest.approx(one.value(found.starts), rel=1e-12)
        assert not menu.breaks(found.starts)
        assert certify_plan(one, found.starts, found.value).holds
        assert bound_of(one, menu, found.starts).value >= found.value - 1e-6
        top = ceiling(one, menu, found)
        assert top is not None
        assert top.value >= found.value
        assert found.value == pytest.approx(best, rel=1e-9, abs=1e-9)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=some_projects, capex=costs, carbon=st.sampled_from([0.0, 100.0]))
def test_no_set_gains_more_than_any_cut_allows(names: list[str], capex: list[float], carbon: float) -> None:
    with TemporaryDirectory() as folder:
        one = worth(world(Path(folder), names, capex[: len(names)]), 2021, 2021, carbon_usd_per_t=carbon)
        stage = one.stages[2021]
        priced = Priced(stage, carbon)
        for at in (frozenset[str](), frozenset(names[:1]), frozenset(names)):
            cuts = priced.cuts(priced.prices(at))
            for place in subsets(names):
                cut = cuts(place)
                for open_ in subsets(names):
                    assert cut.allows(open_) >= one.at(2021, open_) - 1e-7


def test_no_cut_forgets_pairs_that_a_project_joins(made: Path) -> None:
    # of two links to C each does alone
    links = [RAIL, *(
        {**RAIL, "id": one, "to": "C", "opens": 2500, "time_h": hours} for one, hours in (("one", 5), ("two", 9))
    )]  # fmt: skip
    effects = [
        {"id": one, "cause": one, "table": "links", "rows": one, "column": "opens", "operation": "set", "value": 2500}
        for one in ("one", "two")
    ]
    case = small_case(
        made, links=links, places=[{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lat": 1}],
        zones=[{"id": "o"}, {"id": "d"}, {"id": "e"}],
        access=[{"id": f"{zone}-{place}", "zone": zone, "place": place} for zone, place in ("oA", "dB", "eC")],
        demand=[*DEMAND[:1], {"id": "o-e", "origin": "o", "destination": "e", "kt": 20}],
        projects=[{"id": one, **PROJECT} for one in ("one", "two")], effects=effects,
    )  # fmt: skip
    one = worth(case, 2021, 2021)
    priced = Priced(one.stages[2021])
    cuts = priced.cuts(priced.prices(frozenset()))
    assert one.at(2021, frozenset(["one"])) >= 20
    for place, open_ in itertools.product(subsets(["one", "two"]), repeat=2):
        assert cuts(place).allows(open_) >= one.at(2021, open_) - 1e-9


def test_no_cut_forgets_that_cutting_off_cheap_goods_frees_a_link(made: Path) -> None:
    # 39 of 99 kt on a link for 100 are worth 1 USD/t; without them the other 60 kt wait for 200 h less
    links = [{**RAIL, "capacity_kt": 100}, {**RAIL, "id": "on", "from": "B", "to": "C"}]
    case = small_case(
        made, links=links, places=[{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lat": 1}],
        zones=[{"id": "o"}, {"id": "d"}, {"id": "e"}],
        access=[{"id": f"{zone}-{place}", "zone": zone, "place": place} for zone, place in ("oA", "dB", "eC")],
        commodities=[{"id": "goods"}, {"id": "sand", "value_usd_per_t": 1, "value_of_time_usd_per_t_h": 0.2}],
        demand=[{"id": "o-d", "origin": "o", "destination": "d", "kt": 60},
                {"id": "o-e", "origin": "o", "destination": "e", "commodity": "sand", "kt": 39}],
        projects=[{"id": "cut", **PROJECT}],
        effects=[{**CUT, "rows": "on", "column": "closes", "operation": "set", "value": 2500}],
    )  # fmt: skip
    one = worth(case, 2021, 2021)
    priced = Priced(one.stages[2021])
    assert one.at(2021, frozenset(["cut"])) > 10
    for at in subsets(["cut"]):
        cuts = priced.cuts(priced.prices(at))
        for place, open_ in itertools.product(subsets(["cut"]), repeat=2):
            assert one.at(2021, open_) - 1e-9 <= cuts(place).allows(open_) <= 15


def test_a_way_opened_beside_one_that_may_be_shut_is_bounded(made: Path) -> None:
    links = [RAIL, {**RAIL, "id": "new", "time_h": 5, "opens": 2500}]
    effects = [{**CUT, "id": one, "cause": one, "rows": row, "column": column, "operation": "set", "value": 2500}
               for one, row, column in (("shut", "rail", "closes"), ("new", "new", "opens"))]  # fmt: skip
    case = small_case(made, links=links, projects=[{"id": one, **PROJECT} for one in ("shut", "new")], effects=effects)
    one = worth(case, 2021, 2024)
    menu = menu_of(one.field, one.terms, Rules())
    found = search(one, menu)
    assert set(found.starts) == {"new"}
    assert found.value - 1e-9 <= bound_of(one, menu, {}).value < math.inf


def test_a_ceiling_is_found_where_a_project_that_hurts_must_be_built(made: Path) -> None:
    # one project makes the line 90 USD/t dearer, another takes that back
    projects = [{"id": one, **PROJECT, "build_years": 0} for one in ("dearer", "cheaper")]
    effects = [
        {**CUT, "id": one, "cause": one, "operation": "multiply", "value": value}
        for one, value in (("dearer", 10), ("cheaper", 0.1))
    ]
    demand = [{"id": "o-d", "origin": "o", "destination": "d", "kt": 200}]
    case = small_case(made, links=[RAIL], demand=demand, projects=projects, effects=effects)
    one = worth(case, 2021, 2023, step=1)
    menu = menu_of(one.field, one.terms, Rules(build={"dearer": None}, never=frozenset(["cheaper"])))
    found = Found({"dearer": 2021}, one.value({"dearer": 2021}))
    top = ceiling(one, menu, found)
    assert found.starts == {"dearer": 2023}  # the later, the better
    assert top is not None
    assert top.value == pytest.approx(found.value, rel=1e-3)


def test_time_up_before_a_pick_breaks_no_rule(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = worth(world(made, list(KINDS), [1] * len(KINDS)), 2021, 2024)
    menu = menu_of(one.field, one.terms, Rules(2.5))
    solve = Programme.solve

    def none_in_time(self: Programme, **how: Any) -> Any:
        return replace(solve(self, **how), values=None) if "time_limit_s" in how else solve(self, **how)

    monkeypatch.setattr(Programme, "solve", none_in_time)
    assert not menu.breaks(search(one, menu).starts)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=some_projects, capex=costs)
def test_more_budget_never_lowers_the_value(names: list[str], capex: list[float]) -> None:
    with TemporaryDirectory() as folder:
        one = worth(world(Path(folder), names, capex[: len(names)]), 2021, 2023, step=1)
        whole = sum(capex[: len(names)])
        values = [
            search(one, menu_of(one.field, one.terms, Rules(share * whole))).value for share in (0, 0.25, 0.5, 0.75, 1)
        ]
        assert values[0] == 0
        assert all(more >= less - 1e-9 for less, more in itertools.pairwise(values))


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=some_projects, capex=costs)
def test_doubling_all_money_doubles_all_values(names: list[str], capex: list[float]) -> None:
    found = []
    for money in (1.0, 2.0):
        with TemporaryDirectory() as folder:
            case = world(Path(folder), names, capex[: len(names)], money)
            found.append(plan(case, 2021, 2023, 0.6 * sum(capex[: len(names)]) * money, step=1))
    once, twice = found
    assert twice.value == pytest.approx(2 * once.value, rel=1e-7, abs=1e-9)
    assert twice.starts == once.starts
    assert twice.bound.value == pytest.approx(2 * once.bound.value, rel=1e-2)
    net = [one.appraisal().countries["net"].sum() for one in found]
    assert net[1] == pytest.approx(2 * net[0], rel=1e-7, abs=1e-9)


def test_a_project_without_effect_is_never_built(made: Path) -> None:
    effects = [
        {"id": "none", "cause": "none", "table": "links", "rows": "rail", "column": "capacity_kt", "operation": "add",
         "value": 0},
        {"id": "wider", "cause": "wider", "table": "links", **KINDS["wider"]},
    ]  # fmt: skip
    for capex in (0, 1):
        projects = [{"id": "none", **PROJECT, "capex_musd": capex}, {"id": "wider", **PROJECT}]
        links = [{**one, "usd_per_teu": 100} for one in LINKS]
        places = [{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lat": 1}]
        case = small_case(
            made, links=links, places=places, commodities=GOODS, demand=DEMAND, projects=projects, effects=effects
        )
        assert set(plan(case, 2021, 2024).starts) == {"wider"}


def test_two_halves_of_a_way_are_built_together(made: Path) -> None:
    # neither link of a way in two parts is of use without the other
    links = [RAIL, *({**RAIL, "id": one, "from": one[0], "to": one[1], "time_h": 1, "usd_per_t": 1, "opens": 2500}
                     for one in ("AC", "CB"))]  # fmt: skip
    effects = [
        {"id": one, "cause": one, "table": "links", "rows": one, "column": "opens", "operation": "set", "value": 2500}
        for one in ("AC", "CB")
    ]
    others = [{"id": f"idle{at}", **PROJECT, "capex_musd": 5} for at in range(6)]
    dear = [{**CUT, "id": one["id"], "cause": one["id"], "value": -0.001} for one in others]
    case = small_case(
        made, links=links, places=[{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lat": 1}],
        projects=[{"id": "AC", **PROJECT}, {"id": "CB", **PROJECT}, *others], effects=[*effects, *dear],
    )  # fmt: skip
    assert set(plan(case, 2021, 2026).starts) == {"AC", "CB"}


# -- rules ------------------------------------------------------------------------------------------


def conflict(case: ba.Case, rules: Rules, last: int = 2024) -> str:
    with pytest.raises(ba.SolveError) as caught:
        plan(case, 2021, last, rules=rules)
    return str(caught.value)


def test_rules_that_conflict_are_named_and_no_others(made: Path) -> None:
    case = world(made, ["wider", "new", "faster"], [3, 4, 1])
    told = conflict(case, Rules(5, build={"wider": None, "new": None}, never=frozenset(["faster"])))
    assert "budget of 5 mUSD" in told
    assert "build wider" in told
    assert "build new" in told
    assert "faster" not in told
    told = conflict(case, Rules(build={"new": None}, never=frozenset(["new"])))
    assert told.endswith("build new; never build new")
    told = conflict(case, Rules(at_least=((2, ("wider", "new")),), at_most=((1, ("wider", "new", "faster")),)))
    assert "at least 2 of wider new" in told
    assert "at most 1 of wider new faster" in told
    told = conflict(case, Rules(periods=((2021, 2024, 2.0),), build={"wider": 2022}))
    assert "budget of 2 mUSD for 2021-2024" in told
    assert "build wider from 2022" in told
    told = conflict(case, Rules(build={"wider": 2024}))
    assert "works can begin in 2021-2023" in told


def test_needs_and_bars_of_the_case_conflict_with_what_is_asked(made: Path) -> None:
    case = world(made, ["wider", "new"], [3, 4]).with_({"projects": {"new": {"requires": "wider"}}})
    told = conflict(case, Rules(build={"new": None}, never=frozenset(["wider"])))
    assert "new requires wider" in told
    assert "never build wider" in told
    barred = world(made, ["wider", "new"], [3, 4]).with_({"projects": {"new": {"excludes": "wider"}}})
    told = conflict(barred, Rules(build={"new": None, "wider": None}))
    assert "new excludes wider" in told
    there = {"projects": {"new": {"excludes": "wider", "status": "under_construction", "opens": 2022}}}
    told = conflict(world(made, ["wider", "new"], [3, 4]).with_(there), Rules(build={"wider": None}))
    assert "wider excludes new, which is there" in told


def test_what_is_required_opens_no_later(made: Path) -> None:
    case = world(made, ["wider", "new"], [0.1, 0.1]).with_(
        {"projects": {"new": {"requires": "wider"}, "wider": {"build_years": 2}}}
    )
    found = plan(case, 2021, 2025, step=1)
    assert found.starts["new"] + 1 >= found.starts["wider"] + 2


def test_budgets_per_period_and_country_hold(made: Path) -> None:
    case = world(made, ["wider", "new", "faster"], [1, 1, 1], owners="X:0.25 Y:0.75")
    free = plan(case, 2021, 2024, step=1)
    assert sum(start == 2021 for start in free.starts.values()) >= 2
    tight = plan(case, 2021, 2024, rules=Rules(periods=((2021, 2022, 1.0),)), step=1)
    assert sum(start <= 2022 for start in tight.starts.values()) <= 1
    assert tight.value < free.value
    poor = plan(case, 2021, 2024, rules=Rules(countries={"Y": 0.8}), step=1)
    assert len(poor.starts) == 1


def test_decisions_that_are_pinned_are_kept(made: Path) -> None:
    case = world(made, ["wider", "new"], [50, 1])
    assert "wider" not in plan(case, 2021, 2024).starts
    pinned = plan(case, 2021, 2024, rules=Rules(build={"wider": 2022}))
    assert pinned.starts["wider"] == 2022
    assert pinned.value < 0


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules(-1), "a budget must be a sum of money of at least 0"),
        (Rules(math.nan), "a budget must be a sum of money of at least 0"),
        (Rules(build={"nothing": None}), "a rule names 'nothing', which is no candidate: not in the case"),
        (Rules(periods=((2010, 2012, 1.0),)), "the period 2010-2012 is not within the plan, 2021-2024"),
        (Rules(countries={"Z": 1.0}), "a budget for 'Z', which owns no candidate; owners are X"),
        (Rules(at_most=((-1, ("wider",)),)), "a group needs a number of at least 0"),
    ],
)
def test_rules_on_what_there_is_not(made: Path, rules: Rules, said: str) -> None:
    assert said in conflict(world(made, ["wider"], [1]), rules)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first": 2030, "last": 2020}, "cannot plan 2030 to 2020"),
        ({"discount": 1.5}, "a discount rate of 1.5 makes no sense"),
        ({"projects": ["P999"]}, "no project 'P999' in the case"),
        ({"first": "2021"}, "years are whole numbers such as 2026"),
        ({"step": 2.5}, "years are whole numbers such as 2026"),
        ({"carbon_usd_per_t": math.inf}, "the price of carbon must be a sum of money of at least 0"),
        ({"frontier": [math.nan, 1]}, "a budget must be a sum of money of at least 0"),
        ({"frontier": [-1, 1]}, "a budget must be a sum of money of at least 0"),
        ({"frontier": [0.5, 0.2], "rules": Rules(build={"wider": None})}, "build wider"),
        ({"robust": True}, "no futures to stand up to"),
        ({"rules": Rules(at_most=((math.nan, ("wider",)),))}, "a group needs a number of at least 0"),  # type: ignore[arg-type]
        ({"time_limit_s": 0}, "the time limit must be above 0"),
        ({"within": 2}, "alternatives within 2 of the value make no sense"),
        ({"scenario": "P999"}, "no scenario 'P999'; name one of"),
    ],
)
def test_terms_that_make_no_sense(made: Path, given: dict[str, Any], said: str) -> None:
    case = world(made, ["wider"], [1])
    with pytest.raises(ba.BactrianError) as caught:
        plan(case, **{"first": 2021, "last": 2024, **given})
    assert said in str(caught.value)


def test_nothing_to_decide_is_said(made: Path) -> None:
    with pytest.raises(ba.SolveError, match="there is nothing to decide"):
        plan(world(made, [], []), 2021, 2024)


def test_what_cannot_open_within_the_plan_is_not_built(made: Path) -> None:
    case = world(made, ["wider", "new"], [0.1, 0.1]).with_({"projects": {"new": {"build_years": 9}}})
    found = plan(case, 2021, 2024)
    assert set(found.starts) == {"wider"}
    assert "new" in found.alternatives.never


def test_an_effect_that_a_plan_cannot_value_is_named(made: Path) -> None:
    case = world(made, ["wider"], [1])
    more = {"id": "rich", "cause": "wider", "table": "zones", "rows": "o", "column": "gdp_growth_percent",
            "operation": "add", "value": 1}  # fmt: skip
    with pytest.raises(ba.SolveError, match="row 'rich': a plan cannot value a change of gdp_growth_percent in zones"):
        plan(case.with_({"effects": {"rich": {key: value for key, value in more.items() if key != "id"}}}), 2021, 2024)


def test_an_effect_on_an_empty_cell_is_told_before_the_search(made: Path) -> None:
    effects = [{**CUT, "column": "capacity_kt", "value": 5}]
    case = small_case(made, links=[RAIL], projects=[{"id": "cut", **PROJECT}], effects=effects)
    with pytest.raises(ba.CaseError, match="column capacity_kt: empty, so cut cannot change it; remedy: enter one"):
        worth(case, 2021, 2021)


def test_a_ceiling_with_no_time_left_tries_no_more_than_the_largest_sets(made: Path) -> None:
    one = worth(world(made, list(KINDS), [1] * len(KINDS)), 2021, 2021)
    top = ceiling(one, menu_of(one.field, one.terms, Rules()), Found({}, 0.0), until=0.0)
    assert top is not None
    assert one.tried <= 2


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("factor", lambda terms, year: 1.0499 ** -(year - terms.first)),
        ("weights", lambda terms, year: dict.fromkeys(terms.model_years, 1.01 / len(terms.model_years))),
        ("opening", lambda _, candidate, start: start + candidate.build_years + 1),
        ("cash", lambda terms, candidate, _: Cash(np.zeros(len(terms.years)), np.zeros(len(terms.years)), 0.0)),
    ],
)
def test_the_certificate_sees_wrong_terms(
    made: Path, monkeypatch: pytest.MonkeyPatch, name: str, wrong: Callable[..., Any]
) -> None:
    one = worth(world(made, ["wider", "new"], [1, 2]), 2021, 2025, step=2)
    starts = {"wider": 2021, "new": 2022}
    assert certify_plan(one, starts, one.value(starts), anew=False).holds
    monkeypatch.setattr(Terms, name, wrong)
    assert not certify_plan(one, starts, one.value(starts), anew=False).holds


# -- the whole answer -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    names = ["wider", "faster", "first", "second", "new", "cheaper", "more"]
    case = world(tmp_path_factory.mktemp("world"), names, [1, 2, 0.5, 0.5, 1.5, 3, 30])
    return plan(case, 2021, 2026, 6.0, step=2, frontier=True)


def test_the_plan_says_how_good_it_is(whole: Plan) -> None:
    assert whole.certificate.holds
    assert whole.bound.value >= whole.value
    assert whole.ceiling is not None
    assert whole.value <= whole.ceiling.value <= whole.value * 1.05
    assert whole.ended == "local optimum"
    assert whole.appraisal().value == pytest.approx(whole.value, rel=1e-9)
    table = whole.appraisal()
    assert table.countries["net"].sum() == pytest.approx(whole.value, rel=1e-9)
    assert table.commodities["gain"].sum() == pytest.approx(table.benefit, rel=1e-9)


def test_search_finds_the_best_of_all_programmes_of_seven(whole: Plan) -> None:
    one, menu = whole.worth, whole.menu
    costs = {choice: one.cost(dict([choice])) for choice in menu.choices}
    first = {name: 2021 for name, _ in menu.choices}
    best = max(
        one.value({name: first[name] for name in some})
        for some in subsets(first)
        if not menu.breaks({name: first[name] for name in some})
    )
    assert costs
    assert whole.value >= best - 1e-9  # those that begin at once are a part of all


def test_alternatives_are_what_they_say(whole: Plan) -> None:
    told = whole.alternatives
    assert told.programmes[0][0] == whole.starts
    for starts, value in told.programmes:
        assert value >= whole.value - 0.02 * abs(whole.value)
        assert whole.worth.value(starts) == pytest.approx(value, rel=1e-9)
        assert not whole.menu.breaks(starts)
        assert set(told.always) <= set(starts)
        assert not set(told.never) & set(starts)
    assert set(told.always) | set(told.sometimes) | set(told.never) == set(whole.field.candidates)
    for name in told.always:
        assert math.isnan(told.without[name]) or told.without[name] < whole.value * 0.98


def test_the_frontier_never_falls_and_says_where_projects_enter(whole: Plan) -> None:
    curve = whole.frontier
    assert curve is not None
    values = [point.value for point in curve.points]
    assert values == sorted(values)
    for point in curve.points:
        assert point.capital <= point.budget * (1 + 1e-9)
    for name, budget in curve.enters.items():
        assert all(name in point.starts for point in curve.points if point.budget >= budget)


def test_company_of_projects_adds_up_for_one(made: Path) -> None:
    one = worth(world(made, ["wider"], [1]), 2021, 2024)
    table = in_company(one, {"wider": 2021})
    value = one.value({"wider": 2021})
    assert table[["put_in_musd", "take_out_musd"]].to_numpy().tolist() == [[pytest.approx(value), pytest.approx(value)]]


def test_same_bytes_twice(made: Path) -> None:
    case = world(made, ["wider", "new", "faster"], [1, 2, 0.5])
    once, again = plan(case, 2021, 2025, 2.5), plan(case, 2021, 2025, 2.5)
    assert (once.starts, once.value, once.bound.value) == (again.starts, again.value, again.bound.value)
    assert once.ceiling == again.ceiling or once.ceiling.value == again.ceiling.value  # type: ignore[union-attr]


def test_time_up_gives_the_best_found(made: Path) -> None:
    found = plan(world(made, list(KINDS), [1] * len(KINDS)), 2021, 2030, time_limit_s=1e-3)
    assert found.ended == "time limit"
    assert found.value >= 0
    assert found.certificate.holds


def test_regret_and_the_mean_of_the_worst(made: Path) -> None:
    scenarios = [{"id": "as_is", "chance": 3}, {"id": "no_road", "chance": 1}]
    effects = [
        *({"id": name, "cause": name, "table": "links", **KINDS[name]} for name in ("wider", "new")),
        {"id": "shut", "cause": "no_road", "table": "links", "rows": "road", "column": "usd_per_t", "operation": "add",
         "value": 60},
    ]  # fmt: skip
    links = [{**one, "usd_per_teu": 100} for one in LINKS]
    case = small_case(
        made, links=links, places=[{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lat": 1}], commodities=GOODS,
        demand=DEMAND, projects=[{"id": "wider", **PROJECT}, {"id": "new", **PROJECT, "capex_musd": 4}],
        effects=effects, scenarios=scenarios,
    )  # fmt: skip
    told = plan(case, 2021, 2025, robust=True).robust
    assert told is not None
    assert told.chances.to_dict() == {"as_is": 0.75, "no_road": 0.25}
    for name, row in told.values.iterrows():
        assert told.scores.loc[name, "expected"] == pytest.approx(0.75 * row["as_is"] + 0.25 * row["no_road"])
        assert told.scores.loc[name, "worst_mean"] == pytest.approx(row.min(), rel=1e-9)  # a fifth is in the worst
    assert told.scores["regret"].min() >= 0
    assert told.values.loc[told.best["expected"]].to_numpy() @ [0.75, 0.25] == pytest.approx(
        told.scores["expected"].max()
    )


def test_conditional_mean_by_hand() -> None:
    values, chances = np.array([4.0, -2.0, 10.0]), np.array([0.5, 0.1, 0.4])
    assert conditional_mean(values, chances, 0.2) == pytest.approx((0.1 * -2 + 0.1 * 4) / 0.2)
    assert conditional_mean(values, chances, 1.0) == pytest.approx(0.1 * -2 + 0.5 * 4 + 0.4 * 10)


def test_futures_are_means(made: Path) -> None:
    one = worth(world(made, ["wider", "new"], [1, 2]), 2021, 2024)
    both = Futures((one, one), (0.25, 0.75))
    menu = menu_of(one.field, one.terms, Rules())
    assert search(both, menu).value == pytest.approx(search(one, menu).value)
    assert len(robust_plan(both, menu, search(one, menu)).values) >= 1


# -- the built-in case, reduced ---------------------------------------------------------------------


def test_ten_projects_of_the_built_in_case_as_full_enumeration() -> None:
    names = ["P02", "P08", "P12", "P13", "P26", "P34", "P41", "P42", "P46", "P55"]
    case = ba.load("transcaspian")
    demand = case.table("demand")
    others = demand.loc[~demand["commodity"].isin(["electronics", "crude_oil", "grain_and_flour"]), "id"]
    effects = case.table("effects")
    of_trade = effects.loc[effects["table"] == "demand", "id"]
    case = case.with_(
        {
            "demand": dict.fromkeys(others),
            "effects": dict.fromkeys(of_trade),
            "controls": dict.fromkeys(case.table("controls")["id"]),
            "projects": {name: {"build_years": 0} for name in names},
        }
    ).rebased()
    field, terms = field_of(case, 2035, names), Terms(2035, 2035)
    one = worth_of(case, field, terms, reference_of_plan(case, 2035))
    found = {}
    for budget in (150, 700, 2500, 6000, math.inf):
        menu = menu_of(field, terms, Rules(budget))
        found[budget] = search(one, menu)
        ceiling(one, menu, found[budget])
    tried = one.tried
    values = {some: one.value(dict.fromkeys(some, 2035)) for some in subsets(names)}
    assert len(values) == 1024
    assert tried < 300
    for budget, got in found.items():
        menu = menu_of(field, terms, Rules(budget))
        best = max(value for some, value in values.items() if not menu.breaks(dict.fromkeys(some, 2035)))
        assert got.value == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert certify_plan(one, found[2500].starts, found[2500].value, anew=False).holds

"""Goals and what must change for them: closed forms, what cannot be, and the command."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.cli import main
from bactrian.errors import BactrianError, SolveError
from bactrian.goals import Goal, read_elasticity, read_goal, target
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10}
GOODS = {"id": "goods", "cost_elasticity": -0.5, "value_usd_per_t": 2000}


def one_line(folder: Path, **tables: Any) -> ba.Case:
    return small_case(folder, **{"links": [RAIL], "commodities": [GOODS], **tables})


def test_the_cost_of_a_trade_for_a_value_by_hand(tmp_path: Path) -> None:
    # 100 kt at 2000 USD/t are 200 mUSD; for 300 cost must fall to (2/3)^2 of 20 USD/t
    told = target(one_line(tmp_path), Goal(("o", "d"), "value", 300), year=2021)
    assert told.reached
    assert told.factor == pytest.approx(1.5**-2, rel=1e-4)
    assert told.before == pytest.approx(200)
    assert told.after == pytest.approx(300, rel=1e-4)
    assert (told.cost_before, told.cost) == pytest.approx((20, 20 * 1.5**-2), rel=1e-4)
    assert told.flows.certificate.holds


def test_the_price_of_a_line_for_tonnes_by_hand(tmp_path: Path) -> None:
    # 120 kt ask for a cost of 20 / 1.44 = 13.89, of which 10 are time: a price of 3.89
    told = target(one_line(tmp_path), Goal(("o", "d"), "tonnes", 120), "price", ["rail"], year=2021)
    assert told.reached
    assert told.factor == pytest.approx((20 / 1.44 - 10) / 10, rel=1e-3)
    assert told.rows == ("rail",)


def test_the_time_of_a_corridor_by_hand(tmp_path: Path) -> None:
    case = one_line(tmp_path, corridors=[{"id": "line", "marks": "rail"}])
    told = target(case, Goal(("line",), "time", 4), "time", year=2021)
    assert told.reached
    assert told.factor == pytest.approx(0.4, rel=1e-4)


def test_less_can_be_a_goal(tmp_path: Path) -> None:
    told = target(one_line(tmp_path), Goal(("o", "d"), "tonnes", 50), year=2021)
    assert told.factor == pytest.approx(4, rel=1e-4)


def test_a_lever_that_cannot_is_told(tmp_path: Path) -> None:
    # free carriage still costs ten hours: no more than 100 * (20 / 10.5)^0.5
    told = target(one_line(tmp_path), Goal(("o", "d"), "tonnes", 200), "price", year=2021)
    assert not told.reached
    assert told.after == pytest.approx(100 * (20 / 10.5) ** 0.5, rel=1e-6)
    assert told.factor == pytest.approx(0.05)


def test_a_goal_that_is_reached_already_asks_for_nothing(tmp_path: Path) -> None:
    assert target(one_line(tmp_path), Goal(("o", "d"), "tonnes", 100), year=2021).factor == 1


def test_another_elasticity(tmp_path: Path) -> None:
    told = target(one_line(tmp_path), Goal(("o", "d"), "tonnes", 200), year=2021, elasticity=-2)
    assert told.factor == pytest.approx(2**-0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("goal", "changed"),
    [
        (Goal(("o", "d"), "tonnes", 0), {}),
        (Goal(("o", "d"), "tonnes", math.nan), {}),
        (Goal(("o", "nowhere"), "tonnes", 5), {}),
        (Goal(("nowhere",), "tonnes", 5), {}),
        (Goal(("o", "d"), "tonnes", 5), {"lever": "luck"}),
        (Goal(("o", "d"), "tonnes", 5), {"rows": ["air"]}),
        (Goal(("o", "d"), "tonnes", 5), {"elasticity": 1.0}),
        (Goal(("o", "d"), "tonnes", 5), {"year": 1800}),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, goal: Goal, changed: Any) -> None:
    with pytest.raises(BactrianError):
        target(one_line(tmp_path), goal, **{"year": 2021, **changed})


def test_a_goal_that_flows_jump_over_is_not_called_reached(tmp_path: Path) -> None:
    # at more than three times the cost of rail nobody considers the road: some 33 h on average jump to 10
    road = {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 50, "usd_per_t": 9.5}
    goods = [{**GOODS, "scale_per_usd_t": 0.0001}]
    case = one_line(tmp_path, links=[RAIL, road], commodities=goods)
    told = target(case, Goal(("o", "d"), "time", 20), "price", ["road"], year=2021)
    assert not told.reached
    assert abs(told.after / 20 - 1) > 0.1


@pytest.mark.parametrize("elasticity", [0.1, -5.1, math.nan, -math.inf])
def test_an_elasticity_beyond_what_a_case_may_hold_is_refused(tmp_path: Path, elasticity: float) -> None:
    with pytest.raises(SolveError, match="name one from -5 to 0"):
        target(one_line(tmp_path), Goal(("o", "d"), "tonnes", 150), year=2021, elasticity=elasticity)


def words(**given: str) -> dict[str, str | None]:
    return {**dict.fromkeys(("trade", "corridor", "value", "tonnage", "hours")), **given}


def test_goals_from_words() -> None:
    case = ba.load("transcaspian")
    assert read_goal(case, **words(trade="KAZ-TKM", value="1 bn USD")) == Goal(("KAZ", "TKM"), "value", 1000)
    assert read_goal(case, **words(trade="KAZ-W-TKM", tonnage="2 Mt")) == Goal(("KAZ-W", "TKM"), "tonnes", 2000)
    assert read_goal(case, **words(corridor="titr", hours="15 d")) == Goal(("titr",), "time", 360)
    assert read_elasticity(case, "-0.85") == -0.85
    assert read_elasticity(case, None) is None


@pytest.mark.parametrize(
    "given",
    [
        ["--trade", "KAZ-TKM"],
        ["--value", "1 bn USD"],
        ["--trade", "KAZ-TKM", "--corridor", "titr", "--value", "1 bn USD"],
        ["--trade", "KAZ-TKM", "--value", "1 bn USD", "--tonnage", "1 Mt"],
        ["--trade", "KAZ-NIL", "--value", "1 bn USD"],
        ["--trade", "KAZTKM", "--value", "1 bn USD"],
        ["--trade", "KAZ-TKM", "--value", "much"],
        ["--trade", "KAZ-TKM", "--value", "1 bn t"],
        ["--trade", "KAZ-TKM", "--value", "-1 bn USD"],
        ["--corridor", "road", "--tonnage", "1 Mt"],
        ["--trade", "KAZ-TKM", "--value", "1 bn USD", "--elasticity", "high"],
        ["--trade", "KAZ-TKM", "--value", "1 bn USD", "--lever", "luck"],
        ["--trade", "KAZ-TKM", "--value", "1 bn USD", "--year", "1800"],
    ],
)
def test_the_command_says_what_is_wrong(given: list[str]) -> None:
    told = CliRunner().invoke(main, ["target", *given])
    assert told.exit_code == 2, told.output
    assert told.output.strip()
    assert "Traceback" not in told.output


def test_kazakhstan_and_turkmenistan_at_a_billion() -> None:
    asked = ["target", "--trade", "KAZ-TKM", "--value", "1 bn USD", "--year", "2030", "--json"]
    told = json.loads(CliRunner().invoke(main, asked).output)
    assert told["reached"]
    assert told["after"] == pytest.approx(1000, rel=1e-3)
    assert told["cost_usd_per_t"] < told["cost_before_usd_per_t"]
    assert told["certificate"]["holds"]

"""Calibration: derivatives, hand-solved fits, recovery of what is known, and what is wrong."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import bactrian as ba
from bactrian.calibration import calibrate, read_observations
from bactrian.calibration.sensitivity import Model
from bactrian.cli import main
from bactrian.measure import against_counts, counted
from small import small_case

RAIL = {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 10}
ROAD = {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 5, "usd_per_t": 20}
FITTED = {"fit": "yes", "low": -19, "high": 60, "spread": 50, "value": 0}
BY_ROAD = {"id": "by_road", "kind": "cost", "rows": "road", **FITTED}
COUNT = {"id": "by_road", "series": "by_road", "passes": "road", "unit": "kt", "error": 0.01, "use": "fit"}


def observed(**values: float) -> list[dict[str, Any]]:
    return [
        {"id": f"{series}-2021", "series": series, "year": 2021, "value": value, "unit": "kt"}
        for series, value in values.items()
    ]


def test_ways_of_one_corridor_take_from_one_another(tmp_path: Path) -> None:
    # costs 20, 25 and 25; the first two on one corridor with scale 0.1 / 0.3 between them and 0.1 to the third
    sea = {"id": "sea", "from": "A", "to": "B", "mode": "feeder", "time_h": 5, "usd_per_t": 20}
    access = [
        {"id": "o-A", "zone": "o", "place": "A", "modes": "rail road feeder"},
        {"id": "d-B", "zone": "d", "place": "B", "modes": "rail road feeder"},
    ]
    land = [{"id": "land", "marks": "rail road"}]
    flows = ba.run(small_case(tmp_path, links=[RAIL, ROAD, sea], access=access, corridors=land))
    inner = 0.1 / 0.3
    logsum = -math.log(math.exp(-inner * 20) + math.exp(-inner * 25)) / inner
    by_land = 100 / (1 + math.exp(-0.1 * (25 - logsum)))
    by_rail = by_land / (1 + math.exp(-inner * 5))
    tonnes = flows.by("modes").set_index("modes")["kt"]
    assert tonnes["rail"] == pytest.approx(by_rail, rel=1e-12)
    assert tonnes["road"] == pytest.approx(by_land - by_rail, rel=1e-12)
    assert flows.certificate.holds


def test_a_short_way_at_twice_the_price_is_left(tmp_path: Path) -> None:
    # the cheapest way costs 20: a relative scale of 5 makes the scale 0.25 instead of 0.1
    goods = [{"id": "goods", "relative_scale": 5}]
    flows = ba.run(small_case(tmp_path, links=[RAIL, ROAD], commodities=goods))
    tonnes = flows.by("modes").set_index("modes")["kt"]
    assert tonnes["road"] == pytest.approx(100 / (1 + math.exp(0.25 * 5)), rel=1e-12)
    assert flows.certificate.holds


def test_counts_add_up_what_passes(tmp_path: Path) -> None:
    counts = [
        COUNT,
        {"id": "trucks", "series": "trucks", "passes": "road", "unit": "trucks", "t_per_unit": 20, "use": "compare"},
        {"id": "twice-1", "series": "twice", "unit": "Mt", "use": "compare"},
        {"id": "twice-2", "series": "twice", "unit": "Mt", "use": "compare", "origins": "X", "destinations": "d"},
        {"id": "back", "series": "back", "unit": "kt", "use": "compare", "origins": "d", "both_ways": "no"},
    ]
    flows = ba.run(small_case(tmp_path, links=[RAIL, ROAD], counts=counts))
    road = flows.by("modes").set_index("modes")["kt"]["road"]
    told = counted(flows)
    assert told["by_road"] == pytest.approx(road)
    assert told["trucks"] == pytest.approx(road * 1000 / 20)
    assert told["twice"] == pytest.approx(0.2)
    assert told["back"] == 0


def test_what_cannot_be_compared_says_why(tmp_path: Path) -> None:
    seen = [
        *observed(by_road=40),
        {"id": "b", "series": "by_road", "year": 2021, "value": 30, "unit": "kt_9months"},
        {"id": "c", "series": "by_road", "year": 2021, "value": 30, "unit": "TEU"},
        {"id": "d", "series": "by_air", "year": 2021, "value": 30, "unit": "kt"},
        {"id": "e", "series": "by_road", "year": 2020, "value": 30, "unit": "kt"},
    ]
    case = small_case(tmp_path, links=[RAIL, ROAD], counts=[COUNT], observations=seen)
    card = against_counts(ba.run(case), case.table("observations"))
    assert card["why"].tolist() == [
        "",
        "part of a year",
        "not in the unit of the series",
        "the case does not say what it counts",
    ]
    road = 100 / (1 + math.exp(0.5))
    assert card["error"].tolist()[0] == pytest.approx(road / 40 - 1)
    assert card["modelled"].isna().tolist() == [False, True, True, True]


def test_a_cost_is_found_that_explains_a_count(tmp_path: Path) -> None:
    # 40 of 100 kt by road at a scale of 0.1: road must cost ln(60/40) / 0.1 more than rail, which costs 20
    case = small_case(
        tmp_path,
        links=[RAIL, ROAD],
        adjustments=[{**BY_ROAD, "spread": 1e4}],
        counts=[COUNT],
        observations=observed(by_road=40),
    )
    found = calibrate(case)
    value = math.log(1.5) / 0.1 - 5
    assert found.adjustments.loc[0, "value"] == pytest.approx(value, abs=1e-5)
    # d ln m / dθ is -0.1 * 0.6, and ln m is known to 0.01
    assert found.adjustments.loc[0, "std_error"] == pytest.approx(0.01 / 0.06, rel=1e-4)
    assert found.card.loc[0, "error"] == pytest.approx(0, abs=1e-6)
    assert found.case.table("adjustments").loc[0, "value"] == pytest.approx(value, abs=1e-5)


def test_what_is_thought_beforehand_weighs_by_its_spread(tmp_path: Path) -> None:
    # near the optimum: data say θ1 with variance (0.01/0.06)², beforehand 0 with variance 0.1²
    case = small_case(
        tmp_path,
        links=[RAIL, ROAD],
        adjustments=[{**BY_ROAD, "spread": 0.1}],
        counts=[{**COUNT, "error": 0.001}],
        observations=observed(by_road=100 / (1 + math.exp(0.51))),
    )
    found = calibrate(case).adjustments.loc[0]
    slope, said = 0.1 / (1 + math.exp(-0.51)), 0.1
    weight = (slope / 0.001) ** 2 / ((slope / 0.001) ** 2 + 1 / 0.1**2)
    assert found["value"] == pytest.approx(weight * said, rel=1e-2)


def test_a_bound_is_kept_and_told(tmp_path: Path) -> None:
    case = small_case(
        tmp_path,
        links=[RAIL, ROAD],
        adjustments=[{**BY_ROAD, "high": 2}],
        counts=[COUNT],
        observations=observed(by_road=5),
    )
    found = calibrate(case).adjustments.loc[0]
    assert found["value"] == 2
    assert found["at_bound"]
    assert np.isnan(found["std_error"])
    # beyond it: the count would have the road cost more, so just the other side is open
    assert found["from"] < found["to"] == 2


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "adjustments.*fit.*no row has yes"),
        ({"adjustments": [BY_ROAD]}, "nothing of 2021 to fit to"),
        ({"adjustments": [BY_ROAD], "counts": [COUNT], "observations": observed(other=5)}, "nothing of 2021 to fit to"),
    ],
)
def test_nothing_to_fit_is_said(tmp_path: Path, tables: Any, message: str) -> None:
    with pytest.raises(ba.CaseError, match=message):
        calibrate(small_case(tmp_path, links=[RAIL, ROAD], **tables))


KNOWN = {"by_road": 6.0, "sharper": 1.4, "wider": 0.8, "by_sea": -3.0}
SERIES = {"by_road": "road", "by_rail": "rail", "by_sea": "sea", "twice": "rail2"}


def town(folder: Path, values: dict[str, float], seen: list[dict[str, Any]]) -> ba.Case:
    """Two pairs of zones and three ways each, one of them with a queue."""
    sea = {"id": "sea", "from": "A", "to": "B", "mode": "feeder", "time_h": 20, "usd_per_t": 8}
    second = {"id": "rail2", "from": "A", "to": "C", "time_h": 4, "usd_per_t": 5}
    third = {"id": "road2", "from": "A", "to": "C", "mode": "road", "time_h": 3, "usd_per_t": 10}
    modes = {"modes": "rail road feeder"}
    spreads = {"by_road": 30, "by_sea": 30, "sharper": 2, "wider": 2}
    kinds = {
        "by_road": {"kind": "cost", "rows": "road road2", "low": -5, "high": 50},
        "by_sea": {"kind": "cost", "rows": "sea", "low": -20, "high": 50},
        "sharper": {"kind": "scale", "low": 0.2, "high": 5},
        "wider": {"kind": "capacity", "rows": "rail", "low": 0.3, "high": 3},
    }
    return small_case(
        folder,
        places=[{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lon": 2}],
        links=[{**RAIL, "capacity_kt": 70}, ROAD, sea, second, third],
        zones=[{"id": "o"}, {"id": "d"}, {"id": "e"}],
        access=[
            {"id": "o-A", "zone": "o", "place": "A", **modes},
            {"id": "d-B", "zone": "d", "place": "B", **modes},
            {"id": "e-C", "zone": "e", "place": "C", **modes},
        ],
        demand=[
            {"id": "o-d", "origin": "o", "destination": "d", "kt": 100},
            {"id": "o-e", "origin": "o", "destination": "e", "kt": 60},
        ],
        adjustments=[
            {"id": name, **kinds[name], "fit": "yes", "value": value, "spread": spreads[name]}
            for name, value in values.items()
        ],
        counts=[
            {"id": name, "series": name, "passes": row, "unit": "kt", "error": 0.03, "use": "fit"}
            for name, row in SERIES.items()
        ],
        observations=seen,
    )


def test_derivatives_are_those_of_the_flows(tmp_path: Path) -> None:
    case = town(tmp_path, KNOWN, [])
    model = Model.of(ba.run(case), case.table("adjustments"), list(SERIES))
    np.testing.assert_allclose(model.answer(model.at).counts, counted(ba.run(case)).loc[list(SERIES)], rtol=1e-8)
    slope = model.answer(model.at).slope
    for column in range(len(KNOWN)):
        step = np.zeros(len(KNOWN))
        step[column] = 1e-5
        rise = model.answer(model.at + step).counts - model.answer(model.at - step).counts
        np.testing.assert_allclose(slope[:, column], rise / 2e-5, rtol=1e-5, atol=1e-5)


def recovered(folder: Path, seeds: range) -> int:
    """In how many of the seeds all that is known lies within the stated intervals at once."""
    truth = counted(ba.run(town(folder / "truth", KNOWN, [])))
    start = {"by_road": 0.0, "sharper": 1.0, "wider": 1.0, "by_sea": 0.0}
    case, within = town(folder / "start", start, []), 0
    for seed in seeds:
        noise = np.random.default_rng(seed).normal(0, 0.03, (3, len(SERIES)))
        seen = pd.DataFrame(
            [
                {"series": name, "year": 2021, "value": truth[name] * math.exp(one), "unit": "kt"}
                for row in noise
                for name, one in zip(SERIES, row, strict=True)
            ]
        )
        found = calibrate(case, observed=seen).adjustments.set_index("id")
        within += all(found.loc[name, "from"] <= value <= found.loc[name, "to"] for name, value in KNOWN.items())
    return within


def test_known_adjustments_are_found_within_their_intervals(tmp_path: Path) -> None:
    assert recovered(tmp_path, range(20)) >= 18


@pytest.mark.nightly
def test_known_adjustments_are_found_in_ninety_of_a_hundred(tmp_path: Path) -> None:
    assert recovered(tmp_path, range(100)) >= 90


def test_a_bound_of_many_digits_is_not_left_by_rounding(tmp_path: Path) -> None:
    scale = {"id": "s", "kind": "scale", "fit": "yes", "value": 1, "low": 0.33333333333, "high": 3, "spread": 1}
    case = small_case(
        tmp_path, links=[RAIL, ROAD], adjustments=[scale], counts=[COUNT], observations=observed(by_road=60)
    )
    assert calibrate(case).adjustments.loc[0, "value"] == 0.33333333333


def test_what_moves_nowhere_is_fitted_to_nothing(tmp_path: Path) -> None:
    access = [{"id": "o-A", "zone": "o", "place": "A"}]
    tables: Any = {"adjustments": [BY_ROAD], "counts": [COUNT], "observations": observed(by_road=40)}
    found = calibrate(small_case(tmp_path, links=[ROAD], access=access, **tables))
    assert found.adjustments.loc[0, "value"] == 0


def bactrian(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_names_of_series_are_no_formulas(tmp_path: Path) -> None:
    name = r"a$\frac|b$"
    seen = [{**observed(by_road=40)[0], "series": name}]
    tables: Any = {"adjustments": [BY_ROAD], "counts": [{**COUNT, "series": name}], "observations": seen}
    small_case(tmp_path / "case", links=[RAIL, ROAD], **tables)
    answer = bactrian("calibrate", tmp_path / "case", "--out", tmp_path / "out")
    assert answer.exit_code == 0, answer.exception
    assert (tmp_path / "out" / "card.svg").exists()


def test_validation_overwrites_no_table_and_prints_what_was_asked(tmp_path: Path) -> None:
    seen = [*observed(by_road=40), {"id": "z", "series": "by_road", "year": 2022, "value": 0, "unit": "kt"}]
    free = {"time_h": 0, "usd_per_t": 0}
    tables: Any = {"adjustments": [BY_ROAD], "counts": [COUNT], "observations": seen}
    folder = tmp_path / "case"
    small_case(folder, links=[{**RAIL, **free}, {**ROAD, **free}], **tables)
    before = (folder / "links.csv").read_bytes()
    answer = bactrian("validate", folder, "--out", folder / "links.csv")
    assert answer.exit_code == 2
    assert "the folder of a case" in answer.output
    assert (folder / "links.csv").read_bytes() == before
    told = bactrian("validate", folder, "--json", "--out", tmp_path / "told.json")
    assert json.loads(told.output) == json.loads((tmp_path / "told.json").read_text())
    page = bactrian("validate", folder).output
    assert "nan" not in page
    assert "at a bound" not in page  # nothing was fitted yet


@pytest.mark.parametrize("value", ["-3", "1e-320", "1e300", "nan", "x"])
def test_an_observation_that_counts_nothing_real_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"series,year,value,unit\nby_road,2023,{value},kt\nby_road,1900,4,kt\n")
    with pytest.raises(ba.CaseError, match=r"line 2, column value: not 0 or a number[^\n]*\n.*line 3.*from 1990"):
        read_observations(path)

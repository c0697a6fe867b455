"""What events and projects do to a case: shares of a year, cells and split trade, solved by hand."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.case import Changes
from bactrian.demand import demand
from bactrian.network import build
from bactrian.report import summary
from small import Rows, small_case

FIFTH = {"id": "fifth", "begins": "2021-01-01", "ends": "2021-03-15"}  # 73 of 365 days
LINK = {"id": "A-B", "from": "A", "to": "B", "capacity_kt": 1000, "quality": "reported"}


def effect(name: str, operation: str, value: float, **cells: Any) -> dict[str, Any]:
    default = {"cause": "fifth", "table": "links", "rows": "A-B", "column": "capacity_kt"}
    return {"id": name, **default, "operation": operation, "value": value, **cells}


def one_link(folder: Path, effects: Rows, **tables: Rows) -> ba.Case:
    return small_case(folder, **{"links": [LINK], "events": [FIFTH], "effects": effects, **tables})


def cell(case: ba.Case, column: str = "capacity_kt", row: str = "A-B", table: str = "links") -> Any:
    return case.table(table).set_index("id").at[row, column]


def findings(case: ba.Case, causes: list[str], year: int = 2021) -> list[ba.Finding]:
    with pytest.raises(ba.CaseError) as caught:
        case.with_effects(causes, year)
    return list(caught.value.findings)


@cache
def built_in() -> ba.Case:
    return ba.load("transcaspian")


@pytest.mark.parametrize(
    ("begins", "ends", "days"),
    [
        ("2021-01-01", "", 365),
        ("2020-06-01", "2022-01-01", 365),
        ("2021-01-01", "2021-01-02", 1),
        ("2020-12-01", "2021-02-01", 31),
        ("2021-02-24", "", 311),
        ("2021-12-31", "2030-01-01", 1),
    ],
)
def test_an_event_counts_by_its_days_in_the_year(tmp_path: Path, begins: str, ends: str, days: int) -> None:
    case = small_case(tmp_path, links=[LINK], events=[{"id": "e", "begins": begins, "ends": ends}])
    assert case.in_force(2021) == {"e": days / 365}


@pytest.mark.parametrize(("begins", "ends"), [("2022-01-01", ""), ("2020-01-01", "2021-01-01")])
def test_an_event_of_other_years_is_not_in_force(tmp_path: Path, begins: str, ends: str) -> None:
    case = small_case(tmp_path, links=[LINK], events=[{"id": "e", "begins": begins, "ends": ends}])
    assert case.in_force(2021) == {}


def test_a_leap_year_has_366_days(tmp_path: Path) -> None:
    event = {"id": "e", "begins": "2024-02-01", "ends": "2024-03-01"}
    assert small_case(tmp_path, links=[LINK], events=[event]).in_force(2024) == {"e": 29 / 366}


def test_a_project_counts_whole_from_the_year_it_opens(tmp_path: Path) -> None:
    projects = [
        {"id": "built", "opens": 2025},
        {"id": "given_up", "opens": 2025, "status": "cancelled"},
        {"id": "some_day"},
    ]
    case = small_case(tmp_path, links=[LINK], projects=projects)
    assert case.in_force(2024) == {}
    assert case.in_force(2025) == case.in_force(2040) == {"built": 1.0}


@pytest.mark.parametrize(
    ("effects", "capacity"),
    [
        ([effect("a", "multiply", 0.5)], 900),  # 1000 (1 - 0.2 / 2)
        ([effect("a", "multiply", 0)], 800),
        ([effect("a", "add", 100)], 1020),
        ([effect("a", "set", 2000)], 1200),
        ([effect("a", "multiply", 0.5), effect("b", "multiply", 2)], 1080),  # 1000 x 0.9 x 1.2
        ([effect("a", "add", 100), effect("b", "multiply", 0.5), effect("c", "set", 2000)], 1100),  # 1200 x 0.9 + 20
    ],
)
def test_a_cell_changes_by_the_share_of_the_year(tmp_path: Path, effects: Rows, capacity: float) -> None:
    case = one_link(tmp_path, effects)
    assert cell(case.with_effects(["fifth"], 2021)) == pytest.approx(capacity, rel=1e-14)
    assert case.with_effects(["fifth"], 2022).changes == ()
    assert case.with_effects([], 2021).hash == case.hash


ORDERED = [
    effect("a", "set", 1700, cause="whole"),
    effect("b", "multiply", 0.3),
    effect("c", "multiply", 1.7, cause="whole"),
    effect("d", "add", 33.3),
    effect("e", "add", -77.7, cause="whole"),
]


@cache
def case_without_effects() -> ba.Case:
    with TemporaryDirectory() as folder:
        return one_link(Path(folder), [], events=[FIFTH, {"id": "whole"}])


@settings(max_examples=30, deadline=None)
@given(st.permutations(ORDERED), st.permutations(["fifth", "whole"]))
def test_the_order_of_rows_and_causes_does_not_matter(effects: Rows, causes: list[str]) -> None:
    rows = {one["id"]: {name: value for name, value in one.items() if name != "id"} for one in effects}
    changed = case_without_effects().with_({"effects": rows}).with_effects(causes, 2021)
    # set whole; 0.3 and 1.7 weighted; sums weighted
    assert cell(changed) == 1700 * (1 + 0.2 * (0.3 - 1)) * (1 + (1.7 - 1)) + 0.2 * 33.3 - 77.7


def test_a_row_is_as_sure_as_the_least_sure_of_itself_and_its_effects(tmp_path: Path) -> None:
    changed = one_link(tmp_path, [effect("a", "add", 1, quality="estimate")]).with_effects(["fifth"], 2021)
    assert cell(changed, "quality") == "estimate"
    sure = one_link(tmp_path, [effect("a", "add", 1, quality="measured")]).with_effects(["fifth"], 2021)
    assert cell(sure, "quality") == "reported"
    assert [one[:5] for one in sure.changes] == [("links", "A-B", "capacity_kt", "1000", "1000.2")]


@pytest.mark.parametrize(
    ("effects", "table", "column", "rule"),
    [
        ([effect("a", "set", 1), effect("b", "set", 1)], "effects", "operation", "a and b both set capacity_kt"),
        ([effect("a", "add", 1, column="opens")], "effects", "operation", "links/A-B has no opens to change"),
        ([effect("a", "set", 1, column="opens")], "links", "opens", "must be between 1500 and 2500"),
        ([effect("a", "add", -9000)], "links", "capacity_kt", "must be above 0"),
    ],
)
def test_effects_that_cannot_act_are_named(tmp_path: Path, effects: Rows, table: str, column: str, rule: str) -> None:
    found = findings(one_link(tmp_path, effects), ["fifth"])
    assert any((one.table, one.column) == (table, column) and rule in one.rule and one.remedy for one in found)


def test_causes_that_cannot_be_in_force_are_named(tmp_path: Path) -> None:
    case = one_link(tmp_path, [], projects=[{"id": "some_day"}])
    unknown, never = findings(case, ["fift", "some_day"])
    assert (unknown.rule, unknown.remedy) == ("no event, project or scenario 'fift'", "did you mean 'fifth'?")
    assert (never.table, never.id, never.column) == ("projects", "some_day", "opens")
    assert "never in force" in never.rule


def test_a_project_opens_what_waits_in_the_tables_and_can_be_left_out(tmp_path: Path) -> None:
    links = [{**LINK, "id": "new", "opens": 2030}, {**LINK, "id": "old", "closes": 2030}]
    ties = [
        effect("opens", "set", 2030, cause="p", rows="new", column="opens"),
        effect("closes", "set", 2030, cause="p", rows="old", column="closes"),
    ]
    case = small_case(tmp_path, links=links, projects=[{"id": "p", "opens": 2030}], effects=ties)
    assert case.with_effects(["p"], 2035).changes == ()
    sooner = case.with_({"projects": {"p": {"opens": 2025}}, "effects": {one["id"]: {"value": 2025} for one in ties}})
    assert set(build(sooner.with_effects(["p"], 2025), 2025).resources["row"]) == {"new"}
    assert set(build(sooner.with_effects(["p"], 2024), 2024).resources["row"]) == {"old"}
    assert set(build(case.without(["p"]), 2040).resources["row"]) == {"old"}
    with pytest.raises(ba.CaseError, match="no event, project or scenario 'q'"):
        case.without(["q"])


def futures(folder: Path, effects: Rows) -> ba.Case:
    return one_link(
        folder,
        effects,
        projects=[{"id": "some_day"}, {"id": "later", "opens": 2035}],
        scenarios=[{"id": "storm", "causes": "fifth some_day later"}, {"id": "calm"}],
    )


@pytest.mark.parametrize("year", [2019, 2021, 2040])
def test_a_scenario_counts_whole_in_any_year_with_what_it_names(tmp_path: Path, year: int) -> None:
    effects = [
        effect("own", "add", 7, cause="storm"),
        effect("event", "multiply", 0.5),
        effect("undated", "add", 30, cause="some_day"),
        effect("dated", "add", 100, cause="later"),
        effect("other", "add", 10000, cause="calm"),
    ]
    case = futures(tmp_path, effects)
    assert cell(case.with_effects(["storm"], year)) == 1000 * 0.5 + 7 + 30 + 100
    assert cell(case.with_effects(["fifth", "storm"], year)) == 1000 * 0.5 + 7 + 30 + 100  # whole, not twice
    assert not {"storm", "calm"} & set(case.in_force(year))


def test_a_scenario_of_nothing_changes_nothing(tmp_path: Path) -> None:
    case = futures(tmp_path, [effect("own", "add", 7, cause="storm")])
    assert case.with_effects(["calm"], 2021).hash == case.hash
    (unknown,) = findings(case, ["strom"])
    assert unknown.remedy == "did you mean 'storm'?"


def test_trade_avoids_countries_in_a_scenario(tmp_path: Path) -> None:
    case = avoiding(tmp_path, [{"id": "some", "cause": "closed"}], scenarios=[{"id": "closed"}])
    assert kt(case.with_effects(["closed"], 2030)) == {"o-d": 60, "o-d~closed": 40}


# Two ways from A to B: by N in country X and, cheaper, by M in country Y.
TRIANGLE: dict[str, Rows] = {
    "places": [{"id": "A"}, {"id": "B", "lon": 1}, {"id": "M", "lon": 0.5, "country": "Y"}, {"id": "N", "lon": 0.5}],
    "links": [
        {"id": "A-M", "from": "A", "to": "M", "time_h": 5, "capacity_kt": 150},
        {"id": "M-B", "from": "M", "to": "B", "time_h": 5},
        {"id": "A-N", "from": "A", "to": "N", "time_h": 6},
        {"id": "N-B", "from": "N", "to": "B", "time_h": 6},
    ],
    "countries": [{"id": "X"}, {"id": "Y"}, {"id": "Z"}],
    "events": [FIFTH, {"id": "whole"}],
}


def avoiding(folder: Path, avoidances: Rows, **tables: Rows) -> ba.Case:
    filled = [{"cause": "whole", "share": 0.4, "avoids": "Y", **one} for one in avoidances]
    return small_case(folder, **{**TRIANGLE, "avoidances": filled, **tables})


def kt(case: ba.Case) -> dict[str, float]:
    return dict(case.table("demand")[["id", "kt"]].to_numpy().tolist())


def through(flows: ba.Flows, row: str) -> float:
    return float(flows.through(row)["kt"].sum())


@pytest.mark.parametrize("method", ["logit", "equilibrium", "capacity"])
def test_what_avoids_a_country_passes_none_of_its_places(tmp_path: Path, method: Any) -> None:
    case = avoiding(tmp_path, [{"id": "all", "share": 1}]).with_effects(["whole"], 2021)
    network = build(case, 2021)
    barred = ~network.allowed[network.commodities.index("goods~whole")]
    assert set(network.arcs.loc[barred & network.allowed[0], "row"]) == {"A-M", "M-B"}
    flows = ba.run(case, method=method)
    assert flows.certificate.holds
    assert through(flows, "A-N") == pytest.approx(100)


def test_a_share_of_the_trade_moves_to_a_variant_that_counts_as_the_original(tmp_path: Path) -> None:
    before = avoiding(tmp_path, [{"id": "some"}])
    after = before.with_effects(["whole"], 2021)
    assert kt(after) == {"o-d": 60, "o-d~whole": 40}
    variant = after.table("commodities").set_index("id").loc["goods~whole"]
    assert (variant["avoids"], variant["counts_as"]) == ("Y", "goods")
    assert kt(before.with_effects(["whole"], 2020)) == {"o-d": 100}
    flows = ba.run(after)
    assert flows.by("commodity")["commodity"].tolist() == ["goods"]
    assert flows.by("commodity")["kt"].tolist() == pytest.approx([100])
    share = flows.through("A-N").set_index("commodity")["share"]
    assert 0.4 < share["goods"] < 1
    assert set(flows.pairs["commodity"]) == {"goods", "goods~whole"}
    assert summary(flows, [("o", "d")])["between"][0]["kt"] == pytest.approx(100)


def test_part_of_a_year_moves_part_of_the_share(tmp_path: Path) -> None:
    case = avoiding(tmp_path, [{"id": "some", "cause": "fifth", "share": 0.5}])
    assert kt(case.with_effects(["fifth"], 2021))["o-d~fifth"] == pytest.approx(100 * 0.5 * 0.2)


def test_the_split_changes_nothing_where_the_country_is_on_no_way(tmp_path: Path) -> None:
    case = avoiding(tmp_path, [{"id": "some", "avoids": "Z"}])
    whole, split = ba.run(case), ba.run(case.with_effects(["whole"], 2021))
    assert len(split.pairs) == 2
    np.testing.assert_allclose(split.resources["load_kt"], whole.resources["load_kt"], rtol=1e-7)
    for one in ("A-M", "A-N"):
        assert through(split, one) == pytest.approx(through(whole, one), rel=1e-7)


def test_two_avoidances_act_one_upon_the_other(tmp_path: Path) -> None:
    both = [{"id": "some"}, {"id": "more", "cause": "fifth", "share": 0.5, "avoids": "Z"}]
    case = avoiding(tmp_path, both).with_effects(["fifth", "whole"], 2021)
    told = {"o-d": 54, "o-d~whole": 36, "o-d~fifth": 6, "o-d~fifth~whole": 4}  # 0.9 or 0.1 times 0.6 or 0.4
    assert kt(case) == pytest.approx(told)
    twice = case.table("commodities").set_index("id").loc["goods~fifth~whole"]
    assert (twice["avoids"], twice["counts_as"]) == ("Y Z", "goods")


TRADE: Rows = [
    {"id": "o-d", "origin": "o", "destination": "d"},
    {"id": "d-o", "origin": "d", "destination": "o"},
    {"id": "o-m", "origin": "o", "destination": "m"},
    {"id": "o-d-oil", "origin": "o", "destination": "d", "commodity": "oil"},
]


@pytest.mark.parametrize(
    ("cells", "moved"),
    [
        ({}, {"o-d", "d-o", "o-d-oil"}),
        ({"origins": "o"}, {"o-d", "o-d-oil"}),
        ({"origins": "o", "both_ways": "yes"}, {"o-d", "d-o", "o-d-oil"}),
        ({"destinations": "o"}, {"d-o"}),
        ({"commodities": "oil"}, {"o-d-oil"}),
    ],
)
def test_an_avoidance_is_about_what_it_names_and_no_trade_of_the_country(
    tmp_path: Path, cells: dict[str, str], moved: set[str]
) -> None:
    zones = [{"id": "o"}, {"id": "d"}, {"id": "m", "country": "Y"}]
    goods = [{"id": "goods"}, {"id": "oil"}]
    case = avoiding(tmp_path, [{"id": "some", **cells}], zones=zones, commodities=goods, demand=TRADE)
    found = kt(case.with_effects(["whole"], 2021))
    assert {one for one in kt(case) if f"{one}~whole" in found} == moved
    assert sum(found.values()) == 400


def test_a_variant_is_named_and_balanced_with_its_original(tmp_path: Path) -> None:
    tables: dict[str, Rows] = {
        "controls": [{"id": "total", "commodities": "goods", "year": 2021, "kt": 250}],
        "access": [
            {"id": "o-A", "zone": "o", "place": "A", "commodities": "goods"},
            {"id": "d-B", "zone": "d", "place": "B"},
        ],
    }
    case = avoiding(tmp_path, [{"id": "some"}], **tables).with_effects(["whole"], 2021)
    assert cell(case, "commodities", "total", "controls") == "goods goods~whole"
    assert cell(case, "commodities", "o-A", "access") == "goods goods~whole"
    assert cell(case, "commodities", "d-B", "access") == ""
    assert demand(case, 2021).table["kt"].tolist() == pytest.approx([150, 100])
    assert ba.run(case).pairs["stranded_kt"].sum() == 0


def test_what_cannot_go_round_a_country_is_stranded_under_its_own_name(tmp_path: Path) -> None:
    by_m = [one for one in TRIANGLE["links"] if "M" in one["id"]]
    flows = ba.run(avoiding(tmp_path, [{"id": "some"}], links=by_m).with_effects(["whole"], 2021))
    told = {"origin": "o", "destination": "d", "commodity": "goods", "stranded_kt": 40.0, "stranded": "no way"}
    assert summary(flows)["stranded"] == [told]


def test_the_built_in_case_of_2022_holds_with_all_that_was_in_force() -> None:
    case = built_in()
    with_events = case.with_effects(case.in_force(2022), 2022)
    flows = ba.run(with_events, 2022)
    assert flows.certificate.holds
    asked = demand(case, 2022).table.set_index(["origin", "destination"])["kt"]
    more = 1.5 * asked[("TUR", "ARM")].sum()  # once its embargo is over; the quota on grain moves it within the year
    assert flows.pairs["reference_kt"].sum() == pytest.approx(asked.sum() + more, rel=1e-12)
    plain = ba.run(case, 2022).by("corridor").set_index("corridor")["kt"]
    assert flows.by("corridor").set_index("corridor")["kt"]["northern"] < plain["northern"]
    for commodity, share in flows.by("commodity").set_index("commodity")["kt"].items():
        assert "~" not in str(commodity)
        assert share > 0


def test_every_built_in_effect_can_act_and_leaves_a_quarter_of_each_time() -> None:
    case = built_in()
    projects = case.table("projects")
    dated: Changes = {"projects": {one: {"opens": 2035} for one in projects.loc[projects["opens"].isna(), "id"]}}
    case = case.with_(dated)
    every = case.with_effects(case.table("projects")["id"], 2040)
    for table in ("links", "terminals"):
        before, after = (one.table(table).set_index("id")["time_h"] for one in (case, every))
        assert (after >= before / 4 - 1e-9).all()
    for event in case.table("events").itertuples():
        year = int(str(event.begins)[:4] or 2030)
        assert case.with_effects([str(event.id)], year).hash
    for scenario in case.table("scenarios")["id"]:
        assert case.with_effects({*case.in_force(2040), scenario}, 2040).hash
        assert (scenario == "as_is") == (not built_in().with_effects([scenario], 2040).changes)


def test_what_the_built_in_tables_hold_already_is_tied_and_not_doubled() -> None:
    case = built_in()
    effects = case.table("effects")
    ties = effects[effects["operation"] == "set"]
    assert len(ties) > 15
    for one in ties.to_dict("records"):
        table = case.table(str(one["table"])).set_index("id")
        assert (table.loc[str(one["rows"]).split(), str(one["column"])] == one["value"]).all()
    planned = case.table("links").query("status != 'existing' and opens > 0")["id"]
    assert set(planned) <= {row for rows in ties["rows"] for row in rows.split()}


def test_an_event_that_has_not_begun_counts_whole_where_it_is_asked_for_and_brings_what_it_names(
    tmp_path: Path,
) -> None:
    events: Rows = [
        {"id": "shut", "begins": ""},
        {"id": "deal", "begins": "", "brings": "shut second"},
        {"id": "second", "begins": "2030-01-01"},
    ]
    effects = [effect("a", "multiply", 0.5, cause="shut"), effect("b", "add", 30, cause="second")]
    case = one_link(tmp_path, effects, events=events)
    assert case.in_force(2031) == {"second": 1.0}
    assert cell(case.with_effects(["shut"], 2021)) == 500
    assert cell(case.with_effects(["deal"], 2021)) == 530  # `second` counts whole with it, whatever its dates
    assert case.with_effects(["second"], 2021).hash == case.hash


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"brings": "e"}, "brings", "names the event itself"),
        ({"undoes": "e"}, "undoes", "names the event itself"),
        ({"undoes": "nobody"}, "undoes", "unknown id 'nobody'"),
        ({"recovery_days": 10}, "recovery_days", "a recovery from what has no end"),
        ({"days": 0}, "days", "must be above 0"),
        ({"chance_per_year": -1}, "chance_per_year", "must be at least 0"),
        ({"recovery": "slow"}, "recovery", "must be one of"),
    ],
)
def test_what_may_happen_is_checked(tmp_path: Path, cells: dict[str, Any], column: str, rule: str) -> None:
    with pytest.raises(ba.CaseError) as caught:
        small_case(tmp_path, links=[LINK], events=[{"id": "e", **cells}])
    (found,) = caught.value.findings
    assert (found.table, found.column) == ("events", column)
    assert rule in found.rule
    assert found.remedy


def test_what_is_left_without_capacity_is_shut(tmp_path: Path) -> None:
    case = one_link(tmp_path, [effect("a", "multiply", 0, cause="shut")], events=[{"id": "shut", "begins": ""}])
    after = case.with_effects(["shut"], 2021)
    assert (cell(after, "opens"), cell(after)) == (2500, 1000)

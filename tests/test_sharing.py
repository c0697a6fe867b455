"""Who gains by building together: by hand on a chain of three countries, and the built-in case from end to end."""

import json
import pickle
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.cli import main
from bactrian.planning import Terms, appraise, field_of, reference_of_plan, worth_of
from bactrian.report import deal_sections, deal_summary
from bactrian.sharing import (
    Coalitions,
    books_of,
    break_even,
    coalitions,
    finance,
    hosts_of,
    payments,
    players_of,
    share,
    soonest,
    statement,
    tariffs,
)
from small import small_case
from test_accounts import COUNTRIES, FACTORS, GOODS, LINKS, MODES, PLACES, ZONES

FIVE = Terms(2025, 2029, discount=0.0, residual=False, step=4)
# goods go from X through Y to Z, 100 kt. Faster by 5 h on the first link gains 5 USD/t, 0.5 mUSD a year; the tariff
# of the last link is cut by 2 USD/t, which its owners Y and Z forgo.
PROJECTS = [
    {"id": "fast", "countries": "X", "capex_musd": 2, "build_years": 0, "operating_musd": 0},
    {"id": "cheap", "countries": "Y Z", "capex_musd": 0.1, "build_years": 0, "operating_musd": 0},
]
EFFECTS = [
    {"id": "fast", "cause": "fast", "table": "links", "rows": "first", "column": "time_h", "operation": "add",
     "value": -5},
    {"id": "cheap", "cause": "cheap", "table": "links", "rows": "last", "column": "usd_per_t", "operation": "add",
     "value": -2, "forgone": "yes"},
]  # fmt: skip
START = {"fast": 2025, "cheap": 2025}


def chain(folder: Path, **tables: Any) -> ba.Case:
    plain = {
        "countries": [{**one, "region": "West" if one["id"] in "YZ" else "East"} for one in COUNTRIES],
        "places": PLACES,
        "zones": ZONES,
        "links": LINKS,
        "modes": MODES,
        "emissions": FACTORS,
        "commodities": [GOODS],
        "projects": PROJECTS,
        "effects": EFFECTS,
    }
    return small_case(folder, **{**plain, **tables})


def deal(folder: Path, programme: Mapping[str, int] = START, players: str = "X Y Z", **given: Any) -> Any:
    return share(chain(folder / "case"), programme, players.split(), terms=given.pop("terms", FIVE), **given)


def test_what_a_project_brings_to_each_country(tmp_path: Path) -> None:
    case = chain(tmp_path)
    worth = worth_of(case, field_of(case, 2025), FIVE, reference_of_plan(case, 2025))
    books = books_of(worth)
    table = statement(books, {"fast": 2025}).table
    # 5 years of 0.5 mUSD, half each of X and Z; X pays 2; nobody is paid more
    assert table["shippers"].to_dict() == pytest.approx({"X": 1.25, "Y": 0, "Z": 1.25}, abs=1e-9)
    assert table["net"].to_dict() == pytest.approx({"X": -0.75, "Y": 0, "Z": 1.25}, abs=1e-9)
    assert table["use_kt"].to_dict() == pytest.approx({"X": 250, "Y": 0, "Z": 250}, abs=1e-9)
    assert table["transit_kt"].to_dict() == pytest.approx({"X": 0, "Y": 500, "Z": 0}, abs=1e-9)
    forgone = statement(books, {"cheap": 2025}).table
    # 0.2 mUSD a year from the owners of the last link, Y and Z, to the shippers of X and Z
    assert forgone["shippers"].to_dict() == pytest.approx({"X": 0.5, "Y": 0, "Z": 0.5}, abs=1e-9)
    assert forgone["carriers"].to_dict() == pytest.approx({"X": 0, "Y": -0.5, "Z": -0.5}, abs=1e-9)
    assert forgone["capital"].to_dict() == pytest.approx({"X": 0, "Y": 0.05, "Z": 0.05}, abs=1e-9)


def test_a_lower_price_that_saves_costs_takes_its_margin_along(tmp_path: Path) -> None:
    case = chain(tmp_path, effects=[EFFECTS[0], {**EFFECTS[1], "forgone": "no"}])
    worth = worth_of(case, field_of(case, 2025), FIVE, reference_of_plan(case, 2025))
    table = statement(books_of(worth), {"cheap": 2025}).table
    # a margin of one half: 1 USD/t of the 2 less is margin, 0.1 mUSD a year
    assert table["carriers"].to_dict() == pytest.approx({"X": 0, "Y": -0.25, "Z": -0.25}, abs=1e-9)


@pytest.mark.parametrize("starts", [{}, {"fast": 2025}, {"cheap": 2026}, {"fast": 2027, "cheap": 2025}])
def test_a_statement_adds_up_to_the_plan_and_the_margins(tmp_path: Path, starts: dict[str, int]) -> None:
    case = chain(tmp_path, links=[{**LINKS[0], "owners": "W:1"}, LINKS[1]])
    terms = Terms(2025, 2029, discount=0.07, carbon_usd_per_t=40, step=2)
    worth = worth_of(case, field_of(case, 2025), terms, reference_of_plan(case, 2025))
    told = statement(books_of(worth), starts)
    assert told.holds
    forgone = appraise(worth, starts).countries["forgone"].sum()
    margins = told.table["carriers"].sum() + forgone  # what they forgo is in the value of the plan
    assert told.table["net"].sum() == pytest.approx(worth.value(starts) + margins, abs=1e-9)
    factor = np.array([terms.factor(year) for year in terms.years])
    yearly = told.years["net"].unstack("year").to_numpy()
    assert (yearly @ factor).sum() == pytest.approx(told.table["net"].sum(), abs=1e-9)


def test_every_coalition_by_hand(tmp_path: Path) -> None:
    found = deal(tmp_path)
    # fast needs the land of X and brings X and Z 1.25 each for 2; cheap needs Y and Z and only moves money to X
    worth = {("X",): 0, ("Y",): 0, ("Z",): 0, ("X", "Y"): 0, ("X", "Z"): 0.5, ("Y", "Z"): 0, ("X", "Y", "Z"): 0.5}
    for names, value in worth.items():
        assert found.game.worth[found.game.mask(names)] == pytest.approx(value, abs=1e-9), names
    assert found.starts == {"fast": 2025}
    assert found.allocation("nucleolus").by_player == pytest.approx({"X": 0.25, "Y": 0, "Z": 0.25}, abs=1e-9)
    assert found.accounts["net"].to_dict() == pytest.approx({"X": -0.75, "Y": 0, "Z": 1.25}, abs=1e-9)
    due = found.transfers(found.allocation("nucleolus"))
    assert due.to_dict() == pytest.approx({"X": 1.0, "Y": 0, "Z": -1.0}, abs=1e-9)
    assert payments(due.round(9)) == [("Z", "X", pytest.approx(1.0))]
    assert found.holds
    assert found.left_out == ()


def test_proportional_rules_go_by_use_and_by_what_is_paid(tmp_path: Path) -> None:
    found = deal(tmp_path)
    assert found.allocation("proportional-use").by_player == pytest.approx({"X": 0.25, "Y": 0, "Z": 0.25}, abs=1e-9)
    assert found.allocation("proportional-capital").by_player == pytest.approx({"X": 0.5, "Y": 0, "Z": 0}, abs=1e-9)
    with pytest.raises(ba.SolveError, match="there is no rule 'fair'"):
        found.allocation("fair")


def test_who_does_not_play_is_left_as_today_but_pays_nothing(tmp_path: Path) -> None:
    projects = [{**PROJECTS[0], "owners": "W:0.5 X:0.5"}, PROJECTS[1]]
    case = chain(tmp_path, projects=projects)
    found = share(case, START, ["X", "Z"], terms=FIVE)
    assert found.left_out == ("cheap",)  # it needs the land of Y
    # W owns half but does not play: X, whose land it is, bears all
    assert found.accounts["capital"].to_dict() == pytest.approx({"X": 2, "Z": 0}, abs=1e-9)
    assert found.outside["net"].to_dict() == pytest.approx({"Y": 0}, abs=1e-9)
    assert found.game.total == pytest.approx(0.5, abs=1e-9)


def test_a_region_plays_as_one(tmp_path: Path) -> None:
    found = deal(tmp_path, players="X West")
    assert found.game.players == ("X", "West")
    assert found.game.worth.tolist() == pytest.approx([0, 0, 0, 0.5], abs=1e-9)
    assert sorted(found.coalitions.players["West"]) == ["Y", "Z"]


@pytest.mark.parametrize(("money", "total"), [({"X": 1.5, "Z": 0.5}, 0.5), ({"X": 1, "Z": 0.9}, 0), ({}, 0)])
def test_a_coalition_spends_no_more_than_it_has(tmp_path: Path, money: dict[str, float], total: float) -> None:
    assert deal(tmp_path, money=money).game.total == pytest.approx(total, abs=1e-9)


def test_what_projects_need_and_bar_holds_for_coalitions(tmp_path: Path) -> None:
    projects = [{**PROJECTS[0], "requires": "cheap"}, PROJECTS[1]]
    found = share(chain(tmp_path, projects=projects), START, ["X", "Y", "Z"], terms=FIVE)
    assert found.game.worth[found.game.mask(["X", "Z"])] == 0
    # all three: 2.5 - 2 of one, 1 - 1 - 0.1 of the other
    assert found.game.total == pytest.approx(0.4, abs=1e-9)


def test_finance_year_by_year_and_fees(tmp_path: Path) -> None:
    found = deal(tmp_path)
    table = finance(found, found.allocation("nucleolus"))
    first = table.loc[("X", 2025)]
    assert first[["pays", "receives", "transfer", "net"]].tolist() == pytest.approx([2, 0.25, 0.2, -1.55], abs=1e-9)
    assert table.loc[("X", 2029), "sum"] == pytest.approx(0.25, abs=1e-9)  # what the rule gives X
    assert table.loc[("Z", 2029), "sum"] == pytest.approx(0.25, abs=1e-9)
    fees = break_even(found)
    assert np.isnan(fees.loc["X", "usd_per_t"])  # loses 0.75, but nothing passes it between others
    assert fees.loc["Y", "transit_kt"] == pytest.approx(500)
    assert fees.loc["Z", "usd_per_t"] == 0
    # 2 mUSD on 500 kt
    assert tariffs(found).loc["fast"].tolist() == pytest.approx([2, 500, 4], abs=1e-9)


def test_a_transit_country_that_pays_needs_a_fee(tmp_path: Path) -> None:
    projects = [{**PROJECTS[0], "countries": "Y"}, PROJECTS[1]]
    found = share(chain(tmp_path, projects=projects), START, ["X", "Y", "Z"], terms=FIVE)
    assert break_even(found).loc["Y", "usd_per_t"] == pytest.approx(2 * 1000 / 500)  # 2 mUSD on 500 kt in transit


MANY = [
    {"id": f"p{n}", "countries": "X" if n % 2 else "Z", "capex_musd": cost, "build_years": 0, "operating_musd": 0}
    for n, cost in enumerate([0.4, 1.1, 0.6, 1.7])
]
HOURS = [-2, -3, -1, -4]


def many(folder: Path) -> ba.Case:
    """Four projects, two of which act on one link and two exclude one another."""
    effects = [
        {**EFFECTS[0], "id": f"e{n}", "cause": f"p{n}", "rows": "first" if n % 2 else "last", "value": hours}
        for n, hours in enumerate(HOURS)
    ]
    projects = [MANY[0], {**MANY[1], "excludes": "p3"}, *MANY[2:]]
    return chain(folder, projects=projects, effects=effects)


def test_the_search_finds_what_trying_all_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, programme = many(tmp_path), {f"p{n}": 2025 + n % 2 for n in range(4)}
    every = share(case, programme, ["X", "Z"], terms=FIVE)
    monkeypatch.setattr(coalitions, "ALL", 0)
    searched = share(case, programme, ["X", "Z"], terms=FIVE)
    assert searched.game.worth == pytest.approx(every.game.worth, abs=1e-9)
    assert [one.starts for one in searched.found] == [one.starts for one in every.found]
    assert not searched.found[-1].every
    # and by hand: gains add up, as nothing is congested; each set of what is allowed
    gains = [5 * 0.1 * -hours if n % 2 == 0 else 4 * 0.1 * -hours for n, hours in enumerate(HOURS)]
    best = max(
        sum(gains[n] - MANY[n]["capex_musd"] for n in some)
        for size in range(5)
        for some in combinations(range(4), size)
        if not {1, 3} <= set(some)
    )
    assert every.game.total == pytest.approx(best, abs=1e-9)


def test_stopped_and_gone_on_with_it_ends_in_the_same_bytes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    deal(tmp_path, out=out)
    files = sorted((out / "coalitions").glob("0*.json"))
    assert len(files) == 7
    before = {file.name: file.read_bytes() for file in files}
    kept = files[0].stat().st_mtime_ns
    for file in files[2:5]:
        file.unlink()
    deal(tmp_path, out=out)
    assert {file.name: file.read_bytes() for file in sorted((out / "coalitions").glob("0*.json"))} == before
    assert files[0].stat().st_mtime_ns == kept
    with pytest.raises(ba.CaseError, match="another run"):
        deal(tmp_path, players="X Z", out=out)


@pytest.mark.nightly
def test_processes_find_the_same(tmp_path: Path) -> None:
    for workers in (1, 2):
        deal(tmp_path / str(workers), out=tmp_path / f"out{workers}", workers=workers)
    ones, twos = (sorted((tmp_path / f"out{workers}" / "coalitions").iterdir()) for workers in (1, 2))
    assert [file.read_bytes() for file in ones] == [file.read_bytes() for file in twos]


def test_players_and_the_land_of_projects(tmp_path: Path) -> None:
    case = chain(tmp_path)
    players = players_of(case, ["X", "West"])
    assert hosts_of(case, players, ["fast", "cheap"]) == {"fast": ("X",), "cheap": ("West",)}
    assert hosts_of(case, players_of(case, ["X", "Y"]), ["fast", "cheap"]) == {"fast": ("X",)}
    for names, words in (
        (["X", "Q"], "no country or region 'Q'"),
        (["Y", "West"], "have Y in common"),
        ([], "1 to 16 players"),
    ):
        with pytest.raises(ba.SolveError, match=words):
            players_of(case, names)


def test_payments_settle_all_transfers() -> None:
    due = pd.Series({"a": -5.0, "b": 3.0, "c": -1.0, "d": 3.0, "e": 0.0})
    paid = payments(due)
    for name in due.index:
        assert (
            sum(sum_ for _, to, sum_ in paid if to == name) - sum(sum_ for by, _, sum_ in paid if by == name)
            == due[name]
        )


def plan_file(folder: Path, case: ba.Case, **changes: Any) -> Path:
    terms = {"first": 2025, "last": 2029, "model_years": [2025, 2029], "discount": 0, "price_year": 2025,
             "residual": False, "carbon_usd_per_t": 0}  # fmt: skip
    told = {
        "provenance": {"case_hash": case.hash, "terms": terms, "scenario": None},
        "projects": [{"id": name, "start": start} for name, start in START.items()],
        "certificate": {"holds": True},
        **changes,
    }
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def asked(*words: object) -> Any:
    return CliRunner().invoke(main, ["share", *map(str, words)])


def test_the_command_line_from_a_plan_to_files(tmp_path: Path) -> None:
    case = chain(tmp_path / "case")
    plan = plan_file(tmp_path / "plan", case)
    out = tmp_path / "out"
    words = [tmp_path / "case", "--plan", plan, "--players", "X, Y Z", "--out", out]
    done = asked(*words)
    assert done.exit_code == 0, done.output
    assert "Together X, Y and Z gain 0.5 mUSD in 2025-2029 by building fast" in done.output
    told = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert told["certificate"]["holds"]
    assert told["value_musd"] == pytest.approx(0.5)
    says = {one["rule"]: one for one in told["consent"]}
    assert says["unanimity"]["vetoes"] == ["X", "Y", "Z"]
    assert says["65 % of tonnes"]["shapley_shubik"] == pytest.approx(
        {"X": 0.5, "Y": 0, "Z": 0.5}
    )  # half of the use each
    nucleolus = next(one for one in told["game"]["allocations"] if one["rule"] == "nucleolus")
    assert nucleolus["transfers"] == pytest.approx({"X": 1, "Y": 0, "Z": -1}, abs=1e-9)
    page = (out / "share.md").read_text(encoding="utf-8")
    for title in ("Who pays whom by the nucleolus rule", "X, year by year"):
        assert f"## {title}" in page
    assert {path.name for path in out.iterdir()} >= {"share.svg", "share.png", "shares.csv", "finance.parquet"}
    first = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert asked(*words).exit_code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == first
    assert json.loads(asked(*words[:-2], "--json").output) == told


def test_the_command_line_refuses_what_makes_no_sense(tmp_path: Path) -> None:
    case = chain(tmp_path / "case")
    folder, plan = tmp_path / "case", plan_file(tmp_path / "plan", case)
    made = json.loads((plan / "result.json").read_text(encoding="utf-8"))["provenance"]
    other = plan_file(tmp_path / "other", case, provenance={**made, "case_hash": "0" * 64})
    unsure = plan_file(tmp_path / "unsure", case, certificate={"holds": False})
    endless = plan_file(tmp_path / "endless", case, projects=[{"id": "fast", "start": float("inf")}])
    twice = plan_file(tmp_path / "twice", case, projects=[{"id": "fast", "start": 2025}] * 2)
    strange = plan_file(tmp_path / "strange", case, projects=[{"id": "nope", "start": 2025}])
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000, encoding="utf-8")
    broken = tmp_path / "broken.json"
    broken.write_text("[1]", encoding="utf-8")
    for words, said in (
        (["--plan", tmp_path / "nowhere"], "cannot be read"),
        (["--plan", broken], "is not the result of a plan"),
        (["--plan", other], "was made of other data"),
        (["--plan", unsure], "certificate does not hold"),
        (["--plan", plan, "--players", "X Q"], "no country or region 'Q'"),
        (["--plan", plan, "--money", "Q: 1 m USD"], "money of 'Q', who does not play"),
        (["--plan", plan, "--rule", "fair"], "there is no rule 'fair'"),
        (["--plan", plan, "--rule", "proportional"], "there is no rule 'proportional'"),
        (["--plan", plan, "--years", "2026-2099"], "--years goes without --plan"),
        (["--plan", plan, "--out", plan], "is the folder of the plan"),
        (["--plan", plan / "result.json", "--out", plan], "is the folder of the plan"),
        (["--plan", endless], "is not the result of a plan"),
        (["--plan", deep], "is not the result of a plan"),
        (["--plan", twice], "is not the result of a plan"),
        (["--plan", strange, "--players", "X"], "no project 'nope'"),
        (["--weight", "X", "1"], "--weight goes with --game"),
        (["--game", broken], "--game stands by itself"),
    ):
        done = asked(folder, *words)
        assert done.exit_code == 2, (words, done.output)
        assert said in done.output
        assert "Traceback" not in done.output


def test_nothing_worth_building_is_said_so(tmp_path: Path) -> None:
    dear = [{**one, "capex_musd": 100} for one in PROJECTS]
    chain(tmp_path / "case", projects=dear)
    done = asked(tmp_path / "case", "--years", "2025-2029", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "would build nothing in 2025-2029" in done.output
    assert "Nobody pays anybody." in done.output


def test_a_coalition_unpickled_finds_the_same(tmp_path: Path) -> None:
    table = Coalitions(case := chain(tmp_path), FIVE, players_of(case, ["X", "Z"]), START)
    here = table.block(3)
    assert pickle.loads(pickle.dumps(table)).block(3) == here


def test_a_player_who_hardly_uses_it_does_not_stop_the_answer(tmp_path: Path) -> None:
    zones = [*ZONES, {"id": "m", "country": "Y"}]
    access = [{"id": f"{zone}-{place}", "zone": zone, "place": place} for zone, place in ("oA", "dB", "mM")]
    trade = [{"id": "od", "origin": "o", "destination": "d", "kt": 1000.123456789},
             {"id": "om", "origin": "o", "destination": "m", "kt": 0.7123456789}]  # fmt: skip
    case = chain(tmp_path, zones=zones, access=access, demand=trade)
    told = deal_summary(share(case, START, ["X", "Y", "Z"], terms=FIVE))
    assert len(told["consent"]) == 5


# two ways from X to Z, by Y and by W, which keep all they ask for: each gains by a faster way, of what the other loses
RIVALS = {
    "places": [*PLACES, {"id": "N", "country": "W", "lon": 1}],
    "links": [
        {"id": f"{by}{n}", "from": a, "to": b, "margin": 1, "owners": f"{by}:1"}
        for by, place in (("Y", "M"), ("W", "N"))
        for n, (a, b) in enumerate((("A", place), (place, "B")))
    ],
    "projects": [
        {"id": f"p{by}", "countries": by, "capex_musd": 0.2, "build_years": 0, "operating_musd": 0} for by in "YW"
    ],
    "effects": [{**EFFECTS[0], "id": f"p{by}", "cause": f"p{by}", "rows": f"{by}0"} for by in "YW"],
}


def test_rivals_for_transit_have_no_nucleolus_but_an_answer(tmp_path: Path) -> None:
    found = share(chain(tmp_path / "case", **RIVALS), {"pY": 2025, "pW": 2025}, ["Y", "W"], terms=FIVE)
    alone = found.game.alone
    assert (alone > 0.5).all()
    assert found.game.total < alone.sum() - 0.5
    told = deal_summary(found)
    assert told["provenance"]["rule"] == "prenucleolus"
    assert told["provenance"]["no_answer"]["rule"] == "nucleolus"
    done = asked(tmp_path / "case", "--years", "2025-2029", "--players", "Y W", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "has no answer here" in done.output
    assert (tmp_path / "out" / "result.json").exists()


@pytest.mark.parametrize("rule", ["least-core", "separable-costs", "proportional-use", "shapley"])
def test_any_rule_can_be_asked_for(tmp_path: Path, rule: str) -> None:
    told = deal_summary(deal(tmp_path), rule)
    assert sum(one["rule"] == rule for one in told["game"]["allocations"]) == 1
    assert any(rule in section.title for section in deal_sections(told, whole=True))


@pytest.mark.parametrize("programme", [{"fast": 2020}, {"fast": 2030}, {"fast": 1900}, {"fast": True}, {"nope": 2025}])
def test_works_that_cannot_begin_then_are_refused(tmp_path: Path, programme: dict[str, int]) -> None:
    with pytest.raises(ba.SolveError, match=r"cannot begin in|no project 'nope'"):
        deal(tmp_path, programme)


def test_without_a_plan_nothing_opens_before_what_it_requires(tmp_path: Path) -> None:
    base = {"id": "base", "countries": "X", "capex_musd": 0.01, "build_years": 1, "operating_musd": 0}
    effect = {**EFFECTS[0], "id": "base", "cause": "base", "value": -0.1}
    projects = [{**PROJECTS[0], "requires": "base"}, base]
    case = chain(tmp_path, projects=projects, effects=[EFFECTS[0], effect])
    assert soonest(case, FIVE) == {"fast": 2026, "base": 2025}
    # 4 years of (0.5 + 0.01), less what they cost
    assert share(case, None, ["X", "Z"], terms=FIVE).game.total == pytest.approx(4 * 0.51 - 2.01, abs=1e-9)


@pytest.mark.parametrize("money", [None, {"X": 2.0}])
def test_the_search_goes_through_what_is_required_and_barred(tmp_path: Path, money: dict[str, float] | None) -> None:
    # p1 alone loses, p2 needs it and gains; p3 and p4, p5 and p6 bar one another; three more that hardly pay
    hours = [0, 0.1, 6, 2, 2.5, 1, 1.5, 0.3, 0.2, 0.1, 0.4, 0.6]
    costs = [0, 0.3, 0.4, 0.4, 0.5, 0.2, 0.3, 0.2, 0.2, 0.2, 0.2, 0.2]
    more = {2: {"requires": "p01"}, 3: {"excludes": "p04"}, 5: {"excludes": "p06"}}
    projects = [
        {"id": f"p{n:02}", "countries": "X", "capex_musd": costs[n], "build_years": 0, "operating_musd": 0,
         **more.get(n, {})}
        for n in range(1, 12)
    ]  # fmt: skip
    effects = [
        {**EFFECTS[0], "id": f"e{n}", "cause": f"p{n:02}", "rows": "first" if n % 2 else "last", "value": -hours[n] / 2}
        for n in range(1, 12)
    ]
    case = chain(tmp_path, projects=projects, effects=effects)
    programme = {f"p{n:02}": 2025 for n in range(1, 12)}
    searched = share(case, programme, ["X", "Z"], terms=FIVE, money=money)
    assert not searched.found[-1].every
    table = Coalitions(case, FIVE, players_of(case, ["X", "Z"]), programme, money)
    best = max(
        (0.25 * sum(hours[n] for n in some) - sum(costs[n] for n in some), some)
        for size in range(12)
        for some in combinations(range(1, 12), size)
        if table.allowed({f"p{n:02}": 2025 for n in some}, 3)
    )
    assert searched.game.total == pytest.approx(best[0], abs=1e-9)
    assert any("a search found" in line for line in deal_sections(deal_summary(searched))[0].before)


def test_what_passes_between_the_countries_of_a_player_is_no_transit(tmp_path: Path) -> None:
    projects = [{**PROJECTS[0], "countries": "Y"}, PROJECTS[1]]
    found = share(chain(tmp_path, projects=projects), START, ["X", "West"], terms=FIVE)
    assert found.accounts["transit_kt"].tolist() == [0, 0]
    assert found.accounts["transit"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert found.accounts.loc["West", "net"] == pytest.approx(-0.75, abs=1e-9)
    assert np.isnan(break_even(found).loc["West", "usd_per_t"])


def test_carbon_at_a_price_is_told_so_that_rows_add_up(tmp_path: Path) -> None:
    terms = Terms(2025, 2029, discount=0.0, residual=False, carbon_usd_per_t=100, step=4)
    case = chain(tmp_path, effects=EFFECTS[:1], commodities=[{**GOODS, "cost_elasticity": -1}])
    found = share(case, START, ["X", "Y", "Z"], terms=terms)
    assert (found.accounts["carbon"] < 0).any()  # a faster way brings more trade, and more CO2e
    for _, row in found.accounts.iterrows():
        parts = row["shippers"] + row["carriers"] + row["carbon"] - row["capital"] - row["operating"] + row["residual"]
        assert row["net"] == pytest.approx(parts, abs=1e-9)
    assert "carbon" in deal_sections(deal_summary(found))[1].numbers


def test_kept_coalitions_that_cannot_be_read_are_worked_out_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = deal(tmp_path, out=out, money={"X": 2.0, "Z": 1.0}).game.worth
    (out / "coalitions" / "00005.json").write_text('{"value_musd": 1', encoding="utf-8")
    again = deal(tmp_path, out=out, money={"Z": 1, "X": 2})  # the same in another order
    assert again.game.worth.tolist() == first.tolist()
    (out / "coalitions" / "settings.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ba.CaseError, match="another run"):
        deal(tmp_path, out=out, money={"Z": 1, "X": 2})


@pytest.mark.nightly
def test_the_built_in_corridor_with_eight_players() -> None:
    programme = {"P02": 2026, "P08": 2029, "P26": 2026, "P34": 2026, "P42": 2026, "P46": 2026, "P55": 2026}
    found = share("transcaspian", programme, ["KAZ", "TKM", "AZE", "GEO", "TUR", "UZB", "CHN", "EU27"])
    assert found.holds
    assert found.error <= 1e-9
    assert len(found.found) == 256
    assert all(one.every for one in found.found)
    for rule in ("shapley", "nucleolus", "prenucleolus", "least-core", "gately", "equal", "proportional-use"):
        allocation = found.allocation(rule)
        assert sum(allocation.by_player.values()) == pytest.approx(found.game.total, rel=1e-9)
        assert found.transfers(allocation).sum() == pytest.approx(0, abs=1e-6)
    # all are free to do what any do by themselves with their own land, but for harm to one another
    alone = found.game.alone
    assert found.game.total > alone.sum()

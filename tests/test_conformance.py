"""What every method of assignment must keep, on the built-in case: add a method, and it is tried here too."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bactrian as ba
from bactrian.assign import METHODS, assign
from bactrian.demand import demand
from bactrian.network import Network, build

pytestmark = pytest.mark.parametrize("method", METHODS)

HALF = "coal"  # the commodity that is split in two


@cache
def rows() -> pd.DataFrame:
    table = demand(ba.load("transcaspian"), 2021).table
    return pd.concat([table[table["commodity"] == HALF], table.sample(80, random_state=3)]).drop_duplicates()


def network(changes: Any = None) -> Network:
    case = ba.load("transcaspian")
    return build(case.with_(changes) if changes else case, 2021)


def cost(flows: ba.Flows) -> float:
    return float((flows.ways["kt"] * flows.ways["cost_usd"]).sum())


def loads(flows: ba.Flows, column: str = "load_kt") -> pd.Series:
    return flows.resources.set_index("row")[column].groupby(level=0).sum().sort_index()


def same(one: ba.Flows, other: ba.Flows, method: str) -> None:
    """Equal cost, and equal loads where an answer is unique."""
    assert cost(one) == pytest.approx(cost(other), rel=1e-6)
    if method == "logit":
        np.testing.assert_allclose(loads(one), loads(other), rtol=1e-5, atol=1e-2)
    if method == "equilibrium":  # waits are unique even where loads without waits are not
        waits = [
            flows.resources.set_index("row")["wait_h"].groupby(level=0).sum().sort_index() for flows in (one, other)
        ]
        np.testing.assert_allclose(*waits, rtol=1e-4, atol=1e-4)


def test_it_carries_or_names_all_and_says_how_well(method: Any) -> None:
    flows = assign(network(), rows(), method)
    assert flows.certificate.holds
    assert (flows.ways["kt"] >= 0).all()
    assert (flows.resources["load_kt"] >= -1e-9).all()
    pairs = flows.pairs
    np.testing.assert_allclose(pairs["carried_kt"] + pairs["stranded_kt"], pairs["kt"], rtol=1e-9, atol=1e-9)
    assert ((pairs["stranded"] != "") == (pairs["stranded_kt"] > 0)).all()


def test_the_order_of_links_does_not_matter(method: Any) -> None:
    case = ba.load("transcaspian")
    links = case.table("links").set_index("id", drop=False).sample(40, random_state=1)
    moved = dict.fromkeys(links["id"])
    again = {
        key: {name: cell for name, cell in row.items() if cell == cell and name != "id"}
        for key, row in links.iterrows()
    }
    # tables that name links, and those that name these
    naming = ("counts", "adjustments", "quotes", "corridors", "effects", "events")
    naming += ("projects", "scenarios", "avoidances", "outcomes")
    quiet = case.with_({name: dict.fromkeys(case.table(name)["id"]) for name in naming})
    shuffled = quiet.with_({"links": moved}).with_({"links": again})  # the same links, at the end of the table
    assert shuffled.table("links")["id"].tolist() != case.table("links")["id"].tolist()
    same(assign(build(quiet, 2021), rows(), method), assign(build(shuffled, 2021), rows(), method), method)


def test_two_identical_goods_are_one(method: Any) -> None:
    case = ba.load("transcaspian")
    goods = case.table("commodities").set_index("id", drop=False)
    twin = {name: cell for name, cell in goods.loc[HALF].items() if cell == cell and name != "id"}
    halves = rows().copy()
    halves.loc[halves["commodity"] == HALF, "kt"] /= 2
    second = halves[halves["commodity"] == HALF].assign(commodity="twin")
    alike = {"adjustments": dict.fromkeys(case.table("adjustments")["id"])}  # these name goods, but not the twin
    split = assign(network({"commodities": {"twin": twin}, **alike}), pd.concat([halves, second]), method)
    same(assign(network(alike), rows(), method), split, method)


def test_a_start_from_its_own_answer_stays_there(method: Any) -> None:
    first = assign(network(), rows(), method)
    same(first, assign(network(), rows(), method, start=first), method)


def test_twice_the_demand_in_twice_the_room_is_twice_the_flow(method: Any) -> None:
    case = ba.load("transcaspian")
    wide: dict[str, Any] = {}
    for table in ("links", "terminals"):
        rooms = case.table(table).dropna(subset="capacity_kt")
        wide[table] = {one.id: {"capacity_kt": 2 * one.capacity_kt} for one in rooms.itertuples()}
    once, twice = assign(network(), rows(), method), assign(network(wide), rows().assign(kt=2 * rows()["kt"]), method)
    assert cost(twice) == pytest.approx(2 * cost(once), rel=1e-6)
    if method == "logit":
        np.testing.assert_allclose(loads(twice), 2 * loads(once), rtol=1e-5, atol=1e-2)

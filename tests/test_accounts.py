"""Country accounts of a run: by hand on a chain of three countries, and adding up whatever the case."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.report import summary
from small import small_case

# goods go from X through Y to Z: 100 kt, each link 10 USD/t, 10 h at 1 USD/t/h, 100 km at 10 g/tkm
COUNTRIES = [{"id": one} for one in "WXYZ"]
PLACES = [{"id": "A", "country": "X"}, {"id": "M", "country": "Y", "lon": 1}, {"id": "B", "country": "Z", "lon": 2}]
ZONES = [{"id": "o", "country": "X"}, {"id": "d", "country": "Z"}]
LINKS = [{"id": "first", "from": "A", "to": "M"}, {"id": "last", "from": "M", "to": "B"}]
MODES = [{"id": "rail", "kind": "rail", "margin": 0.5}, {"id": "road", "kind": "road"}]


FACTORS = [{"id": "rail", "applies": "rail"}]
GOODS = {"id": "goods", "modes": "rail road"}


def chain(folder: Path, **tables: Any) -> ba.Case:
    plain = {"countries": COUNTRIES, "places": PLACES, "zones": ZONES, "links": LINKS, "modes": MODES}
    return small_case(folder, **{**plain, "emissions": FACTORS, "commodities": [GOODS], **tables})


def test_who_pays_and_who_earns(tmp_path: Path) -> None:
    told = ba.accounts(ba.run(chain(tmp_path), 2021))
    table = told.table
    assert told.holds
    # 20 USD/t on 100 kt are 2 mUSD, and so is the time: half each of X and Z
    for column in ("paid", "time"):
        assert table[column].to_dict() == pytest.approx({"X": 1, "Y": 0, "Z": 1}, abs=1e-12)
    assert table["revenue"].to_dict() == pytest.approx({"X": 0.5, "Y": 1, "Z": 0.5}, abs=1e-12)
    assert table["transit"].to_dict() == pytest.approx({"X": 0, "Y": 1, "Z": 0}, abs=1e-12)
    assert table["margin"].to_dict() == pytest.approx({"X": 0.25, "Y": 0.5, "Z": 0.25}, abs=1e-12)
    assert table["co2e_kt"].to_dict() == pytest.approx({"X": 0.05, "Y": 0.1, "Z": 0.05}, abs=1e-12)
    assert table["transit_kt"].to_dict() == pytest.approx({"X": 0, "Y": 100, "Z": 0}, abs=1e-12)


def test_owners_and_margins_of_a_row_come_before_those_of_its_land_and_mode(tmp_path: Path) -> None:
    links = [LINKS[0], {**LINKS[1], "owners": "W:0.75 X:0.25", "margin": 0.1}]
    table = ba.accounts(ba.run(chain(tmp_path, links=links), 2021)).table
    assert table["revenue"].to_dict() == pytest.approx({"W": 0.75, "X": 0.75, "Y": 0.5, "Z": 0}, abs=1e-12)
    assert table["margin"].to_dict() == pytest.approx({"W": 0.075, "X": 0.275, "Y": 0.25, "Z": 0}, abs=1e-12)
    assert table["transit"].to_dict() == pytest.approx({"W": 0.75, "X": 0, "Y": 0.5, "Z": 0}, abs=1e-12)


def test_ports_and_access_earn_too(tmp_path: Path) -> None:
    # the goods change from rail to road at M, whose transfer asks 3 USD/t and keeps a third; access asks 2 at each end
    links = [LINKS[0], {**LINKS[1], "mode": "road"}]
    transfer = {"id": "t", "place": "M", "handling": "transfer", "usd_per_t": 3, "margin": 1 / 3, "owners": "Z:1"}
    access = [{"id": f"{zone}-{place}", "zone": zone, "place": place, "usd_per_t": 2} for zone, place in ("oA", "dB")]
    factors = [{"id": one, "applies": one} for one in ("rail", "road", "hub")]
    case = chain(tmp_path, links=links, terminals=[transfer], access=access, emissions=factors)
    told = ba.accounts(ba.run(case, 2021))
    assert told.holds
    assert told.table["revenue"].to_dict() == pytest.approx({"X": 0.7, "Y": 1.0, "Z": 1.0}, abs=1e-12)
    assert told.table["margin"].to_dict() == pytest.approx({"X": 0.25, "Y": 0.25, "Z": 0.1}, abs=1e-12)
    assert told.table["co2e_kt"].sum() == pytest.approx(0.2 + 0.001, abs=1e-12)  # 10 g/t at the transfer


def test_a_change_by_the_rule_of_a_half(tmp_path: Path) -> None:
    case = chain(tmp_path, commodities=[{**GOODS, "cost_elasticity": -1}])
    before = ba.run(case, 2021)
    dearer = case.with_({"links": {"first": {"usd_per_t": 20}}})
    after = ba.run(dearer, 2021)
    asked = 100 * 40 / 50  # D0 (S/S0)^-1
    change = ba.accounts(after, before).change
    assert change is not None
    lost = (100 + asked) / 2 * 10 / 1000
    assert change["shippers"].to_dict() == pytest.approx({"X": -lost / 2, "Y": 0, "Z": -lost / 2}, abs=1e-9)
    first, last = (20 * asked - 10 * 100) / 1000, (10 * asked - 10 * 100) / 1000  # what is paid more on each link
    margins = {"X": first / 4, "Y": first / 4 + last / 4, "Z": last / 4}
    assert change["carriers"].to_dict() == pytest.approx(margins, abs=1e-9)
    assert change["net"].sum() == pytest.approx(-lost + sum(margins.values()), abs=1e-9)


def test_what_is_paid_for_carbon_goes_where_it_is_emitted(tmp_path: Path) -> None:
    case = chain(tmp_path)
    plain, priced = ba.run(case, 2021), ba.run(case, 2021, carbon_usd_per_t=1000)
    told = ba.accounts(priced, plain)
    assert told.holds
    # 2 kg a tonne at 1 USD/kg on 100 kt: 0.2 mUSD, half of it in Y
    assert told.table["carbon"].to_dict() == pytest.approx({"X": 0.1, "Y": 0, "Z": 0.1}, abs=1e-12)
    assert told.table["public"].to_dict() == pytest.approx({"X": 0.05, "Y": 0.1, "Z": 0.05}, abs=1e-12)
    assert told.change is not None
    assert told.change["net"].sum() == pytest.approx(0, abs=1e-9)  # nobody can do otherwise: paid to and fro


def test_a_run_tells_its_accounts(tmp_path: Path) -> None:
    told = summary(ba.run(chain(tmp_path), 2021))
    assert told["certificate"]["holds"]
    assert told["certificate"]["accounts"] <= 1e-9
    assert {one["country"]: one["revenue"] for one in told["accounts"]} == pytest.approx({"Y": 1, "X": 0.5, "Z": 0.5})


def test_a_pair_without_a_way_costs_its_goods(tmp_path: Path) -> None:
    case = chain(tmp_path)
    cut = case.with_({"links": {"last": {"closes": 2000}}})
    for flows, against, sign in (
        (ba.run(cut, 2021), ba.run(case, 2021), -1),
        (ba.run(case, 2021), ba.run(cut, 2021), 1),
    ):
        told = ba.accounts(flows, against)
        assert told.change is not None
        assert told.change["shippers"].sum() == pytest.approx(sign * 100 * 1000 / 1000)  # 100 kt of 1,000 USD/t
        assert told.holds


def test_what_is_left_without_a_way_is_lost_even_where_the_rest_goes_on(tmp_path: Path) -> None:
    avoidance = {"id": "a", "cause": "war", "share": 0.5, "avoids": "Y"}
    case = chain(tmp_path, events=[{"id": "war", "begins": "2021-01-01"}], avoidances=[avoidance])
    calm, war = ba.run(case, 2021), ba.run(case.with_effects(["war"], 2021), 2021)
    change = ba.accounts(war, calm).change
    assert change is not None
    assert change["shippers"].sum() == pytest.approx(-50)  # half of 100 kt at 1,000 USD/t


def test_new_trade_is_no_gain_and_other_worlds_are_not_compared(tmp_path: Path) -> None:
    case = chain(tmp_path)
    more = case.with_(
        {"demand": {"d-o": {"origin": "d", "destination": "o", "commodity": "goods", "year": 2021, "kt": 9}}}
    )
    change = ba.accounts(ba.run(more, 2021), ba.run(case, 2021)).change
    assert change is not None
    assert change["shippers"].abs().sum() == pytest.approx(0, abs=1e-9)
    with pytest.raises(ba.SolveError, match="of the same year"):
        ba.accounts(ba.run(case, 2022), ba.run(case, 2021))
    other = chain(tmp_path / "other", zones=[ZONES[0], {**ZONES[1], "country": "W"}])
    with pytest.raises(ba.SolveError, match="other zones"):
        ba.accounts(ba.run(other, 2021), ba.run(case, 2021))


@pytest.mark.parametrize(("kt", "price"), [(8158.72, 1.82), (123.4, 77.7), (0.001, 500.0)])
def test_what_is_paid_to_and_fro_adds_up(tmp_path: Path, kt: float, price: float) -> None:
    case = chain(tmp_path, demand=[{"id": "o-d", "origin": "o", "destination": "d", "kt": kt}])
    assert ba.accounts(ba.run(case, 2021, carbon_usd_per_t=price), ba.run(case, 2021)).holds


shares = st.integers(0, 100).map(lambda percent: percent / 100)
prices = st.integers(0, 200).map(float)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Two ways from X to Z, by Y and by W, with any prices, margins, owners and capacities."""

    def link(name: str, one: str, other: str) -> dict[str, Any]:
        owner = draw(st.sampled_from(["", "W:1", "X:0.3 Z:0.7", "Y:0.25 W:0.25 Z:0.5"]))
        capacity = draw(st.sampled_from(["", 40, 80, 500]))
        return {"id": name, "from": one, "to": other, "usd_per_t": draw(prices), "owners": owner,
                "margin": draw(shares), "capacity_kt": capacity}  # fmt: skip

    places = [*PLACES, {"id": "N", "country": "W", "lon": 3}]
    links = [link("a", "A", "M"), link("b", "M", "B"), link("c", "A", "N"), link("e", "N", "B")]
    return {"places": places, "links": links, "commodities": [{**GOODS, "cost_elasticity": -draw(shares)}]}


@settings(max_examples=12, deadline=None)
@given(worlds(), prices, prices)
def test_accounts_add_up_in_any_world(tmp_path_factory: pytest.TempPathFactory, world: dict[str, Any], carbon: float,
                                      price: float) -> None:  # fmt: skip
    case = chain(tmp_path_factory.mktemp("world"), **world)
    before = ba.run(case, 2021)
    after = ba.run(case.with_({"links": {"a": {"usd_per_t": price}}}), 2021, carbon_usd_per_t=carbon)
    told = ba.accounts(after, before)
    assert told.error <= 1e-9
    assert told.change is not None
    parts = told.change[["shippers", "carriers", "public"]].sum().sum()
    assert told.change["net"].sum() == pytest.approx(parts, rel=1e-9, abs=1e-9)
    assert told.table["revenue"].sum() == pytest.approx(told.table["paid"].sum(), rel=1e-9, abs=1e-12)


def test_accounts_of_the_built_in_case_add_up_and_stay_within_reason() -> None:
    told = ba.accounts(ba.run("transcaspian", 2021))
    assert told.holds
    table = told.table
    assert (table["margin"] <= table["revenue"] + 1e-9).all()
    assert (table["transit"] <= table["revenue"] + 1e-9).all()
    assert table.loc["EGY", "transit"] == pytest.approx(table.loc["EGY", "revenue"])  # no trade of its own in the case

"""What a plan needs of projects: owners, and built-in rows that say what is assumed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bactrian as ba
from bactrian.case import owner_shares
from bactrian.case.owners import breach
from small import small_case

RATES = {"fleet": 0.04, "service": 0.10}  # yearly cost of running, of what building costs; 0.02 for all else
LIVES = {"rail": 40, "port": 40, "pipeline": 40, "terminal": 30, "fleet": 25, "service": 10}


def test_owners_are_named_or_the_countries_it_is_built_in(tmp_path: Path) -> None:
    owners = [{"id": "p", "owners": "X:0.25 Y:0.75"}, {"id": "q", "countries": "X Y"}]
    projects = small_case(tmp_path, links=[{"id": "l", "from": "A", "to": "B"}], projects=owners).table("projects")
    told = [owner_shares(one.owners, one.countries) for one in projects.itertuples()]
    assert told == [{"X": 0.25, "Y": 0.75}, {"X": 0.5, "Y": 0.5}]


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=9))
def test_shares_of_the_whole_pass_and_others_do_not(parts: list[float]) -> None:
    shares = [part / sum(parts) for part in parts]
    text = " ".join(f"C{number}:{share!r}" for number, share in enumerate(shares))
    assert breach(text) is None
    assert sum(owner_shares(text, "").values()) == pytest.approx(1, abs=1e-12)
    assert breach(text.replace("C0:", "C99:0.00001 C0:")) is not None


def test_what_is_left_out_has_defaults(tmp_path: Path) -> None:
    links = [{"id": "l", "from": "A", "to": "B"}]
    row = small_case(tmp_path, links=links, projects=[{"id": "p"}]).table("projects").loc[0]
    assert (row["sector"], row["build_years"], row["life_years"], row["operating_musd"]) == ("logistics", 3, 30, 0)
    assert row["owners"] == row["requires"] == row["excludes"] == ""


def test_projects_may_need_one_another(tmp_path: Path) -> None:
    circle = [{"id": "p", "requires": "q"}, {"id": "q", "requires": "p", "excludes": "r"}, {"id": "r"}]
    assert small_case(tmp_path, links=[{"id": "l", "from": "A", "to": "B"}], projects=circle)


def test_every_built_in_candidate_has_a_cost_and_says_where_it_is_assumed() -> None:
    case = ba.load("transcaspian")
    acting = set(case.table("effects")["cause"])
    for one in case.table("projects").itertuples():
        assumed = str(one.assumed).split(";")
        if one.id in acting and one.status != "completed":
            assert one.capex_musd > 0, one.id
        if "capex_musd" in assumed:
            assert "capex: " in str(one.notes), one.id
        if one.capex_musd > 0:
            running = one.capex_musd * RATES.get(str(one.kind), 0.02)
            assert one.operating_musd == pytest.approx(running, rel=0.05), one.id
        assert "operating_musd" in assumed
        assert one.life_years == {"P03": 4, "P45": 1, "P59": 1}.get(str(one.id), LIVES[str(one.kind)])
        assert sum(owner_shares(one.owners, one.countries).values()) == pytest.approx(1, abs=1e-6)


def test_a_capex_the_facts_name_is_not_marked_as_assumed() -> None:
    projects = ba.load("transcaspian").table("projects").set_index("id")
    for name, capex in {"P05": 220, "P24": 705, "P28": 8000, "P41": 6750}.items():
        assert projects.at[name, "capex_musd"] == capex
        assert "capex_musd" not in projects.at[name, "assumed"].split(";")


def test_only_tariff_discounts_are_forgone_revenue() -> None:
    effects = ba.load("transcaspian").table("effects")
    assert set(effects.loc[effects["forgone"] == "yes", "cause"]) == {"P45", "P59"}
    assert set(effects.loc[effects["forgone"] == "yes", "column"]) <= {"usd_per_t", "usd_per_teu"}

"""The second built-in case: another region, by the same code."""

from pathlib import Path

import numpy as np
import pytest

import bactrian as ba
from bactrian import report
from bactrian.case import BUILT_IN, TABLES
from bactrian.case.package import write_descriptor
from bactrian.case.readme import with_quality_table
from bactrian.measure import against_counts
from briefs import written

NAME = "northern_corridor"
FOLDER = Path(ba.__file__).parent / "cases" / NAME


@pytest.fixture(scope="module")
def flows() -> ba.Flows:
    return ba.run(NAME, 2023)


def overseas(flows: ba.Flows, country: str) -> dict[str, float]:
    """Shares of the corridors in what a country sends overseas and gets from there."""
    table = flows.table()
    ends = table[["origin", "destination"]].apply(frozenset, axis=1)
    kt = table[ends == frozenset([country, "WLD"])].groupby("corridor")["kt"].sum()
    return dict(kt / kt.sum())


def load_of(flows: ba.Flows, row: str) -> float:
    resources = flows.resources.set_index("row")["load_kt"]
    return float(resources.get(row, 0.0))


def test_it_is_built_in_and_checks_clean() -> None:
    assert NAME in BUILT_IN
    case = ba.load(NAME)  # raises with its findings, if any
    assert {"KEN", "UGA", "RWA", "TZA"} <= set(case.table("zones")["country"])
    assert not (case.table("links")["quality"] == "assumption").all()


def test_what_its_folder_derives_from_its_tables_is_up_to_date(tmp_path: Path) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert with_quality_table(text, ba.load(NAME)) == text, "run scripts/refresh_case.py"
    assert all(f"\n- `{table}`: " in text for table in TABLES)
    write_descriptor(tmp_path, NAME)
    written = (FOLDER / "datapackage.json").read_text(encoding="utf-8")
    assert written == (tmp_path / "datapackage.json").read_text(encoding="utf-8"), "run scripts/refresh_case.py"
    assert "CC-BY-4.0" in (FOLDER / "LICENSE-DATA").read_text(encoding="utf-8")


def test_a_run_holds_its_certificate_and_carries_all(flows: ba.Flows) -> None:
    assert flows.certificate.holds
    np.testing.assert_allclose(flows.pairs["carried_kt"].sum(), flows.pairs["kt"].sum(), rtol=1e-9)


def test_uganda_goes_by_mombasa_and_rwanda_and_burundi_by_dar_es_salaam(flows: ba.Flows) -> None:
    assert overseas(flows, "UGA")["northern_corridor"] > 0.9
    assert overseas(flows, "SSD")["northern_corridor"] > 0.9
    assert overseas(flows, "RWA")["central_corridor"] > 0.5
    assert overseas(flows, "BDI")["central_corridor"] > 0.7


def test_the_readme_tells_how_far_off_the_run_is(flows: ba.Flows) -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    table = against_counts(flows, ba.load(NAME).table("observations"))
    table = table[table["use"] == "compare"].set_index("series")
    assert len(table) == 12
    for series in ("mombasa_uganda", "mombasa_rwanda", "sgr_freight", "lake_mwanza"):
        assert f"| {table['modelled'][series]:.2f} | {100 * table['error'][series]:+.0f} % |" in told, series


def test_without_malaba_trade_goes_by_busia_or_dar_es_salaam(flows: ba.Flows) -> None:
    shut = {row: {"closes": 2023} for row in ("malaba-border", "malaba-border-rail")}
    without = ba.run(ba.load(NAME).with_({"terminals": shut}), 2023)
    assert without.certificate.holds
    assert load_of(without, "malaba-border") == 0
    assert load_of(without, "busia-border") > load_of(flows, "busia-border")
    assert overseas(without, "UGA")["central_corridor"] > overseas(flows, "UGA")["central_corridor"]
    assert without.pairs["cost_usd"].mean() > flows.pairs["cost_usd"].mean()


@pytest.fixture(scope="module")
def results(flows: ba.Flows, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A run and a plan with one project to decide on, as the verbs write them."""
    folder = tmp_path_factory.mktemp("northern")
    planned = ba.plan(NAME, 2026, 2030, projects=["border_malaba_busia"])
    assert planned.certificate.holds
    told = {"run": report.summary(flows, []), "plan": report.plan_summary(planned)}
    return [written(folder / name / "result.json", cells) for name, cells in told.items()]


@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_a_brief_says_nothing_of_another_region(results: list[Path], language: str) -> None:
    brief = ba.brief(results, kind="news", language=language)
    assert len(brief.claims) >= 8
    for foreign in ("Caspian", "Kaspi", "Касп", "Kazakh", "Kasach", "Казах"):
        assert foreign not in brief.html
    names = {"en": "Malaba", "de": "Malaba", "ru": "Малаб"}
    assert names[language] in brief.html


@pytest.mark.nightly
def test_a_plan_holds_its_certificate() -> None:
    plan = ba.plan(NAME, 2026, 2040, budget="2 bn USD")
    assert plan.certificate.holds
    assert plan.starts

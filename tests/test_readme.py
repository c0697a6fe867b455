from pathlib import Path

import pytest

import bactrian as ba
from bactrian.case import TABLES
from bactrian.case.readme import quality_table, with_quality_table

FOLDER = Path(ba.__file__).parent / "cases" / "transcaspian"


def test_the_built_in_readme_counts_its_rows() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert with_quality_table(text, ba.load("transcaspian")) == text, "run scripts/refresh_case.py"


def test_the_table_agrees_with_the_case() -> None:
    case = ba.load("transcaspian")
    lines = [line.strip("| ").split(" | ") for line in quality_table(case).splitlines()]
    rows = {line[0]: dict(zip(lines[0][1:], map(int, line[1:]), strict=True)) for line in lines[2:]}
    counts = case.quality()
    assert list(rows) == [*counts.index, "all"]
    for table in counts.index:
        assert all(rows[str(table)][mark] == counts.loc[table, mark] for mark in counts.columns)
        assert rows[str(table)]["all"] == len(case.table(str(table)))
    assert rows["all"]["all"] == counts.to_numpy().sum()
    links = case.table("links")
    sourced = links[links["quality"] != "assumption"]
    assert rows["links"]["partly assumed"] == sum(cell != "" for cell in sourced["assumed"])


def test_the_readme_names_every_table() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"\n- `{table}`: " in text for table in TABLES)


def test_a_text_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        with_quality_table("nothing here", ba.load("transcaspian"))


def test_the_licence_lies_in_the_folder() -> None:
    assert "CC-BY-4.0" in (FOLDER / "LICENSE-DATA").read_text(encoding="utf-8")

"""The results in docs/stress.md are those of the script that writes them."""

import runpy
from pathlib import Path
from typing import Any

import pytest

import bactrian as ba
from test_stress_certificate import world

ROOT = Path(__file__).parents[1]
PAGE = "By hand\n<!-- event -->\nold\n<!-- end of event -->\nmore\n<!-- futures -->\n<!-- end of futures -->\nlast\n"


def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "stress_docs.py"))


def test_what_stands_between_marks_is_written_anew_and_the_rest_stays(tmp_path: Path) -> None:
    written = script()["with_results"](PAGE, world(tmp_path), "closed:rail", "P", 20)
    parts = written.split("<!-- ")
    assert written.startswith("By hand\n<!-- event -->\nclosed:rail in 2030: ")
    assert "\nold\n" not in written
    assert "-->\nmore\n<!--" in written
    assert written.endswith("<!-- end of futures -->\nlast\n")
    assert "**Tails**" in parts[3]
    assert "With P built they cost" in parts[3]
    assert script()["with_results"](written, world(tmp_path / "again"), "closed:rail", "P", 20) == written
    with pytest.raises(ValueError, match="no results are called 'nothing'"):
        script()["with_results"]("<!-- nothing -->\n<!-- end of nothing -->", world(tmp_path / "more"))


def test_the_page_holds_results_whose_certificates_hold() -> None:
    marked = script()["MARKED"]
    page = (ROOT / "docs" / "stress.md").read_text(encoding="utf-8")
    assert [found[1] for found in marked.finditer(page)] == ["event", "futures", "ranking"]
    assert all("the certificate holds" in found[0] for found in marked.finditer(page))


@pytest.mark.nightly
def test_the_page_is_what_the_script_writes() -> None:
    page = (ROOT / "docs" / "stress.md").read_text(encoding="utf-8")
    assert script()["with_results"](page, ba.load("transcaspian")) == page, "run scripts/stress_docs.py"

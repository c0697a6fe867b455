"""The README, the tour and the guides do what they say, and links between pages lead somewhere."""

import csv
import shutil
from pathlib import Path

import pytest

import bactrian
from pages import ROOT, anchors, blocks, follow, links

DOCS = ROOT / "docs"
GUIDES = sorted(str(path.relative_to(ROOT)) for path in (DOCS / "guides").glob("*.md"))
FOLLOWED = ["docs/tour.md", *GUIDES, "README.md"]
PAGES = sorted(str(path.relative_to(ROOT)) for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
SITE_ONLY = {"docs/index.md", "docs/reference.md"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new folder to follow a page in, which has the case of the guides."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(DOCS / "guides" / "kigali", tmp_path / "kigali")
    return tmp_path


@pytest.mark.parametrize("page", FOLLOWED)
def test_a_page_does_what_it_says(page: str, here: Path) -> None:
    assert follow(page, nightly=False)


@pytest.mark.nightly
@pytest.mark.parametrize("page", [page for page in FOLLOWED if any(one.mark == "nightly" for one in blocks(page))])
def test_the_slow_parts_of_a_page_do_what_they_say(page: str, here: Path) -> None:
    assert follow(page, nightly=True)


def test_the_tables_of_the_guides_are_those_of_their_case() -> None:
    named = {block.mark.removeprefix("file: "): block for page in GUIDES for block in blocks(page)}
    for path, block in named.items():
        if path.startswith("kigali/") and path != "kigali/effects.csv":
            assert (DOCS / "guides" / path).read_text(encoding="utf-8") == block.text, path


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    here = ROOT / page
    for path, anchor in links(page):
        there = (here.parent / path).resolve() if path else here
        assert there.exists(), f"{page}: {path} is not there"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{page}: {path} has no heading #{anchor}"


def test_every_page_has_a_place_in_the_navigation() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8").splitlines()
    for path in DOCS.rglob("*.md"):
        if not path.is_relative_to(DOCS / "reference") and path.name != "index.md":
            assert str(path.relative_to(DOCS).with_suffix("")) in index, f"name {path} in docs/index.md"


def test_the_glossary_says_what_briefs_say() -> None:
    rows = (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
    glossary = {row.split(" | ")[0].removeprefix("| "): row.split(" | ")[1:3] for row in rows if row.startswith("| ")}
    terms = (Path(bactrian.__file__).parent / "briefing" / "terms.csv").read_text(encoding="utf-8")
    both = [row for row in csv.reader(terms.splitlines()) if row[0] != "language/en" and row[1] in glossary]
    assert len(both) >= 5
    assert {row[1]: glossary[row[1]] for row in both} == {row[1]: row[2:4] for row in both}


def test_the_glossary_is_sorted() -> None:
    rows = (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
    words = [row.split(" | ")[0].removeprefix("| ").lower() for row in rows if row.startswith("| ")][2:]
    assert words == sorted(words)

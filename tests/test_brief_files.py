"""Files of briefs: the same bytes twice, items that fit their schemas, folders of briefs, and the verb."""

import importlib
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

import bactrian as ba
from bactrian.briefing.pdf import pdf_of
from bactrian.cli import main
from bactrian.errors import BriefError, LibraryError
from briefs import TODAY

ATOM = "{http://www.w3.org/2005/Atom}"
ADDRESS = "https://example.org/briefs"


@pytest.fixture(scope="module")
def folder(place: Path, results: dict[str, Path]) -> Path:
    """A folder of two kinds of brief in two languages."""
    for kind in ("news", "policy"):
        for code in ("en", "ru"):
            ba.brief(
                results.values(), kind=kind, language=code, case=place / "case", today=TODAY, address=ADDRESS
            ).save(place / "out")
    return place / "out"


def bactrian(*words: str | Path, code: int = 0) -> Result:
    answer = CliRunner().invoke(main, [str(one) for one in words])
    assert answer.exit_code == code, answer.output
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    return answer


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_results_give_the_same_bytes(place: Path, results: dict[str, Path], folder: Path) -> None:
    for kind in ("policy", "news"):  # in another order
        for code in ("ru", "en"):
            ba.brief(
                list(results.values())[::-1], kind=kind, language=code, case=place / "case", today=TODAY,
                address=ADDRESS,
            ).save(place / "again")  # fmt: skip
    assert bytes_of(place / "again") == bytes_of(folder)
    assert {path.suffix for path in folder.iterdir()} == {".html", ".md", ".json", ".svg", ".xml"}


def ninjs_schema() -> Any:
    schema = json.loads((Path(__file__).parent / "known" / "ninjs-schema_3.1.json").read_text(encoding="utf-8"))
    anything = Resource.from_contents({}, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("https://geojson.org/schema/GeoJSON.json", anything)
    return jsonschema.Draft202012Validator(schema, registry=registry, format_checker=jsonschema.FormatChecker())


def test_ninjs_items_fit_the_published_schema(folder: Path, place: Path, results: dict[str, Path]) -> None:
    schema = ninjs_schema()
    items = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.ninjs.json")]
    items.append(ba.brief(results.values(), case=place / "case", today=TODAY).ninjs)
    assert len(items) == 5
    for item in items:
        schema.validate(item)
        assert item["language"] in ("en", "ru")
        assert item["copyrightNotice"] == "© Bactrian"
        assert {one["name"] for one in item["associations"]} >= {"map", "programme", "shares", "exceedance"}
        assert all(one["descriptions"][0]["value"] and one["copyrightNotice"] for one in item["associations"])
        assert {"name": "Казахстан" if item["language"] == "ru" else "Kazakhstan", "rel": "mentions",
                "uri": "http://cvx.iptc.org/iso3166-1a2/kz"} in item["places"]  # fmt: skip
    assert items[-1]["uri"].startswith("urn:uuid:")
    with pytest.raises(jsonschema.ValidationError):
        schema.validate({**items[0], "headline": "no such field"})
    with pytest.raises(jsonschema.ValidationError):
        schema.validate({**items[0], "pubStatus": "perhaps"})


@pytest.mark.parametrize("code", ["en", "de", "ru"])
def test_a_news_item_has_two_to_four_hundred_words(place: Path, results: dict[str, Path], code: str) -> None:
    page = ba.brief(results.values(), language=code, case=place / "case", today=TODAY).page
    words = [word for block in page.body for one in block.claims for word in one.text.split()]
    assert 200 <= len(words) <= 400


def test_the_feed_is_atom(folder: Path) -> None:
    feed = ElementTree.parse(folder / "feed.xml").getroot()
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):  # RFC 4287, 4.1.1: exactly one of each
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 4
    ids = [str(one.findtext(f"{ATOM}id")) for one in entries]
    assert len(set(ids)) == 4
    for one in entries:
        assert one.findtext(f"{ATOM}title")
        assert one.findtext(f"{ATOM}updated") == "2026-11-25T00:00:00Z"
        assert len(one.findall(f"{ATOM}link")) == 1
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert all(one.startswith(ADDRESS) for one in ids)


def test_a_folder_leads_from_brief_to_brief(folder: Path) -> None:
    index = (folder / "index.html").read_text(encoding="utf-8")
    names = {path.name for path in folder.glob("case-*.html")}
    assert len(names) == 4
    assert all(f'href="{name}"' in index for name in names)
    page = (folder / "case-news-2035.ru.html").read_text(encoding="utf-8")
    between = page.split("<!-- related -->")[1].split("<!-- end of related -->")[0]
    translated, near = between.split('class="related"')
    assert 'href="case-news-2035.en.html"' in translated
    assert "English" in translated
    assert near.index("case-policy-2035.ru.html") < near.index("case-policy-2035.en.html")
    assert "case-news" not in near


def test_a_sentence_is_explained_down_to_its_sources(folder: Path) -> None:
    told = json.loads((folder / "case-news-2035.en.claims.json").read_text(encoding="utf-8"))
    number = next(one["number"] for one in told["claims"] if "largest item" in one["text"])
    for place in ("case-news-2035.en", "case-news-2035.en.html"):
        said = bactrian("explain", f"{folder / place}#{number}").output
        for part in (
            "big_capex: <biggest>/capex_musd money", "plan/projects/P01/capex_musd = 4.0", "template: news.en.txt",
            "row projects/P01 (assumption): Port of Aktau, year 2025 https://example.org/aktau",
            "result plan: plan/result.json",
        ):  # fmt: skip
            assert part in said
    as_json = json.loads(bactrian("explain", f"{folder / 'case-news-2035.en'}#{number}", "--json").output)
    assert as_json["case_hash"] == told["case_hash"]
    assert as_json["rows"][0]["row"] == "projects/P01"
    for wrong, complaint in {
        f"{folder / 'case-news-2035.en'}#9999": "has no sentence '9999'",
        f"{folder / 'none'}#1": "there is no page",
        f"{folder}#1": "holds 4 pages",
    }.items():
        assert complaint in bactrian("explain", wrong, code=2).output


def test_the_verb_writes_a_page_and_refuses_a_wrong_one(place: Path, results: dict[str, Path], tmp_path: Path) -> None:
    given = [*results.values(), "--case", place / "case", "--date", "2026-11-25"]
    said = bactrian("brief", *given, "--language", "de", "--language", "en", "--out", tmp_path / "out").output
    assert "case-news-2035.de.html" in said
    assert (tmp_path / "out" / "case-news-2035.en.md").exists()
    told = json.loads(bactrian("brief", *given, "--kind", "technical", "--json").output)
    assert told["briefs"][0]["name"] == "case-technical-2035.en"
    assert "# case: " in bactrian("brief", *given).output
    for words, complaint in {
        ("--kind", "poem"): "no kind of brief 'poem'",
        ("--language", "fr"): "no briefs in 'fr'",
        ("--address", "javascript:alert(1)"): "the address 'javascript:alert(1)' is none",
        ("--style", str(tmp_path / "none.toml")): "cannot be read as a house style",
        ("--out", str(place / "case")): "is the folder of a case",
    }.items():
        assert complaint in bactrian("brief", *given, *words, code=2).output
    assert "no results in" in bactrian("brief", place / "case", code=2).output


def test_templates_of_ones_own_stand_in_place_of_those_that_come(
    place: Path, results: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "news.en.txt").write_text("== headline\nOurs: {spent}\n== lead\n== body\n{=kind/dream}.\n")
    (tmp_path / "terms.csv").write_text("key,en,de,ru\nkind/dream,a dream,ein Traum,мечта\n", encoding="utf-8")
    brief = ba.brief(results.values(), case=place / "case", templates=tmp_path, today=TODAY)
    assert brief.headline == "Ours: 5.5\xa0million US dollars"
    assert "A dream." in brief.html
    (tmp_path / "page.html").write_text("{{ ''.__class__.__mro__ }}")
    with pytest.raises(BriefError, match=r"page.html cannot be filled in: access to attribute .__class__."):
        _ = ba.brief(results.values(), case=place / "case", templates=tmp_path, today=TODAY).html
    (tmp_path / "terms.csv").write_text("key,en,de,ru\nkind/dream,a dream,,\n", encoding="utf-8")
    with pytest.raises(BriefError, match="line 2"):
        ba.brief(results.values(), case=place / "case", templates=tmp_path, today=TODAY)


def test_pdf_without_its_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(LibraryError, match=r"pip install 'bactrian\[pdf\]'"):
        pdf_of("<p>")

    def missing(name: str) -> None:
        raise OSError(f"cannot load library 'libpango': {name}\nmore")

    monkeypatch.setattr("bactrian.briefing.pdf.import_module", missing)
    with pytest.raises(LibraryError, match="Pango"):
        pdf_of("<p>")


def test_pdf_has_the_same_bytes_and_fetches_nothing(
    place: Path, results: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError):
        pytest.skip("WeasyPrint is not installed")
    brief = ba.brief(results.values(), language="ru", case=place / "case", today=TODAY)
    assert brief.pdf.startswith(b"%PDF")
    assert brief.pdf == brief.pdf
    asked: list[object] = []
    monkeypatch.setattr("socket.socket.connect", lambda _, address: asked.append(address))
    assert pdf_of('<p>text</p><img src="http://127.0.0.1:9/a.png"><img src="file:///etc/hostname">').startswith(b"%PDF")
    assert not asked


def opened(chromium: str, page: Path, user: Path) -> tuple[set[str], str, str]:
    """What a browser that reaches no host asks for to show a page, the page as it has it, and what it complains of."""
    log = user / "net.json"
    found = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update",
         "--disable-features=NetworkTimeServiceQuerying",
         f"--log-net-log={log}", "--enable-logging=stderr", f"--user-data-dir={user}",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    asked = set(re.findall(r'"(?:url|host|hostname)":"([^"]*)"', log.read_text()))
    return asked, found.stdout, found.stderr


@pytest.mark.nightly
def test_a_browser_asks_no_host_and_has_nothing_to_complain_of(folder: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("there is no Chromium")
    blank, greedy = tmp_path / "blank.html", tmp_path / "greedy.html"
    blank.write_text("<!DOCTYPE html><title>blank</title>")
    greedy.write_text('<!DOCTYPE html><title>greedy</title><img src="http://greedy.example.org/a.png">')
    usual = opened(chromium, blank, tmp_path)[0]
    assert any("greedy.example.org" in one for one in opened(chromium, greedy, tmp_path)[0] - usual)
    for page in folder.glob("*.html"):
        asked, shown, said = opened(chromium, page, tmp_path)
        assert "</main>" in shown
        assert "CONSOLE" not in said
        assert {one for one in asked - usual if not one.startswith("file:")} == set()

"""The page of the studio in a browser: each view does what it is for, and asks nobody but its own server."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import bactrian as ba
from browsing import SETTLED, Reader, browser
from studios import program

STATIC = files("bactrian.studio") / "static"
LANGUAGES = ("en", "de", "ru")
VIEWS = ("map", "scenario", "plan", "stress", "share", "brief", "data")


def words(code: str) -> dict[str, str]:
    told: dict[str, str] = json.loads((STATIC / "words" / f"{code}.json").read_text(encoding="utf-8"))
    return told


def scripts() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in Path(str(STATIC)).rglob("*.js")}


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_agree_in_keys_and_blanks(code: str) -> None:
    base, told = words("en"), words(code)
    assert list(told) == list(base)
    for key, text in told.items():
        assert text.strip(), key
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", base[key])), key


def test_every_word_that_is_asked_for_is_there() -> None:
    asked = {key for text in scripts().values() for key in re.findall(r'\bt\("([^"]+)"', text)}
    assert asked - set(words("en")) == set()


def test_nothing_is_put_in_as_markup_and_nothing_runs_in_line() -> None:
    for name, text in scripts().items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            name
        )
        assert len(text.splitlines()) < 320, name
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|https?://(?!www\.w3\.org/2000/svg)", page)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program("transcaspian", tmp_path_factory.mktemp("store")) as (_, where):
        yield where


@pytest.fixture
def reader(chromium: Any, address: str) -> Iterator[Reader]:
    one = Reader(chromium, address)
    yield one
    wrong = list(one.wrong)
    one.close()
    assert wrong == []


def result(page: Any, within_s: float = 240) -> None:
    page.wait_for_selector(".facts[data-result]", timeout=within_s * 1000)


def test_the_map_shows_what_moves_and_who_uses_a_link(reader: Reader) -> None:
    page = reader.open("map")
    page.wait_for_selector(".stage[data-shows=flows]")
    assert page.locator(".twin tbody tr").count() > 30
    assert page.locator(".name.place:visible").count() > 5
    with page.expect_response(re.compile("/through/")) as answer:
        page.locator(".twin tbody button.link").first.click()
    told = answer.value.json()
    page.wait_for_selector(".facts .figures")
    assert told["users"]
    assert told["source"]["title"] in page.locator(".facts").inner_text()
    with page.expect_response(lambda one: one.url.endswith("/api/runs") and one.request.method == "POST") as again:
        page.locator(".facts button.strong").click()
    cells = again.value.request.post_data_json["scenario"]["cells"]
    assert cells == {told["table"]: {told["row"]: {"opens": 2500}}}
    assert told["row"] not in {one["link"] for one in again.value.json()["links"] if one["kt"] > 0}


@pytest.mark.nightly
def test_goods_and_corridors_are_shown_alone(reader: Reader) -> None:
    page = reader.open("map")
    page.wait_for_selector(".twin tbody tr")
    before = page.locator(".twin tbody tr").count()
    with page.expect_response(re.compile(r"/links\?commodity=crude_oil$")):
        page.get_by_label("Goods").select_option("crude_oil")
    page.wait_for_function(f"() => document.querySelectorAll('.twin tbody tr').length < {before}")
    page.get_by_label("Search links and ports").fill("Tengiz")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.twin tbody th')].every((one) => one.textContent.includes('Tengiz'))"
    )
    page.reload()
    page.wait_for_selector(".twin tbody tr")
    assert page.get_by_label("Goods").input_value() == "crude_oil"
    page.get_by_label("Search links and ports").fill("")
    page.get_by_role("button", name="Ports and borders").click()
    page.wait_for_selector(".twin tbody tr")
    assert page.get_by_role("columnheader", name="Place").count() == 1


@pytest.mark.nightly
def test_a_slider_runs_the_scenario_beside_the_base(reader: Reader) -> None:
    page = reader.open("scenario")
    page.wait_for_selector(".facts .nothing")
    level = page.get_by_label("Level of the Caspian", exact=True)
    with page.expect_response(re.compile("/compare/")) as answer:
        level.focus()
        for _ in range(8):
            page.keyboard.press("ArrowLeft")
    told = answer.value.json()
    page.wait_for_selector(".stage[data-shows=changes]")
    page.wait_for_selector(".facts tbody tr")
    assert page.locator(".facts .table").first.locator("tbody tr").count() == len(told["totals"])
    draft = page.evaluate("JSON.parse(new URLSearchParams(location.hash.split('?')[1]).get('scenario'))")
    assert draft["level_m"] < -29
    assert "--with" in page.locator(".command code").inner_text()
    page.get_by_label("Name").fill("Low sea")
    with page.expect_response(lambda one: one.url.endswith("/api/scenarios") and one.request.method == "POST"):
        page.get_by_role("button", name="Save", exact=True).click()
    page.reload()
    page.wait_for_selector(SETTLED)
    page.wait_for_selector(".facts tbody tr")
    assert page.locator(".chip").inner_text().startswith("Low sea")
    with page.expect_download() as kept:
        page.get_by_role("button", name="Download").click()
    assert json.loads(Path(kept.value.path()).read_text(encoding="utf-8"))["level_m"] == draft["level_m"]
    page.get_by_role("button", name="Delete").click()
    page.wait_for_function("() => !document.querySelector('.side').innerText.includes('as a case')")


@pytest.mark.nightly
def test_a_plan_is_found_and_one_is_cancelled(reader: Reader) -> None:
    page = reader.open('plan?plan.with={"budget":0.5,"last":2028}')
    assert page.locator(".projects select").count() > 5
    page.locator(".side button.strong").click()
    page.wait_for_selector(".facts progress")
    page.get_by_role("button", name="Cancel").click()
    began = time.monotonic()
    page.wait_for_selector(".facts .state.cancelled")
    assert time.monotonic() - began < 3
    page.get_by_role("button", name="Go on").click()
    result(page)
    assert page.locator(".facts .figures dd").count() == 5
    page.get_by_role("button", name="Programme of works").click()
    page.wait_for_function("() => document.querySelector('.picture img')?.naturalWidth > 0")
    assert page.locator(".stage").get_attribute("data-shows") == "built"


@pytest.mark.nightly
def test_events_by_hand_are_followed(reader: Reader) -> None:
    page = reader.open('stress?stress.with={"way":"hand","hand_days":30}')
    page.get_by_label("Suez Canal blocked", exact=False).first.check()
    page.locator(".side button.strong").click()
    result(page)
    assert page.locator(".facts tbody tr").count() > 10


@pytest.mark.nightly
def test_an_ensemble_goes_on_after_a_reload_and_ends_at_once_when_cancelled(reader: Reader) -> None:
    page = reader.open('stress?stress.with={"draws":20000}')
    page.locator(".side button.strong").click()
    page.wait_for_selector(".facts progress")
    page.reload()
    page.wait_for_selector(".facts progress")
    page.wait_for_selector(".facts progress[value]", timeout=120_000)
    page.get_by_role("button", name="Jobs").click()
    assert page.locator(".jobs progress").count() == 1
    page.keyboard.press("Escape")
    began = time.monotonic()
    page.locator(".facts").get_by_role("button", name="Cancel").click()
    page.wait_for_selector(".facts .state.cancelled")
    assert time.monotonic() - began < 3


@pytest.mark.nightly
def test_shares_are_worked_out(reader: Reader) -> None:
    page = reader.open("share")
    for country in ("Kazakhstan", "Turkmenistan"):
        page.get_by_label(country, exact=True).check()
    page.locator(".side button.strong").click()
    result(page)
    assert page.locator(".facts tbody tr").count() >= 9
    page.get_by_role("button", name="Transfers").click()
    assert "Nucleolus" in page.locator(".facts").inner_text()


@pytest.mark.nightly
def test_a_brief_is_made_and_shown(reader: Reader) -> None:
    page = reader.open("brief")
    page.get_by_label("Deutsch").check()
    page.locator(".side button.strong").click()
    result(page)
    assert page.frame_locator(".sheet").locator("h1").inner_text()
    assert page.locator(".sheet").get_attribute("sandbox") == ""
    assert page.locator(".facts a[download]").count() >= 6


@pytest.mark.nightly
def test_a_cell_is_edited_as_a_difference_and_taken_back(reader: Reader) -> None:
    page = reader.open("data?table=links")
    page.wait_for_selector("td.cell")
    with page.expect_response(re.compile("/source")):
        page.locator("td.cell button").nth(6).click()
    with page.expect_response(re.compile("/api/check")) as answer:
        page.keyboard.press("Control+A")
        page.keyboard.type("777")
        page.keyboard.press("Enter")
    assert answer.value.json()["findings"] == []
    assert page.locator("td.changed .old").count() == 1
    page.get_by_role("button", name="Undo").click()
    assert page.locator("td.changed").count() == 0
    with page.expect_download():
        page.get_by_role("button", name="Export as a case").click()


@pytest.mark.nightly
def test_tabs_and_panels_are_worked_by_keyboard(reader: Reader) -> None:
    page = reader.open("map")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#tab-map").focus()
    for view in VIEWS[1:]:
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f"#panel[data-view={view}]")
        assert page.locator(f"#tab-{view}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Home")
    page.wait_for_selector(".twin tbody button.link")
    page.locator(".twin tbody button.link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel[data-facts=open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel:not([data-facts])")


_LOOSE = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const text = node.textContent.trim();
    const own = node.parentElement.closest('[translate=no], script, noscript, .maplibregl-map');
    if (/\\p{L}/u.test(text) && !own && !text.includes('¤')) found.push(text);
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
    if (element.closest('.maplibregl-map, [translate=no]')) continue;
    for (const name of ['aria-label', 'placeholder', 'title']) {
      const text = element.getAttribute(name);
      if (text && /\\p{L}/u.test(text) && !text.includes('¤')) found.push(`${name}: ${text}`);
    }
  }
  return found;
}"""


@pytest.mark.nightly
def test_no_visible_word_is_left_out_of_the_lists(reader: Reader) -> None:
    """With lists in which every word is marked, what bears no mark comes from a case or was never translated."""
    marked = json.dumps({key: f"¤{text}" for key, text in words("en").items()})
    reader.context.route(
        re.compile(r"/static/words/en\.json$"),
        lambda route: route.fulfill(body=marked, content_type="application/json"),
    )
    for view in VIEWS:
        page = reader.open(view)
        page.wait_for_timeout(400)
        assert page.evaluate(_LOOSE) == [], view


@pytest.mark.nightly
@pytest.mark.parametrize(("code", "tab", "country"), [("de", "Karte", "Kasachstan"), ("ru", "Карта", "Казахстан")])
def test_languages_are_kept(reader: Reader, code: str, tab: str, country: str) -> None:
    page = reader.open("map")
    page.get_by_label("Language").select_option(code)
    page.wait_for_selector(f"html[lang={code}]")
    page.reload()
    page.wait_for_selector(SETTLED)
    assert page.locator("html").get_attribute("lang") == code
    assert page.locator("#tab-map").inner_text() == tab
    page.locator("#tab-share").click()
    page.wait_for_selector(".choices")
    assert country in page.locator(".choices").inner_text()


@pytest.mark.nightly
def test_hostile_names_stay_text(chromium: Any, small_corridor: ba.Case, tmp_path: Path) -> None:
    bad = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'
    rows = {
        table: {str(key): {"name": bad} for key in small_corridor.table(table)["id"]}
        for table in ("places", "countries", "commodities", "corridors", "projects", "events")
        if table in ba.load("transcaspian").quality().columns or True
    }
    case = small_corridor.with_(rows)
    case.save(tmp_path / "bad")
    with program(tmp_path / "bad", tmp_path / "store") as (_, where):
        reader = Reader(chromium, where)
        for view in VIEWS:
            page = reader.open(view)
            page.wait_for_timeout(400)
            assert page.evaluate("window.ran") is None
            assert page.locator("img[src=x]").count() == 0
        assert "<img" in reader.open("share").locator("body").inner_text()
        assert reader.wrong == []
        reader.close()

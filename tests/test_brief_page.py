"""Pages of briefs: every number is one of the results, every word is of the language, and names do no harm."""

import csv
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import bactrian as ba
from bactrian.briefing.house import read_house
from bactrian.briefing.language import LANGUAGES
from bactrian.errors import BriefError
from bactrian.report.files import write_csv
from briefs import TODAY, corridor, results_of

KINDS = ("news", "policy", "technical")
SCALES = {
    "million": 1e6, "billion": 1e9, "trillion": 1e12, "million(en)?": 1e6, "Million(en)?": 1e6, "Milliarden?": 1e9,
    "Billion(en)?": 1e12, "миллион(а|ов)?": 1e6, "миллиард(а|ов)?": 1e9, "триллион(а|ов)?": 1e12,
}  # fmt: skip
VOID = {"meta", "link", "img", "br"}
MARKS = "\u202e\u2066\u200f"
HOSTILE = f'<script>alert(1)</script>"><img src=x onerror=alert(1)>{MARKS}=HYPERLINK("http://x") {{{{ 7*7 }}}} | **b**'


class Texts(HTMLParser):
    """Texts of a page with the elements they stand in, and all attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[tuple[tuple[str, ...], dict[str, str | None], str]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(page)
        assert not self.stack, "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, cell or "") for key, cell in attrs]
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, cell or "") for key, cell in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop()[0] == tag, f"{tag} closes another element"

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append((tuple(one for one, _ in self.stack), self.stack[-1][1], data))


@pytest.fixture
def case(small_corridor: ba.Case) -> ba.Case:
    return small_corridor


def value_of(told: str, code: str) -> float:
    """What a number with its words is worth, read back by the rules of a language."""
    met = re.match(r"-?[\d.,\s\u00a0\u202f]*\d", told)
    assert met, told
    digits = re.sub(r"\s", "", met[0])
    point = "." if code == "en" else ","
    digits = digits.replace("," if code == "en" else ".", "").replace(point, ".")
    scale = next((size for word, size in SCALES.items() if re.match(rf"\s*{word}\b", told[met.end() :])), 1.0)
    return float(digits) * scale


def figures_in(results: dict[str, Path]) -> dict[str, Any]:
    """Every cell of the results by its path, as the files have it."""
    found: dict[str, Any] = {}

    def walk(path: str, cell: Any) -> None:
        if isinstance(cell, dict):
            for key, each in cell.items():
                walk(f"{path}/{key}", each)
        elif isinstance(cell, list):
            for each in cell:
                walk(f"{path}/*", each)
        found.setdefault(path, []).append(len(cell) if isinstance(cell, list | dict) else cell)

    for name, folder in results.items():
        walk(name, json.loads((folder / "result.json").read_text()))
    return found


def stands(path: str, raw: Any, found: dict[str, Any]) -> bool:
    """Whether a value looked up at a path is one that the results hold there, whatever row it is of."""
    if path.endswith("/@") or path == "calendar/today":
        return True
    steps = path.split("/")
    for cut in range(1, len(steps)):
        for wild in (steps, [*steps[:cut], "*", *steps[cut + 1 :]]):
            if raw in found.get("/".join(wild), []):
                return True
    return False


def close(told: float, value: float) -> bool:
    """Whether a number is the value to three significant digits, in one of the units it may be written in."""
    sizes = [abs(value) * unit for unit in (1, 1e3, 1e6, 1 / 24, 100, 1e-3)]
    return any(float(f"{one:.2e}") == pytest.approx(abs(told), rel=1e-9) or one == abs(told) for one in sizes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_number_of_a_page_is_one_of_the_results(
    case: ba.Case, results: dict[str, Path], kind: str, code: str
) -> None:
    brief = ba.brief(results.values(), kind=kind, language=code, case=case, today=TODAY)
    found = figures_in(results)
    for claim in brief.claims:
        for value in claim.values:
            for path, raw in value.looked_up.items():
                assert stands(path, raw, found), (path, raw)
    page = Texts(brief.html)
    told, loose = [], []
    for tags, attributes, text in page.found:
        if "style" in tags or "code" in tags or tags[-1] == "time" or "sup" in tags:
            continue
        if tags[-1] == "data" or "data-value" in attributes:
            raw = str(attributes.get("value", attributes.get("data-value")))
            told.append(text.strip())
            if re.fullmatch(r"-?[\d.e+-]+", raw):
                assert close(value_of(text, code), float(raw)), (text, raw)
        elif "ol" not in tags:  # sources are proper names
            loose.append((tags, text))
    assert len(told) > 30
    known = " ".join([*told, *(one.text for one in brief.claims)])
    for tags, text in loose:
        for number in re.findall(r"\d[\d.,\u00a0]*", text.replace("CO2", "").replace("4.0", "")):
            in_chain = "table" in tags and text.strip().isdigit() and int(text) <= len(brief.claims)
            made = "made" in [str(cell) for _, key, cell in page.attributes if key == "class"] and number in text
            assert number.rstrip(".,\u00a0") in known or in_chain or (tags[-1] == "p" and made), (tags, text)


def words_of(code: str) -> set[str]:
    """Words of the templates, of the terms and of the number words of a language."""
    folder = files("bactrian.briefing") / "templates"
    names = [f"{name}.{code}.txt" for name in (*KINDS, "pictures", "labels")]
    texts = [(folder / name).read_text(encoding="utf-8") for name in names]
    rows = csv.DictReader((files("bactrian.briefing") / "terms.csv").read_text(encoding="utf-8").splitlines())
    texts += [row[code] for row in rows]
    tongue = ba.briefing.language.language(code).locale  # type: ignore[attr-defined]
    texts += [str(name) for name in tongue.territories.values()]
    texts += ["US-Dollar Milliarden Milliarde Millionen Million Tonnen Tage" if code == "de" else ""]
    texts += [
        "доллар доллара долларов США миллион миллиона миллионов миллиард миллиарда миллиардов" if code == "ru" else ""
    ]
    texts += ["тонна тонны тонн день дня дней" if code == "ru" else ""]
    months = tongue.months["format"]["wide"].values()
    return {word.casefold() for text in [*texts, *map(str, months)] for word in re.findall(r"[^\W\d_]+", text)}


ALLOWED = {
    "bactrian",
    "natural",
    "earth",
    "linkedin",
    "whatsapp",
    "threads",
    "facebook",
    "x",
    "mail",
    "case",
    "г",
    "html",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", ["de", "ru"])
def test_no_word_is_left_untranslated(case: ba.Case, results: dict[str, Path], kind: str, code: str) -> None:
    brief = ba.brief(results.values(), kind=kind, language=code, case=case, today=TODAY, address="https://example.org")
    known, content = words_of(code) | ALLOWED, case.hash[:12]
    for tags, attributes, text in Texts(brief.html).found:
        marked = attributes.get("lang") not in (None, code) or "code" in tags or "style" in tags
        text = text.replace(content, "")
        if not marked:
            strange = [word for word in re.findall(r"[^\W\d_]+", text) if word.casefold() not in known]
            assert not strange, (strange, text)
        if code == "ru" and not marked:
            english = re.findall(r"\b(?:the|of|and|million|billion|tonnes|pipeline|port)\b", text)
            assert not english, text


def test_a_name_without_a_translation_is_marked(tmp_path: Path) -> None:
    case = corridor(tmp_path / "case", projects=[
        {"id": "P01", "name": "A quay of our own", "capex_musd": 4, "build_years": 2, "countries": "KAZ"},
    ])  # fmt: skip
    brief = ba.brief(results_of(case, tmp_path).values(), language="ru", case=case, today=TODAY)
    assert '«<bdi lang="en">A quay of our own</bdi>»' in brief.html


def test_a_country_under_a_strange_name_is_refused(tmp_path: Path) -> None:
    names = {"KAZ": "Atlantis", "AZE": "Azerbaijan", "GEO": "Georgia", "TUR": "Türkiye"}
    case = corridor(tmp_path / "case", countries=[{"id": one, "name": name} for one, name in names.items()])
    with pytest.raises(BriefError, match="calls the country KAZ 'Atlantis', which is 'Kazakhstan'"):
        ba.brief(results_of(case, tmp_path).values(), case=case, today=TODAY)


def test_a_page_asks_no_host_for_anything(case: ba.Case, results: dict[str, Path]) -> None:
    brief = ba.brief(results.values(), kind="technical", case=case, today=TODAY, address="https://example.org/briefs")
    page = Texts(brief.html)
    assert not {tag for tag, _, _ in page.attributes} & {"script", "iframe", "object", "embed", "form", "base"}
    fetching = [(tag, key, cell) for tag, key, cell in page.attributes if key in ("src", "srcset", "data", "poster")]
    assert not [one for one in fetching if not one[2].startswith("data:")]
    assert not [cell for tag, key, cell in page.attributes if key == "href" and tag not in ("a", "link")]
    assert not re.search(r"url\(|@import|expression\(", brief.html.replace("url(#map-frame)", ""))
    assert "default-src 'none'" in brief.html
    links = {cell for tag, key, cell in page.attributes if (tag, key) == ("a", "href") and "://" in cell}
    hosts = {re.sub(r"https?://([^/]+)/.*", r"\1", one) for one in links}
    shared = {"www.linkedin.com", "wa.me", "www.threads.net", "x.com", "www.facebook.com"}
    assert hosts == shared | {"example.org"}
    assert all("utm_" not in one for one in links)
    plain = ba.brief(results.values(), case=case, today=TODAY).html
    assert "linkedin" not in plain


def test_pictures_have_words_for_those_who_cannot_see_them(case: ba.Case, results: dict[str, Path]) -> None:
    for code in LANGUAGES:
        brief = ba.brief(results.values(), kind="policy", language=code, case=case, today=TODAY)
        assert set(brief.page.pictures) == {"map", "programme", "frontier", "shares", "exceedance"}
        for name, picture in brief.page.pictures.items():
            assert f'<title id="{name}-title">{picture.caption.text}' in picture.svg
            assert f'<desc id="{name}-desc">' in picture.svg
            assert picture.alt.values
        assert brief.html.count('<small class="rights">') == 5


def test_hostile_names_do_nothing(tmp_path: Path) -> None:
    case = corridor(
        tmp_path / "case",
        projects=[{"id": "P01", "name": HOSTILE, "capex_musd": 4, "build_years": 2, "countries": "KAZ", "at": "KZAAU"}],
        corridors=[{"id": "titr", "name": f"{HOSTILE} way", "marks": "sea"}],
        sources=[{"id": "s", "title": HOSTILE, "address": "javascript:alert(1)"}, {"id": "port", "title": HOSTILE,
                 "address": 'https://example.org/"><script>alert(1)</script>'}],
    )  # fmt: skip
    results = results_of(case, tmp_path)
    for kind in KINDS:
        brief = ba.brief(results.values(), kind=kind, language="de", case=case, today=TODAY)
        page = Texts(brief.html)
        tags = {tag for tag, _, _ in page.attributes}
        assert not tags & {"script", "img"}
        assert not [key for _, key, _ in page.attributes if key.startswith("on")]
        assert not [cell for _, key, cell in page.attributes if key == "href" and cell.startswith("javascript:")]
        assert not set(MARKS) & set(brief.html + brief.markdown + json.dumps(brief.ninjs, ensure_ascii=False))
        assert "{{ 7*7 }}" in brief.html
        assert "<script" not in brief.markdown
        assert "\\*\\*b\\*\\*" in brief.markdown
        assert "<script" not in json.dumps([one for one in brief.ninjs["bodies"] if "xhtml" in one["contentType"]])
        for picture in brief.page.pictures.values():
            assert not {tag for tag, _, _ in Texts(picture.svg).attributes} & {"script", "img"}


def test_cells_of_tables_are_no_formulas(tmp_path: Path) -> None:
    table = ba.load("transcaspian").table("projects").head(2)[["id", "name", "capex_musd"]]
    table["name"] = ['=HYPERLINK("http://x")', "@SUM(A1)"]
    table["capex_musd"] = [-5.0, 4.0]
    lines = write_csv(tmp_path / "t.csv", table).read_text().splitlines()
    assert lines == ["id,name,capex_musd", 'P01,"\'=HYPERLINK(""http://x"")",-5.0', "P02,'@SUM(A1),4.0"]


def test_a_house_style_dresses_the_page(case: ba.Case, results: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    style = tmp_path / "house.toml"
    style.write_text(
        'name = "Ministry <of> Transport"\nrights = "The Ministry"\ncontact = "press@example.org"\nlogo = "logo.svg"\n'
        '[colours]\naccent = "#aa3300"\n'
    )
    brief = ba.brief(results.values(), case=case, style=style, today=TODAY)
    assert "Ministry &lt;of&gt; Transport" in brief.html
    assert "--accent: #aa3300" in brief.html
    assert 'src="data:image/svg+xml;base64,' in brief.html
    assert brief.ninjs["copyrightHolder"] == "The Ministry"
    for text, complaint in {
        'accent = "#aa3300"': "'#aa3300' is not understood",
        '[colours]\naccent = "red; } body { display: none"': "is no colour",
        'logo = "none.png"': "cannot be read",
        "name = 5": "not understood",
        "name": "cannot be read as a house style",
    }.items():
        style.write_text(text)
        with pytest.raises(BriefError, match=complaint):
            read_house(style)

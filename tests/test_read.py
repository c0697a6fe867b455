"""Press texts read against the case: statements of known truth in three languages, and what is left alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.briefing.read import read_text
from bactrian.briefing.said import Day, amounts, anniversaries, days, language_of, sentences
from bactrian.cli import main

YES, NO, OPEN = "agrees", "contradicts", "cannot tell"

# Known beforehand: neutrality 12 December 1995 (A/RES/50/80); the railway by Turkmenistan to Iran 3 December 2014;
# Baku-Tbilisi-Kars 30 October 2017; the port of Turkmenbashi 2 May 2018; the Suez Canal 23 March 2021; 1.485 Mt by the
# Trans-Caspian route in 2022 and 0.586 in 2021; targets of 300,000 TEU for 2029 and of 11 Mt for 2030.
STATEMENTS = [
    (
        "en",
        "The forum marking the thirtieth anniversary of Turkmenistan's neutrality took place on 12 December 2023.",
        NO,
    ),
    ("en", "The forum marking the 30th anniversary of Turkmenistan's neutrality took place on 12 December 2025.", YES),
    (
        "en",
        "In 2025 Turkmenistan celebrates the 30th anniversary of its permanent neutrality of 12 December 1995.",
        YES,
    ),
    ("en", "Turkmenistan's neutrality was recognised on 12 December 1995.", YES),
    ("en", "Turkmenistan's neutrality was recognised on 12 December 1993.", NO),
    ("de", "Die Neutralität Turkmenistans wurde am 12. Dezember 1995 anerkannt.", YES),
    ("ru", "Нейтралитет Туркменистана был признан 12 декабря 1995 года.", YES),
    ("en", "The Baku-Tbilisi-Kars railway was opened on 30 October 2017.", YES),
    ("en", "The Baku–Tbilisi–Kars railway line was inaugurated in October 2018.", NO),
    ("en", "The Kazakhstan-Turkmenistan-Iran railway was opened in December 2014.", YES),
    ("en", "The new port of Turkmenbashi opened in 2018.", YES),
    ("en", "In 2022, 1.485 million tonnes of freight were carried by the Middle Corridor.", YES),
    ("en", "In 2022, 3.4 million tonnes of freight were carried by the Middle Corridor.", NO),
    ("en", "The Middle Corridor aims at 300,000 TEU in containers by 2029.", YES),
    ("en", "The World Bank expects 11 million tonnes on the Middle Corridor in 2030.", YES),
    ("en", "Aktau in Kazakhstan is the port for this.", YES),
    ("en", "Aktau in Turkmenistan is the port for this.", NO),
    ("de", "Das Forum zum dreißigsten Jahrestag der Neutralität Turkmenistans fand am 12. Dezember 2023 statt.", NO),
    ("de", "Das Forum zum 30. Jahrestag der Neutralität Turkmenistans fand am 12. Dezember 2025 statt.", YES),
    ("de", "Die Bahnstrecke Baku–Tiflis–Kars wurde am 30. Oktober 2017 eröffnet.", YES),
    ("de", "Die Bahnstrecke Baku-Tiflis-Kars wurde 2015 eröffnet.", NO),
    ("de", "Über den Mittleren Korridor wurden 2021 rund 586.000 Tonnen Güter befördert.", YES),
    ("de", "Über den Mittleren Korridor wurden 2021 rund 0,59 Mio. Tonnen Güter befördert.", YES),
    ("de", "Über den Mittleren Korridor wurden 2022 etwa 2,5 Mio. Tonnen Güter befördert.", NO),
    ("de", "Der Suezkanal war ab dem 23. März 2021 blockiert.", YES),
    ("de", "Der Hafen Turkmenbaschi wurde am 2. Mai 2017 eröffnet.", NO),
    ("de", "Poti (Georgien) ist ein Hafen am Schwarzen Meer.", YES),
    ("de", "Poti (Aserbaidschan) ist ein Hafen am Schwarzen Meer.", NO),
    ("ru", "Форум к тридцатилетию нейтралитета Туркменистана прошёл 12 декабря 2023 года.", NO),
    ("ru", "Форум к 30-летию нейтралитета Туркменистана прошёл 12 декабря 2025 года.", YES),
    ("ru", "Железная дорога Баку — Тбилиси — Карс была открыта 30 октября 2017 года.", YES),
    ("ru", "Железная дорога Казахстан — Туркменистан — Иран была открыта в декабре 2016 года.", NO),
    ("ru", "В 2022 году по ТМТМ перевезено 1,485 млн тонн грузов.", YES),
    ("ru", "В 2022 году по ТМТМ перевезено 2,8 млн тонн грузов.", NO),
    ("ru", "Порт Актау в Казахстане принимает суда.", YES),
    ("ru", "Порт Алят, Баку (Казахстан) принимает суда.", NO),
]

SILENT = [
    ("en", "A forum on neutrality was held in Geneva on 12 December 2023."),
    ("en", "Freight grew by 2023 percent."),
    ("en", "On 12 December 2023 a forum in Turkmenistan spoke of its neutrality."),
    ("en", "The port of Turkmenbashi opened a new ferry terminal in 2021."),
    ("en", "The Baku-Tbilisi-Kars railway opened a second station in 2021."),
    ("en", "Trains run by Aktau, Azerbaijan and Georgia."),
    ("de", "Turkmenistan sprach am 12. Dezember 2023 über seine Neutralität."),
    ("ru", "Туркменистан 12 декабря 2023 года говорил о нейтралитете."),
    ("en", "The railway was opened on 30 October 2016."),
    ("de", "Der Hafen wurde am 2. Mai 2017 eröffnet."),
    ("de", "Das Forum dauerte vom 11. bis zum 12. Dezember 2023."),
    ("ru", "Форум прошёл 12 декабря 2023 года."),
]

UNSURE = [
    ("en", "In nine months of 2022, 1.84 million tonnes of freight were carried by the Middle Corridor."),
    ("en", "Freight by the Middle Corridor was 1.485 million tonnes in 2022 and 0.586 million tonnes in 2021."),
    ("en", "In 2031, 9 million tonnes of freight were carried by the Middle Corridor."),
    ("en", "The Baku-Tbilisi-Kars railway was opened in 2017 after works that began in 2008."),
    ("en", "Between 2023 and 2024 the 30th anniversary of Turkmenistan's neutrality was prepared."),
]


@pytest.fixture(scope="module")
def case() -> ba.Case:
    return ba.load("transcaspian")


@pytest.mark.parametrize(("code", "sentence", "verdict"), STATEMENTS)
def test_statements_of_known_truth(case: ba.Case, code: str, sentence: str, verdict: str) -> None:
    assert language_of(sentence) == code
    found = read_text(sentence, case)
    assert [one.verdict for one in found] == [verdict], found
    if verdict != OPEN:
        assert found[0].known
        assert found[0].source


@pytest.mark.parametrize(("code", "sentence"), SILENT)
def test_what_may_mean_anything_is_left_alone(case: ba.Case, code: str, sentence: str) -> None:
    assert not [one for one in read_text(sentence, case, code) if one.verdict != OPEN]


@pytest.mark.parametrize(("code", "sentence"), UNSURE)
def test_what_is_not_clear_cannot_be_told(case: ba.Case, code: str, sentence: str) -> None:
    assert {one.verdict for one in read_text(sentence, case, code)} <= {OPEN}


def test_a_text_is_read_sentence_by_sentence(case: ba.Case, tmp_path: Path) -> None:
    text = " ".join(sentence for code, sentence, _ in STATEMENTS if code == "de")
    assert sentences(text) == [sentence for code, sentence, _ in STATEMENTS if code == "de"]
    file = tmp_path / "press.txt"
    file.write_text(text, encoding="utf-8")
    answer = CliRunner().invoke(main, ["read", str(file), "--json"])
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)["statements"]
    assert [one["verdict"] for one in told] == [verdict for code, _, verdict in STATEMENTS if code == "de"]
    shown = CliRunner().invoke(main, ["read", str(file)]).output
    assert "contradicts: neutrality: anniversary 30 in 2023; known: 1995-12-12, so in 2025" in shown
    assert "resolution 50/80" in shown
    file.write_text("Nothing here.", encoding="utf-8")
    assert CliRunner().invoke(main, ["read", str(file)]).output == "nothing in this text can be checked\n"
    for wrong in (["read", str(tmp_path / "none.txt")], ["read", str(file), "--language", "fr"]):
        assert CliRunner().invoke(main, wrong).exit_code == 2


def test_dates_and_amounts_are_read_as_each_language_writes_them() -> None:
    for code, said in {
        "en": ("12 December 1995", "December 12, 1995", "12th of December 1995", "1995-12-12"),
        "de": ("12. Dezember 1995", "12.12.1995", "12. Dezember 1995"),
        "ru": ("12 декабря 1995 года", "12.12.1995"),
    }.items():
        for one in said:
            assert days(one, code) == [Day(1995, 12, 12)], one
    assert days("in December 1995 and 2014", "en") == [Day(1995, 12), Day(2014)]
    assert days("2,000 TEU and 1995 t and 2014.5", "en") == []
    assert [one.value for one in amounts("1.2 million tonnes, 300 thousand TEU", "en")] == [1.2, 300_000]
    assert [one.value for one in amounts("1,2 Mio. Tonnen, 300.000 TEU, 5 Tsd. Tonnen", "de")] == [1.2, 0.005, 300_000]
    assert [one.value for one in amounts("586.000 Tonnen", "de")] == [0.586]
    assert [one.value for one in amounts("1,2 млн тонн, 300 тыс. контейнеров", "ru")] == [1.2, 300_000]
    assert anniversaries("its 25th anniversary and the tenth anniversary", "en") == [25, 10]
    assert anniversaries("das 30-jährige Bestehen", "de") == [30]
    assert anniversaries("к 30-й годовщине", "ru") == [30]

"""What a text says in figures: its sentences, dates, anniversaries and quantities, in English, German and Russian."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bactrian.briefing.language import language

__all__ = ["Amount", "Day", "amounts", "anniversaries", "days", "language_of", "sentences"]

_GERMAN = frozenset(
    [
        "der",
        "die",
        "das",
        "und",
        "wurde",
        "wurden",
        "im",
        "den",
        "dem",
        "von",
        "mit",
        "des",
        "ist",
        "ein",
        "eine",
        "am",
        "zum",
        "zu",
        "auf",
        "nach",
        "bis",
    ]
)
_ENGLISH = frozenset(
    ["the", "and", "of", "was", "were", "in", "to", "by", "with", "on", "is", "a", "an", "at", "for", "from", "this"]
)
_SHORT = r"(?:bzw|ca|Dr|Mio|Mrd|Nr|St|vgl|z\.\s?B|e\.g|i\.e|No|млн|млрд|тыс|долл|гг|г|им|т\.\s?е)"
_END = re.compile(r"(?<=[.!?…])[\"»“”’)]*\s+(?=[\"«„“(]*[A-ZÄÖÜА-ЯЁ0-9])")
_ORDINALS = {
    "en": {"tenth": 10, "fifteenth": 15, "twentieth": 20, "twenty-fifth": 25, "thirtieth": 30, "fortieth": 40},
    "de": {"zehnt": 10, "fünfzehnt": 15, "zwanzigst": 20, "fünfundzwanzigst": 25, "dreißigst": 30, "vierzigst": 40},
    "ru": {"десят": 10, "пятнадцат": 15, "двадцат": 20, "двадцатипят": 25, "тридцат": 30, "сорок": 40},
}
_JUBILEES = {
    "en": (r"(\d+)(?:st|nd|rd|th)[ -](?:year )?anniversary", r"({words}) anniversary"),
    "de": (
        r"(\d+)\. (?:jahrestag|jubiläum|jahrestages|jahrestags)|(\d+)-?jährig\w* (?:jubiläum|bestehen)",
        r"({words})e[nrs]? (?:jahrestag|jubiläum)\w*",
    ),
    "ru": (r"(\d+)-?(?:лети\w+)|(\d+)-\w+ годовщин\w+", r"({words})(?:илети\w+|\w* годовщин\w+)"),
}
_UNITS = {
    "Mt": r"(?P<scale>million|m|mn|millionen|mio\.?|млн\.?|миллион\w*)\s*(?:metric )?"
    r"(?:tonnes|tons|t|tonnen|тонн\w*|т)\b",
    "kt": r"(?P<scale>thousand|tausend|tsd\.?|тыс\.?|тысяч\w*)\s*(?:tonnes|tons|t|tonnen|тонн\w*|т)\b",
    "t": r"(?P<scale>)(?:metric )?(?:tonnes|tons|t|tonnen|тонн\w*|т)\b",
    "TEU": r"(?P<scale>million|thousand|millionen|mio\.?|tausend|tsd\.?|млн\.?|тыс\.?|тысяч\w*)?\s*"
    r"(?:(?:20|twenty)-foot |standard)?(?:teu\b|дфэ\b|standardcontainer\w*|контейнер\w*|containers?\b)",
}
_IN_MONTHS = {
    "январе": 1, "феврале": 2, "марте": 3, "апреле": 4, "мае": 5, "июне": 6, "июле": 7, "августе": 8, "сентябре": 9,
    "октябре": 10, "ноябре": 11, "декабре": 12,
}  # fmt: skip
_NUMBER = r"(?<![\d.,])(?P<digits>\d{1,3}(?:[.,\u00a0\u202f ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)\s*"


@dataclass(frozen=True, slots=True)
class Day:
    """A date as a text states it: to the day, to the month or to the year."""

    year: int
    month: int | None = None
    day: int | None = None

    def fits(self, iso: str) -> bool:
        """Whether a date (ISO 8601) is one that this may stand for.

        >>> Day(1995, 12).fits("1995-12-12"), Day(1995, 12, 13).fits("1995-12-12")
        (True, False)
        """
        year, month, day = (int(one) for one in iso.split("-"))
        return self.year == year and self.month in (None, month) and self.day in (None, day)


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity in `Mt` or `TEU`, and half of the last digit that it is given to."""

    value: float
    unit: str
    half: float


def language_of(text: str) -> str:
    """The language of a text by its letters and commonest words.

    >>> language_of("Der Hafen wurde eröffnet."), language_of("Порт открыт."), language_of("The port was opened.")
    ('de', 'ru', 'en')
    """
    words = re.findall(r"[^\W\d_]+", text.lower())
    if sum("а" <= word[0] <= "я" for word in words) * 2 > len(words):
        return "ru"
    german = sum(word in _GERMAN for word in words)
    english = sum(word in _ENGLISH for word in words)
    return "de" if german > english else "en"


def sentences(text: str) -> list[str]:
    """The sentences of a text; a point after a number or a short form ends none.

    >>> sentences("Am 12. Dezember 1995 war es so weit. Rund 3 Mio. Tonnen kamen an.")
    ['Am 12. Dezember 1995 war es so weit.', 'Rund 3 Mio. Tonnen kamen an.']
    """
    found: list[str] = []
    for part in re.split(r"\n\s*\n", text):
        kept = ""
        for piece in _END.split(" ".join(part.split())):
            kept = f"{kept} {piece}".strip()
            if not re.search(rf"(?:\b\d{{1,2}}|\b{_SHORT})\.$", kept):
                found.append(kept)
                kept = ""
        found += [kept] if kept else []
    return found


def days(sentence: str, code: str) -> list[Day]:
    """The dates of a sentence, each once, in the order of their precision.

    >>> days("Am 12. Dezember 1995 und 2014", "de"), days("12 декабря 2023 года", "ru")
    ([Day(year=1995, month=12, day=12), Day(year=2014, month=None, day=None)], [Day(year=2023, month=12, day=12)])
    """
    months = _months(code)
    names = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    rest, found = sentence.lower(), []

    def take(pattern: str, *order: str) -> None:
        nonlocal rest
        for met in re.finditer(pattern, rest):
            told = dict(zip(order, met.groups(), strict=True))
            month = told.get("month", "")
            number = months.get(month) or (int(month) if month.isdigit() else None)
            found.append(Day(int(told["year"]), number, int(told["day"]) if "day" in told else None))
        rest = re.sub(pattern, " ", rest)

    take(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b", "year", "month", "day")
    take(r"\b(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)\b", "day", "month", "year")
    take(rf"\b(\d{{1,2}})(?:\.|st|nd|rd|th)?(?: of)? ({names}),? ((?:19|20)\d\d)\b", "day", "month", "year")
    take(rf"\b({names}) (\d{{1,2}})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b", "month", "day", "year")
    take(rf"\b({names}) ((?:19|20)\d\d)\b", "month", "year")
    take(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d%]|[.,]\d|-?\s?(?:teu|дфэ|t\b))", "year")
    return list(dict.fromkeys(found))


def _months(code: str) -> dict[str, int]:
    kinds = language(code).locale.months
    told = {}
    for context in ("format", "stand-alone"):
        told.update({str(name).lower(): number for number, name in kinds[context]["wide"].items()})
    return told | (_IN_MONTHS if code == "ru" else {})


def anniversaries(sentence: str, code: str) -> list[int]:
    """Which anniversaries a sentence speaks of.

    >>> anniversaries("zum dreißigsten Jahrestag", "de"), anniversaries("к 30-летию", "ru")
    ([30], [30])
    """
    said = sentence.lower()
    by_number, by_word = _JUBILEES[code]
    words = _ORDINALS[code]
    found = [int(next(filter(None, met))) for met in (one.groups() for one in re.finditer(by_number, said))]
    pattern = by_word.replace("{words}", "|".join(sorted(words, key=len, reverse=True)))
    found += [words[one[1]] for one in re.finditer(rf"\b{pattern}", said)]
    return list(dict.fromkeys(found))


def amounts(sentence: str, code: str) -> Iterator[Amount]:
    """The tonnes and containers of a sentence.

    >>> list(amounts("1,485 Mio. Tonnen", "de")), list(amounts("300,000 TEU", "en"))
    ([Amount(value=1.485, unit='Mt', half=0.0005)], [Amount(value=300000.0, unit='TEU', half=0.5)])
    """
    said = sentence.lower()
    point = "." if code == "en" else ","
    for unit, pattern in _UNITS.items():
        for met in re.finditer(_NUMBER + pattern, said):
            digits = re.sub(r"[\u00a0\u202f ]", "", met["digits"]).replace("," if point == "." else ".", "")
            places = len(digits.partition(point)[2])
            scale = _scale(met["scale"] or "", unit)
            value, half = float(digits.replace(point, ".")) * scale, 0.5 * 10**-places * scale
            yield Amount(value, "Mt" if unit in ("kt", "t") else unit, half)


def _scale(word: str, unit: str) -> float:
    if unit in ("kt", "t"):
        return 1e-3 if unit == "kt" else 1e-6
    if unit == "Mt" or not word:
        return 1.0
    return 1e6 if word.startswith(("mil", "mio", "мил", "млн")) else 1e3

"""Numbers, units, dates and plural forms as a language writes them, all by babel and its locale data (Unicode CLDR).

Figures of the model are given to three significant digits, as much as they can bear.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from math import floor, isfinite, log10
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_compact_decimal, format_decimal, get_currency_name
from babel.units import format_unit

from bactrian.errors import BriefError

__all__ = ["LANGUAGES", "Language", "language", "rounded"]

LANGUAGES = {"en": "en_GB", "de": "de_DE", "ru": "ru_RU"}
"""Languages of a brief and the locale of each."""

DIGITS = 3
MILLION = 10**6
_FORMS = {"en": ("one", "other"), "de": ("one", "other"), "ru": ("one", "few", "many")}
_HARD_SPACE = "\N{NO-BREAK SPACE}"


def rounded(value: float, digits: int = DIGITS) -> float:
    """The value to so many significant digits, whole where it has more before the point.

    >>> rounded(11801.277), rounded(0.04567), rounded(0.0)
    (11800.0, 0.0457, 0.0)
    """
    if not value:
        return 0.0
    return float(round(value, digits - 1 - floor(log10(abs(value)))))


@dataclass(frozen=True, slots=True)
class Language:
    """A language of a brief: `code` (en, de, ru) and babel's `locale`."""

    code: str
    locale: Locale

    def number(self, value: float, digits: int = DIGITS) -> str:
        """A number to so many significant digits, with the separators of the language.

        >>> language("de").number(1234567.8), language("en").number(0.04567)
        ('1.230.000', '0.0457')
        """
        kept = rounded(value, digits)
        return str(format_decimal(kept, locale=self.locale, format=self._pattern(_places(kept, digits))))

    def large(self, value: float, digits: int = DIGITS) -> str:
        """The same, with million and billion as words from a million on.

        >>> language("de").large(11_801_277_305), language("ru").large(11_801_277_305)
        ('11,8\\xa0Milliarden', '11,8\\xa0миллиарда')
        """
        kept = rounded(value, digits)
        if abs(kept) < MILLION:
            return self.number(kept, digits)
        scale = 10.0 ** (3 * floor(log10(abs(kept)) / 3))
        places = _places(kept / scale, digits)
        told = format_compact_decimal(
            Decimal(int(kept)), format_type="long", locale=self.locale, fraction_digits=places
        )
        return str(told).replace(" ", _HARD_SPACE, 1)

    def money(self, usd: float, digits: int = DIGITS) -> str:
        """A sum of US dollars in words.

        >>> language("de").money(8e9), language("en").money(2.6e9), language("ru").money(2e6)
        ('8\\xa0Milliarden US-Dollar', '2.6\\xa0billion US dollars', '2\\xa0миллиона долларов США')
        """
        kept = rounded(usd, digits)
        count = MILLION if abs(kept) >= MILLION else int(kept) if kept == int(kept) else kept
        return f"{self.large(kept, digits)} {get_currency_name('USD', count=count, locale=self.locale)}"

    def unit(self, value: float, unit: str, digits: int = DIGITS) -> str:
        """A quantity with its unit, by the name CLDR has for it, such as `mass-tonne` or `duration-day`.

        >>> language("ru").unit(337_767_082, "mass-tonne"), language("de").unit(12.44, "duration-day")
        ('338\\xa0миллионов тонн', '12,4\\xa0Tage')
        """
        kept = rounded(value, digits)
        if abs(kept) >= MILLION:
            word = format_unit(MILLION, unit, "long", locale=self.locale).split()[-1]
            return f"{self.large(kept, digits)} {word}"
        pattern = self._pattern(_places(kept, digits))
        count = int(kept) if kept == int(kept) else kept
        told = format_unit(count, unit, "long", format=pattern, locale=self.locale)
        return str(told).replace(" ", _HARD_SPACE, 1)

    def percent(self, share: float, digits: int = DIGITS) -> str:
        """A share as percent, in the pattern of the locale.

        >>> language("de").percent(0.2367), language("en").percent(0.05)
        ('23,7\\xa0%', '5%')
        """
        kept = rounded(100 * share, digits)
        pattern = copy.copy(self.locale.percent_formats[None])
        pattern.frac_prec = (0, _places(kept, digits))
        return str(pattern.apply(kept / 100, self.locale))

    def date(self, day: date) -> str:
        """A day in words.

        >>> language("de").date(date(1995, 12, 12))
        '12.\\xa0Dezember 1995'
        """
        return str(format_date(day, "long", locale=self.locale)).replace(" ", _HARD_SPACE, 1)

    def listed(self, words: Sequence[str]) -> str:
        """Words joined as the language joins them."""
        return str(format_list(words, locale=self.locale))

    def plural(self, value: float, forms: Sequence[str]) -> str:
        """The form that goes with a number, of those given in the order of the language: en and de one, other; ru one,
        few, many. Raises BriefError when there are not so many.

        >>> language("ru").plural(3, ["проект", "проекта", "проектов"])
        'проекта'
        """
        names = _FORMS[self.code]
        if len(forms) != len(names):
            raise BriefError(f"{' | '.join(forms)}: {self.code} has {len(names)} forms, for {', '.join(names)}")
        named = self.locale.plural_form(value)
        return forms[names.index(named)] if named in names else forms[1]

    def territory(self, code: str) -> str | None:
        """The name of the country of an ISO 3166 code of three letters; None where there is none.

        >>> language("ru").territory("KAZ"), language("de").territory("XX")
        ('Казахстан', None)
        """
        short = get_global("territory_aliases").get(code, [code])
        found: str | None = self.locale.territories.get(short[0]) if len(code) == 3 and len(short) == 1 else None
        return found

    def _pattern(self, places: int) -> str:
        return "#,##0" + ("." + "#" * places if places else "")


def _places(kept: float, digits: int) -> int:
    """Digits behind the point that a rounded number needs."""
    if not kept or not isfinite(kept):
        return 0
    most = max(0, digits - 1 - floor(log10(abs(kept))))
    return next((few for few in range(most) if round(kept, few) == round(kept, most)), most)


@cache
def language(code: str) -> Language:
    """The language of a code. Raises BriefError for one that briefs are not written in.

    >>> language("fr")
    Traceback (most recent call last):
    ...
    bactrian.errors.BriefError: no briefs in 'fr'; use one of en, de, ru
    """
    if code not in LANGUAGES:
        raise BriefError(f"no briefs in {code!r}; use one of {', '.join(LANGUAGES)}")
    locale: Any = Locale.parse(LANGUAGES[code])
    return Language(code, locale)

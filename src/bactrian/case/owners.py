"""Who owns a project: countries and their shares, written as `GEO:0.51 CHN:0.49`."""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["breach", "countries_of", "grouped_shares", "owner_shares"]

SLACK = 1e-6  # how far from 1 shares may sum
_WRITE = 'write countries with their shares, such as "GEO:0.51 CHN:0.49"'


def countries_of(owners: str) -> list[str]:
    """Return the words before the colons, in order.

    >>> countries_of("GEO:0.51 CHN:0.49")
    ['GEO', 'CHN']
    """
    return [word.partition(":")[0] for word in owners.split()]


def owner_shares(owners: str, countries: str) -> dict[str, float]:
    """Return the share of each owner; where `owners` is empty, that of each of the `countries` in equal parts.

    Both are cells of the table projects that passed their checks.

    >>> owner_shares("GEO:0.51 CHN:0.49", "GEO")
    {'GEO': 0.51, 'CHN': 0.49}
    >>> owner_shares("", "KGZ CHN")
    {'KGZ': 0.5, 'CHN': 0.5}
    """
    if not owners:
        built_in = list(dict.fromkeys(countries.split()))
        return dict.fromkeys(built_in, 1 / len(built_in))
    return {word.partition(":")[0]: float(word.partition(":")[2]) for word in owners.split()}


def grouped_shares(shares: Mapping[str, float], name_of: Mapping[str, str]) -> dict[str, float]:
    """The shares with countries under the names of their groups.

    >>> grouped_shares({"DEU": 0.25, "POL": 0.25, "KAZ": 0.5}, {"DEU": "EU27", "POL": "EU27"})
    {'EU27': 0.5, 'KAZ': 0.5}
    """
    found: dict[str, float] = {}
    for country, share in shares.items():
        name = name_of.get(country, country)
        found[name] = found.get(name, 0.0) + share
    return found


def breach(owners: str) -> tuple[str, str] | None:
    """Return the first rule that the cell breaks with its remedy, None where it holds.

    >>> breach("GEO:0.51 CHN:0.4")[0]
    'shares sum to 0.91, not 1'
    """
    told: dict[str, float] = {}
    for word in owners.split():
        country, colon, text = word.partition(":")
        if not (country and colon):
            return f"no country and share: {word[:60]!r}", _WRITE
        try:
            share = float(text)
        except ValueError:
            share = math.nan
        if not math.isfinite(share):
            return f"share of {country[:60]} is not a number", _WRITE
        if not 0 <= share <= 1:
            return f"share of {country[:60]} must be between 0 and 1", "write half as 0.5, not as 50"
        if country in told:
            return f"{country[:60]} owns two shares", "add them up to one"
        told[country] = share
    total = math.fsum(told.values())
    if abs(total - 1) > SLACK:
        return f"shares sum to {total:g}, not 1", "name all owners, in shares of the whole"
    return None

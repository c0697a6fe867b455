"""Who sits at the table: countries, or regions that act as one, and the projects on their land."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from bactrian.case import Case
from bactrian.errors import SolveError

__all__ = ["Players", "hosts_of", "player_of", "players_of"]

Players = Mapping[str, frozenset[str]]
"""Countries by player, each of them in one at most."""

MOST = 16


def players_of(case: Case, names: Iterable[str]) -> Players:
    """The countries of each player: a country, or a region of the table `countries`, which acts as one.

    Raises SolveError for a name there is not, none or too many names, and for two players with a country in common.

    >>> from bactrian.case import load
    >>> table = players_of(load("transcaspian"), ["KAZ", "EU27"])
    >>> sorted(table["KAZ"]), "POL" in table["EU27"]
    (['KAZ'], True)
    """
    countries = case.table("countries")
    regions = {str(name): frozenset(rows["id"]) for name, rows in countries.groupby("region") if name}
    known = {str(one): frozenset([str(one)]) for one in countries["id"]}
    known |= {name: known.get(name, frozenset()) | members for name, members in regions.items()}
    found: dict[str, frozenset[str]] = {}
    for name in dict.fromkeys(names):
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise SolveError(f"no country or region {name!r} in the table countries{meant}")
        for other, members in found.items():
            if shared := members & known[name]:
                raise SolveError(f"{name} and {other} have {min(shared)} in common: a country plays once")
        found[name] = known[name]
    if not 1 <= len(found) <= MOST:
        raise SolveError(f"a game from the model has 1 to {MOST} players, not {len(found)}")
    return found


def player_of(players: Players) -> dict[str, str]:
    """The player that each country belongs to."""
    return {country: name for name, members in players.items() for country in members}


def hosts_of(case: Case, players: Players, projects: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The players whose land each project needs, in the order of `players`; projects that need another's are left out.

    >>> from bactrian.case import load
    >>> case = load("transcaspian")
    >>> hosts_of(case, players_of(case, ["KAZ", "AZE"]), ["P13", "P26", "P46"])
    {'P13': ('KAZ', 'AZE'), 'P26': ('KAZ',)}
    """
    of_country = player_of(players)
    land = case.table("projects").set_index("id")["countries"].str.split().to_dict()
    found = {}
    for project in projects:
        needed = {of_country.get(country, "") for country in land[project]}
        if needed and "" not in needed:
            found[project] = tuple(name for name in players if name in needed)
    return found

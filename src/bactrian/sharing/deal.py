"""The question of those who build together: what is it worth to each, how is it to be split, who would pay whom."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bactrian.assign.threads import one_thread
from bactrian.case import Case, load
from bactrian.errors import CaseError, Finding, SolveError
from bactrian.files import write_text
from bactrian.games import Allocation, Game, allocate
from bactrian.planning import Starts, Terms, field_of
from bactrian.sharing.coalitions import Coalitions, Found, check_money
from bactrian.sharing.players import Players, players_of
from bactrian.sharing.statement import Statement, statement
from bactrian.stressing.workers import blocks_of

__all__ = ["PROPORTIONAL", "Deal", "payments", "share"]


PROPORTIONAL = {"proportional-use": "use_kt", "proportional-capital": "capital"}
"""Rules that share in proportion to a column of the accounts."""


@dataclass(frozen=True, slots=True, eq=False)
class Deal:
    """What players can do together, and what each has of it before anything is paid.

    `game` holds what every coalition can reach (mUSD, present values), `found` its programmes by bit mask. `statement`
    is that of the programme of all players, whose costs are borne by owners who play (what owners who do not would
    bear falls to the hosts). `left_out` are projects that need the land of others. `settings` say all that it rests on.
    """

    coalitions: Coalitions
    game: Game
    found: tuple[Found, ...]
    statement: Statement
    left_out: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def starts(self) -> Starts:
        """The programme of all players."""
        return self.found[-1].starts

    @property
    def accounts(self) -> pd.DataFrame:
        """The statement by player: shippers, carriers, carbon, costs and net, present values in mUSD."""
        return _by_player(self.statement.table, self.coalitions.players)

    @property
    def outside(self) -> pd.DataFrame:
        """The same by country of those who do not play but gain or lose."""
        inside = frozenset().union(*self.coalitions.players.values())
        table = self.statement.table
        return table[~table.index.isin(inside)]

    def allocation(self, rule: str = "nucleolus") -> Allocation:
        """What the players have in the end by a rule of `bactrian.games`, or by `proportional-use` (kt of their trade
        that use what is built) or `proportional-capital` (what they pay for it). Raises SolveError where it has no
        answer."""
        if rule in PROPORTIONAL:
            column = self.accounts[PROPORTIONAL[rule]].clip(lower=0.0)
            return allocate(self.game, "proportional", {str(name): float(one) for name, one in column.items()})
        return allocate(self.game, rule)

    def transfers(self, allocation: Allocation) -> pd.Series:
        """What each player is to be paid (below 0: pays) so that the allocation comes about, mUSD; they sum to 0."""
        return pd.Series(allocation.shares, index=list(self.game.players)) - self.accounts["net"]

    @property
    def error(self) -> float:
        """How far the accounts of the players are from the worth of all together, relative to gains and costs."""
        accounts = self.accounts
        scale = max(accounts[["shippers", "carriers", "capital"]].abs().to_numpy().sum(), 1e-9)
        return max(float(abs(math.fsum(accounts["net"]) - self.game.total) / scale), self.statement.error)

    @property
    def holds(self) -> bool:
        """Whether the accounts add up: over all countries to 1e-9, over players to the digits that are kept."""
        return self.statement.holds and self.error <= 1e-9


def payments(transfers: pd.Series) -> list[tuple[str, str, float]]:
    """Who pays whom how much, so that all transfers come about: those who pay most pay those who get most first.

    >>> payments(pd.Series({"a": -3.0, "b": 1.0, "c": 2.0}))
    [('a', 'c', 2.0), ('a', 'b', 1.0)]
    """
    owed = transfers[transfers > 0].sort_values(ascending=False, kind="stable").to_dict()
    owing = (-transfers[transfers < 0]).sort_values(ascending=False, kind="stable").to_dict()
    found = []
    for payer, sum_ in owing.items():
        for payee in owed:
            part = min(sum_, owed[payee])
            if part > 0:
                found.append((str(payer), str(payee), float(part)))
                owed[payee] -= part
                sum_ -= part
    return found


def share(
    case: Case | str | Path = "transcaspian",
    programme: Starts | None = None,
    players: Iterable[str] | None = None,
    *,
    terms: Terms | None = None,
    money: Mapping[str, float] | None = None,
    scenario: str | None = None,
    workers: int = 1,
    dask: str | None = None,
    out: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> Deal:
    """Work out what every coalition of `players` can gain by building together, and what each has of it.

    `programme` is what there is to build and from when, as a plan has it in `starts`; without it every project that
    could be decided on, as soon as can be. `players` are countries or regions of the table `countries`; without them
    the countries on whose land the projects lie. `money` by player, in mUSD, caps what a coalition may spend.
    Coalitions are worked out in `workers` processes or on a Dask cluster; with `out` they are kept in that folder, and
    a run that was stopped goes on.

    Raises CaseError for a faulty case or a folder that holds another run, and SolveError for what makes no sense.

    >>> deal = share("transcaspian", players=["KAZ", "TKM"])  # doctest: +SKIP
    """
    loaded = case if isinstance(case, Case) else load(case)
    terms = terms or Terms(2026, 2040)
    chosen = dict(programme) if programme is not None else _soonest(loaded, terms)
    if not chosen:
        raise SolveError("there is nothing to build: name projects, or a plan that has some")
    table = players_of(loaded, players if players is not None else _hosts(loaded, chosen))
    if money is not None:
        check_money(money, table)
    coalitions = Coalitions(loaded, terms, table, chosen, money, scenario)
    left_out = tuple(one for one in chosen if one not in coalitions.hosts)
    settings = _settings(coalitions)
    kept = _Kept(out, settings)
    with one_thread():
        masks = range(1, 2 ** len(table))
        try:
            with closing(blocks_of(coalitions, [mask for mask in masks if mask not in kept], workers, dask)) as made:
                for mask, text in made:
                    kept.add(mask, text)
                    if tell:
                        tell(f"{sum(one in kept for one in masks)} of {len(masks)} coalitions")
        except KeyboardInterrupt as stop:
            lost = "" if out else "; with a folder to keep them in, it would go on from there"
            goes_on = "; the same command goes on from there" if out else lost
            stop.add_note(f"stopped with {sum(one in kept for one in masks)} of {len(masks)} coalitions{goes_on}")
            raise
        found = (Found(0.0, {}, True), *(kept.found(mask) for mask in masks))
        game = Game(tuple(table), np.array([one.value for one in found]), unit="mUSD")
        starts = found[-1].starts
        told = statement(coalitions.books, starts, _bearers(coalitions, starts))
    return Deal(coalitions, game, found, told, left_out, settings)


def _soonest(case: Case, terms: Terms) -> dict[str, int]:
    """Every project that could be decided on, begun as soon as can be, if it then opens in time."""
    candidates = field_of(case, terms.first).candidates.values()
    return {one.id: terms.starts(one)[0] for one in candidates if len(terms.starts(one))}


def _hosts(case: Case, programme: Iterable[str]) -> list[str]:
    land = case.table("projects").set_index("id")["countries"]
    unknown = [one for one in programme if one not in land.index]
    if unknown:
        raise SolveError(f"no project {unknown[0]!r} in the case; use ids of the table projects")
    return list(dict.fromkeys(country for one in programme for country in land[one].split()))


def _bearers(coalitions: Coalitions, starts: Starts) -> dict[str, dict[str, float]]:
    """Who bears the costs of each project: owners who play, and for those who do not its hosts in equal parts."""
    inside = frozenset().union(*coalitions.players.values())
    land = coalitions.case.table("projects").set_index("id")["countries"]
    found = {}
    for project in starts:
        owners = coalitions.worth.candidate(project).owners
        bearers = {country: share for country, share in owners.items() if country in inside}
        rest = 1 - math.fsum(bearers.values())
        hosts = list(dict.fromkeys(land[project].split()))
        for country in hosts if rest > 1e-12 else ():
            bearers[country] = bearers.get(country, 0.0) + rest / len(hosts)
        found[project] = bearers
    return found


def _by_player(table: pd.DataFrame, players: Players) -> pd.DataFrame:
    of_country = {country: name for name, members in players.items() for country in members}
    inside = table[table.index.isin(of_country)]
    summed = inside.groupby(inside.index.map(of_country)).sum()
    return summed.reindex(list(players), fill_value=0.0).rename_axis("player")


def _settings(coalitions: Coalitions) -> dict[str, Any]:
    terms = coalitions.terms
    return {
        "case": coalitions.case.name,
        "case_hash": coalitions.case.hash,
        "version": version("bactrian"),
        "seed": None,
        "terms": {
            "first": terms.first,
            "last": terms.last,
            "model_years": list(terms.model_years),
            "discount": terms.discount,
            "price_year": terms.price_year,
            "residual": terms.residual,
            "carbon_usd_per_t": terms.carbon_usd_per_t,
        },
        "players": {name: sorted(members) for name, members in coalitions.players.items()},
        "programme": dict(sorted(coalitions.programme.items())),
        "money_musd": None if coalitions.money is None else dict(coalitions.money),
        "scenario": coalitions.scenario,
    }


class _Kept:
    """Coalitions as they are done, in memory or in a folder, one file each."""

    def __init__(self, folder: Path | None, settings: Mapping[str, Any]) -> None:
        self.folder = folder / "coalitions" if folder else None
        self.texts: dict[int, str] = {}
        text = json.dumps(settings, indent=1) + "\n"
        manifest = self.folder / "settings.json" if self.folder else None
        if manifest is None:
            return
        if manifest.exists() and manifest.read_text(encoding="utf-8") != text:
            rule = "holds the coalitions of another run"
            raise CaseError([Finding(str(folder), 0, "", rule, "name another folder, or remove this one")])
        write_text(manifest, text)

    def __contains__(self, mask: int) -> bool:
        return self._path(mask).exists() if self.folder else mask in self.texts

    def add(self, mask: int, text: str) -> None:
        if self.folder:
            write_text(self._path(mask), text)
        else:
            self.texts[mask] = text

    def found(self, mask: int) -> Found:
        return Found.read(self._path(mask).read_text(encoding="utf-8") if self.folder else self.texts[mask])

    def _path(self, mask: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{mask:05d}.json"

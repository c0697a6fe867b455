"""The question of those who build together: what is it worth to each, how is it to be split, who would pay whom."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bactrian.assign.threads import one_thread
from bactrian.blocks import Kept, make, noting
from bactrian.case import Case, grouped_shares, load
from bactrian.errors import SolveError
from bactrian.games import RULES, Allocation, Game, allocate
from bactrian.planning import Starts, Terms
from bactrian.sharing.coalitions import ALL, Coalitions, Found, check_money
from bactrian.sharing.players import player_of, players_of
from bactrian.sharing.programme import checked, soonest
from bactrian.sharing.statement import Statement, books_of, statement

__all__ = ["PROPORTIONAL", "Deal", "check_rule", "payments", "share"]


PROPORTIONAL = {"proportional-use": "use_kt", "proportional-capital": "capital"}
"""Rules that share in proportion to a column of the accounts."""
FORMAT = 2  # of the coalitions that are kept; another one cannot be gone on with


def check_rule(rule: str) -> None:
    """Raise SolveError for a rule that no deal can be shared by."""
    if rule not in RULES and rule not in PROPORTIONAL:
        raise SolveError(f"there is no rule {rule!r}; the rules are {', '.join([*RULES, *PROPORTIONAL])}")


@dataclass(frozen=True, slots=True, eq=False)
class Deal:
    """What players can do together, and what each has of it before anything is paid.

    `game` holds what every coalition can reach (mUSD, present values), `found` its programmes by bit mask. `statement`
    is that of the programme of all players by country, `grouped` the same with the countries of each player as one;
    costs are borne by owners who play (what owners who do not would bear falls to the hosts). `left_out` are projects
    that need the land of others. `apart` is how far the worth of another coalition, the largest, is from its accounts,
    relative to gains and costs. `settings` say all that it rests on.
    """

    coalitions: Coalitions
    game: Game
    found: tuple[Found, ...]
    statement: Statement
    grouped: Statement
    left_out: tuple[str, ...]
    apart: float
    settings: Mapping[str, Any]

    @property
    def starts(self) -> Starts:
        """The programme of all players."""
        return self.found[-1].starts

    @property
    def accounts(self) -> pd.DataFrame:
        """The statement by player: shippers, carriers, carbon, costs and net, present values in mUSD."""
        return self.grouped.table.reindex(list(self.coalitions.players), fill_value=0.0).rename_axis("player")

    @property
    def outside(self) -> pd.DataFrame:
        """The same by country of those who do not play but gain or lose."""
        table = self.grouped.table
        return table[~table.index.isin(list(self.coalitions.players))]

    def allocation(self, rule: str = "nucleolus") -> Allocation:
        """What the players have in the end by a rule of `bactrian.games`, or by `proportional-use` (kt of their trade
        that use what is built) or `proportional-capital` (what they pay for it). Raises SolveError where it has no
        answer."""
        check_rule(rule)
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
        apart = float(abs(math.fsum(accounts["net"]) - self.game.total) / scale)
        return max(apart, self.apart, self.statement.error, self.grouped.error)

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
    chosen = soonest(loaded, terms) if programme is None else checked(loaded, terms, programme)
    if not chosen:
        raise SolveError("there is nothing to build: name projects, or a plan that has some")
    table = players_of(loaded, players if players is not None else _hosts(loaded, chosen))
    if money is not None:
        check_money(money, table)
    coalitions = Coalitions(loaded, terms, table, chosen, money, scenario)
    left_out = tuple(one for one in chosen if one not in coalitions.hosts)
    settings = _settings(coalitions)
    masks = range(1, 2 ** len(table))
    kept = Kept(out, "coalitions", "{:05d}.json", settings, masks)
    kept.done = {mask for mask in kept.done if _readable(kept, mask)}  # what is not is worked out again

    def told_of() -> str:
        return f"{len(kept.done)} of {len(masks)} coalitions"

    with one_thread():
        with noting(kept, told_of):
            kept.begin()
            make(coalitions, kept, workers, dask, None if tell is None else lambda: tell(told_of()))
        found = _improved(coalitions, [Found(0.0, {}, True), *(Found.read(kept.text(mask)) for mask in masks)])
        game = Game(tuple(table), np.array([one.value for one in found]), unit="mUSD")
        starts, name_of = found[-1].starts, player_of(table)
        bearers = _bearers(coalitions, starts)
        told = statement(coalitions.books, starts, bearers)
        by_player = {one: grouped_shares(shares, name_of) for one, shares in bearers.items()}
        grouped = statement(books_of(coalitions.worth, name_of), starts, by_player)
        apart = _apart(coalitions, found)
    return Deal(coalitions, game, found, told, grouped, left_out, apart, settings)


def _readable(kept: Kept, mask: int) -> bool:
    with suppress(OSError, ValueError, KeyError, TypeError):
        Found.read(kept.text(mask))
        return True
    return False


def _apart(coalitions: Coalitions, found: Sequence[Found]) -> float:
    """How far the worth of the largest coalition but that of all is from the accounts of its countries."""
    mask = max(range(len(found) - 1), key=lambda one: found[one].value)
    members = [country for name in coalitions.members(mask) for country in coalitions.players[name]]
    starts = found[mask].starts
    if not starts:
        return abs(found[mask].value)
    table = statement(coalitions.books, starts, {one: {members[0]: 1.0} for one in starts}).table
    net = math.fsum(table.loc[table.index.isin(members), "net"])
    scale = max(float(table[["shippers", "carriers", "capital"]].abs().to_numpy().sum()), 1e-9)
    return abs(net - found[mask].value) / scale


def _improved(coalitions: Coalitions, found: list[Found]) -> tuple[Found, ...]:
    """The programmes found; where a coalition has searched, it takes that of fewer members if that is worth more."""
    for mask in sorted(range(1, len(found)), key=int.bit_count):
        for at in range(len(coalitions.players)):
            starts = found[mask & ~(1 << at)].starts
            if found[mask].every or not mask >> at & 1 or not coalitions.allowed(starts, mask):
                continue
            value = coalitions.value(starts, mask)
            if value > found[mask].value + 1e-9 * abs(found[mask].value):
                found[mask] = Found(value, starts, False)
    return tuple(found)


def _hosts(case: Case, programme: Iterable[str]) -> list[str]:
    land = case.table("projects").set_index("id")["countries"]
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


def _settings(coalitions: Coalitions) -> dict[str, Any]:
    terms = coalitions.terms
    return {
        "case": coalitions.case.name,
        "case_hash": coalitions.case.hash,
        "version": version("bactrian"),
        "format": FORMAT,
        "sets_all_tried_up_to": ALL,
        "seed": None,
        "terms": terms.told(),
        "players": {name: sorted(members) for name, members in coalitions.players.items()},
        "programme": dict(sorted(coalitions.programme.items())),
        "money_musd": None if coalitions.money is None else dict(sorted(coalitions.money.items())),
        "scenario": coalitions.scenario,
    }

"""Shares of a coalition game, and the say of members who vote, on the terminal and for machines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from rich.markup import escape
from rich.text import Text

from bactrian.errors import SolveError
from bactrian.games import RULES, Allocation, Game, allocate, certify_nucleolus, convex, least_core, superadditive
from bactrian.report.screen import new_console, new_table, numbers
from bactrian.voting import EXAMPLES, Body, Power, body, minimal_blocking, minimal_winning, power

__all__ = ["share_summary", "show_share", "show_vote", "vote_summary", "with_councils"]

_MARK = re.compile(r"(<!-- councils -->)\n.*?(<!-- end of councils -->)", re.S)

Record = dict[str, Any]

LISTED = 12  # players whose coalitions are all told, and pairs of them compared
FEW = 5  # coalitions that would leave, shown to a person
SMALL = 16  # members whose coalitions are listed


def share_summary(
    game: Game,
    rule: str | None = None,
    weights: Mapping[str, float] | None = None,
    more: Mapping[str, Allocation | str] | None = None,
) -> Record:
    """What `bactrian share` tells: the answer of one rule, or of all that fit, and what is true of the game.

    `more` are further allocations to compare, by name, or why there is none. Raises SolveError where a rule that was
    asked for has no answer; among all, it is told why.
    """
    if rule is not None:
        told = [_allocation(allocate(game, rule, weights), every=len(game.players) <= LISTED)]
    else:
        told = _compared(game, weights, more or {})
    least = least_core(game)
    certified = [one["certificate"]["holds"] for one in told if "certificate" in one]
    return {
        "result": "share",
        "provenance": {"case": None, "case_hash": None, "original_hash": None, "version": version("bactrian")},
        "certificate": {"holds": all(certified) and all(one.get("efficient", True) for one in told)},
        "players": list(game.players),
        "kind": "cost" if game.cost else "worth",
        "unit": game.unit,
        "total": game.total,
        "alone": dict(zip(game.players, game.alone.tolist(), strict=True)),
        "marginal": dict(zip(game.players, game.marginal.tolist(), strict=True)),
        "core": {
            "empty": least.empty,
            "least_excess": least.excess,
            "proof": [{"players": list(names), "weight": weight} for names, weight in least.proof],
        },
        "superadditive": superadditive(game) if len(game.players) <= LISTED else None,
        "convex": convex(game),
        "allocations": told,
    }


def _compared(game: Game, weights: Mapping[str, float] | None, more: Mapping[str, Allocation | str]) -> list[Record]:
    """All rules with one answer, each once: Gately's has its name of separable costs where there are costs."""
    spared = {"least-core", "gately" if game.cost else "separable-costs"}
    found = []
    for rule in [*(name for name in RULES if name not in spared), *(["proportional"] if weights else [])]:
        try:
            allocation = allocate(game, rule, weights if rule == "proportional" else None)
        except SolveError as error:
            found.append({"rule": rule, "none": str(error)})
        else:
            found.append(_allocation(allocation, every=False))
    for rule, answer in more.items():
        if isinstance(answer, str):
            found.append({"rule": rule, "none": answer})
        else:
            found.append({**_allocation(answer, every=False), "rule": rule})
    return found


def _allocation(allocation: Allocation, every: bool) -> Record:
    told: Record = {
        "rule": allocation.rule,
        "shares": allocation.by_player,
        "efficient": allocation.efficient,
        "individually_rational": allocation.rational,
        "in_core": allocation.stable,
        "largest_excess": allocation.largest_excess,
        "leavers": [{"players": list(one.players), "gain": one.gain} for one in allocation.leavers()],
    }
    if every:
        excess = allocation.excess.tolist()
        told["excess"] = {"+".join(allocation.game.names(mask)): excess[mask] for mask in range(1, len(excess) - 1)}
    if allocation.rule in ("nucleolus", "prenucleolus"):
        alone = allocation.rule == "nucleolus"
        found = certify_nucleolus(allocation.game, allocation.shares, individual=alone)
        told["certificate"] = {
            "holds": found.holds,
            "efficiency": found.efficiency,
            "levels": found.levels,
            "failed": found.failed,
        }
    return told


def show_share(told: Record) -> None:
    """Print what `share_summary` tells."""
    console = new_console()
    word = "cost" if told["kind"] == "cost" else "worth"
    unit = f" {told['unit']}" if told["unit"] else ""
    console.print(Text(f"{word} of all together {told['total']:,.6g}{unit}; shares by rule", "bold"))
    found = [one for one in told["allocations"] if "shares" in one]
    table = new_table(None, ["player"], ["alone", *(one["rule"] for one in found)])
    places = _places(told["total"])
    for name in told["players"]:
        cells = [told["alone"][name], *(one["shares"][name] for one in found)]
        table.add_row(escape(name), *numbers(cells, [places] * len(cells)))
    console.print(table)
    for one in told["allocations"]:
        console.print(Text(f"{one['rule']}: {_said(one)}"))
    core = told["core"]
    proof = ", ".join(f"{one['weight']:.4g} x {' and '.join(one['players'])}" for one in core["proof"])
    words = f"the core is empty: these do better by themselves: {proof}" if core["empty"] else "the core is not empty"
    console.print(Text(f"{words}; however shared, some coalition has an excess of at least {core['least_excess']:.6g}"))
    kinds = {"subadditive" if word == "cost" else "superadditive": told["superadditive"]}
    kinds["concave" if word == "cost" else "convex"] = told["convex"]
    console.print(Text(", ".join(f"{'' if so else 'not '}{kind}" for kind, so in kinds.items() if so is not None)))


def _said(one: Record) -> str:
    if "none" in one:
        return str(one["none"])
    parts = ["in the core" if one["in_core"] else "not in the core"]
    if leavers := one["leavers"]:
        few = ", ".join(f"{' and '.join(each['players'])} ({each['gain']:.6g})" for each in leavers[:FEW])
        more = f" and {len(leavers) - FEW} more" if len(leavers) > FEW else ""
        parts.append(f"would be better off by themselves: {few}{more}")
    if "certificate" in one:
        parts.append(f"Kohlberg's condition {'holds' if one['certificate']['holds'] else 'does NOT hold'}")
    return "; ".join(parts)


def _places(total: float) -> int:
    return 0 if abs(total) >= 1e5 else 2 if abs(total) >= 100 else 4


def vote_summary(asked: Body) -> Record:
    """What `bactrian vote` tells: indices by member, who has a veto or no say, and what it takes to win and block."""
    found = power(asked.rule)
    told: Record = {
        "title": asked.title,
        "source": asked.source,
        "note": asked.note,
        "members": len(asked.rule.members),
        "winning": found.winning,
        "power_to_act": float(found.act),
        "vetoes": list(found.vetoes),
        "dummies": list(found.dummies),
        "power": _by_member(found),
        "minimal_winning": None,
        "minimal_blocking": None,
    }
    if len(asked.rule.members) <= SMALL:
        told["minimal_winning"] = [list(group) for group in minimal_winning(asked.rule)]
        told["minimal_blocking"] = [list(group) for group in minimal_blocking(asked.rule)]
    return told


def _by_member(found: Power) -> list[Record]:
    rows = found.table().reset_index().to_dict("records")
    return [
        {**{str(name): cell for name, cell in row.items()}, "swings": swings}
        for row, swings in zip(rows, found.swings, strict=True)
    ]


def show_vote(told: Record) -> None:
    """Print what `vote_summary` tells; members of the same say who follow each other share a line."""
    console = new_console()
    console.print(Text(told["title"] or f"{told['members']} members", "bold"))
    for name in ("source", "note"):
        if told[name]:
            console.print(Text(f"{name}: {told[name]}"))
    heads = ["members", "Shapley-Shubik %", "Banzhaf %", "normalised %", "prevent %", "initiate %"]
    table = new_table(None, ["member"], heads, ["say"])
    for first, count in _alike(told["power"]):
        cells = [
            100 * first[name] for name in ("shapley_shubik", "banzhaf", "banzhaf_normalised", "prevent", "initiate")
        ]
        say = "veto" if first["member"] in told["vetoes"] else "none" if first["member"] in told["dummies"] else ""
        more = f" and {count - 1} more" if count > 1 else ""
        table.add_row(escape(first["member"]) + more, str(count), *numbers(cells, [4] * len(cells)), say)
    console.print(table)
    console.print(Text(f"{told['winning']:,} coalitions win: {told['power_to_act']:.4%} of all, the power to act"))
    for name in ("minimal_winning", "minimal_blocking"):
        if groups := told[name]:
            words = f"{name.replace('_', ' ')} coalitions: {len(groups)}, the first: {', '.join(groups[0])}"
            console.print(Text(words))


def _alike(rows: list[Record]) -> list[tuple[Record, int]]:
    found: list[tuple[Record, int]] = []
    for row in rows:
        if (
            found
            and found[-1][0]["shapley_shubik"] == row["shapley_shubik"]
            and found[-1][0]["swings"] == row["swings"]
        ):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((row, 1))
    return found


def with_councils(page: str) -> str:
    """The page with its table of Security Councils worked out anew."""
    heads = [
        "body (`--example`)",
        "seats",
        "Shapley-Shubik %: veto, other",
        "normalised Banzhaf %: veto, other",
        "passes %",
    ]
    rows = ["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|"]
    for name in (name for name in EXAMPLES if name.startswith("unsc")):
        found = power(body(name).rule)
        seats = body(name).title.partition(": ")[2]
        pairs = [[100 * float(of[at]) for at in (0, -1)] for of in (found.shapley_shubik, found.banzhaf_normalised)]
        cells = [
            f"`{name}`",
            seats,
            *(f"{one:.3f}, {other:.4f}" for one, other in pairs),
            f"{100 * float(found.act):.3f}",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return _MARK.sub("\n".join([r"\1", *rows, r"\2"]), page)

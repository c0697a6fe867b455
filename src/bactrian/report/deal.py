"""What countries that build together gain and how it is split, as plain types, and its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from bactrian.errors import SolveError
from bactrian.games import Allocation
from bactrian.report.card import as_plain, records
from bactrian.report.deal_words import deal_sections
from bactrian.report.files import write_csv, write_parquet, write_text
from bactrian.report.games import share_summary
from bactrian.report.plan_words import page_of
from bactrian.sharing import PROPORTIONAL, Deal, break_even, check_rule, finance, payments, tariffs
from bactrian.voting import consent_rules, power

__all__ = ["deal_summary", "save_deal"]

Record = dict[str, Any]

FALLBACK = "prenucleolus"  # there always is one
UNLISTED = ("least-core", "separable-costs")  # rules that are compared only where they are asked for
MILLION = 1_000_000


def deal_summary(deal: Deal, rule: str = "nucleolus") -> Record:
    """Everything a machine wants to know of a deal, as plain types; None stands for what is not a number.

    Money is in mUSD, present values but for what is by year. All rules are compared; `rule` is the one that transfers
    by year go by, the prenucleolus where it has no answer. Raises SolveError for a rule that there is not.
    """
    check_rule(rule)
    first = _answer(deal, rule)
    chosen = deal.allocation(FALLBACK) if isinstance(first, str) else first
    used = FALLBACK if isinstance(first, str) else rule
    more = {one: _answer(deal, one) for one in dict.fromkeys([*PROPORTIONAL, *(set(UNLISTED) & {rule})])}
    told = share_summary(deal.game, more=more)
    for one in told["allocations"]:
        if "shares" in one:
            due = pd.Series(one["shares"]) - deal.accounts["net"]
            one["transfers"] = {str(name): float(value) for name, value in due.items()}
            one["payments"] = [{"from": a, "to": b, "musd": sum_} for a, b, sum_ in payments(due)]
    certified = all(one.get("certificate", {"holds": True})["holds"] for one in told["allocations"])
    named = deal.coalitions.case.table("countries")
    countries = dict(zip(named["id"].astype(str), named["name"].astype(str), strict=True))
    summary: Record = as_plain(
        {
            "result": "deal",
            "provenance": {
                **deal.settings,
                "original_hash": deal.coalitions.case.original.hash,
                "changes": [list(change) for change in deal.coalitions.case.changes],
                "rule": used,
                "no_answer": {"rule": rule, "why": first} if isinstance(first, str) else None,
            },
            "certificate": {
                "holds": bool(deal.holds and certified),
                "sum_over_countries": deal.statement.error,
                "sum_over_players": deal.error,
                "kohlberg": certified,
            },
            "value_musd": deal.game.total,
            "players": [_player(deal, name, countries) for name in deal.game.players],
            "programme": [_project(deal, one, start) for one, start in deal.starts.items()],
            "not_built": [_named(deal, one) for one in deal.coalitions.hosts if one not in deal.starts],
            "left_out": [_named(deal, one) for one in deal.left_out],
            "accounts": records(deal.accounts.reset_index()),
            "countries": records(_with_names(deal.statement.table, countries)),
            "outside_musd": float(deal.outside["net"].sum()),
            "game": told,
            "coalitions": _coalitions(deal),
            "consent": _consent(deal),
            "finance": records(finance(deal, chosen).reset_index()),
            "break_even": records(break_even(deal).reset_index()),
            "tariffs": records(tariffs(deal).reset_index()),
        }
    )
    return summary


def save_deal(told: Record, folder: Path) -> list[Path]:
    """Write result.json, share.md and the tables, each as CSV and Parquet, to `folder`; every file is whole or not
    there, and has the same bytes whenever the deal is the same.

    Raises CaseError when the folder cannot be written.
    """
    made = told["provenance"]
    written = [
        write_text(folder / "result.json", json.dumps(told, indent=1, allow_nan=False) + "\n"),
        write_text(folder / "share.md", page_of(f"Share: {made['case']}", deal_sections(told, whole=True), made)),
    ]
    for name, table in _tables(told).items():
        written.append(write_csv(folder / f"{name}.csv", table))
        written.append(write_parquet(folder / f"{name}.parquet", table))
    return written


def _answer(deal: Deal, rule: str) -> Allocation | str:
    try:
        return deal.allocation(rule)
    except SolveError as error:
        return str(error)


def _player(deal: Deal, name: str, names: dict[str, str]) -> Record:
    members = sorted(deal.coalitions.players[name])
    return {"id": name, "name": names.get(name, name), "countries": members}


def _named(deal: Deal, project: str) -> Record:
    known = deal.coalitions.case.table("projects").set_index("id")
    return {"id": project, "name": known["name"][project], "countries": str(known["countries"][project]).split()}


def _project(deal: Deal, project: str, start: int) -> Record:
    one = deal.coalitions.worth.candidate(project)
    return {
        **_named(deal, project),
        "start": start,
        "opens": deal.coalitions.terms.opening(one, start),
        "capex_musd": one.capex_musd,
        "hosts": list(deal.coalitions.hosts[project]),
        "owners": dict(one.owners),
    }


def _with_names(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    told = table.sort_values("net", ascending=False, kind="stable").reset_index()
    told.insert(1, "name", [names.get(str(one), str(one)) for one in told["country"]])
    return told


def _coalitions(deal: Deal) -> list[Record]:
    return [
        {
            "players": list(deal.game.names(mask)),
            "value_musd": found.value,
            "projects": list(found.starts),
            "all_sets_tried": found.every,
        }
        for mask, found in enumerate(deal.found)
        if mask
    ]


def _consent(deal: Deal) -> list[Record]:
    """How much say each player has under ways to decide together, by the tonnes of its trade that use what is built."""
    used = {str(name): float(one) for name, one in deal.accounts["use_kt"].items()}
    if not any(one > 0 for one in used.values()):
        return []
    tonnes = {name: round(MILLION * one / sum(used.values())) for name, one in used.items()}  # exact sums of few digits
    found = []
    for name, rule in consent_rules(tonnes).items():
        say = power(rule)
        shares = dict(zip(rule.members, map(float, say.shapley_shubik), strict=True))
        found.append({"rule": name, "shapley_shubik": shares, "vetoes": list(say.vetoes), "dummies": list(say.dummies)})
    return found


def _tables(told: Record) -> dict[str, pd.DataFrame]:
    """The tables of a summary, cells of plain types."""
    allocations = [one for one in told["game"]["allocations"] if "shares" in one]
    coalitions = [
        {**one, "players": " ".join(one["players"]), "projects": " ".join(one["projects"])}
        for one in told["coalitions"]
    ]
    found = {
        "accounts": told["accounts"],
        "countries": told["countries"],
        "coalitions": coalitions,
        "shares": [
            {"rule": one["rule"], "player": name, "musd": value, "transfer_musd": one["transfers"][name]}
            for one in allocations
            for name, value in one["shares"].items()
        ],
        "payments": [{"rule": one["rule"], **each} for one in allocations for each in one["payments"]],
        "consent": [
            {"rule": one["rule"], "player": name, "shapley_shubik": share, "veto": name in one["vetoes"]}
            for one in told["consent"]
            for name, share in one["shapley_shubik"].items()
        ],
        "finance": told["finance"],
        "break_even": told["break_even"],
        "tariffs": told["tariffs"],
    }
    return {name: pd.DataFrame(rows) for name, rows in found.items() if rows}

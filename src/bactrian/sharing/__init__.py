"""Sharing: who gains and who pays when countries build together, and what any group of them could do by itself."""

from bactrian.sharing.coalitions import Coalitions, Found
from bactrian.sharing.deal import PROPORTIONAL, Deal, check_rule, payments, share
from bactrian.sharing.finance import break_even, finance, tariffs
from bactrian.sharing.ledger import LINES, Ledger
from bactrian.sharing.players import Players, hosts_of, players_of
from bactrian.sharing.programme import read_plan, soonest
from bactrian.sharing.statement import Books, Statement, books_of, statement

__all__ = [
    "LINES",
    "PROPORTIONAL",
    "Books",
    "Coalitions",
    "Deal",
    "Found",
    "Ledger",
    "Players",
    "Statement",
    "books_of",
    "break_even",
    "check_rule",
    "finance",
    "hosts_of",
    "payments",
    "players_of",
    "read_plan",
    "share",
    "soonest",
    "statement",
    "tariffs",
]

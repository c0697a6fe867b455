"""Readers of other people's file formats: each turns files into arrays, and knows no mathematics."""

from bactrian.formats.dow import Dow, read_dow
from bactrian.formats.game import GameTable, read_game
from bactrian.formats.tntp import Tntp, read_tntp
from bactrian.formats.vote import Condition, VoteTable, read_share, read_vote

__all__ = [
    "Condition",
    "Dow",
    "GameTable",
    "Tntp",
    "VoteTable",
    "read_dow",
    "read_game",
    "read_share",
    "read_tntp",
    "read_vote",
]

"""Other people's file formats: each turns files into arrays, or arrays into files, and knows no mathematics."""

from bactrian.formats.dow import Dow, read_dow
from bactrian.formats.game import GameTable, read_game
from bactrian.formats.omx import Matrices, read_omx, write_omx
from bactrian.formats.tntp import Tntp, read_tntp
from bactrian.formats.tntp_writing import write_tntp
from bactrian.formats.vote import Condition, VoteTable, read_share, read_vote

__all__ = [
    "Condition",
    "Dow",
    "GameTable",
    "Matrices",
    "Tntp",
    "VoteTable",
    "read_dow",
    "read_game",
    "read_omx",
    "read_share",
    "read_tntp",
    "read_vote",
    "write_omx",
    "write_tntp",
]

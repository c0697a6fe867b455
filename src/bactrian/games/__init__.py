"""Coalition games: who gains, who pays, and who would be better off without the others."""

from bactrian.games.certificate import Kohlberg, certify_nucleolus
from bactrian.games.core import LeastCore, in_core, least_core
from bactrian.games.front import RULES, Allocation, Leaver, allocate
from bactrian.games.game import Game, game_of
from bactrian.games.properties import balanced, convex, superadditive
from bactrian.games.sampling import Estimate, sampled_shapley

__all__ = [
    "RULES",
    "Allocation",
    "Estimate",
    "Game",
    "Kohlberg",
    "LeastCore",
    "Leaver",
    "allocate",
    "balanced",
    "certify_nucleolus",
    "convex",
    "game_of",
    "in_core",
    "least_core",
    "sampled_shapley",
    "superadditive",
]

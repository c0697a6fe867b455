"""Water: how deep the Caspian is in a year, what a ship may load in it, and what that does to lines and ports.

It lies between the case and the network, as it needs nothing but tables and gives back a case.
"""

from bactrian.water.asked import read_dredging, read_level
from bactrian.water.levels import OBSERVED, level, scenarios
from bactrian.water.lines import at_level, dredged, lines
from bactrian.water.ports import break_even, ports
from bactrian.water.ships import DENSITY, Vessel, vessels

__all__ = [
    "DENSITY",
    "OBSERVED",
    "Vessel",
    "at_level",
    "break_even",
    "dredged",
    "level",
    "lines",
    "ports",
    "read_dredging",
    "read_level",
    "scenarios",
    "vessels",
]

"""Bactrian: an open planner for international freight corridors.

The public names load the rooms they come from when they are first used, so that `bactrian --help` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bactrian.errors import BactrianError, BriefError, CaseError, Finding, LibraryError, SolveError, UnitError

if TYPE_CHECKING:
    from bactrian.assign import Certificate, Flows
    from bactrian.briefing import Brief, brief
    from bactrian.calibration import Calibration, Forecast, Hindcast, calibrate, forecast, hindcast
    from bactrian.carbon import CarbonCap, carbon_cap
    from bactrian.case import Case, load
    from bactrian.exchange import read, write
    from bactrian.goals import Goal, Target, target
    from bactrian.measure import Accounts, Chain, Comparison, Hub, Movement, accounts, compare, corridor_chains
    from bactrian.planning import Plan, Rules, plan
    from bactrian.scenarios import Scenario, read_scenario
    from bactrian.sharing import Deal, share
    from bactrian.stressing import stress
    from bactrian.verbs import run
    from bactrian.water import at_level

__all__ = [
    "Accounts",
    "BactrianError",
    "Brief",
    "BriefError",
    "Calibration",
    "CarbonCap",
    "Case",
    "CaseError",
    "Certificate",
    "Chain",
    "Comparison",
    "Deal",
    "Finding",
    "Flows",
    "Forecast",
    "Goal",
    "Hindcast",
    "Hub",
    "LibraryError",
    "Movement",
    "Plan",
    "Rules",
    "Scenario",
    "SolveError",
    "Target",
    "UnitError",
    "accounts",
    "at_level",
    "brief",
    "calibrate",
    "carbon_cap",
    "compare",
    "corridor_chains",
    "forecast",
    "hindcast",
    "load",
    "plan",
    "read",
    "read_scenario",
    "run",
    "share",
    "stress",
    "target",
    "write",
]

_HOMES = {
    "Accounts": "bactrian.measure",
    "Brief": "bactrian.briefing",
    "Calibration": "bactrian.calibration",
    "CarbonCap": "bactrian.carbon",
    "Case": "bactrian.case",
    "Certificate": "bactrian.assign",
    "Chain": "bactrian.measure",
    "Comparison": "bactrian.measure",
    "Deal": "bactrian.sharing",
    "Flows": "bactrian.assign",
    "Forecast": "bactrian.calibration",
    "Goal": "bactrian.goals",
    "Hindcast": "bactrian.calibration",
    "Hub": "bactrian.measure",
    "Movement": "bactrian.measure",
    "Plan": "bactrian.planning",
    "Rules": "bactrian.planning",
    "Scenario": "bactrian.scenarios",
    "Target": "bactrian.goals",
    "accounts": "bactrian.measure",
    "at_level": "bactrian.water",
    "brief": "bactrian.briefing",
    "calibrate": "bactrian.calibration",
    "carbon_cap": "bactrian.carbon",
    "compare": "bactrian.measure",
    "corridor_chains": "bactrian.measure",
    "forecast": "bactrian.calibration",
    "hindcast": "bactrian.calibration",
    "load": "bactrian.case",
    "plan": "bactrian.planning",
    "read_scenario": "bactrian.scenarios",
    "read": "bactrian.exchange",
    "run": "bactrian.verbs",
    "share": "bactrian.sharing",
    "stress": "bactrian.stressing",
    "target": "bactrian.goals",
    "write": "bactrian.exchange",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

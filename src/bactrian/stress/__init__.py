"""Stress: what breaks the corridor, what that costs, and what would protect.

Importing this room sets the name `bactrian.stress`, which is also that of its verb, so the room may be called as such.
"""

import sys
from types import ModuleType
from typing import Any

from bactrian.stress.course import Course, Span, course_of, spans_of
from bactrian.stress.critical import Criticality, criticality
from bactrian.stress.draws import Draw, Sampler
from bactrian.stress.ensemble import Ensemble
from bactrian.stress.events import Event, Spell, events_of
from bactrian.stress.front import stress, yearly_cost
from bactrian.stress.risk import Estimate, Risk, estimate
from bactrian.stress.rules import Condition, Rule, rule_of
from bactrian.stress.scene import Scene

__all__ = [
    "Condition",
    "Course",
    "Criticality",
    "Draw",
    "Ensemble",
    "Estimate",
    "Event",
    "Risk",
    "Rule",
    "Sampler",
    "Scene",
    "Span",
    "Spell",
    "course_of",
    "criticality",
    "estimate",
    "events_of",
    "rule_of",
    "spans_of",
    "stress",
    "yearly_cost",
]


class _Room(ModuleType):
    def __call__(self, *given: Any, **named: Any) -> Risk:
        return stress(*given, **named)


sys.modules[__name__].__class__ = _Room

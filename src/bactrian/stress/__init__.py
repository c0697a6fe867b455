"""Stress: what breaks the corridor, what that costs, and what would protect."""

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

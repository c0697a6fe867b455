"""Stress: what breaks the corridor, what that costs, and what would protect."""

from bactrian.stress.course import Course, Span, course_of, spans_of
from bactrian.stress.draws import Draw, Sampler
from bactrian.stress.ensemble import Ensemble
from bactrian.stress.events import Event, Spell, events_of
from bactrian.stress.front import stress
from bactrian.stress.risk import Estimate, Risk, estimate
from bactrian.stress.scene import Scene

__all__ = [
    "Course",
    "Draw",
    "Ensemble",
    "Estimate",
    "Event",
    "Risk",
    "Sampler",
    "Scene",
    "Span",
    "Spell",
    "course_of",
    "estimate",
    "events_of",
    "spans_of",
    "stress",
]

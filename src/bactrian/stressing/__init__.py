"""Stress: what breaks the corridor, what that costs, and what would protect."""

from bactrian.stressing.certificate import CourseCertificate, certify_course
from bactrian.stressing.course import Course, Span, course_of, spans_of
from bactrian.stressing.critical import CriticalCertificate, Criticality, criticality
from bactrian.stressing.draws import Draw, Sampler
from bactrian.stressing.ensemble import Ensemble
from bactrian.stressing.events import Event, Spell, events_of
from bactrian.stressing.front import stress, yearly_cost
from bactrian.stressing.risk import Estimate, Risk, RiskCertificate, estimate
from bactrian.stressing.rules import Condition, Rule, rule_of
from bactrian.stressing.scene import Scene

__all__ = [
    "Condition",
    "Course",
    "CourseCertificate",
    "CriticalCertificate",
    "Criticality",
    "Draw",
    "Ensemble",
    "Estimate",
    "Event",
    "Risk",
    "RiskCertificate",
    "Rule",
    "Sampler",
    "Scene",
    "Span",
    "Spell",
    "certify_course",
    "course_of",
    "criticality",
    "estimate",
    "events_of",
    "rule_of",
    "spans_of",
    "stress",
    "yearly_cost",
]

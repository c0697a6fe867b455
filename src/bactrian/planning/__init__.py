"""Plans: which projects to build and when, what they bring, and how good the choice is."""

from bactrian.planning.alternatives import Alternatives
from bactrian.planning.appraisal import Appraisal, appraise, in_company
from bactrian.planning.bound import Bound
from bactrian.planning.candidates import Candidate, Field, field_of
from bactrian.planning.ceiling import Ceiling
from bactrian.planning.check import PlanCertificate, certify_plan
from bactrian.planning.frontier import Frontier, Point
from bactrian.planning.plan import Plan, plan
from bactrian.planning.robust import Robust
from bactrian.planning.rules import Menu, Rules
from bactrian.planning.terms import Terms
from bactrian.planning.worth import Starts, Worth, reference_of_plan, worth_of

__all__ = [
    "Alternatives",
    "Appraisal",
    "Bound",
    "Candidate",
    "Ceiling",
    "Field",
    "Frontier",
    "Menu",
    "Plan",
    "PlanCertificate",
    "Point",
    "Robust",
    "Rules",
    "Starts",
    "Terms",
    "Worth",
    "appraise",
    "certify_plan",
    "field_of",
    "in_company",
    "plan",
    "reference_of_plan",
    "worth_of",
]

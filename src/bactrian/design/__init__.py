"""Network design: which arcs to open, so that all commodities are carried at least fixed and running cost."""

from bactrian.design.check import Checked, check_design
from bactrian.design.front import Design, Step, design_network
from bactrian.design.problem import Problem, problem_of
from bactrian.design.programme import Programme, Solved

__all__ = [
    "Checked",
    "Design",
    "Problem",
    "Programme",
    "Solved",
    "Step",
    "check_design",
    "design_network",
    "problem_of",
]

"""Reports: what a run leaves behind for machines, spreadsheets and people.

The map lies in `bactrian.draw.map`, apart, so that nothing else waits for matplotlib to load.
"""

from bactrian.report.card import calibration_page, calibration_summary, card_lines, scores
from bactrian.report.comparison import comparison_sections, comparison_summary, save_comparison
from bactrian.report.critical import critical_sections, critical_summary, name_of_row, save_critical
from bactrian.report.deal import deal_summary, save_deal
from bactrian.report.deal_words import deal_sections
from bactrian.report.emissions import cap_lines, cap_summary, emissions_summary, show_emissions
from bactrian.report.explain import explain_cell, explain_result, is_cell
from bactrian.report.files import save
from bactrian.report.games import share_summary, show_share, show_vote, vote_summary
from bactrian.report.plan import plan_page, plan_summary, save_plan
from bactrian.report.screen import show, show_figure, show_plan, show_sections
from bactrian.report.stress import course_summary, risk_summary, save_course, save_risk
from bactrian.report.stress_words import course_sections, risk_sections
from bactrian.report.summary import corridors, records, summary, usual_pairs
from bactrian.report.target import target_lines, target_summary
from bactrian.report.validation import (
    forecast_lines,
    forecast_summary,
    hindcast_lines,
    published,
    scored,
    validation,
    validation_summary,
)
from bactrian.report.water import show_water, water_summary

__all__ = [
    "calibration_page",
    "calibration_summary",
    "cap_lines",
    "cap_summary",
    "card_lines",
    "comparison_sections",
    "comparison_summary",
    "corridors",
    "course_sections",
    "course_summary",
    "critical_sections",
    "critical_summary",
    "deal_sections",
    "deal_summary",
    "emissions_summary",
    "explain_cell",
    "explain_result",
    "forecast_lines",
    "forecast_summary",
    "hindcast_lines",
    "is_cell",
    "name_of_row",
    "plan_page",
    "plan_summary",
    "published",
    "records",
    "risk_sections",
    "risk_summary",
    "save",
    "save_comparison",
    "save_course",
    "save_critical",
    "save_deal",
    "save_plan",
    "save_risk",
    "scored",
    "scores",
    "share_summary",
    "show",
    "show_emissions",
    "show_figure",
    "show_plan",
    "show_sections",
    "show_share",
    "show_vote",
    "show_water",
    "summary",
    "target_lines",
    "target_summary",
    "usual_pairs",
    "validation",
    "validation_summary",
    "vote_summary",
    "water_summary",
]

"""Briefs: pages for people, made of claims whose figures are looked up in results when the page is made."""

from bactrian.briefing.front import Brief, brief
from bactrian.briefing.ledger import claim_lines, explain_claim
from bactrian.briefing.page import picture
from bactrian.briefing.read import Verdict, read_text, verdict_lines, verdict_records
from bactrian.briefing.results import Result, read_results

__all__ = [
    "Brief",
    "Result",
    "Verdict",
    "brief",
    "claim_lines",
    "explain_claim",
    "picture",
    "read_results",
    "read_text",
    "verdict_lines",
    "verdict_records",
]

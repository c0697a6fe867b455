"""Voting: who has how much say under a rule of consent."""

from bactrian.voting.bodies import EXAMPLES, Body, body, body_of, consent_rules, eu_council, security_council
from bactrian.voting.power import Power, minimal_blocking, minimal_winning, power
from bactrian.voting.rule import Rule, heads, unanimity, weighted

__all__ = [
    "EXAMPLES",
    "Body",
    "Power",
    "Rule",
    "body",
    "body_of",
    "consent_rules",
    "eu_council",
    "heads",
    "minimal_blocking",
    "minimal_winning",
    "power",
    "security_council",
    "unanimity",
    "weighted",
]

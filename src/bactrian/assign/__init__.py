"""Assignment: how flows and travel times settle together."""

from bactrian.assign.certificate import Certificate, certify
from bactrian.assign.delay import bpr, conical, queue
from bactrian.assign.flows import Flows
from bactrian.assign.front import METHODS, Method, assign

__all__ = ["METHODS", "Certificate", "Flows", "Method", "assign", "bpr", "certify", "conical", "queue"]

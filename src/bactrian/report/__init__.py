"""Reports: what a run leaves behind for machines, spreadsheets and people."""

from bactrian.report.files import save
from bactrian.report.screen import show
from bactrian.report.summary import corridors, summary, zones_of

__all__ = ["corridors", "save", "show", "summary", "zones_of"]

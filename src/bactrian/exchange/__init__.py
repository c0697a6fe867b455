"""Cases and results in the formats of other tools: two front doors, `read` and `write`, and a file for each format.

What each keeps, loses and uses: docs/formats.md.
"""

from bactrian.exchange.front import FORMATS, Format, Written, check_target, read, write
from bactrian.exchange.loss import Loss
from bactrian.exchange.omx import with_demand

__all__ = ["FORMATS", "Format", "Loss", "Written", "check_target", "read", "with_demand", "write"]

"""Calibration: adjustments fitted to what was counted, how sure they are, and years that nothing was fitted to."""

from bactrian.calibration.elasticities import own_elasticities
from bactrian.calibration.fit import Calibration, calibrate
from bactrian.calibration.forecast import Forecast, forecast
from bactrian.calibration.hindcast import Hindcast, happened, hindcast
from bactrian.calibration.observed import read_observations
from bactrian.calibration.outcomes import outcomes

__all__ = [
    "Calibration",
    "Forecast",
    "Hindcast",
    "calibrate",
    "forecast",
    "happened",
    "hindcast",
    "outcomes",
    "own_elasticities",
    "read_observations",
]

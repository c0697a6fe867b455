"""Calibration: adjustments fitted to what was counted, how sure they are, and years that nothing was fitted to."""

from bactrian.calibration.elasticities import own_elasticities
from bactrian.calibration.fit import Calibration, calibrate
from bactrian.calibration.forecast import Forecast, forecast
from bactrian.calibration.hindcast import Hindcast, happened, hindcast
from bactrian.calibration.observed import read_observations

__all__ = [
    "Calibration",
    "Forecast",
    "Hindcast",
    "calibrate",
    "forecast",
    "happened",
    "hindcast",
    "own_elasticities",
    "read_observations",
]

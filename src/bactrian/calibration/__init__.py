"""Calibration: adjustments fitted to what was counted, how sure they are, and years that nothing was fitted to."""

from bactrian.calibration.fit import Calibration, calibrate
from bactrian.calibration.hindcast import Hindcast, happened, hindcast

__all__ = ["Calibration", "Hindcast", "calibrate", "happened", "hindcast"]

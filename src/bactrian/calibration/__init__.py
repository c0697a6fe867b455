"""Calibration: adjustments fitted to what was counted, with how sure they are."""

from bactrian.calibration.fit import Calibration, calibrate

__all__ = ["Calibration", "calibrate"]

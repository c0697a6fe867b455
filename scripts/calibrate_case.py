"""Fit the adjustments of a built-in case again and write them to its table. Run it after changing what they rest on."""

from importlib.resources import as_file, files

from bactrian.calibration import calibrate
from bactrian.case import load
from bactrian.report.files import write_csv

NAME, YEAR = "transcaspian", 2021

if __name__ == "__main__":
    found = calibrate(load(NAME), YEAR, tell=print)
    with as_file(files("bactrian") / "cases" / NAME) as folder:
        write_csv(folder / "adjustments.csv", found.case.table("adjustments"))

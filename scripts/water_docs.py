"""Write again the tables of docs/water.md. Run it after editing levels, vessels or the beds of ports."""

from pathlib import Path

from bactrian.case import load
from bactrian.report.water import with_tables

PAGE = Path(__file__).parents[1] / "docs" / "water.md"

if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), load("transcaspian")), encoding="utf-8")

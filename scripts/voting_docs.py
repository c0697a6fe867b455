"""Write the table of councils in docs/voting.md: python scripts/voting_docs.py"""

from pathlib import Path

from bactrian.report.games import with_councils

PAGE = Path(__file__).parents[1] / "docs" / "voting.md"

if __name__ == "__main__":
    PAGE.write_text(with_councils(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

"""Write again the results in docs/sharing.md: python scripts/share_docs.py [FOLDER OF A PLAN]; plans first if none."""

import re
import sys
from pathlib import Path

import bactrian as ba
from bactrian.draw import deal_picture, save_map
from bactrian.report import deal_sections, deal_summary
from bactrian.report.plan_words import page_of
from bactrian.sharing import read_plan, share

DOCS = Path(__file__).parents[1] / "docs"
EIGHT = ["KAZ", "TKM", "AZE", "GEO", "TUR", "UZB", "CHN", "EU27"]


def main() -> None:
    """Plan, share twice, write."""
    case = ba.load("transcaspian")
    if len(sys.argv) > 1:
        starts, terms, _ = read_plan(Path(sys.argv[1]), case)
    else:
        best = ba.plan(case, budget="8 bn USD")
        starts, terms = best.starts, best.terms
    eight = deal_summary(share(case, starts, EIGHT, terms=terms))
    two = deal_summary(share(case, None, ["KAZ", "TKM"], terms=terms))
    page = DOCS / "sharing.md"
    text = page.read_text(encoding="utf-8")
    for name, told in (("eight", eight), ("two", two)):
        mark = re.compile(rf"<!-- {name} -->\n.*?<!-- end of {name} -->", re.S)
        lines = page_of("", deal_sections(told), told["provenance"]).removeprefix("# \n\n")
        lines = re.sub(r"^## ", "### ", lines, flags=re.M)
        text, count = mark.subn(f"<!-- {name} -->\n{lines}<!-- end of {name} -->".replace("\\", r"\\"), text)
        if count != 1:
            raise ValueError(f"{page.name} lacks the marks of {name}")
    save_map(deal_picture(eight), DOCS, "share")
    (DOCS / "share.svg").unlink()
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Check the site that `make docs` built: links lead somewhere, and no page asks another host for anything when opened.

python scripts/check_site.py out/site
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data")}


class Page(HTMLParser):
    """The ids of a page, its links, and what it loads when opened."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag names."""
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif tag == "a" and name == "href" and value:
                self.links.append(value)
            elif (tag, name) in LOADS and value:
                self.loads.append(value)


def faults(site: Path) -> list[str]:
    """What is wrong, as lines for a person."""
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    found: list[str] = []
    for path, page in pages.items():
        named = path.relative_to(site.resolve())
        for to in page.links + page.loads:
            parts = urlsplit(to)
            if parts.scheme or parts.netloc:
                if to in page.loads and parts.scheme != "data":
                    found.append(f"{named} loads {to}")
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not there.exists():
                found.append(f"{named}: {to} is not there")
            elif parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].ids | {"top"}:
                found.append(f"{named}: {to} has no such heading")
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        found += [f"{style.name} loads from {mark}" for mark in ("url(http", "url(//", "@import") if mark in text]
    return sorted(set(found)) if pages else [f"no pages in {site}"]


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1] if len(sys.argv) > 1 else "out/site"))
    print("\n".join(wrong) or "all links lead somewhere, and nothing is loaded from elsewhere")
    sys.exit(bool(wrong))

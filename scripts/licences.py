"""Write docs/licences.md: the packages that Bactrian and each of its extras bring along, and their licences.

    python scripts/licences.py

It reads what is installed in its environment and asks no host; a package that is not installed there is named as such.
Versions are left out, for they are those of constraints.txt.
"""

import re
from collections import deque
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).parents[1] / "docs" / "licences.md"
PLAIN = ""  # the package without an extra
HEAD = """# Licences

Bactrian is under the MIT licence, the data of the built-in case under CC-BY-4.0, the outlines of its maps in the
public domain. These are the packages that an installation brings along, with the licence that each states; *for* says
which extra needs it, `bactrian` being the plain installation. Made by `python scripts/licences.py` from what is
installed.

| package | licence | for |
| --- | --- | --- |
"""


def wanted(found: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """What a package asks for here with these extras."""
    for text in found.requires or []:
        asked = Requirement(text)
        if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in {PLAIN, *extras}):
            yield asked


def brought(extra: str) -> dict[str, Distribution | None]:
    """All packages that come with an extra, by name; None for one that is not installed."""
    found: dict[str, Distribution | None] = {}
    seen = {("bactrian", extra)}
    queue = deque(seen)
    while queue:
        name, with_extra = queue.popleft()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            found[name] = None
            continue
        found[name] = package
        for asked in wanted(package, {with_extra} if with_extra else set()):
            for one in {PLAIN, *asked.extras}:
                following = (canonicalize_name(asked.name), one)
                if following not in seen:
                    seen.add(following)
                    queue.append(following)
    del found["bactrian"]
    return found


def licence(package: Distribution | None) -> str:
    """What a package states: its expression, else its classifiers, else the first line of its licence field."""
    if package is None:
        return "not installed here"
    told = package.metadata
    classified = [one.rsplit(" :: ", 1)[1] for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    text = (told.get("License") or "").strip().split("\n")[0]
    field = text if len(text) <= 60 else ""
    plain = [one for one in classified if one != "OSI Approved"]
    stated = told.get("License-Expression") or ", ".join(plain) or field
    return re.sub(r"\s+", " ", stated).replace("|", "/") or "not stated in its metadata"


def page() -> str:
    """The page of the packages installed here."""
    extras = distribution("bactrian").metadata.get_all("Provides-Extra") or []
    trees = {extra: brought(extra) for extra in [PLAIN, *sorted(extras)]}
    packages = {name: package for tree in trees.values() for name, package in tree.items()}
    rows = []
    for name, package in sorted(packages.items()):
        plain = name in trees[PLAIN]
        users = "bactrian" if plain else ", ".join(extra for extra in trees if name in trees[extra])
        rows.append(f"| {name} | {licence(package)} | {users} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

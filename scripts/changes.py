"""Assemble the changelog from the small files in `changes/`, one for each change.

    python scripts/changes.py                   print what is not yet released
    python scripts/changes.py 0.2.0 2027-01-15  write it into CHANGELOG.md under that version, remove the small files

A small file is named for its change and its kind, such as `studio-map.added.md`: kinds are those of KINDS. Its text is
that of one list item, in the present tense, without the dash.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER, CHANGELOG = ROOT / "changes", ROOT / "CHANGELOG.md"
KINDS = {"added": "Added", "changed": "Changed", "fixed": "Fixed", "removed": "Removed", "security": "Security"}
HEAD = "## Unreleased\n"


def fragments(folder: Path) -> dict[str, list[Path]]:
    """The small files by kind, in order of their names. Raises ValueError for a file of no kind, or an empty one."""
    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("*.md")):
        if path.name == "README.md":
            continue
        named = re.fullmatch(r"[a-z0-9-]+\.([a-z]+)\.md", path.name)
        if named is None or named[1] not in KINDS:
            raise ValueError(f"{path.name}: name it NAME.KIND.md, in lower case, with a kind of {', '.join(KINDS)}")
        if not path.read_text(encoding="utf-8").strip():
            raise ValueError(f"{path.name} is empty")
        found[named[1]].append(path)
    return found


def assembled(folder: Path) -> str:
    """The items of all small files under the headings of their kinds; nothing where there are none."""
    parts = []
    for kind, paths in fragments(folder).items():
        items = ["- " + path.read_text(encoding="utf-8").strip().replace("\n", "\n  ") for path in paths]
        if items:
            parts.append(f"### {KINDS[kind]}\n\n" + "\n".join(items) + "\n")
    return "\n".join(parts)


def released(changelog: str, items: str, version: str, day: str) -> str:
    """The changelog with what was unreleased, and the items, under a version. Raises ValueError where it has that."""
    if f"## {version} " in changelog:
        raise ValueError(f"{version} is in the changelog already")
    before, mark, after = changelog.partition(HEAD)
    if not mark:
        raise ValueError("the changelog has no heading 'Unreleased'")
    old, following, rest = after.partition("\n## ")
    body = "\n".join(part for part in (old.strip("\n") + "\n" if old.strip() else "", items) if part)
    return f"{before}{HEAD}\n## {version} ({day})\n\n{body}{following}{rest}"


if __name__ == "__main__":
    if len(sys.argv) == 3:
        text = released(CHANGELOG.read_text(encoding="utf-8"), assembled(FOLDER), *sys.argv[1:])
        CHANGELOG.write_text(text, encoding="utf-8")
        for path in (path for paths in fragments(FOLDER).values() for path in paths):
            path.unlink()
    else:
        print(assembled(FOLDER) or "no changes wait in changes/")

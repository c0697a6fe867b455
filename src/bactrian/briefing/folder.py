"""Where templates are found: in a folder of the user's, and else among those that come with Bactrian."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from bactrian.briefing.template import Part, read_template
from bactrian.briefing.values import List
from bactrian.errors import BriefError

__all__ = ["KINDS", "Folder"]

KINDS = ("news", "policy", "technical")
"""Kinds of brief; each has a template for each language, such as `news.de.txt`."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder whose files stand in place of those of the same name that come with Bactrian."""

    own: Path | None = None

    def text(self, name: str) -> str:
        """The text of a file. Raises BriefError when there is none, or it is not UTF-8."""
        try:
            if self.own and (self.own / name).exists():
                return (self.own / name).read_text(encoding="utf-8")
            return (files("bactrian.briefing") / "templates" / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BriefError(f"the template {name} cannot be read: {error}") from None

    def template(self, name: str) -> dict[str, Part]:
        """The parts of a template. Raises BriefError as `read_template` does."""
        return read_template(self.text(name), name)

    def values(self) -> tuple[dict[str, str], dict[str, List]]:
        """The values and lists of `values.toml`. Raises BriefError for what is not understood."""
        try:
            told = tomllib.loads(self.text("values.toml"))
        except tomllib.TOMLDecodeError as error:
            raise BriefError(f"values.toml cannot be read: {error}") from None
        return dict(told.get("values", {})), {name: _list(name, cells) for name, cells in told.get("lists", {}).items()}


def _list(name: str, cells: dict[str, Any]) -> List:
    known = [one.name for one in fields(List)]
    if unknown := sorted(set(cells) - set(known)):
        raise BriefError(f"values.toml: the list {name!r} has no {unknown[0]!r}; use {', '.join(known)}")
    if "path" not in cells:
        raise BriefError(f"values.toml: the list {name!r} has no path")
    return List(**cells)

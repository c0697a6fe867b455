"""Blocks as they are done, in memory or in a folder, and what is said of them when a run is stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bactrian.errors import CaseError, Finding
from bactrian.files import write_text

__all__ = ["Kept", "noting"]

MANIFEST = "settings.json"
GOES_ON = "the same command goes on from there"
IS_LOST = "with a folder to keep them in, it would go on from there"


class Kept:
    """The texts of the blocks `numbers` of a run by its `settings`; with a folder, in `name` of it, a file each by
    `pattern`, such as "{:06d}.csv".

    `more` is what the manifest holds beside the settings. Raises CaseError for a folder that holds another run.
    """

    def __init__(
        self, folder: Path | None, name: str, pattern: str, settings: Mapping[str, Any], numbers: Iterable[int]
    ) -> None:
        self.folder = folder / name if folder else None
        self.pattern, self.numbers = pattern, tuple(numbers)
        self.settings: dict[str, Any] = json.loads(json.dumps(settings))
        self.more: dict[str, Any] = {}
        self._texts: dict[int, str] = {}
        manifest = self.folder / MANIFEST if self.folder else None
        if manifest and manifest.exists():
            try:
                told = dict(json.loads(manifest.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                told = {}
            if {one: told.get(one) for one in self.settings} != self.settings:
                rule = f"holds the {name} of another run"
                raise CaseError([Finding(str(folder), 0, "", rule, "name another folder, or remove this one")])
            self.more = {one: cell for one, cell in told.items() if one not in self.settings}
        self.done = {number for number in self.numbers if self.folder and self.path(number).exists()}

    def begin(self, **more: Any) -> None:
        """Write the manifest, with what there is `more` to say."""
        self.more = more
        if self.folder:
            write_text(self.folder / MANIFEST, json.dumps({**self.settings, **more}, indent=1) + "\n")

    def left(self) -> list[int]:
        """The blocks that are still to be made."""
        return [number for number in self.numbers if number not in self.done]

    def add(self, number: int, text: str) -> None:
        """Keep a block."""
        if self.folder:
            write_text(self.path(number), text)
        else:
            self._texts[number] = text
        self.done.add(number)

    def text(self, number: int) -> str:
        """A block that is done."""
        return self.path(number).read_text(encoding="utf-8") if self.folder else self._texts[number]

    def path(self, number: int) -> Path:
        """The file of a block."""
        assert self.folder is not None
        return self.folder / self.pattern.format(number)


@contextmanager
def noting(kept: Kept, told: Callable[[], str]) -> Iterator[None]:
    """Add to an interrupt how much is kept, as `told` says, and how to go on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        stop.add_note(f"stopped with {told()}: {GOES_ON if kept.folder else IS_LOST}")
        raise

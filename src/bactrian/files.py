"""Files that are whole or not there: written under a temporary name, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from bactrian.errors import CaseError, Finding

__all__ = ["write", "write_folder", "write_text"]


def write_text(path: Path, text: str) -> Path:
    """Write a text file, whole or not at all; raise CaseError when that cannot be done."""
    return write(path, lambda draft: draft.write_text(text, encoding="utf-8"))


def write(path: Path, writer: Callable[[Path], object]) -> Path:
    """Have `writer` write a draft beside `path`, and give it its name once it is whole.

    Folders on the way are made. Raises CaseError when the file cannot be written.
    """
    path = path.resolve() if path.is_symlink() else path
    if path.exists() and not path.is_file():
        raise CaseError([Finding(str(path), 0, "", "is not a file", "name a file that may be written")])
    draft = path.parent / f".{path.name}.{os.getpid()}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            writer(draft)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise CaseError([Finding(str(path), 0, "", problem, "name a file you may write to")]) from None
    return path


def write_folder(path: Path, writer: Callable[[Path], object]) -> Path:
    """Have `writer` fill a draft folder beside `path`, and give it its name once it is whole.

    Folders on the way are made. Raises CaseError when there is something of that name already, or it cannot be written.
    """
    if os.path.lexists(path):
        raise CaseError([Finding(str(path), 0, "", "exists already", "name a folder that does not exist yet")])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as room:
            draft = Path(room) / path.name
            draft.mkdir()
            writer(draft)
            os.replace(draft, path)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise CaseError([Finding(str(path), 0, "", problem, "name a folder you may write to")]) from None
    return path

"""What readers of other people's files share: libraries that may be missing, and files that may be anything."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from bactrian.errors import BactrianError, CaseError, Finding, LibraryError

__all__ = ["LARGEST_FILE", "check_size", "library", "opened", "refuse"]

LARGEST_FILE = 200 * 2**20  # bytes


def library(name: str, what: str) -> Any:
    """Import a library of the extra `formats`; raise LibraryError that names the command that adds it."""
    try:
        return import_module(name)
    except ImportError:
        raise LibraryError(f"{what} needs {name}: pip install 'bactrian[formats]'") from None


def refuse(path: Path, rule: str, remedy: str) -> CaseError:
    """One finding about a whole file, to be raised."""
    return CaseError([Finding(path.name, 0, "", rule, remedy)])


def check_size(path: Path) -> None:
    """Raise CaseError for what is no file, or one too large to be a case."""
    if not path.is_file():
        raise refuse(path, "is not a file", "name an existing file")
    if path.stat().st_size > LARGEST_FILE:
        raise refuse(
            path, f"the file is larger than {LARGEST_FILE // 2**20} MB", "split what it holds into smaller ones"
        )


@contextmanager
def opened(path: Path, kind: str, remedy: str) -> Iterator[None]:
    """Turn whatever another library makes of a spoilt file into one finding; its warnings are not passed on."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BactrianError:
        raise
    except Exception as error:  # libraries raise anything on files that are not what they say
        told = " ".join(str(error).split())[:120] or type(error).__name__
        raise refuse(path, f"is not {kind} that can be read ({told})", remedy) from None

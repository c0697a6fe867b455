import shutil
from pathlib import Path

import pytest

import bactrian as ba


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the built-in case, to be spoilt."""
    return Path(shutil.copytree(Path(ba.__file__).parent / "cases" / "transcaspian", tmp_path / "mine"))

import shutil
from pathlib import Path

import pytest

import bactrian as ba
from briefs import corridor, results_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the built-in case, to be spoilt."""
    return Path(shutil.copytree(Path(ba.__file__).parent / "cases" / "transcaspian", tmp_path / "mine"))


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small corridor of `briefs` in `case`, and results of it beside."""
    return tmp_path_factory.mktemp("briefs")


@pytest.fixture(scope="session")
def small_corridor(place: Path) -> ba.Case:
    """The small corridor of `briefs`, as loaded."""
    return corridor(place / "case")


@pytest.fixture(scope="session")
def results(place: Path, small_corridor: ba.Case) -> dict[str, Path]:
    """Folders of results of the small corridor by their names."""
    return results_of(small_corridor, place / "results")

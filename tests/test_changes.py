"""The changelog is assembled from small files."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from pages import ROOT


@pytest.fixture
def changes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("changes", ROOT / "scripts" / "changes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_changes_that_wait_can_be_assembled(changes: ModuleType) -> None:
    changes.assembled(ROOT / "changes")


def test_items_go_under_their_kinds_and_the_version(changes: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "b.fixed.md").write_text("Mend b.\n")
    (tmp_path / "a.added.md").write_text("Add a\nand more.\n")
    items = changes.assembled(tmp_path)
    assert items == "### Added\n\n- Add a\n  and more.\n\n### Fixed\n\n- Mend b.\n"
    before = "# Changelog\n\n## Unreleased\n\n- Old.\n\n## 0.1.0 (2026-01-01)\n\n- First.\n"
    after = changes.released(before, items, "0.2.0", "2027-01-15")
    assert after == (
        "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2027-01-15)\n\n- Old.\n\n"
        + items
        + "\n## 0.1.0 (2026-01-01)\n\n- First.\n"
    )
    with pytest.raises(ValueError, match="already"):
        changes.released(after, items, "0.2.0", "2027-01-15")


@pytest.mark.parametrize("name", ["a.md", "a.new.md", "A.added.md"])
def test_a_file_of_no_kind_is_refused(changes: ModuleType, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Something.\n")
    with pytest.raises(ValueError, match="name it"):
        changes.assembled(tmp_path)

"""The site builds without a warning, its links lead somewhere, and it loads nothing from elsewhere."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pages import ROOT


@pytest.mark.nightly
@pytest.mark.skipif(not find_spec("myst_nb") or not find_spec("furo"), reason="needs bactrian[docs]")
def test_the_site_builds_and_holds_together(tmp_path: Path) -> None:
    site = tmp_path / "site"
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", "-d", str(tmp_path / "kept")]
    built = subprocess.run([*build, ".", str(site)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    checked = subprocess.run(
        [sys.executable, "scripts/check_site.py", str(site)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(not find_spec("sphinx"), reason="needs bactrian[docs]")
@pytest.mark.nightly
def test_every_public_name_is_in_the_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from reference_pages import rooms, write_reference

    write_reference(tmp_path)
    assert {f"{room}.rst" for room in rooms()} | {"public.rst", "commands.rst"} == {
        path.name for path in tmp_path.iterdir()
    }

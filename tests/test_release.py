"""What a release needs is there and says the same; at night a release is made and tried."""

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import bactrian
from pages import ROOT


def test_all_places_say_one_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version {version}," in (ROOT / "docs" / "cite.md").read_text(encoding="utf-8")


def test_types_are_told() -> None:
    assert (Path(bactrian.__file__).parent / "py.typed").exists()


def test_pins_are_plain_and_sorted() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.count("==") == 1 and "@" not in line and " " not in line for line in lines)
    assert lines == sorted(lines, key=lambda line: line.split("==")[0].lower())


@pytest.mark.nightly
@pytest.mark.skipif(not find_spec("build") or not find_spec("hatchling"), reason="needs bactrian[release]")
def test_a_wheel_gives_what_the_checkout_gives(tmp_path: Path) -> None:
    words = [sys.executable, "scripts/check_release.py", "--out", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

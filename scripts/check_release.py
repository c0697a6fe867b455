"""Build wheel and sdist, try the wheel in a new environment, and compare its result with that of the checkout.

    python scripts/check_release.py [--out dist] [--bom]

Needs the extra `release`. Packages come from where pip finds them, at the versions of constraints.txt. With `--bom`,
a bill of materials of the new environment (CycloneDX, JSON) is written too. Exit code 1 where something differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def call(*words: str | Path, cwd: Path, **more: str) -> str:
    """Run a command without the paths of this Python, and return what it printed. Raises CalledProcessError."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, cwd=cwd, env={**plain, **more}, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def stated() -> str:
    """The version, which stands in pyproject.toml and nowhere else."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def tag() -> str:
    """The tag of this commit that names a version; empty where there is none, or no git."""
    try:
        tags = call("git", "tag", "--points-at", "HEAD", "--list", "v*", cwd=ROOT).split()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return tags[-1] if tags else ""


def built(out: Path) -> tuple[Path, Path]:
    """Build both here, without another environment, and return wheel and sdist."""
    python, version = sys.executable, stated()
    call(python, "-m", "build", "--no-isolation", "--outdir", out, ".", cwd=ROOT)  # the wheel is made from the sdist
    return out / f"bactrian-{version}-py3-none-any.whl", out / f"bactrian-{version}.tar.gz"


def contents(wheel: Path) -> dict[str, int]:
    """What a wheel holds, by name, with checksums."""
    with zipfile.ZipFile(wheel) as opened:
        return {one.filename: one.CRC for one in opened.infolist()}


def checkout_files() -> set[str]:
    """The files of the package in the checkout."""
    source = ROOT / "src"
    paths = (path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(source).as_posix() for path in paths if ".egg-info" not in str(path)}


def installed(wheel: Path, folder: Path) -> Path:
    """A new environment with the wheel; returns its folder of programs."""
    venv.create(folder / "env", with_pip=True)
    programs = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    call(programs / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return programs


def faults(out: Path, bom: bool) -> list[str]:
    """What is wrong with a release of this checkout, as lines for a person."""
    found: list[str] = []
    version, named = stated(), tag()
    if named and named != f"v{version}":
        found.append(f"the commit is tagged {named}, pyproject.toml says {version}")
    if f"version: {version}" not in (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines():
        found.append(f"CITATION.cff does not say {version}")
    wheel, sdist = built(out)
    print(f"built {wheel.name} ({wheel.stat().st_size >> 10} kB) and {sdist.name} ({sdist.stat().st_size >> 10} kB)")
    missing = checkout_files() - set(contents(wheel))
    found += [f"the wheel lacks {name}" for name in sorted(missing)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        programs = installed(wheel, folder)
        said = call(programs / "bactrian", "--version", cwd=folder)
        if said != f"bactrian, version {version}":
            found.append(f"bactrian --version says {said!r}")
        where = call(programs / "python", "-c", "import bactrian; print(bactrian.__file__)", cwd=folder)
        if not Path(where).resolve().is_relative_to(folder.resolve()):
            found.append(f"the new environment runs {where}")
        call(programs / "bactrian", "run", "--out", folder / "there", cwd=folder)
        here = [sys.executable, "-c", "from bactrian.cli import start; start()", "run", "--out", folder / "here"]
        call(*here, cwd=ROOT, PYTHONPATH=str(ROOT / "src"))
        results = [(folder / at / "result.json").read_bytes() for at in ("here", "there")]
        if results[0] != results[1]:
            found.append("the results of checkout and wheel differ")
        print(f"result.json: {len(results[0])} bytes from the checkout, {len(results[1])} from the wheel")
        if bom:
            words = ["environment", "--output-reproducible", "--of", "JSON", "-o", out / f"bactrian-{version}.cdx.json"]
            call(sys.executable, "-m", "cyclonedx_py", *words, programs / "python", cwd=folder)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--bom", action="store_true")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    wrong = faults(asked.out.resolve(), asked.bom)
    print("\n".join(wrong) or "the wheel gives the bytes that the checkout gives")
    sys.exit(bool(wrong))

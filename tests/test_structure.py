"""What keeps the house liveable: arrows go one way, and the public list is true."""

import ast
import importlib
from pathlib import Path

import bactrian

ROOT = Path(bactrian.__file__).parent
ROOMS = [
    "errors",
    "files",
    "blocks",
    "text",
    "units",
    "formats",
    "case",
    "water",
    "scenarios",
    "drafting",
    "network",
    "demand",
    "assign",
    "measure",
    "verbs",
    "calibration",
    "design",
    "games",
    "voting",
    "planning",
    "stressing",
    "sharing",
    "wishes",
    "goals",
    "carbon",
    "road",
    "report",
    "draw",
    "briefing",
    "studio",
    "cli",
]


def test_imports_go_one_way() -> None:
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts == ("__init__",):
            continue
        here = ROOMS.index(parts[0])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.startswith("bactrian."):
                    assert ROOMS.index(name.split(".")[1]) <= here, f"{path} imports {name}"


def test_public_names_exist_and_are_listed() -> None:
    for path in [*ROOT.glob("*.py"), *ROOT.glob("*/__init__.py")]:
        parts = ("bactrian", *path.relative_to(ROOT).with_suffix("").parts)
        module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
        assert sorted(module.__all__, key=lambda name: (not name.isupper(), name)) == list(module.__all__)
        assert all(hasattr(module, public) for public in module.__all__)

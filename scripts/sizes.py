"""Write docs/sizes.md: modules and functions over their budgets, and how many lines of tests there are for the code.

python scripts/sizes.py
"""

import ast
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "sizes.md"
MODULE, FUNCTION = (200, 500), (30, 60)  # lines: usual, and seldom more
HEAD = """# Sizes

What keeps a room liveable: a module of about {0} lines, seldom over {1}; a function of about {2}, seldom over {3}.
Made by `python scripts/sizes.py`; lines are all lines, those of docstrings and blank ones too.
"""


@dataclass(frozen=True)
class Function:
    """A function or method, and how long it is."""

    where: str
    lines: int


def modules(folder: Path) -> dict[str, int]:
    """Lines by module."""
    return {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted(folder.rglob("*.py"))
    }


def functions(folder: Path) -> list[Function]:
    """All functions and methods; one inside another counts for both."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                found.append(Function(f"{path.relative_to(ROOT).as_posix()}: {node.name}", lines))
    return found


def table(rows: dict[str, int], head: str) -> list[str]:
    """The longest first."""
    listed = [f"| `{name}` | {lines} |" for name, lines in sorted(rows.items(), key=lambda row: (-row[1], row[0]))]
    return [f"| {head} | lines |", "| --- | ---: |", *listed, ""] if rows else ["None.", ""]


def page() -> str:
    """The page of the code as it stands."""
    code, tests = modules(ROOT / "src"), modules(ROOT / "tests")
    whole = functions(ROOT / "src")
    total, tested = sum(code.values()), sum(tests.values())
    long_modules = {name: lines for name, lines in code.items() if lines > MODULE[1]}
    long_functions = {one.where: one.lines for one in whole if one.lines > FUNCTION[1]}
    over = [sum(lines > MODULE[0] for lines in code.values()), sum(one.lines > FUNCTION[0] for one in whole)]
    return "\n".join(
        [
            HEAD.format(*MODULE, *FUNCTION),
            "| | number | median lines | over the usual | over the limit |",
            "| --- | ---: | ---: | ---: | ---: |",
            f"| modules | {len(code)} | {median(code.values()):.0f} | {over[0]} over {MODULE[0]} | "
            f"{len(long_modules)} over {MODULE[1]} |",
            f"| functions | {len(whole)} | {median(one.lines for one in whole):.0f} | {over[1]} over {FUNCTION[0]} | "
            f"{len(long_functions)} over {FUNCTION[1]} |",
            "",
            f"Code {total:,} lines, tests {tested:,} lines: {tested / total:.2f} lines of tests for one of code.",
            "",
            f"## Modules over {MODULE[1]} lines",
            "",
            *table(long_modules, "module"),
            f"## Functions over {FUNCTION[1]} lines",
            "",
            *table(long_functions, "function"),
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

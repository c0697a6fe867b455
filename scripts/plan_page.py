"""Plan the built-in case and write the page of the plan with its pictures to docs/plan. Takes some minutes."""

import tempfile
from pathlib import Path

from PIL import Image

from bactrian import draw, report
from bactrian.planning import Plan, plan

PICTURES = {
    "programme": (draw.programme_picture, "When each project is built, and the capital of each year"),
    "built": (draw.built_map, "What is built, on the map"),
    "frontier": (draw.frontier_picture, "Value against budget"),
}


def write_page(found: Plan, folder: Path) -> None:
    """The page with its pictures at half size."""
    lines = [report.plan_page(found)]
    for name, (picture, title) in PICTURES.items():
        with tempfile.TemporaryDirectory() as drafts:
            _, png = draw.save_map(picture(found), Path(drafts), name)
            with Image.open(png) as image:
                small = image.convert("RGB").resize((1400, round(1400 * image.height / image.width)))
        small.quantize(128, dither=Image.Dither.NONE).save(folder / f"plan-{name}.png", optimize=True)
        lines.append(f"![{title}](plan-{name}.png)\n")
    (folder / "plan.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    found = plan("transcaspian", 2026, 2040, "8 bn USD", frontier=True, tell=print)
    folder = Path(__file__).parents[1] / "docs" / "plan"
    folder.mkdir(exist_ok=True)
    write_page(found, folder)

"""Draw the pictures of the documentation: the rooms and what passes between them, and the maps of the built-in case."""

import tempfile
from html import escape
from pathlib import Path

from PIL import Image

import bactrian as ba
from bactrian import draw
from bactrian.calibration import hindcast
from bactrian.measure import against_counts

WIDTH, HEIGHT, WIDE, HIGH, TOP = 1460, 400, 158, 92, 70

ROOMS = [  # name, what it does, what it hands on
    ("case", ["tables, schema,", "checks, sources,", "scenarios"], "Case"),
    ("network", ["typed arcs, cost,", "capacities,", "shortest paths"], "Network"),
    ("demand", ["balancing to totals,", "growth, gravity"], "Demand"),
    ("assign", ["ways, queues, choice,", "demand's answer,", "certificate"], "Flows"),
    ("measure", ["indicators, quotes,", "counts, emissions"], "tables"),
    ("calibration, goals", ["fit to counts, years", "unseen or to come,", "what must change"], "findings"),
    ("report, draw", ["summary, files,", "explanations,", "validation, map"], "files"),
]
MANY = [  # rooms that take flows many times over, and whether they are there
    ("planning", "which projects, when", True),
    ("stressing", "what breaks it", True),
    ("sharing, games", "who gains, who pays", True),
]
PAGES = [("briefing", "pages to publish", True), ("studio", "the browser", True)]


def box(x: float, y: float, name: str, lines: list[str], solid: bool = True, high: float = HIGH) -> str:
    dash = "" if solid else ' stroke-dasharray="5 4"'
    fill = "#eef3f7" if solid else "#ffffff"
    parts = [f'<rect x="{x}" y="{y}" width="{WIDE}" height="{high}" rx="6" fill="{fill}" stroke="#35566b"{dash}/>']
    parts.append(f'<text x="{x + WIDE / 2}" y="{y + 24}" class="name">{escape(name)}</text>')
    for place, line in enumerate(lines):
        parts.append(f'<text x="{x + WIDE / 2}" y="{y + 45 + 16 * place}" class="small">{escape(line)}</text>')
    return "".join(parts)


def arrow(points: str, label: str = "", x: float = 0, y: float = 0) -> str:
    text = f'<text x="{x}" y="{y}" class="passed">{escape(label)}</text>' if label else ""
    return f'<polyline points="{points}" class="way" marker-end="url(#tip)"/>{text}'


def picture() -> str:
    parts = []
    step = (WIDTH - 40 - WIDE) / (len(ROOMS) - 1)
    middle = TOP + HIGH / 2
    for place, (name, lines, passed) in enumerate(ROOMS):
        x = 20 + place * step
        parts.append(box(x, TOP, name, lines))
        if place < len(ROOMS) - 1:
            gap = x + WIDE + (step - WIDE) / 2
            parts.append(arrow(f"{x + WIDE},{middle} {x + step - 3},{middle}", passed, gap, middle - 9))
    parts.append('<text x="20" y="34" class="passed start">a folder of CSV tables, or a built-in case</text>')
    parts.append(arrow(f"86,42 86,{TOP - 3}"))
    end = 20 + (len(ROOMS) - 1) * step + WIDE / 2
    parts.append(f'<text x="{WIDTH - 20}" y="34" class="passed end">result.json, CSV, Parquet, map, terminal</text>')
    parts.append(arrow(f"{end},{TOP} {end},45"))
    low = TOP + HIGH + 60
    for place, (name, line, solid) in enumerate(MANY):
        x = 20 + (place + 1) * step
        parts.append(box(x, low, name, [line], solid, high=62))
    for place, (name, line, solid) in enumerate(PAGES):
        parts.append(box(20 + (place + 4) * step, low, name, [line], solid, high=62))
    left, right = 20 + step, 20 + 3 * step + WIDE
    parts.append(f'<rect x="{left - 14}" y="{low - 14}" width="{right - left + 28}" height="90" rx="8" class="frame"/>')
    flows = 20 + 3 * step + WIDE / 2
    parts.append(arrow(f"{flows},{TOP + HIGH} {flows},{low - 17}", "Flows, many times over", flows + 76, low - 32))
    across = 20 + 4 * step
    parts.append(
        arrow(f"{right + 14},{low + 31} {across - 3},{low + 31}", "results", (right + 14 + across) / 2, low + 22)
    )
    parts.append(
        arrow(
            f"{across + WIDE},{low + 31} {across + step - 3},{low + 31}", "pages", across + (WIDE + step) / 2, low + 22
        )
    )
    foot = low + 104
    parts.append(f'<rect x="20" y="{foot}" width="{WIDTH - 40}" height="34" rx="6" fill="#f6f2e6" stroke="#8a7340"/>')
    under = (
        "errors and units lie under all rooms; water sets a case to a level of the sea; verbs ties network, demand and "
        "assign together; design solves programmes for planning; cli says the verbs; dashed rooms are to come"
    )
    parts.append(f'<text x="{WIDTH / 2}" y="{foot + 22}" class="small">{under}</text>')
    style = (
        "text{font-family:Helvetica,Arial,sans-serif;fill:#1d2b36;text-anchor:middle}"
        ".name{font-size:17px;font-weight:bold}.small{font-size:12.5px}.passed{font-size:12.5px;font-style:italic;"
        "fill:#5a4a1a}.start{text-anchor:start}.end{text-anchor:end}"
        ".frame{fill:none;stroke:#9db2c0;stroke-dasharray:2 3}"
        ".way{fill:none;stroke:#35566b;stroke-width:1.6}"
    )
    tip = (
        '<marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
        '<path d="M0,0 L9,4 L0,8 z" fill="#35566b"/></marker>'
    )
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
        f"<title>The rooms of Bactrian and the way of the data</title><style>{style}</style><defs>{tip}</defs>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def draw_maps(docs: Path) -> None:
    """The maps as PNG of 1400 pixels in 128 colours, small enough for the repository."""
    flows = ba.run("transcaspian", year=2021)
    for name, extent in (("map", None), ("map-detail", draw.detail_extent(flows.network.case))):
        with tempfile.TemporaryDirectory() as room:
            _, png = draw.save_map(draw.corridor_map(flows, extent=extent), Path(room))
            with Image.open(png) as image:
                small = image.convert("RGB").resize(
                    (1400, round(1400 * image.height / image.width)), Image.Resampling.LANCZOS
                )
        small.quantize(128, dither=Image.Dither.NONE).save(docs / f"{name}.png", optimize=True)


def draw_card(folder: Path) -> None:
    """Counts of 2021 beside the calibrated model, as half-size PNG."""
    base = hindcast(ba.load("transcaspian"), 2022).base
    card = against_counts(base, base.network.case.table("observations"))
    with tempfile.TemporaryDirectory() as drafts:
        _, png = draw.save_map(draw.card_picture(card, "transcaspian 2021"), Path(drafts), "card")
        with Image.open(png) as picture:
            picture.resize((picture.width // 2, picture.height // 2)).save(folder / "card.png", optimize=True)


if __name__ == "__main__":
    folder = Path(__file__).parents[1] / "docs"
    (folder / "rooms.svg").write_text(picture(), encoding="utf-8")
    draw_maps(folder)
    draw_card(folder)

"""Write docs/plan.md and its pictures: the built-in case planned with 8 bn USD, and the measures of the World Bank."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

import bactrian as ba
from bactrian import draw, report
from bactrian.assign import Flows
from bactrian.calibration import Forecast, forecast
from bactrian.measure import against_quotes

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = {
    "programme": (draw.programme_picture, "When each project is built, and the capital of each year"),
    "built": (draw.built_map, "What is built, on the map"),
    "frontier": (draw.frontier_picture, "Value against budget"),
}
LINE = "KZHOR-GEPTI-titr"  # Altynkol to Poti, a quote of the case
SERIES = ("caspian_crossing", "titr_total", "titr_teu", "aktau_total", "baku_total", "georgia_poti_batumi_total")


def line_days(flows: Flows) -> tuple[float, float]:
    """Days from Altynkol to Poti without and with the queues of a run."""
    year = {"quotes": {LINE: {"year": flows.network.year, "via": ""}}}
    told = replace(flows, network=replace(flows.network, case=flows.network.case.with_(year)))
    row = against_quotes(told).set_index("id").loc[LINE]
    return float(row["days"]), float(row["days_waiting"])


def world_bank(told: Forecast) -> list[str]:
    """What the World Bank claims for 2030 beside what the model says, and why they differ."""
    runs = {"base": told.base, "without": told.without, "with_projects": told.with_projects}
    series = told.table.set_index("series")
    days = told.days.set_index("corridor").loc["titr"]
    line = {name: line_days(flows) for name, flows in runs.items()}
    rows = [
        (f"{one}, {series['unit'][one]}", *(f"{series[name][one]:,.3g}" if series[name][one] < 1000
                                            else f"{series[name][one]:,.0f}" for name in runs),
         "11 (3.56 in 2021)" if one == "caspian_crossing" else "")
        for one in SERIES
    ]  # fmt: skip
    rows.append(("Altynkol-Poti, days without queues", *(f"{line[name][0]:.1f}" for name in runs), "half of 2021"))
    rows.append(("Altynkol-Poti, days with queues", *(f"{line[name][1]:.1f}" for name in runs), ""))
    rows.append(
        ("all on the Trans-Caspian corridor by Kazakh ports, days", *(f"{days[name]:.1f}" for name in runs), "")
    )
    crossing, before = series.loc["caspian_crossing"], line["base"]
    package, no_queue = line["with_projects"], line["without"]
    case = told.base.network.case.original
    status = case.table("projects").set_index("id")["status"]
    done = [one for one in told.projects if status[one] == "completed"]
    quoted = case.table("quotes").set_index("id").loc["khorgos_cn-GEPTI-titr-before"]
    return [
        "## The measures of the World Bank",
        "",
        "The study of 2023 says that its measures would halve the travel time of the Middle Corridor and bring 11 Mt a "
        "year over the Caspian by 2030, three times 2021. `bactrian forecast --scenario world_bank_2030` runs the "
        "projects of the case that stand for them:",
        "",
        "| | 2021 | 2030 without | 2030 with | published, with |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "Why they differ:",
        "",
        f"- *Tonnes.* {crossing['with_projects']:.1f} Mt are near the 11 Mt published, but for other reasons. "
        f"The model "
        f"has {crossing['without']:.1f} Mt without the measures: trade that grows, and trade that keeps clear of the "
        f"northern corridor since 2022, bring most of it; the measures add "
        f"{crossing['with_projects'] - crossing['without']:.1f} Mt. It also starts from {crossing['base']:.1f} Mt in "
        "2021, where the bank's figure works back to 3.56 Mt (see [validation](validation.md)): oil and the Turkmen "
        "port are counted in it.",
        f"- *Time.* Without queues the way from Altynkol to Poti takes {before[0]:.1f} days in 2021 and "
        f"{package[0]:.1f} "
        f"with the measures: the hours that projects claim at ports and borders are in, but running time and handling "
        f"remain. With queues it is {before[1]:.1f} days in 2021, {no_queue[1]:.1f} in 2030 without and "
        f"{package[1]:.1f} "
        "with: more traffic meets track, gauge changes and ships that the measures do not widen, and queues take back "
        "what is saved. The published half is of a journey with the delays of its day, for which carriers quoted "
        f"{quoted['days_low']:.0f} to {quoted['days_high']:.0f} days from the Chinese border to the Black Sea "
        f"({quoted['year']:.0f}); the model, whose 2021 has no delay but queues, has less to halve.",
        f"- *What is done.* {len(done)} of the {len(told.projects)} projects ({' '.join(done)}) are completed, "
        f"and so are in "
        "both columns of 2030.",
        "- *Measures.* Locomotives and wagons, open and lower port charges, competition and the watching of "
        "performance "
        "have no counterpart in the case, so nothing of them is in these figures; most effects are taken from what "
        "promoters claim, and are marked as assumptions in the table `effects`.",
        "",
    ]


def draw_small(picture: Figure, name: str) -> None:
    """A picture as PNG of 1400 pixels in 128 colours, small enough for the repository."""
    with tempfile.TemporaryDirectory() as drafts:
        _, png = draw.save_map(picture, Path(drafts), name)
        with Image.open(png) as image:
            small = image.convert("RGB").resize((1400, round(1400 * image.height / image.width)))
    small.quantize(128, dither=Image.Dither.NONE).save(DOCS / f"{name}.png", optimize=True)


def main() -> None:
    """Plan with all that can be asked for, and write what docs show."""
    began = time.monotonic()
    case = ba.load("transcaspian")
    told = ba.plan(
        case, 2026, 2040, "8 bn USD", frontier=True, robust=True,
        tell=lambda said: print(f"{time.monotonic() - began:6.1f} {said}", file=sys.stderr),
    )  # fmt: skip
    lines = [report.plan_page(told)]
    for name, (picture, title) in PICTURES.items():
        draw_small(picture(told), f"plan-{name}")
        lines.append(f"![{title}](plan-{name}.png)\n")
    lines += world_bank(forecast(case, 2030, "world_bank_2030"))
    (DOCS / "plan.md").write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

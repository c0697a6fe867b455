"""Write again the tables of docs/emissions.md. Run it after editing what a run depends on."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bactrian as ba
from bactrian.measure import carbon
from bactrian.network.grams import grids_without_factor
from bactrian.report import emissions_summary

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "emissions.md"
sys.path.insert(0, str(ROOT / "tests"))

from published import EXAMPLES  # noqa: E402  they are held by the tests

Table = list[list[str]]
YEAR, PRICES = 2024, (0.0, 50.0, 100.0, 200.0)


def with_tables(text: str) -> str:
    """The page with the tables between its marks written anew."""
    case = ba.load("transcaspian")
    flows = ba.run(case, YEAR)
    freely = emissions_summary(flows, "CNSIA", "DEDUI")["corridors"]
    avoiding = emissions_summary(flows, "CNSIA", "DEDUI", avoids=("RUS", "BLR"))["corridors"]
    tables: dict[str, Callable[[], Table]] = {
        "examples": lambda: [
            ["example", "figure", "published", "computed"],
            *([one.id, each.what, each.published, each.rounded()] for one in EXAMPLES for each in one.figures),
        ],
        "corridors": lambda: _corridors(freely),
        "kinds": lambda: _kinds(freely),
        "corridors without Russia": lambda: _corridors(avoiding),
        "kinds without Russia": lambda: _kinds(avoiding),
        "prices": lambda: [
            ["USD/t CO2e", "carried kt", "Mt CO2e", "tank to wheel", "paid million USD"],
            *(_priced(case, price) for price in PRICES),
        ],
        "grids": lambda: [["electrified, but without a factor"], [", ".join(grids_without_factor(case))]],
    }
    for name, table in tables.items():
        mark = re.compile(rf"<!-- {name} -->\n.*?<!-- end of {name} -->", re.S)
        written = f"<!-- {name} -->\n{_lines(table())}\n<!-- end of {name} -->"
        text, count = mark.subn(lambda _, written=written: written, text)  # type: ignore[misc]
        if count != 1:
            raise ValueError(f"{PAGE.name} lacks the marks of {name}")
    return text


def _corridors(rows: list[dict[str, Any]]) -> Table:
    columns = {
        "kg/TEU": ("wtw_kg_per_teu", 0),
        "kg/TEU tank to wheel": ("ttw_kg_per_teu", 0),
        "kg/t": ("wtw_kg_per_t", 0),
        "kg/t tank to wheel": ("ttw_kg_per_t", 0),
        "g/tkm": ("wtw_g_per_tkm", 1),
        "km": ("km", 0),
        "days": ("days", 1),
        "USD/TEU": ("usd_per_teu", 0),
    }
    cells = ([f"{one[name]:,.{places}f}" for name, places in columns.values()] for one in rows)
    return [["corridor", *columns], *([one["name"], *row] for one, row in zip(rows, cells, strict=True))]


def _kinds(rows: list[dict[str, Any]]) -> Table:
    kinds = list(dict.fromkeys(kind for one in rows for kind in one["by_kind"]))
    cells = (
        [f"{one['by_kind'][kind]['wtw_kg']:.1f}" if kind in one["by_kind"] else "" for kind in kinds] for one in rows
    )
    return [["corridor", *kinds], *([one["name"], *row] for one, row in zip(rows, cells, strict=True))]


def _priced(case: ba.Case, price: float) -> list[str]:
    flows = ba.run(case, 2021, carbon_usd_per_t=price)
    told, carried = carbon(flows), float(flows.pairs["carried_kt"].sum())
    mt = [f"{told[scope] / 1e6:.2f}" for scope in ("wtw_t", "ttw_t")]
    return [f"{price:.0f}", f"{carried:,.0f}", *mt, f"{told['payments_musd']:,.0f}"]


def _lines(table: Table) -> str:
    heads, *rows = table
    texts = 2 if heads[0] == "example" else 1
    rule = ["---"] * texts + ["---:"] * (len(heads) - texts)
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, rule, *rows))


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

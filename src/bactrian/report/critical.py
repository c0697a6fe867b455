"""What would be missed most, told for machines and in words, and its files."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from bactrian.case import Case
from bactrian.report.card import as_plain, records
from bactrian.report.files import write_csv, write_text
from bactrian.report.plan_words import Section, page_of, rounded
from bactrian.stressing import Criticality

__all__ = ["critical_sections", "critical_summary", "name_of_row", "save_critical"]

Record = dict[str, Any]

SHOWN = 12  # countries told


def critical_summary(found: Criticality, case: Case) -> Record:
    """Everything a machine wants to know of what is missed most in `case`, as plain types.

    `rows` are links and terminals, dearest first; those of which `anew` is false come to no more than their
    `cost_musd`, as ways round them may be missing.
    """
    names = dict(zip(case.table("countries")["id"], case.table("countries")["name"], strict=True))
    rows, countries = found.rows.copy(), found.countries.copy()
    told = [name_of_row(case, table, row) for table, row in rows[["table", "row"]].to_numpy().tolist()]
    rows.insert(2, "name", told)
    countries.insert(1, "name", [str(names.get(one) or one) for one in countries["country"]])
    plain: Record = as_plain(
        {
            "provenance": {
                "case": case.name,
                "case_hash": case.hash,
                "changes": [list(change) for change in case.changes],
                "version": version("bactrian"),
                "year": found.year,
                "seed": None,
                "projects": list(found.projects),
                "top": found.top,
            },
            "certificate": found.certificate.told(),
            "rows": records(rows),
            "countries": records(countries),
        }
    )
    return plain


def name_of_row(case: Case, table: str, row: str) -> str:
    """A link or terminal as people would call it.

    >>> from bactrian.case import load
    >>> name_of_row(load("transcaspian"), "links", "CNSIA-CNURC-rail")
    "Xi'an to Urumqi, rail"
    """
    places = case.table("places").set_index("id")["name"]
    cells = {str(column): str(cell) for column, cell in case.table(table).set_index("id").loc[row].items()}

    def short(place: str) -> str:
        return str(places[place]).split(" (")[0].split(" /")[0]

    if table == "links":
        return f"{short(cells['from'])} to {short(cells['to'])}, {_words(cells['mode'])}"
    return f"{short(cells['place'])}, {_words(cells['handling'])}"


def _words(name: str) -> str:
    """A name of a mode or of handling in words: pipeline_oil is an oil pipeline."""
    parts = str(name).split("_")
    return f"{parts[1]} pipeline" if parts[0] == "pipeline" and len(parts) == 2 else " ".join(parts)


def critical_sections(told: Record) -> list[Section]:
    """What there is to tell of what is missed most, the most important first, from `critical_summary`."""
    asked, rows, sure = told["provenance"], told["rows"], told["certificate"]
    built = f", with {' '.join(asked['projects'])} built" if asked["projects"] else ""
    if rows:
        first = rows[0]
        line = f"{first['name']} would be missed most in {asked['year']}{built}: a year without it costs shippers"
        line += f" {rounded(first['cost_musd'])} mUSD"
    else:
        line = f"Nothing is carried in {asked['year']}{built}, so nothing would be missed"
    checked = f"{' and '.join(sure['anew'])} worked out anew from the tables: {sure['difference']:.0e} apart"
    if sure["holds"]:
        checked += ": the certificate holds."
    else:
        checked = (
            f"THE CERTIFICATE DOES NOT HOLD: {checked}, choices {sure['choice']:.0e} off,"
            f" {sure['unsettled']} rows of the top out of place."
        )
    shown = [
        (str(place + 1), one["name"], *(rounded(one[name]) for name in ("kt", "cost_musd", "stranded_kt")))
        for place, one in enumerate(rows[: asked["top"]])
    ]
    countries = [
        (one["name"], *(rounded(one[name]) for name in ("transit_kt", "cost_musd", "stranded_kt")))
        for one in told["countries"][:SHOWN]
    ]
    heads = ("carries kt", "cost mUSD", "without a way kt")
    left = "Each is shut for the whole year, and nobody waits; a tonne loses what it is worth at most."
    transit = "Each country is shut to trade that neither begins nor ends there."
    return [
        Section("", (line + ".", checked)),
        Section("Links and terminals", (), ("", "shut"), heads, tuple(shown), (left,)),
        Section("Countries", (), ("country",), ("transit kt", *heads[1:]), tuple(countries), (transit,)),
    ]


def save_critical(folder: Path, told: Record) -> list[Path]:
    """Write critical.json, critical.md and the tables to `folder`, each whole or not there.

    Raises CaseError when the folder cannot be written.
    """
    title = f"What would be missed most: {told['provenance']['case']} {told['provenance']['year']}"
    return [
        write_text(folder / "critical.json", json.dumps(told, indent=1, allow_nan=False) + "\n"),
        write_text(folder / "critical.md", page_of(title, critical_sections(told), told["provenance"])),
        *(
            write_csv(folder / f"critical_{name}.csv", pd.DataFrame(told[name], columns=columns))
            for name, columns in (
                ("rows", ["table", "row", "name", "kt", "cost_musd", "stranded_kt", "anew"]),
                ("countries", ["country", "name", "transit_kt", "cost_musd", "stranded_kt"]),
            )
        ),
    ]

"""CO2e of corridors and the price of a cap on it, on the terminal, for machines and for the page of the docs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from rich.markup import escape
from rich.text import Text

from bactrian.assign import Flows
from bactrian.carbon import CarbonCap
from bactrian.measure import CorridorChain, carbon, corridor_chains
from bactrian.network.grams import grids_without_factor
from bactrian.report.screen import new_console, new_table, numbers

__all__ = ["cap_lines", "cap_summary", "emissions_summary", "show_emissions"]

Record = dict[str, Any]


def emissions_summary(
    flows: Flows,
    one: str,
    other: str,
    commodity: str = "",
    t_per_teu: float | None = None,
    avoids: Iterable[str] = (),
) -> Record:
    """What `bactrian emissions` tells of two ends, for machines: by corridor the figures per tonne and per TEU, kg of
    CO2e per tonne by kind of element, and the elements. What is not known is None. Raises as `corridor_chains` does.
    """
    avoided = sorted(set(avoids))
    chains = corridor_chains(flows, one, other, commodity, t_per_teu, avoided)
    case = flows.network.case
    return {
        "case": case.name,
        "hash": case.hash,
        "year": flows.network.year,
        "from": one,
        "to": other,
        "commodity": chains[0].commodity,
        "avoids": avoided,
        "t_per_teu": _known(chains[0].chain.t_per_teu),
        "corridors": [_corridor(each) for each in chains],
        "grids_taken_for_diesel": grids_without_factor(case),
    }


def _corridor(told: CorridorChain) -> Record:
    chain = told.chain
    elements = chain.table()
    kinds = elements.groupby("kind", sort=False)[["wtw_kg", "ttw_kg"]].sum()
    return {
        "corridor": told.corridor,
        "name": told.name,
        "km": chain.km,
        "days": told.hours / 24,
        "usd_per_t": told.usd_per_t,
        "usd_per_teu": _known(told.usd_per_t * chain.t_per_teu),
        "cost_usd_per_t": told.cost_usd_per_t,
        **{f"{scope}_kg_per_t": chain.kg_per_t(scope) for scope in ("wtw", "ttw")},
        **{f"{scope}_kg_per_teu": _known(chain.kg_per_teu(scope)) for scope in ("wtw", "ttw")},
        "wtw_g_per_tkm": _known(chain.g_per_tkm()),
        "by_kind": kinds.to_dict("index"),
        "elements": elements.to_dict("records"),
    }


def show_emissions(summary: Record) -> None:
    """Print what `emissions_summary` tells."""
    console = new_console()
    heading = f"{summary['from']} to {summary['to']}, {summary['case']} {summary['year']}, {summary['commodity']}"
    if summary["avoids"]:
        heading += f", not by {', '.join(summary['avoids'])}"
    console.print(Text(heading, "bold"), "" if summary["t_per_teu"] is None else f"{summary['t_per_teu']:g} t/TEU")
    heads = ["kg/TEU", "tank to wheel", "kg/t", "tank to wheel", "km", "days", "USD/TEU", "USD/t"]
    table = new_table("CO2e by corridor, well to wheel where not said", ["corridor"], heads)
    columns = ["wtw_kg_per_teu", "ttw_kg_per_teu", "wtw_kg_per_t", "ttw_kg_per_t", "km", "days", "usd_per_teu"]
    for one in summary["corridors"]:
        cells = [one[column] for column in [*columns, "usd_per_t"]]
        table.add_row(escape(one["name"]), *numbers(cells, [0, 0, 0, 0, 0, 1, 0, 0]))
    console.print(table)
    kinds = list(dict.fromkeys(kind for one in summary["corridors"] for kind in one["by_kind"]))
    by_kind = new_table("kg CO2e per tonne by kind of element, well to wheel", ["corridor"], kinds)
    for one in summary["corridors"]:
        cells = [one["by_kind"][kind]["wtw_kg"] if kind in one["by_kind"] else None for kind in kinds]
        by_kind.add_row(escape(one["name"]), *numbers(cells, [1] * len(kinds)))
    console.print(by_kind)
    if grids := summary["grids_taken_for_diesel"]:
        console.print(f"no factor for the grids of {', '.join(grids)}: electric railways there count as diesel")


def cap_summary(found: CarbonCap) -> Record:
    """What a price of carbon does to keep a cap, for machines."""
    case, certificate = found.flows.network.case, found.flows.certificate
    return {
        "case": case.name,
        "hash": case.hash,
        "year": found.flows.network.year,
        "method": found.flows.method,
        "cap_t": found.cap_t,
        "reached": found.reached,
        "carbon_usd_per_t": found.usd_per_t,
        "before": carbon(found.before),
        "after": carbon(found.flows),
        "carried_kt_before": float(found.before.pairs["carried_kt"].sum()),
        "carried_kt": float(found.flows.pairs["carried_kt"].sum()),
        "certificate": {"holds": certificate.holds, "gap": certificate.gap, "response": certificate.response},
    }


def cap_lines(found: CarbonCap) -> list[str]:
    """The same in a few lines."""
    year, certificate = found.flows.network.year, found.flows.certificate
    paid = f"{found.payments_musd:,.0f} million USD a year are paid for it"
    lines = [f"cap: {_mt(found.cap_t)} CO2e well to wheel in {year}; without a price {_mt(found.before_t)}"]
    if not found.reached:
        lines.append(f"not reached at any price up to {found.usd_per_t:,.0f} USD/t: there it is {_mt(found.after_t)}")
    elif found.usd_per_t == 0:
        lines.append("met without a price")
    else:
        lines.append(f"reached at {found.usd_per_t:,.2f} USD per tonne of CO2e: {_mt(found.after_t)}; {paid}")
    carried = [float(flows.pairs["carried_kt"].sum()) for flows in (found.before, found.flows)]
    lines.append(f"carried: {carried[1]:,.0f} kt in place of {carried[0]:,.0f} kt")
    state = "holds" if certificate.holds else "does NOT hold"
    lines.append(f"the certificate {state}, gap {certificate.gap:.1e}, response {certificate.response:.1e}")
    return lines


def _mt(tonnes: float) -> str:
    return f"{tonnes / 1e6:,.3f} Mt"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

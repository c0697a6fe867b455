"""Ports in shallow water: how deep, what each class of ships may load there, and at which level they fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bactrian.case import Case
from bactrian.errors import CaseError, Finding
from bactrian.water.levels import check_level
from bactrian.water.ships import Vessel, vessels

__all__ = ["Harbour", "break_even", "harbours", "ports"]

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Harbour:
    """A port whose depth is known: `beds` in m above the Baltic datum by kind of berth, `clearance` per draught."""

    place: str
    terminal: str
    beds: Mapping[str, float]
    clearance: float

    def draught(self, vessel: Vessel, level_m: float) -> float:
        """Draught in m that is allowed at the berths of `vessel`: depth / (1 + clearance), at least 0."""
        return max(0.0, level_m - self.beds[vessel.berths]) / (1 + self.clearance)

    def level(self, vessel: Vessel, share: float) -> float:
        """Least level of the sea at which `vessel` may load `share` of her cargo, 0 meaning any at all."""
        return self.beds[vessel.berths] + (1 + self.clearance) * vessel.draught(share)


def harbours(case: Case) -> dict[str, Harbour]:
    """The ports in use whose bed is known, by place."""
    table = case.table("terminals")
    table = table[(table["in_use"] == "yes") & table["bed_m"].notna()]
    return {str(row["place"]): _harbour(row) for row in table.to_dict("records")}


def _harbour(row: Mapping[Any, Any]) -> Harbour:
    oil = row["bed_m"] if np.isnan(row["oil_bed_m"]) else row["oil_bed_m"]
    return Harbour(row["place"], row["id"], {"dry": row["bed_m"], "oil": oil}, row["keel_clearance"])


def ports(case: Case, level_m: float) -> pd.DataFrame:
    """What every class of ships may load in every port at a level of the sea in m above the Baltic datum.

    Columns: place, vessel, depth_m, draught_m (allowed, not more than her own), payload_t, and share of full cargo.
    Raises CaseError for a level that is none of the Caspian.

    >>> from bactrian.case import load
    >>> table = ports(load("transcaspian"), -29.2).set_index(["place", "vessel"])
    >>> round(float(table.loc[("KZAAU", "tanker_12000"), "payload_t"]), -2)
    9600.0
    """
    check_level(level_m)
    rows = []
    for place, harbour in harbours(case).items():
        for vessel in vessels(case):
            allowed = harbour.draught(vessel, level_m)
            payload = vessel.payload(allowed)
            rows.append(
                {
                    "place": place,
                    "vessel": vessel.id,
                    "depth_m": max(0.0, level_m - harbour.beds[vessel.berths]),
                    "draught_m": min(allowed, vessel.draught_m),
                    "payload_t": payload,
                    "share": payload / vessel.cargo_t,
                }
            )
    return pd.DataFrame(rows, columns=["place", "vessel", "depth_m", "draught_m", "payload_t", "share"])


def break_even(case: Case, place: str) -> pd.DataFrame:
    """Levels in m above the Baltic datum below which ships in the port of `place` load less than full, half, any.

    Columns: vessel, full_m, half_m, none_m. Raises CaseError for a place without a port whose bed is known.

    >>> from bactrian.case import load
    >>> break_even(load("transcaspian"), "KZAAU").round(1).to_string(index=False).splitlines()[1].split()
    ['tanker_12000', '-28.1', '-30.9', '-32.5']
    """
    known = harbours(case)
    if place not in known:
        rule = f"no port in use at {place!r} has a bed_m"
        raise CaseError([Finding("terminals", 0, "bed_m", rule, f"use one of {', '.join(known)}, or enter one")])
    rows = [
        [vessel.id, *(known[place].level(vessel, share) for share in (1.0, _HALF, 0.0))] for vessel in vessels(case)
    ]
    return pd.DataFrame(rows, columns=["vessel", "full_m", "half_m", "none_m"])

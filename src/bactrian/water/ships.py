"""What a ship weighs at a draught: cargo from the waterplane, by Archimedes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bactrian.case import Case

__all__ = ["DENSITY", "Vessel", "vessels"]

DENSITY = 1.010
"""Tonnes in a cubic metre of Caspian water: about 12.8 g/kg of salt at 10 to 15 degrees; 1.006 to 1.010 measured."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """A class of ships: lengths in m, `cargo_t` in t when fully laden at `draught_m`; `ballast_m` is the least draught.

    >>> barge = Vessel("barge", "A box", ("feeder",), "dry", 1, 1000, 3.0, 1.0, 100, 10, 1.0, 1.0)
    >>> barge.tonnes_per_m, round(barge.payload(2.5), 6), barge.payload(0.9)
    (1010.0, 495.0, 0.0)
    """

    id: str
    name: str
    modes: tuple[str, ...]
    berths: str
    share: float
    cargo_t: float
    draught_m: float
    ballast_m: float
    length_m: float
    beam_m: float
    block: float
    fixed_cost_share: float

    @property
    def waterplane(self) -> float:
        """Waterplane coefficient: area over length times beam, (1 + 2 block) / 3 for hulls of usual form."""
        return (1 + 2 * self.block) / 3

    @property
    def tonnes_per_m(self) -> float:
        """Tonnes that sink her by a metre in Caspian water, sides taken as upright."""
        return self.length_m * self.beam_m * self.waterplane * DENSITY

    def payload(self, draught_m: float) -> float:
        """Tonnes of cargo she carries at `draught_m`: none below her ballast draught, never more than full."""
        if draught_m < self.ballast_m:
            return 0.0
        return max(0.0, self.cargo_t - max(0.0, self.draught_m - draught_m) * self.tonnes_per_m)

    def draught(self, share: float) -> float:
        """Least draught at which she carries `share` of her cargo, 0 meaning any at all."""
        return max(self.ballast_m, self.draught_m - (1 - share) * self.cargo_t / self.tonnes_per_m)


def vessels(case: Case) -> list[Vessel]:
    """The classes of ships of the case, in the order of the table.

    >>> from bactrian.case import load
    >>> tanker = vessels(load("transcaspian"))[0]
    >>> tanker.id, round(tanker.tonnes_per_m)
    ('tanker_12000', 2397)
    """
    return [_vessel(row) for row in case.table("vessels").to_dict("records")]


def _vessel(row: Mapping[Any, Any]) -> Vessel:
    cells = {field.name: row[field.name] for field in fields(Vessel)}
    return Vessel(**{**cells, "modes": tuple(str(row["modes"]).split())})

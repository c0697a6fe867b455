"""Transport chains in the terms of ISO 14083 and the GLEC Framework: movements, hubs, and what they emit.

A transport chain is cut into transport chain elements (TCE) where the cargo changes its vehicle or passes a hub. With
emission intensities `g` in g CO2e, for a chain of `m` tonnes:

    movement:  m · d · f · g     g per tkm, d the transport activity distance, f the distance adjustment factor
    hub:       m · g             g per tonne
    chain:     the sum of its elements; its intensity per tkm is that sum over m Σ d

The transport activity distance is the shortest feasible or the great circle distance; `f` is what is really driven over
it, at least 1, for intensities per tkm really driven (else 1). Each intensity is given well to wheel (ISO 14083: total)
and tank to wheel (operation); the difference is well to tank (energy provision).

ISO 14083:2023, Greenhouse gases: quantification and reporting of greenhouse gas emissions arising from transport chain
operations. Smart Freight Centre (2023): Global Logistics Emissions Council Framework, version 3.0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from bactrian.errors import SolveError

__all__ = ["Chain", "Element", "Hub", "Movement", "Scope"]

Scope = Literal["wtw", "wtt", "ttw"]


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement by one `mode`: `wtw_g` and `ttw_g` in g CO2e per tkm (`ttw_g` nan where unknown), `km` of transport
    activity, and the distance adjustment factor.

    >>> Movement("road", 100, 90, 70, distance_adjustment=1.05).grams("wtw")
    9450.0
    """

    mode: str
    km: float
    wtw_g: float
    ttw_g: float = math.nan
    distance_adjustment: float = 1.0
    name: str = ""

    def __post_init__(self) -> None:
        _check(self.mode, self.wtw_g, self.ttw_g)
        if not 0 <= self.km < math.inf:
            raise SolveError(f"{self.mode}: a distance of {self.km:g} km: name one of at least 0")
        if not 1 <= self.distance_adjustment < math.inf:
            told = f"{self.mode}: a distance adjustment factor of {self.distance_adjustment:g}"
            raise SolveError(f"{told}: what is driven is at least the transport activity distance, so name at least 1")

    def grams(self, scope: Scope = "wtw") -> float:
        """Grams of CO2e per tonne."""
        return self.km * self.distance_adjustment * _intensity(self, scope)


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub operation, such as transhipment: `wtw_g` and `ttw_g` in g CO2e per tonne (`ttw_g` nan where unknown).

    >>> Hub(1000, 600).grams("wtt")
    400
    """

    wtw_g: float
    ttw_g: float = math.nan
    name: str = ""

    def __post_init__(self) -> None:
        _check(self.name or "hub", self.wtw_g, self.ttw_g)

    def grams(self, scope: Scope = "wtw") -> float:
        """Grams of CO2e per tonne."""
        return _intensity(self, scope)


Element = Movement | Hub
"""An element of a transport chain."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The elements of a transport chain in order of travel, for `tonnes` of cargo of which `t_per_teu` fill a TEU.

    >>> chain = Chain((Movement("rail", 1000, 20, 15), Hub(1000, 600), Movement("sea", 500, 40, 30)), t_per_teu=10)
    >>> chain.kg(), chain.kg_per_teu("ttw"), round(chain.g_per_tkm(), 2)
    (41.0, 306.0, 27.33)
    >>> chain.table()[["kind", "km", "wtw_kg", "wtt_kg", "ttw_kg"]].to_numpy().tolist()
    [['rail', 1000.0, 20.0, 5.0, 15.0], ['hub', 0.0, 1.0, 0.4, 0.6], ['sea', 500.0, 20.0, 5.0, 15.0]]
    """

    elements: tuple[Element, ...]
    tonnes: float = 1.0
    t_per_teu: float = math.nan

    def __post_init__(self) -> None:
        if not self.elements:
            raise SolveError("a transport chain without elements: name movements and hubs")
        if not 0 < self.tonnes < math.inf:
            raise SolveError(f"a transport chain of {self.tonnes:g} tonnes: name more than 0")
        if not (math.isnan(self.t_per_teu) or 0 < self.t_per_teu < math.inf):
            raise SolveError(f"{self.t_per_teu:g} tonnes in a TEU: name more than 0")

    @property
    def km(self) -> float:
        """Transport activity distance."""
        return float(sum(one.km for one in self.elements if isinstance(one, Movement)))

    def kg_per_t(self, scope: Scope = "wtw") -> float:
        """Kilograms of CO2e per tonne of cargo."""
        return sum(one.grams(scope) for one in self.elements) / 1000

    def kg(self, scope: Scope = "wtw") -> float:
        """Kilograms of CO2e of all the cargo."""
        return self.tonnes * self.kg_per_t(scope)

    def kg_per_teu(self, scope: Scope = "wtw") -> float:
        """Kilograms of CO2e per TEU, nan where it is not known how many tonnes fill one."""
        return self.t_per_teu * self.kg_per_t(scope)

    def g_per_tkm(self, scope: Scope = "wtw") -> float:
        """Emission intensity of the chain, g CO2e per tkm; nan where nothing moves."""
        return 1000 * self.kg_per_t(scope) / self.km if self.km else math.nan

    def table(self) -> pd.DataFrame:
        """The elements: name, kind (the mode, or hub), km, tkm, and kg of CO2e of all the cargo by scope."""
        rows = []
        for one in self.elements:
            kind, km = (one.mode, float(one.km)) if isinstance(one, Movement) else ("hub", 0.0)
            kg = {f"{scope}_kg": self.tonnes * one.grams(scope) / 1000 for scope in ("wtw", "wtt", "ttw")}
            rows.append({"name": one.name, "kind": kind, "km": km, "tkm": self.tonnes * km, **kg})
        return pd.DataFrame(rows)


def _intensity(one: Element, scope: Scope) -> float:
    return {"wtw": one.wtw_g, "wtt": one.wtw_g - one.ttw_g, "ttw": one.ttw_g}[scope]


def _check(what: str, wtw_g: float, ttw_g: float) -> None:
    if not 0 <= wtw_g < math.inf:
        raise SolveError(f"{what}: {wtw_g:g} g CO2e well to wheel: name a number of at least 0")
    if not (math.isnan(ttw_g) or 0 <= ttw_g <= wtw_g):
        told = f"{what}: {ttw_g:g} g CO2e tank to wheel"
        raise SolveError(f"{told}: they are part of the {wtw_g:g} g well to wheel, so name 0 to {wtw_g:g}")

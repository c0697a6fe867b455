"""Flows: the result of an assignment, with every way kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.certificate import Certificate
from bactrian.assign.cube import cube_of, pair_figures
from bactrian.assign.routes import Routes
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["Flows"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """What moves, by which way.

    - `pairs`: origin, destination, commodity, kt asked, reference_kt (asked at the reference cost), cost_usd and
      composite_usd (mean and composite generalised cost in USD/t, nan where no way leads), least_usd (of the cheapest
      way by the tables alone), carried_kt, stranded_kt, stranded (why, or ""). Here alone a variant of a
      commodity stands by itself; elsewhere it counts as its original.
    - `ways`: pair, kt, corridor, modes, and per tonne km, time_h, spread_h, usd (price), cost_usd (generalised cost
      with waiting); TEU for what goes in containers. One row per way, in the order of `routes`.
    - `resources`: table, row, capacity_kt, load_kt, utilisation, wait_h, and worth_usd_per_t, what all users together
      gain in a year by one more tonne of yearly capacity, flows having settled again (below 0 where it draws them into
      dearer queues elsewhere); by `capacity` one of its duals.
    - `method`, `settings`, `certificate`; `network` and `routes` for whoever needs arcs.
    """

    network: Network
    routes: Routes
    pairs: pd.DataFrame
    ways: pd.DataFrame
    resources: pd.DataFrame
    method: str
    settings: Mapping[str, float]
    certificate: Certificate

    def by(self, *columns: str, **sums: Floats) -> pd.DataFrame:
        """Sum kt/yr and TEU/yr over ways by corridor, origin, destination, commodity, sector or modes.

        Times, costs and prices are means weighted by tonnes. `sums` are further figures, one number per way, to be
        added up as they are. Raises SolveError for a column there is not.

        >>> import bactrian as ba
        >>> flows = ba.run("transcaspian", year=2021)
        >>> flows.by("corridor").columns.tolist()
        ['corridor', 'kt', 'teu', 'km', 'time_h', 'spread_h', 'usd', 'cost_usd']
        """
        known = ["corridor", "origin", "destination", "commodity", "sector", "modes"]
        unknown = [column for column in columns if column not in known]
        if unknown or not columns:
            named = ", ".join(map(repr, unknown)) or "nothing"
            raise SolveError(f"flows cannot be summed by {named}; use one of {', '.join(known)}")
        means = ["km", "time_h", "spread_h", "usd", "cost_usd"]
        table = self.table()
        weighted = table.assign(**{name: table[name] * table["kt"] for name in means}, **sums)
        summed = weighted.groupby(list(columns), sort=False)[["kt", "teu", *means, *sums]].sum().reset_index()
        summed[means] = summed[means].div(summed["kt"].where(summed["kt"] > 0), axis=0)
        return summed.sort_values("kt", ascending=False, kind="stable", ignore_index=True)

    def commodity_of_ways(self) -> NDArray[np.int64]:
        """Position in `network.commodities` of what each way carries."""
        position = self.pairs["commodity"].map(self.network.commodities.index)
        of_ways: NDArray[np.int64] = position.to_numpy(dtype=np.int64)[self.routes.pair]
        return of_ways

    def table(self) -> pd.DataFrame:
        """Ways with origin, destination, commodity (a variant under its original) and sector beside their figures."""
        names = self._names().loc[self.ways["pair"]].reset_index(drop=True)
        sector = self.network.case.table("commodities").set_index("id")["sector"]
        return pd.concat([names.assign(sector=names["commodity"].map(sector)), self.ways], axis=1)

    def _names(self) -> pd.DataFrame:
        """Origin, destination and commodity of each pair, a variant under its original."""
        commodity = self.network.case.counted_as(self.pairs["commodity"])
        return self.pairs[["origin", "destination"]].assign(commodity=commodity)

    def between(self, ones: list[str], others: list[str]) -> pd.Series:
        """Which rows of `pairs` are trade between any of the zones `ones` and any of `others`, either way."""
        origin, destination = self.pairs["origin"], self.pairs["destination"]
        there = origin.isin(ones) & destination.isin(others)
        return there | (origin.isin(others) & destination.isin(ones))

    def through(self, row: str) -> pd.DataFrame:
        """Which trade uses a link, terminal or access row: origin, destination, commodity, kt and its share of all.

        Raises SolveError when the network of the year has no row of that id.
        """
        arcs = np.flatnonzero((self.network.arcs["row"] == row).to_numpy())
        if not arcs.size:
            raise SolveError(f"no link, terminal or access {row!r} is open in {self.network.year}")
        using = np.unique(self.routes.owner[np.isin(self.routes.arcs, arcs)])
        kt = np.bincount(self.routes.pair[using], weights=self.ways["kt"].to_numpy()[using], minlength=len(self.pairs))
        names = self._names()
        trade = names.assign(kt=kt, asked=self.pairs["kt"]).groupby([*names], sort=False)[["kt", "asked"]].sum()
        summed = trade[trade["kt"] > 0].reset_index()
        summed["share"] = summed["kt"] / summed.pop("asked")
        return summed.sort_values("kt", ascending=False, kind="stable", ignore_index=True)

    def between_zones(self) -> pd.DataFrame:
        """Rows of `pairs` with the teu carried, and usd, time_h and km as means by the tonnes that each way carries.

        >>> import bactrian as ba
        >>> told = ba.run("transcaspian", year=2021).between_zones()
        >>> bool((told["time_h"].isna() == (told["carried_kt"] == 0)).all())
        True
        """
        return pair_figures(self.pairs, self.ways)

    def cube(self) -> Any:
        """The figures of all pairs as an xarray Dataset over commodity, origin and destination, units as attributes.

        Tonnes and TEU are 0 and all else is nan where there is no such trade. Raises LibraryError without xarray.
        """
        case = self.network.case
        about = {
            "title": f"{case.name} {self.network.year}",
            "Conventions": "CF-1.11",
            "source": f"bactrian {version('bactrian')}",
            "method": self.method,
            "year": self.network.year,
            "case_hash": case.hash,
            "certificate": "holds" if self.certificate.holds else "does not hold",
        }
        zones = case.table("zones")["id"].tolist()
        return cube_of(self.between_zones(), zones, list(self.network.commodities), about)

    def _repr_html_(self) -> str:
        """What a notebook shows: what was run, and tonnes by corridor."""
        holds = "holds" if self.certificate.holds else "<strong>does not hold</strong>"
        head = f"{escape(self.network.case.name)}, {self.network.year}, {escape(self.method)}: the certificate {holds}"
        table = self.by("corridor").round({"kt": 1, "teu": 0, "km": 0, "time_h": 1, "usd": 1, "cost_usd": 1})
        return f"<p>{head}</p>{table.to_html(index=False, border=0)}"

    def bottlenecks(self) -> pd.DataFrame:
        """Resources by what one more tonne of yearly capacity is worth to all users in a year, most first."""
        return self.resources.sort_values(
            ["worth_usd_per_t", "utilisation"], ascending=False, kind="stable", ignore_index=True
        )

    def links(self, commodity: str | None = None, corridor: str | None = None) -> pd.DataFrame:
        """Load of each link: link, kt (both directions) and utilisation (nan where no capacity is known).

        With a `commodity` or a `corridor` the tonnes are those alone; the utilisation is always that by all. Raises
        SolveError for one there is not.
        """
        case, arcs = self.network.case, self.network.arcs
        tonnes = self.ways["kt"].to_numpy()
        if commodity is not None:
            of_ways = self._names()["commodity"].to_numpy()[self.routes.pair]
            tonnes = np.where(of_ways == _known(commodity, case.table("commodities")["id"]), tonnes, 0.0)
        if corridor is not None:
            known = [*case.table("corridors")["id"], *self.ways["corridor"].unique()]
            tonnes = np.where(self.ways["corridor"].to_numpy() == _known(corridor, known), tonnes, 0.0)
        kt = np.bincount(self.routes.arcs, weights=tonnes[self.routes.owner], minlength=len(arcs))
        moves = arcs.assign(kt=kt)[arcs["kind"] == "move"]
        # a link of two gauges lies in the network twice, each with its own arcs
        summed = moves.groupby("row", sort=False)["kt"].sum()
        used = self.resources[self.resources["table"] == "links"].set_index("row")["utilisation"]
        return pd.DataFrame(
            {"link": summed.index, "kt": summed.to_numpy(), "utilisation": used.reindex(summed.index).to_numpy()}
        )


def _known(name: str, names: Iterable[str]) -> str:
    """The name, if it is one of the names. Raises SolveError for any other."""
    known = list(dict.fromkeys(names))
    if name not in known:
        raise SolveError(f"no {name!r} moves in the run; use one of {', '.join(known)}")
    return name

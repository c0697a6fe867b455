"""Flows: the result of an assignment, with every way kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.certificate import Certificate
from bactrian.assign.routes import Routes
from bactrian.errors import SolveError
from bactrian.network import Network

__all__ = ["Flows"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """What moves, by which way.

    - `pairs`: origin, destination, commodity, kt asked, carried_kt, stranded_kt, stranded (why, or "").
    - `ways`: pair, kt, corridor, modes, and per tonne km, time_h, spread_h, usd (price), cost_usd (generalised cost
      with waiting); TEU for what goes in containers. One row per way, in the order of `routes`.
    - `resources`: table, row, capacity_kt, load_kt, utilisation, wait_h, and worth_usd_per_t, what one more tonne of
      capacity is worth to its users.
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
        if unknown := [column for column in columns if column not in known] or [""][: not columns]:
            raise SolveError(f"flows cannot be summed by {unknown[0]!r}; use one of {', '.join(known)}")
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
        """Ways with origin, destination, commodity and sector beside their figures."""
        names = self.pairs.loc[self.ways["pair"], ["origin", "destination", "commodity"]].reset_index(drop=True)
        sector = self.network.case.table("commodities").set_index("id")["sector"]
        return pd.concat([names.assign(sector=names["commodity"].map(sector)), self.ways], axis=1)

    def between(self, origins: list[str], destinations: list[str]) -> pd.DataFrame:
        """Ways from any of the zones `origins` to any of `destinations`, those with most tonnes first."""
        table = self.table()
        chosen = table[table["origin"].isin(origins) & table["destination"].isin(destinations) & (table["kt"] > 0)]
        return chosen.sort_values("kt", ascending=False, kind="stable", ignore_index=True)

    def through(self, row: str) -> pd.DataFrame:
        """Which trade uses a link, terminal or access row: origin, destination, commodity, kt and its share of all.

        Raises SolveError when the network of the year has no row of that id.
        """
        arcs = np.flatnonzero((self.network.arcs["row"] == row).to_numpy())
        if not arcs.size:
            raise SolveError(f"no link, terminal or access {row!r} is open in {self.network.year}")
        using = np.unique(self.routes.owner[np.isin(self.routes.arcs, arcs)])
        table = self.table().loc[using]
        keys = ["origin", "destination", "commodity"]
        summed = table[table["kt"] > 0].groupby(keys, sort=False)["kt"].sum().reset_index()
        summed = summed.merge(self.pairs[[*keys, "kt"]], on=keys, suffixes=("", "_all"))
        summed["share"] = summed["kt"] / summed.pop("kt_all")
        return summed.sort_values("kt", ascending=False, kind="stable", ignore_index=True)

    def bottlenecks(self) -> pd.DataFrame:
        """Resources by what one more tonne of capacity is worth in a year: load times waiting cost, most first."""
        return self.resources.sort_values(
            ["worth_usd_per_t", "utilisation"], ascending=False, kind="stable", ignore_index=True
        )

    def links(self) -> pd.DataFrame:
        """Load of each link: link, kt (both directions) and utilisation (nan where no capacity is known)."""
        arcs = self.network.arcs
        kt = np.bincount(self.routes.arcs, weights=self.ways["kt"].to_numpy()[self.routes.owner], minlength=len(arcs))
        moves = arcs.assign(kt=kt)[arcs["kind"] == "move"]
        # a link of two gauges lies in the network twice, each with its own arcs
        summed = moves.groupby("row", sort=False)["kt"].sum()
        used = self.resources[self.resources["table"] == "links"].set_index("row")["utilisation"]
        return pd.DataFrame(
            {"link": summed.index, "kt": summed.to_numpy(), "utilisation": used.reindex(summed.index).to_numpy()}
        )

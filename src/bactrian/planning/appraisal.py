"""The appraisal of one project or any programme: what it brings, to whom, when, and what it costs.

Money is in constant mUSD of the price year. The ratio of benefits to costs is

    (present value of gains + of residual values) / (present value of capital + of operating costs),

as in the guide of the European Commission (2014). The first-year rate of return is the gain of the first year in which
all of a programme is open over its capital costs, compounded to that year. Gains of shippers are shared in halves by
the countries of origin and destination, a convention; what is forgone is borne by the country of the row, in halves by
those of a link's ends; costs by owners; CO2e at its price by no country.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.planning.terms import internal_rate
from bactrian.planning.worth import Starts, Worth

__all__ = ["Appraisal", "appraise", "in_company"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Appraisal:
    """What a programme is worth.

    Present values in mUSD: `benefit` (gains), `capital`, `operating`, `residual`, and of it all the net present
    `value`. `ratio` is benefits to costs (nan without costs), `internal_rate` the rate of return (nan where there is
    none) and `first_year_rate` (nan where it is never all open). `years` has for each year of the plan the gains of
    `shippers`, what is `forgone`, `carbon` (CO2e at its price), `capital`, `operating`, `net` (mUSD) and `co2e_kt`.
    `countries` has the present value of `gain`, `forgone`, `cost` and `net` by country, `commodities` that of `gain`.
    """

    value: float
    benefit: float
    capital: float
    operating: float
    residual: float
    ratio: float
    internal_rate: float
    first_year_rate: float
    co2e_kt: float
    years: pd.DataFrame
    countries: pd.DataFrame
    commodities: pd.DataFrame


def appraise(worth: Worth, starts: Starts) -> Appraisal:
    """Appraise a programme."""
    terms, field = worth.terms, worth.field
    years = list(terms.years)
    factor = np.array([terms.factor(year) for year in years])
    shippers, forgone, co2e = np.zeros(len(years)), np.zeros(len(years)), np.zeros(len(years))
    by_country: dict[str, dict[str, float]] = defaultdict(lambda: {"gain": 0.0, "forgone": 0.0, "cost": 0.0})
    by_commodity: dict[str, float] = defaultdict(float)
    for at, year in enumerate(years):
        open_ = worth.open_in(starts, year)
        for model, share in terms.weights(year).items() if open_ else ():
            gain, stage = worth.gain(model, open_), worth.stages[model]
            shippers[at] += share * float(gain.shippers.sum())
            forgone[at] += share * sum(gain.forgone.values())
            co2e[at] += share * gain.co2e_t / 1000
            weight = share * factor[at]
            for column in ("from", "to"):
                sums = pd.Series(0.5 * weight * gain.shippers).groupby(stage.country[column]).sum()
                for country, value in sums.items():
                    by_country[str(country)]["gain"] += float(value)
            for key, value in gain.forgone.items():
                for country in (ends := stage.countries_of(key)):
                    by_country[country]["forgone"] += weight * value / len(ends)
            by_kind = pd.Series(weight * gain.shippers).groupby(stage.commodity).sum()
            for commodity, value in by_kind.items():
                by_commodity[str(commodity)] += float(value)
    capital, operating, residual = np.zeros(len(years)), np.zeros(len(years)), 0.0
    for one, start in starts.items():
        cash = terms.cash(field.candidates[one], start)
        capital, operating, residual = capital + cash.capex, operating + cash.operating, residual + cash.residual
        for country, share in field.candidates[one].owners.items():
            by_country[country]["cost"] += share * terms.cost(field.candidates[one], start)
    carbon = co2e * terms.carbon_usd_per_t / 1000
    gains = shippers - forgone - carbon
    net = gains - capital - operating
    net[-1] += residual
    present = {name: terms.present(one) for name, one in (("b", gains), ("c", capital), ("o", operating))}
    left = residual * terms.factor(terms.last)
    costs = present["c"] + present["o"]
    return Appraisal(
        value=present["b"] + left - costs,
        benefit=present["b"],
        capital=present["c"],
        operating=present["o"],
        residual=left,
        ratio=(present["b"] + left) / costs if costs > 0 else float("nan"),
        internal_rate=internal_rate(net),
        first_year_rate=_first_year_rate(worth, starts, gains, capital),
        co2e_kt=float(co2e.sum()),
        years=pd.DataFrame(
            {"shippers": shippers, "forgone": forgone, "carbon": carbon, "capital": capital, "operating": operating,
             "net": net, "co2e_kt": co2e}, index=pd.Index(years, name="year"),
        ),
        countries=_sorted(by_country),
        commodities=pd.DataFrame(
            {"gain": pd.Series(dict(by_commodity), dtype=float)}
        ).rename_axis("commodity").sort_values("gain", ascending=False, kind="stable"),
    )  # fmt: skip


def _sorted(by_country: dict[str, dict[str, float]]) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(by_country, orient="index", columns=["gain", "forgone", "cost"], dtype=float)
    table = table.sort_index().assign(net=table["gain"] - table["forgone"] - table["cost"]).rename_axis("country")
    return table.sort_values("net", ascending=False, kind="stable")


def _first_year_rate(worth: Worth, starts: Starts, gains: Floats, capital: Floats) -> float:
    terms = worth.terms
    opens = [terms.opening(worth.field.candidates[one], start) for one, start in starts.items()]
    if not opens or max(opens) > terms.last:
        return float("nan")
    at = max(opens) - terms.first
    spent = sum(float(capital[year]) * (1 + terms.discount) ** (at - year) for year in range(at + 1))
    return float(gains[at]) / spent if spent > 0 else float("nan")


def in_company(worth: Worth, starts: Starts) -> pd.DataFrame:
    """Each project of a programme by itself and in its company: net present value when it is put in alone, what the
    programme loses when it is taken out, and of the latter the ratio and rates (see `Appraisal`)."""
    whole = appraise(worth, starts)
    rows = []
    for one, start in sorted(starts.items(), key=lambda each: (each[1], each[0])):
        rest = {name: year for name, year in starts.items() if name != one}
        without = appraise(worth, rest)
        alone = appraise(worth, {one: start})
        net = (whole.years["net"] - without.years["net"]).to_numpy()
        costs = whole.capital + whole.operating - without.capital - without.operating
        benefit = whole.benefit + whole.residual - without.benefit - without.residual
        candidate = worth.field.candidates[one]
        opens = worth.terms.opening(candidate, start)
        rows.append(
            {
                "id": one,
                "name": candidate.name,
                "start": start,
                "opens": opens,
                "capex_musd": candidate.capex_musd,
                "put_in_musd": alone.value,
                "take_out_musd": whole.value - without.value,
                "ratio": benefit / costs if costs > 0 else float("nan"),
                "internal_rate": internal_rate(net),
                "first_year_rate": _rate_of(worth, whole, without, one, start),
                "co2e_kt": whole.co2e_kt - without.co2e_kt,
            }
        )
    columns = ["id", "name", "start", "opens", "capex_musd", "put_in_musd", "take_out_musd", "ratio", "internal_rate",
               "first_year_rate", "co2e_kt"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _rate_of(worth: Worth, whole: Appraisal, without: Appraisal, one: str, start: int) -> float:
    more = whole.years - without.years
    gains = (more["shippers"] - more["forgone"] - more["carbon"]).to_numpy()
    return _first_year_rate(worth, {one: start}, gains, more["capital"].to_numpy())

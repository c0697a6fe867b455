"""Worked examples of freight emissions as their publishers print them: inputs, figures, and the digits they print.

- iLEAP: SINE Foundation, reference implementation of iLEAP, the data exchange protocol of the Smart Freight Centre for
  ISO 14083 and the GLEC Framework, demonstration data `pre-and-post-legs-1` (`demo-api/src/sample_data.rs`), with the
  intensities of its TOC `toc-small-truck-1` and HOC `hoc-warehouse-1`. https://github.com/sine-fdn/impact-protocols
- GHG Protocol: World Resources Institute and World Business Council for Sustainable Development (2013), Technical
  Guidance for Calculating Scope 3 Emissions, version 1.0, example 4.2, page 62. https://ghgprotocol.org
- DHL: Deutsche Post DHL in the same guidance, example 4.3, pages 63 and 64: a delivery run, its 31.5 kg given to
  shipments by what was driven with them and by the shortest distance.
"""

from __future__ import annotations

from dataclasses import dataclass

from bactrian.measure import Chain, Hub, Movement

__all__ = ["EXAMPLES", "Example", "Figure"]


@dataclass(frozen=True)
class Figure:
    """A figure as printed, and as computed in full."""

    what: str
    published: str
    computed: float

    def rounded(self) -> str:
        """The computed figure with as many decimal places as are printed."""
        places = len(self.published.partition(".")[2])
        return f"{self.computed:,.{places}f}"


@dataclass(frozen=True)
class Example:
    """A worked example: where it is printed, and its figures."""

    id: str
    source: str
    figures: tuple[Figure, ...]


def _ileap() -> Example:
    truck, hub = (793.0, 609.0), (33_000.0, 10_000.0)  # 0.793 and 0.609 kg/tkm, 33 and 10 kg/t
    elements = (Movement("road", 30, *truck), Hub(*hub), Movement("road", 50, *truck))
    chain = Chain(elements, tonnes=4)
    legs = chain.table()
    figures = [
        Figure("transport activity, tkm", "320", legs["tkm"].sum()),
        *(
            Figure(f"{name}, {words}, kg", published, legs[column][row])
            for column, words, printed in (
                ("wtw_kg", "well to wheel", ("95.16", "132", "158.6")),
                ("ttw_kg", "tank to wheel", ("73.08", "40", "121.8")),
            )
            for row, (name, published) in enumerate(zip(("pre-leg", "hub", "post-leg"), printed, strict=True))
        ),
        Figure("shipment, well to wheel, kg", "385.76", chain.kg()),
    ]
    return Example("iLEAP", "SINE Foundation, iLEAP demonstration data, shipment pre-and-post-legs-1", tuple(figures))


def _ghg_protocol() -> Example:
    legs = {
        "road": (Chain((Movement("road", 2000, 200),), tonnes=2), "800"),
        "air": (Chain((Movement("air", 3000, 1000),), tonnes=1), "3,000"),
        "sea": (Chain((Movement("sea", 4000, 50),), tonnes=6), "1,200"),
    }
    figures = [Figure(f"{mode}, kg", published, chain.kg()) for mode, (chain, published) in legs.items()]
    figures.append(Figure("all, kg", "5,000", sum(chain.kg() for chain, _ in legs.values())))
    return Example("GHG Protocol", "WRI and WBCSD (2013), example 4.2, page 62", tuple(figures))


def _dhl() -> Example:
    tonnes, driven, shortest = (24, 10, 10), (10, 15, 25), (10, 15, 10)
    tkm, activity = (sum(m * km for m, km in zip(tonnes, each, strict=True)) for each in (driven, shortest))
    per_tkm = 31_500 / tkm  # g per tkm driven
    factor = tkm / activity  # distance adjustment of the run
    by_driven = [Chain((Movement("road", km, per_tkm),), tonnes=m) for m, km in zip(tonnes, driven, strict=True)]
    by_shortest = [
        Chain((Movement("road", km, per_tkm, distance_adjustment=factor),), tonnes=m)
        for m, km in zip(tonnes, shortest, strict=True)
    ]
    figures = [
        Figure("driven, tkm", "640", tkm),
        Figure("shortest, tkm", "490", activity),
        Figure("kg per tkm driven", "0.049", by_driven[0].g_per_tkm() / 1000),
        Figure("kg per tkm of the shortest distance", "0.064", by_shortest[0].g_per_tkm() / 1000),
    ]
    for told, chains, printed in (
        ("driven", by_driven, ("11.8", "7.4", "12.3")),
        ("shortest", by_shortest, ("15.43", "9.64", "6.43")),
    ):
        figures += [
            Figure(f"shipment {number}, {told}, kg", published, chain.kg())
            for number, (chain, published) in enumerate(zip(chains, printed, strict=True), 1)
        ]
        figures.append(Figure(f"all shipments, {told}, kg", "31.5", sum(chain.kg() for chain in chains)))
    return Example("DHL", "Deutsche Post DHL in WRI and WBCSD (2013), example 4.3, pages 63-64", tuple(figures))


EXAMPLES = (_ileap(), _ghg_protocol(), _dhl())

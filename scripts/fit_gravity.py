"""Write again the tables of docs/gravity.md from the built-in case. Run it after editing the case or the model."""

from pathlib import Path

import pandas as pd

import bactrian as ba
from bactrian.demand import Gravity, fit_gravity, why_unused
from bactrian.measure import COST, SPECIFICATIONS, trade_gravity, trade_observations

PAGE = Path(__file__).parents[1] / "docs" / "gravity.md"
MARKS = "<!-- {} {}, written by scripts/fit_gravity.py -->"


def with_tables(page: str, flows: ba.Flows) -> str:
    """Return the text with each table between its two marks; raise ValueError when it lacks one."""
    tables = {"rows": rows_used(flows), "fits": fits(flows), "samples": samples(flows)}
    for name, table in tables.items():
        before, begin, rest = page.partition(MARKS.format("begin", name))
        _, end, after = rest.partition(MARKS.format("end", name))
        if not (begin and end):
            raise ValueError(f"the page lacks the marks of {name}")
        page = f"{before}{begin}\n{table}\n{end}{after}"
    return page


def rows_used(flows: ba.Flows) -> str:
    """Rows of the table `trade` by what became of them."""
    why = why_unused(flows.network.case)
    measure = flows.network.case.table("trade").set_index("id")["measure"]
    used = measure[why == ""].value_counts()
    lines = [["used: " + str(name), str(count)] for name, count in sorted(used.items())]
    lines += [[f"not used: {reason}", str(count)] for reason, count in sorted(why[why != ""].value_counts().items())]
    return _markdown(["rows", "count"], lines)


def fits(flows: ba.Flows) -> str:
    """Every specification on the whole sample, and what is to be said of it."""
    seen = trade_observations(flows)
    models = {name: trade_gravity(flows, name, seen) for name in SPECIFICATIONS}
    models |= {f"{name} alone": _alone(seen, [name]) for name in ("log_km", COST)}
    lines = [
        [
            name,
            regressor,
            f"{model.coefficients[regressor]:.3f}",
            f"{model.standard_errors[regressor]:.3f}",
            f"{model.intervals['low'][regressor]:.2f} to {model.intervals['high'][regressor]:.2f}",
            f"{model.pseudo_r2:.3f}",
        ]
        for name, model in models.items()
        for regressor in model.coefficients.index
    ]
    fitted = models["cost"]
    notes = [f"{fitted.observations} observations, errors {fitted.errors}.", *fitted.warnings]
    head = ["specification", "regressor", "coefficient", "standard error", "95 % interval", "deviance explained"]
    told = "; ".join(note.rstrip(".") for note in notes)
    return _markdown(head, lines) + f"\n\nOf the specification `cost`: {told}."


def samples(flows: ba.Flows) -> str:
    """The elasticity to cost on other samples, for other goods, and without the dummy of a common border."""
    seen = trade_observations(flows)
    lines = []
    for name, sample in {
        "all": seen,
        "one-way figures only": seen[seen["kind"] != "half of turnover"],
        "2021 and 2022": seen[seen["year"] >= 2021],
        "without China-EU": seen[seen["pair"] != "CHN-EU27"],
        "without the EU": seen[~seen["pair"].str.contains("EU27")],
        "cost of grain and flour": trade_observations(flows, "grain_and_flour"),
        "cost of chemicals and polymers": trade_observations(flows, "chemicals_polymers"),
    }.items():
        cells = [_cell(trade_gravity(flows, specification, sample)) for specification in ("cost", "both")]
        lines.append([name, *_size(trade_gravity(flows, "cost", sample)), *cells])
    alone = _alone(seen, [COST])
    lines.append(["all, without common border", *_size(alone), _cell(alone), _cell(_alone(seen, ["log_km", COST]))])
    return _markdown(["sample", "observations", "pairs", "elasticity to cost", "with distance beside it"], lines)


def _alone(seen: pd.DataFrame, regressors: list[str]) -> Gravity:
    return fit_gravity(seen.dropna(), regressors, ["origin", "destination", "year"], "pair")


def _size(fitted: Gravity) -> list[str]:
    return [str(fitted.observations), str(fitted.clusters)]


def _cell(fitted: Gravity) -> str:
    return f"{fitted.coefficients[COST]:.2f} ({fitted.standard_errors[COST]:.2f})"


def _markdown(head: list[str], lines: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *lines])


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), ba.run("transcaspian")), encoding="utf-8")

"""Does calibration find what is known? python benchmarks/recovery.py [seeds]

On the built-in case: counts are made from its fitted adjustments with the noise that the table `counts` says, the
adjustments are set to nothing and fitted again on the ways of one run, and it is counted in how many seeds all of them
lie within the intervals told. (A whole calibration finds ways anew, which takes half a minute a seed: see the tests for
that, on a small case.)
"""

import sys

import numpy as np

import bactrian as ba
from bactrian.calibration import fit, happened
from bactrian.calibration.sensitivity import Model
from bactrian.measure import against_counts

YEAR = 2021

if __name__ == "__main__":
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    case = ba.load("transcaspian")
    now = case.with_effects(happened(case, YEAR), YEAR).rebased()
    flows = ba.run(now, YEAR)
    adjustments = case.table("adjustments")
    fitted = adjustments[adjustments["fit"] == "yes"].reset_index(drop=True)
    card = against_counts(flows, case.table("observations"))
    data = card[(card["use"] == "fit") & (card["observed"] > 0)].reset_index(drop=True)
    model = Model.of(flows, fitted, data["series"].tolist())
    truth, within, singly = model.at, 0, np.zeros(len(fitted))
    exact = model.answer(truth).counts
    for seed in range(seeds):
        noise = np.random.default_rng(seed).normal(size=len(data)) * data["spread"].to_numpy()
        seen = data.assign(observed=exact * np.exp(noise))
        blank = fitted.assign(value=np.where(fitted["kind"] == "cost", 0.0, 1.0))
        theta, curvature, misfit = fit._fitted(model, blank, seen, np.zeros(len(fitted)))
        told = fit._told(adjustments, fitted, theta, curvature, misfit)
        held = (told["from"] <= fitted["value"] + 1e-6) & (told["to"] >= fitted["value"] - 1e-6) | told["at_bound"]
        within += bool(held.all())
        singly += held.to_numpy()
    print(f"all {len(fitted)} within their intervals in {within} of {seeds} seeds")
    print(dict(zip(fitted["id"], singly.astype(int).tolist(), strict=True)))

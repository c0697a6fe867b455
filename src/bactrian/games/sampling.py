"""The Shapley value of more players than a table can hold, estimated from random orders of joining."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bactrian.errors import SolveError

__all__ = ["Estimate", "sampled_shapley"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """`shares` (n) as estimated, add up to the total; each is within `margin` (n) of the true one with the chance
    `confidence`, for itself. `orders` were drawn with `seed`, half of them the reverse of the other half.
    """

    players: tuple[str, ...]
    shares: Floats
    margin: Floats
    confidence: float
    orders: int
    seed: int


def sampled_shapley(
    players: Iterable[str],
    worth: Callable[[frozenset[str]], float],
    *,
    orders: int = 1000,
    seed: int = 1,
    confidence: float = 0.95,
) -> Estimate:
    """Average what players add over an even number of random `orders`, each followed by its reverse.

    Castro, Gómez and Tejada (2009), Polynomial calculation of the Shapley value based on sampling, Computers and
    Operations Research 36; reverse orders as in Mitchell, Cooper, Frank and Holmes (2022), Journal of Machine Learning
    Research 23. `worth` is asked `orders` times n times at most. Margins rest on the normal distribution of means.
    Raises SolveError for fewer than 4 orders, an odd number of them, or a confidence that is not between 0 and 1.

    >>> found = sampled_shapley("abcd", lambda group: len(group) ** 2, orders=40)
    >>> found.shares.tolist(), found.margin.tolist()
    ([4.0, 4.0, 4.0, 4.0], [0.0, 0.0, 0.0, 0.0])
    """
    names = tuple(players)
    if orders < 4 or orders % 2:
        raise SolveError(f"the number of orders must be even and at least 4, not {orders}")
    if not 0 < confidence < 1:
        raise SolveError(f"the confidence must be between 0 and 1, not {confidence:g}")
    draw = np.random.default_rng(seed)
    pairs = np.zeros((orders // 2, len(names)))
    everything = worth(frozenset(names))
    for at in range(orders // 2):
        order = draw.permutation(len(names))
        for way in (order, order[::-1]):
            pairs[at, way] += np.diff(_along([names[i] for i in way], worth, everything)) / 2
    quantile = NormalDist().inv_cdf(0.5 + confidence / 2)
    margin = quantile * pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    return Estimate(names, pairs.mean(axis=0), margin, confidence, orders, seed)


def _along(joined: list[str], worth: Callable[[frozenset[str]], float], everything: float) -> Floats:
    """Worth of the coalition as players join it one by one (n + 1)."""
    between = [worth(frozenset(joined[:size])) for size in range(1, len(joined))]
    return np.array([0.0, *between, everything])

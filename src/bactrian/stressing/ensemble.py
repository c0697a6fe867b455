"""What thousands of futures cost: draws worked out in blocks, one line of figures each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bactrian.assign.threads import one_thread
from bactrian.stressing.course import Course, course_of, spans_of
from bactrian.stressing.draws import Draw, Sampler
from bactrian.stressing.scene import Scene

__all__ = ["Ensemble", "columns"]

DIGITS = 10  # significant ones that are kept


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """Futures drawn by `sampler` in `scene`; `planned` is the same scene with a plan built, if there is one.

    Each recovery takes `steps` spans, or counts as so many whole days if that is 0.
    """

    scene: Scene
    sampler: Sampler
    planned: Scene | None = None
    steps: int = 0

    def block(self, number: int) -> str:
        """The lines of a block of draws, as CSV without a header."""
        text = io.StringIO()
        told = csv.writer(text, lineterminator="\n")
        with one_thread():  # sums shared out among threads differ in their last digits
            for draw in self.sampler.block(number):
                told.writerow([draw.number, *(f"{one:.{DIGITS}g}" for one in self.figures(draw))])
        return text.getvalue()

    def figures(self, draw: Draw) -> Iterator[float]:
        """What one draw comes to, in the order of `columns` after its number."""
        horizon = self.sampler.horizon
        spans = spans_of([one for one in draw.spells if one.event.id in self.scene.felt], self.steps)
        course = course_of(self.scene, spans, draw.level, draw.demand)
        loss = course.loss(horizon)
        yield draw.demand
        yield np.nan if draw.level is None else draw.level
        yield from (draw.days(name, horizon) for name in sorted(self.sampler.events))
        yield float(loss.sum())
        yield from (float(course.kt(what, horizon).sum()) for what in ("waiting", "stranded"))
        yield course.co2e_t(horizon) / 1000
        if self.planned is not None:
            planned = course_of(self.planned, spans, draw.level, draw.demand)
            yield float(planned.loss(horizon).sum())
            yield planned.surplus(horizon) - course.surplus(horizon)
        yield from loss_by_country(course, loss).values()


def columns(ensemble: Ensemble) -> list[str]:
    """The names of the figures of a draw: its number; `demand` (times that of the year), `level_m`, days by event; what
    it costs shippers (`cost_musd`), kt that wait and that have no way, CO2e in kt; with a plan what the disruptions
    cost then and what the plan is worth in the year (`gain_musd`); the cost by country of origin and destination, half
    each."""
    events = [f"days_{name}" for name in sorted(ensemble.sampler.events)]
    planned = ["planned_cost_musd", "gain_musd"] if ensemble.planned is not None else []
    of_countries = [f"cost_{country}_musd" for country in countries(ensemble.scene)]
    plain = ["cost_musd", "waiting_kt", "stranded_kt", "co2e_kt"]
    return ["draw", "demand", "level_m", *events, *plain, *planned, *of_countries]


def countries(scene: Scene) -> list[str]:
    """The countries that trade begins or ends in."""
    return sorted({*scene.origins, *scene.destinations})


def loss_by_country(course: Course, loss: np.typing.NDArray[np.float64]) -> dict[str, float]:
    """A loss by pair as one by country: half of it is that of the origin, half that of the destination."""
    scene = course.scene
    total = dict.fromkeys(countries(scene), 0.0)
    for ends in (scene.origins, scene.destinations):
        for country, part in zip(ends, (loss / 2).tolist(), strict=True):
            total[country] += part
    return total

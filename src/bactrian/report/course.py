"""The course of events in figures: what each corridor and link carries, what waits, and when that is carried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bactrian.assign.prepared import Settled
from bactrian.assign.routes import corridor_of_ways
from bactrian.errors import SolveError
from bactrian.stressing import Course, Scene

__all__ = ["Batch", "backlog", "before_after", "carried_in", "horizon_of", "kt_of_links", "settled_of", "waiting_on"]

Floats = NDArray[np.float64]

YEAR = 365.0
DONE = 0.9  # share of a backlog that is carried when it is told to be cleared


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Tonnes that stop waiting on the day `freed`: `kt` by pair, carried evenly over so many `days` from then on."""

    freed: float
    kt: Floats
    days: Floats

    def left(self, later: float) -> float:
        """kt of it that are not carried so many days `later`."""
        share = 1 - np.divide(later, self.days, out=np.ones(self.days.size), where=self.days > 0)
        return float(self.kt @ np.clip(share, 0.0, 1.0))


def horizon_of(course: Course) -> float:
    """The day up to which a course is counted: its end, or a year after what lasts for good has set in."""
    return course.spans[-1].begins + YEAR if course.spans[-1].active else inf


def settled_of(course: Course, number: int | None = None) -> Settled:
    """The flows of a span by its number, or those of calm. Raises SolveError where they were not kept."""
    settled = (course.calm if number is None else course.moments[number]).settled
    if settled is None:
        raise SolveError("the course has no flows: work it out with alone=True")
    return settled


def kt_of_links(scene: Scene, settled: Settled) -> pd.Series[float]:
    """kt/yr that each link carries, both ways together."""
    routes, arcs = scene.prepared.routes, scene.network.arcs
    kt = np.bincount(routes.arcs, weights=settled.flow[routes.owner], minlength=len(arcs))
    moves = arcs.assign(kt=kt)[arcs["kind"] == "move"]
    return moves.groupby("row", sort=False)["kt"].sum()


def before_after(course: Course) -> pd.DataFrame:
    """By corridor kt/yr, mean days from door to door and mean price in USD/t in calm (`_before`) and in the first span
    (`_after`), of what is carried in each."""
    scene = course.scene
    before, after = (_corridors(scene, settled_of(course, number)) for number in (None, 0))
    table = before.add_suffix("_before").join(after.add_suffix("_after"))
    table = table[(table["kt_before"] > 0) | (table["kt_after"] > 0)]
    return table.sort_values(["kt_before", "kt_after"], ascending=False, kind="stable").reset_index()


def _corridors(scene: Scene, settled: Settled) -> pd.DataFrame:
    routes, network, flow = scene.prepared.routes, settled.network, settled.flow
    hours = network.arcs["time_h"].to_numpy(dtype=np.float64) + network.on_arcs(settled.wait)
    days = routes.total(np.nan_to_num(hours)[routes.arcs]) / 24
    usd = routes.total(np.nan_to_num(network.price[scene.k_of_ways[routes.owner], routes.arcs]))
    known = scene.case.table("corridors")
    size = len(known) + 1
    at = corridor_of_ways(scene.network, routes)
    kt, by_days, by_usd = (np.bincount(at, weights=flow * one, minlength=size) for one in (1.0, days, usd))
    safe = np.where(kt > 0, kt, np.nan)
    figures = {"kt": kt, "days": by_days / safe, "usd_per_t": by_usd / safe}
    names = pd.MultiIndex.from_arrays(
        [[*known["id"], ""], [*known["name"], "No named corridor"]], names=["corridor", "name"]
    )
    return pd.DataFrame(figures, index=names)


def backlog(course: Course) -> tuple[list[Floats], list[Batch]]:
    """kt by pair that wait when each span ends, and the batches in which they stop waiting.

    What waits in a span is let go when the first span begins in which some of its pair go. It is carried on top of what
    comes then, in so many days as a queue as long as that takes with the capacity that is free in calm.
    """
    usual, scene = course.usual, course.scene
    plain = scene.hour * 24
    queue = np.divide(usual.day, plain, out=np.ones(plain.size), where=plain > 0) - 1
    daily = course.calm.carried / YEAR
    held = np.zeros(len(scene.pairs))
    ends: list[Floats] = []
    batches: list[Batch] = []
    for span, moment in zip(course.spans, course.moments, strict=True):
        freed = np.where(moment.carried > 0, held, 0.0)
        if freed.any():
            days = np.divide(freed, daily, out=np.zeros(daily.size), where=daily > 0) * queue
            batches.append(Batch(span.begins, freed, days))
        held = held - freed
        if span.ends < inf:
            held = held + moment.waiting * span.days / YEAR
        ends.append(held)
    return ends, batches


def waiting_on(course: Course, day: float) -> float:
    """kt that wait, or are let go and not yet carried, on a day. Those who wait come last in their span."""
    ends, batches = backlog(course)
    total = sum(one.left(day - one.freed) for one in batches if one.freed <= day)
    for number, (span, moment) in enumerate(zip(course.spans, course.moments, strict=True)):
        if span.begins <= day < span.ends:
            before = ends[number - 1] if number else np.zeros(len(course.scene.pairs))
            total += float(np.where(moment.carried > 0, 0.0, before).sum())
            if span.ends < inf:
                come = moment.state.asked.demand(moment.faced)
                share = np.divide(moment.waiting, come, out=np.zeros(come.size), where=come > 0)
                late = np.clip(day - span.begins - (1 - share) * span.days, 0.0, None)
                total += float(np.where(share > 0, come, 0.0) @ late) / YEAR
    return total


def carried_in(course: Course) -> Iterator[dict[str, object]]:
    """A record for each span: when it is, what is in force, what goes and waits, and how long that takes to clear."""
    ends, batches = backlog(course)
    calm = float(course.calm.carried.sum())
    freed = {one.freed: one for one in batches}
    for span, moment, held in zip(course.spans, course.moments, ends, strict=True):
        batch = freed.get(span.ends)
        yield {
            "begins": span.begins,
            "ends": span.ends,
            "days": span.days,
            "active": dict(span.active),
            "carried_kt_per_yr": float(moment.carried.sum()),
            "share": float(moment.carried.sum()) / calm if calm else np.nan,
            "waiting_kt": float(moment.waiting.sum()) * span.days / YEAR if span.ends < inf else 0.0,
            "backlog_kt": float(held.sum()),
            "clear_days": _clear(batch) if batch else None,
        }


def _clear(batch: Batch) -> float:
    """Days until nine tenths of a batch are carried."""
    days = np.unique(np.append(batch.days[batch.kt > 0], 0.0))
    left = np.array([batch.left(one) for one in days.tolist()])
    return float(np.interp(-(1 - DONE) * batch.kt.sum(), -left, days))

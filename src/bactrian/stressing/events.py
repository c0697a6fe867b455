"""What may happen: how often it begins, how long it lasts, how it passes, and what is in force with it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pandas as pd

from bactrian.case import Case
from bactrian.errors import CaseError, Finding

__all__ = ["Event", "Spell", "events_of", "weights_of"]

LEFT = 3.0  # recovery times constants in the recovery days of an exponential recovery: a twentieth is left


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the table `events` as a thing that may happen.

    It begins `rate` times a year, lasts `days` (the median of a lognormal; inf: for good) with a geometric standard
    deviation of `spread`, and dies away over `recovery_days`, on a straight line or `exponential`ly. `brings` are
    events and projects in force with it, `undoes` events that it ends.
    """

    id: str
    name: str
    kind: str
    rate: float
    days: float
    spread: float
    recovery_days: float
    exponential: bool
    brings: tuple[str, ...] = ()
    undoes: tuple[str, ...] = ()

    @property
    def mean_days(self) -> float:
        """The mean of how long it lasts."""
        return self.days * math.exp(math.log(self.spread) ** 2 / 2)

    @property
    def passing_days(self) -> float:
        """Days that its recovery comes to if they counted whole.

        >>> Event("e", "", "closure", 1, 10, 1, 8, False).passing_days
        4.0
        """
        return self.left(0, self.recovery_days) * self.recovery_days

    def left(self, first: float, last: float) -> float:
        """The mean share of its effect that is left from `first` to `last`, days after its end.

        >>> Event("e", "", "closure", 1, 10, 1, 8, False).left(0, 4)
        0.75
        """
        if self.recovery_days <= 0:
            return 0.0
        if not self.exponential:
            return max(0.0, 1 - (first + last) / 2 / self.recovery_days)
        pace = LEFT / self.recovery_days
        return (math.exp(-pace * first) - math.exp(-pace * last)) / (pace * (last - first))


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which an event is in force: it `begins` on a day (0 is the first) and lasts `days`, inf for good."""

    event: Event
    begins: float
    days: float

    @property
    def ends(self) -> float:
        """The day on which it is over, but for its recovery."""
        return self.begins + self.days


def events_of(case: Case, names: Iterable[str] | None = None) -> dict[str, Event]:
    """The events of `case` by id: those of `names`, or all that have a chance.

    Raises CaseError for one there is not.

    >>> from bactrian.case import load
    >>> events_of(load("transcaspian"), ["cpc_moorings"])["cpc_moorings"].days
    53.0
    """
    table = case.table("events").set_index("id", drop=False)
    if names is None:
        chosen = table[table["chance_per_year"] > 0]
    else:
        wanted = list(dict.fromkeys(names))
        missing = [one for one in wanted if one not in table.index]
        if missing:
            raise CaseError([_unknown(one, table["id"].tolist()) for one in missing])
        chosen = table.loc[wanted]
    return {event.id: event for event in map(_event, chosen.itertuples())}


def _unknown(name: str, known: list[str]) -> Finding:
    near = get_close_matches(name, known, 1)
    remedy = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}, or such as closed:PLACE"
    return Finding("events", 0, "id", f"no event {name!r}", remedy)


def _event(row: Any) -> Event:
    return Event(
        id=row.id,
        name=row.name,
        kind=row.kind,
        rate=0.0 if pd.isna(row.chance_per_year) else float(row.chance_per_year),
        days=math.inf if pd.isna(row.days) else float(row.days),
        spread=float(row.days_spread),
        recovery_days=float(row.recovery_days),
        exponential=row.recovery == "exponential",
        brings=tuple(row.brings.split()),
        undoes=tuple(row.undoes.split()),
    )


def weights_of(
    active: Mapping[str, float], events: Mapping[str, Event], standing: Mapping[str, float]
) -> dict[str, float]:
    """How far each cause is in force when events are `active` to some degree; `standing` are those in force anyway.

    A project that an event brings is in force with the whole of it only.
    """
    weights = dict(standing)
    for name, degree in active.items():
        weights[name] = max(weights.get(name, 0.0), degree)
        for one in events[name].brings:
            weights[one] = max(weights.get(one, 0.0), degree)
        for one in events[name].undoes:
            weights[one] = weights.get(one, 0.0) * (1 - degree)
    return {name: weight for name, weight in sorted(weights.items()) if weight > 0}

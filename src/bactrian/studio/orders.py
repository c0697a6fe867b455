"""What may be asked of jobs, verb by verb, and the words of the command line that it comes to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bactrian.studio.asked import CaseId, Model, ScenarioAsked, Year
from bactrian.studio.commands import number

__all__ = ["AskedBrief", "AskedJob", "AskedShare", "words_of"]

Said = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x20\x7f-][^\x00-\x1f\x7f]{0,199}$")]
"""A sum, a group or another phrase; none that looks like an option."""
Id = Annotated[str, StringConstraints(pattern=r"^[^\s/\x00-\x20\x7f-][^\s/\x00-\x20\x7f]{0,99}$")]
Ids = Annotated[list[Id], Field(max_length=100)]
Phrases = Annotated[list[Said], Field(max_length=100)]
Years = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}(-[12][0-9]{3})?$")]
Rate = Annotated[float, Field(ge=0, lt=1)]
Price = Annotated[float, Field(ge=0, lt=1e6)]
Thing = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}([0-9a-f]{8})?$")]
"""The id of a job, or the key of a run."""


class PlanSettings(Model):
    """Options of `bactrian plan`."""

    budget: Said | None = None
    years: Years | None = None
    discount: Rate | None = None
    carbon: Price | None = None
    no_residual: bool = False
    step: Annotated[int, Field(ge=1, le=50)] | None = None
    project: Ids = Field(default=[])
    scenario: Id | None = None
    period: Phrases = Field(default=[])
    country: Phrases = Field(default=[])
    build: Ids = Field(default=[])
    never: Ids = Field(default=[])
    at_most: Phrases = Field(default=[])
    at_least: Phrases = Field(default=[])
    within: Rate | None = None
    frontier: bool = False
    robust: bool = False
    time_limit: Annotated[float, Field(ge=1, le=3600)] | None = None


class StressSettings(Model):
    """Options of `bactrian stress`, by hand or with draws."""

    event: Phrases = Field(default=[])
    days: Annotated[float, Field(ge=1, lt=1e5)] | None = None
    draws: Annotated[int, Field(ge=1, le=100_000)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31)] | None = None
    demand_spread: Annotated[float, Field(ge=1, le=10)] | None = None
    sea: bool = False
    project: Ids = Field(default=[])
    year: Year | None = None
    fails_below: Said | None = None


class CriticalSettings(Model):
    """Options of `bactrian stress --critical`."""

    top: Annotated[int, Field(ge=1, le=200)] | None = None
    year: Year | None = None
    project: Ids = Field(default=[])


class ShareSettings(Model):
    """Options of `bactrian share`; the plan is a job of the verb plan."""

    plan: Thing | None = None
    players: Said | None = None
    money: Phrases = Field(default=[])
    rule: Id | None = None
    years: Years | None = None
    discount: Rate | None = None
    carbon: Price | None = None


class BriefSettings(Model):
    """Options of `bactrian brief`; the results are jobs that are done, and runs."""

    results: Annotated[list[Thing], Field(min_length=1, max_length=20)]
    kind: Literal["news", "policy", "technical"] | None = None
    language: Annotated[list[Literal["en", "de", "ru"]], Field(max_length=3)] = Field(default=[])
    pdf: bool = False


class _Asked(Model):
    case: CaseId
    scenario: ScenarioAsked | None = None


class AskedPlan(_Asked):
    """A plan."""

    verb: Literal["plan"]
    settings: PlanSettings = PlanSettings()


class AskedStress(_Asked):
    """A disruption by hand, or an ensemble of draws."""

    verb: Literal["stress"]
    settings: StressSettings = StressSettings()


class AskedCritical(_Asked):
    """A ranking of what would be missed most."""

    verb: Literal["critical"]
    settings: CriticalSettings = CriticalSettings()


class AskedShare(_Asked):
    """Who gains and pays when countries build together."""

    verb: Literal["share"]
    settings: ShareSettings = ShareSettings()


class AskedBrief(_Asked):
    """A page for people."""

    verb: Literal["brief"]
    settings: BriefSettings


AskedJob = Annotated[
    AskedPlan | AskedStress | AskedCritical | AskedShare | AskedBrief,
    Field(discriminator="verb"),
]


def words_of(
    asked: AskedPlan | AskedStress | AskedCritical | AskedShare | AskedBrief,
    case: str,
    scenario: str | None,
    results: list[str],
    workers: int = 1,
) -> list[str]:
    """The words of the command: what is taken from the job's own folder is named by relative paths.

    `case` is a built-in name or a folder, `scenario` a file, `results` folders for a brief.

    >>> asked = AskedStress(verb="stress", case="mine", settings=StressSettings(draws=100, sea=True))
    >>> " ".join(words_of(asked, "mine", "low.json", []))
    'stress mine --draws 100 --sea --with low.json --out out'
    """
    settings = asked.settings.model_dump(exclude_unset=True)
    if asked.verb == "brief":
        settings.pop("results")
        return ["brief", *results, *_options(settings), "--case", case, "--out", "out", "--json"]
    if "plan" in settings and settings["plan"] is not None:
        settings["plan"] = "plan"
    words = ["stress", case, "--critical"] if asked.verb == "critical" else [asked.verb, case]
    words += _options(settings)
    if workers > 1 and (asked.verb == "share" or settings.get("draws") is not None):
        words += ["--workers", str(workers)]
    if scenario is not None:
        words += ["--with", scenario]
    return [*words, "--out", "out"]


def _options(settings: dict[str, Any]) -> list[str]:
    words: list[str] = []
    for name, value in settings.items():
        option = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list) else [value]:
            if one is True:
                words.append(option)
            elif isinstance(one, int | float) and not isinstance(one, bool):
                words += [option, number(one)]
            elif isinstance(one, str):
                words += [option, one]
    return words

"""What may be asked, and within which bounds: the models of all request bodies. What is not foreseen is refused."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "AskedCheck",
    "AskedRun",
    "CaseId",
    "JobId",
    "Key",
    "Language",
    "Model",
    "RowId",
    "ScenarioAsked",
    "ScenarioBody",
    "ScenarioId",
    "Shared",
    "Year",
]

_ID = r"^[a-z0-9][a-z0-9-]{0,63}$"
RowId = Annotated[str, StringConstraints(pattern=r"^[^\s/\x00-\x20\x7f]{1,100}$")]
"""The id of a row of a case."""
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
CaseId = Annotated[str, StringConstraints(pattern=_ID)]
ScenarioId = Annotated[str, Path(pattern=_ID)]
JobId = Annotated[str, Path(pattern=_ID)]
Key = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Language = Annotated[Literal["en", "de", "ru"], Query()]
Year = Annotated[int, Field(ge=1990, le=2100)]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]
Cell = float | Annotated[str, StringConstraints(max_length=2000)] | None
Cells = dict[RowId, Cell]


class Model(BaseModel):
    """A body of which every key is known."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class StepAsked(Model):
    """A step of a scenario: one of multiply, add and set on a column."""

    table: Word
    column: Word
    where: dict[Word, Word | Annotated[list[Word], Field(max_length=200)]] = Field(default={}, max_length=10)
    multiply: Number | None = None
    add: Number | None = None
    set: Number | Annotated[str, StringConstraints(max_length=2000)] | None = None


class ScenarioAsked(Model):
    """A scenario, as its file holds it."""

    format: Literal["bactrian-scenario-1"]
    name: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,120}$")]
    case: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{0,120}$")] | None = None
    case_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,64}$")] | None = None
    level_m: Annotated[float, Field(ge=-100, le=100)] | None = None
    causes: dict[RowId, Annotated[float, Field(gt=0, le=1)]] = Field(default={}, max_length=200)
    steps: Annotated[list[StepAsked], Field(max_length=200)] = []
    cells: dict[Word, dict[RowId, Cells | None]] = Field(default={}, max_length=40)

    @property
    def text(self) -> str:
        """The scenario as JSON, with what was given alone: null means a thing only in place of a row or a cell."""
        told = {key: cell for key, cell in self.model_dump(exclude_unset=True).items() if cell is not None}
        if "steps" in told:
            told["steps"] = [{key: cell for key, cell in one.items() if cell is not None} for one in told["steps"]]
        return json.dumps(told, ensure_ascii=False)


class AskedCheck(Model):
    """A scenario to be checked on a case."""

    case: CaseId
    scenario: ScenarioAsked | None = None
    year: Year | None = None


class AskedRun(Model):
    """A run of a case as a scenario has it."""

    case: CaseId
    scenario: ScenarioAsked | None = None
    year: Year = 2021
    carbon_usd_per_t: Annotated[float, Field(ge=0, le=1e6)] = 0.0


class ScenarioBody(Model):
    """A scenario to be kept."""

    scenario: ScenarioAsked


class Shared(Model):
    """Whether others may see a thing."""

    shared: bool

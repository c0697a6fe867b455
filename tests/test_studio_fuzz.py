"""Whatever is sent, in the shape of the schema or in none: the server answers, and never with a fault of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

import bactrian as ba
from bactrian.studio.parts import Studio
from studios import CHANGES, LOW, ended, studio_on

FEW, MANY = 8, 300
SHAPES = ({"message"}, {"findings"})


@pytest.fixture(scope="module")
def running(small_corridor: ba.Case, place: Path) -> Iterator[tuple[Studio, httpx.Client]]:
    with studio_on(place / "case", place / "fuzz-store") as both:
        yield both


@pytest.fixture(scope="module")
def real(running: tuple[Studio, httpx.Client]) -> dict[str, str]:
    """Things that are there, so that not all that is sent is turned away at the door."""
    client = running[1]
    case = client.get("/api/cases").json()[0]["id"]
    run = client.post("/api/runs", json={"case": case, "scenario": LOW, "year": 2030}).json()["key"]
    kept = client.post("/api/scenarios", json={"scenario": LOW}).json()["id"]
    body = {"verb": "stress", "case": case, "settings": {"event": ["aktau_storms"]}}
    job = ended(client, client.post("/api/jobs", json=body).json()["id"])["id"]
    return {"case": case, "key": run, "other": run, "scenario_key": kept, "job": job, "row": "sea", "table": "links"}


def fuzz(
    running: tuple[Studio, httpx.Client], real: dict[str, str], mode: GenerationMode, examples: int
) -> Counter[str]:
    """Ask of every operation of the schema, and return how many answers of each kind were looked at."""
    client, reached = running[1], Counter[str]()
    schema = schemathesis.openapi.from_dict(client.get("/api/openapi.json").json())
    with requests.Session() as session:
        session.headers.update(CHANGES)
        session.cookies.set("bactrian_user", client.cookies["bactrian_user"], domain="127.0.0.1")
        for found in schema.get_all_operations():

            @given(case=found.ok().as_strategy(generation_mode=mode), known=st.booleans())
            @settings(max_examples=examples, deadline=None, phases=[Phase.generate], derandomize=True, database=None,
                      suppress_health_check=list(HealthCheck))  # fmt: skip
            def ask(case: Any, known: bool) -> None:
                if known:
                    point_at_what_is_there(case, real)
                try:
                    answer = case.call(base_url=str(client.base_url), session=session)
                except (requests.RequestException, UnicodeError):  # which cannot be sent at all
                    return
                assert answer.status_code < 500 or answer.status_code == 503, answer.content
                if answer.status_code >= 400:
                    assert set(answer.json()) in SHAPES
                reached[f"{answer.status_code // 100}xx"] += 1
                if case.method == "POST":
                    tidy(client, real)

            with suppress(Unsatisfiable):  # there is no way to get it wrong
                ask()
    return reached


def tidy(client: httpx.Client, real: dict[str, str]) -> None:
    """Remove what was made."""
    for name in ("jobs", "scenarios"):
        for one in client.get(f"/api/{name}").json():
            if one["id"] not in real.values():
                client.delete(f"/api/{name}/{one['id']}")


def point_at_what_is_there(case: Any, real: dict[str, str]) -> None:
    if case.method == "DELETE":
        return
    for part in (case.path_parameters, case.query):
        for name in list(part or {}):
            meant = "scenario_key" if name == "key" and "scenarios" in case.path else name
            if meant in real:
                part[name] = real[meant]
    if isinstance(case.body, dict) and "case" in case.body:
        case.body["case"] = real["case"]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_is_a_fault_of_the_server(
    running: tuple[Studio, httpx.Client], real: dict[str, str], mode: GenerationMode
) -> None:
    reached = fuzz(running, real, mode, FEW)
    assert reached.total() > 100
    assert mode == GenerationMode.NEGATIVE or reached["2xx"] > 30, reached


@pytest.mark.nightly
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_is_a_fault_of_the_server_at_length(
    running: tuple[Studio, httpx.Client], real: dict[str, str], mode: GenerationMode
) -> None:
    assert fuzz(running, real, mode, MANY).total() > 1000


ODD = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    ["\ud800", "\0", "../..", "1e999", "__proto__"]
)
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | ODD
ANY = st.recursive(LEAF, lambda one: st.lists(one, max_size=4) | st.dictionaries(ODD, one, max_size=4), max_leaves=12)
KEYS = (
    "case",
    "scenario",
    "year",
    "verb",
    "settings",
    "format",
    "name",
    "steps",
    "cells",
    "causes",
    "shared",
    "level_m",
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(
    path=st.sampled_from(["/api/runs", "/api/check", "/api/scenarios", "/api/jobs"]),
    body=ANY | st.dictionaries(st.sampled_from(KEYS), ANY),
    inner=st.dictionaries(st.sampled_from(KEYS), ANY),
)
def test_json_of_any_kind_is_answered(
    running: tuple[Studio, httpx.Client], real: dict[str, str], path: str, body: Any, inner: dict[str, Any]
) -> None:
    if isinstance(body, dict):
        whole = {"case": real["case"], **body}
        whole["scenario"] = {"format": "bactrian-scenario-1", "name": "x", **inner}
        body = whole
    content = json.dumps(body).encode()
    answer = running[1].post(path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code < 500 or answer.status_code == 503, (answer.status_code, content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 200_000,
        b'"' + b"\xff" * 10 + b'"',
        b'{"case": 1e999}',
        b'{"year": ' + b"9" * 5000 + b"}",
        b"\0",
        b"NaN",
    ],
)
@pytest.mark.parametrize("path", ["/api/runs", "/api/jobs"])
def test_bytes_that_are_no_json_are_answered(running: tuple[Studio, httpx.Client], path: str, content: bytes) -> None:
    answer = running[1].post(path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert set(answer.json()) in SHAPES

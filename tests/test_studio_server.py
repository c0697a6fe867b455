"""The studio answers as its page expects, to whom it should, and to nobody else."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import bactrian as ba
from bactrian.studio.parts import Studio
from studios import LOW, another, studio_on

USER = dict[str, Any]


@pytest.fixture(scope="module")
def running(small_corridor: ba.Case, place: Path) -> Iterator[tuple[Studio, httpx.Client]]:
    with studio_on(place / "case", place / "server-store") as both:
        yield both


@pytest.fixture
def client(running: tuple[Studio, httpx.Client]) -> httpx.Client:
    return running[1]


@pytest.fixture
def case(client: httpx.Client) -> str:
    first: str = client.get("/api/cases").json()[0]["id"]
    return first


@pytest.fixture
def other(client: httpx.Client) -> Iterator[httpx.Client]:
    with another(client) as found:
        yield found


def test_the_case_it_was_started_with_comes_first(client: httpx.Client, small_corridor: ba.Case) -> None:
    first, *others = client.get("/api/cases").json()
    assert {name: first[name] for name in ("name", "own", "hash")} == {
        "name": "case", "own": False, "hash": small_corridor.hash,
    }  # fmt: skip
    assert ("transcaspian", "transcaspian") in [(one["id"], one["name"]) for one in others]


def test_a_case_is_told_in_a_language_and_kept_by_browsers(client: httpx.Client, case: str) -> None:
    told = client.get("/api/case", params={"case": case, "language": "de"})
    assert told.json()["id"] == case
    assert told.json()["names"]["countries"]["KAZ"] == "Kasachstan"
    again = client.get(
        "/api/case", params={"case": case, "language": "de"}, headers={"If-None-Match": told.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/case", params={"case": case, "language": "fr"}).status_code == 422
    assert client.get("/api/case", params={"case": "moon"}).status_code == 404


def test_a_run_is_told_as_the_contract_has_it(client: httpx.Client, case: str) -> None:
    told = client.post("/api/runs", json={"case": case, "scenario": LOW, "year": 2030, "carbon_usd_per_t": 5}).json()
    assert told["command"] == "bactrian run case --year 2030 --with cheaper-sea.json --carbon 5 --out out"
    assert (told["name"], told["year"]) == ("Cheaper sea", 2030)
    assert {one["link"] for one in told["links"]} == {"sea", "rail", "round"}
    assert told["summary"]["certificate"]["holds"] is True
    key = told["key"]
    links = client.get(f"/api/runs/{key}/links", params={"commodity": "coal"}).json()
    assert sum(one["kt"] for one in links) < sum(one["kt"] for one in told["links"])
    through = client.get(f"/api/runs/{key}/through/sea").json()
    assert (through["table"], through["source"]["title"]) == ("links", "made up for a test")
    base = client.post("/api/runs", json={"case": case, "year": 2030}).json()
    compared = client.get(f"/api/runs/{key}/compare/{base['key']}")
    assert compared.status_code == 200, compared.text
    assert client.get(f"/api/runs/{key}/compare/{key}").status_code == 200
    assert client.get(f"/api/runs/{key}/through/moon").status_code == 422
    assert client.get(f"/api/runs/{'0' * 32}/links").status_code == 404


def test_files_of_a_run_come_with_scenario_and_command(client: httpx.Client, case: str) -> None:
    told = client.post("/api/runs", json={"case": case, "scenario": LOW, "year": 2030}).json()
    sent = client.get(f"/api/runs/{told['key']}/files")
    archive = zipfile.ZipFile(io.BytesIO(sent.content))
    assert {"out/result.json", "out/links.csv", "out/map.svg", "cheaper-sea.json", "command.txt"} <= set(
        archive.namelist()
    )
    assert json.loads(archive.read("out/result.json")) == told["summary"]
    assert archive.read("command.txt").decode() == told["command"] + "\n"
    assert client.get(f"/api/runs/{told['key']}/files").content == sent.content


def test_a_scenario_is_checked_and_findings_name_the_cell(client: httpx.Client, case: str) -> None:
    told = client.post("/api/check", json={"case": case, "scenario": LOW, "year": 2030}).json()
    assert (told["findings"], told["changes"]) == ([], 1)
    wrong = {**LOW, "steps": [], "cells": {"links": {"sea": {"usd_per_t": -5}}}}
    [finding] = client.post("/api/check", json={"case": case, "scenario": wrong}).json()["findings"]
    assert (finding["table"], finding["column"], finding["id"]) == ("links", "usd_per_t", "sea")
    refused = client.post("/api/runs", json={"case": case, "scenario": wrong, "year": 2030})
    assert (refused.status_code, refused.json()["findings"][0]["id"]) == (422, "sea")


def test_tables_come_with_columns_and_sources(client: httpx.Client, case: str) -> None:
    told = client.get("/api/tables/links", params={"case": case}).json()
    assert [row["id"] for row in told["rows"]] == ["sea", "rail", "round"]
    source = client.get("/api/tables/events/aktau_storms/source", params={"case": case}).json()
    assert source["title"] == "Port of Aktau, year 2025"
    assert client.get("/api/tables/moons", params={"case": case}).status_code == 404


def test_a_scenario_is_kept_changed_shared_and_removed(client: httpx.Client, other: httpx.Client, case: str) -> None:
    kept = client.post("/api/scenarios", json={"scenario": LOW}).json()
    assert (kept["name"], kept["own"], kept["shared"], kept["scenario"]) == ("Cheaper sea", True, False, LOW)
    path = f"/api/scenarios/{kept['id']}"
    assert other.get("/api/scenarios").json() == []
    for refused in (other.get(f"{path}/file"), other.delete(path), other.put(path, json={"scenario": LOW})):
        assert refused.status_code == 404
    assert client.post(f"{path}/share", json={"shared": True}).json()["shared"] is True
    assert [(one["id"], one["own"]) for one in other.get("/api/scenarios").json()] == [(kept["id"], False)]
    for refused in (
        other.delete(path),
        other.put(path, json={"scenario": LOW}),
        other.post(f"{path}/share", json={"shared": False}),
    ):
        assert refused.status_code == 403
    changed = client.put(path, json={"scenario": {**LOW, "name": "Cheapest sea"}}).json()
    assert (changed["id"], changed["name"], changed["shared"]) == (kept["id"], "Cheapest sea", True)
    file = other.get(f"{path}/file")
    assert file.headers["content-disposition"] == 'attachment; filename="cheapest-sea.json"'
    again = other.post("/api/scenarios/upload", files={"file": ("any.json", file.content)}).json()
    assert again["scenario"] == changed["scenario"]
    assert client.delete(path).status_code == 204
    assert client.get(f"{path}/file").status_code == 404


def test_a_scenario_is_exported_as_a_case_that_can_be_loaded(client: httpx.Client, case: str, tmp_path: Path) -> None:
    kept = client.post("/api/scenarios", json={"scenario": LOW}).json()
    sent = client.get(f"/api/scenarios/{kept['id']}/case", params={"year": 2030})
    zipfile.ZipFile(io.BytesIO(sent.content)).extractall(tmp_path)
    cells = ba.load(tmp_path / "cheaper-sea").table("links").set_index("id")["usd_per_t"]
    assert cells["sea"] == 5
    taken = client.post("/api/cases", files={"file": ("x.zip", sent.content)}).json()
    assert taken["name"] == "cheaper-sea"
    assert client.delete(f"/api/cases/{taken['id']}").status_code == 204


def test_runs_of_one_user_are_not_those_of_another(client: httpx.Client, other: httpx.Client, case: str) -> None:
    key = client.post("/api/runs", json={"case": case, "year": 2028}).json()["key"]
    assert other.get(f"/api/runs/{key}/links").status_code == 404
    assert other.post("/api/runs", json={"case": case, "year": 2028}).json()["key"] == key
    assert other.get(f"/api/runs/{key}/links").status_code == 200


def test_runs_that_the_page_has_left_are_given_up(running: tuple[Studio, httpx.Client], case: str) -> None:
    studio, client = running
    for number in range(30):
        body = {"case": case, "scenario": {**LOW, "level_m": -29 - number / 100}, "year": 2031}
        with contextlib.suppress(httpx.ReadTimeout):
            client.post("/api/runs", json=body, timeout=0.02)
    assert client.post("/api/runs", json={"case": case, "year": 2031}).status_code == 200
    assert len(list(studio.results.folder.glob("*/told.json"))) < 25


def test_what_is_not_foreseen_is_refused_with_findings(client: httpx.Client, case: str) -> None:
    bodies: list[Any] = [
        {"case": case, "yaer": 2030}, {"case": case, "year": 2500}, {"case": "../etc"}, {"case": case, "scenario": {}},
        {"case": case, "carbon_usd_per_t": "NaN"}, [], {"case": case, "scenario": {**LOW, "level": 3}},
    ]  # fmt: skip
    for body in bodies:
        refused = client.post("/api/runs", json=body)
        assert refused.status_code == 422, body
        assert set(refused.json()["findings"][0]) == {"table", "row", "column", "rule", "remedy", "id"}
    assert client.post("/api/runs", content=b"{", headers={"content-type": "application/json"}).status_code == 422
    lone = b'{"scenario": {"format": "bactrian-scenario-1", "name": "\\ud800"}}'
    assert client.post("/api/scenarios", content=lone, headers={"content-type": "application/json"}).status_code in (
        400,
        422,
    )


def test_every_answer_bears_the_headers_that_browsers_heed(client: httpx.Client) -> None:
    for path in ("/", "/api/cases", "/api/jobs/none", "/vendor/maplibre-gl.js", "/static/none"):
        headers = client.get(path).headers
        policy = dict(one.strip().split(" ", 1) for one in headers["content-security-policy"].split(";"))
        assert (policy["default-src"], policy["script-src"], policy["object-src"]) == ("'self'", "'self'", "'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] in ("no-store", "no-cache")
        assert "server" not in headers


def test_the_map_library_comes_packed_from_its_package(client: httpx.Client) -> None:
    told = client.get("/vendor/maplibre-gl.js", headers={"Accept-Encoding": "gzip"})
    assert (told.headers["content-encoding"], told.headers["content-type"]) == (
        "gzip",
        "text/javascript; charset=utf-8",
    )
    assert int(told.headers["content-length"]) < 400_000
    assert client.get("/vendor/pywidget.js").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2f..%2fstore.py", "/static/%2e%2e/store.py", "/static/../store.py", "/static//etc/passwd",
        "/static/..%5cstore.py", "/static/%00", "/vendor/..%2f..%2f__init__.py", "/static/%2fetc%2fpasswd", "/static/.",
        "/api/jobs/..%2f..%2fstudio.sqlite/zip", "/api/runs/..%2f/files", "/api/scenarios/%00/file",
    ],
)  # fmt: skip
def test_no_path_leads_out(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in (404, 422)


def test_only_loopback_names_are_answered_to(client: httpx.Client) -> None:
    for name in ("127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765"):
        assert client.get("/api/cases", headers={"Host": name}).status_code == 200
    for name in ("example.org", "127.0.0.1.example.org", "localhost.example.org:8765", "", "169.254.1.1"):
        assert client.get("/api/cases", headers={"Host": name}).status_code == 403


def test_changes_need_a_header_that_other_sites_cannot_send(client: httpx.Client, case: str) -> None:
    with httpx.Client(base_url=client.base_url) as bare:
        asked = [bare.post("/api/runs", json={"case": case}), bare.delete("/api/jobs/x"), bare.put("/api/scenarios/x")]
    for answer in asked:
        assert (answer.status_code, list(answer.json())) == (403, ["message"])


def test_a_user_is_a_cookie_that_scripts_and_sites_do_not_get(other: httpx.Client) -> None:
    linked = other.get("/", headers={"Sec-Fetch-Site": "cross-site"})  # strict cookies are not sent then
    assert "set-cookie" not in linked.headers
    assert 'http-equiv="refresh"' in linked.text
    cookie = other.get("/").headers["set-cookie"]
    assert cookie.startswith("bactrian_user=")
    assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "set-cookie" not in other.get("/api/cases").headers


def test_beyond_loopback_a_token_is_wanted(small_corridor: ba.Case, place: Path, tmp_path: Path) -> None:
    with studio_on(place / "case", tmp_path / "store", token="s3cret") as (_, client):
        for path in (
            "/",
            "/api/cases",
            "/?token=wrong",
            "/api/cases?token=s3cret",
            "/static/x",
            "/vendor/maplibre-gl.js",
        ):
            refused = client.get(path)
            assert (refused.status_code, list(refused.json())) == (401, ["message"]), path
        for given in ("Bearer wrong", "Bearer", "Basic s3cret", "Bearer s3cret2"):
            assert client.get("/api/cases", headers={"Authorization": given}).status_code == 401
        assert (
            client.get("/api/cases", headers={"Authorization": "Bearer s3cret", "Host": "example.org"}).status_code
            == 200
        )
        opened = client.get("/?token=s3cret", headers={"Host": "planner.example.org"})
        assert opened.status_code == 200
        assert client.get("/api/cases").status_code == 200


def test_a_store_is_for_one_studio(running: tuple[Studio, httpx.Client], place: Path) -> None:
    with (
        pytest.raises(ba.CaseError, match="in use by another studio"),
        studio_on("transcaspian", place / "server-store"),
    ):
        pass

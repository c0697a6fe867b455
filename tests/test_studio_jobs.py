"""Long work: it goes on while the page is away, can be cancelled, and is there again when the studio is."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

import bactrian as ba
from bactrian.studio.parts import Studio
from studios import CHANGES, LOW, PROGRAM, another, ended, program, studio_on

LONG = {"draws": 100_000, "days": 30}


@pytest.fixture(scope="module")
def running(small_corridor: ba.Case, place: Path) -> Iterator[tuple[Studio, httpx.Client]]:
    with studio_on(place / "case", place / "job-store") as both:
        yield both


@pytest.fixture
def client(running: tuple[Studio, httpx.Client]) -> httpx.Client:
    return running[1]


@pytest.fixture
def other(client: httpx.Client) -> Iterator[httpx.Client]:
    with another(client) as found:
        yield found


def first_case(client: httpx.Client) -> str:
    found: str = client.get("/api/cases").json()[0]["id"]
    return found


def begin(client: httpx.Client, verb: str, scenario: Any = None, **settings: Any) -> dict[str, Any]:
    body = {"verb": verb, "case": first_case(client), "scenario": scenario, "settings": settings}
    answer = client.post("/api/jobs", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def until(client: httpx.Client, job: str, within_s: float = 60) -> dict[str, Any]:
    """A job once some of it is done."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        told: dict[str, Any] = client.get(f"/api/jobs/{job}").json()
        if told["done"] or told["state"] not in ("waiting", "running"):
            return told
        time.sleep(0.1)
    raise AssertionError(told)


@pytest.fixture(scope="module")
def drawn(running: tuple[Studio, httpx.Client]) -> dict[str, Any]:
    """A job of a few draws, done."""
    return ended(running[1], begin(running[1], "stress", LOW, draws=20, seed=3)["id"])


def test_a_job_gives_the_files_of_the_same_command(
    client: httpx.Client, drawn: dict[str, Any], place: Path, tmp_path: Path
) -> None:
    assert (drawn["state"], drawn["done"], drawn["message"]) == ("done", 1, "")
    assert drawn["command"] == "bactrian stress case --draws 20 --seed 3 --with cheaper-sea.json --out out"
    with zipfile.ZipFile(io.BytesIO(client.get(f"/api/jobs/{drawn['id']}/zip").content)) as archive:
        archive.extractall(tmp_path / "page")
    (tmp_path / "line").mkdir()
    (tmp_path / "line" / "case").symlink_to(place / "case")
    (tmp_path / "line" / "cheaper-sea.json").write_bytes((tmp_path / "page" / "cheaper-sea.json").read_bytes())
    words = drawn["command"].split()[1:]
    subprocess.run([sys.executable, "-c", PROGRAM, *words], cwd=tmp_path / "line", check=True, capture_output=True)
    for name in drawn["files"]:
        page, line = ((tmp_path / one / "out" / name).read_bytes() for one in ("page", "line"))
        assert page == line, name
    assert (
        client.get(f"/api/jobs/{drawn['id']}/result").content
        == (tmp_path / "page" / "out" / "stress.json").read_bytes()
    )


def test_only_files_that_are_listed_are_sent(client: httpx.Client, drawn: dict[str, Any]) -> None:
    path = f"/api/jobs/{drawn['id']}/files"
    told = client.get(f"{path}/stress.md")
    assert told.status_code == 200
    assert told.headers["content-security-policy"].startswith("sandbox")
    assert "attachment" in told.headers["content-disposition"]
    assert client.get(f"{path}/exceedance.svg").headers["content-type"] == "image/svg+xml"
    wrong = (
        "..%2fcommand.txt",
        "%2e%2e%2fcommand.txt",
        "blocks",
        "blocks%2f000000.csv",
        "none",
        "%00",
        "%2fetc%2fpasswd",
    )
    for name in (*wrong, "..%5ccommand.txt", "stress.md%00"):
        assert client.get(f"{path}/{name}").status_code in (404, 405), name


def test_pictures_are_drawn_in_three_languages(client: httpx.Client, drawn: dict[str, Any]) -> None:
    seen = set()
    for code in ("en", "de", "ru"):
        told = client.get(f"/api/jobs/{drawn['id']}/picture/exceedance", params={"language": code})
        assert told.status_code == 200, told.text
        assert f'lang="{code}"' in told.text
        seen.add(told.text)
    assert len(seen) == 3
    assert client.get(f"/api/jobs/{drawn['id']}/picture/frontier").status_code == 404
    assert client.get(f"/api/jobs/{drawn['id']}/picture/map").status_code == 422


def test_jobs_are_seen_by_others_only_when_shared(
    client: httpx.Client, other: httpx.Client, drawn: dict[str, Any]
) -> None:
    path = f"/api/jobs/{drawn['id']}"
    assert other.get("/api/jobs").json() == []
    parts = ("", "/events", "/result", "/zip", "/files/stress.md", "/picture/exceedance")
    assert {other.get(path + part).status_code for part in parts} == {404}
    assert {other.post(f"{path}/{verb}").status_code for verb in ("cancel", "resume")} == {404}
    assert other.delete(path).status_code == 404
    brief = {"verb": "brief", "case": first_case(other), "settings": {"results": [drawn["id"]]}}
    assert other.post("/api/jobs", json=brief).status_code == 404
    client.post(f"{path}/share", json={"shared": True})
    assert [(one["id"], one["own"]) for one in other.get("/api/jobs").json()] == [(drawn["id"], False)]
    assert other.get(f"{path}/files/stress.md").status_code == 200
    assert other.post(f"{path}/cancel").status_code == other.delete(path).status_code == 403
    client.post(f"{path}/share", json={"shared": False})
    assert other.get(path).status_code == 404


def test_a_brief_is_made_of_jobs_and_runs(client: httpx.Client, drawn: dict[str, Any]) -> None:
    run = client.post("/api/runs", json={"case": first_case(client), "scenario": LOW, "year": 2030}).json()["key"]
    base = client.post("/api/runs", json={"case": first_case(client), "scenario": LOW, "year": 2021}).json()["key"]
    job = ended(client, begin(client, "brief", LOW, results=[run, base], kind="technical", language=["de", "ru"])["id"])
    assert job["state"] == "done", job
    assert job["command"].startswith("bactrian brief results/run-2030 results/run-2021 --kind technical --language de")
    assert {"case-technical-2030.de.html", "case-technical-2030.ru.html"} <= set(job["files"])
    page = client.get(f"/api/jobs/{job['id']}/files/case-technical-2030.de.html")
    assert (page.headers["content-type"], "content-disposition" in page.headers) == ("text/html; charset=utf-8", False)
    assert client.get(f"/api/jobs/{job['id']}/result").json()["briefs"][0]["language"] == "de"
    body = {"verb": "brief", "case": first_case(client), "settings": {"results": ["0" * 24]}}
    assert client.post("/api/jobs", json=body).status_code == 404


def test_a_brief_that_results_do_not_bear_is_refused_in_words(client: httpx.Client) -> None:
    run = client.post("/api/runs", json={"case": first_case(client), "year": 2021}).json()["key"]
    job = ended(client, begin(client, "brief", results=[run], kind="policy")["id"])
    assert (job["state"], "policy" in job["message"] or "plan" in job["message"]) == ("failed", True), job["message"]


@pytest.mark.nightly
def test_a_plan_is_made_and_shared(client: httpx.Client) -> None:
    job = ended(client, begin(client, "plan", budget="200 mUSD", years="2026-2035", frontier=True, time_limit=30)["id"])
    assert job["state"] == "done", job
    for name in ("programme", "frontier", "shares"):
        assert client.get(f"/api/jobs/{job['id']}/picture/{name}").status_code == 200
    deal = ended(client, begin(client, "share", plan=job["id"], players="KAZ AZE GEO", rule="shapley")["id"])
    assert deal["command"] == "bactrian share case --plan plan --players 'KAZ AZE GEO' --rule shapley --out out"
    assert deal["state"] == "done", deal
    assert client.get(f"/api/jobs/{deal['id']}/picture/shares", params={"language": "ru"}).status_code == 200


def test_what_is_wrong_is_told_without_a_path(client: httpx.Client, running: tuple[Studio, httpx.Client]) -> None:
    job = ended(client, begin(client, "stress", event=["moon_landing"])["id"])
    assert job["state"] == "failed"
    assert "moon_landing" in job["message"]
    assert str(running[0].store.folder) not in json.dumps(job)
    assert client.get(f"/api/jobs/{job['id']}/result").status_code == 409


def test_what_could_be_an_option_is_refused(client: httpx.Client) -> None:
    case = first_case(client)
    for settings in (
        {"event": ["--dask"]},
        {"dask": "x"},
        {"out": "/tmp"},
        {"project": ["-x"]},
        {"draws": 0},
        {"event": ["a\0"]},
    ):
        body = {"verb": "stress", "case": case, "settings": settings}
        assert client.post("/api/jobs", json=body).status_code == 422, settings
    assert client.post("/api/jobs", json={"verb": "serve", "case": case}).status_code == 422


def test_progress_goes_on_after_a_reload_and_a_cancel_is_quick(client: httpx.Client) -> None:
    job = begin(client, "stress", **LONG)["id"]
    before = until(client, job)
    assert before["state"] == "running"
    with httpx.Client(base_url=client.base_url, cookies=client.cookies, timeout=60) as again:  # the page, loaded anew
        assert [one["id"] for one in again.get("/api/jobs").json() if one["state"] == "running"] == [job]
        shares = []
        with again.stream("GET", f"/api/jobs/{job}/events") as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            for line in events.iter_lines():
                if line.startswith("data: "):
                    shares.append(json.loads(line[6:])["done"])
                if len(shares) == 2:
                    break
        assert shares[1] > shares[0]
    begun = time.monotonic()
    told = client.post(f"/api/jobs/{job}/cancel").json()
    took = time.monotonic() - begun
    assert told["state"] == "cancelled"
    assert took < 2.5  # 2 s, and room for a machine that is busy
    assert not [one for one in psutil.Process().children(recursive=True) if "bactrian.studio.job" in one.cmdline()]
    assert client.delete(f"/api/jobs/{job}").status_code == 204
    assert client.get(f"/api/jobs/{job}").status_code == 404


def test_jobs_beyond_what_runs_wait_and_a_user_has_so_many(
    client: httpx.Client, running: tuple[Studio, httpx.Client]
) -> None:
    jobs = [begin(client, "stress", **LONG)["id"] for _ in range(8)]
    states = [client.get(f"/api/jobs/{one}").json()["state"] for one in jobs]
    assert states == ["running"] * running[0].desk.most + ["waiting"] * (8 - running[0].desk.most)
    body = {"verb": "stress", "case": first_case(client), "settings": LONG}
    assert client.post("/api/jobs", json=body).status_code == 429
    assert client.post(f"/api/jobs/{jobs[0]}/resume").status_code == 409
    for one in reversed(jobs):
        assert client.post(f"/api/jobs/{one}/cancel").json()["state"] == "cancelled"


def test_a_studio_that_is_killed_keeps_what_was_made(small_corridor: ba.Case, place: Path, tmp_path: Path) -> None:
    """SIGKILL part-way: scenarios are there again, the job is marked, goes on from what it kept, and gives the same."""
    store, cookies = tmp_path / "store", httpx.Cookies()
    with (
        program(place / "case", store) as (process, address),
        httpx.Client(base_url=address, headers=CHANGES) as client,
    ):
        kept = client.post("/api/scenarios", json={"scenario": LOW}).json()
        job = begin(client, "stress", draws=4000, seed=5)["id"]
        end, made = time.monotonic() + 60, store / "jobs" / job / "out" / "blocks"
        while not any(made.glob("*.csv")):
            assert time.monotonic() < end
            time.sleep(0.02)
        children = psutil.Process(process.pid).children(recursive=True)
        assert any("bactrian.studio.job" in one.cmdline() for one in children)
        os.kill(process.pid, signal.SIGKILL)
        cookies = client.cookies
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    blocks = {one: one.stat().st_mtime_ns for one in (store / "jobs" / job / "out" / "blocks").glob("*.csv")}
    assert blocks
    jar = {one.name: one.value or "" for one in cookies.jar}
    with (
        program(place / "case", store) as (_, address),
        httpx.Client(base_url=address, headers=CHANGES, cookies=jar) as client,
    ):
        assert [one["id"] for one in client.get("/api/scenarios").json()] == [kept["id"]]
        assert client.get(f"/api/jobs/{job}").json()["state"] == "interrupted"
        assert client.post(f"/api/jobs/{job}/resume").json()["state"] == "running"
        assert ended(client, job)["state"] == "done"
        assert all(one.stat().st_mtime_ns == when for one, when in blocks.items())
        assert client.get(f"/api/jobs/{job}/result").json()["provenance"]["draws"] == 4000


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_studio_cleanly(
    small_corridor: ba.Case, place: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    with (
        program(place / "case", tmp_path / "store") as (process, address),
        httpx.Client(base_url=address, headers=CHANGES) as client,
    ):
        job = begin(client, "stress", **LONG)["id"]
        with client.stream("GET", f"/api/jobs/{job}/events") as events:  # a page that is open
            assert next(events.iter_lines()).startswith("data: ")
            process.send_signal(sent)
            _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")
    with studio_on(place / "case", tmp_path / "store") as (studio, _):
        assert [row["id"] for row in studio.store.all_jobs(("interrupted",))] == [job]

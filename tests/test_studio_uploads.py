"""Whatever is sent as a file: taken when it is a case or a scenario, refused with a reason when not, nothing left."""

from __future__ import annotations

import io
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import bactrian as ba
from bactrian.studio.parts import Studio
from studios import studio_on

Bundle = Callable[[zipfile.ZipFile], object]


@pytest.fixture(scope="module")
def running(small_corridor: ba.Case, place: Path) -> Iterator[tuple[Studio, httpx.Client]]:
    with studio_on(place / "case", place / "upload-store") as both:
        yield both


def left_over(studio: Studio) -> list[str]:
    """What lies in the store that is no case of its own."""
    return [one.name for one in (studio.store.folder / "drafts").iterdir()]


def cases_in(studio: Studio) -> int:
    return len(list((studio.store.folder / "cases").iterdir()))


def bundle(folder: Path, change: Bundle | None = None, inside: str = "") -> bytes:
    """The zip of a case, with a change."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(folder.iterdir()):
            archive.write(one, f"{inside}{one.name}")
        if change:
            change(archive)
    return made.getvalue()


def sent(client: httpx.Client, content: bytes, name: str = "mine.zip") -> httpx.Response:
    return client.post("/api/cases", files={"file": (name, content)})


@pytest.mark.parametrize(
    ("inside", "name"), [("", "mine"), ("My corridor/", "My-corridor"), ("transcaspian/", "transcaspian-own")]
)
def test_a_case_is_taken_as_it_is(running: tuple[Studio, httpx.Client], place: Path, inside: str, name: str) -> None:
    studio, client = running
    hash_ = ba.load(place / "case").hash
    taken = sent(client, bundle(place / "case", inside=inside))
    assert taken.status_code == 200, taken.text
    assert {key: taken.json()[key] for key in ("name", "hash")} == {"name": name, "hash": hash_}
    assert client.post("/api/runs", json={"case": taken.json()["id"], "year": 2021}).json()["name"] == name
    assert [one["own"] for one in client.get("/api/cases").json() if one["id"] == taken.json()["id"]] == [True]
    assert client.delete(f"/api/cases/{taken.json()['id']}").status_code == 204
    assert left_over(studio) == []


def put(name: str, content: bytes = b"x") -> Bundle:
    return lambda archive: archive.writestr(name, content)


def link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("README")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("README", b"0" * (100 * 2**20))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("../evil.csv"), "leads elsewhere"),
        (put("a/../../evil.csv"), "leads elsewhere"),
        (put("/etc/cron.d/evil"), "leads elsewhere"),
        (put("..\\evil.csv"), "no file of a case"),
        (put("C:\\evil.csv"), "no file of a case"),
        (put("evil.py"), "no file of a case"),
        (put("deeper/links.csv"), "no file of a case"),
        (put("link\u0455.csv"), "no file of a case"),
        (link, "is a link"),
        (bomb, "unpacks to more"),
        (lambda archive: [archive.writestr(f"{number}.csv", "") for number in range(100)], "more than 60 files"),
    ],
)
def test_a_bundle_that_holds_anything_else_is_refused(
    running: tuple[Studio, httpx.Client], place: Path, change: Bundle, says: str
) -> None:
    studio, client = running
    before = cases_in(studio)
    refused = sent(client, bundle(place / "case", change))
    assert (refused.status_code, says in refused.json()["message"]) == (400, True), refused.text
    assert str(studio.store.folder) not in refused.text
    assert (left_over(studio), cases_in(studio)) == ([], before)


@pytest.mark.parametrize("name", ["links.csv", "links.csv\0.txt"])
def test_a_name_that_stands_twice_or_hides_another_is_refused(
    running: tuple[Studio, httpx.Client], place: Path, name: str
) -> None:
    content = bundle(place / "case", put("links_csv"[: len(name)].ljust(len(name), "_")))
    spoilt = content.replace("links_csv"[: len(name)].ljust(len(name), "_").encode(), name.encode())
    assert sent(running[1], spoilt).status_code == 400


def test_what_a_header_says_of_a_size_is_not_believed(running: tuple[Studio, httpx.Client], place: Path) -> None:
    content = bytearray(bundle(place / "case", bomb))
    real = (100 * 2**20).to_bytes(4, "little")
    assert content.count(real) >= 1
    refused = sent(running[1], bytes(content.replace(real, (10).to_bytes(4, "little"))))
    assert refused.status_code == 400, refused.text
    assert left_over(running[0]) == []


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\3\4" + b"\0" * 40, b"PK\5\6" + b"\0" * 18])
def test_what_is_no_archive_is_refused(running: tuple[Studio, httpx.Client], content: bytes) -> None:
    refused = sent(running[1], content)
    assert (refused.status_code, list(refused.json())) == (400, ["message"])


def test_an_archive_cut_short_or_spoilt_is_refused(running: tuple[Studio, httpx.Client], place: Path) -> None:
    content = bundle(place / "case")
    for spoilt in (content[:-30], content[:200], content[:60] + b"\xff" * 40 + content[100:]):
        assert sent(running[1], spoilt).status_code == 400
    assert left_over(running[0]) == []


def test_findings_are_those_of_check_and_name_no_path(
    running: tuple[Studio, httpx.Client], place: Path, tmp_path: Path
) -> None:
    studio, client = running
    folder = Path(shutil.copytree(place / "case", tmp_path / "case"))
    (folder / "places.csv").write_bytes((folder / "places.csv").read_text().encode("utf-16"))
    (folder / "links.csv").write_text((folder / "links.csv").read_text().replace("KZAAU", "NOWHERE"))
    refused = sent(client, bundle(folder))
    assert refused.status_code == 422
    with pytest.raises(ba.CaseError) as error:
        ba.load(folder)
    told = [(one["table"], one["row"], one["column"], one["rule"]) for one in refused.json()["findings"]]
    assert told == [(one.table, one.row, one.column, one.rule) for one in error.value.findings]
    assert ("places", 1, "", "not UTF-8 text (UTF-16)") in told
    assert str(studio.store.folder) not in refused.text
    assert left_over(studio) == []


def test_a_run_of_a_case_that_is_gone_names_no_path(running: tuple[Studio, httpx.Client], place: Path) -> None:
    studio, client = running
    taken = sent(client, bundle(place / "case")).json()["id"]
    key = client.post("/api/runs", json={"case": taken, "year": 2022}).json()["key"]
    client.delete(f"/api/cases/{taken}")
    answers = [client.get(f"/api/runs/{key}/{what}") for what in ("links", "through/sea", "files")]
    assert all(one.status_code in (200, 404, 422) for one in answers)
    assert not any(str(studio.store.folder) in one.text for one in answers if one.status_code != 200)
    assert client.post("/api/runs", json={"case": taken, "year": 2022}).status_code == 404


@pytest.mark.parametrize("sized", [True, False])
def test_more_than_may_be_is_refused_while_it_comes(running: tuple[Studio, httpx.Client], sized: bool) -> None:
    """200 MB, with and without saying so beforehand; the reason can be read."""
    edge = b'--x\r\nContent-Disposition: form-data; name="file"; filename="links.csv"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield edge
        for _ in range(200):
            yield b"0" * 2**20
        yield b"\r\n--x--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=x"}
    if sized:
        headers["content-length"] = str(len(edge) + 200 * 2**20 + 9)
    refused = running[1].post("/api/cases", content=body(), headers=headers)
    assert (refused.status_code, refused.json()) == (413, {"message": "more than 16 MB are not taken"})
    assert left_over(running[0]) == []


def test_a_body_of_json_is_limited_too(running: tuple[Studio, httpx.Client]) -> None:
    content = b'{"scenario": "' + b"x" * (10 * 2**20) + b'"}'
    refused = running[1].post("/api/scenarios", content=content, headers={"content-type": "application/json"})
    assert refused.status_code == 413


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (b"\xff\xfe{\0}\0", ""),
        (b"{", ""),
        (b"[" * 100_000, ""),
        (b'{"format": "bactrian-scenario-1", "nam": "x"}', "nam"),
    ],
)
def test_a_scenario_that_is_none_is_refused_with_findings(
    running: tuple[Studio, httpx.Client], content: bytes, column: str
) -> None:
    refused = running[1].post("/api/scenarios/upload", files={"file": ("../../x.json", content)})
    assert refused.status_code == 422
    assert column in [one["column"] for one in refused.json()["findings"]]


def test_a_form_without_a_file_is_refused(running: tuple[Studio, httpx.Client]) -> None:
    for path in ("/api/cases", "/api/scenarios/upload"):
        assert running[1].post(path, data={"file": "text"}).status_code == 422
        assert running[1].post(path, content=b"x", headers={"content-type": "multipart/form-data"}).status_code in (
            400,
            422,
        )

"""The verb that opens the studio: its address, its port, its token, and what it says when it cannot."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.cli import main
from bactrian.studio import serve
from studios import program


def test_a_library_that_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bactrian.studio.serve", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    answer = CliRunner().invoke(main, ["studio", "--no-browser"])
    assert (answer.exit_code, answer.stderr) == (2, "the studio needs uvicorn: pip install 'bactrian[studio]'\n")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        answer = CliRunner().invoke(main, ["studio", "--no-browser", "--port", port, "--store", str(tmp_path)])
    assert answer.exit_code == 2
    assert f"port {port}" in answer.stderr
    assert "--port" in answer.stderr


def test_a_free_port_is_taken_where_the_usual_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(serve, "PORT", other.getsockname()[1])
        with serve._door("127.0.0.1", None) as door:
            assert door.getsockname()[1] not in (0, other.getsockname()[1])


def test_a_faulty_case_is_told_and_nothing_is_opened(tmp_path: Path) -> None:
    answer = CliRunner().invoke(
        main, ["studio", str(tmp_path / "none"), "--no-browser", "--store", str(tmp_path / "store")]
    )
    assert answer.exit_code == 2
    assert "no such folder" in answer.stderr


def test_beyond_loopback_the_address_bears_a_token(small_corridor: ba.Case, place: Path, tmp_path: Path) -> None:
    with program(place / "case", tmp_path, "--host", "0.0.0.0") as (_, address):
        told = urlsplit(address)
        token = told.query.removeprefix("token=")
        assert len(token) >= 24
        base = f"http://127.0.0.1:{told.port}"
        assert httpx.get(f"{base}/api/cases").status_code == 401
        assert httpx.get(f"{base}/api/cases", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert httpx.get(f"{base}/", params={"token": token}).headers["set-cookie"]

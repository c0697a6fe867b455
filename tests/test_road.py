"""`bactrian assign` on a road network: Braess by hand, the published networks, and what is wrong with a folder."""

import csv
import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import bactrian as ba
from bactrian.cli import main
from bactrian.road import road_equilibrium

BENCH = Path(__file__).parents[2] / "shared" / "bench" / "tntp"

# the network of Braess (1968): 6 trips from 1 to 2 over 1-3-2, 1-4-2 and, by the link 3-4, 1-3-4-2
NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 5
<END OF METADATA>
~ init term capacity length free b power speed toll type ;
1 3 1 0 1e-8 1e9 1 0 0 1 ;
1 4 1 0 50 0.02 1 0 0 1 ;
3 2 1 0 50 0.02 1 0 0 1 ;
4 2 1 0 1e-8 1e9 1 0 0 1 ;
3 4 1 0 10 0.1 1 0 0 1 ;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 6
<END OF METADATA>
Origin 1
    2 : 6.0;
"""


@pytest.fixture
def braess(tmp_path: Path) -> Path:
    folder = tmp_path / "braess"
    folder.mkdir()
    (folder / "braess_net.tntp").write_text(NET)
    (folder / "braess_trips.tntp").write_text(TRIPS)
    return folder


def bactrian(*words: str, code: int = 0) -> Result:
    answer = CliRunner().invoke(main, ["assign", *words])
    assert answer.exit_code == code, answer.output
    assert "Traceback" not in answer.output
    return answer


def test_braess_and_his_paradox(braess: Path, tmp_path: Path) -> None:
    flows = tmp_path / "flows.csv"
    told = json.loads(bactrian(str(braess), "--gap", "1e-10", "--flows", str(flows), "--json").output)
    assert told["relative_gap"] <= 1e-10
    assert told["reached"]
    with flows.open(newline="") as file:
        rows = list(csv.DictReader(file))
    # 2 trips on each of the three ways: 40 + 52 = 92 minutes for all
    np.testing.assert_allclose([float(one["flow"]) for one in rows], [4, 2, 2, 4, 2], rtol=1e-6)
    np.testing.assert_allclose([float(one["time"]) for one in rows], [40, 52, 52, 40, 12], rtol=1e-6)
    assert told["total_time"] == pytest.approx(6 * 92, rel=1e-6)
    # without the link 3-4, 3 trips on each way: 30 + 53 = 83
    net = braess / "braess_net.tntp"
    net.write_text(NET.replace("<NUMBER OF LINKS> 5", "<NUMBER OF LINKS> 4").replace("3 4 1 0 10 0.1 1 0 0 1 ;\n", ""))
    assert road_equilibrium(braess, 1e-10).summary()["total_time"] == pytest.approx(6 * 83, rel=1e-6)


def test_distance_and_toll_count_at_their_factors(braess: Path) -> None:
    net = braess / "braess_net.tntp"
    net.write_text(NET.replace("3 4 1 0 10", "3 4 1 7 10").replace("1e9 1 0 0 1 ;\n1 4", "1e9 1 0 5 1 ;\n1 4"))
    free, paid = (road_equilibrium(braess, 1e-10, *factors) for factors in ((None, None), (2.0, 3.0)))
    times = paid.links["time"] - (paid.solved.time + 0)
    np.testing.assert_allclose(times, [15, 0, 0, 0, 14])
    assert free.links["flow"][4] > paid.links["flow"][4]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "braess_trips.tntp").unlink(), "trips"),
        (lambda folder: (folder / "braess_net.tntp").write_text(NET.replace("1 3 1 0", "1 9 1 0")), "line 7"),
        (lambda folder: (folder / "braess_net.tntp").write_text(NET.replace("1 4 1 0 50", "1 4 0 0 50")), "capacity"),
        (lambda folder: (folder / "braess_net.tntp").write_bytes(bytes(range(256)) * 9), "braess_net.tntp"),
        (lambda folder: (folder / "other_net.tntp").write_text(NET), "net"),
    ],
)
def test_a_faulty_folder_is_named(braess: Path, change: object, said: str) -> None:
    assert callable(change)
    change(braess)
    assert said in bactrian(str(braess), code=2).output


def test_legal_variants_read_the_same(braess: Path) -> None:
    expected = road_equilibrium(braess, 1e-10).solved.load
    variants = {
        "braess_trips.tntp": [
            TRIPS.replace("Origin 1\n", "origin 1; "),
            TRIPS.replace("Origin 1\n    2 : 6.0;", "Origin 1\t2 : 6.0"),
            TRIPS.replace("6.0", "6d0").replace("Origin 1\n", "Origin 1 ~ a comment\u2028 with a strange line end\n"),
        ],
        "braess_net.tntp": [
            NET.replace("\n", "\r\n"),
            NET.replace("<FIRST THRU NODE> 1", "<FIRST THRU NODE> 0"),
            NET.replace("1 0 0 1 ;", "1 - -0 1 ;").replace("-0", "0"),
        ],
    }
    for name, texts in variants.items():
        original = (braess / name).read_text()
        for text in texts:
            (braess / name).write_bytes(text.encode())
            np.testing.assert_allclose(road_equilibrium(braess, 1e-10).solved.load, expected, rtol=1e-6)
        (braess / name).write_text(original)
    (braess / "braess_net.tntp.gz").write_bytes(gzip.compress(NET.encode()))
    (braess / "braess_net.tntp").unlink()
    np.testing.assert_allclose(road_equilibrium(braess, 1e-10).solved.load, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("net", NET.replace("<NUMBER OF NODES> 4", "<NUMBER OF NODES> 10000000000000")),
        ("net", NET.replace("<NUMBER OF NODES> 4", "<NUMBER OF NODES> " + "9" * 5000)),
        ("net", NET.replace("1 4 1 0 50 0.02 1 0 0 1 ;", "1 4 1 0 50 0.02 1 0 0 1 ; 3 2 1 0 50 0.02 1 0 0 1 ;")),
        ("net", NET.replace("1 4 1 0 50", "1 4 1 0 5_0")),
        ("trips", TRIPS.replace("2 : 6.0", "2 : 1e308; 2 : 1e308")),
        ("trips", TRIPS.replace("2 : 6.0", "9" * 200_000)),
        ("trips", TRIPS.replace("2 : 6.0", "9" * 5000 + " : 6")),
    ],
)
def test_what_no_network_holds_is_a_finding(braess: Path, name: str, text: str) -> None:
    (braess / f"braess_{name}.tntp").write_text(text)
    assert f"braess_{name}.tntp" in bactrian(str(braess), code=2).output


@pytest.mark.parametrize(
    "words", [["--gap", "0"], ["--gap", "-1"], ["--gap", "nan"], ["--threads", "0"], ["--toll-factor", "-1"]]
)
def test_a_wish_without_sense_is_refused(braess: Path, words: list[str]) -> None:
    assert (
        "cannot" in bactrian(str(braess), *words, code=2).output
        or "must be" in bactrian(str(braess), *words, code=2).output
    )


def test_nothing_is_left_of_flows_that_cannot_be_written(braess: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "cannot be written" in bactrian(str(braess), "--flows", str(tmp_path / "file" / "x.csv"), code=2).output


def test_no_network_and_no_device_is_overwritten(braess: Path, tmp_path: Path) -> None:
    assert "name of a network" in bactrian(str(braess), "--flows", str(braess / "braess_net.tntp"), code=2).output
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "is not a file" in bactrian(str(braess), "--flows", str(pipe), code=2).output
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    bactrian(str(braess), "--flows", str(link))
    assert link.is_symlink()
    assert target.read_text().startswith("init_node")


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ba.CaseError):
        road_equilibrium(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "objective", "factors"),
    [
        ("SiouxFalls", 4231335.287107, ()),
        ("Anaheim", 1286032.171096, ()),
        ("Barcelona", 1265654.922032, ()),
        ("Winnipeg", 827911.494630, ()),
        ("ChicagoSketch", 17313018.74, (0.04, 0.02)),
    ],
)
def test_published_networks(name: str, objective: float, factors: tuple[float, ...]) -> None:
    if not BENCH.is_dir():
        pytest.skip("the benchmark networks are not beside this repository")
    road = road_equilibrium(BENCH / name, 1e-10, *factors)
    assert road.solved.gap <= 1e-10
    assert road.solved.objective == pytest.approx(objective, rel=1e-9)
    if name in ("Barcelona", "Winnipeg"):  # links of constant cost: flows are not unique
        return
    rows = [line.replace(";", " ").split() for line in (BENCH / name / f"{name}_flow.tntp").read_text().splitlines()]
    published = {(int(a), int(b)): float(c) for a, b, c, *_ in (row for row in rows if row and row[0].isdigit())}
    links = zip(road.links["init_node"], road.links["term_node"], strict=True)
    np.testing.assert_allclose(road.links["flow"], [published[link] for link in links], rtol=1e-3, atol=1e-3)

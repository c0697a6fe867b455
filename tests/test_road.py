"""`bactrian assign` on a road network: Braess by hand, the published networks, and what is wrong with a folder."""

import csv
import json
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

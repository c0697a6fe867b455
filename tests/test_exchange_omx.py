"""Demand and skims as OMX: there and back, as AequilibraE and openmatrix read them, and spoilt files."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bactrian as ba
from bactrian.cli import main
from bactrian.exchange import with_demand
from bactrian.formats import Matrices, omx, read_omx, write_omx
from random_cases import cases
from small import small_case

h5py = pytest.importorskip("h5py", reason="needs the extra formats: h5py")
TRADE = ["origin", "destination", "commodity", "year", "kt"]


@pytest.fixture
def case(tmp_path: Path) -> ba.Case:
    return small_case(
        tmp_path / "small",
        links=[{"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 20, "length_km": 300}],
        demand=[{"id": "there", "origin": "o", "destination": "d", "kt": 100 / 3}],
    )


def test_demand_comes_back_the_same(tmp_path: Path) -> None:
    case = ba.load("transcaspian")
    done = ba.write(case, tmp_path / "demand.omx")
    again = with_demand(case, done.path)
    assert again.table("demand").equals(case.table("demand"))
    empty = with_demand(case.with_({"demand": {row: {"kt": 0} for row in case.table("demand")["id"]}}), done.path)
    assert empty.table("demand")[TRADE].equals(case.table("demand")[TRADE])
    lost = {(one.table, one.column): one.rows for one in done.lost}
    assert lost[("links", "")] == len(case.table("links"))
    assert lost[("demand", "source")] == len(case.table("demand"))


@settings(max_examples=30, deadline=None)
@given(
    matrix=st.integers(1, 4).flatmap(
        lambda size: st.lists(st.lists(st.floats(width=64), min_size=size, max_size=size), min_size=size, max_size=size)
    )
)
def test_every_digit_of_a_matrix_is_kept(matrix: list[list[float]]) -> None:
    with TemporaryDirectory() as folder:
        told = Matrices(tuple(f"zone ä{number}" for number in range(len(matrix))), {"a": np.array(matrix)})
        write_omx(Path(folder, "a.omx"), told)
        again = read_omx(Path(folder, "a.omx"))
    assert again.zones == told.zones
    assert np.array_equal(again.matrices["a"], told.matrices["a"], equal_nan=True)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(case=cases())
def test_random_demand_comes_back_the_same(case: ba.Case) -> None:
    with TemporaryDirectory() as folder:
        done = ba.write(case, Path(folder, "demand.omx"))
        assert with_demand(case, done.path).table("demand").equals(case.table("demand"))


def test_skims_of_a_run(case: ba.Case, tmp_path: Path) -> None:
    ba.write(ba.run(case), tmp_path / "run.omx")
    told = read_omx(tmp_path / "run.omx")
    assert told.zones == ("o", "d")
    # 20 USD of price and 10 h at 1 USD/h
    assert told.matrices["cost_usd_goods"][0, 1] == pytest.approx(30)
    assert np.isnan(told.matrices["cost_usd_goods"][1, 0])
    assert (told.matrices["time_h_goods"][0, 1], told.matrices["km_goods"][0, 1]) == (pytest.approx(10), 300)
    assert told.matrices["carried_kt_goods"].tolist() == [[0, pytest.approx(100 / 3)], [0, 0]]
    assert (told.about["cost_usd_goods"]["unit"], told.about["kt_goods"]["year"]) == ("USD/t", "2021")


@pytest.mark.filterwarnings("ignore")  # of the peer
def test_openmatrix_and_aequilibrae_read_the_file(case: ba.Case, tmp_path: Path) -> None:
    openmatrix = pytest.importorskip("openmatrix", reason="needs the extra bench: openmatrix")
    matrix = pytest.importorskip("aequilibrae.matrix", reason="needs the extra bench: aequilibrae")
    path = ba.write(case, tmp_path / "demand.omx").path
    with openmatrix.open_file(str(path)) as file:
        assert (file.version(), file.shape(), file.list_matrices()) == (b"0.2", (2, 2), ["demand_goods_2021"])
        assert file.mapping("zone") == {1: 0, 2: 1}
        assert np.array(file["demand_goods_2021"]).tolist() == [[0, 100 / 3], [0, 0]]
    told = matrix.AequilibraeMatrix()
    told.load(str(path))
    told.set_index("zone")
    told.computational_view(["demand_goods_2021"])
    assert (told.zones, told.index.tolist()) == (2, [1, 2])
    assert told.matrix_view.tolist() == [[0, 100 / 3], [0, 0]]


@pytest.mark.filterwarnings("ignore")  # of the peer
def test_matrices_of_openmatrix_are_read(tmp_path: Path) -> None:
    openmatrix = pytest.importorskip("openmatrix", reason="needs the extra bench: openmatrix")
    with openmatrix.open_file(str(tmp_path / "a.omx"), "w") as file:
        file["car"] = np.array([[1.0, 2.0], [3.0, 4.0]])
        file.create_mapping("taz", [10, 20])
    told = read_omx(tmp_path / "a.omx", zones="taz")
    assert (told.zones, told.matrices["car"].tolist()) == (("10", "20"), [[1, 2], [3, 4]])
    assert read_omx(tmp_path / "a.omx").zones == ("1", "2")


def test_convert_takes_the_demand_of_a_file(tmp_path: Path, case: ba.Case) -> None:
    write_omx(tmp_path / "new.omx", Matrices(("o", "d"), {"demand_goods_2030": np.array([[0.0, 7.0], [np.nan, 0]])}))
    asked = ["convert", str(tmp_path / "small"), str(tmp_path / "mine"), "--demand", str(tmp_path / "new.omx")]
    assert CliRunner().invoke(main, asked).exit_code == 0
    assert ba.load(tmp_path / "mine").table("demand")[TRADE].to_numpy().tolist() == [
        ["o", "d", "goods", 2021, 100 / 3],
        ["o", "d", "goods", 2030, 7],
    ]


def edit(change: Callable[[Any], object]) -> Callable[[Path], object]:
    def spoil(path: Path) -> None:
        with h5py.File(path, "a") as file:
            change(file)

    return spoil


def replaced(name: str, **how: Any) -> Callable[[Path], object]:
    def change(file: Any) -> None:
        del file["data/demand_goods_2021"]
        file["data"].create_dataset(name, **how)

    return edit(change)


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:900]), "is not an OMX file"),
    "text": (lambda path: path.write_text("a,b"), "is not an OMX file"),
    "other HDF5": (edit(lambda file: file.attrs.pop("OMX_VERSION")), "is HDF5, but no OMX"),
    "elsewhere": (
        edit(lambda file: file["data"].__setitem__("x", h5py.ExternalLink("/etc/passwd", "/a"))),
        "lies in another file",
    ),
    "bytes of another file": (
        replaced("demand_goods_2021", shape=(2, 2), dtype="f8", external=[("/etc/hostname", 0, 32)]),
        "lies in another file",
    ),
    "oblong": (replaced("demand_goods_2021", shape=(2, 3), dtype="f8"), "is not square"),
    "words": (replaced("demand_goods_2021", data=np.array([[b"a"]])), "is not square and of numbers"),
    "huge": (replaced("demand_goods_2021", shape=(10**5, 10**5), chunks=True, dtype="f8"), "has more than"),
    "two sizes": (
        edit(lambda file: file["data"].create_dataset("b", shape=(3, 3), dtype="f8")),
        "have the sizes [2, 3]",
    ),
    "nameless": (replaced("trips", shape=(2, 2), dtype="f8"), "is not named after a commodity"),
    "another commodity": (replaced("demand_gold_2021", data=np.ones((2, 2))), "unknown id 'gold'"),
    "no tonnes": (replaced("demand_goods_2021", data=-np.ones((2, 2))), "must be between 0 and"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_spoilt_files_are_refused(case: ba.Case, tmp_path: Path, what: str) -> None:
    path = ba.write(case, tmp_path / "demand.omx").path
    spoil, rule = SPOILT[what]
    spoil(path)
    with pytest.raises(ba.CaseError, match=None) as caught:
        with_demand(case, path)
    assert rule in str(caught.value)


def test_no_case_is_read_from_matrices(case: ba.Case, tmp_path: Path) -> None:
    path = ba.write(case, tmp_path / "demand.omx").path
    with pytest.raises(ba.CaseError, match="no case can be read from the format omx"):
        ba.read(path)
    assert omx.read_omx is read_omx

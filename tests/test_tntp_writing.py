"""TNTP files that are written: read back the same, and read by the code that the test collection publishes."""

from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.formats import Tntp, read_tntp, write_tntp

NUMBERS = st.one_of(st.just(0.0), st.floats(1e-12, 1e12), st.integers(0, 10**6).map(float))


@st.composite
def networks(draw: st.DrawFn) -> Tntp:
    nodes = draw(st.integers(2, 6))
    zones = draw(st.integers(1, nodes))
    links = draw(st.integers(1, 8))

    def several(one: st.SearchStrategy[float], size: int) -> list[float]:
        return draw(st.lists(one, min_size=size, max_size=size))

    ends = st.integers(0, nodes - 1)
    pairs = draw(st.lists(st.tuples(*[st.integers(0, zones - 1)] * 2), unique=True, max_size=8))
    amount = several(st.floats(1e-9, 1e9), len(pairs))
    return Tntp(
        nodes=nodes,
        zones=zones,
        first_through=draw(st.integers(0, nodes)),
        tail=np.array(several(ends, links), dtype=np.int64),
        head=np.array(several(ends, links), dtype=np.int64),
        capacity=np.array(several(st.floats(1e-3, 1e9), links)),
        length=np.array(several(NUMBERS, links)),
        free=np.array(several(NUMBERS, links)),
        b=np.array(several(NUMBERS, links)),
        power=np.array(several(st.sampled_from([0.0, 1.0, 4.0, 4.5]), links)),
        toll=np.array(several(NUMBERS, links)),
        distance_factor=draw(NUMBERS),
        toll_factor=draw(NUMBERS),
        origin=np.array([one for one, _ in pairs], dtype=np.int64),
        destination=np.array([other for _, other in pairs], dtype=np.int64),
        amount=np.array(amount),
    )


@settings(max_examples=60, deadline=None)
@given(network=networks())
def test_every_digit_is_kept(network: Tntp) -> None:
    with TemporaryDirectory() as folder:
        write_tntp(network, Path(folder), "random")
        again = read_tntp(folder)
    trips = np.argsort(network.origin, kind="stable")
    for one in fields(Tntp):
        old, new = getattr(network, one.name), getattr(again, one.name)
        old = old[trips] if one.name in ("origin", "destination", "amount") else old
        assert np.array_equal(old, new), one.name


@pytest.fixture
def written(tmp_path: Path) -> Path:
    one, two = np.array([1.5, 2]), np.array([0.15, 0])
    network = Tntp(
        *(3, 2, 2),
        *(np.array([0, 2]), np.array([2, 1])),
        *(np.array([9000.0, 10]), one, one, two, np.array([4.0, 0]), np.array([7.0, 0])),
        *(0.04, 0.02),
        *(np.array([0, 1]), np.array([1, 0]), np.array([7.5, 3.25])),
    )
    write_tntp(network, tmp_path, "a")
    return tmp_path


def test_links_are_read_by_the_code_of_the_collection(written: Path) -> None:
    net = pd.read_csv(written / "a_net.tntp", skiprows=8, sep="\t")  # from its page on formats
    net.columns = [name.strip().lower() for name in net.columns]
    net = net.drop(["~", ";"], axis=1)
    assert net.columns.tolist()[:7] == ["init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power"]
    assert net[["init_node", "term_node", "capacity", "toll"]].to_numpy().tolist() == [[1, 3, 9000, 7], [3, 2, 10, 0]]


def test_trips_are_read_by_the_code_of_the_collection(written: Path) -> None:
    matrix: dict[int, dict[int, float]] = {}
    for block in (written / "a_trips.tntp").read_text().split("Origin")[1:]:
        origin, *lines = block.split("\n")
        cells = [cell.split(":") for line in lines for cell in line.split(";") if cell.strip()]
        matrix[int(origin)] = {int(zone): float(amount) for zone, amount in cells}
    assert matrix == {1: {2: 7.5}, 2: {1: 3.25}}

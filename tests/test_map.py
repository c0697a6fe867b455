"""The map: same bytes twice, names that do not collide, lines that keep to land or sea, and cases of any kind."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path as Outline

import bactrian as ba
from bactrian.draw.base import outlines
from bactrian.draw.labels import Label, Spot, along, around, place
from bactrian.draw.map import corridor_map, detail_extent
from bactrian.draw.paper import save_map
from bactrian.draw.projection import view_of_extent, view_of_places
from bactrian.draw.ribbons import Course, ribbons

SVG = "{http://www.w3.org/2000/svg}"
BOX = st.tuples(st.floats(2, 60), st.floats(2, 12), st.floats(-20, 320), st.floats(-20, 220), st.floats(-90, 90))


@pytest.fixture(scope="module")
def flows() -> ba.Flows:
    return ba.run("transcaspian", year=2021)


def texts(path: Path) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.parse(path).iter(f"{SVG}text")]


def case_of(
    places: list[tuple[str, float, float]],
    links: list[tuple[str, str, str, float]],
    name: str = "small",
    corridor: str = "Corridor",
    holds: bool = True,
) -> SimpleNamespace:
    """Flows of a small case: places (name, lon, lat) numbered from p0, links (from, to, mode, kt) from l0."""
    ids = [f"l{index}" for index in range(len(links))]
    modes = sorted({one[2] for one in links})
    tables = {
        "places": pd.DataFrame(
            [(f"p{index}", name, lon, lat, "seaport") for index, (name, lon, lat) in enumerate(places)],
            columns=["id", "name", "lon", "lat", "kind"],
        ),
        "modes": pd.DataFrame({"id": modes, "kind": [one.split("_")[0] for one in modes]}),
        "links": pd.DataFrame([one[:3] for one in links], columns=["from", "to", "mode"]).assign(id=ids, waypoints=""),
        "corridors": pd.DataFrame({"id": ["c"], "name": [corridor], "marks": ["l0"]}),
        "terminals": pd.DataFrame({"place": ["p0"]}),
    }
    case = SimpleNamespace(name=name, hash="0" * 64, table=lambda wanted: tables[wanted])
    kt = [one[3] for one in links]
    resources = pd.DataFrame({"table": "links", "row": ids, "capacity_kt": 1000.0})
    return SimpleNamespace(
        network=SimpleNamespace(case=case, year=2021),
        links=lambda: pd.DataFrame({"link": ids, "kt": kt, "utilisation": np.array(kt) / 1000}),
        by=lambda column: pd.DataFrame({"corridor": ["c"], "kt": [sum(kt)]}),
        resources=resources,
        pairs=pd.DataFrame({"kt": kt, "carried_kt": kt}),
        method="logit",
        certificate=SimpleNamespace(holds=holds),
    )


def test_same_bytes_twice_and_ports_as_text(flows: ba.Flows, tmp_path: Path) -> None:
    first = save_map(corridor_map(flows), tmp_path / "one")
    second = save_map(corridor_map(flows), tmp_path / "two")
    assert [path.name for path in first] == ["map.svg", "map.png"]
    assert all(one.read_bytes() == two.read_bytes() for one, two in zip(first, second, strict=True))
    assert not list(tmp_path.rglob("*.part"))
    assert b"metadata" not in first[0].read_bytes()
    assert int.from_bytes(first[1].read_bytes()[16:20], "big") == 2000
    names = texts(first[0])
    busy = {"Aktau", "Turkmenbashi", "Constanta", "Novorossiysk", "Port of Baku at Alat", "Urumqi"}
    assert busy <= set(names)
    assert {"KAZAKHSTAN", "TÜRKIYE", "Trans-Caspian", "Certificate holds"} <= set(names)
    assert len([one for one in names if one == "Aktau"]) == 1


def test_a_broken_certificate_is_told_in_red(tmp_path: Path) -> None:
    flows = case_of([("A", 50.0, 42.0), ("B", 53.0, 40.0)], [("p0", "p1", "rail", 10.0)], holds=False)
    svg = save_map(corridor_map(flows), tmp_path)[0].read_text(encoding="utf-8")
    assert re.search(r"fill: #c40000[^>]*>Certificate does not hold<", svg)


@pytest.mark.parametrize("name", ["$x^2$ & <b>", "pay $5", "\u202eright\u200f\x07 to left", "Türkiye Қазақстан", ""])
def test_hostile_names(name: str, tmp_path: Path) -> None:
    flows = case_of([(name, 50.0, 42.0), ("B", 53.0, 40.0)], [("p0", "p1", "rail", 10.0)], name=name, corridor=name)
    shown = texts(save_map(corridor_map(flows), tmp_path)[0])
    plain = name.translate({0x202E: None, 0x200F: None, 0x07: None})
    assert f"{plain}, 2021" in shown
    assert not any(chr(one) in text for text in shown for one in (0x202E, 0x200F, 0x07))


@pytest.mark.parametrize(
    "lon",
    [(50.0, 53.0), (179.0, -179.0), (-100.0, -90.0), (10.0, -170.0)],
    ids=["here", "date line", "west", "antipodes"],
)
@pytest.mark.parametrize("kt", [0.0, 25.0])
def test_small_cases_anywhere_with_or_without_flow(lon: tuple[float, float], kt: float, tmp_path: Path) -> None:
    places = [(f"Place {index}", lon[index % 2], 10.0 + index) for index in range(5)]
    links = [(f"p{index}", f"p{index + 1}", "deep_sea", kt) for index in range(4)]
    shown = texts(save_map(corridor_map(case_of(places, links)), tmp_path)[0])
    assert {f"Place {index}" for index in range(5)} <= set(shown)


def test_extent_zooms_and_crosses_the_date_line(flows: ba.Flows, tmp_path: Path) -> None:
    extent = detail_extent(flows.network.case)
    shown = texts(save_map(corridor_map(flows, title="Caspian", extent=extent), tmp_path)[0])
    assert {"Caspian", "Kuryk", "Aktau", "Amirabad", "Bandar-e Anzali", "Makhachkala"} <= set(shown)
    view = view_of_extent((170, -10, -170, 10), 600.0, (0.5, 1.0))
    assert view.holds(view.points(np.array([[180.0, 0.0], [175.0, 5.0], [0.0, 0.0]]))).tolist() == [True, True, False]


def test_far_places_of_little_weight_fall_outside() -> None:
    near = np.column_stack([np.linspace(45, 60, 30), np.linspace(36, 48, 30)])
    view = view_of_places(np.vstack([near, [[121.0, 31.0]]]), np.ones(31), 600.0, (0.5, 0.8))
    assert view.holds(view.points(near)).sum() >= 26
    assert not view.holds(view.points(np.array([[121.0, 31.0]])))[0]


def test_projection_keeps_areas() -> None:
    view = view_of_extent((0, 0, 90, 60), 600.0, (0.1, 2.0))
    cells = [(20.0, 10.0), (70.0, 55.0)]
    for lon, lat in cells:
        x, y = view.points(np.array([(lon, lat), (lon + 1, lat), (lon + 1, lat + 1), (lon, lat + 1)])).T
        area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2 / view.scale**2
        # area of a cell of one degree on a sphere of 6371 km
        truth = 6371**2 * np.radians(1) * (np.sin(np.radians(lat + 1)) - np.sin(np.radians(lat)))
        assert area == pytest.approx(truth, rel=2e-3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(BOX, min_size=1, max_size=4), max_size=14))
def test_no_two_labels_overlap_or_leave_the_frame(wanted: list[list[tuple[float, ...]]]) -> None:
    labels = [
        Label("x", spots[0][0], spots[0][1], tuple(Spot(x, y, angle) for _, _, x, y, angle in spots))
        for spots in wanted
    ]
    found = place(labels, (300.0, 200.0), np.empty((0, 3)))
    boxes = [label.corners([spot])[0] for label, spot in zip(labels, found, strict=True) if spot is not None]
    for index, one in enumerate(boxes):
        assert (one >= 0).all()
        assert (one <= (300, 200)).all()
        for other in boxes[:index]:
            assert not Outline(np.vstack([one, one[:1]])).intersects_path(Outline(np.vstack([other, other[:1]])))
            assert not Outline(one).contains_point(other.mean(axis=0))


def test_spots_beside_points_and_along_lines() -> None:
    assert all(abs(one.x - 50) >= 10 or abs(one.y - 50) >= 4 for one in around(50, 50, 20, 8, 2))
    assert {one.angle for one in along(np.array([[0.0, 0.0], [0.0, 100.0]]), 20, 8, 1)} <= {-90.0, 90.0}
    assert along(np.zeros((2, 2)), 20, 8, 1) == ()


def test_parallel_links_add_up_within_a_family_and_stand_apart_between_families() -> None:
    way = np.array([[50.0, 40.0], [51.0, 41.0], [52.0, 41.0]])
    feeder = Course("feeder", ("a", "b"), "sea", way, 30.0, 100.0)
    ro_ro = replace(feeder, link="ro_ro", lonlat=way[::-1], kt=60.0, capacity_kt=80.0)
    rail = Course("rail", ("a", "b"), "rail", way, 5.0, np.nan)
    branch = Course("branch", ("a", "c"), "sea", np.array([[50.0, 40.0], [51.0, 41.0], [51.0, 45.0]]), 10.0, 20.0)
    sea = [one for one in ribbons([feeder, ro_ro, rail]) if one.family == "sea"]
    assert [(one.kt, one.utilisation, one.links) for one in sea] == [(90.0, 0.5, ("feeder", "ro_ro"))]
    assert sorted(one.kt for one in ribbons([feeder, ro_ro, branch])) == [10.0, 90.0, 100.0]
    flows = case_of([("A", 50.0, 42.0), ("B", 53.0, 40.0)], [("p0", "p1", "rail", 10.0), ("p0", "p1", "road", 9.0)])
    axes = corridor_map(flows).axes[0]
    wide = [line for line in axes.lines if line.get_linewidth() > 5 and line.get_color() != "white"]
    assert len(wide) == 2
    apart = np.hypot(*(wide[0].get_xydata() - wide[1].get_xydata()).T)
    assert (apart >= (wide[0].get_linewidth() + wide[1].get_linewidth()) / 2).all()


def test_every_link_of_the_built_in_case_keeps_to_its_element() -> None:
    """Sea links keep to water and land links to land, but for stretches of 30 km that the outlines cannot tell.

    The Suez canal, the Elbe to Hamburg and the Volga to Astrakhan are waters that the outlines do not show.
    """
    case = ba.load("transcaspian")
    places = case.table("places").set_index("id")
    land = [
        Outline(np.array(polygon[0]))
        for feature in outlines()
        if feature["properties"]["kind"] == "country"
        for polygon in feature["geometry"]["coordinates"]
    ]
    inland = {"EGSUZ": 190.0, "DEHAM": 115.0, "RUASF": 75.0}
    for row in case.table("links").rename(columns={"from": "start"}).itertuples():
        if row.mode.startswith("pipeline"):
            continue
        ends = row.start, row.to
        bends = [[float(part) for part in bend.split()][::-1] for bend in row.waypoints.split(";") if bend.strip()]
        way = np.array([places.loc[ends[0], ["lon", "lat"]], *bends, places.loc[ends[1], ["lon", "lat"]]], dtype=float)
        steps = np.hypot(np.diff(way[:, 0]) * np.cos(np.radians(way[:-1, 1])), np.diff(way[:, 1])) * 111.2
        far = np.concatenate([[0.0], np.cumsum(steps)])
        at = np.arange(0.0, far[-1], 3.0)
        points = np.column_stack([np.interp(at, far, way[:, axis]) for axis in (0, 1)])
        on_land = np.zeros(len(at), dtype=bool)
        for one in land:
            box = one.get_extents()
            near = ((points >= box.min) & (points <= box.max)).all(axis=1)
            if near.any():
                on_land[near] |= one.contains_points(points[near])
        sea = row.mode not in ("rail", "road")
        wrong = on_land if sea else ~on_land
        wrong &= (at > inland.get(ends[0], 20.0)) & (at < far[-1] - inland.get(ends[1], 20.0))
        changes = np.flatnonzero(np.diff(np.concatenate([[0], wrong.astype(int), [0]])))
        longest = 3.0 * max((changes[1::2] - changes[::2]).tolist(), default=0)
        assert longest <= 30, f"{row.id} is {longest:.0f} km on the wrong side of the coast"


def test_a_place_that_would_lie_at_the_edge_is_within() -> None:
    middle = np.array([[36.0 + one, -1.0] for one in np.linspace(-4, 4, 30)])
    port = np.array([[39.3, -1.3]])  # beyond the last twenty-fourth of the weight, but within the margin
    view = view_of_places(np.vstack([middle, port]), np.ones(31), 600.0, (0.3, 0.8))
    x, y = view.points(port)[0]
    assert 0.03 * view.height < y < view.height
    assert 0 < x < view.width
    far = view_of_places(np.vstack([middle, [[60.0, -30.0]]]), np.ones(31), 600.0, (0.3, 0.8))
    assert far.points(np.array([[60.0, -30.0]]))[0, 1] < 0

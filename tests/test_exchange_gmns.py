"""Cases as GMNS: what AequilibraE makes of the files, and what is made of files of others."""

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import bactrian as ba
from small import small_case

LINKS = [
    {"id": "rail", "from": "A", "to": "B", "length_km": 300, "time_h": 6, "waypoints": "1 0.25; -0.5 0.75"},
    {"id": "pipe", "from": "B", "to": "C", "mode": "pipeline_oil"},
]
PLACES = [{"id": "A"}, {"id": "B", "lon": 1}, {"id": "C", "lat": 2}]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def put(path: Path, table: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def test_columns_are_those_of_the_standard(tmp_path: Path) -> None:
    case = small_case(tmp_path / "small", links=LINKS, places=PLACES)
    written = ba.write(case, tmp_path / "gmns", "gmns").path
    rail, pipe = rows(written / "link.csv")
    wanted = {"link_id": "1", "name": "rail", "from_node_id": "1", "to_node_id": "2", "directed": "0"}
    assert {name: rail[name] for name in wanted} == wanted
    assert (rail["length"], rail["free_speed"], rail["facility_type"], rail["allowed_uses"]) == (
        *("300", "50"),
        *("rail", "RAIL"),
    )
    assert rail["geometry"] == "LINESTRING (0.0 0.0, 0.25 1.0, 0.75 -0.5, 1.0 0.0)"
    assert pipe["directed"] == "1"
    node = rows(written / "node.csv")[1]
    assert (node["node_id"], node["x_coord"], node["y_coord"], node["freight_id"]) == ("2", "1", "0", "B")
    assert rows(written / "config.csv")[0]["version_number"] == "0.96"
    # required by node.schema.json, link.schema.json and use_definition.schema.json of the specification
    for file, needed in {
        "node": ["node_id", "x_coord", "y_coord"],
        "link": ["link_id", "from_node_id", "to_node_id", "directed"],
        "zone": ["zone_id"],
        "use_definition": ["use", "persons_per_vehicle", "pce"],
        "use_group": ["use_group", "uses"],
    }.items():
        assert all(row[name] for row in rows(written / f"{file}.csv") for name in needed)


class Fields:
    """The columns of a table of AequilibraE's project: they take whatever is added."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def all_fields(self) -> list[str]:
        return self.names

    def add(self, name: str, **about: str) -> None:
        self.names.append(name)

    def save(self) -> None:
        pass


def bare_network(folder: Path) -> Any:
    """What AequilibraE's reader of GMNS wants of a project, which itself needs SpatiaLite."""
    project = folder / "project.sqlite"
    with closing(sqlite3.connect(project)) as connection, connection:
        connection.execute("create table modes (mode_name text, mode_id text)")

    def new(letter: str) -> Any:
        return SimpleNamespace(save=lambda: None)

    return SimpleNamespace(
        links=SimpleNamespace(fields=Fields()),
        nodes=SimpleNamespace(fields=Fields()),
        link_types=SimpleNamespace(all_types=list, new=new),
        modes=SimpleNamespace(new=new, add=lambda mode: None),
        project=SimpleNamespace(path_to_file=project),
    )


@pytest.mark.filterwarnings("ignore")  # of the peer
def test_aequilibrae_reads_the_files(tmp_path: Path) -> None:
    reader = pytest.importorskip(
        "aequilibrae.project.network.gmns_builder", reason="needs the extra bench: aequilibrae"
    )
    case = ba.load("transcaspian")
    written = ba.write(case, tmp_path / "gmns", "gmns").path
    made: dict[str, pd.DataFrame] = {}

    class Reader(reader.GMNSBuilder):  # type: ignore[misc, name-defined]
        def save_to_database(self, links: dict[str, Any], nodes: dict[str, Any]) -> None:
            made["links"], made["nodes"] = pd.DataFrame(links), pd.DataFrame(nodes)

    files = [str(written / f"{name}.csv") for name in ("link", "node", "use_group")]
    Reader(bare_network(tmp_path), *files).doWork()
    ours, links = case.table("links").set_index("id"), made["links"].set_index("name")
    pairs = {frozenset(pair) for pair in zip(ours["from"], ours["to"], strict=True)}
    assert len(made["nodes"]) == len(case.table("places"))
    assert len(links) == len(pairs)  # AequilibraE keeps one link between two nodes
    kept = ours.loc[links.index]
    assert links["link_type"].tolist() == kept["mode"].tolist()
    assert links["length"].astype(float).tolist() == kept["length_km"].tolist()
    speed = (kept["length_km"] / kept["time_h"]).tolist()
    assert links["speed_ab"].astype(float).tolist() == pytest.approx(speed)
    assert links.groupby("link_type")["modes"].nunique().max() == 1


def plain(folder: Path, tmp_path: Path) -> Path:
    """A network as other programs write it, with the tables of freight that a case needs beside."""
    case = small_case(tmp_path / "small", links=LINKS[:1])
    ba.write(case, folder, "gmns")
    put(
        folder / "node.csv",
        [
            {"node_id": 7, "x_coord": 0, "y_coord": 0, "z_coord": 3, "freight_country": "X"},
            {"node_id": 8, "x_coord": 1, "y_coord": 0, "z_coord": 3, "freight_country": "Y"},
        ],
    )
    link = {"link_id": 7, "name": "Main street", "from_node_id": 7, "to_node_id": 8, "directed": 0, "length": 120}
    put(
        folder / "link.csv",
        [
            {**link, "free_speed": 60, "facility_type": "road", "geometry": "LINESTRING(0 0, 0.5 0.25, 1 0)"}
            | {"freight_usd_per_t": 5, "lanes": 2}
        ],
    )
    access = rows(folder / "freight_access.csv")
    put(folder / "freight_access.csv", [{**row, "place": "n7" if row["zone"] == "o" else "n8"} for row in access])
    return folder


def test_networks_of_others_are_read(tmp_path: Path) -> None:
    case = ba.read(plain(tmp_path / "gmns", tmp_path))
    link = case.table("links").iloc[0]
    assert (link["id"], link["from"], link["to"], link["mode"], link["status"]) == (
        "l7",
        "n7",
        "n8",
        "road",
        "existing",
    )
    assert (link["time_h"], link["waypoints"], link["quality"], link["source"]) == (
        *(2.0, "0.25 0.5"),
        *("assumption", "gmns"),
    )
    assert case.table("places")["country"].tolist() == ["X", "Y"]
    assert ba.run(case).ways["kt"].sum() == pytest.approx(100)


def test_what_a_network_of_others_lacks_is_told(tmp_path: Path) -> None:
    folder = plain(tmp_path / "gmns", tmp_path)
    (folder / "freight_demand.csv").unlink()
    link = {**rows(folder / "link.csv")[0], "free_speed": "", "to_node_id": "9"}
    put(folder / "link.csv", [link, {**link, "link_id": 8, "freight_usd_per_t": "much"}])
    with pytest.raises(ba.CaseError) as caught:
        ba.read(folder)
    found = {(one.table, one.row, one.column) for one in caught.value.findings}
    assert found >= {("demand", 0, ""), ("links", 2, "time_h"), ("links", 2, "to"), ("links", 3, "usd_per_t")}


def test_units_of_networks_of_others(tmp_path: Path) -> None:
    folder = plain(tmp_path / "gmns", tmp_path)
    put(folder / "config.csv", [{"long_length": "miles", "speed": "mph"}])
    link = ba.read(folder).table("links").iloc[0]
    assert (link["length_km"], link["time_h"]) == (pytest.approx(120 * 1.609344), pytest.approx(2))
    put(folder / "config.csv", [{"long_length": "verst", "speed": "mph"}])
    with pytest.raises(ba.CaseError, match="config, line 2, column long_length: unknown unit 'verst'"):
        ba.read(folder)


def test_ids_with_blanks_and_empty_names_of_others(tmp_path: Path) -> None:
    folder = plain(tmp_path / "gmns", tmp_path)
    put(folder / "link.csv", [{**rows(folder / "link.csv")[0], "link_id": "1 7/b"}])
    put(folder / "node.csv", [{**row, "name": "", "node_type": ""} for row in rows(folder / "node.csv")])
    case = ba.read(folder)
    assert case.table("links")["id"].tolist() == ["l1-7-b"]
    assert case.table("places")["name"].tolist() == ["n7", "n8"]
    assert case.table("places")["kind"].tolist() == ["node", "node"]


def test_two_nodes_of_one_number_are_refused(tmp_path: Path) -> None:
    folder = ba.write(small_case(tmp_path / "small", links=LINKS[:1]), tmp_path / "gmns", "gmns").path
    put(folder / "node.csv", [{**row, "node_id": 1} for row in rows(folder / "node.csv")])
    with pytest.raises(ba.CaseError, match="places, line 3, column node_id: duplicate id"):
        ba.read(folder)


@pytest.mark.parametrize("content", ["", "\x00\xff", '"', "a;b\n"])
def test_spoilt_files_are_refused(tmp_path: Path, content: str) -> None:
    folder = plain(tmp_path / "gmns", tmp_path)
    for name in ("link.csv", "node.csv"):
        (folder / name).write_text(content, encoding="latin-1")
        with pytest.raises(ba.CaseError) as caught:
            ba.read(folder)
        assert all(one.rule and one.remedy for one in caught.value.findings)

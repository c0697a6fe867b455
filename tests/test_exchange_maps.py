"""Cases and runs as GeoPackage, Parquet and GeoParquet: as geopandas and pyarrow read them, and spoilt files."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import fastparquet
import numpy as np
import pandas as pd
import pytest

import bactrian as ba
from bactrian.case import TABLES
from bactrian.exchange.shapes import of_wkb
from small import small_case

geopandas = pytest.importorskip("geopandas", reason="needs the extra test: geopandas")
pyogrio = pytest.importorskip("pyogrio", reason="needs the extra test: pyogrio")

LINKS = [
    {"id": "rail", "from": "A", "to": "B", "waypoints": "1 0.25; -0.5 0.75", "usd_per_t": 10, "capacity_kt": 200},
    {"id": "road", "from": "A", "to": "B", "mode": "road"},
]


@pytest.fixture(scope="module")
def built_in() -> ba.Case:
    return ba.load("transcaspian")


@pytest.fixture
def case(tmp_path: Path) -> ba.Case:
    return small_case(tmp_path / "small", links=LINKS)


@pytest.mark.filterwarnings("ignore")  # of the peer
def test_geopandas_sees_the_layers_of_a_case(built_in: ba.Case, tmp_path: Path) -> None:
    path = ba.write(built_in, tmp_path / "case.gpkg").path
    layers = dict(pyogrio.list_layers(path))
    assert set(layers) == set(TABLES)
    assert {name for name, kind in layers.items() if kind} == {"places", "links", "terminals"}
    places, links = (geopandas.read_file(path, layer=name) for name in ("places", "links"))
    assert places.crs.to_epsg() == 4326
    ours = built_in.table("places")
    assert (places.geometry.x.tolist(), places.geometry.y.tolist()) == (ours["lon"].tolist(), ours["lat"].tolist())
    assert links["id"].tolist() == built_in.table("links")["id"].tolist()
    assert np.array_equal(links["capacity_kt"], built_in.table("links")["capacity_kt"], equal_nan=True)
    assert set(links.geom_type) == {"LineString"}
    assert links.is_valid.all()


@pytest.mark.filterwarnings("ignore")  # of the peer
def test_bends_are_drawn(case: ba.Case, tmp_path: Path) -> None:
    wanted = [(0, 0), (0.25, 1), (0.75, -0.5), (1, 0)]  # longitude, latitude
    path = ba.write(case, tmp_path / "case.gpkg").path
    assert list(geopandas.read_file(path, layer="links").geometry[0].coords) == wanted


@pytest.mark.filterwarnings("ignore")  # of the peer
def test_a_geopackage_that_another_program_wrote_is_read(case: ba.Case, tmp_path: Path) -> None:
    ours, theirs = ba.write(case, tmp_path / "case.gpkg").path, tmp_path / "theirs.gpkg"
    for name, kind in pyogrio.list_layers(ours):
        table = pyogrio.read_dataframe(ours, layer=name, read_geometry=bool(kind))
        if len(table):
            pyogrio.write_dataframe(table, theirs, layer=name, driver="GPKG")
    assert ba.read(theirs).hash == case.hash


@pytest.mark.filterwarnings("ignore")  # of the peer
@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_the_links_of_a_run_are_a_layer(case: ba.Case, tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="needs the extra bench: pyarrow")
    flows = ba.run(case)
    done = ba.write(flows, tmp_path / f"run{suffix}")
    if suffix == ".gpkg":
        links = geopandas.read_file(done.path, layer="link_flows")
        assert {name for name, _ in pyogrio.list_layers(done.path)} == {
            *("link_flows", "pairs", "ways"),
            *("resources", "corridor_flows"),
        }
        assert pyogrio.read_dataframe(done.path, layer="ways", read_geometry=False)["kt"].sum() == pytest.approx(100)
    else:
        links = geopandas.read_parquet(done.path)
        assert {one.table for one in done.lost} == {"pairs", "ways", "resources", "corridor_flows"}
    assert links.crs.to_epsg() in (4326, None)
    assert links.crs.is_geographic
    told = links.set_index("id")
    assert told["kt"].sum() == pytest.approx(100)
    assert told.loc["rail", "utilisation"] == pytest.approx(told.loc["rail", "kt"] / 200)
    assert len(told.loc["rail", "geometry"].coords) == 4


@pytest.mark.filterwarnings("ignore")  # of the peer
def test_geopandas_and_pandas_read_parquet(built_in: ba.Case, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the extra bench: pyarrow")
    folder = ba.write(built_in, tmp_path / "case", "parquet").path
    links = geopandas.read_parquet(folder / "links.parquet")
    assert links.crs.is_geographic
    assert len(links.geometry.iloc[0].coords) >= 2
    assert pd.read_parquet(folder / "demand.parquet", engine="pyarrow")["kt"].sum() == pytest.approx(
        built_in.table("demand")["kt"].sum()
    )
    with (folder / "places.parquet").open("rb") as file:
        about = json.loads(fastparquet.ParquetFile(file).key_value_metadata["geo"])
    assert (about["version"], about["columns"]["geometry"]["geometry_types"]) == ("1.1.0", ["Point"])


def sql(*statements: str) -> Callable[[Path], object]:
    def spoil(path: Path) -> None:
        with closing(sqlite3.connect(path)) as base, base:
            for one in statements:
                base.execute(one)

    return spoil


SPOILT: dict[str, tuple[Callable[[Path], object], str, int, str, str]] = {
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:5000]), "case.gpkg", 0, "", "is not a GeoPackage"),
    "text": (lambda path: path.write_text("a,b\n" * 99), "case.gpkg", 0, "", "is not a GeoPackage"),
    "empty": (lambda path: path.write_bytes(b""), "case.gpkg", 0, "", "is not a GeoPackage"),
    "other SQLite": (sql("DROP TABLE gpkg_contents"), "case.gpkg", 0, "", "is not a GeoPackage"),
    "no table": (sql("DELETE FROM gpkg_contents"), "case.gpkg", 0, "", "holds no table of a case"),
    "near name": (
        sql(
            "ALTER TABLE terminals RENAME TO terminal",
            "UPDATE gpkg_contents SET table_name = replace(table_name, 'terminals', 'terminal')",
        ),
        *("terminal", 0, "", "no such table, and a layer terminals is missing"),
    ),
    "a view that never ends": (
        sql(
            "DROP TABLE demand",
            "CREATE VIEW demand AS WITH RECURSIVE a(b) AS (SELECT 1 UNION ALL SELECT b + 1 FROM a) SELECT b FROM a",
        ),
        *("demand", 0, "", "the table is missing"),
    ),
    "wrong type": (sql("UPDATE links SET length_km = 'far'"), "links", 2, "length_km", "not a number"),
    "binary": (sql("UPDATE links SET length_km = x'00'"), "links", 2, "length_km", "binary"),
    "unknown column": (sql("ALTER TABLE links ADD COLUMN colour TEXT"), "links", 1, "colour", "unknown column"),
    "moved place": (sql("UPDATE places SET lat = 5 WHERE id = 'A'"), "places", 2, "geom", "lies elsewhere than its"),
    "new bends": (sql("UPDATE links SET waypoints = NULL"), "links", 2, "geom", "lies elsewhere than its columns say"),
    "no geometry": (sql("UPDATE places SET geom = x'47500001'"), "places", 2, "geom", "lies elsewhere than its"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_spoilt_geopackages_are_refused(case: ba.Case, tmp_path: Path, what: str) -> None:
    path = ba.write(case, tmp_path / "case.gpkg").path
    spoil, table, line, column, rule = SPOILT[what]
    spoil(path)
    with pytest.raises(ba.CaseError) as caught:
        ba.read(path)
    found = caught.value.findings
    assert any((one.table, one.row, one.column) == (table, line, column) and rule in one.rule for one in found)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def table_of(path: Path) -> pd.DataFrame:
    with path.open("rb") as file:
        return fastparquet.ParquetFile(file).to_pandas()


def without_length(path: Path) -> None:
    fastparquet.write(str(path), table_of(path).drop(columns="length_km"))


def words(path: Path) -> None:
    table = table_of(path).drop(columns="geometry")
    fastparquet.write(str(path), table.assign(length_km="far").astype({"length_km": object}), object_encoding="utf8")


@pytest.mark.parametrize(
    ("spoil", "table", "column", "rule"),
    [
        (cut, "links.parquet", "", "is not a Parquet file"),
        (lambda path: path.write_bytes(b""), "links.parquet", "", "is not a Parquet file"),
        (lambda path: path.write_bytes(b"PAR1" * 50), "links.parquet", "", "is not a Parquet file"),
        (without_length, "links", "length_km", "missing column"),
        (words, "links", "length_km", "not a number"),
        (Path.unlink, "links", "", "the table is missing"),
    ],
)
def test_spoilt_parquet_is_refused(
    case: ba.Case, tmp_path: Path, spoil: Callable[[Path], Any], table: str, column: str, rule: str
) -> None:
    folder = ba.write(case, tmp_path / "case", "parquet").path
    spoil(folder / "links.parquet")
    with pytest.raises(ba.CaseError) as caught:
        ba.read(folder)
    assert any((one.table, one.column) == (table, column) and rule in one.rule for one in caught.value.findings)


def test_binary_shapes_with_heights_and_in_either_order_are_understood() -> None:
    # ISO and EWKB points (1 2 3), and a big-endian line, as PostGIS writes them
    assert of_wkb(bytes.fromhex("01e9030000000000000000f03f00000000000000400000000000000840")) == ((1, 2),)
    assert of_wkb(bytes.fromhex("0101000080000000000000f03f00000000000000400000000000000840")) == ((1, 2),)
    line = "000000000200000002" + "3ff0000000000000" * 2 + "4000000000000000" * 2
    assert of_wkb(bytes.fromhex(line)) == ((1, 1), (2, 2))
    for wrong in ("", "01", "0103000000", "0101000000", "01020000" + "ff" * 5):
        with pytest.raises(ValueError, match="not a whole point"):
            of_wkb(bytes.fromhex(wrong))

"""Runs as cubes: by hand, and as xarray reads the file."""

import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import bactrian as ba
from bactrian.cli import main
from small import small_case

xarray = pytest.importorskip("xarray", reason="needs the extra formats: xarray")


@pytest.fixture
def flows(tmp_path: Path) -> ba.Flows:
    return ba.run(
        small_case(
            tmp_path / "<small>",
            commodities=[{"id": "boxes", "form": "container", "t_per_teu": 10}, {"id": "goods"}],
            links=[
                {"id": "rail", "from": "A", "to": "B", "time_h": 10, "usd_per_t": 20, "usd_per_teu": 200},
                {"id": "road", "from": "A", "to": "B", "mode": "road", "time_h": 10, "length_km": 300, "usd_per_t": 20},
            ],
            demand=[
                {"id": "loose", "origin": "o", "destination": "d", "kt": 100},
                {"id": "boxed", "origin": "o", "destination": "d", "commodity": "boxes", "kt": 50},
            ],
        )
    )


def test_a_cube_has_labels_units_and_the_figures_of_all_pairs(flows: ba.Flows) -> None:
    cube = flows.cube()
    assert dict(cube.sizes) == {"commodity": 2, "origin": 2, "destination": 2}
    goods = cube.sel(commodity="goods", origin="o", destination="d")
    # both ways cost 20 USD and take 10 h at 1 USD/h, so each carries a half: 100 and 300 km
    assert float(goods["carried_kt"]) == pytest.approx(100)
    assert float(goods["km"]) == pytest.approx(200)
    assert float(goods["time_h"]) == pytest.approx(10)
    assert float(goods["usd"]) == pytest.approx(20)
    assert float(goods["cost_usd"]) == pytest.approx(30)
    assert float(goods["composite_usd"]) == pytest.approx(30 - np.log(2) / 0.1)
    assert float(cube["teu"].sel(commodity="boxes").sum()) == pytest.approx(5000)
    assert float(cube["kt"].sum()) == 150
    back = cube.sel(commodity="goods", origin="d", destination="o")
    assert float(back["kt"]) == 0
    assert np.isnan(float(back["cost_usd"]))
    assert {name: cube[name].attrs["units"] for name in ("kt", "teu", "cost_usd", "time_h")} == {
        **{"kt": "kt/yr", "teu": "TEU/yr"},
        **{"cost_usd": "USD/t", "time_h": "h"},
    }
    assert (cube.attrs["year"], cube.attrs["certificate"]) == (2021, "holds")


def test_the_file_is_read_by_xarray_as_it_was(flows: ba.Flows, tmp_path: Path) -> None:
    pytest.importorskip("h5netcdf", reason="needs the extra formats: h5netcdf")
    done = ba.write(flows, tmp_path / "run.nc")
    with xarray.open_dataset(done.path, engine="h5netcdf") as cube:
        xarray.testing.assert_identical(cube.load(), flows.cube())
    assert {one.table for one in done.lost} == {"link_flows", "ways"}  # no resources have a capacity here


def test_convert_runs_the_case_first(tmp_path: Path) -> None:
    pytest.importorskip("h5netcdf", reason="needs the extra formats: h5netcdf")
    told = CliRunner().invoke(main, ["convert", "transcaspian", str(tmp_path / "run.nc"), "--year", "2021"])
    assert told.exit_code == 0, told.output
    assert "netCDF 4" in told.output
    flows = ba.run("transcaspian", 2021)
    with xarray.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as cube:
        assert float(cube["carried_kt"].sum()) == pytest.approx(flows.ways["kt"].sum())
        assert cube.attrs["case_hash"] == ba.load("transcaspian").hash


def test_a_cube_without_xarray_names_the_command(flows: ba.Flows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ba.LibraryError, match=r"pip install 'bactrian\[formats\]'"):
        flows.cube()


def test_notebooks_show_tables_and_no_markup_of_others(flows: ba.Flows) -> None:
    case = flows.network.case
    assert "&lt;small&gt;, content" in case._repr_html_()
    assert "&lt;small&gt;, 2021, logit: the certificate holds" in flows._repr_html_()
    assert "<table" in case._repr_html_()
    assert "<small>" not in case._repr_html_() + flows._repr_html_()

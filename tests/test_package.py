import json
import shutil
from pathlib import Path

from frictionless import validate

import bactrian as ba
from bactrian.case import TABLES, schema
from bactrian.case.package import descriptor, write_descriptor

BUILT_IN = Path(ba.__file__).parent / "cases" / "transcaspian"


def field(table: str, column: str) -> dict[str, object]:
    resource = next(one for one in descriptor("any")["resources"] if one["name"] == table)
    return next(one for one in resource["schema"]["fields"] if one["name"] == column)


def test_the_built_in_descriptor_is_up_to_date(tmp_path: Path) -> None:
    write_descriptor(tmp_path, "transcaspian")
    written = (BUILT_IN / "datapackage.json").read_text(encoding="utf-8")
    assert written == (tmp_path / "datapackage.json").read_text(encoding="utf-8"), "run scripts/refresh_case.py"
    assert json.loads(written) == descriptor("transcaspian")


def test_every_table_and_column_is_described() -> None:
    resources = descriptor("any")["resources"]
    assert [one["path"] for one in resources] == [f"{table}.csv" for table in TABLES]
    for resource in resources:
        names = [one["name"] for one in resource["schema"]["fields"]]
        assert names == [column.column for column in schema(resource["name"])]
        header = (BUILT_IN / resource["path"]).read_text(encoding="utf-8").splitlines()[0]
        assert header == ",".join(names)


def test_types_units_and_rules_are_carried_over() -> None:
    assert field("links", "opens")["type"] == "year"
    assert field("events", "begins")["type"] == "date"
    assert field("links", "capacity_kt")["unit"] == "kt/yr"
    assert field("links", "length_km")["constraints"] == {"required": True, "minimum": 0}
    assert field("places", "lat")["constraints"] == {"required": True, "minimum": -90, "maximum": 90}
    assert field("quotes", "seen")["constraints"] == {"required": True, "enum": ["yes", "no"]}
    assert field("links", "id")["constraints"] == {"required": True, "unique": True, "pattern": r"[^\s/]{1,100}"}
    assert field("quotes", "price_unit")["constraints"] == {"enum": ["teu", "feu", "t"]}
    assert "empty means 12" in str(field("commodities", "t_per_teu")["description"])


def test_frictionless_finds_the_case_valid_and_a_spoilt_one_not(tmp_path: Path) -> None:
    assert validate(str(BUILT_IN / "datapackage.json")).valid
    folder = Path(shutil.copytree(BUILT_IN, tmp_path / "mine"))
    places = (folder / "places.csv").read_text(encoding="utf-8")
    (folder / "places.csv").write_text(places.replace(",CHN,", ",Nowhere,", 1), encoding="utf-8")
    assert not validate(str(folder / "datapackage.json")).valid

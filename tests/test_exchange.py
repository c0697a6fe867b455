"""Cases in the formats of other tools: the two doors, the folder and Excel; other formats have files of their own."""

import json
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result
from frictionless import validate
from hypothesis import HealthCheck, given, settings

import bactrian as ba
from bactrian.case import TABLES, schema
from bactrian.cli import main
from bactrian.exchange import FORMATS, excel
from bactrian.formats import outside
from random_cases import cases
from small import small_case

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra formats: openpyxl")

EXACT = [name for name, one in FORMATS.items() if one.exact]
RAIL = [{"id": "rail", "from": "A", "to": "B"}]


@pytest.fixture(scope="module")
def built_in() -> ba.Case:
    return ba.load("transcaspian")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook of a small case, to be spoilt."""
    return ba.write(small_case(tmp_path / "small", links=RAIL), tmp_path / "book.xlsx").path


def target(folder: str | Path, format: str) -> Path:
    return Path(folder) / f"thing{FORMATS[format].suffix}"


def findings(path: Path, format: str | None = None) -> list[ba.Finding]:
    with pytest.raises(ba.CaseError) as caught:
        ba.read(path, format)
    assert all(one.table and one.rule and one.remedy for one in caught.value.findings)
    return list(caught.value.findings)


def run(*arguments: str | Path) -> Result:
    answer = CliRunner().invoke(main, [*map(str, arguments), "--json"])
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    return answer


@pytest.mark.parametrize("format", EXACT)
def test_the_built_in_case_comes_back_the_same(built_in: ba.Case, tmp_path: Path, format: str) -> None:
    done = ba.write(built_in, target(tmp_path, format), format)
    assert (done.lost, done.hash) == ((), built_in.hash)
    assert ba.read(done.path).hash == built_in.hash  # the format is told by suffix or content
    assert [path.name for path in tmp_path.iterdir()] == [done.path.name]


@pytest.mark.parametrize("format", EXACT)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(case=cases())
def test_random_cases_come_back_the_same(format: str, case: ba.Case) -> None:
    with TemporaryDirectory() as folder:
        done = ba.write(case, target(folder, format), format)
        assert done.lost == ()
        assert ba.read(done.path).hash == case.hash


def test_a_folder_written_is_a_valid_data_package(tmp_path: Path) -> None:
    case = small_case(tmp_path / "small", links=RAIL, terminals=[])
    done = ba.write(case, tmp_path / "package")
    assert sorted(path.name for path in done.path.iterdir()) == sorted(
        ["datapackage.json", *(f"{name}.csv" for name in TABLES)]
    )
    assert validate(str(done.path / "datapackage.json")).valid


def test_a_workbook_is_what_openpyxl_says_it_is(built_in: ba.Case, tmp_path: Path) -> None:
    done = ba.write(built_in, tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(done.path)
    assert book.sheetnames == ["_columns", *TABLES]
    assert [cell.value for cell in book["links"][1]] == [column.column for column in schema("links")]
    links = built_in.table("links")
    assert book["links"]["E2"].value == links.loc[0, "length_km"]
    assert {cell.data_type for cell in book["links"]["E"][1:]} == {"n"}
    assert not [cell.coordinate for sheet in book for row in sheet for cell in row if cell.data_type == "f"]


def test_a_run_as_a_workbook(tmp_path: Path) -> None:
    case = small_case(tmp_path / "small", links=[{**RAIL[0], "capacity_kt": 400}])
    done = ba.write(ba.run(case), tmp_path / "run.xlsx")
    book = openpyxl.load_workbook(done.path)
    assert book.sheetnames == ["pairs", "ways", "resources", "corridor_flows", "link_flows"]
    header, row = ([cell.value for cell in line] for line in book["link_flows"])
    told = dict(zip(header, row, strict=True))
    assert (told["id"], told["kt"], told["utilisation"]) == ("rail", pytest.approx(100), pytest.approx(0.25))
    assert done.lost == ()
    assert "holds no table of a case" in findings(done.path)[0].rule


def test_what_begins_like_a_formula_is_text(tmp_path: Path) -> None:
    case = small_case(tmp_path / "small", links=[{**RAIL[0], "notes": "=1+1"}])
    done = ba.write(case, tmp_path / "case.xlsx")
    sheet = openpyxl.load_workbook(done.path)["links"]
    place = [column.column for column in schema("links")].index("notes") + 1
    assert (sheet.cell(2, place).value, sheet.cell(2, place).data_type) == ("=1+1", "s")
    assert ba.read(done.path).table("links").loc[0, "notes"] == "=1+1"


@pytest.mark.parametrize(("text", "why"), [("x" * 40_000, "cut at 32,767"), ("a\ufffeb", "not XML")])
def test_what_excel_cannot_hold_is_told(tmp_path: Path, text: str, why: str) -> None:
    case = small_case(tmp_path / "small", links=RAIL).with_({"links": {"rail": {"notes": text}}})
    assert ba.write(case, tmp_path / "folder").lost == ()
    lost = ba.write(case, tmp_path / "case.xlsx").lost
    assert [(one.table, one.column, one.rows) for one in lost] == [("links", "notes", 1)], why


def test_a_lone_carriage_return_is_kept_in_a_folder(tmp_path: Path) -> None:
    case = small_case(tmp_path / "small", links=RAIL).with_({"links": {"rail": {"notes": "a\rb"}}})
    assert ba.write(case, tmp_path / "folder").lost == ()


def change(edit: Callable[[Any], object]) -> Callable[[Path], object]:
    def spoil(path: Path) -> None:
        book = openpyxl.load_workbook(path)
        edit(book)
        book.save(path)

    return spoil


def cell(sheet: str, place: str, value: object) -> Callable[[Path], object]:
    def edit(book: Any) -> None:
        book[sheet][place] = value

    return change(edit)


def renamed(book: Any) -> None:
    book["links"].title = "Link"


def only_notes(book: Any) -> None:
    for name in book.sheetnames[1:]:
        del book[name]
    book["_columns"].title = "Notes"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def part(name: str, content: bytes) -> Callable[[Path], object]:
    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)

    return spoil


SPOILT: dict[str, tuple[Callable[[Path], object], str, int, str, str]] = {
    "cut off": (cut, "book.xlsx", 0, "", "is not an Excel workbook"),
    "another file": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" * 99), "book.xlsx", 0, "", "is not an Excel"),
    "empty": (lambda path: path.write_bytes(b""), "book.xlsx", 0, "", "is not an Excel workbook"),
    "zip bomb": (part("xl/media/a.bin", bytes(201 * 2**20)), "book.xlsx", 0, "", "unpacks to more than 200 MB"),
    "entities": (part("xl/x.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "book.xlsx", 0, "", "a document type"),
    "no table": (change(only_notes), "book.xlsx", 0, "", "holds no table of a case, only 'Notes'"),
    "sheet of a near name": (change(renamed), "Link", 0, "", "no such table, and a sheet links is missing"),
    "formula": (cell("links", "E2", "=50+50"), "links", 2, "length_km", "a formula"),
    "error": (cell("links", "E2", "#REF!"), "links", 2, "length_km", "an error, #REF!"),
    "wrong type": (cell("links", "E2", "far"), "links", 2, "length_km", "not a number"),
    "truth for a number": (cell("links", "E2", True), "links", 2, "length_km", "not a number"),
    "unknown column": (cell("links", "E1", "length"), "links", 1, "length", "unknown column"),
    "beside the table": (cell("links", "AB2", "see above"), "links", 2, "", "28 cells under 22 columns"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_spoilt_workbooks_are_refused(book: Path, what: str) -> None:
    spoil, table, line, column, rule = SPOILT[what]
    spoil(book)
    assert any(
        (one.table, one.row, one.column) == (table, line, column) and rule in one.rule for one in findings(book)
    ), [str(one) for one in findings(book)]


def test_a_workbook_of_a_million_empty_cells_is_refused(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_CELLS", 1_000_000)
    cell("links", "XFD1000000", "x")(book)
    assert "has more than 1,000,000 cells" in findings(book)[0].rule


def test_a_huge_file_is_not_read(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "LARGEST_FILE", book.stat().st_size - 1)
    assert "larger than" in findings(book)[0].rule


def test_what_excel_makes_of_cells_is_understood(book: Path) -> None:
    before = ba.read(book).hash

    def edit(book: Any) -> None:
        links = book["links"]
        links["E2"] = 100.0
        links["F2"] = 1520
        links["X9"] = " "
        book.create_sheet("my notes")["A1"] = "=SUM(links!E2)"

    change(edit)(book)
    read = ba.read(book)
    assert read.table("links").loc[0, "gauge_mm"] == "1520"
    assert read.hash != before


def test_convert_writes_reads_and_tells(tmp_path: Path) -> None:
    answer = run("convert", "transcaspian", tmp_path / "case.xlsx")
    told = json.loads(answer.output)
    assert (answer.exit_code, told["format"], told["lost"]) == (0, "excel", [])
    assert json.loads(run("convert", tmp_path / "case.xlsx", tmp_path / "back").output)["hash"] == told["hash"]
    person = CliRunner().invoke(main, ["convert", str(tmp_path / "back"), str(tmp_path / "again.xlsx")])
    assert "an Excel workbook, a sheet for each table, holds all of it" in person.output


REFUSED: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "no such case": (lambda folder: ["moon", str(folder / "x")], "no such file or folder"),
    "unknown suffix": (lambda folder: ["transcaspian", str(folder / "x.doc")], "not a known format"),
    "unknown format": (lambda folder: ["transcaspian", str(folder / "x"), "--to", "visum"], "no such format"),
    "unknown origin": (lambda folder: [str(folder / "notes.doc"), str(folder / "x")], "not a known format"),
    "onto a case": (lambda folder: ["transcaspian", str(folder / "case")], "exists already"),
    "file onto a case": (lambda folder: ["transcaspian", str(folder / "case"), "--to", "excel"], "exists already"),
    "onto a file": (lambda folder: ["transcaspian", str(folder / "old.xlsx")], "exists already"),
    "a run as a case": (
        lambda folder: ["transcaspian", str(folder / "x"), "--to", "gmns", "--year", "2021"],
        "does not hold the flows",
    ),
    "under a file": (lambda folder: ["transcaspian", str(folder / "notes.doc" / "x.xlsx")], "cannot be written"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_convert_refuses_with_findings_and_leaves_all_as_it_was(folder: Path, tmp_path: Path, what: str) -> None:
    shutil.move(folder, tmp_path / "case")
    (tmp_path / "notes.doc").write_text("notes")
    (tmp_path / "old.xlsx").write_text("old")
    before = {path: path.read_bytes() if path.is_file() else None for path in tmp_path.rglob("*")}
    arguments, rule = REFUSED[what]
    answer = run("convert", *arguments(tmp_path))
    assert answer.exit_code == 2
    found = json.loads(answer.output)["findings"]
    assert rule in found[0]["rule"]
    assert found[0]["remedy"]
    assert {path: path.read_bytes() if path.is_file() else None for path in tmp_path.rglob("*")} == before
    if "known format" in rule or "such format" in rule:
        assert all(name in found[0]["remedy"] for name in FORMATS)


@pytest.mark.parametrize("format", ["folder", "gmns", "parquet"])
def test_results_do_not_go_where_a_case_lies(tmp_path: Path, format: str) -> None:
    folder = ba.write(small_case(tmp_path / "small", links=RAIL), tmp_path / "case", format).path
    answer = run("run", tmp_path / "small", "--out", folder)
    assert answer.exit_code == 2
    assert "is the folder of a case" in answer.output
    assert len(ba.read(folder).table("links")) == 1


def test_a_file_is_replaced_when_asked(tmp_path: Path) -> None:
    (tmp_path / "old.xlsx").write_text("old")
    assert run("convert", "transcaspian", tmp_path / "old.xlsx", "--overwrite").exit_code == 0
    assert ba.read(tmp_path / "old.xlsx").name == "old"


def test_each_format_is_documented_and_named_by_the_verb() -> None:
    page = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    named = CliRunner().invoke(main, ["convert", "--help"]).output
    for name, one in FORMATS.items():
        assert f"| `{name}` | " in page
        assert name in named
        assert one.suffix in page


def test_a_missing_library_is_named_with_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    answer = run("convert", "transcaspian", tmp_path / "case.xlsx")
    assert answer.exit_code == 2
    assert "pip install 'bactrian[formats]'" in answer.output
    assert not list(tmp_path.iterdir())

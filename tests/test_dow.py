"""DOW files as they should be read, and as they should be refused."""

from pathlib import Path

import pytest

from bactrian.errors import CaseError
from bactrian.formats import read_dow

TEXT = """MULTIGEN.DAT:
    3    4    2
    1    2    5    10    100    1    1
    2    3    0    7.5    50    1    2
    1    3    9    10    120.25
\t3 1 1 1e2 0 9 9 9
    1    3    6
    3    2    2.5
"""


def written(folder: Path, text: str | bytes = TEXT) -> Path:
    path = folder / "a.dow"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("change", [("", ""), ("\n", "\r\n"), ("\n", "\n\n"), ("MULTIGEN", "\ufeff MULTIGEN")])
def test_reads_what_is_written(tmp_path: Path, change: tuple[str, str]) -> None:
    read = read_dow(written(tmp_path, TEXT.replace(*change) if change[0] else TEXT))
    assert read.nodes == 3
    assert read.tail.tolist() == [0, 1, 0, 2]
    assert read.head.tolist() == [1, 2, 2, 0]
    assert read.cost.tolist() == [5, 0, 9, 1]
    assert read.capacity.tolist() == [10, 7.5, 10, 100]
    assert read.fixed.tolist() == [100, 50, 120.25, 0]
    assert read.origin.tolist() == [0, 2]
    assert read.destination.tolist() == [2, 1]
    assert read.demand.tolist() == [6, 2.5]


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "rule"),
    [
        ("    3    4    2\n", "", 2, "", "must hold the numbers of nodes, arcs and commodities"),
        ("3    4    2", "3    4", 2, "", "must hold the numbers"),
        ("3    4    2", "3    4    two", 2, "commodities", "whole number"),
        ("3    4    2", "3    4    -2", 2, "commodities", "whole number"),
        ("3    4    2", "3    4    99999999999", 2, "commodities", "whole number"),
        ("3    4    2", "1    4    2", 2, "nodes", "at least 2"),
        ("3    4    2", "3    4    3", 2, "", "4 arcs and 3 commodities, but 6 lines follow"),
        ("3    4    2", "3    4    1", 8, "", "text after the last of 1 commodities"),
        ("3    4    2", "3    3    3", 6, "", "must hold 3 numbers for commodity 1, found 8"),
        ("1    2    5", "1    4    5", 3, "to", "node from 1 to 3, found '4'"),
        ("1    2    5", "1.5    2    5", 3, "from", "node from 1 to 3, found '1.5'"),
        ("1    2    5", "1    2    nan", 3, "cost", "'nan'"),
        ("1    2    5", "1    2    -5", 3, "cost", "'-5'"),
        ("1    2    5", "1    2    1_0", 3, "cost", "'1_0'"),
        ("7.5    50    1    2", "7.5", 4, "", "must hold 5 numbers for arc 2, found 4"),
        ("7.5    50", "inf    50", 4, "capacity", "'inf'"),
        ("7.5    50", "1e16    50", 4, "capacity", "1e+15"),
        ("1    3    6", "0    3    6", 7, "origin", "node from 1 to 3, found '0'"),
        ("2.5\n", "2.5 7\n", 8, "", "must hold 3 numbers for commodity 2, found 4"),
        ("2.5\n", "x\n", 8, "demand", "'x'"),
    ],
)
def test_breaches_are_named(tmp_path: Path, old: str, new: str, line: int, column: str, rule: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_dow(written(tmp_path, TEXT.replace(old, new, 1)))
    found = caught.value.findings[0]
    assert (found.table, found.row, found.column) == ("a.dow", line, column)
    assert rule in found.rule
    assert found.remedy


def test_files_that_are_missing_empty_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="cannot be read"):
        read_dow(tmp_path / "none.dow")
    with pytest.raises(CaseError, match="cannot be read"):
        read_dow(tmp_path)
    for text, said in (("", "no counts"), ("title\n", "no counts"), (bytes(range(256)), "not a text file")):
        with pytest.raises(CaseError, match=said):
            read_dow(written(tmp_path, text))


def test_many_breaches_are_listed_but_not_without_end(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        read_dow(written(tmp_path, "title\n2 50 0\n" + "1 9 x\n" * 50))
    assert len(caught.value.findings) == 10

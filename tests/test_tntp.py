"""TNTP files as they are found in the wild, and as they should be refused."""

from pathlib import Path

import numpy as np
import pytest

from bactrian.errors import CaseError
from bactrian.formats import read_tntp

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 5
<DISTANCE FACTOR> 0.04
<TOLL FACTOR> 0.02 ~ minutes per cent
<ORIGINAL HEADER>~ tail head
<END OF METADATA>

~ init term capacity length free b power speed toll type
1\t3\t9000\t1.5\t2\t0.15\t4\t40\t7\t1\t;
1 3 9000 1.5 3 0.15 4 40 0 1 99 98 ; ~ a second link of the pair
3 4 0 1 1 0 0 0 0 1 ;
4 3 0 1 1 0 4 0 0 1 ;
4 2 10 1 1 1 1 ;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 12.5
<END OF METADATA>
~ a comment : with; signs
Origin 1
    1 : 2.0;   2 : 7.5; ~ 2 : 99;
Origin\t2
1:3;
2 : 0
"""


def written(folder: Path, net: str | bytes = NET, trips: str | bytes = TRIPS) -> Path:
    for name, text in (("a_net.tntp", net), ("a_trips.tntp", trips)):
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_reads_what_is_written(tmp_path: Path) -> None:
    read = read_tntp(written(tmp_path))
    assert (read.nodes, read.zones, read.first_through) == (4, 2, 2)
    assert (read.distance_factor, read.toll_factor) == (0.04, 0.02)
    assert read.tail.tolist() == [0, 0, 2, 3, 3]
    assert read.head.tolist() == [2, 2, 3, 2, 1]
    assert read.free.tolist() == [2, 3, 1, 1, 1]
    assert read.toll.tolist() == [7, 0, 0, 0, 0]
    assert read.capacity.tolist() == [9000, 9000, 0, 0, 10]
    assert list(zip(read.origin.tolist(), read.destination.tolist(), read.amount.tolist(), strict=True)) == [
        (0, 0, 2.0),
        (0, 1, 7.5),
        (1, 0, 3.0),
    ]
    again = read_tntp(tmp_path / "a_net.tntp", tmp_path / "a_trips.tntp")
    assert np.array_equal(again.amount, read.amount)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "rule"),
    [
        ("<END OF METADATA>", "", 0, "", "END OF METADATA"),
        ("<NUMBER OF LINKS> 5", "<NUMBER OF LINKS> 6", 4, "", "says 6 links, found 5"),
        ("<NUMBER OF NODES> 4", "<NUMBER OF NODES> four", 2, "NUMBER OF NODES", "whole number"),
        ("<NUMBER OF NODES> 4\n", "", 0, "", "no line <NUMBER OF NODES>"),
        ("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> 9", 0, "", "9 zones are more"),
        ("4 2 10 1 1 1 1 ;", "4 2 10 1 1 1 ;", 15, "", "at least 7 numbers, found 6"),
        ("4 2 10 1 1 1 1 ;", "4 2 ten 1 1 1 1 ;", 15, "capacity", "'ten'"),
        ("4 2 10 1 1 1 1 ;", "4 2 nan 1 1 1 1 ;", 15, "capacity", "'nan'"),
        ("4 2 10 1 1 1 1 ;", "4 2 10 1 -1 1 1 ;", 15, "free_flow_time", "'-1'"),
        ("4 2 10 1 1 1 1 ;", "4 5 10 1 1 1 1 ;", 15, "term_node", "node from 1 to 4"),
        ("4 2 10 1 1 1 1 ;", "4 1.5 10 1 1 1 1 ;", 15, "term_node", "node from 1 to 4"),
        ("4 2 10 1 1 1 1 ;", "4 2 0 1 1 1 1 ;", 15, "capacity", "above 0"),
        ("4 2 10 1 1 1 1 ;", "4 2 10 1 1 1 .5 ;", 15, "power", "0 or at least 1"),
        ("<TOLL FACTOR> 0.02", "<TOLL FACTOR> much", 6, "TOLL FACTOR", "'much'"),
    ],
)
def test_bad_links_are_named(tmp_path: Path, old: str, new: str, line: int, column: str, rule: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_tntp(written(tmp_path, net=NET.replace(old, new, 1)))
    found = caught.value.findings[0]
    assert (found.table, found.row, found.column) == ("a_net.tntp", line, column)
    assert rule in found.rule
    assert found.remedy


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "rule"),
    [
        ("1:3;", "3:3;", 8, "destination", "zone from 1 to 2"),
        ("1:3;", "1:-3;", 8, "amount", "'-3'"),
        ("1:3;", "1:inf;", 8, "amount", "'inf'"),
        ("1:3;", "1:x;", 8, "amount", "'x'"),
        ("1:3;", "13;", 8, "", "pairs"),
        ("Origin\t2", "Origin 7", 7, "origin", "zone from 1 to 2"),
        ("Origin 1\n", "", 5, "origin", "named before"),
        ("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> 3", 0, "", "2 zones"),
    ],
)
def test_bad_trips_are_named(tmp_path: Path, old: str, new: str, line: int, column: str, rule: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_tntp(written(tmp_path, trips=TRIPS.replace(old, new, 1)))
    found = caught.value.findings[0]
    assert (found.table, found.row, found.column) == ("a_trips.tntp", line, column)
    assert rule in found.rule


def test_files_that_are_missing_double_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="found 0"):
        read_tntp(tmp_path)
    with pytest.raises(CaseError, match="not a folder"):
        read_tntp(tmp_path / "none")
    written(tmp_path)
    with pytest.raises(CaseError, match="cannot be read"):
        read_tntp(tmp_path / "a_net.tntp", tmp_path / "b_trips.tntp")
    (tmp_path / "b_net.tntp").write_text(NET)
    with pytest.raises(CaseError, match="found 2"):
        read_tntp(tmp_path)
    (tmp_path / "b_net.tntp").unlink()
    with pytest.raises(CaseError, match="not a text file"):
        read_tntp(written(tmp_path, net=bytes(range(256)) * 9))
    with pytest.raises(CaseError, match="must be a number"):
        read_tntp(written(tmp_path, net=NET.encode().replace(b"9000", b"\xff\xfe", 1)))
    latin = NET.encode().replace(b"~ tail", b"~ M\xfcnchen")
    assert read_tntp(written(tmp_path, net=latin)).nodes == 4  # a comment may hold anything


def test_many_breaches_are_listed_but_not_without_end(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        read_tntp(written(tmp_path, net=NET + "1 2 x\n" * 50))
    assert len(caught.value.findings) == 10

"""Places and links as geometries: well-known text and binary (ISO 19125), longitude before latitude, WGS 84."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import pandas as pd

from bactrian.case import Case

__all__ = ["Line", "lines", "of_wkb", "points", "shapes", "waypoints_of", "wkb", "wkt"]

Line = tuple[tuple[float, float], ...]
"""Points (longitude, latitude) in degrees; a single one is a place."""


def points(places: pd.DataFrame) -> dict[str, Line]:
    """The point of each place by id."""
    rows = zip(*(places[name].tolist() for name in ("id", "lon", "lat")), strict=True)
    return {key: ((lon, lat),) for key, lon, lat in rows}


def lines(case: Case) -> dict[str, Line]:
    """The line of each link by id: from end to end by its waypoints."""
    ends = points(case.table("places"))
    rows = zip(*(case.table("links")[name] for name in ("id", "from", "to", "waypoints")), strict=True)
    return {key: (*ends[start], *_between(bends), *ends[end]) for key, start, end, bends in rows}


def shapes(case: Case) -> dict[str, dict[str, Line]]:
    """What of a case lies on the map, by table and id: places and terminals as points, links as lines."""
    spots, terminals = points(case.table("places")), case.table("terminals")
    at = {key: spots[place] for key, place in zip(terminals["id"], terminals["place"], strict=True)}
    return {"places": spots, "links": lines(case), "terminals": at}


def _between(waypoints: str) -> Iterable[tuple[float, float]]:
    for point in waypoints.split(";") if waypoints else []:
        lat, lon = map(float, point.split())
        yield lon, lat


def waypoints_of(line: Sequence[tuple[float, float]]) -> str:
    """What lies between the ends of a line, as the column waypoints has it.

    >>> waypoints_of([(0, 0), (50.5, 40), (60, 45)])
    '40 50.5'
    """
    return "; ".join(f"{lat:.15g} {lon:.15g}" for lon, lat in line[1:-1])


def wkt(line: Line) -> str:
    """Well-known text.

    >>> wkt(((51.2, 43.6),)), wkt(((0.0, 1.0), (2.0, 3.0)))
    ('POINT (51.2 43.6)', 'LINESTRING (0.0 1.0, 2.0 3.0)')
    """
    told = ", ".join(f"{x!r} {y!r}" for x, y in line)
    return f"{'POINT' if len(line) == 1 else 'LINESTRING'} ({told})"


def wkb(line: Line) -> bytes:
    """Well-known binary, little-endian.

    >>> wkb(((0.0, 0.0),))[:5].hex()
    '0101000000'
    """
    kind = struct.pack("<BI", 1, 1) if len(line) == 1 else struct.pack("<BII", 1, 2, len(line))
    return kind + b"".join(struct.pack("<2d", *point) for point in line)


def of_wkb(told: bytes) -> Line:
    """The points of a POINT or LINESTRING; heights are left out. Raises ValueError for anything else.

    >>> of_wkb(wkb(((0.0, 1.0), (2.0, 3.0))))
    ((0.0, 1.0), (2.0, 3.0))
    """
    try:
        order = "<" if told[0] == 1 else ">"
        kind = struct.unpack_from(f"{order}I", told, 1)[0]
        flat, width = kind & 0x0FFFFFFF, 2 + bool(kind & 0x80000000) + bool(kind & 0x40000000)
        flat, width = flat % 1000, (2, 3, 3, 4)[flat // 1000] if flat >= 1000 else width
        start, count = (5, 1) if flat == 1 else (9, struct.unpack_from(f"{order}I", told, 5)[0])
        if flat not in (1, 2) or start + 8 * width * count > len(told):
            raise ValueError("not a whole point or line")
        numbers = struct.unpack_from(f"{order}{width * count}d", told, start)
    except (struct.error, IndexError):
        raise ValueError("not a whole point or line") from None
    return tuple((numbers[at], numbers[at + 1]) for at in range(0, width * count, width))

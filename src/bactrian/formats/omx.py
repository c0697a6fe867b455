"""OMX files, open matrix 0.2 (github.com/osPlanning/omx): matrices between zones, as HDF5.

A file has the attributes OMX_VERSION and SHAPE, a data set of SHAPE for each matrix in the group `data`, and names or
numbers of rows and columns in the group `lookup`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bactrian.formats.outside import check_size, library, opened, refuse

__all__ = ["Matrices", "read_omx", "write_omx"]

Floats = NDArray[np.float64]

MOST_CELLS = 50_000_000  # of all matrices of a file
_ZONES = "zone_id"
_REMEDY = "name an OMX file of square matrices"


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """Square matrices by name over the same `zones`, from row to column; `about` has attributes of each, such as unit.

    `nan` stands where nothing is known.
    """

    zones: tuple[str, ...]
    matrices: Mapping[str, Floats]
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def write_omx(path: Path, told: Matrices) -> None:
    """Write an OMX file; raise LibraryError without h5py."""
    h5py = library("h5py", "OMX")
    size = len(told.zones)
    with h5py.File(path, "w") as file:
        file.attrs["OMX_VERSION"] = np.bytes_("0.2")
        file.attrs["SHAPE"] = np.array([size, size], dtype=np.int32)
        data, lookup = file.create_group("data"), file.create_group("lookup")
        for name, matrix in told.matrices.items():
            made = data.create_dataset(name, data=matrix, compression="gzip", compression_opts=1, chunks=True)
            made.attrs["NA"] = np.nan
            for key, value in told.about.get(name, {}).items():
                made.attrs[key] = np.bytes_(value.encode())
        lookup.create_dataset("zone", data=np.arange(1, size + 1, dtype=np.int32)).attrs["DIM"] = 0
        names = np.array([zone.encode() for zone in told.zones], dtype=np.bytes_)
        lookup.create_dataset(_ZONES, data=names).attrs["DIM"] = 0


def read_omx(path: str | Path, zones: str = _ZONES) -> Matrices:
    """Read an OMX file; `zones` names the lookup that names rows and columns, and they are numbered from 1 without it.

    Raises CaseError for what is no such file, and LibraryError without h5py.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "trips.omx")
    ...     write_omx(file, Matrices(("o", "d"), {"goods": np.array([[0, 2.5], [0, 0]])}))
    ...     told = read_omx(file)
    >>> told.zones, told.matrices["goods"].tolist()
    (('o', 'd'), [[0.0, 2.5], [0.0, 0.0]])
    """
    h5py = library("h5py", "OMX")
    path = Path(path)
    check_size(path)
    with opened(path, "an OMX file", _REMEDY), h5py.File(path, "r") as opened_file:
        file: Any = opened_file
        data = file.get("data")
        if not isinstance(data, h5py.Group) or "OMX_VERSION" not in file.attrs:
            raise refuse(path, "is HDF5, but no OMX: it lacks OMX_VERSION or the group data", _REMEDY)
        sets = {name: data.get(name, getlink=True) for name in data}
        if foreign := [name for name, link in sets.items() if not isinstance(link, h5py.HardLink)]:
            raise refuse(path, f"its matrix {foreign[0]!r} lies in another file or place", _REMEDY)
        size = _size(path, {name: data[name] for name in sets})
        lookup = file.get(f"lookup/{zones}")
        known = lookup[:] if isinstance(lookup, h5py.Dataset) and lookup.shape == (size,) else ()
        names = tuple(map(_named, known))
        numbered = tuple(map(str, range(1, size + 1)))
        return Matrices(
            names or numbered,
            {name: np.asarray(data[name][:], dtype=np.float64) for name in sets},
            {name: {key: _named(value) for key, value in data[name].attrs.items()} for name in sets},
        )


def _size(path: Path, sets: Mapping[str, Any]) -> int:
    """The common size of the matrices; they are not read before this is known."""
    shapes = {name: getattr(one, "shape", None) for name, one in sets.items()}
    for name, shape in shapes.items():
        if shape is None or len(shape) != 2 or shape[0] != shape[1] or sets[name].dtype.kind not in "fiu":
            raise refuse(path, f"its matrix {name!r} is not square and of numbers", _REMEDY)
        if sets[name].is_virtual or sets[name].external:
            raise refuse(path, f"its matrix {name!r} lies in another file or place", _REMEDY)
    sizes = {int(one.shape[0]) for one in sets.values()}
    if len(sizes) != 1:
        raise refuse(path, f"its matrices have the sizes {sorted(sizes)}", _REMEDY)
    size = sizes.pop()
    if size * size * len(shapes) > MOST_CELLS:
        raise refuse(path, f"has more than {MOST_CELLS:,} cells", "split it into smaller files")
    return size


def _named(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)

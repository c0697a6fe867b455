"""Archives: what is sent out, and what is taken in. Nothing that an archive says of itself is believed."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from bactrian.case import BUILT_IN, TABLES

__all__ = ["LARGEST_CASE", "BadBundle", "case_name", "pack", "unpack_case"]

LARGEST_CASE = 64 * 2**20  # bytes of a case once unpacked
_MOST_PACKED = 100  # times that content may be larger than the archive; tables come to about 10
_FREE = 2**20  # bytes up to which nobody asks how well they are packed
_MOST_FILES = 60
_PIECE = 2**16
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same content gives the same archive
_ALLOWED = {f"{table}.csv" for table in TABLES} | {
    *("datapackage.json", "README.md", "README", "README.txt", "LICENSE", "LICENSE.md", "LICENSE-DATA"),
}
_LITTER = re.compile(r"(__MACOSX/.*|(.*/)?\.DS_Store|(.*/)?Thumbs\.db)")  # what file managers leave in archives
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class BadBundle(Exception):
    """An archive that is not taken; the message says why."""


def pack(content: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of files by name; the same files give the same bytes.

    >>> pack([("a", b"b")]) == pack([("a", b"b")])
    True
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in content:
            archive.writestr(zipfile.ZipInfo(name, _WHEN), body, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unpack_case(file: IO[bytes], folder: Path) -> str | None:
    """Write the files of a case in an archive to a folder; return the name of the folder that they lay in, if any.

    Raises BadBundle for what is no archive, and for one with anything in it but the files of a case, side by side. How
    large they are is counted as they are read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            inner, members = _members(archive)
            size = file.seek(0, io.SEEK_END)
            left = min(LARGEST_CASE, max(_FREE, _MOST_PACKED * size))
            for name, info in members.items():
                left = _copy(archive, info, folder / name, left)
    except _BROKEN as error:
        told = "" if isinstance(error, OSError) else f" ({error})"
        raise BadBundle(f"the file cannot be read as a zip archive{told}") from None
    return inner


def case_name(told: str | None) -> str:
    """The name of a case after that of its folder or archive: one that may name a folder, and no built-in case.

    >>> case_name("Mein Fall.zip"), case_name("transcaspian"), case_name(None)
    ('Mein-Fall', 'transcaspian-own', 'case')
    """
    stem = re.sub(r"\.zip$", "", told or "", flags=re.IGNORECASE)
    name = re.sub(r"[^A-Za-z0-9]+", "-", stem)[:40].strip("-") or "case"
    return f"{name}-own" if name in BUILT_IN or name in _RESERVED else name


_RESERVED = ("out", "plan", "results")  # folders of a job


def _members(archive: zipfile.ZipFile) -> tuple[str | None, dict[str, zipfile.ZipInfo]]:
    """The files of a case by name, and the one folder that all lie in, if they do."""
    listed = [one for one in archive.infolist() if not _LITTER.fullmatch(one.filename)]
    if len(listed) > _MOST_FILES:
        raise BadBundle(f"the archive holds more than {_MOST_FILES} files: pack those of one case alone")
    members: dict[str, zipfile.ZipInfo] = {}
    inner = {one.filename.split("/")[0] if "/" in one.filename else None for one in listed}
    for one in listed:
        _check(one)
        name = one.filename.rpartition("/")[2] if len(inner) == 1 and one.filename.count("/") == 1 else one.filename
        if name == "" and one.is_dir() and len(inner) == 1:
            continue
        if name not in _ALLOWED:
            raise BadBundle(
                f"the archive holds {_shown(one.filename)}, which is no file of a case: pack its tables side by side"
            )
        if name in members:
            raise BadBundle(f"the archive holds {name} twice")
        members[name] = one
    if not members:
        raise BadBundle("the archive is empty: pack the folder of a case")
    return next(iter(inner)), members


def _check(one: zipfile.ZipInfo) -> None:
    if one.orig_filename != one.filename or ".." in one.filename.split("/") or one.filename.startswith("/"):
        raise BadBundle(f"the archive holds the path {_shown(one.orig_filename)}, which leads elsewhere")
    if stat.S_ISLNK(one.external_attr >> 16):
        raise BadBundle(f"the archive holds {_shown(one.filename)}, which is a link")
    if one.flag_bits & 1:
        raise BadBundle("the archive is locked with a password: pack it without")
    if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadBundle("the archive is packed in an unusual way: use plain zip")


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Unpack a file, and return how many bytes may still come."""
    with archive.open(info) as packed, path.open("xb") as file:
        while piece := packed.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise BadBundle(
                    f"the archive unpacks to more than {LARGEST_CASE // 2**20} MB, or to far more than it is"
                )
            file.write(piece)
    return left


def _shown(name: str) -> str:
    return repr(name[:80].encode("ascii", "backslashreplace").decode())

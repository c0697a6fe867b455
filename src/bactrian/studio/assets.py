"""Files of the page: those that come with the studio, and the map library from its installed package."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["VENDOR", "answer", "answer_file", "find", "vendored"]

STATIC = files("bactrian.studio") / "static"
VENDOR = ("maplibre-gl.js", "maplibre-gl.css")
_KINDS = {".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}
_SMALL = 1000  # bytes that are not worth packing


def find(path: str) -> Traversable | None:
    """The file of the page at a path below `static`; None where there is none.

    Each step must be a name listed there.
    """
    here: Traversable = STATIC
    for step in path.split("/"):
        here_names = {one.name: one for one in here.iterdir()} if here.is_dir() else {}
        if step not in here_names:
            return None
        here = here_names[step]
    return here if here.is_file() else None


def vendored(name: str) -> Traversable | None:
    """A file of the map library, which is found without being imported; None for any that the page does not need."""
    package = find_spec("maplibre") if name in VENDOR else None
    if package is None or not package.submodule_search_locations:
        return None
    return Path(package.submodule_search_locations[0]) / "srcjs" / name


def answer_file(request: Request, file: Traversable) -> Response:
    """A file as an answer that browsers keep, and ask for again only when it has changed."""
    suffix = "." + file.name.rpartition(".")[2]
    kind = _KINDS.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return answer(request, file.read_bytes(), kind)


def answer(request: Request, body: bytes, kind: str) -> Response:
    """Content as an answer that browsers keep, and ask for again only when it has changed."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", "").replace("W/", ""):
        return Response(status_code=304, headers=headers)
    if kind.startswith("text/") or kind in ("application/json", "image/svg+xml"):
        kind += "; charset=utf-8"
        if len(body) > _SMALL and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["content-encoding"] = _packed(body), "gzip"
    return Response(body, media_type=kind, headers=headers)


@lru_cache(maxsize=64)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)

"""The house style: whose page it is, and how it looks. A TOML file that anyone can write."""

from __future__ import annotations

import base64
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from bactrian.errors import BriefError
from bactrian.text import visible

__all__ = ["COLOURS", "House", "read_house"]

COLOURS = {
    "accent": "#0b4f6c",
    "accent_dark": "#7cc4e0",
    "gain": "#0072b2",
    "cost": "#d55e00",
}
"""Colours that a house may set: of headings and links by day and by night, and of gains and costs in pictures."""

_LARGEST = 200_000  # bytes of a logo
_KINDS = {b"\x89PNG": "image/png", b"<svg": "image/svg+xml", b"<?xm": "image/svg+xml", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class House:
    """`name` of the publisher, `rights` holder, `contact`, `logo` as data address, licences of the page and
    of the data of a case of its own, and colours."""

    name: str = "Bactrian"
    rights: str = "Bactrian"
    contact: str = ""
    logo: str = ""
    licence: str = "CC-BY-4.0"
    data_licence: str = ""
    colours: dict[str, str] = field(default_factory=lambda: dict(COLOURS))


def read_house(file: Path | None) -> House:
    """Read a house style; without a file it is Bactrian's own.

    Raises BriefError for a file that cannot be read, a key there is not, a colour or a logo that is none.
    """
    if file is None:
        return House()
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BriefError(f"{file} cannot be read as a house style: {error}") from None
    colours = told.pop("colours", {})
    texts = ("name", "rights", "contact", "licence", "data_licence", "logo")
    for key, cell in [*told.items(), *colours.items()]:
        known = texts if key in told else tuple(COLOURS)
        if key not in known or not isinstance(cell, str):
            raise BriefError(f"{file}: {key} = {cell!r} is not understood; use texts for {', '.join(known)}")
        if key in COLOURS and not re.fullmatch(r"#[0-9a-fA-F]{6}", cell):
            raise BriefError(f"{file}: {key} = {cell!r} is no colour such as #0b4f6c")
    if "logo" in told:
        told["logo"] = _inlined((file.parent / told["logo"]).resolve())
    named = {key: cell if key == "logo" else visible(cell) for key, cell in told.items()}
    if "name" in named and "rights" not in named:
        named["rights"] = named["name"]
    return House(**named, colours={**COLOURS, **colours})


def _inlined(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BriefError(f"the logo {path.name} cannot be read: {error.strerror}") from None
    kind = next((kind for sign, kind in _KINDS.items() if raw.lstrip().startswith(sign)), None)
    if kind is None or len(raw) > _LARGEST:
        raise BriefError(f"the logo {path.name} is no PNG, JPEG or SVG of at most {_LARGEST:,} bytes")
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"

"""Paper for pictures in a page: SVG written element by element, with colours that the page's style may change at night.

Every text is escaped; figures carry the value they show, as `data-value`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from bactrian.text import visible

__all__ = ["INK", "Canvas", "fitted", "wide"]

INK = {
    "ink": "#23282d",
    "soft": "#5b6670",
    "grid": "#dcdfe2",
    "water": "#d3e5ef",
    "land": "#f6f2e9",
    "paper": "#ffffff",
}
"""Colours by role; the class of an element is its role, so that a page can set others."""

FONTS = "Arial, Helvetica, sans-serif"
SIZE = 12.0
_LETTER = 0.56  # mean width of a letter in its height, on the wide side


def wide(text: str, size: float = SIZE) -> float:
    """About how wide a text is."""
    return _LETTER * size * len(text)


def fitted(text: str, room: float, size: float = SIZE) -> str:
    """The text cut to about a width.

    >>> fitted("Corridor digitalisation", 100), fitted("Aktau", 100)
    ('Corridor digi…', 'Aktau')
    """
    most = max(2, int(room / (_LETTER * size)))
    return visible(text, most)


@dataclass(slots=True)
class Canvas:
    """A picture `width` by `height`, with (0, 0) at its upper left."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        told: str,
        *,
        anchor: str = "start",
        role: str = "ink",
        size: float = SIZE,
        bold: bool = False,
        value: float | str | None = None,
        halo: bool = False,
        turn: float = 0.0,
    ) -> None:
        """Write a text whose middle line is at y."""
        more = f' text-anchor="{anchor}"' if anchor != "start" else ""
        more += ' font-weight="600"' if bold else ""
        more += f' data-value="{escape(str(value))}"' if value is not None else ""
        more += f' transform="rotate({_n(turn)} {_n(x)} {_n(y)})"' if turn else ""
        if halo:
            self.parts.append(
                f'<text x="{_n(x)}" y="{_n(y + 0.35 * size)}" font-size="{_n(size)}" fill="none" stroke="#ffffff"'
                f' stroke-width="2.4" stroke-opacity="0.8" stroke-linejoin="round"{more}>{escape(visible(told))}</text>'
            )
        self.parts.append(
            f'<text x="{_n(x)}" y="{_n(y + 0.35 * size)}" font-size="{_n(size)}" fill="{INK.get(role, role)}"'
            f' class="{role}"{more}>{escape(visible(told))}</text>'
        )

    def line(self, points: list[tuple[float, float]], role: str, thick: float, more: str = "") -> None:
        """Draw a line through points; `role` is a role of `INK` or a colour."""
        way = " ".join(f"{'M' if not at else 'L'}{_n(x)} {_n(y)}" for at, (x, y) in enumerate(points))
        self.path(way, f'fill="none" stroke="{INK.get(role, role)}" stroke-width="{_n(thick)}"{more}', f"line-{role}")

    def path(self, way: str, looks: str, kind: str) -> None:
        """Draw a path with the looks given as attributes."""
        named = f' class="{kind}"' if not kind.startswith("line-#") else ""
        self.parts.append(f'<path d="{way}" {looks}{named}/>')

    def box(self, x: float, y: float, across: float, high: float, colour: str, kind: str = "") -> None:
        """Draw a filled box."""
        named = f' class="{kind}"' if kind else ""
        self.parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(across, 0))}" height="{_n(max(high, 0))}"'
            f' fill="{INK.get(colour, colour)}"{named}/>'
        )

    def dot(self, x: float, y: float, radius: float, colour: str, kind: str = "") -> None:
        """Draw a dot with a rim."""
        named = f' class="{kind}"' if kind else ""
        self.parts.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{INK.get(colour, colour)}" stroke="#fff"'
            f' stroke-width="0.8"{named}/>'
        )

    def svg(self, name: str, title: str, description: str, language: str) -> str:
        """The picture as an element of a page, with its title and a description for those who cannot see it."""
        head = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {_n(self.width)} {_n(self.height)}"'
            f' role="img" aria-labelledby="{name}-title {name}-desc" lang="{language}" font-family="{FONTS}">'
            f"{head}{''.join(self.parts)}</svg>"
        )


def _n(value: float) -> str:
    """A number to a tenth, as short as it can be written."""
    return f"{round(value, 1):g}"

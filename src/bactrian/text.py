"""Text that comes from others: shown as plain letters, whatever is written into it."""

from __future__ import annotations

import unicodedata

__all__ = ["harmless", "visible"]

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control, direction, surrogates, private, separators of lines


def visible(text: str, most: int = 300) -> str:
    """The text without control and direction marks, cut to `most` letters.

    >>> visible("a" + chr(0x202E) + "b" + chr(7) + "c"), visible("abcdef", 4)
    ('abc', 'abc…')
    """
    kept = "".join(one for one in text if unicodedata.category(one) not in _HIDDEN).strip()
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def harmless(cell: str) -> str:
    """A cell of a table for spreadsheets that none takes for a formula: one that could be gets an apostrophe before it.

    >>> harmless("=1+1"), harmless("Aktau"), harmless("-5")
    ("'=1+1", 'Aktau', "'-5")
    """
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell

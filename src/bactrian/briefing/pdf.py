"""A page as PDF by WeasyPrint, an optional extra that needs Pango on the system."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bactrian.errors import LibraryError

__all__ = ["pdf_of"]


def pdf_of(page: str) -> bytes:
    """A page of HTML as PDF, the same bytes each time; nothing is fetched for it.

    Raises LibraryError when WeasyPrint or the system's libraries that it needs are not there.
    """
    try:
        weasyprint: Any = import_module("weasyprint")
    except ImportError:
        raise LibraryError("PDF needs WeasyPrint: pip install 'bactrian[pdf]'") from None
    except OSError as error:
        told = str(error).splitlines()[0]
        raise LibraryError(
            f"PDF needs the system's Pango libraries, which WeasyPrint did not find ({told}); on Debian: "
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0; else write HTML and print it from a browser"
        ) from None
    with _quiet():
        only_within = import_module("weasyprint.urls").URLFetcher(allowed_protocols={"data"})
        made: bytes = weasyprint.HTML(string=page, url_fetcher=only_within).write_pdf(pdf_identifier=b"bactrian")
    return made


@contextmanager
def _quiet() -> Iterator[None]:
    """WeasyPrint without a word on what of a style is for screens alone."""
    log = logging.getLogger("weasyprint")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)

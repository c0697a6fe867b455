"""A page as PDF by WeasyPrint, an optional extra that needs Pango on the system."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bactrian.errors import BriefError, LibraryError

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
    made: bytes = weasyprint.HTML(string=page, url_fetcher=_fetch).write_pdf(
        pdf_identifier=b"bactrian", pdf_variant=None
    )
    return made


def _fetch(address: str, *_: Any, **__: Any) -> Any:
    """Fetch what stands in the page itself, and nothing else."""
    if not address.startswith("data:"):
        raise BriefError(f"a page asked for {address}: pages fetch nothing")
    return import_module("weasyprint").default_url_fetcher(address)

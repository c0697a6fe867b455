"""Linear algebra on one thread: matrices here are small, and threads that wait for one another cost more than they do.

With one thread sums also come out the same on every machine of a kind, whatever else it does.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401  its library must be there to be limited
from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


@cache
def _controller() -> Any:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """Keep linear algebra to one thread within.

    >>> with one_thread():
    ...     round(float(scipy.linalg.det([[2.0, 0.0], [0.0, 3.0]])), 12)
    6.0
    """
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited

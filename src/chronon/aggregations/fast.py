"""Chooses between NumPy and machine code: compiled loops are loaded for large batches only, where they are installed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

ENOUGH = 200_000
"""Rows from which loading and calling compiled loops costs less than it saves."""


FEW = 500
"""Rows from which calling them costs less than it saves, once they are loaded."""


def compiled(n: int) -> Any:
    """The module of compiled loops for a task of n rows; None where NumPy does it."""
    is_loaded = _module.cache_info().currsize > 0
    return _module() if n >= (FEW if is_loaded else ENOUGH) else None


@cache
def _module() -> Any:
    return import_module("chronon.aggregations.compiled") if find_spec("numba") else None

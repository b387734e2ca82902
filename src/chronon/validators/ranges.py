"""Ranges of days as they are written, with an open end where nothing is."""

from __future__ import annotations

from chronon.model.specs import QuerySpec, SourceSpec


def is_empty(ranged: QuerySpec | SourceSpec) -> bool:
    """Whether it ends before it starts, which `checks.empty_range` tells: then nothing else is said about its range."""
    return ranged.start is not None and ranged.end is not None and ranged.end < ranged.start

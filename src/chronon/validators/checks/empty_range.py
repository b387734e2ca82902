"""A range of partitions that ends before it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from chronon.model.diagnostics import Span
from chronon.model.time import Day, day_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.sites import queries


def find(context: Context) -> Iterator[Finding]:
    """Every source and query whose `end` is before its `start`."""
    for start, end, locate in _ranges(context):
        if start is not None and end is not None and end < start:
            message = f"`end` {day_text(end)} is before `start` {day_text(start)}"
            yield Finding(span=locate(), message=message, hint="`end` is the last day that may be read")


def _ranges(context: Context) -> Iterator[tuple[Day | None, Day | None, Callable[[], Span]]]:
    for source in context.repository.sources.values():
        yield source.start, source.end, partial(source.header.span, source.kind.value, "end")
    for site in queries(context):
        yield site.query.start, site.query.end, partial(site.span, "end")


CHECK = Check(code="CHR-V020", summary="a range that ends before it starts", find=find, alone=True)

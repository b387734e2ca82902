"""A range of partitions that its source does not have."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.time import day_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.ranges import is_empty
from chronon.validators.sites import queries


def find(context: Context) -> Iterator[Finding]:
    """Every query that starts behind the last partition of its source, or ends before the first.

    A range that is empty by itself says nothing about the other one.
    """
    for site in queries(context):
        source = context.source(site.query, site.team)
        if source is None or is_empty(source) or is_empty(site.query):
            continue
        start, end = site.query.start, site.query.end
        if start is not None and source.end is not None and start > source.end:
            message = f"`start` {day_text(start)} is behind {day_text(source.end)}, the `end` of `{site.query.source}`"
            yield Finding(span=site.span("start"), message=message, hint="no partition would ever be read")
        if end is not None and source.start is not None and end < source.start:
            message = f"`end` {day_text(end)} is before {day_text(source.start)}, the `start` of `{site.query.source}`"
            yield Finding(span=site.span("end"), message=message, hint="no partition would ever be read")


CHECK = Check(code="CHR-V051", summary="a range that lies outside that of its source", find=find)

"""A training set that begins when its rows have ended."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.time import day_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.ranges import is_empty


def find(context: Context) -> Iterator[Finding]:
    """Every `start` of a join behind the last day of its left side."""
    for join in context.repository.joins.values():
        source = context.source(join.left, join.header.id.name.team)
        ranges = [ranged for ranged in (join.left, source) if ranged is not None and not is_empty(ranged)]
        ends = [ranged.end for ranged in ranges if ranged.end is not None]
        if join.start is not None and ends and join.start > min(ends):
            message = f"`start` {day_text(join.start)} is behind the last left row, of {day_text(min(ends))} at most"
            hint = "start earlier, or let the left side end later"
            yield Finding(span=join.header.span("start"), message=message, hint=hint)


CHECK = Check(code="CHR-V052", summary="a join that starts when its left side has ended", find=find)

"""A window that is longer than all the days that its source has."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.specs import GroupBySpec
from chronon.model.time import duration_text
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.ranges import days_of_events


def find(context: Context) -> Iterator[Finding]:
    """Every window over events that are known from one day to another, and for fewer days than it is long."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    days = days_of_events(context, spec)
    if days.start is None or days.end is None:
        return
    for index, aggregation in enumerate(spec.aggregations):
        for number, window in enumerate(aggregation.windows):
            if window is not None and days.is_shorter(window):
                message = f"a window of {duration_text(window)} is longer than the days that are read: {days}"
                span = spec.header.span("aggregations", index, "windows", number)
                hint = "use a shorter one, or `unbounded`, which counts the same and says so"
                yield Finding(span=span, message=message, hint=hint)


CHECK = Check(
    code="CHR-V107", summary="a window longer than the days of its source", find=find, severity=Severity.WARNING
)

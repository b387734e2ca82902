"""A window that stands twice in one aggregation, spelt in two ways."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec
from chronon.model.time import duration_text
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every window as long as one written before it: `24h` behind `1d`."""
    return in_group_bys(context, _of_one)


def _of_one(_context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    for index, aggregation in enumerate(spec.aggregations):
        for number, window in enumerate(aggregation.windows):
            if window is not None and window in aggregation.windows[:number]:
                message = f"this window of {duration_text(window)} stands twice in this list, in another spelling"
                span = spec.header.span("aggregations", index, "windows", number)
                yield Finding(span=span, message=message, hint="keep one of them")


CHECK = Check(code="CHR-V050", summary="a window that stands twice, spelt in two ways", find=find)

"""A window that no hops can make."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.aggregations import check_window
from chronon.model.specs import GroupBySpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import accuracy_of


def find(context: Context) -> Iterator[Finding]:
    """Every window that the aggregation core refuses for the accuracy of its group_by."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    accuracy = accuracy_of(context, spec)
    if accuracy is None:
        return
    for index, aggregation in enumerate(spec.aggregations):
        for number, window in enumerate(aggregation.windows):
            if refusal := check_window(window, accuracy):
                message, _semicolon, hint = refusal.partition("; ")
                span = spec.header.span("aggregations", index, "windows", number)
                yield Finding(span=span, message=message, hint=hint)


CHECK = Check(code="CHR-V011", summary="a window that is no multiple of its hop", find=find)

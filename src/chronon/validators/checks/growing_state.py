"""A served state that grows with every different value, for ever."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.aggregations import keeps_values
from chronon.model.diagnostics import Severity
from chronon.model.specs import Accuracy, GroupBySpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import accuracy_of

_BOUNDED = {"unique_count": "or use `approx_unique_count` or `bounded_unique_count(100)`, whose states stay small"}


def find(context: Context) -> Iterator[Finding]:
    """Every operation without a window, of an online temporal group_by, that keeps each different value."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    if not spec.online or accuracy_of(context, spec) is not Accuracy.TEMPORAL:
        return
    for index, aggregation in enumerate(spec.aggregations):
        for number, call in enumerate(aggregation.operations):
            if None in aggregation.windows and keeps_values(call.name):
                message = (
                    f"`{call}` without a window keeps every different `{aggregation.input}` in the store, for ever"
                )
                hint = f"write a window; {_BOUNDED[call.name]}" if call.name in _BOUNDED else "write a window"
                span = spec.header.span("aggregations", index, "operations", number)
                yield Finding(span=span, message=message, hint=hint)


CHECK = Check(code="CHR-V105", summary="a served state that grows for ever", find=find, severity=Severity.WARNING)

"""Element-wise aggregation of something that has no elements."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.aggregations import has_elements
from chronon.model.specs import GroupBySpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every `elementwise: true` whose input is no list of plain values."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    rows = context.rows(spec)[0]
    for index, aggregation in enumerate(spec.aggregations):
        kind = rows.type(aggregation.input) if aggregation.elementwise else None
        if kind is not None and not has_elements(kind):
            message = f"`{aggregation.input}` is {kind}: only a list of numbers, texts or times has elements"
            hint = "leave `elementwise` out, or select a list"
            yield Finding(span=spec.header.span("aggregations", index, "elementwise"), message=message, hint=hint)


CHECK = Check(code="CHR-V040", summary="element-wise aggregation of what is no list", find=find)

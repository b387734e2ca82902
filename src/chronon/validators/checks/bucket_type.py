"""A bucket that is not text."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.types import Scalar
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every bucket whose type is not string."""
    for spec in context.repository.group_bys.values():
        rows = context.rows(spec)[0]
        for index, aggregation in enumerate(spec.aggregations):
            for number, bucket in enumerate(aggregation.buckets):
                if (found := rows.type(bucket)) not in (None, Scalar.STRING):
                    span = spec.header.span("aggregations", index, "buckets", number)
                    message = f"bucket `{bucket}` is {found}, expected string: its values become keys of a map"
                    yield Finding(span=span, message=message, hint="select a text column for it")


CHECK = Check(code="CHR-V012", summary="a bucket that is not a string", find=find)

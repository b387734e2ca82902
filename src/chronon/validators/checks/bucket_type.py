"""A bucket that is not text."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec
from chronon.model.types import DataType, Scalar
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every bucket whose type is not string."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    rows = context.rows(spec)[0]
    for index, aggregation in enumerate(spec.aggregations):
        for number, names in enumerate(aggregation.buckets):
            for place, bucket in enumerate(names):
                if (found := rows.type(bucket)) not in (None, Scalar.STRING):
                    span = spec.header.span("aggregations", index, "buckets", number, place)
                    message = f"bucket `{bucket}` is {found}, expected string: its values become keys of a map"
                    yield Finding(span=span, message=message, hint=_hint(bucket, found))


def _hint(bucket: str, found: DataType | None) -> str:
    is_castable = found in {Scalar.BOOLEAN, Scalar.INT, Scalar.LONG}
    return f"select text: `{bucket}: CAST({bucket} AS string)`" if is_castable else "select a text column for it"


CHECK = Check(code="CHR-V012", summary="a bucket that is not a string", find=find)

"""Sources of one group_by that do not yield the same columns."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.columns import Columns
from chronon.validators.context import Context, kind_of


def find(context: Context) -> Iterator[Finding]:
    """Every source after the first that yields other types or columns, or is of another kind, than the first."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    rows = context.rows(spec)
    for index in range(1, len(rows)):
        for message in (*_kinds(context, spec, index), *_differences(rows[0], rows[index], spec)):
            span = spec.header.span("sources", index)
            yield Finding(span=span, message=message, hint="let every source yield the same columns")


def _kinds(context: Context, spec: GroupBySpec, index: int) -> Iterator[str]:
    team = spec.header.id.name.team
    first, other = kind_of(context, spec.queries[0], team), kind_of(context, spec.queries[index], team)
    if first and other and first is not other:
        yield f"this source has {other}, the first has {first}"
    sources = [context.source(spec.queries[place], team) for place in (0, index)]
    ages = [
        "one snapshot without days" if not source.partition else "a partition a day" for source in sources if source
    ]
    if first is other and len(set(ages)) > 1:
        yield f"this source has {ages[1]}, the first has {ages[0]}"


def _differences(first: Columns, other: Columns, spec: GroupBySpec) -> Iterator[str]:
    for name in sorted({*first.types, *other.types}):
        one, two = first.type(name), other.type(name)
        if one and two and one != two:
            yield f"column `{name}` is {two} here and {one} in the first source"
        if not spec.aggregations and (first.lacks(name) or other.lacks(name)) and name not in spec.keys:
            yield f"column `{name}` is not in every source"


CHECK = Check(code="CHR-V009", summary="sources of one group_by that yield different columns", find=find)

"""A snapshot of nothing but keys."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec, SourceKind
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of


def find(context: Context) -> Iterator[Finding]:
    """Every group_by over entities that passes no column through."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    kinds = (kind_of(context, query, spec.header.id.name.team) for query in spec.queries)
    features = context.features(spec)
    if not features.types and not features.is_open and SourceKind.EVENTS not in kinds:
        message = "this group_by has no features: all of its columns are keys"
        yield Finding(span=spec.header.span("keys"), message=message, hint="select the columns that are features")


CHECK = Check(code="CHR-V031", summary="a group_by without features", find=find)

"""A group_by over events that aggregates nothing."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec, SourceKind
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of


def find(context: Context) -> Iterator[Finding]:
    """Every group_by without aggregations that reads events, of which an entity has many."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    kinds = (kind_of(context, query, spec.header.id.name.team) for query in spec.queries)
    if not spec.aggregations and SourceKind.EVENTS in kinds:
        message = "a group_by over events needs `aggregations`: an entity has many events"
        hint = "the newest value of a column is `last`"
        yield Finding(span=spec.header.span("key:group_by"), message=message, hint=hint)


CHECK = Check(code="CHR-V014", summary="a group_by over events without aggregations", find=find)

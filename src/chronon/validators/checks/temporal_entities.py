"""A temporal group_by over entities that are known by day only."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import Accuracy, GroupBySpec, SourceKind
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context
from chronon.validators.defaults import accuracy_of


def find(context: Context) -> Iterator[Finding]:
    """Every temporal group_by over entities without mutations, and every one that aggregates nothing.

    A column that is passed through has no value of its own between two snapshots: whose image would it be?
    """
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    if accuracy_of(context, spec) is not Accuracy.TEMPORAL or not (names := _entities(context, spec)):
        return
    span = spec.header.span("accuracy")
    if lacking := [name for name, has_mutations in names if not has_mutations]:
        message = f"`{lacking[0]}` has entities without `mutations`: their state is known at the end of each day only"
        hint = "declare `mutations` in the source, or write `accuracy: snapshot`"
        yield Finding(span=span, message=message, hint=hint)
    elif not spec.aggregations:
        message = "a `temporal` group_by over entities needs `aggregations`"
        yield Finding(span=span, message=message, hint="aggregate its columns, or write `accuracy: snapshot`")


def _entities(context: Context, spec: GroupBySpec) -> list[tuple[str, bool]]:
    """The sources of entities that a group_by reads, as written, and whether they tell mutations."""
    found = [(query.source, context.source(query, spec.header.id.name.team)) for query in spec.queries]
    return [
        (name, source.mutations is not None)
        for name, source in found
        if name is not None and source is not None and source.kind is SourceKind.ENTITIES
    ]


CHECK = Check(code="CHR-V017", summary="a temporal group_by over entities that are known by day only", find=find)

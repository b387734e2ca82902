"""A window over entities that have no time."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec, SourceKind
from chronon.validators.alike import in_group_bys
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every window over entities where neither the query nor the source says what a row's own time is."""
    return in_group_bys(context, _of_one)


def _of_one(context: Context, spec: GroupBySpec) -> Iterator[Finding]:
    if (name := _timeless(context, spec)) is None:
        return
    for index, aggregation in enumerate(spec.aggregations):
        for number, window in enumerate(aggregation.windows):
            if window is not None:
                span = spec.header.span("aggregations", index, "windows", number)
                message = f"the entities of `{name}` have no `time` for a window to go by"
                hint = "write `time` in the source: the row's own time; or remove `windows`"
                yield Finding(span=span, message=message, hint=hint)


def _timeless(context: Context, spec: GroupBySpec) -> str | None:
    """The first source of entities without a time, as written."""
    for query in spec.queries:
        source = context.source(query, spec.header.id.name.team)
        if source is not None and source.kind is SourceKind.ENTITIES and not (query.time or source.time):
            return query.source
    return None


CHECK = Check(code="CHR-V029", summary="a window over entities without a time", find=find)

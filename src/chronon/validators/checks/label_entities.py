"""A label over entities that cannot say what became of them."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import GroupBySpec, SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of
from chronon.validators.outcomes import labels


def find(context: Context) -> Iterator[Finding]:
    """Every label that aggregates entities, whose rows may be older than the left ones, or whose table has no days."""
    for join, path, label, group_by in labels(context):
        team = group_by.header.id.name.team
        if {kind_of(context, query, team) for query in group_by.queries} != {SourceKind.ENTITIES}:
            continue
        span = join.header.span(*path, "group_by")
        if group_by.aggregations:
            message = f"`{label.group_by}` aggregates entities: their rows may be older than the row they tell about"
            yield Finding(span=span, message=message, hint="pass columns through, or aggregate events")
        elif dayless := _without_days(context, group_by):
            message = f"the table of `{dayless}` has no days: it cannot tell how entities were after a row"
            yield Finding(span=span, message=message, hint="read a table with one partition a day")


def _without_days(context: Context, group_by: GroupBySpec) -> str | None:
    """The first source of a group_by whose table has no partitions."""
    team = group_by.header.id.name.team
    sources = ((query, context.source(query, team)) for query in group_by.queries)
    return next((query.source for query, source in sources if source and not source.partition), None)


CHECK = Check(code="CHR-V129", summary="a label over entities that are aggregated, or have no days", find=find)

"""A join whose left side has entities without days."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every join whose left side reads entities of no day: their rows ask for features at the end of their day."""
    for join in context.repository.joins.values():
        source = context.source(join.left, join.header.id.name.team)
        if source is not None and source.kind is SourceKind.ENTITIES and not source.partition:
            message = f"the left side of a join needs days, the table of `{join.left.source}` has no partitions"
            hint = "join the entities as a part, to events that ask for them"
            yield Finding(span=join.header.span("left", "source"), message=message, hint=hint)


CHECK = Check(code="CHR-V027", summary="a join whose left side has entities without days", find=find)

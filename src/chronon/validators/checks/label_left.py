"""Labels of rows that are entities."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of


def find(context: Context) -> Iterator[Finding]:
    """Every join with labels whose left side has entities: they are states, and nothing happens after a state."""
    for join in context.repository.joins.values():
        if join.labels and kind_of(context, join.left, join.header.id.name.team) is SourceKind.ENTITIES:
            message = f"labels tell what happens after an event, the rows of `{join.left.source}` are entities"
            hint = "let the left side read events: of the moments at which the outcome is to be foretold"
            yield Finding(span=join.header.span("key:labels"), message=message, hint=hint)


CHECK = Check(code="CHR-V127", summary="labels on a left side of entities", find=find)

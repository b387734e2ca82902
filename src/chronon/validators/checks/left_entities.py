"""A join whose left side has no moments."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of


def find(context: Context) -> Iterator[Finding]:
    """Every join whose left side reads entities: each of its rows needs a time at which features are asked."""
    for join in context.repository.joins.values():
        if kind_of(context, join.left, join.header.id.name.team) is SourceKind.ENTITIES:
            message = f"the left side of a join needs events, `{join.left.source}` has entities"
            hint = "join the entities as a part, to events that ask for them"
            yield Finding(span=join.header.span("left", "source"), message=message, hint=hint)


CHECK = Check(code="CHR-V027", summary="a join whose left side has entities", find=find)

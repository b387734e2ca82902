"""Entities that are asked for moments inside a day."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import Accuracy, SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of


def find(context: Context) -> Iterator[Finding]:
    """Every temporal group_by over entities, whose states are known by day only."""
    for spec in context.repository.group_bys.values():
        kinds = (kind_of(context, query, spec.header.id.name.team) for query in spec.queries)
        if spec.accuracy is Accuracy.TEMPORAL and SourceKind.ENTITIES in kinds:
            message = "entities cannot be `temporal`: their state is known at the end of each day"
            yield Finding(span=spec.header.span("accuracy"), message=message, hint="write `accuracy: snapshot`")


CHECK = Check(code="CHR-V017", summary="a temporal group_by over entities", find=find)

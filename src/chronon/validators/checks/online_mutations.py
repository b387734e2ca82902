"""Entities that change during the day, served online."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import Accuracy, SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of
from chronon.validators.defaults import accuracy_of


def find(context: Context) -> Iterator[Finding]:
    """Every online temporal group_by over entities: no stream folds their mutations yet."""
    for spec in context.repository.group_bys.values():
        kinds = {kind_of(context, query, spec.header.id.name.team) for query in spec.queries}
        if spec.online and accuracy_of(context, spec) is Accuracy.TEMPORAL and SourceKind.ENTITIES in kinds:
            message = "entities are served as of the last snapshot only: no stream folds their mutations yet"
            hint = "write `accuracy: snapshot`, or leave `online` out"
            yield Finding(span=spec.header.span("online"), message=message, hint=hint)


CHECK = Check(code="CHR-V037", summary="an online temporal group_by over entities", find=find)

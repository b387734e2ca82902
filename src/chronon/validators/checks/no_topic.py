"""An online group_by that promises the current moment and has no stream."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import Accuracy, SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every online group_by that says `temporal` and reads no source with a topic; entities have a check of their own."""
    for spec in context.repository.group_bys.values():
        team = spec.header.id.name.team
        sources = [context.source(query, team) for query in spec.queries if query.source is not None]
        has_topic = any(source is None or source.kind is SourceKind.ENTITIES or source.topic for source in sources)
        if spec.online and spec.accuracy is Accuracy.TEMPORAL and not has_topic:
            message = "an online temporal group_by needs a source with a `topic`"
            hint = "give the source a topic, or write `accuracy: snapshot`"
            yield Finding(span=spec.header.span("accuracy"), message=message, hint=hint)


CHECK = Check(code="CHR-V018", summary="an online temporal group_by without a topic", find=find)

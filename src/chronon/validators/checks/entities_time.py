"""Entities with a time or a window: they are states of a day, not moments."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of
from chronon.validators.sites import queries


def find(context: Context) -> Iterator[Finding]:
    """Every `time` beside entities, and every window over them."""
    for site in queries(context):
        if site.query.time is not None and kind_of(context, site.query, site.team) is SourceKind.ENTITIES:
            message = "entities have no `time`: a row is the state at the end of its day"
            yield Finding(span=site.span("time"), message=message, hint="remove `time`")
    for spec in context.repository.group_bys.values():
        kinds = (kind_of(context, query, spec.header.id.name.team) for query in spec.queries)
        if SourceKind.ENTITIES not in kinds:
            continue
        for index, aggregation in enumerate(spec.aggregations):
            for number, window in enumerate(aggregation.windows):
                if window is not None:
                    span = spec.header.span("aggregations", index, "windows", number)
                    message = "entities have no windows: a row is the state at the end of its day"
                    yield Finding(span=span, message=message, hint="remove `windows`, or read the events behind it")


CHECK = Check(code="CHR-V029", summary="a time or a window over entities", find=find)

"""When a label is looked at: entities need to be told, events must not."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of
from chronon.validators.outcomes import labels


def find(context: Context) -> Iterator[Finding]:
    """Every label over entities without `after`, and every one over events with it."""
    for join, path, label, group_by in labels(context):
        kinds = {kind_of(context, query, group_by.header.id.name.team) for query in group_by.queries}
        if kinds == {SourceKind.ENTITIES} and label.after is None:
            message = f"`{label.group_by}` has entities: when they are looked at is not said"
            hint = f"write `{{group_by: {label.group_by}, after: 7d}}`: their state a week after the row"
            yield Finding(span=join.header.span(*path, "group_by"), message=message, hint=hint)
        elif kinds == {SourceKind.EVENTS} and label.after is not None:
            message = f"`{label.group_by}` has events: they are looked at when the window of each feature is over"
            yield Finding(span=join.header.span(*path, "after"), message=message, hint="remove `after`")


CHECK = Check(code="CHR-V128", summary="a label that does not say when it is looked at, or says it twice", find=find)

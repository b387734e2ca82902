"""A label over events that never ends."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import SourceKind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of
from chronon.validators.outcomes import labels


def find(context: Context) -> Iterator[Finding]:
    """Every label over events with a feature that has no window, told once."""
    for join, path, label, group_by in labels(context):
        team = group_by.header.id.name.team
        kinds = {kind_of(context, query, team) for query in group_by.queries}
        endless = [draft.name for draft in context.drafts(group_by) if draft.window is None]
        if kinds == {SourceKind.EVENTS} and endless:
            more = f" and {len(endless) - 1} more of `{label.group_by}` have" if len(endless) > 1 else " has"
            message = f"`{endless[0]}`{more} no window: as a label it is never over"
            hint = "write `windows` for it, or make the label a group_by of its own with windows only"
            yield Finding(span=join.header.span(*path, "group_by"), message=message, hint=hint)


CHECK = Check(code="CHR-V126", summary="a label over events without a window", find=find)

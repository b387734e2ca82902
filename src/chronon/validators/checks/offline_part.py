"""An online join with a part that cannot be fetched."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every part of an online join whose group_by is not online."""
    for join in context.repository.joins.values():
        for index, part in enumerate(join.parts if join.online else ()):
            group_by = context.group_by(part, join.header.id.name.team)
            if group_by is not None and not group_by.online:
                message = f"this join is online, its part `{part.group_by}` is not"
                hint = f"write `online: true` in {group_by.header.path}"
                yield Finding(span=join.header.span("parts", index, "group_by"), message=message, hint=hint)


CHECK = Check(code="CHR-V026", summary="an online join with a part that is not online", find=find)

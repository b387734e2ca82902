"""A group_by that computes nothing, as nobody asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context

REQUEST = "unread_group_bys"


def find(context: Context) -> Iterator[Finding]:
    """Every group_by that is not online and is a part of no join.

    Where a reference leads nowhere or a file is broken, any of them may be the one that was meant: then nothing is told.
    """
    for identity, spec in context.repository.group_bys.items():
        severity = context.asked(REQUEST, identity.name.team)
        if severity and not spec.online and identity in context.whole.unread:
            message = f"no join reads `{identity}`, and it is not online: nothing of it is computed"
            hint = "make it a part of a join, write `online: true`, or remove it"
            yield Finding(span=spec.header.span("group_by"), message=message, hint=hint, severity=severity)


CHECK = Check(
    code="CHR-V118", summary="a group_by that nobody reads", find=find, severity=Severity.WARNING, request=REQUEST
)

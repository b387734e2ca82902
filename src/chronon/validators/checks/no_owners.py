"""A team that serves something and says nobody who could be asked about it."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every team without `owners` that has an online object without its own."""
    first = context.whole.served
    for name, team in context.repository.teams.items():
        if not team.header.owners and name in first:
            message = f"`{first[name]}` is online, and the team has no `owners`: whom to ask when it fails is not known"
            hint = f"write `owners: [{name}@example.com]`: people or groups, in any form that they are reached by"
            yield Finding(span=team.header.span("team"), message=message, hint=hint)


CHECK = Check(
    code="CHR-V102", summary="a team without owners that serves something", find=find, severity=Severity.WARNING
)

"""An object that says nowhere what it is."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.diagnostics import Severity
from chronon.model.names import Kind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context

REQUEST = "descriptions"


def find(context: Context) -> Iterator[Finding]:
    """Every team, source, group_by and join without a description, or with a blank one."""
    repository = context.repository
    for specs in (repository.teams, repository.sources, repository.group_bys, repository.joins):
        for header in (spec.header for spec in specs.values()):
            severity = context.asked(REQUEST, header.id.name.team)
            if severity and not header.description.strip():
                kind, name = header.id.kind, header.id.name.team if header.id.kind is Kind.TEAM else header.id
                message = f"{kind} `{name}` has no description"
                hint = "write `description:`, for those who look for it"
                yield Finding(span=header.span(kind.value), message=message, hint=hint, severity=severity)


CHECK = Check(
    code="CHR-V116", summary="an object without a description", find=find, severity=Severity.WARNING, request=REQUEST
)

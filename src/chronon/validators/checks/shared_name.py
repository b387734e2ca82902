"""A join and a group_by of one name: readers fetch by name alone."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.names import Kind
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every join whose name and version a group_by of its team has too."""
    taken = context.references.objects[Kind.GROUP_BY]
    for identity, spec in context.repository.joins.items():
        if identity.version in taken.get(identity.name, ()):
            message = f"there is a group_by `{identity}` too, and both are fetched by that name"
            yield Finding(span=spec.header.span("join"), message=message, hint="rename one of them")


CHECK = Check(code="CHR-V034", summary="a join and a group_by of one name", find=find)

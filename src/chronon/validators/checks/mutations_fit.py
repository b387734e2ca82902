"""Mutations that do not fit the entities that they change."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Mutations of a table without days, and columns that they have in another type than the entities."""
    for source in context.repository.sources.values():
        if source.mutations is None:
            continue
        place = (source.kind.value, "mutations")
        if not source.partition:
            message = "a table without partitions has no mutations: no snapshot says what they are the changes of"
            yield Finding(
                span=source.header.span(*place),
                message=message,
                hint="give the table a partition a day, or remove them",
            )
        known = context.contract(source).types
        for column in source.mutations.columns:
            if (theirs := known.get(column.name)) is not None and theirs != column.type:
                message = f"`{column.name}` is {column.type} here and {theirs} in the entities"
                span = source.header.span(*place, "columns", column.name)
                yield Finding(span=span, message=message, hint="columns of the entities need not be listed again")


CHECK = Check(code="CHR-V038", summary="mutations that do not fit their entities", find=find)

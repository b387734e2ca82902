"""One column of one table or topic, declared with two types."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import SourceSpec
from chronon.model.types import DataType
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every column whose table or topic has it in another type in a source before, by name: one of both is wrong."""
    first: dict[tuple[str, str], tuple[DataType, SourceSpec]] = {}
    for source in sorted(context.repository.sources.values(), key=lambda source: source.header.id):
        for column in source.columns:
            places = [(place, column.name) for place in (source.table, source.topic) if place is not None]
            known = [first.setdefault(place, (column.type, source)) for place in places]
            differing = [(place, found) for place, found in zip(places, known, strict=True) if found[0] != column.type]
            if differing:
                ((place, _name), (other, declared)) = differing[0]
                message = f"`{column.name}` of {place} is {column.type} here and {other} in {declared.header.path}"
                span = source.header.span(source.kind.value, "columns", column.name)
                yield Finding(span=span, message=message, hint="declare it as it is in the table")


CHECK = Check(code="CHR-V053", summary="one column of a table or topic declared with two types", find=find)

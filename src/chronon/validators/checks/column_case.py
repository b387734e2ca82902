"""Columns that differ only in capitals, which SQL engines take for the same."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every column of a contract that an earlier one of the contract resembles so."""
    for source in context.repository.sources.values():
        images = source.mutations.columns if source.mutations else ()
        seen: dict[str, str] = {}
        for place, columns in ((), source.columns), (("mutations",), images):
            for column in columns:
                first = seen.setdefault(column.name.lower(), column.name)
                if first != column.name:
                    message = f"column `{column.name}` differs from `{first}` only in capitals: engines mix them up"
                    span = source.header.span(source.kind.value, *place, "columns", f"key:{column.name}")
                    yield Finding(span=span, message=message, hint="rename one of them in the table")


CHECK = Check(code="CHR-V033", summary="columns of a source that differ only in capitals", find=find)

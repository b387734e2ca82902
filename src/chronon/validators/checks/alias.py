"""A former name of a column that is the name of another one: data with it would be read as both."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.specs import ColumnSpec, Path
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every alias of a contract that another column has as its name or alias, in whatever capitals."""
    for source in context.repository.sources.values():
        images = source.mutations.columns if source.mutations else ()
        places: list[tuple[Path, ColumnSpec]] = [((source.kind.value, "columns"), column) for column in source.columns]
        places += [((source.kind.value, "mutations", "columns"), column) for column in images]
        taken = {column.name.lower(): column.name for _, column in places}
        for within, column in places:
            for alias in column.aliases:
                first = taken.setdefault(alias.lower(), column.name)
                if first != column.name or alias.lower() == column.name.lower():
                    message = f"`{alias}` is the name of column `{first}`: data with it would be read as both"
                    path = (*within, column.name, "alias")
                    yield Finding(span=source.header.span(*path), message=message, hint="remove the alias")


CHECK = Check(code="CHR-V045", summary="an alias that is the name of another column", find=find)

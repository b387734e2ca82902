"""One table or topic, declared in two ways: a column with two types, or folders of days by two names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chronon.model.specs import ColumnSpec, Path, SourceSpec
from chronon.model.types import DataType
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context


def find(context: Context) -> Iterator[Finding]:
    """Every column and partition that a source before, by name, declares otherwise for the same table or topic.

    One of both is wrong. The tables and topics of mutations count, which have the columns of their entities too.
    """
    sources = sorted(context.repository.sources.values(), key=lambda source: source.header.id)
    yield from _columns_differ(sources)
    yield from _partitions_differ(sources)


def _partitions_differ(sources: Iterable[SourceSpec]) -> Iterator[Finding]:
    first: dict[str, SourceSpec] = {}
    for source in sources:
        others = [(table, first.setdefault(table, source)) for table in source.tables]
        differing = [(table, other) for table, other in others if other.partition != source.partition]
        if differing:
            ((table, other),) = differing[:1]
            message = f"{table} has {_days(source)} here and {_days(other)} in {other.header.path}"
            written = (source.kind.value, "partition")
            span = source.header.span(*(written if written in source.header.spans else (source.kind.value, "table")))
            yield Finding(span=span, message=message, hint="declare it as its folders are called")


def _days(source: SourceSpec) -> str:
    return f"days by `{source.partition}`" if source.partition else "no days"


def _columns_differ(sources: Iterable[SourceSpec]) -> Iterator[Finding]:
    first: dict[tuple[str, str], tuple[DataType, SourceSpec]] = {}
    for source in sources:
        for column, homes, path in _columns(source):
            places = [(home, column.name) for home in homes if home is not None]
            known = [first.setdefault(place, (column.type, source)) for place in places]
            differing = [(place, found) for place, found in zip(places, known, strict=True) if found[0] != column.type]
            if differing:
                ((place, _name), (other, declared)) = differing[0]
                message = f"`{column.name}` of {place} is {column.type} here and {other} in {declared.header.path}"
                span = source.header.span(*path, column.name)
                yield Finding(span=span, message=message, hint="declare it as it is in the table")


def _columns(source: SourceSpec) -> Iterator[tuple[ColumnSpec, tuple[str | None, ...], Path]]:
    """Every column with the tables and topics that have it, and the path of its siblings.

    A column that mutations list again, with a type of their own, is told by `mutations_fit`.
    """
    changes = source.mutations
    of_changes = (changes.table, changes.topic) if changes else ()
    for column in source.columns:
        yield column, (source.table, source.topic, *of_changes), (source.kind.value, "columns")
    known = {column.name for column in source.columns}
    for column in changes.columns if changes else ():
        if column.name not in known:
            yield column, of_changes, (source.kind.value, "mutations", "columns")


CHECK = Check(code="CHR-V053", summary="one table or topic declared in two ways", find=find)

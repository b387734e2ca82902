"""Where definitions say that they read a column of a table, and which of their own columns come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chronon.loaders.yaml import TEXT
from chronon.model.definitions import Catalog, Column, GroupBy, Join, Rows
from chronon.model.diagnostics import Span
from chronon.model.names import Kind, ObjectId
from chronon.model.plan import Reader
from chronon.model.specs import Header, Path, QuerySpec, Repository, SourceSpec
from chronon.planners.fingerprints import select_names
from chronon.planners.row_meanings import columns_read


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows that an object takes from a table. index: of the query among its siblings: in a join those of its bootstrap; None is the left side."""

    reader: GroupBy | Join
    index: int | None
    rows: Rows


def readings(catalog: Catalog) -> Iterator[Reading]:
    """Everything that is read from tables, by the names of who reads."""
    for identity in sorted(catalog.group_bys):
        group_by = catalog.group_bys[identity]
        for index, rows in enumerate(group_by.rows):
            yield from (Reading(group_by, index, each) for each in (rows, rows.mutations) if each and each.table)
    for identity in sorted(catalog.joins):
        join = catalog.joins[identity]
        if join.left.table:
            yield Reading(join, None, join.left)
        for index, lookup in enumerate(join.lookups):
            yield from (Reading(join, index, rows) for rows in lookup.group_by.rows)


def reader_of(reading: Reading, column: Column, repository: Repository) -> Reader:
    """Who reads a column: the outputs that need it, and the place that names it."""
    place = _place(reading, column, repository)
    if isinstance(reading.reader, Join):
        return Reader(id=reading.reader.id, columns=_of_join(reading.reader, reading, column), span=place)
    group_by = reading.reader
    names = tuple(
        feature.name
        for feature in group_by.features
        if column.name in columns_read(reading.rows, select_names(group_by, [feature]))
    )
    return Reader(id=group_by.id, columns=names, span=place)


def source_of(table: str, repository: Repository) -> SourceSpec | None:
    """The first source by name that declares a table, or its images."""
    sources = sorted(repository.sources.values(), key=lambda source: source.header.id)
    return next((each for each in sources if table in each.tables), None)


def declared_at(table: str, column: str, repository: Repository) -> Span:
    """Where the contract has a column of a table."""
    source = source_of(table, repository)
    if source is None:
        return Span("chronon.yaml")
    kind = source.kind.value
    paths: list[Path] = [(kind, "columns", f"key:{column}"), (kind, "mutations", "columns", f"key:{column}")]
    return _written(source.header, paths) or source.header.span(kind, "columns")


def _of_join(join: Join, reading: Reading, column: Column) -> tuple[str, ...]:
    """The left columns, or those that are given, that need a column; all of them where the rows themselves do."""
    if reading.index is None:
        names = [select.name for select in reading.rows.selects]
        return tuple(name for name in names if column.name in columns_read(reading.rows, [name]))
    asked = join.lookups[reading.index].group_by
    need = {f.name for f in asked.features if column.name in columns_read(reading.rows, select_names(asked, [f]))}
    return tuple(filled.name for filled in join.filled if need.intersection(filled.reads))


def _place(reading: Reading, column: Column, repository: Repository) -> Span:
    """The name of the column in a select, a condition or a time; else the key or input that is taken by its name."""
    header, query, path = _query(reading.reader.id, reading.index, repository)
    for inside, sql in _expressions(query):
        if found := _named(header, (*path, *inside), sql, column.name):
            return found
    source = source_of(reading.rows.table, repository)
    kind = source.kind.value if source else ""
    if source is not None and query.time is None:
        for inside, text in _source_expressions(source):
            if found := _named(source.header, (kind, *inside), text, column.name):
                return found
    return _implied(header, reading, column.name) or declared_at(reading.rows.table, column.name, repository)


def _query(identity: ObjectId, index: int | None, repository: Repository) -> tuple[Header, QuerySpec, Path]:
    if identity.kind is Kind.JOIN:
        join = repository.joins[identity]
        at: Path = ("left",) if index is None else ("bootstrap", index)
        return join.header, join.left if index is None else join.bootstrap[index].query, at
    group_by, index = repository.group_bys[identity], index or 0
    path: Path = ("sources", index) if ("sources",) in group_by.header.spans else ()
    return group_by.header, group_by.queries[index], path


def _expressions(query: QuerySpec) -> Iterator[tuple[Path, str]]:
    for name, sql in query.select.items():
        yield ("select", name), sql
    for index, sql in enumerate(query.where):
        yield ("where", index), sql
        yield ("where",), sql
    if query.time is not None:
        yield ("time",), query.time


def _source_expressions(source: SourceSpec) -> Iterator[tuple[Path, str]]:
    if source.time is not None:
        yield ("time",), source.time
    if source.mutations is not None:
        yield ("mutations", "time"), source.mutations.time
        yield ("mutations", "reversal"), source.mutations.reversal


def _named(header: Header, path: Path, sql: str, column: str) -> Span | None:
    """Where an expression names a column; where it begins, if the file does not show it as it is."""
    found = re.search(rf"(?<!\w){re.escape(column)}(?!\w)", sql)
    if found is None or path not in header.spans:
        return None
    start = header.spans.get((*path, TEXT))
    return Span(start.path, start.line, start.column + found.start()) if start else header.spans[path]


def _implied(header: Header, reading: Reading, column: str) -> Span | None:
    """The key, input or bucket that is the column itself."""
    group_by = reading.reader
    if isinstance(group_by, Join):
        keys = [] if reading.index is None else [key.name for key in group_by.lookups[reading.index].group_by.keys]
        return (
            header.spans.get(("bootstrap", reading.index or 0, "keys", keys.index(column))) if column in keys else None
        )
    paths: list[Path] = [("keys", index) for index, key in enumerate(group_by.keys) if key.name == column]
    aggregations = [path for path in header.spans if path[:1] == ("aggregations",) and path[2:] == ("input",)]
    inputs = sorted(aggregations, key=str)
    names = [feature.input for feature in group_by.features]
    if column in names:
        paths += inputs[list(dict.fromkeys(names)).index(column) :][:1]
    return _written(header, paths)


def _written(header: Header, paths: list[Path]) -> Span | None:
    return next((header.spans[path] for path in paths if path in header.spans), None)

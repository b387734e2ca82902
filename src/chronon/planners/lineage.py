"""Where every column comes from: the columns that it is computed of, and those that decide which rows it sees.

Columns of tables are the roots, columns of joins and features of group_bys follow. Only what a definition really reads is
in it: the same columns that a fingerprint holds (`planners.fingerprints`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import chain

from chronon.model.definitions import Catalog, Feature, GroupBy, Join, Lookup, Part, Rows, Selected
from chronon.model.names import Kind, ObjectId
from chronon.model.time import duration_text
from chronon.planners.digests import words


class Use(StrEnum):
    """What a column is read for.

    VALUE: it is computed of it.  KEY: rows are sought by it.  FILTER: it decides which rows count.  TIME: when they count.
    """

    VALUE = "value"
    KEY = "key"
    FILTER = "filter"
    TIME = "time"


@dataclass(frozen=True, slots=True, order=True)
class ColumnId:
    """A column anywhere. owner: a table's name, or a group_by or join."""

    kind: str
    owner: str
    column: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.column}"

    @classmethod
    def of(cls, identity: ObjectId, column: str) -> ColumnId:
        """A feature of a group_by, or a column of a join."""
        return cls(identity.kind.value, str(identity), column)


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """A column that another one reads, and what for."""

    use: Use
    column: ColumnId


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Every column with what it reads.

    reads:   column → what it reads directly, sorted; columns of tables read nothing.
    meaning: column → how its value is made, for people: `count of late over 7d`, an expression.
    readers: the other way round.
    former:  name that a column had before → the column.
    """

    reads: Mapping[ColumnId, tuple[Read, ...]]
    meaning: Mapping[ColumnId, str]
    readers: Mapping[ColumnId, tuple[Read, ...]]
    former: Mapping[ColumnId, ColumnId]

    def of_values(self) -> Lineage:
        """The same without keys, filters and times."""
        return replace(self, reads=_only_values(self.reads), readers=_only_values(self.readers))

    def reached(self, start: Collection[ColumnId], *, down: bool) -> frozenset[ColumnId]:
        """The columns on any way from some columns, themselves included: all that they read, or with `down` their readers."""
        edges = self.readers if down else self.reads
        found = set(start)
        waiting = list(found)
        while waiting:
            for read in edges.get(waiting.pop(), ()):
                if read.column not in found:
                    found.add(read.column)
                    waiting.append(read.column)
        return frozenset(found)


def lineage_of(catalog: Catalog) -> Lineage:
    """The lineage of every column of a catalog; cost by the number of columns."""
    reads: dict[ColumnId, tuple[Read, ...]] = {}
    meaning: dict[ColumnId, str] = {}
    for group_by in catalog.group_bys.values():
        for feature in group_by.features:
            column = ColumnId.of(group_by.id, feature.name)
            reads[column] = _sorted(_feature_reads(group_by, feature))
            meaning[column] = _aggregation(feature)
    for join in catalog.joins.values():
        for column, found, text in _join_columns(join, catalog):
            reads[column] = _sorted(found)
            meaning[column] = text
    for column in [read.column for found in reads.values() for read in found]:
        reads.setdefault(column, ())
    former = {old: new for old, new in _former(catalog) if old not in reads}
    return Lineage(reads=reads, meaning=meaning, readers=_turned(reads), former=former)


def _former(catalog: Catalog) -> Iterator[tuple[ColumnId, ColumnId]]:
    """Every name under which a column stays readable, with the column."""
    for rows in catalog.table_rows:
        owner = partial(ColumnId, TABLE, rows.table)
        yield from ((owner(old), owner(column.name)) for column in rows.columns for old in column.aliases)
    for identity, group_by in catalog.group_bys.items():
        for feature in group_by.features:
            yield from ((ColumnId.of(identity, old), ColumnId.of(identity, feature.name)) for old in feature.aliases)
    for identity, join in catalog.joins.items():
        for output in join.columns:
            yield from ((ColumnId.of(identity, old), ColumnId.of(identity, output.name)) for old in output.aliases)


def _only_values(edges: Mapping[ColumnId, tuple[Read, ...]]) -> Mapping[ColumnId, tuple[Read, ...]]:
    return {column: tuple(read for read in reads if read.use is Use.VALUE) for column, reads in edges.items()}


def _turned(reads: Mapping[ColumnId, tuple[Read, ...]]) -> dict[ColumnId, tuple[Read, ...]]:
    readers: dict[ColumnId, list[Read]] = {column: [] for column in reads}
    for column, found in reads.items():
        for read in found:
            readers[read.column].append(Read(read.use, column))
    return {column: tuple(sorted(found)) for column, found in readers.items()}


def _sorted(found: Iterator[Read]) -> tuple[Read, ...]:
    """Without repetition; a column that is read for its value and as a key stands there twice."""
    return tuple(sorted(set(found)))


def _feature_reads(group_by: GroupBy, feature: Feature) -> Iterator[Read]:
    values, keys = {feature.input, *feature.buckets}, {key.name for key in group_by.keys}
    for rows in group_by.inputs:
        yield from _selects(rows, values, Use.VALUE)
        yield from _selects(rows, keys, Use.KEY)
        yield from _of_rows(rows)


def _join_columns(join: Join, catalog: Catalog) -> Iterator[tuple[ColumnId, Iterator[Read], str]]:
    for select in join.left.selects:
        column = ColumnId.of(join.id, select.name)
        yield column, _left_reads(join.left, select), select.expression
    time = join.left.time.expression if join.left.time else "the day"
    yield ColumnId.of(join.id, "ts"), _of_rows(join.left), time
    for part in join.asked:
        for feature in catalog.group_bys[part.group_by].features:
            name = part.column(feature.name)
            found, said = _given(join, name)
            reads = chain(_part_reads(join.id, part, feature), found)
            yield ColumnId.of(join.id, name), reads, f"{said}{_joined(part, feature)}"
    for derivation in join.derivations:
        found, said = _given(join, derivation.name)
        own = (Read(Use.VALUE, ColumnId.of(join.id, name)) for name in derivation.reads)
        yield ColumnId.of(join.id, derivation.name), chain(own, found), f"{said}{derivation.expression}"


def _given(join: Join, name: str) -> tuple[Iterator[Read], str]:
    """What the tables of a bootstrap are read for of a column, and in which words it comes before what is computed."""
    places = {read for filled in join.filled if filled.name == name for read in filled.reads[:-1]}
    asked = [(lookup, f) for lookup in join.lookups for f in lookup.group_by.features if f.name in places]
    said = "".join(f"given by {lookup.part.group_by}, else " for lookup, _feature in asked)
    return chain.from_iterable(_lookup_reads(join.id, lookup, feature) for lookup, feature in asked), said


def _lookup_reads(join: ObjectId, lookup: Lookup, feature: Feature) -> Iterator[Read]:
    yield from _feature_reads(lookup.group_by, feature)
    yield from (Read(Use.KEY, ColumnId.of(join, left)) for left in lookup.part.keys.values())


def _joined(part: Part, feature: Feature) -> str:
    if not part.ahead:
        return f"{feature.name} of {part.group_by}"
    since = "after" if feature.operation is None else "from the row on, over"
    return f"{feature.name} of {part.group_by}, {since} {duration_text(part.later(feature))}"


def _left_reads(rows: Rows, select: Selected) -> Iterator[Read]:
    yield from _selects(rows, {select.name}, Use.VALUE)
    yield from _of_rows(rows)


def _part_reads(join: ObjectId, part: Part, feature: Feature) -> Iterator[Read]:
    yield Read(Use.VALUE, ColumnId.of(part.group_by, feature.name))
    yield from (Read(Use.KEY, ColumnId.of(join, left)) for left in part.keys.values())
    yield Read(Use.TIME, ColumnId.of(join, "ts"))


def _selects(rows: Rows, names: Collection[str], use: Use) -> Iterator[Read]:
    for select in rows.selects:
        if select.name in names:
            yield from (Read(use, _physical(rows, name)) for name in select.reads)


def _of_rows(rows: Rows) -> Iterator[Read]:
    """What decides which rows count, and when."""
    for select in (rows.time, rows.changed):
        if select is not None:
            yield from (Read(Use.TIME, _physical(rows, name)) for name in select.reads)
    filtering = set(rows.reversal.reads if rows.reversal else ()).union(*map(words, rows.wheres))
    yield from (Read(Use.FILTER, _physical(rows, c.name)) for c in rows.columns if c.name in filtering)


def _physical(rows: Rows, name: str) -> ColumnId:
    return ColumnId("table", rows.table, name) if rows.join is None else ColumnId.of(rows.join, name)


def _aggregation(feature: Feature) -> str:
    if feature.operation is None:
        return feature.input
    window = f" over {duration_text(feature.window)}" if feature.window is not None else ""
    buckets = "".join(f" by {bucket}" for bucket in feature.buckets)
    return f"{feature.operation} of {feature.input}{window}{buckets}"


TABLE = "table"
"""The kind of a column that no definition makes."""

KINDS = (TABLE, Kind.GROUP_BY.value, Kind.JOIN.value)
"""Kinds of owners, from where data comes to where it goes."""

"""Definitions of a repository in which no check has found an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from chronon.expressions import Expression, analyse
from chronon.expressions.text import conjuncts, identifier
from chronon.model.definitions import (
    Catalog,
    Column,
    Feature,
    Filled,
    GroupBy,
    Join,
    Lookup,
    Part,
    Rows,
    Selected,
    given_name,
)
from chronon.model.errors import InvariantError
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import (
    Accuracy,
    BootstrapSpec,
    ColumnSpec,
    GroupBySpec,
    JoinSpec,
    PartSpec,
    QuerySpec,
    SourceKind,
    SourceSpec,
)
from chronon.model.time import Day
from chronon.model.types import DataType
from chronon.validators.bootstraps import derivations_of, given_by, target_type
from chronon.validators.columns import Columns
from chronon.validators.context import TIME, Context
from chronon.validators.defaults import LARGEST_TILE, accuracy_of, tile_of
from chronon.validators.drafts import Draft
from chronon.validators.ranges import days_of_left

T = TypeVar("T")


def catalog_of(context: Context) -> Catalog:
    """Every definition. Errors: InvariantError when a check has missed a mistake."""
    repository, features = context.repository, _Features(context)
    return Catalog(
        group_bys={
            one: _group_by(context, repository.group_bys[one], features) for one in sorted(repository.group_bys)
        },
        joins={one: _join(context, repository.joins[one]) for one in sorted(repository.joins)},
        revision=repository.revision,
    )


class _Features:
    """The features of group_bys. Those that thousands have in common are the same objects in all of them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[int, tuple[Feature, ...]] = {}

    def of(self, spec: GroupBySpec) -> tuple[Feature, ...]:
        """By the identity of the drafts, of which the context keeps one of what is equal."""
        drafts = self._context.drafts(spec)
        if id(drafts) not in self._known:
            self._known[id(drafts)] = tuple(map(_feature, drafts))
        return self._known[id(drafts)]


def _group_by(context: Context, spec: GroupBySpec, features: _Features) -> GroupBy:
    team = spec.header.id.name.team
    used = {*spec.keys, *(draft.input for draft in context.drafts(spec))}
    used |= {bucket for draft in context.drafts(spec) for bucket in draft.buckets}
    yielded = context.rows(spec)[0]
    accuracy = _certain(accuracy_of(context, spec), "accuracy")
    rows = [_rows(context, query, team, used) for query in spec.queries]
    if accuracy is Accuracy.TEMPORAL:
        pairs = zip(spec.queries, rows, strict=True)
        rows = [_with_mutations(context, query, team, each, used) for query, each in pairs]
    return GroupBy(
        id=spec.header.id,
        rows=tuple(rows),
        keys=tuple(Column(name=key, type=_type(yielded.type(key), key)) for key in spec.keys),
        features=features.of(spec),
        accuracy=accuracy,
        online=spec.online,
        tile=tile_of(context, spec),
        warm_up=spec.warm_up,
    )


def _feature(draft: Draft) -> Feature:
    return Feature(
        name=draft.name,
        input=draft.input,
        input_type=_type(draft.input_type, draft.input),
        operation=draft.operation,
        window=draft.window,
        buckets=draft.buckets,
        elementwise=draft.elementwise,
        type=_type(draft.type, draft.name),
        aliases=tuple(draft.aliases),
    )


def _rows(context: Context, query: QuerySpec, team: str, used: set[str]) -> Rows:
    """The rows of a query with the columns that are used of it."""
    source = context.source(query, team)
    readable = context.readable(query, team)
    rows = _selected(context, query, readable, used, _time(context, query, team, readable))
    return _of_source(rows, source) if source else _of_parent(context, rows, _parent(context, query, team))


def _of_parent(context: Context, rows: Rows, parent: ObjectId) -> Rows:
    """The rows as those of a join within its days: others may lie beside them, made for a join with the same left rows."""
    days = days_of_left(context, context.repository.joins[parent])
    return replace(
        rows,
        join=parent,
        start=max(_given(days.start, rows.start), default=None),
        end=min(_given(days.end, rows.end), default=None),
    )


def _selected(context: Context, query: QuerySpec, readable: Columns, used: set[str], time: Selected | None) -> Rows:
    selects = tuple(_typed(context, _select(query, name), readable).named(name) for name in sorted(used))
    conditions = [_typed(context, sql, readable) for sql in query.where]
    wheres = {one for condition in conditions for one in conjuncts(condition.sql)}
    read = {name for select in (*selects, *([time] if time else [])) for name in select.reads}
    read |= {name for condition in conditions for name in condition.reads}
    return Rows(
        kind=SourceKind.EVENTS,
        columns=tuple(Column(name=name, type=_type(readable.type(name), name)) for name in sorted(read)),
        selects=selects,
        wheres=tuple(sorted(wheres)),
        time=time,
        start=query.start,
        end=query.end,
    )


def _declared(columns: Iterable[Column], source: SourceSpec) -> tuple[Column, ...]:
    """The columns with what the contract says of their former names, and whether they may be missing."""
    own: tuple[ColumnSpec, ...] = source.mutations.columns if source.mutations else ()
    contract = {column.name: column for column in (*source.columns, *own)}
    return tuple(
        replace(column, optional=contract[column.name].optional, aliases=contract[column.name].aliases)
        for column in columns
    )


def _of_source(rows: Rows, source: SourceSpec) -> Rows:
    """The rows with the table behind them, within the range of both."""
    return replace(
        rows,
        kind=source.kind,
        table=source.table,
        columns=_declared(rows.columns, source),
        topic=source.topic,
        partition=source.partition,
        start=max(_given(source.start, rows.start), default=None),
        end=min(_given(source.end, rows.end), default=None),
    )


def _with_mutations(context: Context, query: QuerySpec, team: str, rows: Rows, used: set[str]) -> Rows:
    """The rows with what changed in them, where they are of entities that tell it."""
    source = context.source(query, team)
    if source is None or source.mutations is None:
        return rows
    readable, declared = context.images(source), source.mutations
    images = _selected(context, query, readable, used, rows.time)
    changed = _typed(context, declared.time, readable).named(TIME)
    reversal = _typed(context, declared.reversal, readable).named("reversal")
    read = {*(column.name for column in images.columns), *changed.reads, *reversal.reads}
    images = replace(
        _of_source(images, source),
        kind=SourceKind.MUTATIONS,
        table=declared.table,
        topic=declared.topic,
        columns=_declared([Column(name=name, type=_type(readable.type(name), name)) for name in sorted(read)], source),
        changed=changed,
        reversal=reversal,
    )
    return replace(rows, mutations=images)


def _select(query: QuerySpec, name: str) -> str:
    """The expression of an output column; without one, the column of its name."""
    return query.select.get(name, identifier(name))


def _time(context: Context, query: QuerySpec, team: str, readable: Columns) -> Selected | None:
    source = context.source(query, team)
    written = query.time or (source.time if source else TIME)
    if written is None and source is not None and source.kind is SourceKind.ENTITIES:
        return None
    return _typed(context, _certain(written, "time"), readable).named(TIME)


def _parent(context: Context, query: QuerySpec, team: str) -> ObjectId:
    found = context.find(Kind.JOIN, str(query.join), team)
    return found if isinstance(found, ObjectId) else _certain(None, str(query.join))


def _join(context: Context, spec: JoinSpec) -> Join:
    team = spec.header.id.name.team
    columns = context.join(spec)
    kept = tuple(sorted(columns.left.types))
    derivations = tuple(
        _typed(context, one.expression, columns.base).named(one.name)
        for one in sorted(spec.derivations, key=lambda one: one.name)
        if one.name != "*"
    )
    parts = tuple(name for part in columns.parts for name in part.types if name in columns.outputs.types)
    derived = tuple(one.name for one in derivations)
    names = dict.fromkeys((*kept, *(name for name in parts if name not in derived), *derived))
    team_spec = context.repository.teams.get(team)
    left = _rows(context, spec.left, team, set(kept))
    lookups = tuple(_lookup(context, spec, one, place) for place, one in enumerate(spec.bootstrap, start=1))
    return Join(
        id=spec.header.id,
        left=left if left.kind is SourceKind.EVENTS else replace(left, time=None),
        parts=tuple(_part(context, part, team) for part in spec.parts),
        derivations=derivations,
        outputs=tuple(_output(columns.outputs, name) for name in names),
        online=spec.online,
        start=spec.start if spec.start is not None or team_spec is None else team_spec.start,
        labels=tuple(_part(context, label, team) for label in spec.labels),
        outcomes=tuple(_output(label, name) for label in columns.labels for name in label.types),
        lookups=lookups,
        filled=_filled(context, spec),
    )


def _lookup(context: Context, spec: JoinSpec, one: BootstrapSpec, place: int) -> Lookup:
    """A table of the bootstrap as a snapshot of each day. place: from 1 on."""
    team = spec.header.id.name.team
    source = _certain(context.source(one.query, team), str(one.query.source))
    given = {each.written: each.target for each in given_by(context, spec, one)}
    readable, yielded = context.readable(one.query, team), context.given(spec, one)
    rows = _of_source(_selected(context, one.query, readable, {*one.keys, *given}, None), source)
    identity = ObjectId(Kind.SOURCE, source.header.id.name)
    types = {name: _type(yielded.type(name), name) for name in (*one.keys, *given)}
    features = (
        Feature(name=given_name(given[name], place), input=name, input_type=of, operation=None, type=of)
        for name, of in sorted(types.items())
        if name in given
    )
    return Lookup(
        part=Part(group_by=identity, keys={key: key for key in one.keys}, prefix=""),
        group_by=GroupBy(
            id=identity,
            rows=(replace(rows, kind=SourceKind.ENTITIES, topic=None),),
            keys=tuple(Column(name=key, type=types[key]) for key in sorted(one.keys)),
            features=tuple(features),
            accuracy=Accuracy.SNAPSHOT,
            online=False,
            tile=LARGEST_TILE,
        ),
    )


def _filled(context: Context, spec: JoinSpec) -> tuple[Filled, ...]:
    """What the tables of the bootstrap give, features first: derivations read these as they are filled."""
    reads: dict[str, list[str]] = {}
    for place, one in enumerate(spec.bootstrap, start=1):
        for given in given_by(context, spec, one):
            reads.setdefault(given.target, []).append(given_name(given.target, place))
    derivations = derivations_of(spec)
    return tuple(
        Filled(name=name, type=_type(target_type(context, spec, name), name), reads=(*reads[name], name))
        for name in sorted(reads, key=lambda name: (name in derivations, name))
    )


def _output(outputs: Columns, name: str) -> Column:
    former = tuple(old for old, new in outputs.aliases.items() if new == name)
    return Column(name=name, type=_type(outputs.type(name), name), aliases=former)


def _part(context: Context, part: PartSpec, team: str) -> Part:
    group_by = _certain(context.group_by(part, team), part.group_by)
    prefix = _certain(context.prefix(part, team), part.group_by)
    keys = context.key_columns(part, team)
    return Part(group_by=group_by.header.id, keys=keys, prefix=prefix, ahead=part.ahead, after=part.after)


def _typed(context: Context, sql: str, columns: Columns) -> Expression:
    if columns.aliases:
        return analyse(sql, columns.known, columns.aliases)
    typed = context.typed(sql, columns)
    return typed if isinstance(typed, Expression) else _certain(None, sql)


def _given(*days: Day | None) -> list[Day]:
    return [day for day in days if day is not None]


def _type(found: DataType | None, name: str) -> DataType:
    if found is None:
        raise _missed(name)
    return found


def _certain(value: T | None, name: str) -> T:
    """The value that the checks have made certain."""
    if value is None:
        raise _missed(name)
    return value


def _missed(name: str) -> InvariantError:
    return InvariantError("checks-are-complete", f"`{name}` is not resolved, and no check has said so")

"""Group_bys and expressions that thousands of files have in common are looked at once.

A check that finds nothing in one of them finds nothing in those that are alike. Where it finds something, each is looked at: messages
name objects, and each has its own places.

Law: a check finds what it would if nothing were alike (tests/validators/test_alike.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from chronon.model.names import Kind
from chronon.model.specs import GroupBySpec, QuerySpec, SourceSpec
from chronon.validators.check import Finding
from chronon.validators.context import Context
from chronon.validators.sites import Clause, ExpressionSite, Role, derivations, of_query, of_source, queries

T = TypeVar("T")


def in_group_bys(context: Context, find: Callable[[Context, GroupBySpec], Iterator[Finding]]) -> Iterator[Finding]:
    """What `find` tells of each group_by.

    Whether it tells anything must not depend on names of objects, tables and topics, on descriptive fields, or on the texts of
    expressions: group_bys that are alike differ in these. They share what their expressions yield and what their source is.
    """
    if context.forms is None:
        context.forms = _grouped((_form(context, spec), spec) for spec in context.repository.group_bys.values())
    return _told(context.forms, partial(find, context))


def in_expressions(context: Context, find: Callable[[Context, ExpressionSite], Iterator[Finding]]) -> Iterator[Finding]:
    """What `find` tells of each expression.

    Whether it tells anything must not depend on more than the text, its role, and the columns that it may read; of a derivation on its
    join, too.
    """
    if context.clauses is None:
        context.clauses = _grouped(_clauses(context))

    def found(clause: Clause) -> Iterator[Finding]:
        return (one for site in clause() for one in find(context, site))

    return _told(context.clauses, found)


def _told(groups: Iterable[tuple[T, ...]], find: Callable[[T], Iterator[Finding]]) -> Iterator[Finding]:
    for first, *others in groups:
        found = tuple(find(first))
        if found:
            yield from found
            for other in others:
                yield from find(other)


def _grouped(keyed: Iterable[tuple[Hashable, T]]) -> tuple[tuple[T, ...], ...]:
    """The values with equal keys together."""
    groups: dict[Hashable, list[T]] = {}
    for key, value in keyed:
        groups.setdefault(key, []).append(value)
    return tuple(map(tuple, groups.values()))


def _form(context: Context, spec: GroupBySpec) -> Hashable:
    """What group_bys that are alike have in common; by identity where the repository keeps one of what is equal."""
    if len(spec.queries) > 1 or spec.aliases:
        return spec.header.id  # too rare to be worth a thought about what is compared with what
    (query,), (rows,) = spec.queries, context.rows(spec)
    written = (id(spec.keys), id(spec.aggregations), spec.accuracy, spec.online, spec.tile)
    selected = (*query.select, query.time is None, query.start, query.end, id(rows))
    return (*written, *selected, _read(context, query, spec.header.id.name.team))


def _read(context: Context, query: QuerySpec, team: str) -> Hashable:
    """What the readers of a source share with those of another one like it; a join is like no other."""
    if query.join is not None:
        return context.find(Kind.JOIN, query.join, team)
    source = context.source(query, team)
    return None if source is None else _source(context, source)


def _source(context: Context, source: SourceSpec) -> Hashable:
    changes = source.mutations
    known = (source.kind, id(context.contract(source)), source.time is None, source.topic is None)
    images = (id(context.images(source)), changes.topic is None) if changes else None
    return (*known, source.partition, source.start, source.end, images)


def _clauses(context: Context) -> Iterator[tuple[Hashable, Clause]]:
    """Expressions that stand together, as they are written in one place."""
    for source in context.repository.sources.values():
        yield source.header.id, partial(of_source, context, source)
    for site in queries(context):
        query, columns = site.query, context.readable(site.query, site.team)
        for role, written in ((Role.SELECT, query.select), (Role.WHERE, query.where), (Role.TIME, query.time)):
            if written:
                key = written if role is Role.TIME else id(written)
                yield (role, key, id(columns)), partial(of_query, site, role, columns)
    for join in context.repository.joins.values():
        yield join.header.id, partial(derivations, context, join)

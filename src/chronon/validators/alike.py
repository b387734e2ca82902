"""Group_bys and expressions that thousands of files have in common are looked at once.

A check that finds nothing in one of them finds nothing in those that are alike. Where it finds something, each is looked at: messages
name objects, and each has its own places.

Law: a check finds what it would if nothing were alike (tests/validators/test_alike.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from chronon.model.names import Kind
from chronon.model.specs import GroupBySpec, QuerySpec, SourceSpec
from chronon.validators.check import Finding
from chronon.validators.context import Context
from chronon.validators.sites import (
    Clause,
    ExpressionKey,
    ExpressionSite,
    Role,
    derivations,
    of_query,
    of_source,
    queries,
)

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def in_group_bys(context: Context, find: Callable[[Context, GroupBySpec], Iterator[Finding]]) -> Iterator[Finding]:
    """What `find` tells of each group_by.

    Whether it tells anything must not depend on names of objects, teams, tables and topics, on descriptive fields, or on the texts of
    expressions: group_bys that are alike differ in these. They share what their expressions yield and what their source is.
    """
    if context.forms is None:
        context.forms = _grouped((_form(context, spec), spec) for spec in context.repository.group_bys.values())
    for _form_of_all, specs in context.forms:
        yield from _told(iter(specs), partial(find, context))


def in_expressions(context: Context, find: Callable[[Context, ExpressionSite], Iterator[Finding]]) -> Iterator[Finding]:
    """What `find` tells of each expression.

    Whether it tells anything must not depend on more than the text, its role, and the columns that it may read; of a derivation on its
    join, too.
    """
    if context.clauses is None:
        context.clauses = _grouped(_clauses(context))
    for (role, sql, _columns), clauses in context.clauses:
        sites = (site for clause in clauses for site in clause() if site.role is role and site.sql == sql)
        yield from _told(sites, partial(find, context))


def _told(alike: Iterator[T], find: Callable[[T], Iterator[Finding]]) -> Iterator[Finding]:
    """What is told of all that are alike: nothing, if nothing is told of the first."""
    found = tuple(find(next(alike)))
    if found:
        yield from found
        for other in alike:
            yield from find(other)


def _grouped(keyed: Iterable[tuple[K, T]]) -> tuple[tuple[K, Sequence[T]], ...]:
    """Keys with their values."""
    groups: dict[K, list[T]] = {}
    for key, value in keyed:
        groups.setdefault(key, []).append(value)
    return tuple(groups.items())


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


def _clauses(context: Context) -> Iterator[tuple[ExpressionKey, Clause]]:
    """Every expression, with the clause that it stands in."""
    for source in context.repository.sources.values():
        clause = partial(of_source, context, source)
        yield from (((site.role, site.sql, id(site.columns)), clause) for site in clause())
    for site in queries(context):
        query, columns = site.query, context.readable(site.query, site.team)
        times = () if query.time is None else (query.time,)
        for role, texts in ((Role.SELECT, query.select.values()), (Role.WHERE, query.where), (Role.TIME, times)):
            written = partial(of_query, site, role, columns)
            yield from (((role, sql, id(columns)), written) for sql in dict.fromkeys(texts))
    for join in context.repository.joins.values():
        derived, base = partial(derivations, context, join), id(context.join(join).base)
        computed = dict.fromkeys(one.expression for one in join.derivations if one.name != "*")
        yield from (((Role.DERIVATION, sql, base), derived) for sql in computed)

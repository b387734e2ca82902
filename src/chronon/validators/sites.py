"""Where things are written: the queries and the expressions of a repository, with their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from chronon.expressions import Expression, ExpressionError
from chronon.loaders.yaml import TEXT
from chronon.model.diagnostics import Span
from chronon.model.names import Kind
from chronon.model.specs import GroupBySpec, Header, JoinSpec, Path, QuerySpec, SourceSpec
from chronon.validators.columns import Columns
from chronon.validators.context import Context
from chronon.validators.references import Lost, Reason


class Role(StrEnum):
    """What an expression is for."""

    SELECT = "select"
    WHERE = "where"
    TIME = "time"
    REVERSAL = "reversal"
    DERIVATION = "derivation"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySite:
    """A query where it is written; places are computed when asked for.

    index: among its siblings in the group_by, or in the bootstrap of the join; None for a left side.
    """

    owner: GroupBySpec | JoinSpec
    index: int | None
    query: QuerySpec

    @property
    def path(self) -> Path:
        """The path of its mapping, or of the one reference that stands for it."""
        if self.index is None:
            return ("left",)
        if isinstance(self.owner, JoinSpec):
            return ("bootstrap", self.index)
        return ("sources", self.index) if ("sources",) in self.owner.header.spans else ()

    @property
    def team(self) -> str:
        """The team whose names need no prefix."""
        return self.owner.header.id.name.team

    def span(self, *inside: str | int) -> Span:
        """A place inside the query."""
        return self.owner.header.span(*self.path, *inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionSite:
    """An expression where it is written, with the columns that it may read.

    query: in which it stands, None for one outside queries.  inside: path from there on.
    """

    header: Header
    query: QuerySite | None = None
    inside: Path
    role: Role
    sql: str
    columns: Columns

    @property
    def path(self) -> Path:
        """The path of its text, as the file has it: one `where` may stand for a list of it, a derivation be a mapping."""
        path = (*(self.query.path if self.query else ()), *self.inside)
        if self.role is Role.DERIVATION:
            inner = (*path, "expression")
            return inner if inner in self.header.spans else path
        is_single = self.role is Role.WHERE and path not in self.header.spans
        return path[:-1] if is_single else path

    @property
    def span(self) -> Span:
        """Where it begins."""
        return self.header.span(*self.path)

    def span_at(self, offset: int | None) -> Span:
        """The place of a character of it, where the file shows it as it is; else where it begins."""
        start = self.header.spans.get((*self.path, TEXT))
        if offset is None or start is None:
            return self.span
        return Span(start.path, start.line, start.column + offset)

    def span_of(self, column: str) -> Span:
        """The place where a column is named in it; else where it begins."""
        code = re.sub("'[^']*'", lambda text: " " * len(text[0]), self.sql)
        found = re.search(rf"(?<![\w.]){re.escape(column)}(?!\w)", code)
        return self.span_at(found.start() if found else None)


Clause = Callable[[], Iterable[ExpressionSite]]
"""Gives the expressions that are written in one place."""

ExpressionKey = tuple[Role, str, int]
"""Role and text of an expression, and the identity of the columns that it may read."""


def queries(context: Context) -> tuple[QuerySite, ...]:
    """Every query: those of the group_bys, the left sides of joins and their bootstraps."""
    if context.queries is None:
        context.queries = tuple(_queries(context))
    return context.queries


def _queries(context: Context) -> Iterator[QuerySite]:
    for group_by in context.repository.group_bys.values():
        for index, query in enumerate(group_by.queries):
            yield QuerySite(owner=group_by, index=index, query=query)
    for join in context.repository.joins.values():
        yield QuerySite(owner=join, index=None, query=join.left)
        for index, one in enumerate(join.bootstrap):
            yield QuerySite(owner=join, index=index, query=one.query)


def expressions(context: Context) -> Iterator[ExpressionSite]:
    """Every expression of the repository."""
    for source in context.repository.sources.values():
        yield from of_source(context, source)
    for site in queries(context):
        readable = context.readable(site.query, site.team)
        for role in (Role.SELECT, Role.WHERE, Role.TIME):
            yield from of_query(site, role, readable)
    for join in context.repository.joins.values():
        yield from derivations(context, join)


def derivations(context: Context, join: JoinSpec) -> Iterator[ExpressionSite]:
    """The expressions behind a join, `*` left out."""
    base = context.join(join).base
    for one in join.derivations:
        if one.name != "*":
            path = ("derivations", one.name)
            yield ExpressionSite(
                header=join.header, inside=path, role=Role.DERIVATION, sql=one.expression, columns=base
            )


def of_source(context: Context, source: SourceSpec) -> Iterator[ExpressionSite]:
    """The expressions in a source."""
    written: list[tuple[Role, Path, str | None, Columns]] = [
        (Role.TIME, ("time",), source.time, context.contract(source))
    ]
    if (mutations := source.mutations) is not None:
        images = context.images(source)
        written.append((Role.TIME, ("mutations", "time"), mutations.time, images))
        written.append((Role.REVERSAL, ("mutations", "reversal"), mutations.reversal, images))
    for role, inside, sql, columns in written:
        if sql is not None:
            path = (source.kind.value, *inside)
            yield ExpressionSite(header=source.header, inside=path, role=role, sql=sql, columns=columns)


def of_query(site: QuerySite, role: Role, columns: Columns) -> Iterator[ExpressionSite]:
    """The expressions of one role in a query. columns: that it may read."""
    query = site.query
    written: Iterable[tuple[Path, str]]
    match role:
        case Role.SELECT:
            written = ((("select", name), sql) for name, sql in query.select.items())
        case Role.WHERE:
            written = ((("where", index), sql) for index, sql in enumerate(query.where))
        case _:
            written = [] if query.time is None else [(("time",), query.time)]
    for inside, sql in written:
        yield ExpressionSite(header=site.owner.header, query=site, inside=inside, role=role, sql=sql, columns=columns)


def wrong(context: Context, site: ExpressionSite) -> ExpressionError | None:
    """What is wrong with an expression by itself."""
    typed = context.typed(site.sql, site.columns)
    return typed if isinstance(typed, ExpressionError) else None


def typed(context: Context, site: ExpressionSite) -> Expression | None:
    """The expression, when nothing is wrong with it."""
    found = context.typed(site.sql, site.columns)
    return found if isinstance(found, Expression) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSite:
    """A reference where it is written. reader: the object that has it."""

    reader: Header
    kind: Kind
    text: str
    team: str
    locate: Callable[[], Span]

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.locate()


def references(context: Context) -> Iterator[ReferenceSite]:
    """Every reference of the repository."""
    for site in queries(context):
        yield reference(site)
    for join in context.repository.joins.values():
        for path, part in join.asked:
            locate = partial(join.header.span, *path, "group_by")
            team = join.header.id.name.team
            yield ReferenceSite(reader=join.header, kind=Kind.GROUP_BY, text=part.group_by, team=team, locate=locate)


def lost(context: Context, reason: Reason) -> Iterator[tuple[ReferenceSite, Lost]]:
    """Every reference that leads nowhere for that reason."""
    if context.lost is None:
        context.lost = tuple(_lost(context))
    return ((site, found) for site, found in context.lost if found.reason is reason)


def _lost(context: Context) -> Iterator[tuple[ReferenceSite, Lost]]:
    for site in references(context):
        found = context.find(site.kind, site.text, site.team)
        if isinstance(found, Lost):
            yield site, found


def reference(site: QuerySite) -> ReferenceSite:
    """What a query reads, where it is written."""
    kind, text = (Kind.SOURCE, str(site.query.source))
    if site.query.join is not None:
        kind, text = Kind.JOIN, site.query.join
    locate = partial(site.span, kind.value)
    return ReferenceSite(reader=site.owner.header, kind=kind, text=text, team=site.team, locate=locate)

"""Where things are written: the queries and the expressions of a repository, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from chronon.expressions import Expression, ExpressionError
from chronon.loaders.yaml import TEXT
from chronon.model.diagnostics import Span
from chronon.model.names import Kind
from chronon.model.specs import GroupBySpec, Header, JoinSpec, Path, QuerySpec
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
    """A query where it is written. path: of its mapping, or of the one reference that stands for it."""

    owner: GroupBySpec | JoinSpec
    path: Path
    query: QuerySpec

    @property
    def team(self) -> str:
        """The team whose names need no prefix."""
        return self.owner.header.id.name.team

    def span(self, *inside: str | int) -> Span:
        """A place inside the query."""
        return self.owner.header.span(*self.path, *inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionSite:
    """An expression where it is written, with the columns that it may read. path: of its text."""

    header: Header
    path: Path
    role: Role
    sql: str
    columns: Columns

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


def queries(context: Context) -> Iterator[QuerySite]:
    """Every query: those of the group_bys and the left sides of joins."""
    for group_by in context.repository.group_bys.values():
        is_long = ("sources",) in group_by.header.spans
        for index, query in enumerate(group_by.queries):
            yield QuerySite(owner=group_by, path=("sources", index) if is_long else (), query=query)
    for join in context.repository.joins.values():
        yield QuerySite(owner=join, path=("left",), query=join.left)


def expressions(context: Context) -> Iterator[ExpressionSite]:
    """Every expression of the repository."""
    yield from _of_sources(context)
    for site in queries(context):
        yield from _of_query(context, site)
    for join in context.repository.joins.values():
        yield from derivations(context, join)


def derivations(context: Context, join: JoinSpec) -> Iterator[ExpressionSite]:
    """The expressions behind a join, `*` left out."""
    base = context.join(join).base
    for one in join.derivations:
        if one.name != "*":
            path = ("derivations", one.name)
            yield ExpressionSite(header=join.header, path=path, role=Role.DERIVATION, sql=one.expression, columns=base)


def _of_sources(context: Context) -> Iterator[ExpressionSite]:
    for source in context.repository.sources.values():
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
                yield ExpressionSite(header=source.header, path=path, role=role, sql=sql, columns=columns)


def _of_query(context: Context, site: QuerySite) -> Iterator[ExpressionSite]:
    readable = context.readable(site.query, site.team)
    written: list[tuple[Role, Path, str]] = [
        (Role.SELECT, ("select", name), sql) for name, sql in site.query.select.items()
    ]
    written += [(Role.WHERE, ("where", index), sql) for index, sql in enumerate(site.query.where)]
    written += [(Role.TIME, ("time",), site.query.time)] if site.query.time is not None else []
    for role, inside, sql in written:
        path = (*site.path, *_written(site, inside))
        yield ExpressionSite(header=site.owner.header, path=path, role=role, sql=sql, columns=readable)


def _written(site: QuerySite, inside: Path) -> Path:
    """The path as the file has it: one `where` may stand for a list of it."""
    is_single = inside[0] == "where" and (*site.path, *inside) not in site.owner.header.spans
    return inside[:1] if is_single else inside


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
    """A reference where it is written."""

    kind: Kind
    text: str
    team: str
    span: Span


def references(context: Context) -> Iterator[ReferenceSite]:
    """Every reference of the repository."""
    for site in queries(context):
        kind, text, span = reference(site)
        yield ReferenceSite(kind=kind, text=text, team=site.team, span=span)
    for join in context.repository.joins.values():
        for index, part in enumerate(join.parts):
            span = join.header.span("parts", index, "group_by")
            team = join.header.id.name.team
            yield ReferenceSite(kind=Kind.GROUP_BY, text=part.group_by, team=team, span=span)


def lost(context: Context, reason: Reason) -> Iterator[tuple[ReferenceSite, Lost]]:
    """Every reference that leads nowhere for that reason."""
    for site in references(context):
        found = context.find(site.kind, site.text, site.team)
        if isinstance(found, Lost) and found.reason is reason:
            yield site, found


def reference(site: QuerySite) -> tuple[Kind, str, Span]:
    """What a query reads, as written, and where."""
    if site.query.join is not None:
        return Kind.JOIN, site.query.join, site.span("join")
    return Kind.SOURCE, str(site.query.source), site.span("source")

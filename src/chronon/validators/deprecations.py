"""Who reads what shall go: references to objects, and columns by name, each with what is deprecated there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from chronon.model.diagnostics import Span
from chronon.model.items import deprecations_of
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Deprecation, GroupBySpec, Header, JoinSpec, SourceSpec
from chronon.validators.checks.unknown_column import used_names
from chronon.validators.columns import Columns
from chronon.validators.context import Context
from chronon.validators.sites import Role, expressions, references, typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One place where something is read that shall go.

    name: of what is read.  owners: whom to ask about it; of columns nobody.  readers: when what reads it shall go itself.
    """

    name: str
    deprecated: Deprecation
    locate: Callable[[], Span]
    owners: tuple[str, ...] = ()
    readers: tuple[Deprecation | None, ...] = ()

    @property
    def span(self) -> Span:
        """Where it is read."""
        return self.locate()

    @property
    def is_leaving(self) -> bool:
        """Whether what reads it goes no later: then there is nothing to change."""
        return any(goes_first(reader, self.deprecated) for reader in self.readers)

    @property
    def hint(self) -> str:
        """What to read in its place, or whom to ask."""
        if self.deprecated.use:
            return f"read `{self.deprecated.use}`"
        return f"ask {', '.join(self.owners)} what to read in its place" if self.owners else "read something else"

    def told(self, what: str) -> str:
        """The message, with the reason that was given."""
        reason = f": {self.deprecated.reason}" if self.deprecated.reason else ""
        return f"`{self.name}` {what}{reason}"


def leaving(context: Context) -> tuple[SourceSpec | GroupBySpec | JoinSpec, ...]:
    """The documents in which something shall go."""
    if context.leaving is None:
        repository = context.repository
        several = (repository.sources, repository.group_bys, repository.joins)
        context.leaving = tuple(spec for specs in several for spec in specs.values() if deprecations_of(spec))
    return context.leaving


def readings(context: Context) -> tuple[Reading, ...]:
    """Every place in the repository where something is read that shall go."""
    if context.readings is None:
        context.readings = tuple(_readings(context)) if leaving(context) else ()
    return context.readings


def _readings(context: Context) -> Iterator[Reading]:
    for site in references(context):
        found = context.find(site.kind, site.text, site.team)
        header = _header(context, found) if isinstance(found, ObjectId) else None
        if header and header.deprecated:
            yield Reading(
                name=site.text,
                deprecated=_told_to_all(header.deprecated, header.id.name.team),
                locate=site.locate,
                owners=context.repository.owners_of(header),
                readers=(site.reader.deprecated,),
            )
    yield from _in_expressions(context)
    for spec in context.repository.group_bys.values():
        yield from _by_name(context, spec)
    for join in context.repository.joins.values():
        yield from _sought(context, join)


def _header(context: Context, identity: ObjectId) -> Header:
    match identity.kind:
        case Kind.SOURCE:
            return context.repository.sources[identity.name].header
        case Kind.GROUP_BY:
            return context.repository.group_bys[identity].header
        case _:
            return context.repository.joins[identity].header


def _told_to_all(deprecated: Deprecation, team: str) -> Deprecation:
    """With a replacement that other teams find, too."""
    is_own = deprecated.use is not None and "." not in deprecated.use
    return replace(deprecated, use=f"{team}.{deprecated.use}") if is_own else deprecated


def goes_first(reader: Deprecation | None, read: Deprecation) -> bool:
    """Whether what reads something goes no later than that."""
    if reader is None or read.until is None:
        return reader is not None
    return reader.until is not None and reader.until <= read.until


def _column(columns: Columns, name: str) -> Deprecation | None:
    """The deprecation of a column that is read by a name that it has, or had."""
    return columns.deprecated.get(columns.aliases.get(name, name))


def _in_expressions(context: Context) -> Iterator[Reading]:
    for site in expressions(context):
        found = typed(context, site) if site.columns.deprecated else None
        for name in found.reads if found else ():
            if deprecated := _column(site.columns, name):
                readers = [site.header.deprecated]
                if site.role is Role.DERIVATION:
                    derivations = context.repository.joins[site.header.id].derivations
                    readers += [one.deprecated for one in derivations if one.name == site.inside[1]]
                yield Reading(
                    name=name, deprecated=deprecated, locate=partial(site.span_of, name), readers=tuple(readers)
                )


def _by_name(context: Context, spec: GroupBySpec) -> Iterator[Reading]:
    """Keys, inputs and buckets that are columns of what is read, without a select."""
    team = spec.header.id.name.team
    readable = [(query, context.readable(query, team)) for query in spec.queries]
    if not any(columns.deprecated for _query, columns in readable):
        return
    for name, path in used_names(spec):
        found = [_column(columns, name) for query, columns in readable if name not in query.select]
        for deprecated in (one for one in found[:1] if one):
            aggregation = spec.aggregations[int(path[1])] if path[0] == "aggregations" else None
            readers = (spec.header.deprecated, aggregation.deprecated if aggregation else None)
            yield Reading(name=name, deprecated=deprecated, locate=partial(spec.header.span, *path), readers=readers)


def _sought(context: Context, join: JoinSpec) -> Iterator[Reading]:
    """Columns of the left side by which parts are sought, without a select."""
    team = join.header.id.name.team
    yield from _matched(context, join)
    columns = context.readable(join.left, team)
    for path, part in join.asked if columns.deprecated else ():
        for left in context.key_columns(part, team).values():
            deprecated = _column(columns, left) if left not in join.left.select else None
            if deprecated:
                locate = partial(join.header.span, *path, "keys", f"key:{left}")
                yield Reading(name=left, deprecated=deprecated, locate=locate, readers=(join.header.deprecated,))


def _matched(context: Context, join: JoinSpec) -> Iterator[Reading]:
    """Columns of the tables of a bootstrap by which rows are matched, without a select."""
    for index, one in enumerate(join.bootstrap):
        columns = context.readable(one.query, join.header.id.name.team)
        for place, key in enumerate(one.keys if columns.deprecated else ()):
            deprecated = _column(columns, key) if key not in one.query.select else None
            if deprecated:
                locate = partial(join.header.span, "bootstrap", index, "keys", place)
                yield Reading(name=key, deprecated=deprecated, locate=locate, readers=(join.header.deprecated,))

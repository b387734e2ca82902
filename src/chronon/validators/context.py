"""A repository with its names looked up and its columns typed, as far as mistakes let it.

Checks and the resolver ask the same questions here; every answer is computed once.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chronon.expressions import Expression, ExpressionError, analyse
from chronon.expressions.errors import UNKNOWN_COLUMN
from chronon.expressions.shapes import Shapes
from chronon.loaders.summaries import reads_of
from chronon.model.diagnostics import Severity
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import (
    BootstrapSpec,
    GroupBySpec,
    JoinSpec,
    Level,
    PartSpec,
    QuerySpec,
    Repository,
    SourceKind,
    SourceSpec,
)
from chronon.model.time import Day
from chronon.model.types import DataType, Scalar
from chronon.validators.columns import HIDDEN, Columns, column_prefix, declared, merged
from chronon.validators.defaults import accuracy_of
from chronon.validators.drafts import Draft, Endings, drafts_of, features_of
from chronon.validators.order import Edges, parents_first
from chronon.validators.references import Lost, Reason, References
from chronon.validators.whole import Whole, served_of, unread_of

if TYPE_CHECKING:
    from chronon.validators.deprecations import Reading
    from chronon.validators.sites import Clause, ExpressionKey, QuerySite, ReferenceSite

TIME = "ts"
"""The column that says when a row became known: in the output of a join and in derivations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinColumns:
    """The columns of a join.

    left: kept from the left.  parts: the columns of each part.  base: what derivations may read.
    outputs: the whole result, with `ts` left out.  labels: the columns of each label, which nobody may read.
    """

    left: Columns
    parts: tuple[Columns, ...]
    base: Columns
    outputs: Columns
    labels: tuple[Columns, ...] = ()


@dataclass(slots=True)
class Context:
    """Questions about one repository. Build it with `context_of`.

    order:  joins and group_bys, parents first; without those on cycles.
    shapes: of expressions that were met, here or elsewhere.
    queries, lost, leaving, readings: what `sites` and `deprecations` have found of them, as several checks look at each.
    forms, clauses: group_bys and expressions that are alike, as `alike` has found them.
    """

    repository: Repository
    whole: Whole
    order: tuple[ObjectId, ...] = ()
    shapes: Shapes = field(default_factory=Shapes)
    queries: tuple[QuerySite, ...] | None = None
    lost: tuple[tuple[ReferenceSite, Lost], ...] | None = None
    leaving: tuple[SourceSpec | GroupBySpec | JoinSpec, ...] | None = None
    readings: tuple[Reading, ...] | None = None
    forms: tuple[tuple[Hashable, Sequence[GroupBySpec]], ...] | None = None
    clauses: tuple[tuple[ExpressionKey, Sequence[Clause]], ...] | None = None
    _found: dict[tuple[Kind, str, str], ObjectId | Lost] = field(default_factory=dict)
    _sources: dict[tuple[str, str], SourceSpec | None] = field(default_factory=dict)
    _group_bys: dict[tuple[str, str], GroupBySpec | None] = field(default_factory=dict)
    _rows: dict[ObjectId, tuple[Columns, ...]] = field(default_factory=dict)
    _joins: dict[ObjectId, JoinColumns] = field(default_factory=dict)
    _features: dict[ObjectId, Columns] = field(default_factory=dict)
    _contracts: dict[ObjectName, Columns] = field(default_factory=dict)
    _shared: dict[tuple[object, ...], Columns] = field(default_factory=dict)
    _yields: dict[tuple[int, ...], Columns] = field(default_factory=dict)
    _drafted: dict[tuple[int, ...], tuple[Draft, ...]] = field(default_factory=dict)
    _named: dict[tuple[object, ...], Columns] = field(default_factory=dict)
    _keys: dict[int, Mapping[str, str]] = field(default_factory=dict)
    _endings: Endings = field(default_factory=Endings)
    _images: dict[ObjectName, Columns] = field(default_factory=dict)
    _readable: dict[ObjectId, Columns] = field(default_factory=dict)
    _typed: dict[tuple[str, int], tuple[Columns, Expression | ExpressionError | None]] = field(default_factory=dict)

    @property
    def references(self) -> References:
        """The names of all objects."""
        return self.whole.references

    @property
    def cycles(self) -> tuple[tuple[ObjectId, ...], ...]:
        """Joins and group_bys that have no order."""
        return self.whole.cycles

    def find(self, kind: Kind, text: str, team: str) -> ObjectId | Lost:
        """The object that a reference means; an object on a cycle counts as hidden."""
        key = (kind, text, team)
        if key not in self._found:
            found = self.references.find(kind, text, team)
            is_cyclic = isinstance(found, ObjectId) and any(found in cycle for cycle in self.cycles)
            self._found[key] = Lost(reason=Reason.HIDDEN, name=found.name) if is_cyclic else found
        return self._found[key]

    def source(self, query: QuerySpec, team: str) -> SourceSpec | None:
        """The source that a query reads; None for a join, or when there is none to be found."""
        key = (query.source or "", team)
        if key not in self._sources:
            found = self.find(Kind.SOURCE, query.source, team) if query.source is not None else None
            self._sources[key] = self.repository.sources[found.name] if isinstance(found, ObjectId) else None
        return self._sources[key]

    def group_by(self, part: PartSpec, team: str) -> GroupBySpec | None:
        """The group_by that a part joins; None when there is none to be found."""
        key = (part.group_by, team)
        if key not in self._group_bys:
            found = self.find(Kind.GROUP_BY, part.group_by, team)
            self._group_bys[key] = self.repository.group_bys[found] if isinstance(found, ObjectId) else None
        return self._group_bys[key]

    def contract(self, source: SourceSpec) -> Columns:
        """The physical columns of a source."""
        name = source.header.id.name
        if name not in self._contracts:
            self._contracts[name] = self._one(declared(source.columns))
        return self._contracts[name]

    def _one(self, columns: Columns) -> Columns:
        """The first of all columns that equal these: what is found out about it need not be found out again."""
        aliases, goes = tuple(columns.aliases.items()), tuple(columns.deprecated.items())
        key = (tuple(columns.types.items()), columns.is_open, aliases, goes)
        return self._shared.setdefault(key, columns)

    def images(self, source: SourceSpec) -> Columns:
        """The physical columns of the mutations of a source: those of its rows, and its own."""
        name = source.header.id.name
        if name not in self._images:
            own = source.mutations.columns if source.mutations else ()
            self._images[name] = self._one(declared((*source.columns, *own)))
        return self._images[name]

    def asked(self, check: str, team: str) -> Severity | None:
        """What comes of a check on request in a team's folder; None when nothing does."""
        own = self.repository.teams.get(team)
        level = (own.checks if own else {}).get(check) or self.whole.checks.get(check, Level.OFF)
        return None if level is Level.OFF else Severity(level)

    def readable(self, query: QuerySpec, team: str) -> Columns:
        """The columns that the expressions of a query may read: a contract, or a join's outputs and `ts`."""
        if query.join is not None:
            found = self.find(Kind.JOIN, query.join, team)
            return HIDDEN if isinstance(found, Lost) else self._readable_join(found)
        source = self.source(query, team)
        return HIDDEN if source is None else self.contract(source)

    def _readable_join(self, identity: ObjectId) -> Columns:
        outputs = self.join(self.repository.joins[identity]).outputs
        if identity not in self._readable:
            types = {**outputs.types, TIME: Scalar.LONG}
            self._readable[identity] = replace(outputs, types=types)
        return self._readable[identity]

    def typed(self, sql: str, columns: Columns) -> Expression | ExpressionError | None:
        """An expression with its type, or what is wrong with it; None when a mistake elsewhere hides that."""
        key = (sql, id(columns))
        if key not in self._typed:
            self._typed[key] = (columns, self.shapes.analyse(sql, columns.types) or _analysed(sql, columns))
        return self._typed[key][1]

    def type_of(self, sql: str, columns: Columns) -> DataType | None:
        """The type of an expression; None when it has none or a mistake hides it."""
        typed = self.typed(sql, columns)
        return typed.type if isinstance(typed, Expression) else None

    def rows(self, spec: GroupBySpec) -> tuple[Columns, ...]:
        """What each query of a group_by yields: its selects, and by name the columns that it does not select."""
        identity = spec.header.id
        if identity not in self._rows:
            team = identity.name.team
            self._rows[identity] = tuple(
                self._rows_of(query, self.readable(query, team), spec) for query in spec.queries
            )
        return self._rows[identity]

    def _rows_of(self, query: QuerySpec, readable: Columns, spec: GroupBySpec) -> Columns:
        # By the identity of parts, which the repository keeps: documents with one text have one (`loaders.shared`).
        key = (id(query.select), id(readable), id(spec.keys), id(spec.aggregations))
        if key not in self._yields:
            self._yields[key] = self._one(self._yielded(query, readable, _wanted(spec)))
        return self._yields[key]

    def _yielded(self, query: QuerySpec, readable: Columns, wanted: Collection[str] | None) -> Columns:
        types: dict[str, DataType | None] = {name: self.type_of(sql, readable) for name, sql in query.select.items()}
        names = readable.types if wanted is None and not query.select else wanted or ()
        types |= {name: readable.type(name) for name in names if name not in types and readable.has(name)}
        return Columns(types=types, is_open=readable.is_open)

    def drafts(self, spec: GroupBySpec) -> tuple[Draft, ...]:
        """The output columns of a group_by."""
        key = self._written(spec)
        if key not in self._drafted:
            self._drafted[key] = drafts_of(spec, self._agreed(spec), self._endings)
        return self._drafted[key]

    def _agreed(self, spec: GroupBySpec) -> Columns:
        """The columns that all queries of a group_by agree on."""
        rows = self.rows(spec)
        return rows[0] if len(rows) == 1 else self._one(merged(rows))

    def _written(self, spec: GroupBySpec) -> tuple[int, ...]:
        """What its features depend on, by identity: former names are too rare to be shared."""
        key = (id(spec.keys), id(spec.aggregations), id(self._agreed(spec)))
        return (*key, id(spec.aliases)) if spec.aliases else key

    def features(self, spec: GroupBySpec) -> Columns:
        """The output columns of a group_by by name; open when nothing says what is aggregated or passed through.

        The window in a name that `checks.window` refuses is not certain: then neither is any other name.
        """
        if spec.header.id not in self._features:
            team = spec.header.id.name.team
            kinds = {kind_of(self, query, team) for query in spec.queries}
            is_open = not spec.aggregations and kinds != {SourceKind.ENTITIES}
            accuracy = accuracy_of(self, spec)
            key = (*self._written(spec), accuracy, is_open)
            if key not in self._named:
                self._named[key] = features_of(spec, self._agreed(spec), self._endings, accuracy, is_open=is_open)
            self._features[spec.header.id] = self._named[key]
        return self._features[spec.header.id]

    def join(self, spec: JoinSpec) -> JoinColumns:
        """The columns of a join."""
        if spec.header.id not in self._joins:
            self._joins[spec.header.id] = self._join(spec)
        return self._joins[spec.header.id]

    def _join(self, spec: JoinSpec) -> JoinColumns:
        team = spec.header.id.name.team
        keys = {left for _path, part in spec.asked for left in self.key_columns(part, team).values()}
        left = self._yielded(spec.left, self.readable(spec.left, team), keys if spec.left.select else None)
        parts = tuple(self._part(part, team) for part in spec.parts)
        joined = {name: type_ for columns in (left, *parts) for name, type_ in columns.types.items()}
        is_open = any(columns.is_open for columns in (left, *parts))
        former = {old: new for columns in parts for old, new in columns.aliases.items() if old not in joined}
        goes = {name: one for columns in parts for name, one in columns.deprecated.items()}
        base = Columns(types={**joined, TIME: Scalar.LONG}, is_open=is_open, aliases=former, deprecated=goes)
        kept = set(joined) - (self.replaced(spec, base) - set(left.types))
        derived = {one.name: self.type_of(one.expression, base) for one in spec.derivations if one.name != "*"}
        types = {name: type_ for name, type_ in joined.items() if name in kept} | derived
        own = {old: new for old, new in spec.aliases.items() if new not in left.types}
        aliases = {old: new for old, new in (former | own).items() if new in types and old not in types}
        goes = {name: one for name, one in goes.items() if name in kept}
        goes |= {one.name: one.deprecated for one in spec.derivations if one.deprecated}
        outputs = Columns(types=types, is_open=is_open, aliases=aliases, deprecated=goes)
        labels = tuple(self._part(label, team) for label in spec.labels)
        return JoinColumns(left=left, parts=parts, base=base, outputs=outputs, labels=labels)

    def given(self, spec: JoinSpec, one: BootstrapSpec) -> Columns:
        """What a table of a bootstrap yields: its selects, and by name the keys that it does not select."""
        return self._yielded(one.query, self.readable(one.query, spec.header.id.name.team), one.keys)

    def replaced(self, spec: JoinSpec, base: Columns) -> set[str]:
        """The columns that do not stay: those that a derivation only renames; without `*`, all of them."""
        if not spec.derivations:
            return set()
        if not any(one.name == "*" for one in spec.derivations):
            return set(base.types)
        typed = (self.typed(one.expression, base) for one in spec.derivations if one.name != "*")
        only = (one.reads[0] for one in typed if isinstance(one, Expression) and one.sql.strip('"') in one.reads)
        return {base.aliases.get(name, name) for name in only}

    def key_columns(self, part: PartSpec, team: str) -> Mapping[str, str]:
        """Key of the part's group_by → column of the left side."""
        if id(part) not in self._keys:
            group_by = self.group_by(part, team)
            mapped = {key: left for left, key in part.keys.items()}
            self._keys[id(part)] = {key: mapped.get(key, key) for key in group_by.keys} if group_by else {}
        return self._keys[id(part)]

    def prefix(self, part: PartSpec, team: str) -> str | None:
        """What stands before the names of a part's columns; None when its group_by is not to be found."""
        group_by = self.group_by(part, team)
        if group_by is None:
            return None
        return column_prefix(part, group_by.header.id.name.prefix)

    def _part(self, part: PartSpec, team: str) -> Columns:
        group_by, prefix = self.group_by(part, team), self.prefix(part, team)
        if group_by is None:
            return HIDDEN
        features = self.features(group_by)
        types = {f"{prefix}_{name}": type_ for name, type_ in features.types.items()}
        if not features.aliases and not features.deprecated:
            return Columns(types=types, is_open=features.is_open)
        former = {f"{prefix}_{old}": f"{prefix}_{new}" for old, new in features.aliases.items()}
        goes = {
            f"{prefix}_{name}": replace(one, use=one.use and f"{prefix}_{one.use}")
            for name, one in features.deprecated.items()
        }
        return Columns(types=types, is_open=features.is_open, aliases=former, deprecated=goes)


def context_of(
    repository: Repository, broken: Collection[tuple[Kind, ObjectName]] = (), today: Day | None = None
) -> Context:
    """The context of a repository. broken: objects whose files have errors; references to them are no mistakes."""
    references = References.of(repository, broken)
    objects: dict[ObjectId, GroupBySpec | JoinSpec] = {**repository.group_bys, **repository.joins}
    reads = (
        (Kind(kind), text, identity.name.team) for identity, spec in objects.items() for kind, text in reads_of(spec)
    )
    whole = Whole(
        references=references,
        cycles=parents_first(edges_of(repository, references))[1],
        unread=unread_of(references, reads),
        served=served_of(identity for identity, spec in objects.items() if spec.online and not spec.header.owners),
        checks=repository.checks,
        today=today,
    )
    return context_within(repository, whole, Shapes())


def context_within(repository: Repository, whole: Whole, shapes: Shapes) -> Context:
    """The context of some objects with everything that they refer to, among all objects. shapes: known from elsewhere."""
    cyclic = {identity for cycle in whole.cycles for identity in cycle}
    edges = {
        identity: tuple(parent for parent in parents if parent not in cyclic)
        for identity, parents in edges_of(repository, whole.references).items()
        if identity not in cyclic
    }
    context = Context(repository, whole, parents_first(edges)[0], shapes)
    for identity in context.order:
        if identity.kind is Kind.JOIN:
            context.join(repository.joins[identity])
        else:
            context.features(repository.group_bys[identity])
    return context


def kind_of(context: Context, query: QuerySpec, team: str) -> SourceKind | None:
    """What a query reads: the output of a join counts as events; None when the source is not to be found."""
    if query.join is not None:
        return SourceKind.EVENTS
    source = context.source(query, team)
    return source.kind if source else None


def edges_of(repository: Repository, references: References) -> Edges:
    """Which joins and group_bys each of them reads."""
    edges: dict[ObjectId, tuple[ObjectId, ...]] = {}
    for identity, group_by in repository.group_bys.items():
        joins = [query.join for query in group_by.queries if query.join is not None]
        edges[identity] = _read(references, Kind.JOIN, joins, identity.name.team)
    for identity, join in repository.joins.items():
        parts = [part.group_by for _path, part in join.asked]
        edges[identity] = _read(references, Kind.GROUP_BY, parts, identity.name.team)
    return edges


def _read(references: References, kind: Kind, texts: Collection[str], team: str) -> tuple[ObjectId, ...]:
    found = (references.find(kind, text, team) for text in texts)
    return tuple({one: None for one in found if isinstance(one, ObjectId)})


def _wanted(spec: GroupBySpec) -> Collection[str] | None:
    """The columns that a group_by needs by name; None when it passes through whatever there is."""
    if not spec.aggregations:
        return spec.keys if any(query.select for query in spec.queries) else None
    inputs = {aggregation.input for aggregation in spec.aggregations}
    return {*spec.keys, *inputs, *(name for one in spec.aggregations for several in one.buckets for name in several)}


def _analysed(sql: str, columns: Columns) -> Expression | ExpressionError | None:
    try:
        return analyse(sql, columns.known)
    except ExpressionError as error:
        return None if error.code == UNKNOWN_COLUMN and columns.hides else error

"""Objects as their authors wrote them: one frozen spec per YAML document, with places for every finding.

A spec is well formed (its schema holds) but unchecked: names may lead nowhere and expressions may not type.
`model.definitions` has the checked, resolved meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chronon.model.diagnostics import Span
from chronon.model.names import ObjectId, ObjectName
from chronon.model.time import Day, Millis
from chronon.model.types import DataType

Path = tuple[str | int, ...]
"""Where a value stands inside its document: `("aggregations", 0, "windows", 2)`."""


class Accuracy(StrEnum):
    """TEMPORAL: exact up to the moment of the query. SNAPSHOT: as of the midnight before it."""

    TEMPORAL = "temporal"
    SNAPSHOT = "snapshot"


class Compatibility(StrEnum):
    """What a change of columns must not break, as schema registries say it.

    BACKWARD: new readers read old data.  FORWARD: old readers read new data.  FULL: both.  The transitive forms hold against
    every earlier version, the others against the one before.
    """

    BACKWARD = "BACKWARD"
    FORWARD = "FORWARD"
    FULL = "FULL"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"
    NONE = "NONE"

    @property
    def is_backward(self) -> bool:
        """Whether new readers must read old data."""
        return self.startswith(("BACKWARD", "FULL"))

    @property
    def is_forward(self) -> bool:
        """Whether old readers must read new data."""
        return self.startswith(("FORWARD", "FULL"))

    @property
    def is_transitive(self) -> bool:
        """Whether every earlier version counts."""
        return self.endswith("_TRANSITIVE")


class Level(StrEnum):
    """What comes of a mistake that is only told on request."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """What shall go: it stays as it is, and whoever reads it is told.

    until: the last day on which it may be read; None when that is not decided.
    use: what to read in its place: of an object a reference to one of its kind, of a column the name of its neighbour.
    """

    until: Day | None = None
    use: str | None = None
    reason: str = ""

    def is_past(self, today: Day | None) -> bool:
        """Whether it may be read no longer. today: None when it does not matter."""
        return self.until is not None and today is not None and self.until < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every document has.

    compatibility: what a change of its columns must not break; None leaves it to the team, of a team to nobody.
    owners: whom to ask; none leaves it to the team.
    spans: the place of every value and, under `(..., "key:" + name)`, of every key. Compared by nobody.
    """

    id: ObjectId
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    owners: tuple[str, ...] = ()
    compatibility: Compatibility | None = None
    deprecated: Deprecation | None = None
    spans: Mapping[Path, Span] = field(default_factory=dict, compare=False, repr=False)

    def span(self, *path: str | int) -> Span:
        """The place of a value, or of the nearest enclosing value that is written down."""
        for length in range(len(path), -1, -1):
            if found := self.spans.get(path[:length]):
                return found
        return Span(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSpec:
    """`team.yaml`: who owns the folder, and what its objects inherit.

    checks: name of a check on request → what comes of it in this folder.
    """

    header: Header
    start: Day | None = None
    tile: Millis | None = None
    checks: Mapping[str, Level] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """One column of a physical table: part of the source's contract.

    optional: files and lines may lack it, then it is null.
    aliases: the names that it had before, the newest first: what lacks the name is read under the first of these that it has.
    """

    name: str
    type: DataType
    description: str = ""
    optional: bool = False
    aliases: tuple[str, ...] = ()
    deprecated: Deprecation | None = None


class SourceKind(StrEnum):
    """EVENTS: immutable facts. ENTITIES: the state of every entity at the end of each day.

    MUTATIONS: what changed in entities during each day; declared beside these, never a source of its own.
    """

    EVENTS = "events"
    ENTITIES = "entities"
    MUTATIONS = "mutations"


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationsSpec:
    """The changes of entities as images of rows: as they were before a change, and as they are after it.

    table, topic: as in a source. The table has the columns of the entities too.
    time:     SQL expression of epoch milliseconds: when the change happened.
    reversal: SQL condition: the image is of what was before.
    columns:  what only images have.
    """

    table: str
    time: str
    reversal: str
    columns: tuple[ColumnSpec, ...] = ()
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A table, perhaps with the topic that carries the same rows, and its contract.

    table: name in the table catalogue, `database.table`.
    topic: address such as `file://airlines.arrivals`; its presence makes readers temporal by default.
    time:  SQL expression of epoch milliseconds: when a row became known. Events need it; of entities it is the row's own
        time, by which windows go.
    mutations: how entities change during a day; without it they are known by day only.
    partition: the column that holds `ds`; empty for a table without partitions (entities only).
    """

    header: Header
    kind: SourceKind
    table: str
    columns: tuple[ColumnSpec, ...]
    topic: str | None = None
    time: str | None = None
    mutations: MutationsSpec | None = None
    partition: str = "ds"
    start: Day | None = None
    end: Day | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """Its own table, and that of the images of its entities."""
        return (self.table, self.mutations.table) if self.mutations else (self.table,)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySpec:
    """Rows and columns that an object takes from a source or from the output of a join.

    source / join: a reference as written (`airlines.arrivals`, `delays.departure@2`); exactly one is set.
    select: output column → SQL expression; columns that are needed and not listed are taken by name.
    """

    source: str | None = None
    join: str | None = None
    select: Mapping[str, str] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    time: str | None = None
    start: Day | None = None
    end: Day | None = None


@dataclass(frozen=True, slots=True)
class OperationCall:
    """An operation with its arguments: `count`, `last_k(10)`, `approx_percentile(0.5, 0.9)`."""

    name: str
    arguments: tuple[int | float, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})" if self.arguments else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregationSpec:
    """One input column, the operations on it, and for each the windows and buckets.

    windows: lengths; None stands for the whole history (`unbounded`).
    buckets: each alternative is one column or several at once.
    elementwise: every position of a list is aggregated for itself.
    name: replaces the input in the names of the output columns.
    aliases: what it replaced before, the newest first: the columns are readable under those names too.
    """

    input: str
    operations: tuple[OperationCall, ...]
    windows: tuple[Millis | None, ...] = (None,)
    buckets: tuple[tuple[str, ...], ...] = ()
    elementwise: bool = False
    name: str | None = None
    aliases: tuple[str, ...] = ()
    description: str = ""
    deprecated: Deprecation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationSpec:
    """A column computed from other output columns. Name `*` keeps all of them."""

    name: str
    expression: str
    description: str = ""
    deprecated: Deprecation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBySpec:
    """Features of an entity: aggregated rows, or without aggregations the selected columns of a snapshot.

    aliases: former name → name of a feature.
    """

    header: Header
    queries: tuple[QuerySpec, ...]
    keys: tuple[str, ...]
    aggregations: tuple[AggregationSpec, ...] = ()
    accuracy: Accuracy | None = None
    online: bool = False
    tile: Millis | None = None
    warm_up: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSpec:
    """A group_by joined to the left side.

    keys: left column → key of the group_by; keys not listed are matched by name.
    ahead: it is a label: it tells what happens from the moment of the row on.
    after: of a label over entities, how long after the row they are looked at.
    """

    group_by: str
    keys: Mapping[str, str] = field(default_factory=dict)
    prefix: str | None = None
    ahead: bool = False
    after: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapSpec:
    """Values of features that a table gives to training rows, in the place of what is computed.

    query: the source, its rows and days; `select` has the features that it gives, by their names in the join.
    keys: columns that say which rows of the table belong to a left row, by one name on both sides.
    """

    query: QuerySpec
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinSpec:
    """A training set and a feature vector: the left rows with the features of every part, then derivations.

    bootstrap: the first that has a value for a row gives it.
    labels: outcomes that stand beside the features in training rows and are never served.
    aliases: former name → name of a feature or derivation in the result.
    """

    header: Header
    left: QuerySpec
    parts: tuple[PartSpec, ...]
    labels: tuple[PartSpec, ...] = ()
    derivations: tuple[DerivationSpec, ...] = ()
    bootstrap: tuple[BootstrapSpec, ...] = ()
    online: bool = False
    start: Day | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[tuple[Path, PartSpec], ...]:
        """Every group_by that the left rows ask, with the path at which it is written."""
        parts = ((("parts", index), part) for index, part in enumerate(self.parts))
        labels = ((("labels", index), label) for index, label in enumerate(self.labels))
        return (*parts, *labels)


Spec = TeamSpec | SourceSpec | GroupBySpec | JoinSpec


@dataclass(frozen=True, slots=True)
class Repository:
    """Every document of one revision of the configuration, well formed but unchecked.

    revision: commit, with `+` behind it when files differ from it; empty outside git.
    checks: name of a check on request → what comes of it where a team does not say.
    """

    teams: Mapping[str, TeamSpec]
    sources: Mapping[ObjectName, SourceSpec]
    group_bys: Mapping[ObjectId, GroupBySpec]
    joins: Mapping[ObjectId, JoinSpec]
    revision: str = ""
    checks: Mapping[str, Level] = field(default_factory=dict)

    def owners_of(self, header: Header) -> tuple[str, ...]:
        """Whom to ask about an object: its own owners, or its team's."""
        team = self.teams.get(header.id.name.team)
        return header.owners or (team.header.owners if team else ())

"""Objects as the platform understands them: resolved, typed, with defaults filled in and nothing cosmetic.

Two documents that mean the same have equal definitions, so a fingerprint of a definition is a fingerprint of the
meaning. Expressions are canonical SQL text (`chronon.expressions`), sets are sorted, spans are left behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chronon.model.names import ObjectId
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import Day, Millis, duration_text
from chronon.model.types import DataType

SLACK_DAYS = 1
"""A row may lie this many days off the partition of its own time; rows farther off are left out everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A named, typed column.

    optional, aliases: of a column of a source, as its contract has them; no part of what the column means. The aliases of
        an output of a join are former names under which it stays readable.
    """

    name: str
    type: DataType
    optional: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The oldest name: the same before and after every rename."""
        return self.aliases[-1] if self.aliases else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A column that an expression yields.

    expression: canonical SQL.  reads: the columns that it needs, sorted.
    """

    name: str
    expression: str
    type: DataType
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows that a query yields, ready to be scanned.

    kind:    events, entities or mutations; the output of a join counts as events.
    table:   name in the table catalogue; empty when `join` is set.
    join:    the join whose output is read (chaining).
    columns: the physical columns that are read, sorted by name.
    selects: one per output column, sorted by name: keys, inputs, buckets.
    wheres:  canonical conditions that must all be true, sorted.
    time:    canonical expression of epoch milliseconds; of entities the row's own time, None where they have none.
    changed, reversal: of mutations, when the change happened and whether the row is the image of what was before.
    mutations: what changed in the entities during each day, with the same selects; None where nobody reads it.
    start, end: first and last partition that may be read. Ranges are not meaning: no fingerprint holds them.
    """

    kind: SourceKind
    table: str = ""
    join: ObjectId | None = None
    topic: str | None = None
    partition: str = "ds"
    columns: tuple[Column, ...]
    selects: tuple[Selected, ...]
    wheres: tuple[str, ...] = ()
    time: Selected | None = None
    changed: Selected | None = None
    reversal: Selected | None = None
    mutations: Rows | None = None
    start: Day | None = None
    end: Day | None = None

    @property
    def dated_by(self) -> str:
        """The physical column that dates a row as it stands there; empty where an expression does, or nothing."""
        dated = self.changed or self.time
        if dated is None or len(dated.reads) != 1:
            return ""
        (name,) = dated.reads
        return name if dated.expression in {name, f"UNIX_MILLIS({name})"} else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One output column of a group_by: the reference's aggregation part.

    name:   `{input}_{operation}{_window}{_by_bucket}`, or the selected column where nothing is aggregated.
    input, input_type: the aggregated column and its type before any aggregation.
    operation: None passes the column through (a snapshot without aggregations).
    window: length; None counts everything.
    buckets: string columns whose values are the keys of the output map; of several each maps to a map by the next.
    elementwise: every position of a list is aggregated for itself.
    aliases: former names under which it stays readable, the newest first.
    """

    name: str
    input: str
    input_type: DataType
    operation: OperationCall | None
    window: Millis | None = None
    buckets: tuple[str, ...] = ()
    elementwise: bool = False
    type: DataType
    aliases: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[object, ...]:
        """Where it stands among its siblings when people read them."""
        operation = self.operation or OperationCall("")
        length = (self.window is None, self.window or 0)
        return (self.input, operation.name, operation.arguments, self.buckets, *length, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBy:
    """A group_by, resolved. tile: size of the stream's tiles, a divisor of 5 minutes or 5 minutes itself.

    warm_up: tiles may begin empty; the features are whole once the batch counts what came before.
    """

    id: ObjectId
    rows: tuple[Rows, ...]
    keys: tuple[Column, ...]
    features: tuple[Feature, ...]
    accuracy: Accuracy
    online: bool
    tile: Millis
    warm_up: bool = False

    @property
    def inputs(self) -> tuple[Rows, ...]:
        """Everything that is read for training: its rows, and behind those of entities their mutations."""
        return tuple(each for rows in self.rows for each in (rows, rows.mutations) if each is not None)

    @property
    def changes(self) -> bool:
        """Whether its rows are entities that change during the day, and a question sees the changes before it."""
        return self.accuracy is Accuracy.TEMPORAL and self.rows[0].kind is SourceKind.ENTITIES

    @property
    def streamed(self) -> tuple[Rows, ...]:
        """The rows that a topic carries, folded into tiles when it is online: events, of entities their mutations."""
        if not self.online or self.accuracy is not Accuracy.TEMPORAL:
            return ()
        rows = (each.mutations if each.kind is SourceKind.ENTITIES else each for each in self.rows)
        return tuple(each for each in rows if each is not None and each.topic)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that its stream folds, by name."""
        return tuple(sorted({rows.topic for rows in self.streamed if rows.topic}))

    def looking_ahead(self) -> GroupBy:
        """The same as labels ask it: of events to the millisecond, whatever the accuracy of its features."""
        return self if self.rows[0].kind is SourceKind.ENTITIES else replace(self, accuracy=Accuracy.TEMPORAL)

    def at_midnight(self) -> GroupBy:
        """The same without mutations: nothing of them counts for a question at 00:00."""
        return replace(self, rows=tuple(replace(rows, mutations=None) for rows in self.rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A group_by as a join uses it.

    keys:   key of the group_by → column of the left side.
    prefix: stands before every feature's name: column = `{prefix}_{feature}`; empty where features have names of the join.
    ahead:  it is a label. Over events every feature counts what happens in [ts, ts + its window), over entities it is their
        state at ts + after.
    """

    group_by: ObjectId
    keys: Mapping[str, str]
    prefix: str
    ahead: bool = False
    after: Millis | None = None

    def column(self, feature: str) -> str:
        """The name of a feature of this part in the join's output."""
        return f"{self.prefix}_{feature}" if self.prefix else feature

    def later(self, feature: Feature) -> Millis:
        """How long after its own moment a row asks for a feature: of a label, until its window is over."""
        return (feature.window or self.after or Millis(0)) if self.ahead else Millis(0)

    def moments(self, group_by: GroupBy) -> Mapping[Millis, GroupBy]:
        """How long after its own moment a row asks → the group_by with the features that it asks for then."""
        features: dict[Millis, list[Feature]] = {}
        for feature in group_by.features:
            features.setdefault(self.later(feature), []).append(feature)
        return {later: replace(group_by, features=tuple(several)) for later, several in features.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A table of a bootstrap as a join asks it: by keys, for the rows of its own day.

    part:     the source that has the table, and the keys; it has no prefix.
    group_by: a snapshot of the rows of each day, with one column for each feature that is given (`given_name`).
    """

    part: Part
    group_by: GroupBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A column that takes the first value which is not null.

    reads: what is looked at, in this order; what was computed is the last.
    """

    name: str
    type: DataType
    reads: tuple[str, ...]


def given_name(column: str, place: int) -> str:
    """The column that the n-th table of a bootstrap gives for a column. Nobody can write such a name."""
    return f"{column}@{place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A join, resolved.

    left:   its rows; `left.selects` are the columns kept from the left side, keys among them.
    derivations: evaluated over left columns, part columns and `ts`; none reads another.
    outputs: every column of the result in order: left columns, features that are kept, derivations.
    lookups: the tables of its bootstrap, in their order.
    filled:  what they give, features first. Derivations read features as they are filled; nothing of it is served.
    labels:  what happens after a row, as parts that look ahead. Nothing reads them but training.
    outcomes: the columns of the labels in order; they stand behind the outputs in training rows, and are never served.
    """

    id: ObjectId
    left: Rows
    parts: tuple[Part, ...]
    derivations: tuple[Selected, ...]
    outputs: tuple[Column, ...]
    online: bool
    start: Day | None
    lookups: tuple[Lookup, ...] = ()
    filled: tuple[Filled, ...] = ()
    labels: tuple[Part, ...] = ()
    outcomes: tuple[Column, ...] = ()

    @property
    def inputs(self) -> tuple[Rows, ...]:
        """Everything that it reads of tables or joins itself: its left rows, and the tables of its bootstrap."""
        return (self.left, *(rows for lookup in self.lookups for rows in lookup.group_by.rows))

    @property
    def asked(self) -> tuple[Part, ...]:
        """Every group_by that its left rows ask: parts, then labels."""
        return (*self.parts, *self.labels)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column of its training rows."""
        return (*self.outputs, *self.outcomes)

    def without_labels(self) -> Join:
        """The same as those know it who fetch."""
        return replace(self, labels=(), outcomes=())


def with_aliases(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns, each followed by one for every name that it had before."""
    return tuple(Column(name=name, type=column.type) for column in columns for name in (column.name, *column.aliases))


def asked_with(join: Join, group_bys: Mapping[ObjectId, GroupBy]) -> dict[str, tuple[Column, ...]]:
    """Feature, label or derivation of a join → the left columns that a request carries for it, by name.

    Of a feature or label these are the keys of its part, of a derivation those of every feature that it reads and the left
    columns that it reads itself. group_bys: at least those of the parts and labels.
    """
    left = {select.name: Column(name=select.name, type=select.type) for select in join.left.selects}
    asked: dict[str, frozenset[str]] = {}
    for part in join.asked:
        keys = frozenset(part.keys.values())
        asked |= {part.column(feature.name): keys for feature in group_bys[part.group_by].features}
    features = dict(asked)
    for derived in join.derivations:
        own = frozenset(name for name in derived.reads if name in left)
        asked[derived.name] = own.union(*(features.get(name, frozenset()) for name in derived.reads))
    return {name: tuple(left[column] for column in sorted(columns)) for name, columns in asked.items()}


@dataclass(frozen=True, slots=True)
class Catalog:
    """The checked graph of one revision: what `plan` compares with what is deployed."""

    group_bys: Mapping[ObjectId, GroupBy]
    joins: Mapping[ObjectId, Join]
    revision: str = ""

    @property
    def table_rows(self) -> tuple[Rows, ...]:
        """Everything that is read from tables: of group_bys their rows and what changes these, then those of joins."""
        rows = [rows for group_by in self.group_bys.values() for rows in group_by.inputs]
        rows += [rows for join in self.joins.values() for rows in join.inputs]
        return tuple(each for each in rows if each.join is None)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that is folded, by name."""
        return tuple(sorted({topic for group_by in self.group_bys.values() for topic in group_by.topics}))


_SHORT = {
    "last_k": "last",
    "first_k": "first",
    "top_k": "top",
    "bottom_k": "bottom",
    "unique_top_k": "unique_top",
}


def feature_name(column: str, operation: OperationCall, window: Millis | None, buckets: tuple[str, ...]) -> str:
    """The output column of an aggregation, as the reference names it.

    `last_k(10)` prints as `last10`; other arguments do not show. Source: airbnb/chronon, naming of aggregation parts.
    """
    short = _SHORT.get(operation.name)
    verb = f"{short}{operation.arguments[0]}" if short and operation.arguments else operation.name
    span = f"_{duration_text(window)}" if window is not None else ""
    return f"{column}_{verb}{span}" + "".join(f"_by_{bucket}" for bucket in buckets)

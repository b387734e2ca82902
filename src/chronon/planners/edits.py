"""Which fields of a definition were edited, in people's words, and where they stand in the file.

Only for telling: what a change means is decided by digests, in `changes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import eq

from chronon.model.definitions import Feature, GroupBy, Join, Lookup, Part, Rows, Selected, feature_name
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import AggregationSpec, GroupBySpec, JoinSpec, PartSpec, Path, QuerySpec
from chronon.model.time import Day, day_text, duration_text

_NOBODY = ObjectId(Kind.SOURCE, ObjectName("", ""))


class Concern(StrEnum):
    """What an edited field is about."""

    KEYS = "keys"
    ACCURACY = "accuracy"
    ROWS = "rows"
    COLUMNS = "columns"
    REMOVED = "removed columns"
    SERVING = "serving"
    STREAM = "stream"
    EARLIER = "earlier"
    LATER = "later"
    SOURCE_RANGE = "source range"
    WARM_UP = "warm-up"


@dataclass(frozen=True, slots=True)
class Edit:
    """One field that differs.

    paths: where it may stand in the document, best first.
    table, declared: the table of whose source it may be a field, and where it then stands under the source's kind.
    named: where the document names that source, should nobody declare the table.
    """

    concern: Concern
    text: str
    paths: tuple[Path, ...]
    table: str = ""
    declared: tuple[Path, ...] = ()
    named: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """Where a query stands in its document, and which of its selects are keys. prefixes: () is the short form.

    is_ranged: whether its days are its own or its source's; those of a join are edited there, or in its team.
    """

    prefixes: tuple[Path, ...]
    keys: frozenset[str] = frozenset()
    is_left: bool = False
    is_ranged: bool = True

    def at(self, *fields: str) -> tuple[Path, ...]:
        """The paths that a field of the query may have."""
        return tuple((*prefix, *fields) for prefix in self.prefixes)


def group_by_edits(old: GroupBy, new: GroupBy, spec: GroupBySpec) -> tuple[Edit, ...]:
    """Every field of a group_by that differs, those that weigh most first."""
    return tuple(_group_by_edits(old, new, spec))


def join_edits(old: Join, new: Join, spec: JoinSpec) -> tuple[Edit, ...]:
    """Every field of a join that differs, those that weigh most first."""
    return tuple(_join_edits(old, new, spec))


def _group_by_edits(old: GroupBy, new: GroupBy, spec: GroupBySpec) -> Iterator[Edit]:
    if old.keys != new.keys:
        before, after = (", ".join(key.name for key in keys) for keys in (old.keys, new.keys))
        yield Edit(Concern.KEYS, f"keys [{before}] -> [{after}]", (("keys",),))
    if old.accuracy != new.accuracy:
        yield Edit(Concern.ACCURACY, f"accuracy {old.accuracy} -> {new.accuracy}", (("accuracy",),))
    yield from _all_rows_edits(old, new, spec.queries)
    yield from _feature_edits(old.features, new.features, spec)
    if old.online != new.online:
        yield Edit(Concern.SERVING, f"online {_truth(old.online)} -> {_truth(new.online)}", (("online",),))
    if old.tile != new.tile:
        text = f"tile {duration_text(old.tile)} -> {duration_text(new.tile)}"
        yield Edit(Concern.STREAM, text, (("tile",),))
    if old.warm_up != new.warm_up:
        yield Edit(Concern.WARM_UP, f"warm_up {_truth(old.warm_up)} -> {_truth(new.warm_up)}", (("warm_up",),))


def _join_edits(old: Join, new: Join, spec: JoinSpec) -> Iterator[Edit]:
    yield from _rows_edits(old.left, new.left, _Query(prefixes=(("left",),), is_left=True))
    yield from _part_edits(old.asked, new.asked, spec.asked)
    before, after = ({d.name: d for d in derivations} for derivations in (old.derivations, new.derivations))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Edit(
                Concern.COLUMNS,
                f"derivation {name}",
                (("derivations", name, "expression"), ("derivations", name), ("derivations",)),
            )
    yield from _lookup_edits(old, new)
    known = {name for column in old.outputs for name in column.aliases}
    for name in sorted(spec.aliases.keys() - known):
        yield Edit(Concern.COLUMNS, f"{name} of {spec.aliases[name]} added", (("aliases", name),))
    if old.online != new.online:
        yield Edit(Concern.SERVING, f"online {_truth(old.online)} -> {_truth(new.online)}", (("online",),))
    if old.start != new.start:
        yield Edit(_moved(old.start, new.start), f"start {_day(old.start)} -> {_day(new.start)}", (("start",),))


def _part_edits(old: Sequence[Part], new: Sequence[Part], specs: Sequence[tuple[Path, PartSpec]]) -> Iterator[Edit]:
    """Parts and labels that differ. Keys that are matched by name, and are others, are an edit of the group_by."""
    before = {(part.group_by, part.prefix): part for part in old}
    after = {(part.group_by, part.prefix): part for part in new}
    for (path, spec), part in zip(specs, new, strict=True):
        known, name = before.get((part.group_by, part.prefix)), _part_name(part)
        paths: tuple[Path, ...] = ((*path, "keys"), path, path[:1])
        if known is None:
            yield Edit(Concern.COLUMNS, f"{name} added", paths[1:])
        elif known.keys != part.keys and (spec.keys or known.keys.keys() == part.keys.keys()):
            yield Edit(Concern.ROWS, f"keys of {name}", paths)
        elif known.after != part.after:
            before_after = (duration_text(each.after) if each.after else "nothing" for each in (known, part))
            yield Edit(Concern.ROWS, f"{name} after {' -> '.join(before_after)}", ((*path, "after"), *paths[1:]))
    for part in old:
        if (part.group_by, part.prefix) not in after:
            yield Edit(Concern.REMOVED, f"{_part_name(part)} removed", (("labels" if part.ahead else "parts",), ()))


def _part_name(part: Part) -> str:
    return f"{'label' if part.ahead else 'part'} {part.group_by}"


def _lookup_edits(old: Join, new: Join) -> Iterator[Edit]:
    """Tables of the bootstrap that differ, in their order: who comes first decides."""
    before, after = ([_looked_up(lookup) for lookup in join.lookups] for join in (old, new))
    if len(before) != len(after):
        yield Edit(Concern.ROWS, f"bootstrap by {len(before)} -> {len(after)} tables", (("bootstrap",),))
        return
    for index, (lookup, is_same) in enumerate(zip(new.lookups, map(eq, before, after), strict=True)):
        if not is_same:
            paths: tuple[Path, ...] = (("bootstrap", index), ("bootstrap",))
            yield Edit(Concern.ROWS, f"bootstrap by {lookup.part.group_by}", paths)


def _looked_up(lookup: Lookup) -> tuple[object, ...]:
    """What a table of a bootstrap means, whatever its source is called."""
    return lookup.part.keys, replace(lookup.group_by, id=_NOBODY)


def _all_rows_edits(old: GroupBy, new: GroupBy, specs: Sequence[QuerySpec]) -> Iterator[Edit]:
    if len(old.rows) != len(new.rows):
        yield Edit(Concern.ROWS, f"{len(old.rows)} -> {len(new.rows)} sources", (("sources",), ("source",)))
        return
    keys = frozenset(key.name for key in new.keys)
    for index, (before, after, spec) in enumerate(zip(old.rows, new.rows, specs, strict=True)):
        is_ranged = after.join is None or spec.start is not None or spec.end is not None
        query = _Query(prefixes=(("sources", index), ()), keys=keys, is_ranged=is_ranged)
        yield from _rows_edits(before, after, query)


def _rows_edits(old: Rows, new: Rows, query: _Query) -> Iterator[Edit]:
    """Fields of rows that differ. What their source says itself is placed in the source's file."""
    told = _Told(table=new.table, named=(*query.at("source"), *query.at("join")))
    if (old.kind, old.table, old.join) != (new.kind, new.table, new.join):
        yield told.edit(Concern.ROWS, f"source {old.table or old.join} -> {new.table or new.join}", ("table",))
    if old.partition != new.partition:
        yield told.edit(Concern.ROWS, f"partition {old.partition} -> {new.partition}", ("partition",))
    yield from _type_edits(old, new, told)
    yield from _select_edits(old.selects, new.selects, query)
    if old.wheres != new.wheres:
        changed = sorted(set(old.wheres) ^ set(new.wheres))
        yield Edit(Concern.ROWS, f"where {changed[0]}", query.at("where"))
    if _text(old.time) != _text(new.time):
        text = f"time {_text(old.time)} -> {_text(new.time)}"
        yield told.edit(Concern.ROWS, text, ("time",), own=query.at("time"))
    before, after = (each.mutations for each in (old, new))
    if before and after:
        yield from _mutations_edits(before, after, told)
    elif before or after:
        yield told.edit(Concern.ROWS, "mutations added" if after else "mutations removed", ("mutations",))
    if old.topic != new.topic:
        yield told.edit(Concern.STREAM, f"topic {old.topic} -> {new.topic}", ("topic",))
    if query.is_ranged:
        yield from _range_edits(old, new, query, told)


def _range_edits(old: Rows, new: Rows, query: _Query, told: _Told) -> Iterator[Edit]:
    """Days that are read. Those of a join's rows are meaning: answers behind it look back to them."""
    other = Concern.ROWS if new.join else Concern.SOURCE_RANGE
    if old.start != new.start:
        concern = _moved(old.start, new.start) if query.is_left else other
        text = f"source start {_day(old.start)} -> {_day(new.start)}"
        yield told.edit(concern, text, ("start",), own=query.at("start"))
    if old.end != new.end:
        concern = _moved(new.end, old.end) if query.is_left else other
        yield told.edit(concern, f"source end {_day(old.end)} -> {_day(new.end)}", ("end",), own=query.at("end"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A source, by its table, and where the document names it."""

    table: str
    named: tuple[Path, ...]

    def edit(self, concern: Concern, text: str, *fields: Path, own: tuple[Path, ...] = ()) -> Edit:
        """An edit of one of the source's fields. own: where the query itself may say it instead."""
        return Edit(concern, text, own, table=self.table, declared=(*fields, ()), named=self.named)


def _type_edits(old: Rows, new: Rows, told: _Told) -> Iterator[Edit]:
    """Columns of the contract that are read before and after, as another type."""
    types = {column.name: column.type for column in old.columns}
    for column in new.columns:
        if (before := types.get(column.name, column.type)) != column.type:
            paths: tuple[Path, ...] = (("columns", column.name), ("mutations", "columns", column.name))
            yield told.edit(Concern.ROWS, f"{column.name}: {before} -> {column.type}", *paths)


def _mutations_edits(old: Rows, new: Rows, told: _Told) -> Iterator[Edit]:
    """What the mutations of a source have for themselves; their selects and conditions are those of its rows."""
    if old.table != new.table:
        yield told.edit(Concern.ROWS, f"mutations {old.table} -> {new.table}", ("mutations", "table"))
    for name, before, after in (("time", old.changed, new.changed), ("reversal", old.reversal, new.reversal)):
        if _text(before) != _text(after):
            text = f"{name} of mutations {_text(before)} -> {_text(after)}"
            yield told.edit(Concern.ROWS, text, ("mutations", name))
    yield from _type_edits(old, new, told)
    if old.topic != new.topic:
        yield told.edit(Concern.STREAM, f"topic {old.topic} -> {new.topic}", ("mutations", "topic"))


def _select_edits(old: Sequence[Selected], new: Sequence[Selected], query: _Query) -> Iterator[Edit]:
    """Selects that differ: of a key first, as that moves every value.

    One that came or went is told only for a left side: elsewhere the key or feature that needs it tells.
    """
    before, after = ({select.name: select for select in selects} for selects in (old, new))
    names = before.keys() | after.keys() if query.is_left else before.keys() & after.keys()
    for name in sorted(names, key=lambda name: (name not in query.keys, name)):
        if _text(before.get(name)) != _text(after.get(name)):
            concern = Concern.KEYS if name in query.keys else Concern.ROWS
            text = f"{name}: {_text(before.get(name))} -> {_text(after.get(name))}"
            yield Edit(concern, text, (*query.at("select", name), *query.at("select")))


def _feature_edits(old: Sequence[Feature], new: Sequence[Feature], spec: GroupBySpec) -> Iterator[Edit]:
    before, after = ({feature.name: feature for feature in features} for features in (old, new))
    for name, feature in after.items():
        if name not in before:
            former = next((f"{each} renamed to {name}" for each in feature.aliases if each in before), None)
            yield Edit(Concern.COLUMNS, former or f"{name} added", _feature_paths(feature, old, spec))
    for name, feature in before.items():
        if name not in after:
            yield Edit(Concern.REMOVED, f"{name} removed", _feature_paths(feature, old, spec))
        elif feature.aliases != after[name].aliases:
            yield from _alias_edits(feature, after[name], _feature_paths(after[name], old, spec))
        elif feature != after[name]:
            yield Edit(Concern.ROWS, f"column {name}", _feature_paths(after[name], old, spec))


def _alias_edits(old: Feature, new: Feature, paths: tuple[Path, ...]) -> Iterator[Edit]:
    """Former names that came or went."""
    for name in sorted({*old.aliases, *new.aliases}):
        if name not in new.aliases:
            yield Edit(Concern.REMOVED, f"{name} of {new.name} removed", paths)
        elif name not in old.aliases:
            yield Edit(Concern.COLUMNS, f"{name} of {new.name} added", (("aliases", name), *paths))


def _feature_paths(feature: Feature, old: Sequence[Feature], spec: GroupBySpec) -> tuple[Path, ...]:
    """Where a feature is asked for: by another name, by an operation that is new for its input, else by its window."""
    if feature.operation is None:
        prefixes: list[Path] = [(), *(("sources", index) for index in range(len(spec.queries)))]
        return tuple((*prefix, *path) for path in (("select", feature.name), ("select",)) for prefix in prefixes)
    asked = {_asked(other) for other in old if other.name != feature.name}
    known = {each[:2] for each in asked}
    for index, aggregation in enumerate(spec.aggregations):
        if _asks_for(aggregation, feature):
            operation: Path = ("aggregations", index, "operations", aggregation.operations.index(feature.operation))
            window: Path = ("aggregations", index, "windows", aggregation.windows.index(feature.window))
            name: Path = ("aggregations", index, "name")
            here = (window, operation) if _asked(feature)[:2] in known else (operation, window)
            named = (name, ("aggregations", index, "input")) if _is_renamed(feature, old) else ()
            return (*named, *here, ("aggregations", index))
    return (("aggregations",),)


def _asked(feature: Feature) -> tuple[object, ...]:
    """What is asked for, whatever it is called."""
    return (feature.input, feature.operation, feature.window, feature.buckets)


def _is_renamed(feature: Feature, old: Sequence[Feature]) -> bool:
    """Whether only the name is new: of the aggregation, or of its input."""
    asked = [_asked(other) for other in old if other.name != feature.name]
    known_input = any(each[0] == feature.input for each in asked)
    return _asked(feature) in asked or (not known_input and _asked(feature)[1:] in [each[1:] for each in asked])


def _asks_for(aggregation: AggregationSpec, feature: Feature) -> bool:
    """Whether a feature is one of an aggregation's."""
    operation, window = feature.operation, feature.window
    if operation is None or operation not in aggregation.operations or window not in aggregation.windows:
        return False
    base = aggregation.name or aggregation.input
    is_split = feature.buckets in (aggregation.buckets or ((),))
    return is_split and feature.name == feature_name(base, operation, window, feature.buckets)


def _text(select: Selected | None) -> str:
    return "nothing" if select is None else select.expression


def _moved(old: Day | None, new: Day | None) -> Concern:
    """Whether a range begins earlier than it did; one without a start begins with its table."""
    return Concern.EARLIER if new is None or (old is not None and new < old) else Concern.LATER


def _day(day: Day | None) -> str:
    return "open" if day is None else day_text(day)


def _truth(value: bool) -> str:
    return "true" if value else "false"

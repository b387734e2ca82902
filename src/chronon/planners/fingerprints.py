"""What each object means, as digests per concern: equal digests are the same data, so they cause no work.

Every digest is over explicitly chosen fields. Names of objects and columns, prefixes, descriptions, ranges of days and
the other features of the same group_by are in none of those of a feature; tests/planners/test_fields.py classifies every field.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chronon.aggregations import hop_of
from chronon.model.definitions import Catalog, Column, Feature, GroupBy, Join, Lookup, Part, Rows
from chronon.model.errors import InvariantError
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.specs import Accuracy, SourceKind
from chronon.planners.dag import object_order
from chronon.planners.derived import Derived, made_of, seen_made
from chronon.planners.digests import Canonical, digest
from chronon.planners.row_meanings import RowsMeaning, rows_meaning

Key = tuple[str, Column]
"""The name under which a key is sought, and the key of the group_by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinDigests:
    """The data of a join.

    features: every column of parts and labels that is wanted → digest, also those that only derivations read; what is looked up in the
        tables of a bootstrap.
    rounds:   what is made of other columns, and of none of its own round: features that are filled, derivations, derivations
        that are filled. What is filled has the name of what it fills and another digest.
    outputs:  every column of the result → digest; left columns and `ts` have the digest of the left.
    served:   every derivation → digest without the bootstrap, as nothing of that is served.
    seen:     what a chained group_by sees of the result: the rows under the empty name, and every column; what else the
        left has is none of its business.
    aliases:  derivation that only gives a feature another name → the feature: it has its digest and needs no work.
    """

    left: Digest
    features: Mapping[str, Digest]
    rounds: tuple[tuple[Derived, ...], ...]
    outputs: Mapping[str, Digest]
    served: Mapping[str, Digest]
    seen: Mapping[str, str]
    aliases: Mapping[str, str]

    @property
    def derived(self) -> tuple[Derived, ...]:
        """All that is made of other columns, in an order in which it can be made."""
        return tuple(one for made in self.rounds for one in made)

    @property
    def stored(self) -> frozenset[Digest]:
        """Everything that is stored for the join."""
        derived = (one.digest for one in self.derived)
        return frozenset({self.left, *self.features.values(), *derived, *self.outputs.values()})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupByDigests:
    """The data of a group_by: its features as they are asked for by its own keys, and what is kept of it online.

    stored: its features in the order in which values and tiles hold them. No name decides it: a rename moves nothing.
    """

    features: Mapping[str, Digest]
    serving: Digest | None
    stream: Digest | None
    stored: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """The digests of every object of a catalog. order: every object after those that it reads."""

    order: tuple[ObjectId, ...]
    group_bys: Mapping[ObjectId, GroupByDigests]
    joins: Mapping[ObjectId, JoinDigests]


def digests_of(catalog: Catalog) -> Digests:
    """Digests of all objects."""
    group_bys: dict[ObjectId, GroupByDigests] = {}
    joins: dict[ObjectId, JoinDigests] = {}
    known = Digests(order=object_order(catalog), group_bys=group_bys, joins=joins)
    foldings = _Foldings()
    for identity in known.order:
        if identity in catalog.group_bys:
            group_bys[identity] = _group_by_digests(catalog.group_bys[identity], joins, foldings)
        else:
            joins[identity] = _join_digests(catalog.joins[identity], catalog, known, foldings)
    return known


def wanted_features(join: Join) -> frozenset[str]:
    """The part columns that must be computed: those in the result, and those that a derivation reads."""
    derived = {derivation.name for derivation in join.derivations}
    kept = {column.name for column in join.columns if column.name not in derived}
    return frozenset(kept.union(*(derivation.reads for derivation in join.derivations)))


def select_names(group_by: GroupBy, features: Iterable[Feature]) -> frozenset[str]:
    """The selects of a group_by's rows that some of its features need: keys, inputs, buckets."""
    names = {key.name for key in group_by.keys}
    for feature in features:
        names.update((feature.input, *feature.buckets))
    return frozenset(names)


def base_columns(group_by: GroupBy) -> tuple[Feature, ...]:
    """The first feature of every (input, operation, buckets): windows of the same aggregation share their tiles."""
    first: dict[tuple[Hashable, ...], Feature] = {}
    for feature in group_by.features:
        first.setdefault(folded_as(feature), feature)
    return tuple(first.values())


def folded_as(feature: Feature) -> tuple[Hashable, ...]:
    """What is folded for a feature, whatever its window."""
    return (feature.input, str(feature.operation), feature.buckets, feature.elementwise)


def in_stored_order(group_by: GroupBy, digests: GroupByDigests) -> GroupBy:
    """The group_by with its features as values and tiles hold them."""
    by_name = {feature.name: feature for feature in group_by.features}
    return replace(group_by, features=tuple(by_name[name] for name in digests.stored))


@dataclass(frozen=True, slots=True)
class _Folding:
    """What features say by themselves, whatever rows they are computed from. All tuples are in the order of the features.

    read:  of each its input, its buckets, and whether it is passed through.  aggregations: what is done with that.
    bases: of each the first one that folds the same (`base_columns`), by its place.
    """

    features: tuple[Feature, ...]
    read: tuple[tuple[str, tuple[str, ...], bool], ...]
    aggregations: tuple[Canonical, ...]
    bases: tuple[int, ...]


class _Foldings:
    """The foldings of a catalog. Group_bys that are alike have the same features, not only equal ones."""

    def __init__(self) -> None:
        self._known: dict[int, _Folding] = {}

    def of(self, features: tuple[Feature, ...]) -> _Folding:
        """By identity: what was looked at is kept, so that no other has its place in memory."""
        if id(features) not in self._known:
            first: dict[tuple[Hashable, ...], int] = {}
            self._known[id(features)] = _Folding(
                features=features,
                read=tuple((each.input, each.buckets, each.operation is None) for each in features),
                aggregations=tuple(map(_aggregation, features)),
                bases=tuple(first.setdefault(folded_as(each), place) for place, each in enumerate(features)),
            )
        return self._known[id(features)]


def _group_by_digests(group_by: GroupBy, joins: Mapping[ObjectId, JoinDigests], foldings: _Foldings) -> GroupByDigests:
    keys, folding = [(key.name, key) for key in group_by.keys], foldings.of(group_by.features)
    meanings = [_meaning(rows, joins) for rows in group_by.rows]
    features = _feature_digests(group_by.accuracy, keys, meanings, folding)
    midnight = [_meaning(rows, joins) for rows in group_by.at_midnight().rows] if group_by.changes else meanings
    batch = _feature_digests(group_by.accuracy, keys, midnight, folding) if group_by.changes else features
    stored = _stored_order(folding, meanings)
    names = tuple(folding.features[place].name for place in stored)
    return GroupByDigests(
        features=features,
        serving=digest("serving", [batch[name] for name in names]) if group_by.online else None,
        stream=_stream_digest(group_by, keys, joins, folding, stored) if group_by.streamed else None,
        stored=names,
    )


def _stored_order(folding: _Folding, meanings: Sequence[RowsMeaning]) -> list[int]:
    """The places of features by what they fold, then by window: neither names nor what else the rows are can move one."""
    bases = {place: _folded_text(folding, place, meanings) for place in set(folding.bases)}

    def rank(place: int) -> tuple[str, bool, int, str]:
        feature = folding.features[place]
        return bases[folding.bases[place]], feature.window is None, feature.window or 0, feature.name

    return sorted(range(len(folding.features)), key=rank)


def _folded_text(folding: _Folding, place: int, meanings: Sequence[RowsMeaning]) -> str:
    name, buckets, _is_passed = folding.read[place]
    selected = [str(rows.selected((name, *buckets))) for rows in meanings]
    return str([sorted(selected), folding.aggregations[place]])


def _stream_digest(
    group_by: GroupBy, keys: Sequence[Key], joins: Mapping[ObjectId, JoinDigests], folding: _Folding, stored: list[int]
) -> Digest:
    """What tiles hold. The topic brings the rows, so no table is part of it. stored: places of features in their order."""
    streamed = [replace(rows, table="", partition="") for rows in group_by.streamed]
    topics: Sequence[Canonical] = sorted(rows.topic for rows in streamed if rows.topic)
    meanings = [_meaning(rows, joins) for rows in streamed]
    bases = dict.fromkeys(folding.bases[place] for place in stored)
    folded: Sequence[Canonical] = [
        [folding.aggregations[place], _rows_of(meanings, keys, folding.read[place])] for place in bases
    ]
    ordered = [folding.features[place] for place in stored]
    dated: Sequence[Canonical] = _dated(ordered, group_by.accuracy) if group_by.changes else ()
    return digest("stream", topics, group_by.tile, _key_types(keys), folded, *dated)


def _dated(features: Iterable[Feature], accuracy: Accuracy) -> list[Canonical]:
    """Tiles of changes keep the rows' own times as far as windows tell them apart: the least hop of every base column."""
    hops: dict[tuple[Hashable, ...], int] = {}
    for feature in features:
        hop = 0 if feature.window is None else hop_of(feature.window, accuracy)
        known = hops.setdefault(folded_as(feature), hop)
        hops[folded_as(feature)] = min(filter(None, (hop, known)), default=0)
    return list(hops.values())


def _feature_digests(
    accuracy: Accuracy, keys: Sequence[Key], meanings: Sequence[RowsMeaning], folding: _Folding
) -> dict[str, Digest]:
    """Feature → digest without a left side. Windows and operations on one input share the meaning of its rows."""
    rows = {
        read: digest("rows", _key_types(keys), _rows_of(meanings, keys, read)) for read in dict.fromkeys(folding.read)
    }
    told = zip(folding.features, folding.read, folding.aggregations, strict=True)
    return {
        feature.name: digest("feature", accuracy.value, rows[read], aggregation, feature.window)
        for feature, read, aggregation in told
    }


def _aggregation(feature: Feature) -> Canonical:
    """What is done with the input, whatever the window: `1` and `1.0` are the same argument."""
    call = feature.operation
    arguments: Sequence[Canonical] = [int(a) if a == int(a) else a for a in call.arguments] if call else []
    return [call.name if call else None, arguments, feature.elementwise, str(feature.input_type), str(feature.type)]


def _key_types(keys: Sequence[Key]) -> Canonical:
    return [str(key.type) for _, key in keys]


def _meaning(rows: Rows, joins: Mapping[ObjectId, JoinDigests]) -> RowsMeaning:
    return rows_meaning(rows, None if rows.join is None else joins[rows.join].seen)


def _rows_of(
    meanings: Sequence[RowsMeaning], keys: Sequence[Key], read: tuple[str, tuple[str, ...], bool]
) -> Canonical:
    """The rows as the features see them that read this of them, see `_Folding`.

    Aggregations do not depend on the order of their events, so neither does this; a column that is passed through
    may be decided by the first source that has it.
    """
    name, buckets, is_passed = read
    seen = [each.of((*(key.name for _, key in keys), name, *buckets)) for each in meanings]
    return seen if is_passed or len(seen) == 1 else sorted(seen, key=str)


def _join_digests(join: Join, catalog: Catalog, known: Digests, foldings: _Foldings) -> JoinDigests:
    rows = rows_meaning(join.left, None)
    left = _left_digest(join, rows)
    wanted = wanted_features(join)
    features: dict[str, Digest] = {}
    seen = _seen_left(join, rows)
    for part in join.asked:
        meanings = _part_meanings(join, part, catalog.group_bys[part.group_by], known, foldings)
        columns = {part.column(name): meaning for name, meaning in meanings.items()}
        sought = sorted(part.keys.values())
        asked = digest("asked", seen[""], [seen[name] for name in sought])
        for name in (name for name in columns if name in wanted):
            features[name] = digest("column", left, sought, columns[name])
            if not part.ahead:
                seen[name] = f"{asked}.{columns[name]}"
    served = made_of(join, left, features, ())
    for lookup in join.lookups:
        for name, meaning in _lookup_meanings(lookup, foldings).items():
            sought = sorted(lookup.part.keys.values())
            features[name] = digest("given", left, sought, meaning)
            seen[name] = digest("seen given", seen[""], [seen[key] for key in sought], meaning)
    made = made_of(join, left, features, join.filled) if join.filled else served
    return JoinDigests(
        left=left,
        features=features,
        rounds=made.rounds,
        outputs={**made.lefts, **{column.name: made.columns.get(column.name, left) for column in join.columns}},
        served={derivation.name: served.columns[derivation.name] for derivation in join.derivations},
        seen=seen_made(join, seen),
        aliases=made.aliases,
    )


def _lookup_meanings(lookup: Lookup, foldings: _Foldings) -> dict[str, Digest]:
    """What a table gives → digest. Its days are part of that: beside them nothing is given."""
    group_by = lookup.group_by
    keys = _sought(lookup.part, group_by)
    meanings = [rows_meaning(rows, None) for rows in group_by.rows]
    ranges: Sequence[Canonical] = [[rows.start, rows.end] for rows in group_by.rows]
    found = _feature_digests(group_by.accuracy, keys, meanings, foldings.of(group_by.features))
    return {name: digest("of its days", one, ranges) for name, one in found.items()}


def _sought(part: Part, group_by: GroupBy) -> list[Key]:
    """The keys in the order of the left columns that they are sought by: theirs means nothing."""
    own = [(part.keys[key.name], key) for key in group_by.keys]
    return sorted(own, key=lambda pair: (pair[0], pair[1].name))


def _seen_left(join: Join, meaning: RowsMeaning) -> dict[str, str]:
    """The left rows, under the empty name, and each of their columns: what the others are does not matter to it."""
    rows = digest("left rows", meaning.of(()))
    columns = {select.name: digest("left column", rows, meaning.of((select.name,))) for select in join.left.selects}
    return {**columns, "ts": f"{rows}.ts", "": rows}


def _left_digest(join: Join, meaning: RowsMeaning) -> Digest:
    """Meaning of the left rows. Names of kept columns are in it: row ids follow the order of the columns by name."""
    rows = join.left
    if rows.join is not None:
        raise InvariantError("left-source", f"the left side of join {join.id} is the output of join {rows.join}")
    names = sorted(select.name for select in rows.selects)
    return digest("left", names, meaning.of(tuple(names)))


def _part_meanings(
    join: Join, part: Part, group_by: GroupBy, known: Digests, foldings: _Foldings
) -> Mapping[str, Digest]:
    """Feature → digest as a part asks for it: its keys in the order of the left columns, as theirs means nothing.

    Questions at midnight see no change since the snapshot, whatever the accuracy; windows are whole hops, so they begin alike.
    """
    keys = _sought(part, group_by)
    accuracy, asked = group_by.accuracy, group_by
    if join.left.kind is SourceKind.ENTITIES:
        accuracy, asked = Accuracy.SNAPSHOT, group_by.at_midnight()
    elif part.ahead:
        accuracy = group_by.looking_ahead().accuracy
    elif keys == [(part.keys[key.name], key) for key in group_by.keys]:
        return known.group_bys[group_by.id].features
    meanings = [_meaning(rows, known.joins) for rows in asked.rows]
    found = _feature_digests(accuracy, keys, meanings, foldings.of(group_by.features))
    return _looking_ahead(part, group_by, found) if part.ahead else found


def _looking_ahead(part: Part, group_by: GroupBy, found: Mapping[str, Digest]) -> Mapping[str, Digest]:
    """Feature → digest as a label asks for it: the same rows seen from the other side, or at another moment."""
    return {feature.name: digest("ahead", found[feature.name], part.later(feature)) for feature in group_by.features}

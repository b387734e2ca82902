"""What was computed of days that were corrected since: the days of each column, through windows, chains and derivations.

The way back of `source_days`: from rows to the questions that count them. A column is widened by its own window and tail alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chronon.model.corrections import Correction, Stale
from chronon.model.dayset import DaySet
from chronon.model.definitions import SLACK_DAYS, Catalog, Feature, GroupBy, Join, Rows
from chronon.model.jobs import Digest
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.state import State
from chronon.model.time import Day
from chronon.planners.dag import parents_of
from chronon.planners.days import Joined, bounds, joined_to, looking_back
from chronon.planners.demand import Demand, Stored
from chronon.planners.fingerprints import Digests, JoinDigests, digests_of, select_names
from chronon.planners.row_meanings import columns_read
from chronon.planners.snapshots import known_definition

Meaning = tuple[Catalog, Digests]
"""Definitions that belong together, with their digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """What was computed of other rows than there are now, or than this plan makes: days of columns, datasets of batch values."""

    columns: Mapping[Stored, DaySet] = field(default_factory=dict)
    uploads: frozenset[Digest] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.columns or self.uploads)

    def __or__(self, other: Outdated) -> Outdated:
        columns = dict(self.columns)
        for stored, days in other.columns.items():
            columns[stored] = columns.get(stored, DaySet()) | days
        return Outdated(columns=columns, uploads=self.uploads | other.uploads)

    def listed(self) -> tuple[Stale, ...]:
        """The columns of a left that have the same days together, in an order of their own."""
        found: dict[tuple[Digest, DaySet], list[Digest]] = {}
        for (left, column), days in sorted(self.columns.items(), key=lambda item: item[0]):
            found.setdefault((left, days), []).append(column)
        return tuple(Stale(left=left, columns=tuple(columns), days=days) for (left, days), columns in found.items())


def outdated_by(corrections: Sequence[Correction], planned: Meaning, state: State) -> Outdated:
    """What the state has that was computed of the rows before they were corrected.

    What no environment points at any more, and no definition tells of what it is made, counts as outdated whole.
    """
    if not corrections:
        return Outdated()
    columns: dict[Stored, DaySet] = {}
    uploads: dict[Digest, bool] = {}
    for catalog, digests in (planned, *_deployed(state)):
        found = reached((catalog, digests), corrections, state)
        for stored, days in found.columns.items():
            columns[stored] = columns.get(stored, DaySet()) | days
        uploads |= dict.fromkeys(found.kept, False) | dict.fromkeys(found.uploads, True)
    computed = {stored: days & columns.get(stored, days) for stored, days in state.computed.items()}
    return Outdated(
        columns={stored: days for stored, days in computed.items() if days},
        uploads=frozenset(dataset for dataset in state.uploads if uploads.get(dataset, True)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Where corrections lead to in some definitions.

    columns: every column of every join → the days on which it is another one; none where it stays.
    uploads, kept: datasets whose newest batch values are other ones, and those whose are not.
    """

    columns: Mapping[Stored, DaySet]
    uploads: frozenset[Digest]
    kept: frozenset[Digest]


def reached(meaning: Meaning, corrections: Sequence[Correction], state: State) -> Reached:
    """Where corrections lead to, whether or not it has been computed; uploads are those that the state has."""
    catalog, digests = meaning
    walk = _Walk(corrections=corrections, catalog=catalog, digests=digests, within=state.within)
    for identity in digests.order:
        if join := catalog.joins.get(identity):
            walk.join(join)
    made = {
        found.serving: walk.is_reached(catalog.group_bys[identity], state.uploads[found.serving])
        for identity, found in digests.group_bys.items()
        if found.serving is not None and found.serving in state.uploads
    }
    return Reached(
        columns=walk.columns,
        uploads=frozenset(dataset for dataset, is_other in made.items() if is_other),
        kept=frozenset(dataset for dataset, is_other in made.items() if not is_other),
    )


def recorded(state: State) -> Outdated:
    """What was found to be outdated earlier and has not been made again."""
    return Outdated(columns=state.stale, uploads=state.stale_uploads)


def as_once_made(state: State) -> State:
    """The state with what is outdated, also where it went with left rows that were made again: it is no day that comes only now."""
    if not state.stale:
        return state
    computed = dict(state.computed)
    for stored, days in state.stale.items():
        computed[stored] = computed.get(stored, DaySet()) | days
    return replace(state, computed=computed)


def without_outdated(state: State, outdated: Outdated) -> State:
    """The state as if what is outdated had never been made."""
    if not outdated:
        return state
    gone = outdated.columns
    return replace(
        state,
        computed={stored: days - gone[stored] if stored in gone else days for stored, days in state.computed.items()},
        uploads={dataset: day for dataset, day in state.uploads.items() if dataset not in outdated.uploads},
    )


def with_outdated(
    missing: Mapping[Stored, DaySet], demand: Demand, state: State, outdated: Outdated
) -> dict[Stored, DaySet]:
    """The days that are made: those that are missing, and those of what is wanted that are outdated. state: as it is."""
    found = dict(missing)
    for stored, days in outdated.columns.items():
        wanted = demand.columns.get(stored)
        again = days & wanted.days & state.computed.get(stored, DaySet()) if wanted else DaySet()
        if again:
            found[stored] = found.get(stored, DaySet()) | again
    return found


def answers_of(rows: Rows, feature: Feature, accuracy: Accuracy, correction: Correction) -> DaySet:
    """The days of questions that count a row of the corrected days.

    A window W counts a row of day d for questions of d … d + ceil(W / 1 d); asked at 00:00 the first of these is d + 1.
    Entities are read as of the end of the day before, mutations on their own day.
    """
    days = correction.days & bounds(rows)
    if rows.kind is SourceKind.ENTITIES:
        return days.shift(1)
    times = days if _is_within(rows, correction) else days.widen(before=SLACK_DAYS, after=SLACK_DAYS)
    return times if rows.kind is SourceKind.MUTATIONS else looking_back(feature.window, accuracy, times)


def _is_within(rows: Rows, correction: Correction) -> bool:
    """Whether all rows of a corrected day are of that day: where files tell the bounds of the column that dates them."""
    return (rows.changed or rows.time) is None or rows.dated_by in correction.within


@dataclass(slots=True, kw_only=True)
class _Walk:
    """From tables to columns, parents first. within: left → days whose rows, as they were, all ask on that day.

    columns: grows with every join.  strays: left → corrected days whose new rows may lie beside it.
    """

    corrections: Sequence[Correction]
    catalog: Catalog
    digests: Digests
    within: Mapping[Digest, DaySet]
    columns: dict[Stored, DaySet] = field(default_factory=dict)
    strays: dict[Digest, DaySet] = field(default_factory=dict)

    def join(self, join: Join) -> None:
        """Every column of a join; all of them where its left rows are other ones."""
        found = self.digests.joins[join.id]
        corrected = [(each.days & bounds(join.left), _is_within(join.left, each)) for each in self._of(join.left)]
        rows = _union(days for days, _is_sure in corrected)
        loose = _union(days for days, is_sure in corrected if not is_sure)
        self.strays[found.left] = self.strays.get(found.left, DaySet()) | loose
        self._add((found.left, found.left), rows)
        for joined in joined_to(join, self.catalog.group_bys):
            self._joined(found, joined, rows)
        for derived in found.derived:
            days = _union(self.columns[found.left, read] for read in derived.inputs.values())
            self._add((found.left, derived.digest), rows | days)

    def is_reached(self, group_by: GroupBy, day: Day) -> bool:
        """Whether batch values of the end of a day are other ones."""
        asked, midnight = DaySet.span(day + 1, day + 1), group_by.at_midnight()
        return any(asked & self._answers(midnight, feature, Accuracy.SNAPSHOT) for feature in midnight.features)

    def _joined(self, found: JoinDigests, joined: Joined, rows: DaySet) -> None:
        for feature in joined.group_by.features:
            digest = found.features.get(joined.part.column(feature.name))
            if digest is not None:
                days = self._answers(joined.group_by, feature, joined.accuracy).shift(-joined.later)
                asked = days if joined.at_end else self._asking_on(found.left, days)
                self._add((found.left, digest), rows | asked)

    def _answers(self, group_by: GroupBy, feature: Feature, accuracy: Accuracy) -> DaySet:
        """The days of questions whose answer is another one."""
        days = DaySet()
        for rows in group_by.inputs:
            if rows.join is not None:
                days |= looking_back(
                    feature.window, accuracy, self._times(self.catalog.joins[rows.join], rows, group_by, feature)
                )
            for correction in self._of(rows):
                days |= answers_of(rows, feature, accuracy, correction)
        return days

    def _times(self, parent: Join, rows: Rows, group_by: GroupBy, feature: Feature) -> DaySet:
        """The days in which those rows of a parent lie that are other ones, in a column that the feature reads."""
        found = self.digests.joins[parent.id]
        read = (found.outputs[name] for name in columns_read(rows, select_names(group_by, [feature])))
        days = _union(self.columns[found.left, column] for column in (found.left, *read))
        if parent.left.kind is SourceKind.ENTITIES:
            return days.shift(1)
        strays = days - self._within(found.left)
        return days | strays.widen(before=SLACK_DAYS, after=SLACK_DAYS)

    def _asking_on(self, left: Digest, days: DaySet) -> DaySet:
        """The days of a left with rows that may ask on some days: rows lie SLACK_DAYS off their partition at most."""
        strays = days.widen(before=SLACK_DAYS, after=SLACK_DAYS)
        return days | (strays - self._within(left))

    def _within(self, left: Digest) -> DaySet:
        """The days of a left whose rows all ask on that day, once it is made again."""
        return self.within.get(left, DaySet()) - self.strays.get(left, DaySet())

    def _of(self, rows: Rows) -> Iterator[Correction]:
        return (each for each in self.corrections if each.table == rows.table and rows.join is None)

    def _add(self, stored: Stored, days: DaySet) -> None:
        self.columns[stored] = self.columns.get(stored, DaySet()) | days


def _deployed(state: State) -> Iterator[Meaning]:
    """What each environment points at, as definitions; those that another version wrote, and their readers, are left out."""
    for name in sorted(state.environments):
        known = {}
        for identity, snapshot in state.environments[name].snapshots.items():
            if definition := known_definition(snapshot):
                known[identity] = definition
        catalog = _whole(known)
        yield catalog, digests_of(catalog)


def _whole(known: dict[ObjectId, GroupBy | Join]) -> Catalog:
    """The definitions of which everything is known that they read."""
    while lacking := [one for one, made in known.items() if any(parent not in known for parent in parents_of(made))]:
        for identity in lacking:
            del known[identity]
    return Catalog(
        group_bys={one: made for one, made in known.items() if isinstance(made, GroupBy) and one.kind is Kind.GROUP_BY},
        joins={one: made for one, made in known.items() if isinstance(made, Join)},
    )


def _union(sets: Iterable[DaySet]) -> DaySet:
    return DaySet.of(pair for days in sets for pair in days.ranges)

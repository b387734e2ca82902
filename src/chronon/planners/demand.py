"""What has to exist for a catalog: each column of each left on some days, each upload. Whether it does is not asked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog, Feature, GroupBy, Join, Rows
from chronon.model.errors import InvariantError
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.plan import Gap
from chronon.model.specs import Accuracy, Repository
from chronon.model.time import Day
from chronon.planners.days import (
    FIRST_DAY,
    Available,
    Joined,
    Reach,
    answerable,
    asked_days,
    joined_to,
    source_days,
    table_reach,
)
from chronon.planners.fingerprints import Digests, select_names
from chronon.planners.row_meanings import columns_read

Stored = tuple[Digest, Digest]
"""(left, column): under what a column is stored; the left's own rows are (left, left)."""

_LEFT_MISSING = "no rows are made for these days: load the partitions, or move `start`"
_LEFT_WHOLE = "a left side needs a table with one partition a day"
_HOLE = "values are computed without these days: load them before the plan is applied, or they are made again"
_LATE = "what needs these days is planned as soon as they are there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A stored column, the days on which it must be there, and the join that makes it under a name (empty: the left)."""

    join: ObjectId
    name: str
    days: DaySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Everything that has to exist.

    columns: in an order in which they can be made.  uploads: group_bys whose sources are complete up to the day asked.
    """

    columns: Mapping[Stored, Wanted]
    uploads: tuple[ObjectId, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks a source for which features on which days, and at which moment of them."""

    asker: ObjectId
    features: Sequence[Feature]
    days: DaySet
    accuracy: Accuracy


@dataclass(slots=True, kw_only=True)
class _Collected:
    """Demand while it grows. as_of: the last day that is looked at.  days: join → column → days on which the column will be there, for those who read it."""

    catalog: Catalog
    digests: Digests
    available: Available
    as_of: Day
    columns: dict[Stored, Wanted] = field(default_factory=dict)
    days: dict[ObjectId, dict[str, DaySet]] = field(default_factory=dict)
    gaps: dict[tuple[ObjectId, str, str], DaySet] = field(default_factory=dict)

    def want(self, stored: Stored, wanted: Wanted) -> None:
        """Ask for a column; who asked first makes it for all."""
        known = self.columns.get(stored)
        self.columns[stored] = (
            Wanted(join=known.join, name=known.name, days=known.days | wanted.days) if known else wanted
        )

    def tell(self, identity: ObjectId, table: str, hint: str, days: DaySet) -> None:
        """Remember days that are not there."""
        if days:
            key = (identity, table, hint)
            self.gaps[key] = self.gaps.get(key, DaySet()) | days


def demand_of(
    catalog: Catalog, repository: Repository, digests: Digests, available: Available, *, as_of: Day
) -> Demand:
    """What must exist once everything is computed up to and including the day `as_of`."""
    collected = _Collected(catalog=catalog, digests=digests, available=available, as_of=as_of)
    for identity in digests.order:
        if join := catalog.joins.get(identity):
            _want_join(collected, join, asked_days(join, repository, available, as_of))
    uploads = [
        identity
        for identity in digests.order
        if (group_by := catalog.group_bys.get(identity)) and group_by.online and _can_upload(collected, group_by, as_of)
    ]
    gaps = [
        Gap(id=identity, table=table, days=str(days), hint=hint)
        for (identity, table, hint), days in sorted(collected.gaps.items(), key=lambda item: item[0])
    ]
    return Demand(columns=collected.columns, uploads=tuple(uploads), gaps=tuple(gaps))


def parent_of(group_by: GroupBy) -> ObjectId | None:
    """The join whose output a group_by reads."""
    parents = sorted({rows.join for rows in group_by.rows if rows.join is not None})
    if len(parents) > 1:
        listed = ", ".join(map(str, parents))
        raise InvariantError(
            "one-parent", f"group_by {group_by.id} reads the output of {len(parents)} joins ({listed})"
        )
    return parents[0] if parents else None


def _want_join(collected: _Collected, join: Join, asked: DaySet) -> None:
    found = collected.digests.joins[join.id]
    there = table_reach(join.left, collected.available).days
    collected.tell(
        join.id, join.left.table, *((_LEFT_WHOLE, asked) if there is None else (_LEFT_MISSING, asked - there))
    )
    needed = asked & there if there else DaySet()
    collected.want((found.left, found.left), Wanted(join=join.id, name="", days=needed))
    collected.days[join.id] = dict.fromkeys(("ts", *(select.name for select in join.left.selects)), needed)
    for joined in joined_to(join, collected.catalog.group_bys):
        _want_joined(collected, join, joined)
    _want_derived(collected, join, needed)


def _want_joined(collected: _Collected, join: Join, joined: Joined) -> None:
    part, group_by, accuracy = joined.part, joined.group_by, joined.accuracy
    parent_of(group_by)
    found = collected.digests.joins[join.id]
    promised = collected.days[join.id]
    asked = promised["ts"].shift(joined.later)
    for features in _read_alike(group_by, [f for f in group_by.features if part.column(f.name) in found.features]):
        answered = asked
        for rows in group_by.inputs:
            reach = _reach(collected, group_by, rows, features)
            seen = replace(reach, complete=min(reach.complete, collected.as_of))
            answered &= answerable(rows, accuracy, seen)
            # That the last labels are not known yet is no news: of them only holes are told.
            told = asked & answered if part.ahead else asked
            _tell(collected, rows, reach, Question(join.id, features, told, accuracy))
        days = answered.shift(-joined.later)
        for feature in features:
            name = part.column(feature.name)
            promised[name] = days
            collected.want((found.left, found.features[name]), Wanted(join=join.id, name=name, days=days))


def _want_derived(collected: _Collected, join: Join, needed: DaySet) -> None:
    """What is made of other columns is there on their days. What a round makes replaces what it read under the name."""
    found = collected.digests.joins[join.id]
    promised = collected.days[join.id]
    for made in found.rounds:
        days = {one.name: _all_of(needed, (promised[name] for name in one.inputs)) for one in made}
        for one in made:
            wanted = Wanted(join=join.id, name=one.name, days=days[one.name])
            collected.want((found.left, one.digest), wanted)
        promised |= days
        promised |= {name: promised[feature] for name, feature in found.aliases.items() if name not in promised}


def _all_of(needed: DaySet, days: Iterable[DaySet]) -> DaySet:
    return reduce(DaySet.__and__, days, needed)


def _can_upload(collected: _Collected, group_by: GroupBy, as_of: Day) -> bool:
    """Whether every source is complete up to the end of the day: an upload asks at 00:00 of the day after."""
    parent_of(group_by)
    asked = Question(group_by.id, group_by.features, DaySet.span(as_of + 1, as_of + 1), Accuracy.SNAPSHOT)
    complete = True
    for rows in group_by.rows:
        reach = _reach(collected, group_by, rows, group_by.features)
        complete = complete and bool(asked.days & answerable(rows, asked.accuracy, reach))
        _tell(collected, rows, reach, asked)
    return complete


def _read_alike(group_by: GroupBy, features: Sequence[Feature]) -> Iterable[Sequence[Feature]]:
    """Features that wait for the same days: all of them over tables, each by itself over the columns of a join."""
    if any(rows.join for rows in group_by.rows):
        return [(feature,) for feature in features]
    return [features] if features else []


def _reach(collected: _Collected, group_by: GroupBy, rows: Rows, features: Sequence[Feature]) -> Reach:
    if rows.join is None:
        return table_reach(rows, collected.available)
    promised = collected.days[rows.join]
    days = promised["ts"]
    for column in sorted(columns_read(rows, select_names(group_by, features))):
        days &= promised[column]
    return Reach(days=days, complete=days.last if days else Day(FIRST_DAY - 1))


def _tell(collected: _Collected, rows: Rows, reach: Reach, asked: Question) -> None:
    """Tell about late days and holes; the holes of a parent join are told where they arise."""
    if not asked.days or reach.covers(asked.days, rows.kind):
        return
    wanted = source_days(rows, asked.features, asked.accuracy, asked.days)
    late = DaySet.span(max(reach.complete + 1, asked.days.first - 1), asked.days.last) & wanted
    collected.tell(asked.asker, f"join {rows.join}" if rows.join else rows.table, _LATE, late)
    if rows.join is None:
        collected.tell(asked.asker, rows.table, _HOLE, reach.holes(wanted, rows.kind))

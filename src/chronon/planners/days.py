"""Which days a definition asks for, which of them its inputs can answer, and which it has to tell about.

Nothing here costs more with more days: only with more holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chronon.model.dayset import DaySet
from chronon.model.definitions import Catalog, Feature, GroupBy, Join, Part, Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import FeatureJob
from chronon.model.names import ObjectId
from chronon.model.specs import Accuracy, Repository, SourceKind
from chronon.model.state import State
from chronon.model.time import DAY, Day, Millis

FIRST_DAY = Day(-719_162)
"""0001-01-01: stands before every partition, for windows without an end."""

LAST_DAY = Day(2_932_896)
"""9999-12-31: stands after every partition, for sources that are never late."""

EVERY_DAY = DaySet.span(FIRST_DAY, LAST_DAY)
"""The days of a table as a whole."""

Available = Mapping[str, DaySet | None]
"""Table → days that have a partition; None for a table without partitions. A table that is not listed has no day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far an input goes.

    days:     what it has; None when it has no partitions and so everything.
    complete: the last day up to which it is complete; days after it are late, days before it that are missing are holes.
    """

    days: DaySet | None
    complete: Day

    def covers(self, asked: DaySet, kind: SourceKind) -> bool:
        """Whether it is plain that nothing asked on these days is late or a hole: the common case, told at once."""
        whole = self.days is None or (kind is SourceKind.EVENTS and len(self.days.ranges) == 1)
        return whole and self.complete >= asked.last

    def holes(self, wanted: DaySet, kind: SourceKind) -> DaySet:
        """Days that were wanted and never came. Events may begin late: before their first day nothing is missing."""
        if self.days is None or not self.days:
            return DaySet()
        first = self.days.first if kind is SourceKind.EVENTS else FIRST_DAY
        return (wanted & DaySet.span(first, self.complete)) - self.days


def table_reach(rows: Rows, available: Available) -> Reach:
    """How far the table of some rows goes. A source with an end is complete for ever once it has reached it."""
    days = available.get(rows.table, DaySet())
    if days is None:
        return Reach(days=None, complete=LAST_DAY)
    if not days:
        return Reach(days=days, complete=Day(FIRST_DAY - 1))
    ended = rows.end is not None and days.last >= rows.end
    return Reach(days=days, complete=LAST_DAY if ended else days.last)


def bounds(rows: Rows) -> DaySet:
    """The days whose partitions the rows may come from."""
    return DaySet.span(
        FIRST_DAY if rows.start is None else rows.start,
        LAST_DAY if rows.end is None else rows.end,
    )


def source_days(rows: Rows, features: Iterable[Feature], accuracy: Accuracy, asked: DaySet) -> DaySet:
    """The days of a source that count for questions on the days asked.

    A window W asked within day D starts at the earliest at floor(D − W, hop); hops divide a day, so that is in day
    D − ceil(W / 1 d). Snapshots are asked at 00:00, so nothing of D itself counts. Entities: the state at the end of D − 1,
    and the mutations of D, whatever the window.
    """
    if rows.kind is SourceKind.MUTATIONS:
        return asked & bounds(rows)
    if rows.kind is SourceKind.ENTITIES:
        return DaySet.of((start - 1, end - 1) for start, end in asked.ranges) & bounds(rows)
    shift = 0 if accuracy is Accuracy.TEMPORAL else 1
    lengths = [feature.window for feature in features]
    if not asked:
        return asked
    if None in lengths:
        return DaySet.span(FIRST_DAY, asked.last - shift) & bounds(rows)
    before = max(-(-length // DAY) for length in lengths if length is not None)
    return DaySet.of((start - before, end - shift) for start, end in asked.ranges) & bounds(rows)


def looking_back(window: Millis | None, accuracy: Accuracy, days: DaySet) -> DaySet:
    """The days on which a question about events looks at some of these days: `source_days` the other way round."""
    shift = 0 if accuracy is Accuracy.TEMPORAL else 1
    if not days:
        return days
    if window is None:
        return DaySet.span(days.first + shift, LAST_DAY)
    after = -(-window // DAY)
    return DaySet.of((Day(first + shift), Day(last + after)) for first, last in days.ranges)


def answerable(rows: Rows, accuracy: Accuracy, reach: Reach) -> DaySet:
    """The days on which a question finds its source complete."""
    waits = 0 if accuracy is Accuracy.TEMPORAL and rows.kind is not SourceKind.ENTITIES else 1
    return DaySet.span(FIRST_DAY, min(LAST_DAY, reach.complete + waits))


def asked_days(join: Join, repository: Repository, available: Available, as_of: Day) -> DaySet:
    """Every day that a join should have rows for, whether or not its left table has it.

    From the join's start, else its team's, else the left source's, else the first day of the left table, up to `as_of`.
    """
    team = repository.teams.get(join.id.name.team)
    days = available.get(join.left.table)
    first_there = days.first if days else None
    for start in (join.start, team.start if team else None, join.left.start, first_there):
        if start is not None:
            return DaySet.span(start, as_of) & bounds(join.left)
    return DaySet()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What left rows ask at one time, and how.

    group_by: as it is read: at 00:00 nothing has changed since the snapshot; of a label the features with one window.
    later:    how many days after its own a row asks: at 00:00 of the day after, of a snapshot; at its own moment; or when the
        window of a label is over: then what lies in it is what lies before.
    at_end:   the day asks, not the moment of the row.
    """

    part: Part
    group_by: GroupBy
    accuracy: Accuracy
    later: int
    at_end: bool


def joined_to(join: Join, group_bys: Mapping[ObjectId, GroupBy]) -> Iterator[Joined]:
    """Everything that the left rows of a join ask: its parts and labels, and the tables of its bootstrap. group_bys: at least its own.

    Entities ask at the end of their day. So does everybody who looks up rows of a day.
    """
    at_end = join.left.kind is SourceKind.ENTITIES
    for part in join.asked:
        group_by = group_bys[part.group_by]
        if at_end:
            yield _at_end(part, group_by.at_midnight())
        else:
            yield from _at_moments(part, group_by.looking_ahead() if part.ahead else group_by)
    for lookup in join.lookups:
        yield _at_end(lookup.part, lookup.group_by)


def _at_end(part: Part, group_by: GroupBy) -> Joined:
    return Joined(part=part, group_by=group_by, accuracy=Accuracy.SNAPSHOT, later=1, at_end=True)


def _at_moments(part: Part, group_by: GroupBy) -> Iterator[Joined]:
    for later, then in part.moments(group_by).items():
        yield Joined(part=part, group_by=then, accuracy=group_by.accuracy, later=-(-later // DAY), at_end=False)


def asked_by(job: FeatureJob) -> tuple[Accuracy, DaySet]:
    """How the left rows of a job ask, and on which days."""
    if job.at_end:
        return Accuracy.SNAPSHOT, job.days.shift(1)
    return job.group_by.accuracy, job.days.shift(-(-job.later // DAY))


def default_as_of(catalog: Catalog, state: State, available: Available) -> Day:
    """The last day that is complete for a catalog; where it reads nothing at all, the last day that was ever computed.

    Errors: CHR-P001.
    """
    if read := catalog.table_rows:
        return last_complete(read, available)
    computed = [days.last for days in state.computed.values() if days]
    return max(computed, default=Day(0))


def last_complete(read: Sequence[Rows], available: Available) -> Day:
    """The last day for which every table of events or mutations that is read has a partition.

    A table whose source has ended and one without any partition hold nobody back. Where no events are read, the
    last day of any table.
    Errors: CHR-P001 when none of the tables has a partition.
    """
    events = [table_reach(rows, available) for rows in read if rows.kind is not SourceKind.ENTITIES]
    if growing := [reach.complete for reach in events if FIRST_DAY <= reach.complete < LAST_DAY]:
        return min(growing)
    if ends := [days.last for rows in read if (days := available.get(rows.table))]:
        return max(ends)
    raise ChrononError(
        "CHR-P001",
        f"none of the tables that are read has a partition: {', '.join(sorted({rows.table for rows in read}))}",
        "load data first, or check `tables` in chronon.yaml",
    )

"""Ranges of days as they are written, with an open end where nothing is."""

from __future__ import annotations

from dataclasses import dataclass

from chronon.model.names import Kind
from chronon.model.specs import GroupBySpec, JoinSpec, QuerySpec, SourceKind, SourceSpec
from chronon.model.time import DAY, Day, Millis, day_text
from chronon.validators.context import Context, kind_of
from chronon.validators.references import Lost


def is_empty(ranged: QuerySpec | SourceSpec | Days) -> bool:
    """Whether it ends before it starts, which `checks.empty_range` tells: then nothing else is said about its range."""
    return ranged.start is not None and ranged.end is not None and ranged.end < ranged.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days from `start` to `end`, both included; None where it is open, or not certain."""

    start: Day | None = None
    end: Day | None = None

    def is_shorter(self, window: Millis) -> bool:
        """Whether a window is longer than all of its days."""
        return self.start is not None and self.end is not None and window > (self.end - self.start + 1) * DAY

    def __str__(self) -> str:
        return " .. ".join("" if day is None else day_text(day) for day in (self.start, self.end)).strip()


def days_of_events(context: Context, spec: GroupBySpec) -> Days:
    """The days of which a group_by reads events: from the first of its queries to the last. Open for entities.

    Rows of entities are of any age, whatever days their snapshots are of.
    """
    team = spec.header.id.name.team
    if any(kind_of(context, query, team) is not SourceKind.EVENTS for query in spec.queries):
        return Days()
    spans = [_days_of(context, query, team) for query in spec.queries]
    starts = [span.start for span in spans if span.start is not None]
    ends = [span.end for span in spans if span.end is not None]
    return Days(
        start=min(starts) if len(starts) == len(spans) else None,
        end=max(ends) if len(ends) == len(spans) else None,
    )


def days_of_left(context: Context, join: JoinSpec) -> Days:
    """The days of a training set."""
    team = join.header.id.name.team
    inherited = context.repository.teams[team].start if team in context.repository.teams else None
    span = _days_of(context, join.left, team)
    firsts = [day for day in (join.start or inherited, span.start) if day is not None]
    return Days(start=max(firsts, default=None), end=span.end)


def _days_of(context: Context, query: QuerySpec, team: str) -> Days:
    """The days that a query reads: those of its source, or of the rows of a join, that are in its own range."""
    source = _rows_of(context, query, team) if query.join is not None else context.source(query, team)
    ranges = [ranged for ranged in (source, query) if ranged is not None]
    if any(is_empty(ranged) for ranged in ranges):
        return Days()
    first = max((ranged.start for ranged in ranges if ranged.start is not None), default=None)
    last = min((ranged.end for ranged in ranges if ranged.end is not None), default=None)
    days = Days(start=first, end=last)
    return Days() if is_empty(days) else days


def _rows_of(context: Context, query: QuerySpec, team: str) -> Days:
    """The days of the events that the output of a join is; a row of entities is known at the end of its day."""
    found = context.find(Kind.JOIN, str(query.join), team)
    if isinstance(found, Lost):
        return Days()
    parent = context.repository.joins[found]
    days = days_of_left(context, parent)
    later = int(kind_of(context, parent.left, found.name.team) is SourceKind.ENTITIES)
    start, end = (None if day is None else Day(day + later) for day in (days.start, days.end))
    return Days(start=start, end=end)

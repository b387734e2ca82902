"""Ranges of days as they are written, with an open end where nothing is."""

from __future__ import annotations

from dataclasses import dataclass

from chronon.model.specs import GroupBySpec, JoinSpec, QuerySpec, SourceKind, SourceSpec
from chronon.model.time import DAY, Day, Millis, day_text
from chronon.validators.context import Context, kind_of


def is_empty(ranged: QuerySpec | SourceSpec) -> bool:
    """Whether it ends before it starts, which `checks.empty_range` tells: then nothing else is said about its range."""
    return ranged.start is not None and ranged.end is not None and ranged.end < ranged.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days from `first` to `last`, both included; None where it is open, or not certain."""

    first: Day | None = None
    last: Day | None = None

    def is_shorter(self, window: Millis) -> bool:
        """Whether a window is longer than all of its days."""
        return self.first is not None and self.last is not None and window > (self.last - self.first + 1) * DAY

    def __str__(self) -> str:
        return " .. ".join("" if day is None else day_text(day) for day in (self.first, self.last)).strip()


def days_of_events(context: Context, spec: GroupBySpec) -> Days:
    """The days of which a group_by reads events: from the first of its queries to the last. Open for entities.

    Rows of entities are of any age, whatever days their snapshots are of.
    """
    team = spec.header.id.name.team
    if any(kind_of(context, query, team) is not SourceKind.EVENTS for query in spec.queries):
        return Days()
    spans = [_days_of(context, query, team) for query in spec.queries]
    firsts, lasts = [span.first for span in spans if span.first], [span.last for span in spans if span.last]
    return Days(
        first=min(firsts) if len(firsts) == len(spans) else None,
        last=max(lasts) if len(lasts) == len(spans) else None,
    )


def days_of_left(context: Context, join: JoinSpec) -> Days:
    """The days of a training set."""
    team = join.header.id.name.team
    inherited = context.repository.teams[team].start if team in context.repository.teams else None
    span = _days_of(context, join.left, team)
    firsts = [day for day in (join.start or inherited, span.first) if day is not None]
    return Days(first=max(firsts, default=None), last=span.last)


def _days_of(context: Context, query: QuerySpec, team: str) -> Days:
    """The days that a query reads: those of its source that are in its own range. Of a join behind it nothing is said."""
    source = context.source(query, team)
    ranges = [ranged for ranged in (source, query) if ranged is not None]
    if any(map(is_empty, ranges)):
        return Days()
    first = max((ranged.start for ranged in ranges if ranged.start is not None), default=None)
    last = min((ranged.end for ranged in ranges if ranged.end is not None), default=None)
    return Days() if first is not None and last is not None and last < first else Days(first=first, last=last)

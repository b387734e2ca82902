"""Which days of a source a job has to read: windows turned into partitions."""

from __future__ import annotations

from collections.abc import Iterable

from chronon.aggregations import tail_of
from chronon.model.dayset import DaySet
from chronon.model.definitions import SLACK_DAYS, Feature, Rows
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import Day, Millis, day_of, day_start


def days_to_read(
    rows: Rows, features: Iterable[Feature], accuracy: Accuracy, *, first: Millis, last: Millis, available: DaySet
) -> DaySet:
    """The partitions that answer queries between two instants (both included), of those that are available.

    An event or mutation lies within SLACK_DAYS of its partition, so the range is wider by that on both sides.
    """
    if rows.kind is SourceKind.ENTITIES:
        wanted = DaySet.span(day_of(first) - 1, day_of(last) - 1)
    elif rows.kind is SourceKind.MUTATIONS:
        wanted = DaySet.span(day_of(first) - SLACK_DAYS, day_of(last) + SLACK_DAYS)
    else:
        wanted = _event_days(features, accuracy, first=first, last=last, available=available)
    return wanted & available & _bounds(rows, available)


def _event_days(
    features: Iterable[Feature], accuracy: Accuracy, *, first: Millis, last: Millis, available: DaySet
) -> DaySet:
    asked = first if accuracy is Accuracy.TEMPORAL else day_start(day_of(first))
    tails = [tail_of(feature.window, accuracy, asked) for feature in features]
    bounded = [tail for tail in tails if tail is not None]
    if len(bounded) == len(tails):
        start = day_of(min(bounded, default=asked))
    else:
        start = available.first if available else day_of(asked)
    return DaySet.span(start - SLACK_DAYS, day_of(last) + SLACK_DAYS)


def _bounds(rows: Rows, available: DaySet) -> DaySet:
    if not available:
        return available
    first = rows.start if rows.start is not None else available.first
    last = rows.end if rows.end is not None else available.last
    return DaySet.span(first, Day(last))

"""A training set that begins before its windows can be full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chronon.model.diagnostics import Severity
from chronon.model.specs import GroupBySpec, JoinSpec, SourceKind
from chronon.model.time import DAY, Day, Millis, day_text, duration_text
from chronon.validators.check import Check, Finding
from chronon.validators.context import Context, kind_of
from chronon.validators.ranges import Days, days_of_events, days_of_left


@dataclass(frozen=True, slots=True, kw_only=True)
class _Late:
    """A part whose longest window is full from `since` on, its events beginning at `first`."""

    index: int
    window: Millis
    first: Day
    since: Day


def find(context: Context) -> Iterator[Finding]:
    """Every join whose first days reach behind the first events of a part; of several parts, the last to be full.

    Windows that no day can fill are told by `window_beyond`; `unbounded` asks for whatever there is.
    """
    for join in context.repository.joins.values():
        start = days_of_left(context, join).start
        if start is None:
            continue
        if late := [one for one in _parts(context, join) if start < one.since]:
            last = max(late, key=lambda one: one.since)
            message = (
                f"{_first(last.since - start)} rows of the last {duration_text(last.window)}: the events of"
                f" `{join.parts[last.index].group_by}` begin at {day_text(last.first)}"
            )
            is_own = ("start",) in join.header.spans
            span = join.header.span("start") if is_own else join.header.span("parts", last.index, "group_by")
            hint = f"write `start: {day_text(last.since)}`, or read events of earlier days"
            yield Finding(span=span, message=message, hint=hint)


def _parts(context: Context, join: JoinSpec) -> Iterator[_Late]:
    team = join.header.id.name.team
    is_at_midnight = kind_of(context, join.left, team) is SourceKind.ENTITIES
    for index, part in enumerate(join.parts):
        group_by = context.group_by(part, team)
        days = days_of_events(context, group_by) if group_by else Days()
        if group_by is not None and days.start is not None and (window := _longest(group_by, days)):
            # Rows of entities ask at the end of their day, a midnight later than the first row of events can.
            since = Day(days.start - (-window // DAY) - is_at_midnight)
            yield _Late(index=index, window=window, first=days.start, since=since)


def _first(days: int) -> str:
    return "the first day lacks" if days == 1 else f"the first {days} days lack"


def _longest(spec: GroupBySpec, days: Days) -> Millis | None:
    windows = [window for one in spec.aggregations for window in one.windows if window is not None]
    return max((window for window in windows if not days.is_shorter(window)), default=None)


CHECK = Check(
    code="CHR-V108",
    summary="a training set that begins before its windows can be full",
    find=find,
    severity=Severity.WARNING,
)

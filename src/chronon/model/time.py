"""Time as the platform counts it: epoch milliseconds and whole UTC days.

Nothing here reads a clock; the current time enters through parameters at the shells.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NewType

Millis = NewType("Millis", int)
"""Milliseconds: an instant since the epoch in UTC, or a length."""

Day = NewType("Day", int)
"""Days since 1970-01-01, UTC. A partition `ds` of a table holds one of them."""

MINUTE = Millis(60_000)
HOUR = Millis(3_600_000)
DAY = Millis(86_400_000)
DAY_S = 24 * 60 * 60
WEEK = Millis(7 * DAY)

_UNITS = {"ms": 1, "s": 1_000, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_DURATION = re.compile(r"([1-9][0-9]*)(ms|s|m|h|d|w)")
_EPOCH = date(1970, 1, 1).toordinal()


def parse_duration(text: str) -> Millis | None:
    """Length of `90m`, `3h`, `7d`, `2w`; None when the text is no duration."""
    match = _DURATION.fullmatch(text)
    return Millis(int(match[1]) * _UNITS[match[2]]) if match else None


def duration_text(length: Millis) -> str:
    """The length in its largest unit that divides it, weeks left out: `7d`, `90m`."""
    for unit in ("d", "h", "m", "s"):
        if length % _UNITS[unit] == 0:
            return f"{length // _UNITS[unit]}{unit}"
    return f"{length}ms"


def floor_to(instant: Millis, size: Millis) -> Millis:
    """The largest multiple of `size` that is not after the instant."""
    return Millis(instant - instant % size)


def parse_day(text: str) -> Day | None:
    """The day of an ISO date such as `2013-02-01`; None when the text is no date."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return Day(date.fromisoformat(text).toordinal() - _EPOCH)
    except ValueError:
        return None


def day_text(day: Day) -> str:
    """The ISO date of a day: the value of `ds`."""
    return date.fromordinal(day + _EPOCH).isoformat()


def day_start(day: Day) -> Millis:
    """00:00 UTC of the day."""
    return Millis(day * DAY)


def day_of(instant: Millis) -> Day:
    """The UTC day in which an instant lies."""
    return Day(instant // DAY)


def instant_text(instant: Millis) -> str:
    """ISO form in UTC with milliseconds only where there are some: `2013-02-27T14:05:00Z`."""
    moment = datetime.fromtimestamp(instant // 1000, UTC).replace(tzinfo=None)
    milliseconds = f".{instant % 1000:03d}" if instant % 1000 else ""
    return f"{moment.isoformat()}{milliseconds}Z"


def parse_instant(text: str) -> Millis | None:
    """Epoch milliseconds of digits or of an ISO time (UTC unless it names an offset); None otherwise."""
    if re.fullmatch(r"-?\d{1,15}", text):
        return Millis(int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Millis(round(moment.timestamp() * 1000))

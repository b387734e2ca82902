"""How long work takes, told from earlier runs of the same: a start-up, a time for each row, and how far runs lay off that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from chronon.model.sizes import Duration, Run

_DIGITS = 2
"""Times are told with so many digits: more would claim what nobody knows."""

_REACH = 10
"""How many times more rows than in any earlier run a time is told for."""


def duration_of(runs: Sequence[Run], volume: int) -> Duration | None:
    """The time that work of so many rows, read and written, is expected to take; None without a run, or with small ones only.

    A line through (rows, seconds) with neither part below zero; the spread is that of the runs around it.
    """
    if not runs or volume > _REACH * max(run.read.rows + run.written.rows for run in runs):
        return None
    points = [(run.read.rows + run.written.rows, run.seconds) for run in runs]
    start, each = _line(points)
    ratios = sorted(seconds / max(start + each * rows, 1e-9) for rows, seconds in points)
    expected = start + each * volume
    p50 = expected * median(ratios)
    p90 = expected * ratios[-(-9 * len(ratios) // 10) - 1]
    return Duration(p50=_told(p50), p90=_told(max(p50, p90)))


def total_of(durations: Iterable[Duration]) -> Duration:
    """Steps one after another: means add up, and what they are off adds up in squares."""
    found = list(durations)
    p50 = sum(each.p50 for each in found)
    spread = sum((each.p90 - each.p50) ** 2 for each in found) ** 0.5
    return Duration(p50=p50, p90=p50 + round(spread))


def _line(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Seconds at no rows, and for each; least squares. With one volume only, half of it counts as start-up."""
    rows, seconds = [float(at) for at, _ in points], [each for _, each in points]
    middle, mean = sum(rows) / len(rows), sum(seconds) / len(seconds)
    spread = sum((at - middle) ** 2 for at in rows)
    if not spread:
        return (mean / 2, mean / 2 / middle) if middle else (mean, 0.0)
    each = sum((at - middle) * (time - mean) for at, time in zip(rows, seconds, strict=True)) / spread
    start = mean - each * middle
    if each < 0:
        return mean, 0.0
    if start < 0:
        return 0.0, sum(at * time for at, time in zip(rows, seconds, strict=True)) / sum(at * at for at in rows)
    return start, each


def _told(seconds: float) -> int:
    """Milliseconds, rounded."""
    found = round(seconds * 1000)
    digits = len(str(found)) - _DIGITS
    return found if digits <= 0 else round(found, -digits)

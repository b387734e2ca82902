"""How long work takes, told from earlier runs of the same: a start-up, a time for each row, and how far runs lay off that.

Few runs tell little, so what is known of work in general counts beside them: p90 is the wider the fewer they are, and the farther
off in volume. `benchmarks/estimates.py` measures how many of the later runs are done by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import mean, median

from chronon.model.sizes import Duration, Run

_DIGITS = 2
"""Times are told with so many digits: more would claim what nobody knows."""

_REACH = 10
"""How many times more rows than in any earlier run a time is told for."""

_SHARE, _SHARE_WEIGHT = 0.5, 1.0
"""Without runs of several volumes half of the time counts as start-up, which weighs as much as one more run of twice the volume."""

_SPREAD, _SPREAD_WEIGHT = 0.3, 3
"""Runs lie off their line by a third, which weighs as much as three runs: what steps of the local engine do on a machine with other work."""

_NEWEST = 10
"""So many runs tell how long work takes now: machines get busier and windows longer. Older ones only tell what grows with the rows."""

_FASTEST_S = 1e-3
"""No run counts as faster: ratios of times have to exist."""

_MOST_DOUBT = 4.0
"""Of work that is hardly any the line says next to nothing; what is told is not to become absurd."""


def duration_of(runs: Sequence[Run], volume: int) -> Duration | None:
    """The time that work of so many rows, read and written, is expected to take; None without a run, or with small ones only.

    runs: the newest first.
    Law: of runs like the earlier ones, half are done by p50 and nine of ten by p90, also where there were few
    (tests/planners/test_durations.py).
    """
    if not runs or volume > _REACH * max(_volume(run) for run in runs):
        return None
    points = [(_volume(run), max(run.seconds, _FASTEST_S)) for run in runs]
    line = _line(points)
    off = sorted(log(seconds / line.at(rows)) for rows, seconds in points[:_NEWEST])
    p50 = line.at(volume) * exp(median(off))
    return Duration(p50=_told(p50), p90=_told(p50 * exp(_above(off) * sqrt(1 + line.doubt(volume)))))


def total_of(durations: Iterable[Duration]) -> Duration:
    """Steps one after another: means add up, and what they are off adds up in squares."""
    found = list(durations)
    p50 = sum(each.p50 for each in found)
    spread = sum((each.p90 - each.p50) ** 2 for each in found) ** 0.5
    return Duration(p50=p50, p90=p50 + round(spread))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """seconds: at the mean volume.  share: how much of them grows with the rows, 0 to 1.  weight: of what is known of the share."""

    seconds: float
    rows: float
    share: float
    weight: float

    def at(self, rows: int) -> float:
        """Seconds of so many rows."""
        return max(self.seconds * (1 + self.share * self._away(rows)), _FASTEST_S)

    def doubt(self, rows: int) -> float:
        """How much more its squares of errors are there than at the mean volume, as the share is not known exactly."""
        away = self._away(rows)
        return min((away * self.seconds / self.at(rows)) ** 2 / self.weight, _MOST_DOUBT)

    def _away(self, rows: int) -> float:
        return rows / self.rows - 1 if self.rows else 0.0


def _line(points: Sequence[tuple[int, float]]) -> _Line:
    """Least squares, with the share that is known without them as one more; never does less time come from more rows."""
    rows, seconds = mean(at for at, _ in points), mean(time for _, time in points)
    away = [(at / rows - 1 if rows else 0.0, time / seconds - 1) for at, time in points]
    weight = _SHARE_WEIGHT + sum(x * x for x, _ in away)
    share = (_SHARE_WEIGHT * _SHARE + sum(x * y for x, y in away)) / weight
    return _Line(seconds=seconds, rows=rows, share=min(max(share, 0.0), 1.0), weight=weight)


def _above(off: Sequence[float]) -> float:
    """How far above their middle nine of ten lie: what Student's t says of their spread and of the one known without them.

    off: sorted. No less than the last of them.
    """
    middle, count = median(off), len(off)
    degrees = _SPREAD_WEIGHT + count - 1
    squares = _SPREAD_WEIGHT * _SPREAD**2 + sum((each - middle) ** 2 for each in off)
    return max(off[-1] - middle, _t90(degrees) * sqrt(squares / degrees * (1 + 1 / count)))


def _t90(degrees: int) -> float:
    """The 0.9 quantile of Student's t, by its expansion about the normal one (Abramowitz and Stegun 26.7.5); within 0.02 from three degrees on."""
    normal = 1.2816
    first = (normal**3 + normal) / 4
    second = (5 * normal**5 + 16 * normal**3 + 3 * normal) / 96
    return normal + first / degrees + second / degrees**2


def _volume(run: Run) -> int:
    return run.read.rows + run.written.rows


def _told(seconds: float) -> int:
    """Milliseconds, rounded."""
    found = round(seconds * 1000)
    digits = len(str(found)) - _DIGITS
    return found if digits <= 0 else round(found, -digits)

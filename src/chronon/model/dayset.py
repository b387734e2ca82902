"""Sets of days as sorted disjoint half-open ranges: the arithmetic of backfills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chronon.model.time import Day, day_text


@dataclass(frozen=True, slots=True)
class DaySet:
    """Days as half-open ranges.

    ranges: (start, end) pairs, start < end, sorted, neither overlapping nor touching. Build one with `of`.
    Cost of every operation grows with the number of ranges, never with the number of days.
    """

    ranges: tuple[tuple[Day, Day], ...] = ()

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> DaySet:
        """The set that any (start, end) pairs cover; empty pairs are dropped."""
        merged: list[tuple[Day, Day]] = []
        for start, end in sorted((Day(s), Day(e)) for s, e in ranges if s < e):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return cls(tuple(merged))

    @classmethod
    def days(cls, days: Iterable[int]) -> DaySet:
        """The set of the single days given."""
        return cls.of((day, day + 1) for day in days)

    @classmethod
    def span(cls, first: int, last: int) -> DaySet:
        """Every day from first to last, both included; empty when last < first."""
        return cls.of([(first, last + 1)])

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __len__(self) -> int:
        return sum(end - start for start, end in self.ranges)

    def __iter__(self) -> Iterator[Day]:
        return (Day(day) for start, end in self.ranges for day in range(start, end))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, int) and any(start <= day < end for start, end in self.ranges)

    def __or__(self, other: DaySet) -> DaySet:
        return DaySet.of((*self.ranges, *other.ranges))

    def __and__(self, other: DaySet) -> DaySet:
        return DaySet.of((max(a, c), min(b, d)) for a, b in self.ranges for c, d in other.ranges)

    def __sub__(self, other: DaySet) -> DaySet:
        kept = list(self.ranges)
        for cut_start, cut_end in other.ranges:
            kept = [
                piece
                for start, end in kept
                for piece in ((start, min(end, cut_start)), (max(start, cut_end), end))
                if piece[0] < piece[1]
            ]
        return DaySet.of(kept)

    def widen(self, *, before: int = 0, after: int = 0) -> DaySet:
        """Each range made longer by whole days on its two sides."""
        return DaySet.of((start - before, end + after) for start, end in self.ranges)

    @property
    def first(self) -> Day:
        """The first day. Errors: IndexError when empty."""
        return self.ranges[0][0]

    @property
    def last(self) -> Day:
        """The last day, included. Errors: IndexError when empty."""
        return Day(self.ranges[-1][1] - 1)

    def __str__(self) -> str:
        return ", ".join(
            day_text(start) if end - start == 1 else f"{day_text(start)} .. {day_text(Day(end - 1))}"
            for start, end in self.ranges
        )

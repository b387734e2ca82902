"""Sets of days as sorted disjoint half-open ranges: the arithmetic of backfills."""

from __future__ import annotations

from bisect import bisect_right
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
        if not isinstance(day, int):
            return False
        place = bisect_right(self.ranges, day, key=_start) - 1
        return place >= 0 and day < self.ranges[place][1]

    def __or__(self, other: DaySet) -> DaySet:
        return DaySet.of((*self.ranges, *other.ranges))

    def __and__(self, other: DaySet) -> DaySet:
        found: list[tuple[Day, Day]] = []
        ours, theirs = iter(self.ranges), iter(other.ranges)
        one, two = next(ours, None), next(theirs, None)
        while one and two:
            start, end = max(one[0], two[0]), min(one[1], two[1])
            if start < end:
                found.append((start, end))
            if one[1] < two[1]:
                one = next(ours, None)
            else:
                two = next(theirs, None)
        return DaySet(tuple(found))

    def __sub__(self, other: DaySet) -> DaySet:
        if not self.ranges or not other.ranges:
            return self
        edges = [bound for pair in other.ranges for bound in pair]
        edges = [min(edges[0], self.ranges[0][0]), *edges, max(edges[-1], self.ranges[-1][1])]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        return self & DaySet(tuple((start, end) for start, end in gaps if start < end))

    def shift(self, by: int) -> DaySet:
        """Every day so many days later."""
        return DaySet(tuple((Day(start + by), Day(end + by)) for start, end in self.ranges))

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


def _start(pair: tuple[Day, Day]) -> Day:
    return pair[0]

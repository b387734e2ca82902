"""Stored values as they are read: columns viewed in place, nothing decoded before it is needed."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import accumulate

import numpy as np

from chronon.aggregations.joining import Columns
from chronon.aggregations.paging import PAGE_HEAD, PAGE_MARK, check_mark
from chronon.aggregations.program import Program
from chronon.aggregations.upload import BATCH_MARK
from chronon.aggregations.values import Ints

_SMALL = 4_096
"""Words up to which a table is made a list at once: slices of a list are cheaper than those of an array."""


class TableView:
    """One packed table.

    rows: how many.  starts: their begins, ascending, as a list for bisection.
    """

    def __init__(self, program: Program, words: Ints, begin: int) -> None:
        n_columns = len(program.columns)
        head = words[begin : begin + 2 + n_columns].tolist()
        self.rows: int = head[0]
        self._text_words = head[1]
        self._lengths = head[2:]
        self._widths = program.widths
        self._first = len(head)
        self._texts_begin = self._first + 2 * self.rows + sum(self._lengths)
        self._words = words[begin : begin + self._texts_begin + self._text_words]
        self._cells: list[int] | None = self._words.tolist() if self._texts_begin <= _SMALL else None
        self.starts = self._slice(self._first, self._first + self.rows)

    @cached_property
    def lasts(self) -> list[int]:
        """The greatest ts of each row."""
        return self._slice(self._first + self.rows, self._first + 2 * self.rows)

    def _slice(self, begin: int, end: int) -> list[int]:
        if self._cells is not None:
            return self._cells[begin:end]
        cells: list[int] = self._words[begin:end].tolist()
        return cells

    @cached_property
    def _begins(self) -> list[int]:
        """Where the block of each column begins."""
        return list(accumulate(self._lengths[:-1], initial=self._first + 2 * self.rows))

    def items(self, column: int, lo: int, hi: int) -> Columns | None:
        """The items of rows [lo, hi), lo < hi; None when there are none."""
        length = self._lengths[column]
        if not length:
            return None
        begin = self._begins[column]
        source = self._cells or self._words
        first = int(source[begin + lo - 1]) if lo else 0
        stop = int(source[begin + hi - 1])
        if first == stop:
            return None
        width = self._widths[column]
        begin += self.rows
        if width == 1:
            return (self._slice(begin + first, begin + stop),)
        size = (length - self.rows) // width
        return tuple([self._slice(at + first, at + stop) for at in range(begin, begin + length - self.rows, size)])

    @cached_property
    def texts(self) -> list[bytes]:
        """The table's texts, sorted by their bytes."""
        if not self._text_words:
            return []
        begin = self._texts_begin
        count = int(self._words[begin])
        ends = self._words[begin + 1 : begin + 1 + count].tolist()
        raw = self._words[begin + 1 + count : begin + self._text_words].tobytes()
        return [raw[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


class BatchView:
    """A batch value: its end, its collapsed table, and the tables of its hops by the program's hop sizes."""

    def __init__(self, program: Program, value: bytes) -> None:
        check_mark(value, BATCH_MARK)
        words = np.frombuffer(value, "<i8")
        head = words[1 : 3 + len(program.hops)].tolist()
        self.batch_end: int = head[0]
        self.collapsed = TableView(program, words, head[1])
        self._program, self._words, self._begins = program, words, head[2:]
        self._hops: dict[int, TableView] = {}

    def hops(self, place: int) -> TableView:
        """The hops of one of the program's sizes."""
        if place not in self._hops:
            self._hops[place] = TableView(self._program, self._words, self._begins[place])
        return self._hops[place]


class PageView:
    """A page: the table of its tiles and roll-ups, level by level."""

    def __init__(self, program: Program, page: bytes) -> None:
        check_mark(page, PAGE_MARK)
        words = np.frombuffer(page, "<i8")
        self.table = TableView(program.of_tiles, words, PAGE_HEAD)
        self._bounds = [0, *words[1:PAGE_HEAD].tolist(), self.table.rows]

    def cover(self, first: int, at: int) -> list[tuple[int, int]]:
        """Few rows that hold every tile with first <= start < at, each once: ranges [lo, hi), oldest first.

        first: where some hop begins.  A tile that starts before `at` counts whole, whatever it holds.
        """
        return self._cover(len(self._bounds) - 2, first, at)

    def _cover(self, level: int, first: int, at: int) -> list[tuple[int, int]]:
        begin, end = self._bounds[level : level + 2]
        starts, lasts = self.table.starts, self.table.lasts
        lo = bisect_left(starts, first, begin, end)
        if not level:
            hi = bisect_left(starts, at, lo, end)
            return [(lo, hi)] if lo < hi else []
        # Rows that hold nothing at or after `at` are taken as they are, however long their stretch goes on.
        hi = bisect_left(lasts, at, lo, end)
        found = []
        if lo > begin and lasts[lo - 1] >= first:
            found += self._cover(level - 1, first, min(at, starts[lo]) if lo < end else at)
        if lo < hi:
            found.append((lo, hi))
        if hi < end and starts[hi] < at:
            # A roll-up has finer rows from its start on; what has none is a tile.
            found += self._cover(level - 1, starts[hi], at) or [(hi, hi + 1)]
        # Few rows move up unmerged, so a level may hold nothing of what a coarser one merged from a finer one.
        return found or self._cover(level - 1, first, at)

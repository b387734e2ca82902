"""Stored values as they are read: columns viewed in place, nothing decoded before it is needed."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from chronon.aggregations.joining import Columns
from chronon.aggregations.paging import PAGE_MARK, check_mark
from chronon.aggregations.program import Program
from chronon.aggregations.upload import BATCH_MARK
from chronon.aggregations.values import Ints


class TableView:
    """One packed table. starts, last_ts: int64[rows], lists with the starts for bisection."""

    def __init__(self, program: Program, words: Ints, begin: int) -> None:
        head = words[begin : begin + 2 + len(program.columns)].tolist()
        self._words = words
        self._widths = program.widths
        self._lengths = head[2:]
        self._text_words = head[1]
        self.rows: int = head[0]
        self._first = begin + len(head)
        self.starts: list[int] = words[self._first : self._first + self.rows].tolist()
        cursor = self._first + 2 * self.rows
        self._begins = []
        for length in self._lengths:
            self._begins.append(cursor)
            cursor += length
        self._texts_begin = cursor

    @property
    def last_ts(self) -> Ints:
        """The greatest ts of each row."""
        return self._words[self._first + self.rows : self._first + 2 * self.rows]

    def items(self, column: int, lo: int, hi: int) -> Columns | None:
        """The items of rows [lo, hi), None when there are none."""
        length = self._lengths[column]
        if not length or lo >= hi:
            return None
        words, begin = self._words, self._begins[column]
        first = int(words[begin + lo - 1]) if lo else 0
        stop = int(words[begin + hi - 1])
        if first == stop:
            return None
        size = (length - self.rows) // self._widths[column]
        begin += self.rows
        width = self._widths[column]
        if width == 1:
            return (words[begin + first : begin + stop].tolist(),)
        return tuple([words[begin + at * size + first : begin + at * size + stop].tolist() for at in range(width)])

    @cached_property
    def texts(self) -> list[str]:
        """The table's texts, sorted by their bytes."""
        if not self._text_words:
            return []
        begin = self._texts_begin
        count = int(self._words[begin])
        ends = self._words[begin + 1 : begin + 1 + count].tolist()
        raw = self._words[begin + 1 + count : begin + self._text_words].tobytes()
        return [raw[a:b].decode() for a, b in zip([0, *ends[:-1]], ends, strict=True)]


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


def page_view(program: Program, page: bytes) -> TableView:
    """The tiles of a page."""
    check_mark(page, PAGE_MARK)
    return TableView(program, np.frombuffer(page, "<i8"), 1)

"""Events of a batch in the order of (entity, ts), and per reading of an input the timeline of its non-null values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.columns import taken
from chronon.aggregations.events import EventBatch
from chronon.aggregations.fast import compiled
from chronon.aggregations.ragged import run_starts
from chronon.aggregations.reading import Reading, Unfold
from chronon.aggregations.unfolding import Unfolded, unfolded
from chronon.aggregations.values import Ints, Mask, Values, flat, present, text_codes, values_of
from chronon.model.types import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Non-null values of one reading, sorted by (entity, ts, levels, code).

    entity, ts, codes: int64[n].  texts, cells: as in `Values`.
    levels: per level that splits the values their codes; rows without a bucket are left out.
    level_texts: what the codes of each level index, None for positions.
    weights: int64[n], how often each value counts, less than zero where it is taken away; None: each once. Only what
        adds up knows of weights: counts, sums, sums of powers.
    """

    entity: Ints
    ts: Ints
    codes: Ints
    type: DataType
    texts: Any = None
    cells: Any = None
    levels: tuple[Ints, ...] = ()
    level_texts: tuple[Any, ...] = ()
    weights: Ints | None = None

    def take(self, rows: Ints | Mask) -> Timeline:
        """The values of these rows, in their order."""
        return replace(
            self,
            entity=self.entity[rows],
            ts=self.ts[rows],
            codes=self.codes[rows],
            levels=tuple(level[rows] for level in self.levels),
            weights=None if self.weights is None else self.weights[rows],
        )

    def values(self, codes: Ints) -> Values:
        """Values of the timeline from their codes."""
        return Values(codes=codes, type=self.type, texts=self.texts, cells=self.cells)

    def weighed(self, summands: Ints | Mask) -> Ints | Mask:
        """What each value adds to a sum, times its weight."""
        return summands if self.weights is None else summands * self.weights


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedEvents:
    """Events in the order of (entity, ts).

    order:  position in the batch of every event, None when the batch was in order and complete.
    """

    entity: Ints
    ts: Ints
    order: Ints | None
    inputs: Mapping[str, Any]

    def timeline(self, reading: Reading) -> tuple[Timeline, Ints | None]:
        """The values of an input; and how many each event has (None: every event has one)."""
        found = unfolded(self._ordered(reading.input), reading.unfold)
        buckets = [self._ordered(bucket) for bucket in reading.buckets]
        has = present(found.values)
        for bucket in buckets:
            has &= present(bucket) if found.rows is None else present(bucket)[found.rows]
        found = found.where(has)
        rows = found.rows
        levels = [text_codes(bucket if rows is None else bucket.take(pa.array(rows))) for bucket in buckets]
        levels += _inner_level(found, reading.unfold)
        coded = values_of(found.values, reading.type)
        line = Timeline(
            entity=self.entity if rows is None else self.entity[rows],
            ts=self.ts if rows is None else self.ts[rows],
            codes=coded.codes,
            type=reading.type,
            texts=coded.texts,
            cells=coded.cells,
            levels=tuple(codes for codes, _ in levels),
            level_texts=tuple(texts for _, texts in levels),
        )
        return _untie(line), None if rows is None else np.bincount(rows, minlength=len(self.ts))

    def _ordered(self, column: str) -> Any:
        array = flat(self.inputs[column])
        return array if self.order is None else taken(array, self.order)


def _inner_level(found: Unfolded, how: Unfold) -> list[tuple[Ints, Any]]:
    """The level of what tells the values of one cell apart, if anything does."""
    if how is Unfold.ENTRIES:
        return [text_codes(found.inner)]
    return [(found.inner, None)] if how is Unfold.POSITIONS else []


def sort_events(batch: EventBatch) -> SortedEvents:
    """The events of known entities in the order of (entity, ts)."""
    order: Ints | None = None
    if len(batch.entity) and int(batch.entity.min()) < 0:
        order = np.flatnonzero(batch.entity >= 0)
    entity, ts = (batch.entity, batch.ts) if order is None else (batch.entity[order], batch.ts[order])
    if not batch.is_sorted and not _in_order(entity, ts):
        found = sort_order(entity, ts)
        order = found if order is None else order[found]
        entity, ts = batch.entity[order], batch.ts[order]
    return SortedEvents(entity=entity, ts=ts, order=order, inputs=batch.inputs)


def sort_order(entity: Ints, ts: Ints) -> Ints:
    """The permutation that sorts by (entity, ts); equal pairs in any order."""
    if not len(ts):
        return np.zeros(0, np.int64)
    order: Ints
    low, span = int(ts.min()), int(ts.max()) - int(ts.min()) + 1
    top = (int(entity.max()) + 1) * span
    if top < 1 << 62:
        if (fast := compiled(len(ts))) is not None:
            order = fast.radix_order(entity * np.int64(span) + (ts - low), top.bit_length())
            return order
        order = np.argsort(entity * np.int64(span) + (ts - low))
        return order
    order = np.lexsort((ts, entity))
    return order


def _in_order(entity: Ints, ts: Ints) -> bool:
    return bool(np.all((entity[1:] > entity[:-1]) | ((entity[1:] == entity[:-1]) & (ts[1:] >= ts[:-1]))))


def _untie(line: Timeline) -> Timeline:
    """Values of equal (entity, ts) in the order of their levels and codes, so that nothing else decides ties."""
    tied = (line.entity[1:] == line.entity[:-1]) & (line.ts[1:] == line.ts[:-1])
    if not tied.any():
        return line
    rows = np.flatnonzero(np.append(tied, False) | np.append(False, tied))
    run = np.zeros(len(rows), np.int64)
    run[run_starts(line.entity[rows], line.ts[rows])] = 1
    order = rows[np.lexsort([column[rows] for column in (line.codes, *reversed(line.levels))] + [np.cumsum(run)])]
    moved = []
    for column in (line.codes, *line.levels):
        new = column.copy()
        new[rows] = column[order]
        moved.append(new)
    return replace(line, codes=moved[0], levels=tuple(moved[1:]))

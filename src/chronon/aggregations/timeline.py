"""Events of a batch in the order of (entity, ts), and per input the timeline of its non-null values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.events import EventBatch
from chronon.aggregations.fast import compiled
from chronon.aggregations.ragged import run_starts
from chronon.aggregations.values import Ints, Mask, flat, present, text_codes, values_of
from chronon.model.types import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Non-null values of one input, sorted by (entity, ts, code).

    entity, ts, codes: int64[n].  texts: what the codes index, of a string input.
    buckets, bucket_texts: codes of the bucket column and its texts; rows without a bucket are left out.
    """

    entity: Ints
    ts: Ints
    codes: Ints
    type: Scalar
    texts: Any = None
    buckets: Ints | None = None
    bucket_texts: Any = None

    def take(self, rows: Ints | Mask) -> Timeline:
        """The values of these rows, in their order."""
        return Timeline(
            entity=self.entity[rows],
            ts=self.ts[rows],
            codes=self.codes[rows],
            type=self.type,
            texts=self.texts,
            buckets=None if self.buckets is None else self.buckets[rows],
            bucket_texts=self.bucket_texts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedEvents:
    """Events in the order of (entity, ts).

    order:  position in the batch of every event, None when the batch was in order and complete.
    """

    entity: Ints
    ts: Ints
    order: Ints | None
    inputs: Mapping[str, Any]

    def timeline(self, column: str, kind: Scalar, bucket: str | None) -> tuple[Timeline, Mask | None]:
        """The values of an input; and which events have one, None when all do."""
        array = self._ordered(column)
        groups = None if bucket is None else self._ordered(bucket)
        has = present(array) if groups is None else present(array) & present(groups)
        mask = None if has.all() else has
        if mask is not None:
            array = array.filter(pa.array(mask))
            groups = None if groups is None else groups.filter(pa.array(mask))
        values = values_of(array, kind)
        codes, texts = (None, None) if groups is None else text_codes(groups)
        line = Timeline(
            entity=self.entity if mask is None else self.entity[mask],
            ts=self.ts if mask is None else self.ts[mask],
            codes=values.codes,
            type=kind,
            texts=values.texts,
            buckets=codes,
            bucket_texts=texts,
        )
        return _untie(line), mask

    def _ordered(self, column: str) -> Any:
        array = flat(self.inputs[column])
        if self.order is None:
            return array
        if not array.null_count and (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
            return pa.array(array.to_numpy()[self.order], from_pandas=False)
        return array.take(pa.array(self.order))


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
    """Values of equal (entity, ts) in the order of their codes, so that ties are decided by nothing else."""
    tied = (line.entity[1:] == line.entity[:-1]) & (line.ts[1:] == line.ts[:-1])
    if not tied.any():
        return line
    rows = np.flatnonzero(np.append(tied, False) | np.append(False, tied))
    run = np.zeros(len(rows), np.int64)
    run[run_starts(line.entity[rows], line.ts[rows])] = 1
    keys = [line.codes[rows], np.cumsum(run)]
    if line.buckets is not None:
        keys.insert(0, line.buckets[rows])
    order = rows[np.lexsort(keys)]
    codes, buckets = line.codes.copy(), line.buckets
    codes[rows] = line.codes[order]
    if buckets is not None:
        buckets = buckets.copy()
        buckets[rows] = buckets[order]
    return replace(line, codes=codes, buckets=buckets)

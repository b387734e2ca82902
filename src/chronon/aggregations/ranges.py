"""Index ranges over a timeline: every query's window is one, and every operation answers all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

import numpy as np

from chronon.aggregations.exact import Sums
from chronon.aggregations.fast import compiled
from chronon.aggregations.powers import power_sums
from chronon.aggregations.ragged import offsets_of, run_starts
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.totals import Odd, odd_of, over, sums_of
from chronon.aggregations.values import Ints, Mask

_WORTH_MERGING = 32
"""Keys per instant up to which walking over them beats searching among them."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Ranges [lo, hi) of rows of a timeline, each inside one entity. lo, hi: int64[r].

    windows: lo and hi hold those of so many windows of the same queries, one window after the other; hi is the same.
    The cached parts are shared by the operations on one input.
    """

    timeline: Timeline
    lo: Ints
    hi: Ints
    windows: int = 1

    @cached_property
    def counts(self) -> Ints:
        """Values per range."""
        weights = self.timeline.weights
        return self.hi - self.lo if weights is None else over(weights, self.lo, self.hi)

    @cached_property
    def empty(self) -> Mask:
        """Ranges without a value."""
        nothing: Mask = self.counts == 0
        return nothing

    @cached_property
    def sums(self) -> Sums:
        """The exact sum of the finite values of every range."""
        return sums_of(self.timeline, self.lo, self.hi)

    @cached_property
    def power_sums(self) -> Callable[[int], list[tuple[int, Ints]]]:
        """By the power the limbs of the exact sum of powers of every range."""
        return cache(partial(power_sums, self.timeline, self.lo, self.hi))

    @cached_property
    def odd(self) -> Odd | None:
        """How many NaN and infinities every range holds; None when there are none at all."""
        return odd_of(self.timeline, self.lo, self.hi)

    @cached_property
    def entity_start(self) -> Ints:
        """Row at which the entity of each row begins: int64[n]."""
        starts = run_starts(self.timeline.entity)
        return np.repeat(starts, np.diff(np.append(starts, len(self.timeline.entity))))

    def recoded(self, codes: Ints) -> Ranges:
        """The same ranges over other codes, of no type that decodes them."""
        return Ranges(timeline=replace(self.timeline, codes=codes), lo=self.lo, hi=self.hi, windows=self.windows)

    def where(self, rows: Mask) -> Ranges:
        """The same ranges over a part of the rows."""
        before = offsets_of(rows.astype(np.int64))
        lo, hi = before[self.lo], before[self.hi]
        return Ranges(timeline=self.timeline.take(rows), lo=lo, hi=hi, windows=self.windows)


class Locator:
    """Finds the first event of an entity at or after an instant, for many at once.

    Packs (entity, ts) into one number; where their spans are too wide for 63 bits, ts is replaced by its rank.
    """

    def __init__(self, entity: Ints, ts: Ints) -> None:
        self._ranks: Ints | None = None
        low, high = (int(ts.min()), int(ts.max())) if len(ts) else (0, 0)
        entities = int(entity[-1]) + 1 if len(entity) else 1
        if entities * (high - low + 2) >= 1 << 62:
            self._ranks, ts = np.unique(ts, return_inverse=True)
            low, high = 0, len(self._ranks)
        self._low, self._span = low, high - low + 2
        self._entities = entities
        self._keys = entity * np.int64(self._span) + (ts - low)

    def __call__(self, entity: Ints, instant: Ints) -> Ints:
        """Number of events before (entity, instant) in the order of (entity, ts). Entities must not be negative."""
        ts = instant if self._ranks is None else np.searchsorted(self._ranks, instant)
        offset = np.clip(ts - np.int64(self._low), 0, self._span - 1)
        known = np.minimum(entity, self._entities)
        keys = known * np.int64(self._span) + np.where(entity < self._entities, offset, 0)
        found: Ints
        fast = compiled(len(keys) + len(self._keys))
        if fast is not None and len(keys) * _WORTH_MERGING > len(self._keys) and (keys[1:] >= keys[:-1]).all():
            found = fast.merge_search(self._keys, keys)
            return found
        found = np.searchsorted(self._keys, keys)
        return found

"""Groups of items as flat columns: every state of every operation has this one form, and merging is one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from chronon.aggregations.values import Ints, Mask


class Rule(Enum):
    """How items of one group come together.

    ADD: equal keys are one item, its last column is the sum; what adds up to nothing is no item.
    SET: equal items are one; the last `keep` of them in the order of the columns, all with keep = 0.
    LEAST, GREATEST: the first or last `keep` items in the order of the columns.
    """

    ADD = "add"
    SET = "set"
    LEAST = "least"
    GREATEST = "greatest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ragged:
    """Items of n groups.

    offsets: int64[n + 1], where the items of each group begin.
    columns: int64[items] each; within a group the items are sorted by them.
    """

    offsets: Ints
    columns: tuple[Ints, ...]

    @property
    def lengths(self) -> Ints:
        """Items per group."""
        return np.diff(self.offsets)

    def take(self, groups: Ints) -> Ragged:
        """The groups of these indices, in their order; an index of -1 is an empty group."""
        lengths = np.where(groups < 0, 0, self.lengths[groups]) if len(self.offsets) > 1 else np.zeros_like(groups)
        picked = expand(self.offsets[np.maximum(groups, 0)], lengths)
        return Ragged(offsets=offsets_of(lengths), columns=tuple(column[picked] for column in self.columns))


def offsets_of(lengths: Ints | Mask) -> Ints:
    """Where ranges of these lengths begin when they lie one after the other, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def expand(starts: Ints, lengths: Ints) -> Ints:
    """Every index of the ranges [start, start + length), one range after the other."""
    shift = starts - offsets_of(lengths)[:-1]
    positions: Ints = np.repeat(shift, lengths) + np.arange(int(lengths.sum()))
    return positions


def run_starts(*keys: Ints) -> Ints:
    """The positions at which sorted keys change: the beginning of each run of equal keys."""
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    changed: Mask = np.zeros(len(keys[0]), np.bool_)
    changed[0] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)


def place_in_run(key: Ints) -> Ints:
    """How many rows of the same run of equal keys stand before each row."""
    starts = run_starts(key)
    return np.arange(len(key)) - np.repeat(starts, np.diff(np.append(starts, len(key))))


@dataclass(frozen=True, slots=True)
class Gather:
    """A rule, and how many items it keeps per value of the first `prefix` columns."""

    rule: Rule
    keep: int = 0
    prefix: int = 0


def reduce(group: Ints, columns: Sequence[Ints], n: int, how: Gather) -> Ragged:
    """Items in any order, brought together.

    group: which of the n groups an item belongs to.
    Law: associative and commutative over any split of the items.
    """
    order = _order(group, columns[:-1] if how.rule is Rule.ADD else columns)
    group, columns = group[order], [column[order] for column in columns]
    if how.rule is Rule.ADD:
        starts = run_starts(group, *columns[:-1])
        totals = np.add.reduceat(columns[-1], starts) if len(starts) else columns[-1]
        if not totals.all():
            starts, totals = starts[totals != 0], totals[totals != 0]
        return _grouped(group[starts], [*(column[starts] for column in columns[:-1]), totals], n)
    if how.rule is Rule.SET:
        starts = run_starts(group, *columns)
        group, columns = group[starts], [column[starts] for column in columns]
        if not how.keep:
            return _grouped(group, columns, n)
    kept = ends_of_runs(
        run_starts(group, *columns[: how.prefix]), len(group), how.keep, last=how.rule is not Rule.LEAST
    )
    return _grouped(group[kept], [column[kept] for column in columns], n)


def _order(group: Ints, keys: Sequence[Ints]) -> Ints:
    """The permutation that sorts by group and keys; one key that fits beside the group is sorted as one number."""
    order: Ints
    if len(keys) == 1 and len(group):
        low, span = int(keys[0].min()), int(keys[0].max()) - int(keys[0].min()) + 1
        if (int(group.max()) + 1) * span < 1 << 62:
            order = np.argsort(group * np.int64(span) + (keys[0] - low))
            return order
    order = np.lexsort((*reversed(keys), group))
    return order


def ends_of_runs(starts: Ints, n: int, keep: int, *, last: bool) -> Ints:
    """The first or last `keep` positions of every run; runs begin at `starts`, the last ends at n."""
    stops = np.append(starts[1:], n)
    kept = np.minimum(stops - starts, keep)
    return expand(stops - kept if last else starts, kept)


def _grouped(group: Ints, columns: Sequence[Ints], n: int) -> Ragged:
    return Ragged(offsets=offsets_of(np.bincount(group, minlength=n)[:n]), columns=tuple(columns))


def concat(parts: Sequence[Ragged]) -> Ragged:
    """The groups of all parts, one part after the other."""
    lengths = np.concatenate([part.lengths for part in parts])
    width = len(parts[0].columns)
    columns = tuple(np.concatenate([part.columns[place] for part in parts]) for place in range(width))
    return Ragged(offsets=offsets_of(lengths), columns=columns)

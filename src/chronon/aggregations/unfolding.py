"""Cells of lists and maps taken apart, all rows at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.ragged import expand, offsets_of
from chronon.aggregations.reading import Unfold
from chronon.aggregations.values import Ints, Mask, present


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfolded:
    """The values of a column, row after row.

    values: Arrow array, nulls among them.  rows: the row of each value; None when they are the cells themselves.
    inner:  what tells the values of a cell apart: positions int64[n], keys as an Arrow array, or None.
    """

    values: Any
    rows: Ints | None = None
    inner: Any = None

    def where(self, kept: Mask) -> Unfolded:
        """The values that are kept, with the row of each."""
        if kept.all():
            return self
        rows = np.flatnonzero(kept) if self.rows is None else self.rows[kept]
        inner = self.inner
        if inner is not None:
            inner = inner[kept] if isinstance(inner, np.ndarray) else inner.filter(pa.array(kept))
        return Unfolded(values=self.values.filter(pa.array(kept)), rows=rows, inner=inner)


def unfolded(array: Any, how: Unfold) -> Unfolded:
    """The values of a column; a null cell has none. array: one contiguous Arrow array."""
    if how is Unfold.CELLS:
        return Unfolded(values=array)
    bounds = array.offsets.to_numpy().astype(np.int64)
    lengths = np.where(present(array), np.diff(bounds), 0)
    rows, places = np.repeat(np.arange(len(array)), lengths), expand(bounds[:-1], lengths)
    if how is Unfold.ENTRIES:
        return Unfolded(values=array.items.take(places), rows=rows, inner=array.keys.take(places))
    positions = np.arange(len(rows)) - np.repeat(offsets_of(lengths)[:-1], lengths)
    inner = positions if how is Unfold.POSITIONS else None
    return Unfolded(values=array.values.take(places), rows=rows, inner=inner)

"""Counts per value as maps, the most frequent first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.buckets import split
from chronon.aggregations.fold import Items
from chronon.aggregations.ragged import offsets_of, place_in_run
from chronon.aggregations.ranges import Ranges
from chronon.aggregations.results import maps_of
from chronon.aggregations.signature import MOMENTS_IN_TIME
from chronon.aggregations.single import text_of, to_python
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.values import REAL, Ints, as_texts, reals, text_codes, to_arrow
from chronon.model.types import DataType, Decimal


def histograms(ranges: Ranges, keep: int | None) -> Any:
    """A map of counts per range, by (count descending, text ascending). keep: at most so many entries."""
    line = ranges.timeline
    known, dense = np.unique(line.codes, return_inverse=True)
    parts = split(ranges, dense)
    rank, texts = text_codes(_texts(known, line))
    names, counts = rank[parts.codes], parts.ranges.counts
    order = np.lexsort((names, -counts, parts.owner))
    order = order[counts[order] != 0]
    owner = parts.owner[order]
    if keep is not None:
        kept = place_in_run(owner) < keep
        order, owner = order[kept], owner[kept]
    offsets = offsets_of(np.bincount(owner, minlength=len(ranges.lo)))
    return maps_of(offsets, as_texts(texts.take(pa.array(names[order]))), pa.array(counts[order]))


def _texts(codes: Ints, line: Timeline) -> Any:
    """Values as the keys of a map; a real by the shortest digits that give its double again."""
    if line.type in REAL:
        return pa.array(list(map(repr, reals(codes).tolist())), pa.string())
    values = to_arrow(line.values(codes))
    # Those that Arrow writes in another way than we do: once per different value.
    is_told = isinstance(line.type, Decimal) or line.type in MOMENTS_IN_TIME
    return pa.array(list(map(text_of, values.to_pylist())), pa.string()) if is_told else values.cast(pa.string())


def histogram_of(items: Items, kind: DataType, keep: int | None) -> dict[str, int]:
    """The same of one group."""
    counted = [(text_of(to_python(code, kind, items.texts)), n) for code, n in zip(*items.columns, strict=True)]
    return dict(sorted(counted, key=lambda entry: (-entry[1], entry[0].encode()))[:keep])

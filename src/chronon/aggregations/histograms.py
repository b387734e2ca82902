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
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.values import REAL, Ints, Values, reals, text_codes, to_arrow, to_python
from chronon.model.types import Scalar


def histograms(ranges: Ranges, keep: int | None) -> Any:
    """A map of counts per range, by (count descending, text ascending). keep: at most so many entries."""
    line = ranges.timeline
    known, dense = np.unique(line.codes, return_inverse=True)
    parts = split(ranges, dense)
    rank, texts = text_codes(_texts(known, line))
    names, counts = rank[parts.codes], parts.ranges.counts
    order = np.lexsort((names, -counts, parts.owner))
    owner = parts.owner[order]
    if keep is not None:
        kept = place_in_run(owner) < keep
        order, owner = order[kept], owner[kept]
    offsets = offsets_of(np.bincount(owner, minlength=len(ranges.lo)))
    return maps_of(offsets, texts.take(pa.array(names[order])), pa.array(counts[order]))


def _texts(codes: Ints, line: Timeline) -> Any:
    """Values as the keys of a map; a real by the shortest digits that give its double again."""
    if line.type in REAL:
        return pa.array(list(map(repr, reals(codes).tolist())), pa.string())
    values = to_arrow(Values(codes=codes, type=line.type, texts=line.texts))
    return values.cast(pa.string())


def histogram_of(items: Items, kind: Scalar, keep: int | None) -> dict[str, int]:
    """The same of one group."""
    counted = [(_text(to_python(code, kind, items.texts)), n) for code, n in zip(*items.columns, strict=True)]
    return dict(sorted(counted, key=lambda entry: (-entry[1], entry[0].encode()))[:keep])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

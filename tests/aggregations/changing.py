"""Snapshots and images of changes at random, and the multiset of rows that a query sees of them."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import naive_features as naive
import numpy as np
from builders import DAY, HOUR, KINDS, START, batch_of, cells_of, plain, second_bucket
from hypothesis import strategies as st

from chronon.aggregations import EntityRows
from chronon.model.definitions import Feature
from chronon.model.types import DataType

FIRST_DAY = START // DAY
BEFORE = -(1 << 62)
INVERTIBLE = {"approx_histogram_k", "average", "count", "histogram", "kurtosis", "skew", "sum", "variance"}

Row = tuple[int, Any, str | None]
"""Own time, value, bucket."""

Image = tuple[int, int, int, int, Row]
"""Entity, day, since, weight, row."""


@st.composite
def histories(draw: st.DrawFn) -> tuple[DataType, list[Image], list[tuple[int, int]]]:
    """A type, images of which every one of what was before has its row, and queries on and beside their borders."""
    kind = draw(st.sampled_from(KINDS))
    value = st.none() | cells_of(kind) if draw(st.booleans()) else cells_of(kind)
    own = st.sampled_from([-12 * DAY, -2 * DAY, -DAY, -1, 0, 1, HOUR, 13 * HOUR, 15 * HOUR]).map(lambda at: START + at)
    row = st.tuples(own, value, st.sampled_from(["x", "y", None]))
    moment = st.sampled_from([0, 1, 299_999, 300_000, HOUR, HOUR + 1, 13 * HOUR, DAY - 1])
    images: list[Image] = []
    for entity in (-1, 0, 1):
        for day in (FIRST_DAY, FIRST_DAY + 1):
            held = draw(st.lists(row, max_size=5))
            images += [(entity, day, BEFORE, 1, one) for one in held]
            for at in sorted(draw(st.lists(moment, max_size=5))):
                since = day * DAY + at
                if held and draw(st.booleans()):
                    images.append((entity, day, since, -1, held.pop(draw(st.integers(0, len(held) - 1)))))
                if draw(st.booleans()):
                    held.append(draw(row))
                    images.append((entity, day, since, 1, held[-1]))
    ask = st.tuples(st.integers(-1, 2), (moment | st.integers(0, 2 * DAY)).map(lambda at: START + at))
    return kind, draw(st.permutations(images)), draw(st.lists(ask, max_size=8))


def rows_of(kind: DataType, images: list[Image]) -> EntityRows:
    columns = batch_of(kind, [(0, *row) for *_, row in images]).inputs
    entity, day, since, weight = (np.array([image[at] for image in images], np.int64) for at in range(4))
    ts = np.array([own for *_, (own, _, _) in images], np.int64)
    return EntityRows(entity=entity, day=day, since=since, ts=ts, weight=weight, inputs=columns)


def counted(feature: Feature, images: list[Image], entity: int, q: int, snapshot: bool) -> list[Row]:
    """The multiset that a query sees, as a list: what is left, or without images of what was before."""
    q -= q % DAY if snapshot else 0
    w = feature.window
    tail = -math.inf if w is None else (q - w) - (q - w) % naive.hop(w, snapshot)
    seen = [
        i
        for i in images
        if i[0] == entity >= 0 and i[1] == q // DAY and i[2] < q and (w is None or tail <= i[4][0] < q)
    ]
    taken = Counter(repr(i[4]) for i in seen if i[3] < 0 and feature.operation.name in INVERTIBLE)
    left = []
    for image in seen:
        if image[3] > 0 and not taken[repr(image[4])]:
            left.append(image[4])
        elif image[3] > 0:
            taken[repr(image[4])] -= 1
    return [row for row in left if row[1] is not None]


def wanted(feature: Feature, kind: DataType, rows: list[Row]) -> Any:
    call = (feature.operation.name, feature.operation.arguments)
    split = [(own, value, (bucket, second_bucket(own))) for own, value, bucket in rows]
    return plain(naive.feature(call, kind, split, math.inf, (None, False, len(feature.buckets), feature.elementwise)))

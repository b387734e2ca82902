"""Law: a batch value of the snapshot and the tiles of what changed since answer what the training rows say.

snapshot of day d - 1 | - old   + new |      - old    | + new
                      |── tile ───────|── tile ───────|── tile …       the tiles of two days: a batch may be late
                               q1             q2
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import DAY, HOUR, START, a_third_of, features_of, listed, plain, queries_of, stored_pages
from changing import BEFORE, FIRST_DAY, Image, counted, histories, rows_of, wanted
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import (
    EventBatch,
    Program,
    answer,
    batch_values,
    entities_in_time,
    fold_changes,
    merge_page,
    page_keys,
)
from chronon.model.definitions import Feature
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import DataType, MapOf, Scalar

MOMENTS = [0, 1, 60_000, 299_999, 300_000, HOUR, HOUR + 1, 13 * HOUR, 13 * HOUR + 1, DAY - 1, DAY, DAY + HOUR, 2 * DAY]


def served_at(features: tuple[Feature, ...], kind: DataType, images: list[Image], how: tuple[int, int]) -> Any:
    """What is served of an entity at a moment. how: the size of tiles, and a bit for each tile that is written late."""
    tile, written_late = how
    program = Program.compile(features, Accuracy.TEMPORAL, changes=True)
    known = rows_of(kind, [image for image in images if image[2] == BEFORE and image[1] == FIRST_DAY])
    snapshot = EventBatch(entity=known.entity, ts=known.ts, inputs=known.inputs)
    values = batch_values(program, snapshot, 2, Millis(START))
    rows = fold_changes(program, rows_of(kind, [image for image in images if image[2] != BEFORE]), Millis(tile))
    late = np.array([written_late >> at & 1 == 1 for at in range(len(rows.entity))], bool)
    stored = stored_pages(program, rows, [late, ~late, late])

    def served(entity: int, at: int) -> Any:
        mine = [page for (owner, _), page in stored.items() if owner == entity]
        value = values[entity] if 0 <= entity < 2 else None
        return answer(program, value, mine, Millis(at), Millis(START))

    return served


@given(
    histories(),
    st.sampled_from([1, 1_000, 60_000, 300_000]),
    st.sampled_from([(HOUR, None), (2 * DAY,), (12 * DAY, 13 * HOUR), (None,)]),
    st.lists(st.sampled_from(MOMENTS), min_size=1, max_size=3),
    st.integers(0, 2**12 - 1),
)
def test_answer_equals_the_training_value(
    history: tuple[DataType, list[Image], list[tuple[int, int]]],
    tile: int,
    windows: tuple[int | None, ...],
    moments: list[int],
    written_late: int,
) -> None:
    kind, images, _ = history
    images = [image for image in images if image[2] != BEFORE or image[1] == FIRST_DAY]
    features = a_third_of(features_of(kind, windows), images)
    queries = [(entity, START + moment) for entity in (0, 1) for moment in moments]
    everything = replace(rows_of(kind, images), day=None)
    program = Program.compile(features, Accuracy.TEMPORAL)
    trained = [listed(column) for column in entities_in_time(program, everything, queries_of(queries))]

    served = served_at(features, kind, images, (tile, written_late))

    for at, (entity, ts) in enumerate(queries):
        found = served(entity, ts)
        held = [i for i in images if i[0] == entity and i[2] >= START and i[2] - i[2] % tile < ts <= i[2]]
        assert found.exact_head is (not held)
        if found.exact_head:
            for place, feature in enumerate(features):
                assert plain(found.values[place]) == trained[place][at], (feature, ts - START)
                if ts < START + DAY:
                    rows = counted(feature, images, entity, ts, snapshot=False)
                    assert trained[place][at] == wanted(feature, kind, rows)


def one(operation: str, of: DataType, window: int | None = None, buckets: tuple[str, ...] = ()) -> Feature:
    return Feature(
        name="f",
        input="v",
        input_type=Scalar.LONG,
        operation=OperationCall(operation),
        window=None if window is None else Millis(window),
        buckets=buckets,
        type=of,
    )


def image(at: int | None, weight: int, value: Any, own: int = -DAY, bucket: str = "x") -> Image:
    return (0, FIRST_DAY, BEFORE if at is None else START + at, weight, (START + own, value, bucket))


def served_values(feature: Feature, images: list[Image], *moments: int) -> list[Any]:
    served = served_at((feature,), Scalar.LONG, images, (300_000, 0))
    return [served(0, START + at).values[0] for at in moments]


def test_group_whose_rows_all_went_is_not_there() -> None:
    images = [image(None, 1, 7), image(None, 1, 5, bucket="y"), image(HOUR, -1, 7)]

    assert served_values(one("count", Scalar.LONG), images[::2], 0, 2 * HOUR) == [1, None]
    assert served_values(one("sum", Scalar.LONG), images[::2], 2 * HOUR) == [None]
    assert served_values(one("sum", MapOf(Scalar.LONG), buckets=("b",)), images, 2 * HOUR) == [{"y": 5}]
    assert served_values(one("histogram", MapOf(Scalar.LONG)), images, 0, 2 * HOUR) == [{"5": 1, "7": 1}, {"5": 1}]


def test_row_that_nobody_has_seen_when_removed_then_counts_less_than_nothing() -> None:
    removed = [image(HOUR, -1, 7)]

    assert served_values(one("count", Scalar.LONG), removed, 2 * HOUR) == [-1]
    assert served_values(one("average", Scalar.DOUBLE), removed, 2 * HOUR) == [7.0]
    assert served_values(one("histogram", MapOf(Scalar.LONG)), removed, 2 * HOUR) == [{"7": -1}]
    assert served_values(one("max", Scalar.LONG), removed, 2 * HOUR) == [None]


def test_average_of_nothing_taken_away_is_a_positive_zero() -> None:
    (served,) = served_values(one("average", Scalar.DOUBLE), [image(HOUR, -1, 0)], 2 * HOUR)

    assert math.copysign(1, served) == 1


@pytest.mark.parametrize("at", [None, HOUR])
def test_row_of_the_future_counts_from_its_own_time_on(at: int | None) -> None:
    #   batch end |── change ──── own time 03:00:00.001 ──── queries beside it, and where the tail leaves it
    own = 3 * HOUR + 1
    images = [image(at, 1, 7, own=own)]
    queries = (2 * HOUR, own, own + 1, 4 * HOUR + 299_999, 4 * HOUR + 300_000)

    assert served_values(one("count", Scalar.LONG, window=HOUR), images, *queries) == [None, None, 1, 1, None]
    assert served_values(one("count", Scalar.LONG), images, *queries[:1]) == [1]


def test_page_of_changes_is_that_of_the_day_on_which_they_happened() -> None:
    program = Program.compile((one("count", Scalar.LONG, window=HOUR),), Accuracy.TEMPORAL, changes=True)
    rows = fold_changes(program, rows_of(Scalar.LONG, [image(HOUR, 1, 7, own=-40 * DAY)]), Millis(60_000))

    assert page_keys(rows) == [(0, FIRST_DAY)]
    assert answer(program, None, [merge_page(program, None, rows)], Millis(START + DAY), Millis(START)).exact_head

"""The worked numbers of tiles and jobs in the reference (section 9.2: O7, O8, O9, O16 and O22)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from builders import DAY, HOUR, batch_of, queries_of
from merging import rolled_up
from worked import MINUTE, SNAPSHOT, TEMPORAL, a_feature, call, clock

from chronon.aggregations import (
    EventBatch,
    Program,
    answer,
    fold_tiles,
    pages,
    point_in_time,
)
from chronon.aggregations.rows import concat_rows
from chronon.model.time import Millis
from chronon.model.types import Scalar

STREAM = 1_519_862_399_000


def a_stream(rows: Sequence[tuple[int, int, float, str]]) -> EventBatch:
    """Rows (milliseconds of the second, views, rating, title) of one entity."""
    ms, views, rating, title = zip(*rows, strict=True)
    inputs = {"views": pa.array(views, pa.int64()), "rating": pa.array(rating, pa.float64()), "title": pa.array(title)}
    return EventBatch(entity=np.zeros(len(rows), np.int64), ts=np.array(ms) + STREAM, inputs=inputs)


def test_flink_tile_aggregate_O7() -> None:  # noqa: N802
    rows = [(984, 4, 4.0, "A"), (984, 40, 5.0, "B"), (988, 3, 3.0, "C"), (988, 5, 4.0, "D"), (994, 4, 4.0, "A")]
    rows.append((999, 10, 4.0, "A"))
    features = [a_feature(call("average"), Scalar.LONG, column="views", window=w) for w in (DAY, HOUR, 30 * DAY)]
    features += [a_feature(call("average"), Scalar.DOUBLE, column="rating", window=w) for w in (DAY, HOUR)]
    features += [a_feature(call(name), Scalar.STRING, column="title", window=DAY) for name in ("max", "last")]
    program = Program.compile(tuple(features), TEMPORAL)
    tile, at = 5 * MINUTE, Millis(STREAM + 1_000)
    thirds = [fold_tiles(program, a_stream(rows[place : place + 2]), Millis(tile)) for place in (4, 0, 2)]

    for found in (
        fold_tiles(program, a_stream(rows), Millis(tile)),
        rolled_up(program, concat_rows(program, thirds), tile),
    ):
        (page,) = pages(program, found, {}).values()
        assert answer(program, None, [page], at).values == (11.0, 11.0, 11.0, 4.0, 4.0, "D", "A")


def test_tile_codec_round_trip_O8() -> None:  # noqa: N802
    rows = [(984, 4, 4.0, "A"), (984, 40, 5.0, "B"), (988, 4, 3.0, "C")]
    wanted = [
        (a_feature(call("average"), Scalar.LONG, column="views", window=7 * DAY), 16.0),
        (a_feature(call("average"), Scalar.DOUBLE, column="rating", window=DAY), 4.0),
        (a_feature(call("sum"), Scalar.DOUBLE, column="rating", window=DAY), 12.0),
        (a_feature(call("unique_count"), Scalar.STRING, column="title", window=DAY), 3),
        (a_feature(call("last"), Scalar.STRING, column="title", window=DAY), "C"),
        (a_feature(call("last_k", 2), Scalar.STRING, column="title", window=DAY), ["C", "B"]),
        (a_feature(call("top_k", 1), Scalar.STRING, column="title", window=7 * DAY), ["C"]),
        (a_feature(call("min"), Scalar.STRING, column="title", window=DAY), "A"),
        (a_feature(call("approx_unique_count"), Scalar.STRING, column="title", window=DAY), 3),
        (
            a_feature(call("average"), Scalar.LONG, column="views", window=DAY, buckets=("title",)),
            {"A": 4.0, "B": 40.0, "C": 4.0},
        ),
    ]
    program = Program.compile(tuple(feature for feature, _ in wanted), TEMPORAL)

    (page,) = pages(program, fold_tiles(program, a_stream(rows), Millis(5 * MINUTE)), {}).values()
    found = answer(program, None, [page], Millis(STREAM + 1_000), Millis(STREAM - STREAM % DAY))

    assert found.values == tuple(value for _, value in wanted)


def test_sums_of_the_flink_job_O9() -> None:  # noqa: N802
    program = Program.compile((a_feature(call("sum"), Scalar.DOUBLE, window=DAY),), TEMPORAL)
    events = [(1, 1, 1.5, None), (1, 2, 2.5, None), (2, 3, 10.0, None)]
    stored = pages(program, fold_tiles(program, batch_of(Scalar.DOUBLE, events), Millis(5 * MINUTE)), {})

    found = {key: answer(program, None, [page], Millis(4)).values[0] for (key, _), page in stored.items()}
    assert found == {1: 4.0, 2: 10.0}


def test_views_summed_before_the_schema_evolves_O22() -> None:  # noqa: N802
    days = [(1, "2022-10-01", 2, 20), (1, "2022-10-02", 3, 30), (2, "2022-10-01", 1, 10), (2, "2022-10-02", 2, 20)]
    program = Program.compile((a_feature(call("sum"), Scalar.LONG),), SNAPSHOT)
    asked = queries_of([(1, clock("2022-10-03 09:00:00"))])

    for place, wanted in ((2, 5), (3, 50)):
        events = [(row[0], clock(f"{row[1]} 12:00:00"), row[place], None) for row in days]
        (found,) = point_in_time(program, batch_of(Scalar.LONG, events), asked)
        assert found.to_pylist() == [wanted]


def test_greatest_label_of_five_days_O16() -> None:  # noqa: N802
    labels = {"10-01": (0, 0, 1), "10-02": (1, 0, 0), "10-06": (0, 1, 0)}
    events = [
        (listing, clock(f"2022-{day} 10:00:00"), value, None)
        for day, values in labels.items()
        for listing, value in enumerate(values)
    ]
    events.append((0, clock("2022-10-07 10:00:00"), 2, None))
    program = Program.compile((a_feature(call("max"), Scalar.LONG, window=5 * DAY),), SNAPSHOT)
    asked = [(listing, clock("2022-10-07 00:00:00")) for listing in range(3)]

    (found,) = point_in_time(program, batch_of(Scalar.LONG, events), queries_of(asked))

    assert found.to_pylist() == [1, 1, 0]

"""What the worked numbers of the reference are asked with: one entity's events around a Friday in March."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from builders import DAY, HOUR, batch_of, queries_of

from chronon.aggregations import (
    Program,
    answer,
    batch_values,
    fold_tiles,
    output_type,
    pages,
    point_in_time,
)
from chronon.model.definitions import Feature
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis, parse_instant
from chronon.model.types import DataType, Scalar

TEMPORAL, SNAPSHOT = Accuracy.TEMPORAL, Accuracy.SNAPSHOT
MINUTE = 60_000


def clock(text: str) -> Millis:
    """An instant of 2024: `03-15 14:27`."""
    instant = parse_instant(f"{text if text.startswith('20') else '2024-' + text}Z".replace(" ", "T"))
    assert instant is not None
    return instant


QUERY = clock("03-15 14:27:00")
MIDNIGHT = clock("03-15 00:00:00")


def call(name: str, *arguments: float) -> OperationCall:
    return OperationCall(name, arguments)


def a_feature(
    operation: OperationCall,
    kind: DataType,
    *,
    column: str = "v",
    window: int | None = None,
    buckets: tuple[str, ...] = (),
    elementwise: bool = False,
) -> Feature:
    return Feature(
        name=str(operation),
        input=column,
        input_type=kind,
        operation=operation,
        window=None if window is None else Millis(window),
        buckets=buckets,
        elementwise=elementwise,
        type=output_type(operation, kind, buckets, elementwise=elementwise),
    )


def plain(column: Any) -> Any:
    (value,) = column.to_pylist()
    return dict(value) if pa.types.is_map(column.type) and value is not None else value


def of_parts(
    operation: OperationCall,
    kind: DataType,
    parts: Sequence[Sequence[Any]],
    *,
    buckets: Sequence[str] = (),
    elementwise: bool = False,
) -> list[Any]:
    """The result over all parts: as a training row; with the first in the batch and each other in a tile; all in tiles.

    buckets: the bucket of every value, in the order of the parts; without them nothing is split.
    """
    names = iter(buckets)
    events = [
        (0, MIDNIGHT + (MINUTE * at if at else -MINUTE) + place, value, next(names, None))
        for at, part in enumerate(parts)
        for place, value in enumerate(part)
    ]
    by = ("b",) if buckets else ()
    program = Program.compile((a_feature(operation, kind, buckets=by, elementwise=elementwise),), TEMPORAL)
    batch, at = batch_of(kind, events), Millis(MIDNIGHT + HOUR)
    tiles = list(pages(program, fold_tiles(program, batch, Millis(MINUTE)), {}).values())
    (stored,) = batch_values(program, batch, 1, MIDNIGHT)
    (trained,) = point_in_time(program, batch, queries_of([(0, at)]))
    return [
        plain(trained),
        answer(program, stored, tiles, at).values[0],
        answer(program, None, tiles, at, Millis(MIDNIGHT - DAY)).values[0],
    ]


def counted(window: int | None, events: Sequence[int], at: int, accuracy: Accuracy = TEMPORAL) -> int | None:
    """How many of the events a training row counts."""
    program = Program.compile((a_feature(call("count"), Scalar.LONG, window=window),), accuracy)
    batch = batch_of(Scalar.LONG, [(0, ts, 1, None) for ts in events])
    (found,) = point_in_time(program, batch, queries_of([(0, at)]))
    (count,) = found.to_pylist()
    return count

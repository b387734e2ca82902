"""Law: what a SQL engine computed per tile gives the same states as the events themselves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from builders import HOUR, START, a_third_of, batch_of, features_of, histories, second_bucket
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import (
    LAST_TS,
    CountOf,
    LimbSumOf,
    MaxOf,
    MinOf,
    NansOf,
    OutsideOf,
    Partial,
    Program,
    SumOf,
    TileRows,
    TimedOf,
    ValuesOf,
    arrow_type,
    fold_tiles,
    pages,
    stream_partials,
    tiles_from_partials,
)
from chronon.model.specs import Accuracy
from chronon.model.time import Millis
from chronon.model.types import DataType, Scalar


def naive(partial: Partial, rows: list) -> Any:
    """rows: (entity, ts, value, bucket) of one tile. What SQL built-ins give; NULL where they see nothing."""
    some = [row for row in rows if row[2] is not None]
    values = [row[2] for row in some]
    match partial:
        case CountOf():
            return len(values)
        case SumOf(half=None):
            return sum(values) if values else None
        case SumOf(half="low"):
            return sum(value % 2**32 for value in values) if values else None
        case SumOf():
            return sum(value // 2**32 for value in values) if values else None
        case LimbSumOf(limb=limb):
            return sum(limb_of(value, limb) for value in values if on_grid(value)) if values else None
        case OutsideOf():
            return [value for value in values if not on_grid(value)] or None
        case MinOf():
            return min((v for v in values if v == v), default=None, key=sql_order)  # noqa: PLR0124
        case MaxOf():
            return max((v for v in values if v == v), default=None, key=sql_order)  # noqa: PLR0124
        case NansOf():
            return sum(value != value for value in values)  # noqa: PLR0124
        case ValuesOf(buckets=()):
            return values or None
        case ValuesOf(buckets=buckets):
            return [{**named, "value": row[2]} for row in some if (named := names(row, buckets))] or None
        case TimedOf(buckets=()):
            return [{"ts": row[1], "value": row[2]} for row in some] or None
        case TimedOf(buckets=buckets):
            return [{"ts": row[1], **named, "value": row[2]} for row in some if (named := names(row, buckets))] or None


def names(row: tuple, buckets: tuple) -> dict | None:
    """The buckets of a row; None when it lacks one."""
    known = {"b": row[3], "c": second_bucket(row[1])}
    found = {f"bucket_{at}": known[bucket] for at, bucket in enumerate(buckets)}
    return None if None in found.values() else found


def sql_order(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def on_grid(value: float) -> bool:
    if value != value or abs(value) >= 2.0**127:  # noqa: PLR0124
        return False
    return (Fraction(value) * 2**128).denominator == 1


def limb_of(value: float, limb: int) -> int:
    scaled = Fraction(value) / Fraction(2) ** (32 * limb)
    return scaled.__floor__() - (0 if limb == 3 else (scaled / 2**32).__floor__() * 2**32)


def arrow_of(partial: Partial, kind: DataType) -> pa.DataType:
    value = pa.field("value", arrow_type(kind))
    match partial:
        case MinOf() | MaxOf():
            return arrow_type(kind)
        case OutsideOf():
            return pa.list_(pa.float64())
        case ValuesOf(buckets=()):
            return pa.list_(arrow_type(kind))
        case ValuesOf(buckets=buckets):
            return pa.list_(pa.struct([*(pa.field(f"bucket_{at}", pa.string()) for at in range(len(buckets))), value]))
        case TimedOf(buckets=buckets):
            texts = [pa.field(f"bucket_{at}", pa.string()) for at in range(len(buckets))]
            return pa.list_(pa.struct([pa.field("ts", pa.int64()), *texts, value]))
        case _:
            return pa.int64()


def sql_table(program: Program, kind: DataType, events: list, tile: int, shuffle: Any) -> pa.Table:
    groups: dict[tuple[int, int], list] = {}
    for event in events:
        if event[0] >= 0:
            groups.setdefault((event[0], event[1] - event[1] % tile), []).append(event)
    keys = list(groups)
    shuffle.shuffle(keys)
    columns = {
        "entity": pa.array([key[0] for key in keys], pa.int64()),
        "tile_start": pa.array([key[1] for key in keys], pa.int64()),
        LAST_TS: pa.array([max(row[1] for row in groups[key]) for key in keys], pa.int64()),
    }
    for partial in stream_partials(program):
        cells = [naive(partial, groups[key]) for key in keys]
        columns[partial.name] = pa.array(cells, arrow_of(partial, kind))
    return pa.table(columns)


def same(program: Program, left: TileRows, right: TileRows) -> bool:
    assert left.entity.tolist() == right.entity.tolist()
    assert left.start.tolist() == right.start.tolist()
    assert left.last_ts.tolist() == right.last_ts.tolist()
    return pages(program, left, {}) == pages(program, right, {})


@given(histories(), st.sampled_from([1_000, 300_000]), st.randoms(use_true_random=False))
def test_partials_of_sql_built_ins_give_the_states_of_the_events(history: tuple, tile: int, shuffle: Any) -> None:
    kind, events, _ = history
    program = Program.compile(a_third_of(features_of(kind, (HOUR,)), events), Accuracy.TEMPORAL)

    from_sql = tiles_from_partials(program, sql_table(program, kind, events, tile, shuffle))

    assert same(program, fold_tiles(program, batch_of(kind, events), Millis(tile)), from_sql)


def test_tile_has_a_row_even_when_every_value_is_null() -> None:
    program = Program.compile(features_of(Scalar.LONG, (HOUR,)), Accuracy.TEMPORAL)

    rows = fold_tiles(program, batch_of(Scalar.LONG, [(0, START + 7, None, None)]), Millis(300_000))

    assert (rows.start.tolist(), rows.last_ts.tolist()) == ([START], [START + 7])


def test_operations_on_one_input_share_their_states() -> None:
    program = Program.compile(features_of(Scalar.DOUBLE), Accuracy.TEMPORAL)

    assert len(program.columns) == len(set(program.columns))
    assert len(stream_partials(program)) == len({p.name for p in stream_partials(program)})


def test_events_in_any_order_give_the_same_tiles() -> None:
    random = np.random.default_rng(3)
    events = [
        (int(random.integers(3)), START + int(t), float(random.normal()), "x") for t in random.integers(0, HOUR, 200)
    ]
    program = Program.compile(features_of(Scalar.DOUBLE, (HOUR,)), Accuracy.TEMPORAL)
    mixed = [events[at] for at in random.permutation(len(events))]

    tiles = [fold_tiles(program, batch_of(Scalar.DOUBLE, batch), Millis(60_000)) for batch in (events, mixed)]

    assert same(program, *tiles)

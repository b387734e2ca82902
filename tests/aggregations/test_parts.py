"""Law: neither where a batch is cut, nor how many threads share it, nor compiled loops change a bit of an answer."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal as Amount

import numpy as np
import pyarrow as pa
import pytest
from builders import ADVERSARIAL, DAY, HOUR, ODD, START, batch_of, features_of, listed, queries_of

from chronon.aggregations import EventBatch, Program, QueryBatch, arrow_type, fast, parts, point_in_time
from chronon.model.specs import Accuracy
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar

SEEN: dict[DataType, list] = {
    Scalar.BOOLEAN: [True, False, None],
    Scalar.INT: [*range(-5, 6), 2**31 - 1, None],
    Scalar.LONG: [*range(-5, 6), 2**63 - 1, -(2**63), None],
    Scalar.FLOAT: [0.5, 1.5, -0.0, 2.0, 3e38, None],
    Scalar.DOUBLE: [*ADVERSARIAL, *ODD, None],
    Scalar.STRING: ["", "a", "b", "é", "\U0001f600", "zz" * 20, None],
    Decimal(18, 2): [Amount("0.01"), Amount("-9999999999999999.99"), Amount(3), None],
    ListOf(Scalar.DOUBLE): [[1e16, 1.0, None], [-1e16], [], None],
    MapOf(Scalar.STRING): [{"k": "a", "l": None}, {"k": "b"}, {}, None],
}


def a_history(kind: DataType, n_events: int, n_queries: int) -> tuple[EventBatch, QueryBatch]:
    """Events of 30 entities, a third of them of one; queries of those, of others and of no entity."""
    random = np.random.default_rng(5)
    owners = np.where(random.random(n_events) < 0.33, 3, random.integers(-1, 30, n_events))
    times = START + random.integers(0, 200, n_events) * HOUR // 2
    values, buckets = SEEN[kind], ["x", "y", None]
    picked = random.integers(0, len(values), n_events)
    events = [(int(e), int(t), values[v], buckets[v % 3]) for e, t, v in zip(owners, times, picked, strict=True)]
    asked = zip(random.integers(-1, 33, n_queries), random.integers(-DAY, 20 * DAY, n_queries), strict=True)
    return batch_of(kind, events), queries_of([(int(e), START + int(t)) for e, t in asked])


def answered(kind: DataType, batch: tuple[EventBatch, QueryBatch], threads: int = 1) -> list[list]:
    program = Program.compile(features_of(kind, (HOUR, 2 * DAY)), Accuracy.TEMPORAL)
    return [listed(column) for column in point_in_time(program, *batch, threads)]


@pytest.mark.parametrize("kind", SEEN, ids=str)
def test_answers_are_the_same_however_a_batch_is_cut(kind: DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = a_history(kind, 300, 40)
    whole = answered(kind, batch)
    monkeypatch.setattr(parts, "PART_ROWS", 60)

    for threads in (1, 2, 3):
        assert answered(kind, batch, threads) == whole


@pytest.mark.parametrize("kind", SEEN, ids=str)
def test_compiled_loops_and_numpy_answer_the_same(kind: DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    batch = a_history(kind, 300, 40)
    monkeypatch.setattr(fast, "FEW", 1 << 62)
    by_numpy = answered(kind, batch)
    monkeypatch.setattr(fast, "ENOUGH", 0)
    monkeypatch.setattr(fast, "FEW", 0)

    assert fast.compiled(0) is not None
    assert answered(kind, batch, 2) == by_numpy


def test_events_that_no_window_holds_are_left_out() -> None:
    #   window 1h, hop 5min        09:00 [==========) 10:00
    #   events               08:59 ^     ^ 09:00  ^ 09:59  ^ 10:00, and one of an entity that nobody asks for
    at = START + 10 * HOUR
    minutes = [-61, -60, -1, 0]
    events = batch_of(Scalar.INT, [*((0, at + m * 60_000, 1, None) for m in minutes), (1, at - 1, 1, None)])
    program = Program.compile(features_of(Scalar.INT, (HOUR,))[:1], Accuracy.TEMPORAL)

    (reached,) = parts.cut(program, events, queries_of([(0, at)]), 1).rows[0]

    assert reached.rows.tolist() == [1, 2]


def test_largest_part_begins_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 20)
    events, queries = a_history(Scalar.INT, 300, 60)
    order = np.lexsort((queries.ts, queries.entity))
    order = order[queries.entity[order] >= 0]
    asked = QueryBatch(entity=queries.entity[order], ts=queries.ts[order])
    program = Program.compile(features_of(Scalar.INT, (12 * DAY,))[:1], Accuracy.TEMPORAL)

    cut = parts.cut(program, events, asked, 2)
    sizes = [len(part.events.ts) + len(part.queries.ts) for part in map(cut.part, cut.largest_first)]

    assert len(sizes) > 5
    assert sizes == sorted(sizes, reverse=True)


def memory_of(kind: DataType, n_events: int, n_queries: int) -> int:
    """The most bytes that NumPy and Arrow hold while a batch is answered whose events are nearly all of one entity."""
    random = np.random.default_rng(3)
    events = EventBatch(
        entity=np.where(random.random(n_events) < 0.95, 0, random.integers(0, 50, n_events)),
        ts=START + random.integers(0, 40 * DAY, n_events),
        inputs={"v": pa.array(random.integers(0, 500, n_events)).cast(arrow_type(kind)), "b": pa.nulls(n_events)},
    )
    queries = QueryBatch(entity=np.zeros(n_queries, np.int64), ts=START + random.integers(0, 40 * DAY, n_queries))
    wanted = {"sum", "count", "average", "min", "max", "last", "unique_count"}
    features = tuple(
        f
        for f in features_of(kind, (HOUR, DAY, 7 * DAY, 30 * DAY))
        if not f.buckets and f.operation is not None and f.operation.name in wanted
    )
    assert len(features) == 28
    program, before = Program.compile(features, Accuracy.TEMPORAL), pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        point_in_time(program, events, queries)
        return tracemalloc.get_traced_memory()[1] + pool.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


@pytest.mark.parametrize("kind", [Scalar.LONG, Scalar.DOUBLE])
def test_memory_is_that_of_the_batch_when_one_entity_owns_it(kind: DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    # Compiled loops allocate out of sight, so NumPy's twins are measured; theirs are the larger temporaries.
    monkeypatch.setattr(fast, "ENOUGH", 1 << 62)
    monkeypatch.setattr(fast, "FEW", 1 << 62)
    n_events, n_queries = 40_000, 10_000
    columns, answers = n_events * 3 * 8, n_queries * 28 * 8

    once, twice = memory_of(kind, n_events, n_queries), memory_of(kind, 2 * n_events, 2 * n_queries)

    assert once < 5 * (columns + answers)
    assert twice < 2.2 * once
